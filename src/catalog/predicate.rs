//! Backstage's predicates of entities: `{spec.type: {$in: [service, website]}, metadata.tags: {$contains: java}}`.

use serde_json::{Map, Value};

/// Deeper ones are nobody's.
const DEEPEST: usize = 32;

/// What must hold of a value: of an entity, or of one item of a list in it.
#[derive(Clone, Debug, PartialEq)]
pub enum Predicate {
    All(Vec<Predicate>),
    Any(Vec<Predicate>),
    Not(Box<Predicate>),
    /// Each of these, by its path with dots.
    Fields(Vec<(String, FieldTest)>),
    /// An item that is this text, number or truth value.
    Is(Value),
}

/// What must hold of what stands at a path.
#[derive(Clone, Debug, PartialEq)]
pub enum FieldTest {
    Is(Value),
    Exists(bool),
    In(Vec<Value>),
    Contains(Box<Predicate>),
    HasPrefix(String),
}

impl Predicate {
    /// Reads a predicate, or says what is none.
    pub fn parse(value: &Value) -> Result<Predicate, String> {
        match value {
            Value::Object(map) => of_map(map, DEEPEST, false),
            _ => Err("a predicate is a map, such as {spec.type: service}".to_string()),
        }
    }

    /// Whether it holds. `at` gives the values that stand at a path: several where it leads through a list.
    pub fn holds<'a>(&self, value: &'a Value, at: &dyn Fn(&'a Value, &str) -> Vec<&'a Value>) -> bool {
        match self {
            Predicate::All(all) => all.iter().all(|one| one.holds(value, at)),
            Predicate::Any(any) => any.iter().any(|one| one.holds(value, at)),
            Predicate::Not(one) => !one.holds(value, at),
            Predicate::Fields(fields) => fields.iter().all(|(path, test)| test.holds(&at(value, path), at)),
            Predicate::Is(wanted) => is_equal(value, wanted),
        }
    }
}

impl FieldTest {
    fn holds<'a>(&self, found: &[&'a Value], at: &dyn Fn(&'a Value, &str) -> Vec<&'a Value>) -> bool {
        let items = || found.iter().flat_map(|value| items(value));
        match self {
            FieldTest::Is(wanted) => items().any(|value| is_equal(value, wanted)),
            FieldTest::Exists(wanted) => found.is_empty() != *wanted,
            FieldTest::In(wanted) => items().any(|value| wanted.iter().any(|one| is_equal(value, one))),
            FieldTest::Contains(wanted) => {
                let lists = found.iter().filter_map(|value| value.as_array());
                lists.flatten().any(|item| wanted.holds(item, at))
            }
            FieldTest::HasPrefix(prefix) => items().any(|value| {
                value.as_str().is_some_and(|text| text.to_lowercase().starts_with(&prefix.to_lowercase()))
            }),
        }
    }
}

/// A list stands for its items, as in Backstage's search.
fn items(value: &Value) -> &[Value] {
    match value {
        Value::Array(items) => items,
        other => std::slice::from_ref(other),
    }
}

/// Nothing regards case, and a number is as good as its text.
fn is_equal(value: &Value, wanted: &Value) -> bool {
    match (value, wanted) {
        (Value::Null, _) | (_, Value::Null) => false,
        (Value::String(one), Value::String(other)) => one.to_lowercase() == other.to_lowercase(),
        (Value::Number(one), Value::String(other)) => one.to_string() == *other,
        (Value::String(one), Value::Number(other)) => *one == other.to_string(),
        (one, other) => one == other,
    }
}

fn of_map(map: &Map<String, Value>, depth: usize, is_item: bool) -> Result<Predicate, String> {
    let depth = depth.checked_sub(1).ok_or_else(|| format!("the predicate is deeper than {DEEPEST}"))?;
    let several = |key: &str, value: &Value| -> Result<Vec<Predicate>, String> {
        let items = value.as_array().ok_or_else(|| format!("{key} takes a list of predicates"))?;
        items.iter().map(|item| of_value(item, depth, is_item)).collect()
    };
    if let Some((key, value)) = map.iter().find(|(key, _)| key.starts_with('$')) {
        if map.len() > 1 {
            return Err(format!("{key} stands alone in its map: $all joins it with others"));
        }
        return match key.as_str() {
            "$all" => Ok(Predicate::All(several(key, value)?)),
            "$any" => Ok(Predicate::Any(several(key, value)?)),
            "$not" => Ok(Predicate::Not(Box::new(of_value(value, depth, is_item)?))),
            "$exists" | "$in" | "$contains" | "$hasPrefix" => {
                Err(format!("{key} stands behind a path, such as {{metadata.title: {{{key}: ...}}}}"))
            }
            other => Err(format!(
                "{other} is no operator: $all, $any and $not are, and behind a path $exists, $in, $contains and $hasPrefix"
            )),
        };
    }
    let field = |(path, value): (&String, &Value)| Ok((path.clone(), test(path, value, depth)?));
    map.iter().map(field).collect::<Result<_, String>>().map(Predicate::Fields)
}

fn of_value(value: &Value, depth: usize, is_item: bool) -> Result<Predicate, String> {
    match value {
        Value::Object(map) => of_map(map, depth, is_item),
        Value::String(_) | Value::Number(_) | Value::Bool(_) if is_item => Ok(Predicate::Is(value.clone())),
        other => Err(format!("{other} is no predicate: a map is, such as {{spec.type: service}}")),
    }
}

fn test(path: &str, value: &Value, depth: usize) -> Result<FieldTest, String> {
    let map = match value {
        Value::String(_) | Value::Number(_) | Value::Bool(_) => return Ok(FieldTest::Is(value.clone())),
        Value::Object(map) => map,
        _ => return Err(format!("{path}: a text, a number or a map with an operator is expected")),
    };
    let (key, operand) = match (map.len(), map.iter().next()) {
        (1, Some(only)) => only,
        _ => return Err(format!("{path}: one operator is expected: $exists, $in, $contains or $hasPrefix")),
    };
    match (key.as_str(), operand) {
        ("$exists", Value::Bool(wanted)) => Ok(FieldTest::Exists(*wanted)),
        ("$in", Value::Array(values)) if values.iter().all(|one| !one.is_object() && !one.is_array()) => {
            Ok(FieldTest::In(values.clone()))
        }
        ("$contains", wanted) => Ok(FieldTest::Contains(Box::new(of_value(wanted, depth, true)?))),
        ("$hasPrefix", Value::String(prefix)) => Ok(FieldTest::HasPrefix(prefix.clone())),
        ("$exists", _) => Err(format!("{path}: $exists takes true or false")),
        ("$in", _) => Err(format!("{path}: $in takes a list of texts and numbers")),
        ("$hasPrefix", _) => Err(format!("{path}: $hasPrefix takes a text")),
        (other, _) => {
            Err(format!("{path}: {other} is no operator: $exists, $in, $contains and $hasPrefix are"))
        }
    }
}
