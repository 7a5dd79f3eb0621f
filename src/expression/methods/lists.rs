//! The methods of lists.

use std::cell::RefCell;
use std::rc::Rc;

use crate::expression::methods::arguments::MethodArguments;
use crate::expression::value::{Fallible, Fuel, Value, same};

pub fn on_list(
    receiver: &Value,
    cell: &RefCell<Vec<Value>>,
    name: &str,
    given: &MethodArguments<'_>,
) -> Fallible<Value> {
    let items = cell.borrow().clone();
    given.fuel.spend(1 + items.len() as u64)?;
    let length = items.len();
    let found = |at: Option<usize>| Value::Number(at.map_or(-1.0, |at| at as f64));
    let wanted = given.value(0);
    Ok(match name {
        "at" => {
            let at = given.whole(0)?.unwrap_or(0);
            let at = if at < 0 { at + length as i64 } else { at };
            usize::try_from(at).ok().and_then(|at| items.get(at).cloned()).unwrap_or(Value::UNDEFINED)
        }
        "includes" => {
            let from = given.position(1, length, 0, true)?;
            let nan = |value: &Value| matches!(value, Value::Number(number) if number.is_nan());
            Value::Bool(items[from..].iter().any(|item| same(item, &wanted) || nan(item) && nan(&wanted)))
        }
        "indexOf" | "index" | "find" => {
            let from = given.position(1, length, 0, true)?;
            found(items[from..].iter().position(|item| same(item, &wanted)).map(|at| at + from))
        }
        "lastIndexOf" => {
            let to = given.position(1, length, length, true)?.saturating_add(1).min(length);
            found(items[..to].iter().rposition(|item| same(item, &wanted)))
        }
        "count" => Value::Number(items.iter().filter(|item| same(item, &wanted)).count() as f64),
        "join" => {
            let separator = if wanted.is_undefined() { Rc::from(",") } else { wanted.string(given.fuel)? };
            let mut joined = String::new();
            for (index, item) in items.iter().enumerate() {
                joined.push_str(if index > 0 { &separator } else { "" });
                joined.push_str(&item.printed(given.fuel)?);
            }
            given.fuel.text(joined.len())?;
            Value::text(joined)
        }
        "slice" => {
            let (start, end) =
                (given.position(0, length, 0, true)?, given.position(1, length, length, true)?);
            Value::list(items[start..end.max(start)].to_vec())
        }
        "concat" => {
            let mut all = items;
            for argument in given.arguments {
                match argument {
                    Value::List(more) => all.extend(more.borrow().iter().cloned()),
                    other => all.push(other.clone()),
                }
                given.fuel.spend(all.len() as u64)?;
            }
            Value::list(all)
        }
        "flat" => {
            let depth = given.whole(0)?.unwrap_or(1).clamp(0, 64);
            let mut output = Vec::new();
            flatten(&items, depth, &mut output, given.fuel)?;
            Value::list(output)
        }
        _ => return change(receiver, cell, items, name, given),
    })
}

fn flatten(items: &[Value], depth: i64, output: &mut Vec<Value>, fuel: &Fuel) -> Fallible<()> {
    for item in items {
        fuel.spend(1)?;
        match item {
            Value::List(inner) if depth > 0 => flatten(&inner.borrow().clone(), depth - 1, output, fuel)?,
            other => output.push(other.clone()),
        }
    }
    Ok(())
}

/// The methods that change the list itself.
fn change(
    receiver: &Value,
    cell: &RefCell<Vec<Value>>,
    mut items: Vec<Value>,
    name: &str,
    given: &MethodArguments<'_>,
) -> Fallible<Value> {
    let length = items.len();
    given.fuel.spend(given.arguments.len() as u64)?;
    let result = match name {
        "push" | "append" => {
            items.extend(given.arguments.iter().cloned());
            Value::Number(items.len() as f64)
        }
        "unshift" => {
            items.splice(0..0, given.arguments.iter().cloned());
            Value::Number(items.len() as f64)
        }
        "pop" => match given.whole(0)? {
            None => items.pop().unwrap_or(Value::UNDEFINED),
            Some(at) => {
                let at = if at < 0 { at + length as i64 } else { at };
                match usize::try_from(at) {
                    Ok(at) if at < length => items.remove(at),
                    _ => Value::UNDEFINED,
                }
            }
        },
        "shift" if items.is_empty() => Value::UNDEFINED,
        "shift" => items.remove(0),
        "reverse" => {
            items.reverse();
            receiver.clone()
        }
        "sort" => {
            let mut keyed = Vec::new();
            for item in items {
                given.fuel.spend(16)?;
                keyed.push((item.string(given.fuel)?.encode_utf16().collect::<Vec<u16>>(), item));
            }
            keyed.sort_by(|left, right| left.0.cmp(&right.0));
            items = keyed.into_iter().map(|(_, item)| item).collect();
            receiver.clone()
        }
        "fill" => {
            let (start, end) =
                (given.position(1, length, 0, true)?, given.position(2, length, length, true)?);
            items[start..end.max(start)].fill(given.value(0));
            receiver.clone()
        }
        "insert" => {
            let at = given.position(0, length, 0, true)?;
            items.insert(at, given.value(1));
            Value::list(Vec::new())
        }
        "remove" => {
            let at = items.iter().position(|item| same(item, &given.value(0)));
            Value::list(at.map(|at| items.remove(at)).into_iter().collect())
        }
        _ => {
            let start = given.position(0, length, 0, true)?;
            let most = length - start;
            let taken = if given.arguments.is_empty() { 0 } else { given.position(1, most, most, false)? };
            let added: Vec<Value> = given.arguments.iter().skip(2).cloned().collect();
            Value::list(items.splice(start..start + taken, added).collect())
        }
    };
    *cell.borrow_mut() = items;
    Ok(result)
}
