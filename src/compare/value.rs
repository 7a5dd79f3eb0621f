//! The value of an attribute. That there is none is no text: a value that says "not set" is another one than none.

use std::collections::BTreeSet;
use std::fmt;

/// What an attribute is somewhere. `Display` is how people read it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AttributeValue {
    /// It is known that there is none.
    Absent(Absence),
    /// There is one, and it holds nothing.
    Empty,
    /// A text of one or more lines. What looks secret in it is masked, and marked until all is compared (`seal`).
    Text(String),
    /// A command line by its words, each flag with its value.
    CommandLine(Vec<String>),
    /// Names or terms, sorted unless their order means something.
    List(Vec<String>),
    /// What is asked of a container, and the terms on which: `timeout=1s`.
    Probe { asked: String, terms: Vec<String> },
    /// What the nodes or the volumes of one cluster have, where they do not all have the same.
    Several(Vec<AttributeValue>),
}

/// Why there is no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Absence {
    NotSet,
    /// The ConfigMap that it would stand in is not there.
    NoConfigMap,
    /// The workload that it would be of is not there.
    NoWorkload,
}

const ABSENCES: [Absence; 3] = [Absence::NotSet, Absence::NoConfigMap, Absence::NoWorkload];
const EMPTY: &str = "\"\"";
/// What a list says that is there and has no member.
const NO_MEMBER: &str = "none";

impl Absence {
    fn word(self) -> &'static str {
        match self {
            Absence::NotSet => "not set",
            Absence::NoConfigMap => "no such ConfigMap",
            Absence::NoWorkload => "not there",
        }
    }
}

impl AttributeValue {
    /// Values of one cluster as one: itself where all are the same.
    pub fn of_all(values: BTreeSet<&AttributeValue>) -> Option<AttributeValue> {
        let mut values: Vec<AttributeValue> = values.into_iter().cloned().collect();
        if values.len() > 1 { Some(AttributeValue::Several(values)) } else { values.pop() }
    }

    /// Whether it is known that there is no value.
    pub fn is_absent(&self) -> bool {
        matches!(self, AttributeValue::Absent(_))
    }

    /// Whether it was made from nothing, and says nothing of its attribute.
    pub fn is_blank(&self) -> bool {
        match self {
            AttributeValue::Text(text) => text.is_empty(),
            AttributeValue::CommandLine(words) => words.is_empty(),
            AttributeValue::List(members) => members.is_empty(),
            _ => false,
        }
    }

    /// The text where it is one.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            AttributeValue::Text(text) => Some(text),
            _ => None,
        }
    }

    /// As a document for machines has it: a text as it is, a command line with a word to a line.
    pub fn plain(&self) -> String {
        match self {
            AttributeValue::Text(text) => text.clone(),
            AttributeValue::CommandLine(words) => words.join("\n"),
            AttributeValue::Several(values) => joined(values.iter().map(AttributeValue::plain)),
            other => other.to_string(),
        }
    }

    /// All texts in it.
    pub fn texts(&self) -> Vec<&str> {
        match self {
            AttributeValue::Absent(_) | AttributeValue::Empty => Vec::new(),
            AttributeValue::Text(text) => vec![text],
            AttributeValue::CommandLine(all) | AttributeValue::List(all) => {
                all.iter().map(String::as_str).collect()
            }
            AttributeValue::Probe { asked, terms } => {
                [asked].into_iter().chain(terms).map(String::as_str).collect()
            }
            AttributeValue::Several(values) => values.iter().flat_map(AttributeValue::texts).collect(),
        }
    }

    /// The same with every text in it replaced.
    pub fn map(&self, change: &impl Fn(&str) -> String) -> AttributeValue {
        let all = |texts: &[String]| texts.iter().map(|text| change(text)).collect();
        match self {
            AttributeValue::Absent(_) | AttributeValue::Empty => self.clone(),
            AttributeValue::Text(text) => AttributeValue::Text(change(text)),
            AttributeValue::CommandLine(words) => AttributeValue::CommandLine(all(words)),
            AttributeValue::List(members) => AttributeValue::List(all(members)),
            AttributeValue::Probe { asked, terms } => {
                AttributeValue::Probe { asked: change(asked), terms: all(terms) }
            }
            AttributeValue::Several(values) => {
                AttributeValue::Several(values.iter().map(|value| value.map(change)).collect())
            }
        }
    }
}

