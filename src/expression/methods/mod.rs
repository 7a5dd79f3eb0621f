//! The methods that texts, numbers and lists have in JavaScript, and those of Python that cookiecutter templates use.

mod arguments;
mod lists;

use std::rc::Rc;

use crate::expression::methods::arguments::MethodArguments;
use crate::expression::methods::lists::on_list;
use crate::expression::number;
use crate::expression::units::{byte_of, length_of, units};
use crate::expression::value::{Fallible, Fuel, Value};

const TEXT: &[(&str, usize, usize)] = &[
    ("charAt", 0, 1),
    ("charCodeAt", 0, 1),
    ("concat", 0, usize::MAX),
    ("endsWith", 1, 2),
    ("includes", 1, 2),
    ("indexOf", 1, 2),
    ("lastIndexOf", 1, 2),
    ("replace", 2, 2),
    ("slice", 0, 2),
    ("split", 0, 2),
    ("startsWith", 1, 2),
    ("substring", 0, 2),
    ("toLowerCase", 0, 0),
    ("toUpperCase", 0, 0),
    ("trim", 0, 0),
    ("trimEnd", 0, 0),
    ("trimStart", 0, 0),
];

const NUMBER: &[(&str, usize, usize)] =
    &[("toExponential", 0, 1), ("toFixed", 0, 1), ("toPrecision", 0, 1), ("toString", 0, 1)];

const LIST: &[(&str, usize, usize)] = &[
    ("at", 1, 1),
    ("concat", 0, usize::MAX),
    ("fill", 1, 3),
    ("flat", 0, 1),
    ("includes", 1, 2),
    ("indexOf", 1, 2),
    ("join", 0, 1),
    ("lastIndexOf", 1, 2),
    ("pop", 0, 0),
    ("push", 0, usize::MAX),
    ("reverse", 0, 0),
    ("shift", 0, 0),
    ("slice", 0, 2),
    ("sort", 0, 0),
    ("splice", 0, usize::MAX),
    ("unshift", 0, usize::MAX),
];

const PYTHON_LIST: &[(&str, usize, usize)] = &[
    ("append", 1, 1),
    ("count", 1, 1),
    ("find", 1, 1),
    ("index", 1, 1),
    ("insert", 2, 2),
    ("pop", 0, 1),
    ("remove", 1, 1),
];

const PYTHON_RECORD: &[(&str, usize, usize)] =
    &[("get", 1, 2), ("has_key", 1, 1), ("items", 0, 0), ("keys", 0, 0), ("values", 0, 0)];

/// The least and most arguments of a method, if the value has it.
pub fn arity(receiver: &Value, name: &str, cookiecutter: bool) -> Option<(usize, usize)> {
    let find = |table: &[(&str, usize, usize)]| {
        table.iter().find(|(known, ..)| *known == name).map(|(_, least, most)| (*least, *most))
    };
    let python = |table| if cookiecutter { find(table) } else { None };
    match receiver {
        Value::Text(_) | Value::Safe(_) => find(TEXT),
        Value::Number(_) => find(NUMBER),
        Value::List(_) => python(PYTHON_LIST).or_else(|| find(LIST)),
        Value::Record(record) if record.get(name).is_none() => python(PYTHON_RECORD),
        Value::Pattern(_) => (name == "test").then_some((1, 1)),
        _ => None,
    }
}

/// Calls a method that `arity` knows, with as many arguments as it takes.
pub fn call(receiver: &Value, name: &str, arguments: &[Value], fuel: &Fuel) -> Fallible<Value> {
    let given = MethodArguments { arguments, fuel };
    match receiver {
        Value::Text(text) | Value::Safe(text) => on_text(text, name, &given),
        Value::Number(number) => on_number(*number, name, &given),
        Value::List(items) => on_list(receiver, items, name, &given),
        Value::Record(record) => {
            let texts = |key: &Rc<str>| Value::Text(Rc::clone(key));
            fuel.spend(record.len() as u64)?;
            Ok(match name {
                "get" => record.get(&given.text(0)?).cloned().unwrap_or_else(|| given.value(1)),
                "has_key" => Value::Bool(record.get(&given.text(0)?).is_some()),
                "keys" => Value::list(record.keys().iter().map(texts).collect()),
                "values" => Value::list(record.iter().map(|(_, value)| value.clone()).collect()),
                _ => Value::list(
                    record.iter().map(|(key, value)| Value::list(vec![texts(key), value.clone()])).collect(),
                ),
            })
        }
        Value::Pattern(pattern) => Ok(Value::Bool(pattern.test(&given.text(0)?)?)),
        _ => Err(format!("{} has no method '{name}'", receiver.kind())),
    }
}

