//! Numbers of JSONata, and everything as text.

use crate::expression::Fuel;
use crate::scaffold::jsonata::value::{JsonataCaller, JsonataList, JsonataResult, JsonataValue};

/// A number as JavaScript prints it.
fn printed(number: f64) -> String {
    if number == 0.0 {
        return "0".into();
    }
    if (1e-6..1e21).contains(&number.abs()) {
        return format!("{number}");
    }
    let text = format!("{number:e}");
    match text.split_once('e') {
        Some((digits, power)) if !power.starts_with('-') => format!("{digits}e+{power}"),
        _ => text,
    }
}

/// A number in a text: fifteen digits count.
fn rounded(number: f64) -> f64 {
    format!("{number:.14e}").parse().unwrap_or(number)
}

/// A value as text: texts as they are, nothing for nothing, and lists and objects as JSON.
pub fn string(value: &JsonataValue, fuel: &Fuel) -> JsonataResult<String> {
    let mut output = String::new();
    match value {
        JsonataValue::Undefined | JsonataValue::Function(_) => {}
        JsonataValue::Text(text) => output.push_str(text),
        other => write_json(other, None, 0, &mut output)?,
    }
    fuel.text(output.len())?;
    Ok(output)
}

/// `indent`: the blanks of a level, where lines are broken.
pub fn write_json(
    value: &JsonataValue,
    indent: Option<usize>,
    depth: usize,
    output: &mut String,
) -> JsonataResult<()> {
    // What a run may hold is bounded by its work; what one text may is bounded here.
    if output.len() > 16 << 20 {
        return Err("the text becomes too long".into());
    }
    let line = |depth: usize, output: &mut String| {
        if let Some(width) = indent {
            output.push('\n');
            output.extend(std::iter::repeat_n(' ', width * depth));
        }
    };
    match value {
        JsonataValue::Undefined | JsonataValue::Null => output.push_str("null"),
        JsonataValue::Bool(flag) => output.push_str(if *flag { "true" } else { "false" }),
        JsonataValue::Number(number) => output.push_str(&printed(rounded(*number))),
        JsonataValue::Text(text) => output.push_str(&serde_json::Value::from(&**text).to_string()),
        JsonataValue::Function(_) => output.push_str("\"\""),
        JsonataValue::List(list) if list.items.is_empty() => output.push_str("[]"),
        JsonataValue::List(list) => {
            output.push('[');
            for (index, item) in list.items.iter().enumerate() {
                if index > 0 {
                    output.push(',');
                }
                line(depth + 1, output);
                write_json(item, indent, depth + 1, output)?;
            }
            line(depth, output);
            output.push(']');
        }
        JsonataValue::Record(entries) if entries.is_empty() => output.push_str("{}"),
        JsonataValue::Record(entries) => {
            output.push('{');
            for (index, (key, value)) in entries.iter().enumerate() {
                if index > 0 {
                    output.push(',');
                }
                line(depth + 1, output);
                output.push_str(&serde_json::Value::from(&**key).to_string());
                output.push_str(if indent.is_some() { ": " } else { ":" });
                write_json(value, indent, depth + 1, output)?;
            }
            line(depth, output);
            output.push('}');
        }
    }
    Ok(())
}

pub fn to_string(caller: &dyn JsonataCaller, arguments: &[JsonataValue]) -> JsonataResult {
    let value = &arguments[0];
    if value.is_undefined() {
        return Ok(JsonataValue::Undefined);
    }
    let pretty = arguments.get(1).is_some_and(JsonataValue::is_truthy);
    let text = match value {
        JsonataValue::List(_) | JsonataValue::Record(_) if pretty => {
            let mut output = String::new();
            write_json(value, Some(2), 0, &mut output)?;
            output
        }
        other => string(other, caller.fuel())?,
    };
    Ok(JsonataValue::text(text))
}

/// The number that an argument is, or nothing where it is nothing.
pub fn number(value: Option<&JsonataValue>) -> JsonataResult<Option<f64>> {
    match value {
        None | Some(JsonataValue::Undefined) => Ok(None),
        Some(JsonataValue::Number(number)) => Ok(Some(*number)),
        Some(other) => Err(format!("a number was expected, not {}", other.type_name())),
    }
}

pub fn to_number(_: &dyn JsonataCaller, arguments: &[JsonataValue]) -> JsonataResult {
    Ok(JsonataValue::Number(match &arguments[0] {
        JsonataValue::Undefined => return Ok(JsonataValue::Undefined),
        JsonataValue::Number(number) => *number,
        JsonataValue::Bool(flag) => f64::from(u8::from(*flag)),
        JsonataValue::Text(text) => {
            let radix = |prefix: [&str; 2]| prefix.iter().find_map(|prefix| text.strip_prefix(prefix));
            let whole = [(["0x", "0X"], 16), (["0b", "0B"], 2), (["0o", "0O"], 8)]
                .into_iter()
                .find_map(|(prefix, base)| u32::from_str_radix(radix(prefix)?, base).ok());
            let unsigned = text.strip_prefix('-').unwrap_or(text);
            let decimal = unsigned.starts_with(|c: char| c.is_ascii_digit()) && !unsigned.ends_with('.');
            match whole.map(f64::from).or_else(|| text.parse().ok().filter(|_| decimal)) {
                Some(number) if number.is_finite() => number,
                _ => return Err(format!("'{text}' is no number")),
            }
        }
        other => return Err(format!("of {} no number is made", other.type_name())),
    }))
}

