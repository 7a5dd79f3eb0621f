//! What operators make of two values, as JavaScript has it.

use std::cmp::Ordering;

use crate::scaffold::expression::syntax::Operator;
use crate::scaffold::expression::value::{Fallible, Fuel, Value, add, alike, join, order, same};

pub fn binary(operator: Operator, left: &Value, right: &Value, fuel: &Fuel) -> Fallible<Value> {
    match operator {
        Operator::Add => return add(left, right, fuel),
        Operator::Join => return join(left, right, fuel),
        _ => {}
    }
    let (left, right) = (left.number(fuel)?, right.number(fuel)?);
    Ok(Value::Number(match operator {
        Operator::Subtract => left - right,
        Operator::Multiply => left * right,
        Operator::Divide => left / right,
        Operator::Remainder => left % right,
        // JavaScript, unlike C, has no number here.
        _ if right.is_nan() || left.abs() == 1.0 && right.is_infinite() => f64::NAN,
        _ => left.powf(right),
    }))
}

pub fn compare(operator: Operator, left: &Value, right: &Value, fuel: &Fuel) -> Fallible<bool> {
    let order = || order(left, right, fuel);
    Ok(match operator {
        Operator::Same => same(left, right),
        Operator::NotSame => !same(left, right),
        Operator::Alike => alike(left, right, fuel)?,
        Operator::Unlike => !alike(left, right, fuel)?,
        Operator::Less => order()? == Some(Ordering::Less),
        Operator::LessOrSame => matches!(order()?, Some(Ordering::Less | Ordering::Equal)),
        Operator::Greater => order()? == Some(Ordering::Greater),
        _ => matches!(order()?, Some(Ordering::Greater | Ordering::Equal)),
    })
}

pub fn contains(container: &Value, needle: &Value, fuel: &Fuel) -> Fallible<bool> {
    Ok(match container {
        Value::Text(text) => text.contains(&*needle.string(fuel)?),
        Value::List(items) => items.borrow().iter().any(|item| same(item, needle)),
        Value::Record(record) => record.get(&needle.string(fuel)?).is_some(),
        other => {
            return Err(format!("'in' looks into a list, object or text, not into {}", other.kind()));
        }
    })
}
