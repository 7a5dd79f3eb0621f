//! The functions of JSONata on lists and objects, and those that call functions.

use std::rc::Rc;

use crate::scaffold::jsonata::numbers::string;
use crate::scaffold::jsonata::operators::{comes_after, distinct, merge_sorted};
use crate::scaffold::jsonata::value::{
    JsonataCaller, JsonataFunction, JsonataList, JsonataRecord, JsonataResult, JsonataValue, set,
};

/// How many arguments a function takes notice of.
fn arity(function: &JsonataValue) -> usize {
    let JsonataValue::Function(function) = function else { return 0 };
    match &**function {
        JsonataFunction::Lambda { lambda, .. } => lambda.parameters.len(),
        JsonataFunction::Native(native) => native.needs,
        JsonataFunction::Partial(_, given) => given.iter().filter(|value| value.is_none()).count(),
        _ => 1,
    }
}

fn called(
    caller: &dyn JsonataCaller,
    function: &JsonataValue,
    arguments: impl IntoIterator<Item = JsonataValue>,
) -> JsonataResult {
    caller.fuel().spend(1)?;
    caller.call(function, arguments.into_iter().take(arity(function).max(1)).collect())
}

fn record(entries: JsonataRecord) -> JsonataValue {
    JsonataValue::Record(Rc::new(entries))
}

pub fn append(caller: &dyn JsonataCaller, arguments: &[JsonataValue]) -> JsonataResult {
    arguments[0].clone().appended(arguments[1].clone(), caller.fuel())
}

pub fn sort(caller: &dyn JsonataCaller, arguments: &[JsonataValue]) -> JsonataResult {
    if arguments[0].is_undefined() {
        return Ok(JsonataValue::Undefined);
    }
    let items = arguments[0].items();
    caller.fuel().spend(items.len() as u64 * 8)?;
    let sorted = match arguments.get(1) {
        None => merge_sorted(items, &comes_after)?,
        Some(function) => merge_sorted(items, &|left, right| {
            Ok(called(caller, function, [left.clone(), right.clone()])?.is_truthy())
        })?,
    };
    Ok(JsonataList::plain(sorted))
}

pub fn reverse(_: &dyn JsonataCaller, arguments: &[JsonataValue]) -> JsonataResult {
    if arguments[0].is_undefined() {
        return Ok(JsonataValue::Undefined);
    }
    let mut items = arguments[0].items();
    items.reverse();
    Ok(JsonataList::plain(items))
}

pub fn distinct_items(caller: &dyn JsonataCaller, arguments: &[JsonataValue]) -> JsonataResult {
    let JsonataValue::List(list) = &arguments[0] else { return Ok(arguments[0].clone()) };
    let items = distinct(&list.items, caller.fuel())?;
    Ok(JsonataValue::List(Rc::new(JsonataList { items, ..(**list).clone() })))
}

pub fn zip(caller: &dyn JsonataCaller, arguments: &[JsonataValue]) -> JsonataResult {
    let lists: Vec<Vec<JsonataValue>> = arguments.iter().map(JsonataValue::items).collect();
    let length = lists.iter().map(Vec::len).min().unwrap_or_default();
    caller.fuel().spend((length * lists.len()) as u64)?;
    let row = |index: usize| JsonataList::plain(lists.iter().map(|list| list[index].clone()).collect());
    Ok(JsonataList::plain((0..length).map(row).collect()))
}

fn key_names(value: &JsonataValue, found: &mut Vec<Rc<str>>) {
    match value {
        JsonataValue::List(list) => list.items.iter().for_each(|item| key_names(item, found)),
        JsonataValue::Record(entries) => {
            for (key, _) in entries.iter() {
                if !found.contains(key) {
                    found.push(key.clone());
                }
            }
        }
        _ => {}
    }
}

pub fn keys(caller: &dyn JsonataCaller, arguments: &[JsonataValue]) -> JsonataResult {
    let mut found = Vec::new();
    key_names(&arguments[0], &mut found);
    caller.fuel().spend(found.len() as u64)?;
    Ok(JsonataList::found(found.into_iter().map(JsonataValue::Text).collect()))
}

pub fn lookup(caller: &dyn JsonataCaller, arguments: &[JsonataValue]) -> JsonataResult {
    match &arguments[1] {
        JsonataValue::Text(key) => arguments[0].at_key(key, caller.fuel()),
        other => Err(format!("a key is a text, not {}", other.type_name())),
    }
}

pub fn spread(caller: &dyn JsonataCaller, arguments: &[JsonataValue]) -> JsonataResult {
    let mut found = Vec::new();
    for item in arguments[0].items() {
        match item {
            JsonataValue::Record(entries) => {
                caller.fuel().spend(entries.len() as u64)?;
                found.extend(entries.iter().map(|entry| record(vec![entry.clone()])));
            }
            other => found.push(other),
        }
    }
    Ok(JsonataList::found(found))
}

