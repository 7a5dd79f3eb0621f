//! The tests of `is`: `x is defined`, `n is divisibleby(3)`.

use std::cmp::Ordering;

use crate::expression::value::{Fallible, Fuel, Value, order, same};

/// Name and number of arguments of every test.
pub const TESTS: &[(&str, usize)] = &[
    ("callable", 0),
    ("defined", 0),
    ("divisibleby", 1),
    ("eq", 1),
    ("equalto", 1),
    ("escaped", 0),
    ("even", 0),
    ("falsy", 0),
    ("ge", 1),
    ("greaterthan", 1),
    ("gt", 1),
    ("iterable", 0),
    ("le", 1),
    ("lessthan", 1),
    ("lower", 0),
    ("lt", 1),
    ("mapping", 0),
    ("ne", 1),
    ("null", 0),
    ("number", 0),
    ("odd", 0),
    ("sameas", 1),
    ("string", 0),
    ("truthy", 0),
    ("undefined", 0),
    ("upper", 0),
];

/// Tests that ask about being there, for which an undefined name is an answer and no mistake.
pub fn asks_presence(name: &str) -> bool {
    matches!(name, "defined" | "undefined" | "truthy" | "falsy" | "null" | "eq" | "equalto" | "ne" | "sameas")
}

/// Whether a value passes a test that `TESTS` lists, with as many arguments as it takes.
pub fn passes(name: &str, value: &Value, arguments: &[Value], fuel: &Fuel) -> Fallible<bool> {
    let argument = arguments.first().cloned().unwrap_or(Value::UNDEFINED);
    let ordered = |wanted: &[Ordering]| -> Fallible<bool> {
        Ok(order(value, &argument, fuel)?.is_some_and(|found| wanted.contains(&found)))
    };
    Ok(match name {
        "callable" => matches!(value, Value::Callable(_)),
        "defined" => !value.is_undefined(),
        "undefined" => value.is_undefined(),
        "divisibleby" => value.number(fuel)? % argument.number(fuel)? == 0.0,
        "eq" | "equalto" | "sameas" => same(value, &argument),
        "ne" => !same(value, &argument),
        "escaped" => matches!(value, Value::Safe(_)),
        "even" => value.number(fuel)? % 2.0 == 0.0,
        "odd" => value.number(fuel)? % 2.0 == 1.0,
        "truthy" => value.is_truthy(),
        "falsy" => !value.is_truthy(),
        "gt" | "greaterthan" => ordered(&[Ordering::Greater])?,
        "ge" => ordered(&[Ordering::Greater, Ordering::Equal])?,
        "lt" | "lessthan" => ordered(&[Ordering::Less])?,
        "le" => ordered(&[Ordering::Less, Ordering::Equal])?,
        "iterable" if value.is_nullish() => return Err("'iterable' needs a value".into()),
        "iterable" => matches!(value, Value::Text(_) | Value::Safe(_) | Value::List(_)),
        "mapping" => matches!(value, Value::Record(_) | Value::Safe(_) | Value::Pattern(_)),
        "null" => matches!(value, Value::Null),
        "number" => matches!(value, Value::Number(_)),
        "string" => matches!(value, Value::Text(_)),
        "lower" | "upper" => match value {
            Value::Text(text) if name == "lower" => *text.to_lowercase() == **text,
            Value::Text(text) => *text.to_uppercase() == **text,
            Value::Safe(_) => false,
            _ => return Err(format!("'{name}' needs a text, not {}", value.kind())),
        },
        _ => return Err(format!("there is no test '{name}'")),
    })
}