fn of_one(arguments: &[JsonataValue], calculate: fn(f64) -> f64) -> JsonataResult {
    Ok(match number(arguments.first())? {
        Some(number) => JsonataValue::Number(calculate(number)),
        None => JsonataValue::Undefined,
    })
}

pub fn abs(_: &dyn JsonataCaller, arguments: &[JsonataValue]) -> JsonataResult {
    of_one(arguments, f64::abs)
}

pub fn floor(_: &dyn JsonataCaller, arguments: &[JsonataValue]) -> JsonataResult {
    of_one(arguments, f64::floor)
}

pub fn ceil(_: &dyn JsonataCaller, arguments: &[JsonataValue]) -> JsonataResult {
    of_one(arguments, f64::ceil)
}

pub fn sqrt(_: &dyn JsonataCaller, arguments: &[JsonataValue]) -> JsonataResult {
    match number(arguments.first())? {
        Some(negative) if negative < 0.0 => Err("a negative number has no root".into()),
        _ => of_one(arguments, f64::sqrt),
    }
}

pub fn power(_: &dyn JsonataCaller, arguments: &[JsonataValue]) -> JsonataResult {
    let (Some(base), Some(exponent)) = (number(arguments.first())?, number(arguments.get(1))?) else {
        return Ok(JsonataValue::Undefined);
    };
    match base.powf(exponent) {
        power if power.is_finite() => Ok(JsonataValue::Number(power)),
        _ => Err("the result is no number".into()),
    }
}

/// Halves go to the even number.
pub fn round(_: &dyn JsonataCaller, arguments: &[JsonataValue]) -> JsonataResult {
    let Some(value) = number(arguments.first())? else { return Ok(JsonataValue::Undefined) };
    let places = number(arguments.get(1))?.unwrap_or_default().clamp(-300.0, 300.0) as i32;
    // By the decimal digits, as 1.005 times 100 is not 100.5.
    let shifted: f64 = format!("{value}e{places}").parse().unwrap_or(value);
    let back = format!("{}e{}", shifted.round_ties_even(), -places).parse().unwrap_or(value);
    Ok(JsonataValue::Number(if back == 0.0 { 0.0 } else { back }))
}

fn all(arguments: &[JsonataValue]) -> JsonataResult<Option<Vec<f64>>> {
    if arguments[0].is_undefined() {
        return Ok(None);
    }
    let numbers = arguments[0].items().into_iter().map(|item| match item {
        JsonataValue::Number(number) => Ok(number),
        other => Err(format!("a number was expected, not {}", other.type_name())),
    });
    numbers.collect::<JsonataResult<_>>().map(Some)
}

pub fn sum(_: &dyn JsonataCaller, arguments: &[JsonataValue]) -> JsonataResult {
    Ok(all(arguments)?.map_or(JsonataValue::Undefined, |numbers| JsonataValue::Number(numbers.iter().sum())))
}

fn of_some(arguments: &[JsonataValue], calculate: fn(&[f64]) -> f64) -> JsonataResult {
    let numbers = all(arguments)?.filter(|numbers| !numbers.is_empty());
    Ok(numbers.map_or(JsonataValue::Undefined, |numbers| JsonataValue::Number(calculate(&numbers))))
}

pub fn max(_: &dyn JsonataCaller, arguments: &[JsonataValue]) -> JsonataResult {
    of_some(arguments, |numbers| numbers.iter().copied().fold(f64::NEG_INFINITY, f64::max))
}

pub fn min(_: &dyn JsonataCaller, arguments: &[JsonataValue]) -> JsonataResult {
    of_some(arguments, |numbers| numbers.iter().copied().fold(f64::INFINITY, f64::min))
}

pub fn average(_: &dyn JsonataCaller, arguments: &[JsonataValue]) -> JsonataResult {
    of_some(arguments, |numbers| numbers.iter().sum::<f64>() / numbers.len() as f64)
}

pub fn count(_: &dyn JsonataCaller, arguments: &[JsonataValue]) -> JsonataResult {
    Ok(JsonataValue::Number(arguments[0].items().len() as f64))
}

pub fn boolean(_: &dyn JsonataCaller, arguments: &[JsonataValue]) -> JsonataResult {
    Ok(match &arguments[0] {
        JsonataValue::Undefined => JsonataValue::Undefined,
        other => JsonataValue::Bool(other.is_truthy()),
    })
}

pub fn not(_: &dyn JsonataCaller, arguments: &[JsonataValue]) -> JsonataResult {
    Ok(match &arguments[0] {
        JsonataValue::Undefined => JsonataValue::Undefined,
        other => JsonataValue::Bool(!other.is_truthy()),
    })
}

pub fn exists(_: &dyn JsonataCaller, arguments: &[JsonataValue]) -> JsonataResult {
    Ok(JsonataValue::Bool(!arguments[0].is_undefined()))
}

pub fn type_of(_: &dyn JsonataCaller, arguments: &[JsonataValue]) -> JsonataResult {
    Ok(match &arguments[0] {
        JsonataValue::Undefined => JsonataValue::Undefined,
        other => JsonataValue::text(other.type_name()),
    })
}

/// A list of these texts.
pub fn texts(found: impl IntoIterator<Item = String>) -> JsonataValue {
    JsonataList::plain(found.into_iter().map(JsonataValue::text).collect())
}
