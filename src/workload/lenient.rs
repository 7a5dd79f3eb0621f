//! Reading an object of which any field may be missing, null or of an unexpected type: such a field is its default.

use crate::shared::{Poolable, Shared, SharedText};
use jiff::Timestamp;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

thread_local! {
    /// What of the object that is being read should be a number and is none.
    static NO_NUMBER: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// What an object holds in the place of a number, of which only the default was read: told as a fact that would be a lie.
pub fn no_number<T>(read: impl FnOnce() -> T) -> (T, Option<String>) {
    NO_NUMBER.with_borrow_mut(Option::take);
    let value = read();
    (value, NO_NUMBER.with_borrow_mut(Option::take))
}

/// Whether such a place was found since the object was begun.
pub fn has_no_number() -> bool {
    NO_NUMBER.with_borrow(Option::is_some)
}

fn is_no_number(text: impl fmt::Display) -> i64 {
    NO_NUMBER.with_borrow_mut(|known| {
        known.get_or_insert_with(|| text.to_string());
    });
    0
}

/// A value that can be read from any JSON: what does not fit becomes the default and is no error.
pub trait LenientField: Default {
    fn text(_: &str) -> Self {
        Self::default()
    }
    fn integer(_: i64) -> Self {
        Self::default()
    }
    fn boolean(_: bool) -> Self {
        Self::default()
    }
    fn list<'de, A: SeqAccess<'de>>(mut list: A) -> Result<Self, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Self::default())
    }
    fn map<'de, A: MapAccess<'de>>(mut map: A) -> Result<Self, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Self::default())
    }
    fn decode<'de, D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Tolerant(PhantomData))
    }
}

/// For `#[serde(deserialize_with)]`, and so for every field of `facts!`.
pub fn read<'de, T: LenientField, D: Deserializer<'de>>(from: D) -> Result<T, D::Error> {
    T::decode(from)
}

/// Any JSON text; what does not fit is the default. Only what is no JSON is an error.
pub fn value<T: LenientField>(json: &str) -> serde_json::Result<T> {
    T::decode(&mut serde_json::Deserializer::from_str(json))
}

/// One object; anything but a JSON object is an error, whatever it holds is not.
pub fn object<'de, T: Deserialize<'de>>(json: &'de str) -> serde_json::Result<T> {
    struct Whole<T>(PhantomData<T>);
    impl<'de, T: Deserialize<'de>> Visitor<'de> for Whole<T> {
        type Value = T;
        fn expecting(&self, out: &mut fmt::Formatter) -> fmt::Result {
            out.write_str("a Kubernetes object")
        }
        fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
            T::deserialize(MapAccessDeserializer::new(map))
        }
    }
    let mut from = serde_json::Deserializer::from_str(json);
    let value = from.deserialize_map(Whole(PhantomData))?;
    from.end().map(|()| value)
}

/// Structs of Kubernetes fields: camelCase names, every field lenient.
macro_rules! facts {
    ($($(#[$about:meta])* pub struct $Name:ident { $($(#[$field_about:meta])* pub $field:ident: $Type:ty,)* })*) => {$(
        $(#[$about])*
        #[derive(Debug, Clone, Default, PartialEq, serde::Deserialize)]
        #[serde(default, rename_all = "camelCase")]
        pub struct $Name {
            $($(#[$field_about])* #[serde(deserialize_with = "crate::workload::lenient::read")] pub $field: $Type,)*
        }
        impl crate::workload::lenient::LenientField for $Name {
            fn map<'de, A: serde::de::MapAccess<'de>>(map: A) -> Result<Self, A::Error> {
                serde::Deserialize::deserialize(serde::de::value::MapAccessDeserializer::new(map))
            }
        }
    )*};
}

struct Tolerant<T>(PhantomData<T>);

impl<'de, T: LenientField> Visitor<'de> for Tolerant<T> {
    type Value = T;
    fn expecting(&self, out: &mut fmt::Formatter) -> fmt::Result {
        out.write_str("any JSON")
    }
    fn visit_bool<E: Error>(self, value: bool) -> Result<T, E> {
        Ok(T::boolean(value))
    }
    fn visit_i64<E: Error>(self, value: i64) -> Result<T, E> {
        Ok(T::integer(value))
    }
    fn visit_u64<E: Error>(self, value: u64) -> Result<T, E> {
        Ok(i64::try_from(value).map(T::integer).unwrap_or_default())
    }
    fn visit_f64<E: Error>(self, value: f64) -> Result<T, E> {
        let whole = value.trunc();
        let fits = whole == value && whole.abs() < 9.0e15;
        Ok(if fits { T::integer(whole as i64) } else { T::text(&value.to_string()) })
    }
    fn visit_str<E: Error>(self, value: &str) -> Result<T, E> {
        Ok(T::text(value))
    }
    fn visit_unit<E: Error>(self) -> Result<T, E> {
        Ok(T::default())
    }
    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<T, A::Error> {
        T::list(list)
    }
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        T::map(map)
    }
}

impl LenientField for String {
    fn text(value: &str) -> Self {
        value.to_string()
    }
    fn integer(value: i64) -> Self {
        value.to_string()
    }
    fn boolean(value: bool) -> Self {
        value.to_string()
    }
}

impl<T: LenientField + Poolable> LenientField for Shared<T> {
    fn decode<'de, D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        T::decode(from).map(Shared::new)
    }
}

impl LenientField for SharedText {
    fn text(value: &str) -> Self {
        SharedText::of(value)
    }
    fn integer(value: i64) -> Self {
        SharedText::of(&value.to_string())
    }
    fn boolean(value: bool) -> Self {
        SharedText::of(if value { "true" } else { "false" })
    }
}

impl LenientField for i64 {
    fn text(value: &str) -> Self {
        value.trim().parse().unwrap_or_else(|_| is_no_number(format!("{value:?}")))
    }
    fn integer(value: i64) -> Self {
        value
    }
    fn boolean(value: bool) -> Self {
        is_no_number(value)
    }
    fn list<'de, A: SeqAccess<'de>>(mut list: A) -> Result<Self, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(is_no_number("a list"))
    }
    fn map<'de, A: MapAccess<'de>>(mut map: A) -> Result<Self, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(is_no_number("a map"))
    }
}

