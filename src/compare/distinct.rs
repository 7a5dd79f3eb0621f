//! Of long values only what tells them apart.

use crate::compare::value::AttributeValue;
use crate::text::count;
use std::collections::BTreeSet;

/// What tells the values of an attribute apart, each in one line: the flags of a command line, the lines of a file.
/// Values that have one line each stay as they are.
pub fn distinct_of(values: &[&AttributeValue]) -> Vec<AttributeValue> {
    let parts: Vec<Vec<String>> = values.iter().map(|value| parts(value)).collect();
    if parts.iter().all(|parts| parts.len() < 2) {
        return values.iter().map(|value| (*value).clone()).collect();
    }
    let has_words = values.iter().any(|value| matches!(value, AttributeValue::CommandLine(_)));
    let gap = if has_words { " " } else { " ⏎ " };
    let texts = distinct(&parts, gap);
    let told = values.iter().zip(texts).map(|(value, text)| match value.is_absent() {
        true => (*value).clone(),
        false => AttributeValue::Text(text),
    });
    told.collect()
}

/// The lines or words of a value.
fn parts(value: &AttributeValue) -> Vec<String> {
    match value {
        AttributeValue::Absent(_) => Vec::new(),
        AttributeValue::Text(text) if text.lines().count() > 1 => text.lines().map(str::to_string).collect(),
        AttributeValue::CommandLine(words) => words.clone(),
        one => vec![one.to_string()],
    }
}

/// Of texts of many lines those lines that not all of them have, in one line. `gap` goes between lines.
fn distinct(all: &[Vec<String>], gap: &str) -> Vec<String> {
    let mut sets = all.iter().map(|lines| lines.iter().map(String::as_str).collect::<BTreeSet<&str>>());
    let Some(first) = sets.next() else { return Vec::new() };
    let mut everywhere = first.clone();
    let mut are_same = true;
    for other in sets {
        are_same &= other == first;
        everywhere.retain(|line| other.contains(line));
    }
    let told: Vec<String> = all
        .iter()
        .map(|lines| {
            let own = lines.iter().filter(|line| !everywhere.contains(line.as_str())).map(|line| line.trim());
            own.filter(|line| !line.is_empty()).collect::<Vec<_>>().join(gap)
        })
        .collect();
    if told.iter().any(|one| *one != told[0]) {
        return told
            .into_iter()
            .map(|one| if one.is_empty() { NONE_OF_THESE.to_string() } else { one })
            .collect();
    }
    let how = if are_same { "in an order of its own" } else { "with blanks of its own" };
    all.iter().map(|lines| format!("{} {how}", count(lines.len(), "line"))).collect()
}

const NONE_OF_THESE: &str = "without these";

/// The tags of two images of one repository.
pub fn tags<'a>(before: &'a str, after: &'a str) -> Option<(&'a str, &'a str)> {
    let ((one, before), (other, after)) = (before.rsplit_once(':')?, after.rsplit_once(':')?);
    let is_tag = |text: &str| !text.contains('/') && !text.contains('@');
    (one == other && is_tag(before) && is_tag(after)).then_some((before, after))
}

/// Long values that begin alike, each from the word in which they part: for a line that would be cut before that.
pub fn tail(values: &[&str]) -> Vec<String> {
    let Some(first) = values.first().filter(|_| values.len() > 1) else {
        return values.iter().map(ToString::to_string).collect();
    };
    let common = values.iter().skip(1).fold(first.len(), |common, value| {
        let same = first.bytes().zip(value.bytes()).take_while(|(one, other)| one == other).count();
        common.min(same)
    });
    // At best a whole word, else a part of one.
    let start = [" /,;&?\"'", " /,;&?\"':=([{.-_"].iter().find_map(|ends| {
        let begins = first.char_indices().take_while(|(at, _)| *at < common);
        begins.filter(|(_, c)| ends.contains(*c)).map(|(at, _)| at).last().filter(|at| *at >= MOST_ALIKE)
    });
    match start {
        None => values.iter().map(ToString::to_string).collect(),
        Some(start) => {
            values.iter().map(|value| format!("…{}", value.get(start..).unwrap_or(value))).collect()
        }
    }
}

/// So many bytes of a common beginning do no harm.
const MOST_ALIKE: usize = 24;

#[cfg(test)]
mod tests {
    use super::{distinct_of, tail};
    use crate::compare::value::{Absence, AttributeValue};

    fn text(text: &str) -> AttributeValue {
        AttributeValue::Text(text.to_string())
    }

    #[track_caller]
    fn check(values: &[AttributeValue], expect: &[&str]) {
        let told = distinct_of(&values.iter().collect::<Vec<_>>());
        assert_eq!(told.iter().map(ToString::to_string).collect::<Vec<_>>(), expect);
    }

    #[test]
    fn only_lines_that_differ_are_told() {
        check(&[text("a\nlevel: debug\nz"), text("a\n level: info\nz")], &["level: debug", "level: info"]);
        check(&[text("a\nb\nc"), text("a\nb")], &["c", "without these"]);
        check(&[text("a\nb"), text("b\na")], &["2 lines in an order of its own"; 2]);
        check(&[text("a\n b"), text("a\nb")], &["2 lines with blanks of its own"; 2]);
        check(&[text("a\nb"), AttributeValue::Absent(Absence::NotSet)], &["a ⏎ b", "not set"]);
        check(&[text("a"), text("b")], &["a", "b"]);
        check(&[text("a\n"), text("a")], &["\"a\\n\"", "a"]);
        check(&[], &[]);
    }

    #[test]
    fn of_command_lines_the_words_are_told() {
        let words =
            |words: &[&str]| AttributeValue::CommandLine(words.iter().map(ToString::to_string).collect());
        check(&[words(&["a", "b", "c"]), words(&["b"])], &["a c", "without these"]);
        check(&[words(&["sh", "-c x\ny"]), words(&["sh", "-c x", "y"])], &["-c x\ny", "-c x y"]);
        check(&[words(&["sh"]), AttributeValue::Absent(Absence::NotSet)], &["sh", "not set"]);
    }

    #[test]
    fn long_values_are_told_from_where_they_part() {
        let image = |tag: &str| format!("registry.marrowby.example/shop/checkout:{tag}");
        assert_eq!(tail(&[&image("v3.7.2"), &image("v3.8.0")]), ["…/checkout:v3.7.2", "…/checkout:v3.8.0"]);
        let flag = |value: &str| format!("--a-rather-long-name-of-a-flag={value}");
        assert_eq!(tail(&[&flag("1"), &flag("2")]), ["…=1", "…=2"]);
        assert_eq!(tail(&["web:1", "web:2"]), ["web:1", "web:2"]);
        let long = "é".repeat(40);
        assert_eq!(tail(&[&format!("{long} a"), &format!("{long} ü")]), ["… a", "… ü"]);
        assert_eq!(tail(&[&long, &format!("{long}x")]), [long.clone(), format!("{long}x")]);
        assert_eq!(tail(&["only"]), ["only"]);
        assert!(tail(&[]).is_empty());
    }
}
