//! The functions that every template has.

use crate::expression::value::{Fallible, Fuel, Value, add, order};

/// `range(stop)`, `range(start, stop)`, `range(start, stop, step)`.
pub fn range(arguments: &[Value], fuel: &Fuel) -> Fallible<Value> {
    let argument = |index: usize| arguments.get(index).cloned().unwrap_or(Value::UNDEFINED);
    let (mut value, stop, step) = match argument(1) {
        Value::Undefined(_) => (Value::Number(0.0), argument(0), Value::Number(1.0)),
        stop => (argument(0), stop, if argument(2).is_truthy() { argument(2) } else { Value::Number(1.0) }),
    };
    let upwards = order(&step, &Value::Number(0.0), fuel)? == Some(std::cmp::Ordering::Greater);
    let wanted = if upwards { std::cmp::Ordering::Less } else { std::cmp::Ordering::Greater };
    let mut items = Vec::new();
    while order(&value, &stop, fuel)? == Some(wanted) {
        fuel.spend(1)?;
        items.push(value.clone());
        value = add(&value, &step, fuel)?;
    }
    Ok(Value::list(items))
}
