//! What operators of JSONata do to values, and what `*` and `**` find in them.

use std::cmp::Ordering;
use std::rc::Rc;

use crate::expression::Fuel;
use crate::scaffold::jsonata::numbers;
use crate::scaffold::jsonata::syntax::JsonataOperator;
use crate::scaffold::jsonata::value::{JsonataList, JsonataResult, JsonataValue};

/// As much as one range may hold.
const LONGEST_RANGE: f64 = 100_000.0;

pub fn applied(
    operator: JsonataOperator,
    left: JsonataValue,
    right: JsonataValue,
    fuel: &Fuel,
) -> JsonataResult {
    Ok(match operator {
        JsonataOperator::Add
        | JsonataOperator::Subtract
        | JsonataOperator::Multiply
        | JsonataOperator::Divide
        | JsonataOperator::Remainder => calculated(operator, &left, &right)?,
        JsonataOperator::Join => {
            let mut text = numbers::string(&left, fuel)?;
            text.push_str(&numbers::string(&right, fuel)?);
            fuel.text(text.len())?;
            JsonataValue::text(text)
        }
        JsonataOperator::Equal | JsonataOperator::Unequal if left.is_undefined() || right.is_undefined() => {
            JsonataValue::Bool(false)
        }
        JsonataOperator::Equal => JsonataValue::Bool(left.equals(&right)),
        JsonataOperator::Unequal => JsonataValue::Bool(!left.equals(&right)),
        JsonataOperator::Less
        | JsonataOperator::LessOrEqual
        | JsonataOperator::Greater
        | JsonataOperator::GreaterOrEqual => compared(operator, &left, &right)?,
        JsonataOperator::And | JsonataOperator::Or => JsonataValue::Bool(right.is_truthy()),
        JsonataOperator::Else | JsonataOperator::Otherwise => right,
        JsonataOperator::In if left.is_undefined() => JsonataValue::Bool(false),
        JsonataOperator::In => {
            // Lists and objects are in nothing: they are compared by identity.
            let scalar = !matches!(left, JsonataValue::List(_) | JsonataValue::Record(_));
            JsonataValue::Bool(scalar && right.items().iter().any(|item| left.equals(item)))
        }
        JsonataOperator::Range => range(&left, &right, fuel)?,
        JsonataOperator::Apply => return Err("~> needs a function".into()),
    })
}

fn calculated(operator: JsonataOperator, left: &JsonataValue, right: &JsonataValue) -> JsonataResult {
    let number = |value: &JsonataValue| match value {
        JsonataValue::Undefined => Ok(None),
        JsonataValue::Number(number) => Ok(Some(*number)),
        other => Err(format!("{} is no number to calculate with", other.type_name())),
    };
    let (Some(left), Some(right)) = (number(left)?, number(right)?) else {
        return Ok(JsonataValue::Undefined);
    };
    let result = match operator {
        JsonataOperator::Add => left + right,
        JsonataOperator::Subtract => left - right,
        JsonataOperator::Multiply => left * right,
        JsonataOperator::Divide => left / right,
        _ => left % right,
    };
    match result.is_finite() {
        true => Ok(JsonataValue::Number(result)),
        false => Err("the result is no number".into()),
    }
}

fn compared(operator: JsonataOperator, left: &JsonataValue, right: &JsonataValue) -> JsonataResult {
    let comparable = |value: &JsonataValue| {
        matches!(value, JsonataValue::Undefined | JsonataValue::Number(_) | JsonataValue::Text(_))
    };
    if !comparable(left) || !comparable(right) {
        return Err("only numbers and texts have an order".into());
    }
    let order = match (left, right) {
        (JsonataValue::Undefined, _) | (_, JsonataValue::Undefined) => return Ok(JsonataValue::Undefined),
        (left, right) => ordered(left, right)?,
    };
    Ok(JsonataValue::Bool(match operator {
        JsonataOperator::Less => order == Ordering::Less,
        JsonataOperator::LessOrEqual => order != Ordering::Greater,
        JsonataOperator::Greater => order == Ordering::Greater,
        _ => order != Ordering::Less,
    }))
}

fn ordered(left: &JsonataValue, right: &JsonataValue) -> JsonataResult<Ordering> {
    match (left, right) {
        (JsonataValue::Number(left), JsonataValue::Number(right)) => {
            Ok(left.partial_cmp(right).unwrap_or(Ordering::Equal))
        }
        // JavaScript compares by units of UTF-16.
        (JsonataValue::Text(left), JsonataValue::Text(right)) => {
            Ok(left.encode_utf16().cmp(right.encode_utf16()))
        }
        (left, right) => Err(format!("{} and {} have no order", left.type_name(), right.type_name())),
    }
}

fn range(left: &JsonataValue, right: &JsonataValue, fuel: &Fuel) -> JsonataResult {
    let whole = |value: &JsonataValue| match value {
        JsonataValue::Undefined => Ok(None),
        JsonataValue::Number(number) if number.fract() == 0.0 => Ok(Some(*number)),
        _ => Err("a range has whole numbers as its ends".to_string()),
    };
    let (Some(first), Some(last)) = (whole(left)?, whole(right)?) else { return Ok(JsonataValue::Undefined) };
    if first > last {
        return Ok(JsonataValue::Undefined);
    }
    if last - first >= LONGEST_RANGE {
        return Err("the range is too long".into());
    }
    let count = (last - first) as u64 + 1;
    fuel.spend(count)?;
    Ok(JsonataList::found((0..count).map(|step| JsonataValue::Number(first + step as f64)).collect()))
}