impl fmt::Display for AttributeValue {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            AttributeValue::Absent(why) => f.write_str(why.word()),
            AttributeValue::Empty => f.write_str(EMPTY),
            // What would be read as something else stands in quotes.
            AttributeValue::Text(text) if is_misread(text) => write!(f, "{text:?}"),
            AttributeValue::Text(text) => f.write_str(text),
            AttributeValue::CommandLine(words) => f.write_str(&words.join(" ")),
            AttributeValue::List(members) if members.is_empty() => f.write_str(NO_MEMBER),
            AttributeValue::List(members) => f.write_str(&members.join(", ")),
            AttributeValue::Probe { asked, terms } => write!(f, "{asked} {}", terms.join(" ")),
            AttributeValue::Several(values) => f.write_str(&joined(values.iter().map(ToString::to_string))),
        }
    }
}

/// Whether a text reads as one of our own words, or is a line with blanks that nobody sees.
fn is_misread(text: &str) -> bool {
    let is_line = text.lines().count() <= 1;
    text == EMPTY || (is_line && text.trim() != text) || ABSENCES.iter().any(|why| why.word() == text)
}

fn joined(texts: impl Iterator<Item = String>) -> String {
    texts.collect::<Vec<_>>().join(", ")
}

impl From<&str> for AttributeValue {
    fn from(text: &str) -> AttributeValue {
        AttributeValue::Text(text.trim().to_string())
    }
}

impl From<&String> for AttributeValue {
    fn from(text: &String) -> AttributeValue {
        AttributeValue::from(text.as_str())
    }
}

impl From<String> for AttributeValue {
    fn from(text: String) -> AttributeValue {
        AttributeValue::from(text.as_str())
    }
}

impl From<Vec<String>> for AttributeValue {
    fn from(members: Vec<String>) -> AttributeValue {
        AttributeValue::List(members)
    }
}

#[cfg(test)]
mod tests {
    use super::{ABSENCES, Absence, AttributeValue};

    #[test]
    fn a_text_that_reads_as_no_value_is_quoted() {
        let text = |text: &str| AttributeValue::Text(text.to_string());
        for why in ABSENCES {
            let none = AttributeValue::Absent(why);
            assert_ne!(none, text(&none.to_string()));
            assert_ne!(none.to_string(), text(&none.to_string()).to_string());
            assert_eq!(none.plain(), none.to_string());
        }
        let shown: Vec<String> =
            ["not set", "\"\"", "x ", "x\n", "x"].map(|shown| text(shown).to_string()).into();
        assert_eq!(shown, ["\"not set\"", "\"\\\"\\\"\"", "\"x \"", "\"x\\n\"", "x"]);
        assert_eq!(text("not set").plain(), "not set");
        assert_eq!(AttributeValue::Empty.to_string(), "\"\"");
        assert!(!AttributeValue::Empty.is_absent() && AttributeValue::Absent(Absence::NotSet).is_absent());
    }

    #[test]
    fn lists_and_command_lines_read_in_one_line() {
        let words = || vec!["serve".to_string(), "--port 80".to_string()];
        assert_eq!(AttributeValue::CommandLine(words()).to_string(), "serve --port 80");
        assert_eq!(AttributeValue::CommandLine(words()).plain(), "serve\n--port 80");
        assert_eq!(AttributeValue::List(words()).to_string(), "serve, --port 80");
        assert_eq!(AttributeValue::List(Vec::new()).to_string(), "none");
        assert_ne!(
            AttributeValue::CommandLine(words()),
            AttributeValue::CommandLine(vec!["serve\n--port 80".to_string()])
        );
    }
}
