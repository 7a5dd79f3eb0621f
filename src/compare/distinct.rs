//! Of long values only what tells them apart.

use crate::compare::attribute::{AttributeName, ContainerPart};
use std::collections::BTreeSet;

/// What tells the values of an attribute apart: the flags of a command line, the lines of a file.
pub fn distinct_of(name: &AttributeName, values: &[&str]) -> Vec<String> {
    use ContainerPart as Part;
    let is_command = matches!(name, AttributeName::OfContainer(_, Part::Args | Part::Command));
    distinct(values, if is_command { " " } else { " ⏎ " })
}

/// Of texts of many lines those lines that not all of them have, in one line; texts of one line stay as they are.
/// `gap` goes between lines.
fn distinct(values: &[&str], gap: &str) -> Vec<String> {
    let whole = || values.iter().map(ToString::to_string).collect();
    if !values.iter().any(|value| value.contains('\n')) {
        return whole();
    }
    let lines: Vec<Vec<&str>> = values.iter().map(|value| value.lines().collect()).collect();
    let Some(first) = lines.first() else { return whole() };
    let mut everywhere: BTreeSet<&str> = first.iter().copied().collect();
    for other in &lines[1..] {
        let other: BTreeSet<&str> = other.iter().copied().collect();
        everywhere.retain(|line| other.contains(line));
    }
    let told: Vec<String> = lines
        .iter()
        .map(|lines| {
            let own = lines.iter().filter(|line| !everywhere.contains(**line)).map(|line| line.trim());
            own.filter(|line| !line.is_empty()).collect::<Vec<_>>().join(gap)
        })
        .collect();
    if told.iter().any(|one| *one != told[0]) {
        return told
            .into_iter()
            .map(|one| if one.is_empty() { NONE_OF_THESE.to_string() } else { one })
            .collect();
    }
    // The same lines in another order, or another number of times.
    lines.iter().map(|lines| format!("{} lines in an order of its own", lines.len())).collect()
}

const NONE_OF_THESE: &str = "without these";

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
    use super::{distinct, distinct_of, tail};
    use crate::compare::attribute::{AttributeName, ConfigMapPart, ContainerPart, container_part};

    #[test]
    fn only_lines_that_differ_are_told() {
        assert_eq!(
            distinct(&["a\nlevel: debug\nz", "a\n level: info\nz"], " "),
            ["level: debug", "level: info"]
        );
        assert_eq!(distinct(&["a\nb\nc", "a\nb"], " "), ["c", "without these"]);
        assert_eq!(distinct(&["a\nb", "b\na"], " "), ["2 lines in an order of its own"; 2]);
        assert_eq!(distinct(&["a\nb", "not set"], ", "), ["a, b", "not set"]);
        assert_eq!(distinct(&["a", "b"], " "), ["a", "b"]);
        assert_eq!(distinct(&["a\n", "a"], " "), ["1 lines in an order of its own"; 2]);
        assert!(distinct(&[], " ").is_empty());
        let args = container_part("app", ContainerPart::Args);
        let value = AttributeName::OfConfigMap("web".to_string(), ConfigMapPart::Value("x".to_string()));
        assert_eq!(distinct_of(&args, &["a\nb\nc", "b"]), ["a c", "without these"]);
        assert_eq!(distinct_of(&value, &["a\nb\nc", "b"]), ["a ⏎ c", "without these"]);
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
