//! What operators make of two values, as JavaScript has it.

use std::cmp::Ordering;

use crate::expression::syntax::ExpressionOperator;
use crate::expression::value::{Fallible, Fuel, Value, add, alike, join, order, same};

pub fn binary(operator: ExpressionOperator, left: &Value, right: &Value, fuel: &Fuel) -> Fallible<Value> {
    match operator {
        ExpressionOperator::Add => return add(left, right, fuel),
        ExpressionOperator::Join => return join(left, right, fuel),
        _ => {}
    }
    let (left, right) = (left.number(fuel)?, right.number(fuel)?);
    Ok(Value::Number(match operator {
        ExpressionOperator::Subtract => left - right,
        ExpressionOperator::Multiply => left * right,
        ExpressionOperator::Divide => left / right,
        ExpressionOperator::Remainder => left % right,
        // JavaScript, unlike C, has no number here.
        _ if right.is_nan() || left.abs() == 1.0 && right.is_infinite() => f64::NAN,
        _ => left.powf(right),
    }))
}

pub fn compare(operator: ExpressionOperator, left: &Value, right: &Value, fuel: &Fuel) -> Fallible<bool> {
    let order = || order(left, right, fuel);
    Ok(match operator {
        ExpressionOperator::Same => same(left, right),
        ExpressionOperator::NotSame => !same(left, right),
        ExpressionOperator::Alike => alike(left, right, fuel)?,
        ExpressionOperator::Unlike => !alike(left, right, fuel)?,
        ExpressionOperator::Less => order()? == Some(Ordering::Less),
        ExpressionOperator::LessOrSame => matches!(order()?, Some(Ordering::Less | Ordering::Equal)),
        ExpressionOperator::Greater => order()? == Some(Ordering::Greater),
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
