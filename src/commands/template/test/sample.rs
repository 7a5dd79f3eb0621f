//! A text that a regular expression takes, for an answer that is made up.

use regex_syntax::Parser;
use regex_syntax::hir::{Class, Hir, HirKind};

/// More than any name needs.
const LONGEST: usize = 200;

/// One text that fits the expression, as far as that can be read without looking ahead or back.
pub fn sample(pattern: &str) -> Option<String> {
    let hir = Parser::new().parse(pattern).ok()?;
    let mut text = String::new();
    grow(&hir, &mut text)?;
    Some(text)
}

fn grow(hir: &Hir, text: &mut String) -> Option<()> {
    if text.len() > LONGEST {
        return None;
    }
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => {}
        HirKind::Literal(literal) => text.push_str(std::str::from_utf8(&literal.0).ok()?),
        HirKind::Class(class) => text.push(letter(class)?),
        HirKind::Repetition(repetition) => {
            // Once where it need not be at all, for an empty text is rarely meant.
            let least = repetition.min.max(u32::from(repetition.max.is_none()));
            for _ in 0..least {
                grow(&repetition.sub, text)?;
            }
        }
        HirKind::Capture(capture) => grow(&capture.sub, text)?,
        HirKind::Concat(parts) => parts.iter().try_for_each(|part| grow(part, text))?,
        HirKind::Alternation(choices) => {
            let before = text.len();
            choices.iter().find_map(|choice| {
                text.truncate(before);
                grow(choice, text)
            })?;
        }
    }
    Some(())
}

/// A usual letter or digit of a class, else its first.
fn letter(class: &Class) -> Option<char> {
    let ranges: Vec<(char, char)> = match class {
        Class::Unicode(class) => class.ranges().iter().map(|range| (range.start(), range.end())).collect(),
        Class::Bytes(class) => {
            class.ranges().iter().map(|range| (char::from(range.start()), char::from(range.end()))).collect()
        }
    };
    let holds = |c: &char| ranges.iter().any(|(start, end)| start <= c && c <= end);
    ['a', 'A', '1', '-', ' '].into_iter().find(holds).or_else(|| ranges.first().map(|(start, _)| *start))
}

#[cfg(test)]
mod tests {
    use super::sample;

    #[test]
    fn a_sample_fits_its_expression() {
        for pattern in [
            "^[a-z0-9]+(-[a-z0-9]+)*$",
            "^[A-Z]{2,4}-\\d{3}$",
            "^(dev|prod)-[a-z]+$",
            "^https://[^/]+/x$",
            "^arn:aws:iam::\\d{12}:role/.+$",
            "^\\S+@acme\\.example$",
            "^v?\\d+\\.\\d+$",
        ] {
            let text = sample(pattern).expect("a sample");
            let regex = regex::Regex::new(pattern).expect("an expression");
            assert!(!text.is_empty() && regex.is_match(&text), "{pattern}: {text:?}");
        }
        assert_eq!(sample("^(?!x)a$"), None, "what looks ahead is not read");
    }
}
