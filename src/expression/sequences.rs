//! Filters over lists and objects.

use std::cmp::Ordering;
use std::rc::Rc;

use crate::expression::checks::{TESTS, passes};
use crate::expression::input::SourceCursor;
use crate::expression::lookup::{characters, items, own};
use crate::expression::units::length_of;
use crate::expression::value::{Fallible, Fuel, Record, Value, add, order, same};

fn need(input: &SourceCursor<'_>) -> Fallible<Vec<Value>> {
    if input.value.is_nullish() {
        return Err(format!("a list is needed, not {}", input.value.kind()));
    }
    let items = items(input.value).unwrap_or_default();
    input.fuel.spend(items.len() as u64)?;
    Ok(items)
}

fn attribute(value: &Value, key: &str) -> Fallible<Value> {
    if value.is_nullish() {
        return Err(format!("'{key}' cannot be read from {}", value.kind()));
    }
    Ok(own(value, key).unwrap_or(Value::UNDEFINED))
}

/// Reads `a.b` step by step.
fn attribute_path(value: &Value, path: &Value, fuel: &Fuel) -> Fallible<Value> {
    if !path.is_truthy() {
        return Ok(value.clone());
    }
    if path.as_text().is_none() {
        return attribute(value, &path.string(fuel)?);
    }
    let mut value = value.clone();
    for key in path.string(fuel)?.split('.') {
        if value.is_nullish() {
            return attribute(&value, key);
        }
        match own(&value, key) {
            Some(next) => value = next,
            None => return Ok(Value::UNDEFINED),
        }
    }
    Ok(value)
}

fn count(value: &Value, fuel: &Fuel) -> Fallible<usize> {
    let number = value.number(fuel)?.trunc();
    if (1.0..=1e6).contains(&number) { Ok(number as usize) } else { Err("a count from 1 is needed".into()) }
}

pub fn batch(input: &SourceCursor<'_>) -> Fallible<Value> {
    let items = need(input)?;
    let width = count(&input.argument(0), input.fuel)?;
    let mut rows: Vec<Vec<Value>> = items.chunks(width).map(<[Value]>::to_vec).collect();
    let fill = input.argument(1);
    if let Some(last) = rows.last_mut().filter(|_| fill.is_truthy()) {
        input.fuel.spend(width as u64)?;
        last.resize(width, fill);
    }
    Ok(Value::list(rows.into_iter().map(Value::list).collect()))
}

pub fn slice(input: &SourceCursor<'_>) -> Fallible<Value> {
    let Some(items) = items(input.value) else {
        return Err(format!("a list or text is needed, not {}", input.value.kind()));
    };
    let count = count(&input.argument(0), input.fuel)?;
    input.fuel.spend(count as u64)?;
    let (base, extra) = (items.len() / count, items.len() % count);
    let fill = input.argument(1);
    let mut rest = items.as_slice();
    let mut parts = Vec::new();
    for index in 0..count {
        let (part, after) = rest.split_at(base + usize::from(index < extra));
        rest = after;
        let mut part = part.to_vec();
        let short = fill.is_truthy() && index >= extra;
        if input.value.as_text().is_some() {
            if short {
                return Err("a text cannot be filled up".into());
            }
            parts.push(Value::text(
                part.iter().filter_map(|c| c.as_text().map(ToString::to_string)).collect::<String>(),
            ));
            continue;
        }
        if short {
            part.push(fill.clone());
        }
        parts.push(Value::list(part));
    }
    Ok(Value::list(parts))
}

pub fn edge(input: &SourceCursor<'_>, last: bool) -> Fallible<Value> {
    let items = need(input)?;
    let item = if last { items.last() } else { items.first() };
    Ok(item.cloned().unwrap_or(Value::UNDEFINED))
}

