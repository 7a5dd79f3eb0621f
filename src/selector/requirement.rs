//! One condition on one label, and what Kubernetes allows in it.

use std::collections::BTreeSet;
use std::fmt;

use serde_json::Value;

/// One condition on one label. `values` is empty for `Exists` and `DoesNotExist` and holds one integer
/// for `Gt` and `Lt`; `In` of one value is what `key=value` says.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Requirement {
    pub key: String,
    pub operator: Operator,
    pub values: BTreeSet<String>,
}

/// How a label is held against values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Operator {
    In,
    NotIn,
    Exists,
    DoesNotExist,
    Gt,
    Lt,
}

/// Why a selector is none, in the words an API server would use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SelectorError(pub String);

impl fmt::Display for SelectorError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for SelectorError {}

impl Requirement {
    /// A requirement whose key and values are what Kubernetes allows in a selector.
    pub fn new<'a>(
        key: &str,
        operator: Operator,
        values: impl IntoIterator<Item = &'a str>,
    ) -> Result<Requirement, SelectorError> {
        check_key(key)?;
        let values: BTreeSet<String> = values.into_iter().map(str::to_string).collect();
        match operator {
            Operator::In | Operator::NotIn if values.is_empty() => {
                return Err(wrong(key, "for 'in', 'notin' operators, values set can't be empty"));
            }
            Operator::Exists | Operator::DoesNotExist if !values.is_empty() => {
                return Err(wrong(key, "values set must be empty for exists and does not exist"));
            }
            Operator::Gt | Operator::Lt
                if values.len() != 1 || !values.iter().all(|v| integer(v).is_some()) =>
            {
                return Err(wrong(key, "for 'Gt', 'Lt' operators, the value must be an integer"));
            }
            _ => {}
        }
        for value in &values {
            check_value(key, value)?;
        }
        Ok(Requirement { key: key.to_string(), operator, values })
    }

    /// Whether a label, or its absence, fulfils it.
    pub fn holds(&self, label: Option<&str>) -> bool {
        let bound = || self.values.first().and_then(|value| integer(value));
        match (self.operator, label) {
            (Operator::In, label) => label.is_some_and(|label| self.values.contains(label)),
            (Operator::NotIn, label) => !label.is_some_and(|label| self.values.contains(label)),
            (Operator::Exists, label) => label.is_some(),
            (Operator::DoesNotExist, label) => label.is_none(),
            (Operator::Gt, label) => label.and_then(integer).zip(bound()).is_some_and(|(a, b)| a > b),
            (Operator::Lt, label) => label.and_then(integer).zip(bound()).is_some_and(|(a, b)| a < b),
        }
    }

    /// Whether `other` being true makes this one true.
    pub fn follows_from(&self, other: &Requirement) -> bool {
        if self.key != other.key {
            return false;
        }
        match (self.operator, other.operator) {
            (Operator::Exists, Operator::In | Operator::Exists | Operator::Gt | Operator::Lt) => true,
            (Operator::In, Operator::In) => other.values.is_subset(&self.values),
            (Operator::NotIn, Operator::In) => other.values.is_disjoint(&self.values),
            (Operator::NotIn, Operator::NotIn) => self.values.is_subset(&other.values),
            (Operator::NotIn, Operator::DoesNotExist) => true,
            _ => self == other,
        }
    }
}

impl fmt::Display for Requirement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = &self.key;
        let values = self.values.iter().map(String::as_str).collect::<Vec<_>>().join(",");
        match self.operator {
            Operator::In if self.values.len() == 1 => write!(f, "{key}={values}"),
            Operator::In => write!(f, "{key} in ({values})"),
            Operator::NotIn if self.values.len() == 1 => write!(f, "{key}!={values}"),
            Operator::NotIn => write!(f, "{key} notin ({values})"),
            Operator::Exists => write!(f, "{key}"),
            Operator::DoesNotExist => write!(f, "!{key}"),
            Operator::Gt => write!(f, "{key}>{values}"),
            Operator::Lt => write!(f, "{key}<{values}"),
        }
    }
}

/// A requirement of `matchExpressions`.
pub fn expression_requirement(expression: &Value) -> Result<Requirement, SelectorError> {
    let key = expression.get("key").and_then(Value::as_str).unwrap_or_default();
    let operator = match expression.get("operator").and_then(Value::as_str).unwrap_or_default() {
        "In" => Operator::In,
        "NotIn" => Operator::NotIn,
        "Exists" => Operator::Exists,
        "DoesNotExist" => Operator::DoesNotExist,
        "Gt" => Operator::Gt,
        "Lt" => Operator::Lt,
        other => return Err(SelectorError(format!("{other:?} is not a valid label selector operator"))),
    };
    let values = expression.get("values").and_then(Value::as_array).into_iter().flatten();
    Requirement::new(key, operator, values.filter_map(Value::as_str))
}

fn integer(text: &str) -> Option<i64> {
    text.parse().ok()
}

/// What is wrong with the requirement on a key.
pub fn wrong(key: &str, why: &str) -> SelectorError {
    SelectorError(format!("{key}: {why}"))
}

/// A label key: `name` or `dns.subdomain/name`.
pub fn check_key(key: &str) -> Result<(), SelectorError> {
    let invalid = |why: &str| Err(SelectorError(format!("key: Invalid value: {:?}: {why}", short(key))));
    let (prefix, name) = match key.split_once('/') {
        None => (None, key),
        Some((prefix, name)) => (Some(prefix), name),
    };
    if name.contains('/') {
        return invalid("a qualified name has at most one '/'");
    }
    if name.is_empty() {
        return invalid("name part must be non-empty");
    }
    if name.len() > 63 {
        return invalid("name part must be no more than 63 bytes");
    }
    if !is_name(name) {
        return invalid(
            "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
        );
    }
    match prefix {
        Some("") => invalid("prefix part must be non-empty"),
        Some(prefix) if prefix.len() > 253 => invalid("prefix part must be no more than 253 bytes"),
        Some(prefix) if !is_subdomain(prefix) => invalid("prefix part must be a lower-case DNS subdomain"),
        _ => Ok(()),
    }
}

/// A label value: empty, or a name of at most 63 bytes.
pub fn check_value(key: &str, value: &str) -> Result<(), SelectorError> {
    let invalid =
        |why: &str| Err(SelectorError(format!("values[0][{key}]: Invalid value: {:?}: {why}", short(value))));
    if value.len() > 63 {
        return invalid("must be no more than 63 bytes");
    }
    if !value.is_empty() && !is_name(value) {
        return invalid(
            "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
        );
    }
    Ok(())
}

fn is_name(text: &str) -> bool {
    let inner = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    let edge = |b: Option<&u8>| b.is_some_and(u8::is_ascii_alphanumeric);
    edge(text.as_bytes().first()) && edge(text.as_bytes().last()) && text.bytes().all(inner)
}

fn is_subdomain(text: &str) -> bool {
    let edge = |b: Option<&u8>| b.is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    text.split('.').all(|part| {
        let bytes = part.as_bytes();
        let inner = |b: &u8| b.is_ascii_lowercase() || b.is_ascii_digit() || *b == b'-';
        edge(bytes.first()) && edge(bytes.last()) && bytes.iter().all(inner)
    })
}

/// A mistaken key may be a whole file; a message quotes its beginning.
pub fn short(text: &str) -> String {
    match text.char_indices().nth(80) {
        Some((at, _)) => format!("{}...", &text[..at]),
        None => text.to_string(),
    }
}
