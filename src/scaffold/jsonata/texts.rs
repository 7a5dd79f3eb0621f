//! The functions of JSONata on texts.

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::{percent_decode_str, utf8_percent_encode};

use crate::expression::COMPONENT;
use crate::scaffold::jsonata::numbers::{number, texts};
use crate::scaffold::jsonata::value::{JsonataCaller, JsonataFunction, JsonataResult, JsonataValue};

/// The text that an argument is, or nothing where it is nothing.
fn text(value: Option<&JsonataValue>) -> JsonataResult<Option<&str>> {
    match value {
        None | Some(JsonataValue::Undefined) => Ok(None),
        Some(JsonataValue::Text(text)) => Ok(Some(text)),
        Some(other) => Err(format!("a text was expected, not {}", other.type_name())),
    }
}

fn changed(arguments: &[JsonataValue], change: impl Fn(&str) -> String) -> JsonataResult {
    Ok(text(arguments.first())?.map_or(JsonataValue::Undefined, |text| JsonataValue::text(change(text))))
}

pub fn lowercase(_: &dyn JsonataCaller, arguments: &[JsonataValue]) -> JsonataResult {
    changed(arguments, str::to_lowercase)
}

pub fn uppercase(_: &dyn JsonataCaller, arguments: &[JsonataValue]) -> JsonataResult {
    changed(arguments, str::to_uppercase)
}

/// Blanks within become one, and those at the ends go.
pub fn trim(_: &dyn JsonataCaller, arguments: &[JsonataValue]) -> JsonataResult {
    let blank = |c: char| matches!(c, ' ' | '\t' | '\n' | '\r');
    changed(arguments, |text| text.split(blank).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" "))
}

pub fn length(_: &dyn JsonataCaller, arguments: &[JsonataValue]) -> JsonataResult {
    Ok(text(arguments.first())?
        .map_or(JsonataValue::Undefined, |text| JsonataValue::Number(text.chars().count() as f64)))
}

pub fn substring(_: &dyn JsonataCaller, arguments: &[JsonataValue]) -> JsonataResult {
    let Some(text) = text(arguments.first())? else { return Ok(JsonataValue::Undefined) };
    let characters: Vec<char> = text.chars().collect();
    let length = characters.len() as f64;
    let start = number(arguments.get(1))?.unwrap_or_default();
    let start = if start < 0.0 { (length + start).max(0.0) } else { start.min(length) };
    let end = match number(arguments.get(2))? {
        Some(count) if count <= 0.0 => return Ok(JsonataValue::text("")),
        Some(count) => (start + count).min(length),
        None => length,
    };
    let (start, end) = (start as usize, end as usize);
    Ok(JsonataValue::text(characters[start..end.max(start)].iter().collect::<String>()))
}

fn cut(arguments: &[JsonataValue], part: fn(&str, &str) -> Option<String>) -> JsonataResult {
    let Some(whole) = text(arguments.first())? else { return Ok(JsonataValue::Undefined) };
    let at = text(arguments.get(1))?.unwrap_or_default();
    Ok(JsonataValue::text(part(whole, at).unwrap_or_else(|| whole.to_string())))
}

pub fn substring_before(_: &dyn JsonataCaller, arguments: &[JsonataValue]) -> JsonataResult {
    cut(arguments, |text, at| text.split_once(at).map(|(before, _)| before.to_string()))
}

pub fn substring_after(_: &dyn JsonataCaller, arguments: &[JsonataValue]) -> JsonataResult {
    cut(arguments, |text, at| text.split_once(at).map(|(_, after)| after.to_string()))
}

pub fn pad(caller: &dyn JsonataCaller, arguments: &[JsonataValue]) -> JsonataResult {
    let Some(text) = text(arguments.first())? else { return Ok(JsonataValue::Undefined) };
    let width = number(arguments.get(1))?.unwrap_or_default();
    let with = match arguments.get(2) {
        Some(JsonataValue::Text(with)) if !with.is_empty() => with.to_string(),
        _ => " ".into(),
    };
    let lacks = (width.abs() - text.chars().count() as f64).max(0.0);
    if lacks > 1_000_000.0 {
        return Err("the width is too large".into());
    }
    caller.fuel().text(lacks as usize)?;
    let padding: String = with.chars().cycle().take(lacks as usize).collect();
    Ok(JsonataValue::text(if width < 0.0 { padding + text } else { text.to_string() + &padding }))
}

