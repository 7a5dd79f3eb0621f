//! Label selectors as Kubernetes reads them, and the merging that lets one question serve many services.

mod merge;
mod parse;
mod requirement;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde_json::Value;

pub use crate::selector::merge::merge;
pub use crate::selector::requirement::{Operator, Requirement, SelectorError};

use crate::selector::requirement::{expression_requirement, wrong};

/// What a set of labels has to fulfil: every requirement at once; no requirement means everything.
/// The requirements are sorted and unique, so that equal questions are equal values.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Selector {
    pub requirements: Vec<Requirement>,
}

impl Selector {
    /// Reads the text form (`a=b,c in (x,y),!d,e>3`), the grammar of apimachinery's `labels.Parse`.
    pub fn parse(text: &str) -> Result<Selector, SelectorError> {
        parse::requirements(text).map(Selector::of)
    }

    /// Reads the object form: `matchLabels` and `matchExpressions`. An absent selector (null) selects
    /// nothing in Kubernetes, so that it is an error here and the caller's to decide.
    pub fn from_label_selector(value: &Value) -> Result<Selector, SelectorError> {
        let Some(object) = value.as_object() else {
            return Err(SelectorError("a label selector must be an object".to_string()));
        };
        let mut requirements = Vec::new();
        for (key, value) in object.get("matchLabels").and_then(Value::as_object).into_iter().flatten() {
            let value = value.as_str().ok_or_else(|| wrong(key, "the value must be a string"))?;
            requirements.push(Requirement::new(key, Operator::In, [value])?);
        }
        for expression in object.get("matchExpressions").and_then(Value::as_array).into_iter().flatten() {
            requirements.push(expression_requirement(expression)?);
        }
        Ok(Selector::of(requirements))
    }

    /// What selects no object at all: the place holder of a selector that could not be read.
    pub fn nothing() -> Selector {
        Selector::of(vec![Requirement {
            key: String::new(),
            operator: Operator::In,
            values: BTreeSet::new(),
        }])
    }

    pub fn is_nothing(&self) -> bool {
        self.requirements.iter().any(|r| r.operator == Operator::In && r.values.is_empty())
    }

    /// A selector in its canonical order.
    pub fn of(mut requirements: Vec<Requirement>) -> Selector {
        requirements.sort();
        requirements.dedup();
        Selector { requirements }
    }

    pub fn matches(&self, labels: &BTreeMap<String, String>) -> bool {
        self.matches_by(|key| labels.get(key).map(String::as_str))
    }