/// All values of an object, lists taken apart.
pub fn wildcard(input: &JsonataValue, fuel: &Fuel) -> JsonataResult {
    let input = match input {
        JsonataValue::List(list) if list.outer => list.items.first().unwrap_or(&JsonataValue::Undefined),
        other => other,
    };
    let mut found = Vec::new();
    match input {
        JsonataValue::Record(entries) => {
            for (_, value) in entries.iter() {
                flattened(value, &mut found, fuel)?;
            }
        }
        JsonataValue::List(list) => {
            for value in &list.items {
                flattened(value, &mut found, fuel)?;
            }
        }
        _ => {}
    }
    Ok(JsonataList::found(found))
}

fn flattened(value: &JsonataValue, found: &mut Vec<JsonataValue>, fuel: &Fuel) -> JsonataResult<()> {
    fuel.spend(1)?;
    match value {
        JsonataValue::List(list) => list.items.iter().try_for_each(|item| flattened(item, found, fuel)),
        other => {
            found.push(other.clone());
            Ok(())
        }
    }
}

/// The value itself and all that lies in it, but for the lists.
pub fn descendants(input: &JsonataValue, fuel: &Fuel) -> JsonataResult {
    let mut found = Vec::new();
    gather(input, &mut found, fuel)?;
    Ok(JsonataList::found(found))
}

fn gather(value: &JsonataValue, found: &mut Vec<JsonataValue>, fuel: &Fuel) -> JsonataResult<()> {
    fuel.spend(1)?;
    match value {
        JsonataValue::Undefined => Ok(()),
        JsonataValue::List(list) => list.items.iter().try_for_each(|item| gather(item, found, fuel)),
        other => {
            found.push(other.clone());
            match other {
                JsonataValue::Record(entries) => {
                    entries.iter().try_for_each(|(_, value)| gather(value, found, fuel))
                }
                _ => Ok(()),
            }
        }
    }
}

/// Things with the values of the terms of an order, for each term whether it is descending; equal ones stay as they stand, and what has
/// no value comes last.
pub fn sorted_by_keys(
    keyed: Vec<(Vec<JsonataValue>, JsonataValue)>,
    descending: &[bool],
) -> JsonataResult<Vec<(Vec<JsonataValue>, JsonataValue)>> {
    merge_sorted(keyed, &|(left, _), (right, _)| {
        for ((left, right), descending) in left.iter().zip(right).zip(descending) {
            let order = match (left, right) {
                (JsonataValue::Undefined, JsonataValue::Undefined) => continue,
                (JsonataValue::Undefined, _) => return Ok(true),
                (_, JsonataValue::Undefined) => return Ok(false),
                (left, right) => ordered(left, right)?,
            };
            if order != Ordering::Equal {
                return Ok((order == Ordering::Greater) != *descending);
            }
        }
        Ok(false)
    })
}

/// Sorts by what is said of two things: whether the first comes after the second. What is said may fail, or be no order at all, which
/// the sort of the standard library does not take.
pub fn merge_sorted<T>(
    items: Vec<T>,
    after: &dyn Fn(&T, &T) -> JsonataResult<bool>,
) -> JsonataResult<Vec<T>> {
    if items.len() < 2 {
        return Ok(items);
    }
    let mut left = items;
    let right = left.split_off(left.len() / 2);
    let (left, right) = (merge_sorted(left, after)?, merge_sorted(right, after)?);
    let mut merged = Vec::with_capacity(left.len() + right.len());
    let (mut left, mut right) = (left.into_iter().peekable(), right.into_iter().peekable());
    while let (Some(first), Some(second)) = (left.peek(), right.peek()) {
        let next = if after(first, second)? { right.next() } else { left.next() };
        merged.extend(next);
    }
    merged.extend(left);
    merged.extend(right);
    Ok(merged)
}

/// Whether the first of two numbers or texts comes after the second.
pub fn comes_after(left: &JsonataValue, right: &JsonataValue) -> JsonataResult<bool> {
    Ok(ordered(left, right)? == Ordering::Greater)
}

/// A list of each thing once, in the order of their first places.
pub fn distinct(items: &[JsonataValue], fuel: &Fuel) -> JsonataResult<Vec<JsonataValue>> {
    let mut once: Vec<JsonataValue> = Vec::new();
    for item in items {
        fuel.spend(1 + once.len() as u64 / 4)?;
        if !once.iter().any(|known| known.equals(item)) {
            once.push(item.clone());
        }
    }
    Ok(once)
}

/// Whether both are the very same list or object.
pub fn is_same(left: &JsonataValue, right: &JsonataValue) -> bool {
    match (left, right) {
        (JsonataValue::Record(left), JsonataValue::Record(right)) => Rc::ptr_eq(left, right),
        (JsonataValue::List(left), JsonataValue::List(right)) => Rc::ptr_eq(left, right),
        _ => false,
    }
}
