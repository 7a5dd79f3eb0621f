//! What the steps of a JSONPath lead to in an object.

use serde_json::Value;

use crate::commands::get::path_step::{Operand, TemplateStep};

/// The values that steps lead to, in their order.
pub fn follow<'a>(steps: &'a [TemplateStep], root: &'a Value, current: &'a Value) -> Vec<&'a Value> {
    let mut found = vec![current];
    let mut is_recursive = false;
    for step in steps {
        if *step == TemplateStep::Recursive {
            is_recursive = true;
            continue;
        }
        if std::mem::take(&mut is_recursive) {
            found = found.into_iter().flat_map(all_within).collect();
        }
        found = found.into_iter().flat_map(|value| one(step, root, value)).collect();
    }
    if is_recursive {
        found = found.into_iter().flat_map(all_within).collect();
    }
    found
}

/// A value and all that is in it, without recursion: an answer may be deep.
fn all_within(value: &Value) -> Vec<&Value> {
    let (mut found, mut open) = (Vec::new(), vec![value]);
    while let Some(value) = open.pop() {
        found.push(value);
        let mut inside: Vec<&Value> = match value {
            Value::Array(items) => items.iter().collect(),
            Value::Object(map) => map.values().collect(),
            _ => Vec::new(),
        };
        inside.reverse();
        open.extend(inside);
    }
    found
}

fn one<'a>(step: &'a TemplateStep, root: &'a Value, value: &'a Value) -> Vec<&'a Value> {
    let items = value.as_array().map(Vec::as_slice).unwrap_or_default();
    match step {
        TemplateStep::Root => vec![root],
        TemplateStep::Field(name) => value.get(name).into_iter().collect(),
        TemplateStep::Union(steps) => steps.iter().flat_map(|step| one(step, root, value)).collect(),
        TemplateStep::Every => match value {
            Value::Object(map) => map.values().collect(),
            _ => items.iter().collect(),
        },
        TemplateStep::Recursive => Vec::new(),
        TemplateStep::Slice(from, to, step) => {
            let length = i64::try_from(items.len()).unwrap_or(i64::MAX);
            let place = |at: i64| if at < 0 { at.saturating_add(length) } else { at }.clamp(0, length);
            let (from, to) = (place(from.unwrap_or(0)), place(to.unwrap_or(length)));
            let (from, to) = (usize::try_from(from).unwrap_or(0), usize::try_from(to).unwrap_or(0));
            let step = usize::try_from(*step).unwrap_or(1).max(1);
            items.get(from..to.max(from)).unwrap_or_default().iter().step_by(step).collect()
        }
        TemplateStep::Filter(left, right) => {
            items.iter().filter(|item| holds(left, right.as_ref(), root, item)).collect()
        }
    }
}

fn holds(left: &Operand, right: Option<&(String, Box<Operand>)>, root: &Value, item: &Value) -> bool {
    let value = |operand: &Operand| match operand {
        Operand::Literal(value) => Some(value.clone()),
        Operand::Path(steps) => follow(steps, root, item).first().map(|value| (*value).clone()),
    };
    let left = value(left);
    let Some((operator, right)) = right else { return left.is_some() };
    let (Some(left), Some(right)) = (left, value(right)) else { return false };
    let order = match (left.as_f64(), right.as_f64()) {
        (Some(left), Some(right)) => left.partial_cmp(&right),
        _ => match (&left, &right) {
            (Value::String(left), Value::String(right)) => Some(left.cmp(right)),
            (left, right) => (left == right).then_some(std::cmp::Ordering::Equal),
        },
    };
    match operator.as_str() {
        "==" => order.is_some_and(std::cmp::Ordering::is_eq),
        "!=" => !order.is_some_and(std::cmp::Ordering::is_eq),
        "<" => order.is_some_and(std::cmp::Ordering::is_lt),
        "<=" => order.is_some_and(std::cmp::Ordering::is_le),
        ">" => order.is_some_and(std::cmp::Ordering::is_gt),
        _ => order.is_some_and(std::cmp::Ordering::is_ge),
    }
}