fn on_text(text: &Rc<str>, name: &str, given: &MethodArguments<'_>) -> Fallible<Value> {
    let length = length_of(text);
    given.fuel.text(text.len())?;
    let unit_of = |byte: usize| length_of(&text[..byte]) as f64;
    Ok(match name {
        "toLowerCase" => Value::text(text.to_lowercase()),
        "toUpperCase" => Value::text(text.to_uppercase()),
        "trim" => Value::text(text.trim()),
        "trimStart" => Value::text(text.trim_start()),
        "trimEnd" => Value::text(text.trim_end()),
        "charAt" => {
            let at = given.whole(0)?.unwrap_or(0);
            Value::text(
                usize::try_from(at)
                    .map_or_else(|_| String::new(), |at| units(text, at, at.saturating_add(1))),
            )
        }
        "charCodeAt" => {
            let at = usize::try_from(given.whole(0)?.unwrap_or(0)).unwrap_or(usize::MAX);
            Value::Number(text.encode_utf16().nth(at).map_or(f64::NAN, f64::from))
        }
        "concat" => {
            let mut joined = text.to_string();
            for index in 0..given.arguments.len() {
                joined.push_str(&given.text(index)?);
            }
            given.fuel.text(joined.len())?;
            Value::text(joined)
        }
        "startsWith" => {
            let from = byte_of(text, given.position(1, length, 0, false)?);
            Value::Bool(text[from..].starts_with(&*given.text(0)?))
        }
        "endsWith" => {
            let to = byte_of(text, given.position(1, length, length, false)?);
            Value::Bool(text[..to].ends_with(&*given.text(0)?))
        }
        "includes" => {
            let from = byte_of(text, given.position(1, length, 0, false)?);
            Value::Bool(text[from..].contains(&*given.text(0)?))
        }
        "indexOf" => {
            let from = byte_of(text, given.position(1, length, 0, false)?);
            Value::Number(text[from..].find(&*given.text(0)?).map_or(-1.0, |at| unit_of(from + at)))
        }
        "lastIndexOf" => {
            let search = given.text(0)?;
            let last = byte_of(text, given.position(1, length, length, false)?);
            let mut to = (last + search.len()).min(text.len());
            while !text.is_char_boundary(to) {
                to += 1;
            }
            Value::Number(text[..to].rfind(&*search).map_or(-1.0, unit_of))
        }
        "slice" => {
            let start = given.position(0, length, 0, true)?;
            let end = given.position(1, length, length, true)?;
            Value::text(units(text, start, end.max(start)))
        }
        "substring" => {
            let (a, b) = (given.position(0, length, 0, false)?, given.position(1, length, length, false)?);
            Value::text(units(text, a.min(b), a.max(b)))
        }
        "replace" => replace(text, given)?,
        _ => split(text, given)?,
    })
}

fn replace(text: &str, given: &MethodArguments<'_>) -> Fallible<Value> {
    let with = given.text(1)?;
    if let Value::Pattern(pattern) = given.value(0) {
        let replaced = pattern.replace(text, &with)?;
        given.fuel.text(replaced.len())?;
        return Ok(Value::text(replaced));
    }
    let search = given.text(0)?;
    let Some(at) = text.find(&*search) else { return Ok(Value::text(text)) };
    let end = at + search.len();
    // The same signs as for a regular expression, which here has matched one fixed text.
    let expanded = with
        .replace("$$", "\u{0}")
        .replace("$&", &search)
        .replace("$`", &text[..at])
        .replace("$'", &text[end..]);
    given.fuel.text(expanded.len() + text.len())?;
    Ok(Value::text(format!("{}{}{}", &text[..at], expanded.replace('\u{0}', "$"), &text[end..])))
}

fn split(text: &str, given: &MethodArguments<'_>) -> Fallible<Value> {
    let most = given.whole(1)?.map_or(usize::MAX, |most| usize::try_from(most).unwrap_or(usize::MAX));
    let parts: Vec<String> = match given.value(0) {
        Value::Undefined(_) => vec![text.into()],
        Value::Pattern(pattern) => pattern.split(text)?,
        separator => {
            let separator = separator.string(given.fuel)?;
            if separator.is_empty() {
                text.encode_utf16().map(|unit| String::from_utf16_lossy(&[unit])).collect()
            } else {
                text.split(&*separator).map(String::from).collect()
            }
        }
    };
    given.fuel.spend(parts.len() as u64)?;
    Ok(Value::list(parts.into_iter().take(most).map(Value::text).collect()))
}

fn on_number(value: f64, name: &str, given: &MethodArguments<'_>) -> Fallible<Value> {
    let digits = given.whole(0)?;
    let bounded = |least: i64, most: i64| match digits {
        Some(digits) if !(least..=most).contains(&digits) => Err(format!("{name} takes {least} to {most}")),
        other => Ok(other.map(|digits| digits as usize)),
    };
    Ok(Value::text(match name {
        "toFixed" => number::fixed(value, bounded(0, 100)?.unwrap_or(0)),
        "toExponential" => number::exponential(value, bounded(0, 100)?),
        "toPrecision" => match bounded(1, 100)? {
            Some(digits) => number::precise(value, digits),
            None => number::to_text(value),
        },
        _ => number::in_radix(value, bounded(2, 36)?.map_or(10, |radix| radix as u32)),
    }))
}
