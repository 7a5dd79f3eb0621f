//! A document as a Rust type, where what does not fit is told with its path and place.

use std::cell::RefCell;

use serde::de::value::StrDeserializer;
use serde::de::{DeserializeOwned, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Unexpected, Visitor};
use serde_json::{Error, Value};

use crate::yaml::document::{Document, step};
use crate::yaml::problem::Problem;

/// Reads a document into a type. The problem names the field (`spec.owner: invalid type: ...`) and its place.
pub fn from_value<T: DeserializeOwned>(document: &Document) -> Result<T, Problem> {
    attempt(document, &document.value).map_err(|failed| failed.problem)
}

/// As `from_value`, but a key that the type does not know costs only itself: those are told beside what was read.
pub fn from_value_known<T: DeserializeOwned>(document: &Document) -> Result<(T, Vec<Problem>), Problem> {
    let (mut value, mut unknown) = (document.value.clone(), Vec::new());
    loop {
        let failed = match attempt(document, &value) {
            Ok(read) => return Ok((read, unknown)),
            Err(failed) => failed,
        };
        let Some(key) = failed.unknown.as_deref().and_then(|key| taken_out(&mut value, key)) else {
            return Err(failed.problem);
        };
        let message = format!("the key {key:?} is not known here");
        unknown.push(Problem { message, ..failed.problem });
    }
}

/// Takes a key out of the map that holds it, by its pointer.
fn taken_out(value: &mut Value, pointer: &str) -> Option<String> {
    let (map, key) = pointer.rsplit_once('/')?;
    let key = key.replace("~1", "/").replace("~0", "~");
    value.pointer_mut(map)?.as_object_mut()?.shift_remove(&key)?;
    Some(key)
}

struct Misfit {
    problem: Problem,
    /// The pointer of the key, where that is all that is wrong.
    unknown: Option<String>,
}

fn attempt<T: DeserializeOwned>(document: &Document, value: &Value) -> Result<T, Misfit> {
    let failed = RefCell::new(None);
    let root = Located { value, pointer: String::new(), known: &[], failed: &failed };
    T::deserialize(root).map_err(|error| {
        let failure = failed.into_inner().unwrap_or_default();
        let place = match failure.is_key {
            true => document.key_place(&failure.pointer),
            false => document.place(&failure.pointer),
        };
        let told = error.to_string();
        let message = match dotted(&failure.pointer) {
            path if path.is_empty() || failure.is_key => told.clone(),
            path => format!("{path}: {told}"),
        };
        let problem = Problem {
            hint: failure.near.map(|near| format!("did you mean {near}?")),
            ..Problem::new(place, message)
        };
        let is_unknown = failure.is_key && told.starts_with("unknown field");
        Misfit { problem, unknown: is_unknown.then_some(failure.pointer) }
    })
}

/// The word among those a type knows that is nearly the one that was written.
fn nearest(word: &str, known: &[&'static str]) -> Option<&'static str> {
    let far = |known: &&str| strsim::damerau_levenshtein(&word.to_lowercase(), &known.to_lowercase());
    known.iter().copied().min_by_key(far).filter(|known| far(known) <= 2.max(known.len() / 4))
}

/// `/spec/links/0/url` as people write it: `spec.links[0].url`.
fn dotted(pointer: &str) -> String {
    let mut path = String::new();
    for part in pointer.split('/').skip(1) {
        let part = part.replace("~1", "/").replace("~0", "~");
        match part.parse::<usize>() {
            Ok(index) => path.push_str(&format!("[{index}]")),
            Err(_) if path.is_empty() => path.push_str(&part),
            Err(_) => path.push_str(&format!(".{part}")),
        }
    }
    path
}

#[derive(Default)]
struct DecodeFailure {
    pointer: String,
    is_key: bool,
    near: Option<&'static str>,
}

/// A value that remembers where it is; the innermost that fails is noted.
struct Located<'a> {
    value: &'a Value,
    pointer: String,
    /// The fields of the struct that is read from it, if it is one.
    known: &'static [&'static str],
    failed: &'a RefCell<Option<DecodeFailure>>,
}

impl<'a> Located<'a> {
    fn note<T>(&self, result: Result<T, Error>) -> Result<T, Error> {
        note(self.failed, &self.pointer, false, None, result)
    }
}

fn note<T>(
    failed: &RefCell<Option<DecodeFailure>>,
    pointer: &str,
    is_key: bool,
    near: Option<&'static str>,
    result: Result<T, Error>,
) -> Result<T, Error> {
    if result.is_err() {
        let failure = || DecodeFailure { pointer: pointer.to_string(), is_key, near };
        failed.borrow_mut().get_or_insert_with(failure);
    }
    result
}

impl<'de> Deserializer<'de> for Located<'_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let result = match self.value {
            Value::Array(items) => visitor.visit_seq(ItemReader { at: &self, items, next: 0 }),
            Value::Object(map) => {
                visitor.visit_map(FieldReader { at: &self, fields: map.iter(), value: None })
            }
            Value::Null => visitor.visit_unit(),
            Value::Bool(value) => visitor.visit_bool(*value),
            Value::String(text) => visitor.visit_str(text),
            Value::Number(number) => number.deserialize_any(visitor),
        };
        self.note(result)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.value {
            Value::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        let near = self.value.as_str().and_then(|word| nearest(word, variants));
        let result = self.value.clone().deserialize_enum(name, variants, visitor);
        note(self.failed, &self.pointer, false, near, result)
    }

    /// A list is no struct, although serde would take its items for the fields in order.
    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        match self.value {
            Value::Array(_) => self.note(Err(serde::de::Error::invalid_type(Unexpected::Seq, &visitor))),
            _ => Located { known: fields, ..self }.deserialize_any(visitor),
        }
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf
        unit unit_struct seq tuple tuple_struct map identifier ignored_any
    }
}

struct ItemReader<'a> {
    at: &'a Located<'a>,
    items: &'a [Value],
    next: usize,
}

impl<'de> SeqAccess<'de> for ItemReader<'_> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Error> {
        let Some(value) = self.items.get(self.next) else { return Ok(None) };
        let pointer = format!("{}/{}", self.at.pointer, self.next);
        self.next += 1;
        seed.deserialize(Located { value, pointer, known: &[], failed: self.at.failed }).map(Some)
    }
}

struct FieldReader<'a> {
    at: &'a Located<'a>,
    fields: serde_json::map::Iter<'a>,
    value: Option<(&'a String, &'a Value)>,
}

impl FieldReader<'_> {
    fn pointer(&self, key: &str) -> String {
        format!("{}/{}", self.at.pointer, step(key))
    }
}

impl<'de> MapAccess<'de> for FieldReader<'_> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Error> {
        self.value = self.fields.next();
        let Some((key, _)) = self.value else { return Ok(None) };
        let result = seed.deserialize(StrDeserializer::new(key));
        note(self.at.failed, &self.pointer(key), true, nearest(key, self.at.known), result).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Error> {
        let (key, value) = self.value.take().expect("serde asks for a value after its key");
        let result = seed.deserialize(Located {
            value,
            pointer: self.pointer(key),
            known: &[],
            failed: self.at.failed,
        });
        note(self.at.failed, &self.pointer(key), false, None, result)
    }
}