    /// As `matches`, for labels that are kept in another shape.
    pub fn matches_by<'a>(&self, label: impl Fn(&str) -> Option<&'a str>) -> bool {
        self.requirements.iter().all(|requirement| requirement.holds(label(&requirement.key)))
    }

    pub fn is_everything(&self) -> bool {
        self.requirements.is_empty()
    }

    /// Whether all that `other` selects is selected by this one too, as far as single requirements show it.
    pub fn covers(&self, other: &Selector) -> bool {
        self.requirements.iter().all(|mine| other.requirements.iter().any(|theirs| mine.follows_from(theirs)))
    }
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, requirement) in self.requirements.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            write!(f, "{comma}{requirement}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::Selector;

    #[test]
    fn a_mutated_selector_is_refused_or_means_the_same_when_it_is_read_again() {
        let good = ["app=web,tier!=db", "env in (a, b),!legacy", "x.example.com/n>3,y<4", "a notin (b),c"];
        let labels: BTreeMap<String, String> = [("app", "web"), ("env", "a"), ("x.example.com/n", "7")]
            .map(|(key, value)| (key.into(), value.into()))
            .into();
        crate::mutation::each(&good, |text| {
            if let Ok(selector) = Selector::parse(text) {
                let again = Selector::parse(&selector.to_string()).unwrap();
                assert_eq!(again.to_string(), selector.to_string());
                assert_eq!(again.matches(&labels), selector.matches(&labels));
                assert!(selector.covers(&selector));
            }
        });
    }

    /// The canonical text of a selector, or its error after `error: `.
    #[track_caller]
    fn check(text: &str, expect: &str) {
        let got = match Selector::parse(text) {
            Ok(selector) => selector.to_string(),
            Err(error) => format!("error: {error}"),
        };
        assert_eq!(got, expect, "{text:?}");
        if !got.starts_with("error") {
            let again = Selector::parse(&got).unwrap();
            assert_eq!(again.to_string(), got, "the canonical text reads back");
        }
    }

    #[test]
    fn the_grammar_is_apimachinerys() {
        check("", "");
        check(" \t\n", "");
        check("a=b", "a=b");
        check("a==b", "a=b");
        check("a = b , c != d", "a=b,c!=d");
        check("z,a,a", "a,z");
        check("!a", "!a");
        check("a in (x,y,x)", "a in (x,y)");
        check("a in(x)", "a=x");
        check("a notin (y, x)", "a notin (x,y)");
        check("a=", "a=");
        check("a=,b=c", "a=,b=c");
        check("a in (,x)", "a in (,x)");
        check("a in (x,)", "a in (,x)");
        check("in in (in,notin)", "in in (in,notin)");
        check(
            "a>1,b<-2",
            "error: unable to parse requirement: values[0][b]: Invalid value: \"-2\": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
        );
        check("a>1,b<2", "a>1,b<2");
        check("backstage.io/kubernetes-id=checkout", "backstage.io/kubernetes-id=checkout");
    }

    #[test]
    fn mistakes_are_told_in_the_servers_words() {
        check("=a", "error: found '=', expected: !, identifier, or 'end of string'");
        check("a===b", "error: unable to parse requirement: found '=', expected: identifier");
        check("a,", "error: found '', expected: identifier after ','");
        check("a b", "error: unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt");
        check("a=b c", "error: found 'c', expected: ',' or 'end of string'");
        check("!a in (b)", "error: found 'in', expected: ',' or 'end of string'");
        check("a in b", "error: unable to parse requirement: found 'b', expected: '('");
        check("a in (b", "error: unable to parse requirement: found '', expected: ',' or ')'");
        check(
            "a in ()",
            "error: unable to parse requirement: a: for 'in', 'notin' operators, values set can't be empty",
        );
        check(
            "a>x",
            "error: unable to parse requirement: a: for 'Gt', 'Lt' operators, the value must be an integer",
        );
        check(
            "a/b/c=d",
            "error: unable to parse requirement: key: Invalid value: \"a/b/c\": a qualified name has at most one '/'",
        );
        check(
            "Bad.Prefix/x",
            "error: unable to parse requirement: key: Invalid value: \"Bad.Prefix/x\": prefix part must be a lower-case DNS subdomain",
        );
        assert!(Selector::parse(&format!("a={}", "x".repeat(64))).is_err());
        assert!(Selector::parse(&format!("a={}", "x".repeat(63))).is_ok());
        assert!(Selector::parse(&"(".repeat(100_000)).is_err());
        assert!(Selector::parse(&"é".repeat(100_000)).unwrap_err().0.len() < 600);
    }

    #[test]
    fn matching_knows_absence() {
        let labels =
            BTreeMap::from([("app".to_string(), "cart".to_string()), ("n".to_string(), "5".to_string())]);
        for (selector, expect) in [
            ("", true),
            ("app=cart", true),
            ("app=other", false),
            ("app!=other", true),
            ("gone!=x", true),
            ("gone=", false),
            ("gone notin (x)", true),
            ("app in (a,cart)", true),
            ("app", true),
            ("!app", false),
            ("!gone", true),
            ("n>4,n<6", true),
            ("n>5", false),
            ("app>1", false),
        ] {
            assert_eq!(Selector::parse(selector).unwrap().matches(&labels), expect, "{selector}");
        }
    }

    #[test]
    fn the_object_form_is_the_same_selector() {
        let value = json!({"matchLabels": {"b": "c"}, "matchExpressions": [
            {"key": "a", "operator": "In", "values": ["y", "x"]}, {"key": "d", "operator": "DoesNotExist"}]});
        assert_eq!(Selector::from_label_selector(&value).unwrap().to_string(), "a in (x,y),b=c,!d");
        assert!(Selector::from_label_selector(&json!({})).unwrap().is_everything());
        for bad in [
            json!(null),
            json!({"matchLabels": {"a": 1}}),
            json!({"matchExpressions": [{"key": "a", "operator": "Is"}]}),
        ] {
            assert!(Selector::from_label_selector(&bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn no_mutation_panics_and_what_parses_reads_back() {
        let words = [
            "a", "in", "notin", "(", ")", ",", "=", "==", "!=", "!", ">", "<", " ", "5", "x/y", "é", "\t",
            "-", "a.b/c",
        ];
        let mut state = 0x2545_f491_4f6c_dd1d_u64;
        for _ in 0..20_000 {
            let mut text = String::new();
            for _ in 0..state % 9 {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                text.push_str(words[usize::try_from(state % words.len() as u64).unwrap()]);
            }
            state = state.wrapping_add(0x9e37_79b9);
            if let Ok(selector) = Selector::parse(&text) {
                assert_eq!(Selector::parse(&selector.to_string()), Ok(selector), "{text:?}");
            }
        }
    }
}