pub fn merge(caller: &dyn JsonataCaller, arguments: &[JsonataValue]) -> JsonataResult {
    if arguments[0].is_undefined() {
        return Ok(JsonataValue::Undefined);
    }
    let mut merged = Vec::new();
    for item in arguments[0].items() {
        let JsonataValue::Record(entries) = &item else {
            return Err(format!("objects were expected, not {}", item.type_name()));
        };
        for (key, value) in entries.iter() {
            caller.fuel().spend(1 + merged.len() as u64 / 16)?;
            set(&mut merged, key, value.clone());
        }
    }
    Ok(record(merged))
}

fn entries_of(value: &JsonataValue) -> JsonataResult<Option<&JsonataRecord>> {
    match value {
        JsonataValue::Undefined => Ok(None),
        JsonataValue::Record(entries) => Ok(Some(entries)),
        other => Err(format!("an object was expected, not {}", other.type_name())),
    }
}

pub fn each(caller: &dyn JsonataCaller, arguments: &[JsonataValue]) -> JsonataResult {
    let mut made = Vec::new();
    for (key, value) in entries_of(&arguments[0])?.into_iter().flatten() {
        let given = [value.clone(), JsonataValue::Text(key.clone()), arguments[0].clone()];
        let result = called(caller, &arguments[1], given)?;
        if !result.is_undefined() {
            made.push(result);
        }
    }
    Ok(JsonataList::found(made))
}

pub fn sift(caller: &dyn JsonataCaller, arguments: &[JsonataValue]) -> JsonataResult {
    let mut kept = Vec::new();
    for (key, value) in entries_of(&arguments[0])?.into_iter().flatten() {
        let given = [value.clone(), JsonataValue::Text(key.clone()), arguments[0].clone()];
        if called(caller, &arguments[1], given)?.is_truthy() {
            kept.push((key.clone(), value.clone()));
        }
    }
    Ok(if kept.is_empty() { JsonataValue::Undefined } else { record(kept) })
}

/// What a function says of each item, with the item.
fn of_each(
    caller: &dyn JsonataCaller,
    arguments: &[JsonataValue],
) -> JsonataResult<Option<Vec<(JsonataValue, JsonataValue)>>> {
    if arguments[0].is_undefined() {
        return Ok(None);
    }
    let items = arguments[0].items();
    let whole = JsonataList::plain(items.clone());
    let said = items.into_iter().enumerate().map(|(index, item)| {
        let given = [item.clone(), JsonataValue::Number(index as f64), whole.clone()];
        Ok((called(caller, &arguments[1], given)?, item))
    });
    said.collect::<JsonataResult<_>>().map(Some)
}

pub fn map(caller: &dyn JsonataCaller, arguments: &[JsonataValue]) -> JsonataResult {
    let said = of_each(caller, arguments)?.unwrap_or_default();
    Ok(JsonataList::found(
        said.into_iter().map(|(made, _)| made).filter(|made| !made.is_undefined()).collect(),
    ))
}

pub fn filter(caller: &dyn JsonataCaller, arguments: &[JsonataValue]) -> JsonataResult {
    let said = of_each(caller, arguments)?.unwrap_or_default();
    Ok(JsonataList::found(
        said.into_iter().filter(|(said, _)| said.is_truthy()).map(|(_, item)| item).collect(),
    ))
}

pub fn single(caller: &dyn JsonataCaller, arguments: &[JsonataValue]) -> JsonataResult {
    let found: Vec<JsonataValue> = match arguments.len() {
        1 => arguments[0].items(),
        _ => {
            let Some(said) = of_each(caller, arguments)? else { return Ok(JsonataValue::Undefined) };
            said.into_iter().filter(|(said, _)| said.is_truthy()).map(|(_, item)| item).collect()
        }
    };
    match found.as_slice() {
        [one] => Ok(one.clone()),
        [] => Err("nothing fits, where one thing was expected".into()),
        _ => Err("several things fit, where one was expected".into()),
    }
}

pub fn reduce(caller: &dyn JsonataCaller, arguments: &[JsonataValue]) -> JsonataResult {
    if arguments[0].is_undefined() {
        return Ok(JsonataValue::Undefined);
    }
    if arity(&arguments[1]) < 2 {
        return Err("the function needs two parameters".into());
    }
    let items = arguments[0].items();
    let whole = JsonataList::plain(items.clone());
    let begin = arguments.get(2).filter(|begin| !begin.is_undefined());
    let (mut result, from) = match (begin, items.first()) {
        (Some(begin), _) => (begin.clone(), 0),
        (None, Some(first)) => (first.clone(), 1),
        (None, None) => return Ok(JsonataValue::Undefined),
    };
    for (index, item) in items.iter().enumerate().skip(from) {
        let given = [result, item.clone(), JsonataValue::Number(index as f64), whole.clone()];
        result = called(caller, &arguments[1], given)?;
    }
    Ok(result)
}

pub fn error(caller: &dyn JsonataCaller, arguments: &[JsonataValue]) -> JsonataResult {
    let message = arguments.first().unwrap_or(&JsonataValue::Undefined);
    Err(match string(message, caller.fuel())?.as_str() {
        "" => "the expression says that this is an error".into(),
        said => said.to_string(),
    })
}

pub fn assert(caller: &dyn JsonataCaller, arguments: &[JsonataValue]) -> JsonataResult {
    match arguments[0].is_truthy() {
        true => Ok(JsonataValue::Undefined),
        false => error(caller, &arguments[1..]),
    }
}
