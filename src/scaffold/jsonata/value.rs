//! What a JSONata expression gives: JSON, functions, and nothing.

use std::cell::RefCell;
use std::rc::Rc;

use serde_json::{Map, Number, Value as Json};

use crate::expression::{Fuel, Pattern};
use crate::scaffold::jsonata::syntax::{JsonataLambda, JsonataTransform};

pub type JsonataResult<T = JsonataValue> = Result<T, String>;

#[derive(Clone)]
pub enum JsonataValue {
    Undefined,
    Null,
    Bool(bool),
    Number(f64),
    Text(Rc<str>),
    List(Rc<JsonataList>),
    Record(Rc<JsonataRecord>),
    Function(Rc<JsonataFunction>),
}

/// Entries in the order in which they were made.
pub type JsonataRecord = Vec<(Rc<str>, JsonataValue)>;

#[derive(Clone, Default)]
pub struct JsonataList {
    pub items: Vec<JsonataValue>,
    /// What a path found: of one thing the thing itself, of none nothing.
    pub found: bool,
    /// A path's finds that stay a list though they are one.
    pub keep: bool,
    /// A list that was written in a path, and is not taken apart.
    pub whole: bool,
    /// The list around data that is a list itself.
    pub outer: bool,
}

pub enum JsonataFunction {
    Native(&'static JsonataNative),
    Lambda {
        lambda: Rc<JsonataLambda>,
        input: JsonataValue,
        scope: Rc<JsonataScope>,
    },
    /// With arguments that are given already.
    Partial(JsonataValue, Vec<Option<JsonataValue>>),
    /// One after the other.
    Chain(JsonataValue, JsonataValue),
    Transform(Rc<JsonataTransform>, Rc<JsonataScope>),
    Pattern(Rc<Pattern>),
}

/// A function that every expression knows.
pub struct JsonataNative {
    pub name: &'static str,
    /// How many arguments it needs, the one that the context may stand for included.
    pub needs: usize,
    pub most: usize,
    /// Whether what is looked at stands for a first argument that is not given.
    pub context: JsonataContext,
    pub run: fn(&dyn JsonataCaller, &[JsonataValue]) -> JsonataResult,
}

#[derive(Clone, Copy, PartialEq)]
pub enum JsonataContext {
    Never,
    Any,
    /// Only where the first argument is no text.
    Text,
}

/// Who calls functions for functions.
pub trait JsonataCaller {
    fn call(&self, function: &JsonataValue, arguments: Vec<JsonataValue>) -> JsonataResult;
    fn fuel(&self) -> &Fuel;
}

#[derive(Default)]
pub struct JsonataScope {
    names: RefCell<Vec<(Rc<str>, JsonataValue)>>,
    parent: Option<Rc<JsonataScope>>,
}

impl JsonataScope {
    pub fn inside(parent: &Rc<JsonataScope>) -> Rc<JsonataScope> {
        Rc::new(JsonataScope { names: RefCell::default(), parent: Some(parent.clone()) })
    }

    pub fn bind(&self, name: &Rc<str>, value: JsonataValue) {
        let mut names = self.names.borrow_mut();
        names.retain(|(known, _)| known != name);
        names.push((name.clone(), value));
    }

    pub fn find(&self, name: &str) -> Option<JsonataValue> {
        let found =
            self.names.borrow().iter().find(|(known, _)| **known == *name).map(|(_, value)| value.clone());
        found.or_else(|| self.parent.as_ref()?.find(name))
    }
}

impl JsonataList {
    pub fn plain(items: Vec<JsonataValue>) -> JsonataValue {
        JsonataValue::List(Rc::new(JsonataList { items, ..JsonataList::default() }))
    }

    pub fn found(items: Vec<JsonataValue>) -> JsonataValue {
        JsonataValue::List(Rc::new(JsonataList { items, found: true, ..JsonataList::default() }))
    }
}

impl JsonataValue {
    pub fn text(text: impl Into<Rc<str>>) -> JsonataValue {
        JsonataValue::Text(text.into())
    }

    pub fn is_undefined(&self) -> bool {
        matches!(self, JsonataValue::Undefined)
    }

    pub fn of_json(value: &Json) -> JsonataValue {
        match value {
            Json::Null => JsonataValue::Null,
            Json::Bool(flag) => JsonataValue::Bool(*flag),
            Json::Number(number) => JsonataValue::Number(number.as_f64().unwrap_or_default()),
            Json::String(text) => JsonataValue::text(text.as_str()),
            Json::Array(items) => JsonataList::plain(items.iter().map(JsonataValue::of_json).collect()),
            Json::Object(entries) => {
                let entries =
                    entries.iter().map(|(key, value)| (key.as_str().into(), JsonataValue::of_json(value)));
                JsonataValue::Record(Rc::new(entries.collect()))
            }
        }
    }