impl LenientField for bool {
    fn text(value: &str) -> Self {
        value.eq_ignore_ascii_case("true")
    }
    fn boolean(value: bool) -> Self {
        value
    }
}

/// `None` for null; a present value that does not fit a number or a time is `None` as well.
impl<T: LenientField> LenientField for Option<T>
where
    T: Present,
{
    fn text(value: &str) -> Self {
        T::from_text(value)
    }
    fn integer(value: i64) -> Self {
        Some(T::integer(value))
    }
    fn boolean(value: bool) -> Self {
        Some(T::boolean(value))
    }
    fn list<'de, A: SeqAccess<'de>>(list: A) -> Result<Self, A::Error> {
        T::list(list).map(Some)
    }
    fn map<'de, A: MapAccess<'de>>(map: A) -> Result<Self, A::Error> {
        T::map(map).map(Some)
    }
}

/// Says which texts are a value at all: a number that does not parse is no number.
pub trait Present: LenientField {
    fn from_text(value: &str) -> Option<Self> {
        Some(Self::text(value))
    }
}

/// What is rarely there takes no room where it is not.
impl<T: LenientField> LenientField for Box<T> {
    fn decode<'de, D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        T::decode(from).map(Box::new)
    }
    fn text(value: &str) -> Self {
        Box::new(T::text(value))
    }
    fn integer(value: i64) -> Self {
        Box::new(T::integer(value))
    }
    fn boolean(value: bool) -> Self {
        Box::new(T::boolean(value))
    }
    fn list<'de, A: SeqAccess<'de>>(list: A) -> Result<Self, A::Error> {
        T::list(list).map(Box::new)
    }
    fn map<'de, A: MapAccess<'de>>(map: A) -> Result<Self, A::Error> {
        T::map(map).map(Box::new)
    }
}

impl<T: Present> Present for Box<T> {
    fn from_text(value: &str) -> Option<Self> {
        T::from_text(value).map(Box::new)
    }
}

impl Present for String {}
impl Present for bool {}
impl Present for i64 {
    fn from_text(value: &str) -> Option<Self> {
        let number = value.trim().parse().ok();
        if number.is_none() {
            is_no_number(format!("{value:?}"));
        }
        number
    }
}

impl LenientField for Option<Timestamp> {
    fn text(value: &str) -> Self {
        value.parse().ok()
    }
}

impl<T: LenientField> LenientField for Vec<T> {
    fn list<'de, A: SeqAccess<'de>>(mut list: A) -> Result<Self, A::Error> {
        let mut all = Vec::with_capacity(list.size_hint().unwrap_or_default().min(64));
        while let Some(LenientRead(value)) = list.next_element::<LenientRead<T>>()? {
            all.push(value);
        }
        // A list begins with room for four, most of a pod's hold one, and thousands of pods are held at once.
        all.shrink_to_fit();
        Ok(all)
    }
}

impl<T: LenientField> LenientField for BTreeMap<String, T> {
    fn map<'de, A: MapAccess<'de>>(mut map: A) -> Result<Self, A::Error> {
        let mut all = BTreeMap::new();
        while let Some((key, LenientRead(value))) = map.next_entry::<String, LenientRead<T>>()? {
            all.insert(key, value);
        }
        Ok(all)
    }
}

/// The JSON text itself, for what is read or compared later.
impl LenientField for Option<Box<RawValue>> {
    fn decode<'de, D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Deserialize::deserialize(from)
    }
}

struct LenientRead<T>(T);

impl<'de, T: LenientField> Deserialize<'de> for LenientRead<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        T::decode(from).map(LenientRead)
    }
}
