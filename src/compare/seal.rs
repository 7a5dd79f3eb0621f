//! Masked values that can still be compared: what was hidden leaves a mark in its mask, which is taken out before anything is shown.

use crate::compare::value::AttributeValue;
use std::collections::BTreeMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::LazyLock;

pub const MASK: &str = "***";

/// Of Unicode's private use: no text of a cluster means anything by them.
const MARKS: [char; 2] = ['\u{f8fe}', '\u{f8ff}'];

/// Made anew in each run and kept nowhere, so that a mark says nothing outside of it.
static KEY: LazyLock<RandomState> = LazyLock::new(RandomState::new);

/// How what looks secret is replaced.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Hide {
    /// By `***`, to be shown.
    Wholly,
    /// By `***` and a mark, the same for the same text: to be compared.
    Marked,
}

impl Hide {
    pub fn hide(self, secret: &str) -> String {
        match self {
            Hide::Wholly => MASK.to_string(),
            Hide::Marked => format!("{MASK}{}{:016x}{}", MARKS[0], KEY.hash_one(secret), MARKS[1]),
        }
    }
}

/// Values that were compared, as they may be shown. Masks whose lines look alike and are not are numbered: `***(1)`, `***(2)`.
pub fn shown(values: &[&AttributeValue]) -> Vec<AttributeValue> {
    let texts: Vec<&str> = values.iter().flat_map(|value| value.texts()).collect();
    if !texts.iter().any(|text| text.contains(MARKS[0])) {
        return values.iter().map(|value| (*value).clone()).collect();
    }
    // Of each rendered line the lines that it stands for, with their numbers.
    let mut kinds: BTreeMap<String, BTreeMap<&str, usize>> = BTreeMap::new();
    for line in texts.iter().flat_map(|text| text.split('\n')) {
        let kinds = kinds.entry(rendered(line, None)).or_default();
        let number = kinds.len() + 1;
        kinds.entry(line).or_insert(number);
    }
    let line = |line: &str| {
        let kinds = kinds.get(&rendered(line, None)).filter(|kinds| kinds.len() > 1);
        rendered(line, kinds.and_then(|kinds| kinds.get(line).copied()))
    };
    let text = |text: &str| text.split('\n').map(line).collect::<Vec<_>>().join("\n");
    values.iter().map(|value| value.map(&text)).collect()
}

/// A line without its marks; with a number in their places.
fn rendered(line: &str, number: Option<usize>) -> String {
    let number = number.map(|number| format!("({number})")).unwrap_or_default();
    let mut parts = line.split(MARKS[0]);
    let mut text = parts.next().unwrap_or_default().to_string();
    for part in parts {
        text += &number;
        text += part.split_once(MARKS[1]).map_or("", |(_, rest)| rest);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{Hide, shown};
    use crate::compare::value::{Absence, AttributeValue};

    #[track_caller]
    fn check(values: &[&str], expect: &[&str]) {
        let values: Vec<AttributeValue> =
            values.iter().map(|text| AttributeValue::Text(text.to_string())).collect();
        let said = shown(&values.iter().collect::<Vec<_>>());
        assert_eq!(said.iter().map(AttributeValue::plain).collect::<Vec<_>>(), expect);
    }

    #[test]
    fn what_differs_under_its_mask_is_numbered() {
        let (one, other) = (Hide::Marked.hide("hunter2"), Hide::Marked.hide("hunter3"));
        assert_ne!(one, other);
        assert_eq!(one, Hide::Marked.hide("hunter2"));
        check(&[&one, &other], &["***(1)", "***(2)"]);
        check(&[&one, &one], &["***", "***"]);
        let file = |secret: &str, level: &str| format!("password: {secret}\nlevel: {level}");
        check(&[&file(&one, "a"), &file(&one, "b")], &["password: ***\nlevel: a", "password: ***\nlevel: b"]);
        check(
            &[&file(&one, "a"), &file(&other, "a"), "not set"],
            &["password: ***(1)\nlevel: a", "password: ***(2)\nlevel: a", "not set"],
        );
        check(&["a\n", "b"], &["a\n", "b"]);
        let words = |secret: &str| AttributeValue::CommandLine(vec!["-p".to_string(), secret.to_string()]);
        let none = AttributeValue::Absent(Absence::NotSet);
        let said = shown(&[&words(&one), &words(&other), &none]);
        assert_eq!(said, [words("***(1)"), words("***(2)"), none]);
    }
}