pub fn contains(_: &dyn JsonataCaller, arguments: &[JsonataValue]) -> JsonataResult {
    let Some(whole) = text(arguments.first())? else { return Ok(JsonataValue::Undefined) };
    Ok(JsonataValue::Bool(match arguments.get(1) {
        Some(JsonataValue::Function(function)) => match &**function {
            JsonataFunction::Pattern(pattern) => pattern.occurs(whole)?,
            _ => return Err("a text or a regular expression was expected".into()),
        },
        other => whole.contains(text(other)?.unwrap_or_default()),
    }))
}

pub fn split(caller: &dyn JsonataCaller, arguments: &[JsonataValue]) -> JsonataResult {
    let Some(whole) = text(arguments.first())? else { return Ok(JsonataValue::Undefined) };
    caller.fuel().text(whole.len() * 4)?;
    let most = match number(arguments.get(2))? {
        Some(most) if most < 0.0 => return Err("the limit is negative".into()),
        Some(most) => most.floor() as usize,
        None => usize::MAX,
    };
    let parts = match arguments.get(1) {
        Some(JsonataValue::Function(function)) => match &**function {
            JsonataFunction::Pattern(pattern) => pattern.split(whole)?,
            _ => return Err("a text or a regular expression was expected".into()),
        },
        other => match text(other)? {
            Some("") => whole.chars().map(String::from).collect(),
            Some(at) => whole.split(at).map(String::from).collect(),
            None => vec![whole.to_string()],
        },
    };
    Ok(texts(parts.into_iter().take(most)))
}

pub fn join(caller: &dyn JsonataCaller, arguments: &[JsonataValue]) -> JsonataResult {
    if arguments[0].is_undefined() {
        return Ok(JsonataValue::Undefined);
    }
    let between = text(arguments.get(1))?.unwrap_or_default();
    let items = arguments[0].items();
    let words = items.iter().map(|item| match item {
        JsonataValue::Text(text) => Ok(Cow::Borrowed(&**text)),
        other => Err(format!("texts were expected, not {}", other.type_name())),
    });
    let joined = words.collect::<JsonataResult<Vec<_>>>()?.join(between);
    caller.fuel().text(joined.len())?;
    Ok(JsonataValue::text(joined))
}

pub fn replace(caller: &dyn JsonataCaller, arguments: &[JsonataValue]) -> JsonataResult {
    let Some(whole) = text(arguments.first())? else { return Ok(JsonataValue::Undefined) };
    let Some(with) = text(arguments.get(2))? else {
        return Err("the third argument must be a text here".into());
    };
    let most = match number(arguments.get(3))? {
        Some(most) if most < 0.0 => return Err("the limit is negative".into()),
        Some(most) => most.floor() as usize,
        None => usize::MAX,
    };
    let made = match arguments.get(1) {
        Some(JsonataValue::Function(function)) => match &**function {
            JsonataFunction::Pattern(pattern) if most == usize::MAX => {
                // `$0` is all that was found here, which JavaScript calls `$&`.
                pattern.replace(whole, &with.replace("$0", "$&"))?
            }
            _ => return Err("a text or a regular expression without a limit was expected".into()),
        },
        other => match text(other)? {
            None | Some("") => return Err("what is replaced must not be empty".into()),
            Some(found) => {
                caller.fuel().text((whole.len() / found.len() + 1).min(most) * with.len())?;
                whole.replacen(found, with, most)
            }
        },
    };
    caller.fuel().text(made.len())?;
    Ok(JsonataValue::text(made))
}

pub fn encode_base64(_: &dyn JsonataCaller, arguments: &[JsonataValue]) -> JsonataResult {
    changed(arguments, |text| STANDARD.encode(text))
}

pub fn decode_base64(_: &dyn JsonataCaller, arguments: &[JsonataValue]) -> JsonataResult {
    let Some(text) = text(arguments.first())? else { return Ok(JsonataValue::Undefined) };
    let bytes = STANDARD.decode(text).map_err(|_| "this is no Base64".to_string())?;
    Ok(JsonataValue::text(String::from_utf8_lossy(&bytes).into_owned()))
}

pub fn encode_component(_: &dyn JsonataCaller, arguments: &[JsonataValue]) -> JsonataResult {
    changed(arguments, |text| utf8_percent_encode(text, COMPONENT).to_string())
}

pub fn decode_component(_: &dyn JsonataCaller, arguments: &[JsonataValue]) -> JsonataResult {
    changed(arguments, |text| percent_decode_str(text).decode_utf8_lossy().into_owned())
}