    /// As `JSON.stringify` would read it: nothing for what is nothing, and for functions an empty text.
    pub fn to_json(&self, fuel: &Fuel) -> JsonataResult<Option<Json>> {
        fuel.spend(1)?;
        Ok(Some(match self {
            JsonataValue::Undefined => return Ok(None),
            JsonataValue::Null => Json::Null,
            JsonataValue::Bool(flag) => Json::Bool(*flag),
            JsonataValue::Number(number) => json_number(*number),
            JsonataValue::Text(text) => {
                fuel.text(text.len())?;
                Json::String(text.to_string())
            }
            JsonataValue::List(list) => {
                let items = list.items.iter().map(|item| Ok(item.to_json(fuel)?.unwrap_or_default()));
                Json::Array(items.collect::<JsonataResult<_>>()?)
            }
            JsonataValue::Record(entries) => {
                let mut map = Map::new();
                for (key, value) in entries.iter() {
                    if let Some(value) = value.to_json(fuel)? {
                        map.insert(key.to_string(), value);
                    }
                }
                Json::Object(map)
            }
            JsonataValue::Function(_) => Json::String(String::new()),
        }))
    }

    /// The truth of JSONata: empty texts, lists without a true item, empty objects, zero and functions are false.
    pub fn is_truthy(&self) -> bool {
        match self {
            JsonataValue::Undefined | JsonataValue::Null | JsonataValue::Function(_) => false,
            JsonataValue::Bool(flag) => *flag,
            JsonataValue::Number(number) => *number != 0.0,
            JsonataValue::Text(text) => !text.is_empty(),
            JsonataValue::List(list) => list.items.iter().any(JsonataValue::is_truthy),
            JsonataValue::Record(entries) => !entries.is_empty(),
        }
    }

    pub fn equals(&self, other: &JsonataValue) -> bool {
        match (self, other) {
            (JsonataValue::Undefined, JsonataValue::Undefined) | (JsonataValue::Null, JsonataValue::Null) => {
                true
            }
            (JsonataValue::Bool(left), JsonataValue::Bool(right)) => left == right,
            (JsonataValue::Number(left), JsonataValue::Number(right)) => left == right,
            (JsonataValue::Text(left), JsonataValue::Text(right)) => left == right,
            (JsonataValue::List(left), JsonataValue::List(right)) => {
                left.items.len() == right.items.len()
                    && left.items.iter().zip(&right.items).all(|(left, right)| left.equals(right))
            }
            (JsonataValue::Record(left), JsonataValue::Record(right)) => {
                let same = |(key, value): &(Rc<str>, JsonataValue)| {
                    right.iter().any(|(known, other)| known == key && value.equals(other))
                };
                left.len() == right.len() && left.iter().all(same)
            }
            (JsonataValue::Function(left), JsonataValue::Function(right)) => Rc::ptr_eq(left, right),
            _ => false,
        }
    }

    /// The items of a list, what is no list alone, and of nothing none.
    pub fn items(&self) -> Vec<JsonataValue> {
        match self {
            JsonataValue::Undefined => Vec::new(),
            JsonataValue::List(list) => list.items.clone(),
            other => vec![other.clone()],
        }
    }

    /// Both together; nothing adds nothing.
    pub fn appended(self, more: JsonataValue, fuel: &Fuel) -> JsonataResult {
        if self.is_undefined() {
            return Ok(more);
        }
        if more.is_undefined() {
            return Ok(self);
        }
        let mut list = match self {
            JsonataValue::List(list) => (*list).clone(),
            one => JsonataList { items: vec![one], found: true, ..JsonataList::default() },
        };
        list.items.extend(more.items());
        fuel.spend(list.items.len() as u64 / 8)?;
        Ok(JsonataValue::List(Rc::new(list)))
    }

    /// The value of a key; of a list the values of all its objects.
    pub fn at_key(&self, key: &str, fuel: &Fuel) -> JsonataResult {
        match self {
            JsonataValue::List(list) => {
                let mut found = Vec::new();
                for item in &list.items {
                    fuel.spend(1)?;
                    match item.at_key(key, fuel)? {
                        JsonataValue::Undefined => {}
                        JsonataValue::List(inner) => found.extend(inner.items.iter().cloned()),
                        other => found.push(other),
                    }
                }
                Ok(JsonataList::found(found))
            }
            JsonataValue::Record(entries) => {
                fuel.spend(1 + entries.len() as u64 / 16)?;
                let found = entries.iter().find(|(known, _)| **known == *key);
                Ok(found.map_or(JsonataValue::Undefined, |(_, value)| value.clone()))
            }
            _ => Ok(JsonataValue::Undefined),
        }
    }

    /// The word for what it is, as `$type` says it.
    pub fn type_name(&self) -> &'static str {
        match self {
            JsonataValue::Undefined => "undefined",
            JsonataValue::Null => "null",
            JsonataValue::Bool(_) => "boolean",
            JsonataValue::Number(_) => "number",
            JsonataValue::Text(_) => "string",
            JsonataValue::List(_) => "array",
            JsonataValue::Record(_) => "object",
            JsonataValue::Function(_) => "function",
        }
    }
}

/// Sets a key, where it stands or after the others.
pub fn set(entries: &mut JsonataRecord, key: &Rc<str>, value: JsonataValue) {
    match entries.iter_mut().find(|(known, _)| known == key) {
        Some((_, before)) => *before = value,
        None => entries.push((key.clone(), value)),
    }
}

fn json_number(number: f64) -> Json {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if number.fract() == 0.0 && number.abs() <= EXACT {
        return Json::from(number as i64);
    }
    Number::from_f64(number).map_or(Json::Null, Json::Number)
}