pub fn dictsort(input: &SourceCursor<'_>) -> Fallible<Value> {
    let Value::Record(record) = input.value else {
        return Err(format!("an object is needed, not {}", input.value.kind()));
    };
    let by_value = match input.argument(1) {
        Value::Undefined(_) => false,
        Value::Text(by) if matches!(&*by, "key" | "value") => &*by == "value",
        _ => return Err("it sorts by \"key\" or \"value\"".into()),
    };
    let folded = |value: Value| fold(value, input.argument(0).is_truthy(), str::to_uppercase);
    let mut keyed: Vec<(Value, Value)> = Vec::new();
    for (key, value) in record.iter() {
        let key = Value::Text(Rc::clone(key));
        let by = folded(if by_value { value.clone() } else { key.clone() });
        keyed.push((by, Value::list(vec![key, value.clone()])));
    }
    sort_by(keyed, input.fuel, |left, right, order| match order {
        Some(Ordering::Greater) => Ordering::Greater,
        _ if same(left, right) => Ordering::Equal,
        _ => Ordering::Less,
    })
}

fn fold(value: Value, keep: bool, folded: fn(&str) -> String) -> Value {
    match &value {
        Value::Text(text) | Value::Safe(text) if !keep => Value::text(folded(text)),
        _ => value,
    }
}

/// Sorts items by their keys, stably; merge sort by hand, since a comparison can fail and need not be a total order.
fn sort_by(
    keyed: Vec<(Value, Value)>,
    fuel: &Fuel,
    decide: impl Fn(&Value, &Value, Option<Ordering>) -> Ordering,
) -> Fallible<Value> {
    let mut runs: Vec<Vec<(Value, Value)>> = keyed.into_iter().map(|pair| vec![pair]).collect();
    while runs.len() > 1 {
        let mut merged = Vec::new();
        let mut pairs = runs.into_iter();
        while let Some(left) = pairs.next() {
            let Some(right) = pairs.next() else {
                merged.push(left);
                break;
            };
            let (mut left, mut right) = (left.into_iter().peekable(), right.into_iter().peekable());
            let mut run = Vec::new();
            while let (Some(a), Some(b)) = (left.peek(), right.peek()) {
                fuel.spend(1)?;
                let later = decide(&a.0, &b.0, order(&a.0, &b.0, fuel)?) == Ordering::Greater;
                run.extend(if later { right.next() } else { left.next() });
            }
            run.extend(left);
            run.extend(right);
            merged.push(run);
        }
        runs = merged;
    }
    Ok(Value::list(runs.into_iter().flatten().map(|(_, item)| item).collect()))
}

pub fn sort(input: &SourceCursor<'_>) -> Fallible<Value> {
    let Some(items) = items(input.value) else { return Ok(Value::list(Vec::new())) };
    let (reverse, case_sensitive) = (input.argument(0).is_truthy(), input.argument(1).is_truthy());
    let mut keyed = Vec::new();
    for item in items {
        let key = attribute_path(&item, &input.argument(2), input.fuel)?;
        keyed.push((fold(key, case_sensitive, str::to_lowercase), item));
    }
    sort_by(keyed, input.fuel, |_, _, order| {
        let order = order.unwrap_or(Ordering::Equal);
        if reverse { order.reverse() } else { order }
    })
}

pub fn group_by(input: &SourceCursor<'_>) -> Fallible<Value> {
    let mut groups: Vec<(Rc<str>, Vec<Value>)> = Vec::new();
    for item in need(input)? {
        let key = attribute_path(&item, &input.argument(0), input.fuel)?.string(input.fuel)?;
        match groups.iter_mut().find(|(known, _)| *known == key) {
            Some((_, group)) => group.push(item),
            None => groups.push((key, vec![item])),
        }
        input.fuel.spend(groups.len() as u64 / 8)?;
    }
    Ok(Value::Record(Rc::new(Record::new(groups.into_iter().map(|(key, group)| (key, Value::list(group)))))))
}

/// Items, or the attribute of each where one is named.
fn projected(input: &SourceCursor<'_>, key: &Value) -> Fallible<Vec<Value>> {
    if !key.is_truthy() && !matches!(input.value, Value::List(_)) {
        return Err(format!("a list is needed, not {}", input.value.kind()));
    }
    let items = items(input.value).unwrap_or_default();
    if !key.is_truthy() {
        return Ok(items);
    }
    let key = key.string(input.fuel)?;
    items.iter().map(|item| attribute(item, &key)).collect()
}

pub fn join(input: &SourceCursor<'_>) -> Fallible<Value> {
    let separator =
        if input.argument(0).is_truthy() { input.argument(0).string(input.fuel)? } else { Rc::from("") };
    let mut joined = String::new();
    for (index, item) in projected(input, &input.argument(1))?.iter().enumerate() {
        if index > 0 {
            joined.push_str(&separator);
        }
        joined.push_str(&item.printed(input.fuel)?);
        input.fuel.text(separator.len())?;
    }
    input.fuel.text(joined.len())?;
    Ok(Value::text(joined))
}

pub fn sum(input: &SourceCursor<'_>) -> Fallible<Value> {
    let mut sum = Value::Number(0.0);
    for item in projected(input, &input.argument(0))? {
        sum = add(&sum, &item, input.fuel)?;
    }
    let start = if input.argument(1).is_undefined() { Value::Number(0.0) } else { input.argument(1) };
    add(&start, &sum, input.fuel)
}

pub fn length(input: &SourceCursor<'_>) -> Fallible<Value> {
    let length = match input.value {
        Value::List(items) => items.borrow().len(),
        Value::Record(record) => record.len(),
        Value::Text(text) | Value::Safe(text) => length_of(text),
        Value::Undefined(_) | Value::Null | Value::Bool(false) => 0,
        _ => return Ok(Value::UNDEFINED),
    };
    Ok(Value::Number(length as f64))
}

pub fn list(input: &SourceCursor<'_>) -> Fallible<Value> {
    match input.value {
        Value::List(_) => Ok(input.value.clone()),
        Value::Text(text) | Value::Safe(text) => {
            input.fuel.text(text.len() * 16)?;
            Ok(Value::list(characters(text)))
        }
        Value::Record(record) => {
            let pair = |(key, value): (&Rc<str>, &Value)| {
                Value::record([("key", Value::Text(Rc::clone(key))), ("value", value.clone())])
            };
            input.fuel.spend(record.len() as u64)?;
            Ok(Value::list(record.iter().map(pair).collect()))
        }
        other => Err(format!("a list, text or object is needed, not {}", other.kind())),
    }
}

pub fn reverse(input: &SourceCursor<'_>) -> Fallible<Value> {
    let Some(items) = items(input.value) else { return Ok(Value::list(Vec::new())) };
    input.fuel.spend(items.len() as u64)?;
    let reversed: Vec<Value> = items.into_iter().rev().collect();
    match input.value {
        Value::List(_) => Ok(Value::list(reversed)),
        safe => {
            let text: String =
                reversed.iter().filter_map(|c| c.as_text().map(|text| text.to_string())).collect();
            Ok(if matches!(safe, Value::Safe(_)) { Value::Safe(Rc::from(text)) } else { Value::text(text) })
        }
    }
}

pub fn select(input: &SourceCursor<'_>, wanted: bool) -> Fallible<Value> {
    let name = match input.argument(0) {
        Value::Undefined(_) => Rc::from("truthy"),
        given => given.string(input.fuel)?,
    };
    let arguments = input.arguments.get(1..).unwrap_or_default();
    match TESTS.iter().find(|(known, _)| *known == &*name) {
        None => return Err(format!("there is no test '{name}'")),
        Some((_, count)) if *count != arguments.len() => {
            return Err(format!("the test '{name}' takes {count} arguments"));
        }
        Some(_) => {}
    }
    let mut kept = Vec::new();
    for item in need(input)? {
        if passes(&name, &item, arguments, input.fuel)? == wanted {
            kept.push(item);
        }
    }
    Ok(Value::list(kept))
}

pub fn select_attribute(input: &SourceCursor<'_>, wanted: bool) -> Fallible<Value> {
    let Value::List(items) = input.value else {
        return Err(format!("a list is needed, not {}", input.value.kind()));
    };
    let key = input.argument(0).string(input.fuel)?;
    let mut kept = Vec::new();
    for item in items.borrow().iter() {
        input.fuel.spend(1)?;
        if attribute(item, &key)?.is_truthy() == wanted {
            kept.push(item.clone());
        }
    }
    Ok(Value::list(kept))
}
