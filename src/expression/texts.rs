//! Filters over text.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use std::rc::Rc;

use crate::expression::input::SourceCursor;
use crate::expression::lookup::{characters, own};
use crate::expression::pattern::Pattern;
use crate::expression::units::units;
use crate::expression::value::{Fallible, Fuel, Value};

/// Undefined, null and false count as empty text for most filters.
fn normalized(value: &Value) -> Value {
    match value {
        Value::Undefined(_) | Value::Null | Value::Bool(false) => Value::text(""),
        other => other.clone(),
    }
}

fn text(value: &Value) -> Fallible<Rc<str>> {
    value.as_text().cloned().ok_or_else(|| format!("a text is needed, not {}", value.kind()))
}

fn as_safe_as(input: &Value, output: impl AsRef<str>) -> Value {
    if matches!(input, Value::Safe(_)) { Value::Safe(Rc::from(output.as_ref())) } else { Value::text(output) }
}

fn spaces(count: f64, fuel: &Fuel) -> Fallible<String> {
    let count = if count > 0.0 { count.ceil() } else { 0.0 };
    fuel.spend(count as u64)?;
    Ok(" ".repeat(count as usize))
}

fn capitalized(word: &str) -> String {
    let lower = word.to_lowercase();
    let mut characters = lower.chars();
    characters.next().map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}

pub fn capitalize(input: &SourceCursor<'_>) -> Fallible<Value> {
    Ok(as_safe_as(input.value, capitalized(&text(&normalized(input.value))?)))
}

pub fn title(input: &SourceCursor<'_>) -> Fallible<Value> {
    let text = text(&normalized(input.value))?;
    let words: Vec<String> = text.split(' ').map(capitalized).collect();
    Ok(as_safe_as(input.value, words.join(" ")))
}

pub fn cased(input: &SourceCursor<'_>, case: fn(&str) -> String) -> Fallible<Value> {
    Ok(Value::text(case(&text(&normalized(input.value))?)))
}

pub fn center(input: &SourceCursor<'_>) -> Fallible<Value> {
    let value = normalized(input.value);
    let text = value.string(input.fuel)?;
    let width = if input.argument(0).is_truthy() { input.argument(0).number(input.fuel)? } else { 80.0 };
    // What has no length is turned into text and not moved.
    let free = width - direct_length(&value, input.fuel)?;
    if free <= 0.0 {
        return Ok(value);
    }
    let free = if free.is_nan() { 0.0 } else { free };
    let left = spaces(free / 2.0 - free % 2.0, input.fuel)?;
    let right = spaces(free / 2.0, input.fuel)?;
    Ok(as_safe_as(&value, format!("{left}{text}{right}")))
}

/// The `length` that a value has of its own, else NaN.
fn direct_length(value: &Value, fuel: &Fuel) -> Fallible<f64> {
    own(value, "length").map_or(Ok(f64::NAN), |length| length.number(fuel))
}

pub fn escape(input: &SourceCursor<'_>) -> Fallible<Value> {
    if matches!(input.value, Value::Safe(_)) { Ok(input.value.clone()) } else { force_escape(input) }
}

pub fn force_escape(input: &SourceCursor<'_>) -> Fallible<Value> {
    let mut escaped = String::new();
    for c in input.value.printed(input.fuel)?.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '\\' => escaped.push_str("&#92;"),
            c => escaped.push(c),
        }
    }
    input.fuel.text(escaped.len())?;
    Ok(Value::Safe(Rc::from(escaped)))
}

pub fn safe(input: &SourceCursor<'_>) -> Fallible<Value> {
    Ok(Value::Safe(input.value.printed(input.fuel)?))
}

pub fn string(input: &SourceCursor<'_>) -> Fallible<Value> {
    match input.value {
        Value::Undefined(_) | Value::Null => Err(format!("a value is needed, not {}", input.value.kind())),
        Value::Safe(_) => Ok(input.value.clone()),
        value => Ok(Value::Text(value.string(input.fuel)?)),
    }
}

pub fn indent(input: &SourceCursor<'_>) -> Fallible<Value> {
    let value = normalized(input.value);
    let text = text(&value)?;
    let width = if input.argument(0).is_truthy() { input.argument(0).number(input.fuel)? } else { 4.0 };
    let indentation = spaces(width, input.fuel)?;
    let first = input.argument(1).is_truthy();
    let mut lines = Vec::new();
    for (index, line) in text.split('\n').enumerate() {
        input.fuel.text(indentation.len() + line.len())?;
        lines.push(if index > 0 || first { format!("{indentation}{line}") } else { line.to_string() });
    }
    Ok(if text.is_empty() { Value::text("") } else { as_safe_as(&value, lines.join("\n")) })
}

pub fn line_breaks(input: &SourceCursor<'_>) -> Fallible<Value> {
    let value = if input.value.is_nullish() { Value::text("") } else { input.value.clone() };
    let text = text(&value)?;
    input.fuel.text(text.len() * 8)?;
    Ok(as_safe_as(input.value, text.replace("\r\n", "\n").replace('\n', "<br />\n")))
}

pub fn trim(input: &SourceCursor<'_>) -> Fallible<Value> {
    Ok(as_safe_as(input.value, text(input.value)?.trim()))
}

pub fn truncate(input: &SourceCursor<'_>) -> Fallible<Value> {
    let value = normalized(input.value);
    let length = if input.argument(0).is_truthy() { input.argument(0).number(input.fuel)? } else { 255.0 };
    if direct_length(&value, input.fuel)? <= length {
        return Ok(value);
    }
    let text = text(&value)?;
    let length = length.max(0.0) as usize;
    let mut kept = units(&text, 0, length);
    if !input.argument(1).is_truthy() {
        // The blank may stand right behind the last unit.
        let blank = units(&text, 0, length + 1).rfind(' ');
        if let Some(blank) = blank {
            kept.truncate(blank);
        }
    }
    let end = if input.argument(2).is_nullish() {
        Rc::from("...")
    } else {
        input.argument(2).string(input.fuel)?
    };
    Ok(as_safe_as(input.value, format!("{kept}{end}")))
}

pub fn word_count(input: &SourceCursor<'_>) -> Fallible<Value> {
    let value = normalized(input.value);
    if !value.is_truthy() {
        return Ok(Value::Null);
    }
    let text = text(&value)?;
    let words =
        text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').filter(|word| !word.is_empty()).count();
    Ok(if words == 0 { Value::Null } else { Value::Number(words as f64) })
}

pub fn replace(input: &SourceCursor<'_>) -> Fallible<Value> {
    let (search, with) = (input.argument(0), input.argument(1));
    if let Value::Pattern(pattern) = &search {
        let replaced = pattern.replace(&text(input.value)?, &with.string(input.fuel)?)?;
        input.fuel.text(replaced.len())?;
        return Ok(Value::text(replaced));
    }
    if !matches!(search, Value::Text(_) | Value::Number(_)) {
        return Ok(input.value.clone());
    }
    let value = match input.value {
        Value::Number(_) => Value::Text(input.value.string(input.fuel)?),
        other => other.clone(),
    };
    let Some(text) = value.as_text().cloned() else { return Ok(value) };
    let (search, with_text) = (search.string(input.fuel)?, with.string(input.fuel)?);
    input.fuel.text((text.len() + 1) * (with_text.len() + 1))?;
    if search.is_empty() {
        let between = if with.is_undefined() { Rc::from(",") } else { Rc::clone(&with_text) };
        let spread: Vec<String> =
            characters(&text).iter().filter_map(|c| Some(c.as_text()?.to_string())).collect();
        return Ok(as_safe_as(&value, format!("{with_text}{}{with_text}", spread.join(&between))));
    }
    let most = match input.argument(2) {
        Value::Undefined(_) => -1.0,
        most => most.number(input.fuel)?,
    };
    if most == 0.0 || !text.contains(&*search) {
        return Ok(value);
    }
    let replaced = if most == -1.0 {
        text.replace(&*search, &with_text)
    } else {
        text.replacen(&*search, &with_text, most.max(0.0).ceil() as usize)
    };
    Ok(as_safe_as(input.value, replaced))
}

/// HTML tags and comments.
const TAG: &str = r"<\/?[a-z][a-z0-9]*\b[^>]*>|<!--[\s\S]*?-->";

pub fn strip_tags(input: &SourceCursor<'_>) -> Fallible<Value> {
    let mut text = text(&normalized(input.value))?.to_string();
    let tag = Pattern::new(TAG, "gi")?;
    for _ in 0..8 {
        input.fuel.text(text.len())?;
        let stripped = tag.replace(&text, "")?;
        if stripped == text {
            break;
        }
        text = stripped;
    }
    let text = text.trim();
    if !input.argument(0).is_truthy() {
        return Ok(as_safe_as(input.value, squeezed(text, char::is_whitespace)));
    }
    let lines: Vec<String> = text
        .replace("\r\n", "\n")
        .split('\n')
        .map(|line| squeezed(line.trim_matches(' '), |c| c == ' '))
        .collect();
    let mut kept: Vec<&str> = Vec::new();
    for line in &lines {
        let blanks = kept.iter().rev().take_while(|line| line.is_empty()).count();
        if !(line.is_empty() && blanks >= 1) {
            kept.push(line);
        }
    }
    Ok(as_safe_as(input.value, kept.join("\n")))
}

fn squeezed(text: &str, blank: fn(char) -> bool) -> String {
    let mut output = String::new();
    for c in text.chars() {
        if !blank(c) {
            output.push(c);
        } else if !output.ends_with(' ') {
            output.push(' ');
        }
    }
    output
}

pub fn url_encode(input: &SourceCursor<'_>) -> Fallible<Value> {
    let pair = |key: &Value, value: &Value| -> Fallible<String> {
        Ok(format!("{}={}", percent(&key.string(input.fuel)?), percent(&value.string(input.fuel)?)))
    };
    let mut pairs = Vec::new();
    match input.value {
        Value::Text(text) | Value::Safe(text) => {
            input.fuel.text(text.len() * 3)?;
            return Ok(Value::text(percent(text)));
        }
        Value::Record(record) => {
            for (key, value) in record.iter() {
                pairs.push(pair(&Value::Text(Rc::clone(key)), value)?);
            }
        }
        Value::List(items) => {
            for item in items.borrow().iter() {
                if item.is_nullish() {
                    return Err("a list of pairs is needed".into());
                }
                let part = |key: &str| own(item, key).unwrap_or(Value::UNDEFINED);
                pairs.push(pair(&part("0"), &part("1"))?);
            }
        }
        _ => {}
    }
    Ok(Value::text(pairs.join("&")))
}

/// All but what `encodeURIComponent` leaves as it is.
pub const COMPONENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'!')
    .remove(b'~')
    .remove(b'*')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')');

/// `encodeURIComponent`.
fn percent(text: &str) -> String {
    utf8_percent_encode(text, COMPONENT).to_string()
}

pub fn urlize(input: &SourceCursor<'_>) -> Fallible<Value> {
    let text = text(input.value)?;
    input.fuel.text(text.len() * 4)?;
    let length = match input.argument(0) {
        Value::Undefined(_) => usize::MAX,
        given => given.number(input.fuel)?.max(0.0) as usize,
    };
    let rel = if matches!(input.argument(1), Value::Bool(true)) { " rel=\"nofollow\"" } else { "" };
    let mut output = String::new();
    for word in split_keeping_blanks(&text) {
        let bare = word.strip_prefix("&lt;").or_else(|| word.strip_prefix(['(', '<'])).unwrap_or(word);
        let bare = bare.strip_suffix("&gt;").or_else(|| bare.strip_suffix(['.', ',', ')'])).unwrap_or(bare);
        let short = units(bare, 0, length);
        if bare.starts_with("http://") || bare.starts_with("https://") {
            output.push_str(&format!("<a href=\"{bare}\"{rel}>{short}</a>"));
        } else if bare.starts_with("www.") || names_a_domain(bare) && !bare.contains('@') {
            output.push_str(&format!("<a href=\"http://{bare}\"{rel}>{short}</a>"));
        } else if is_address(bare) {
            output.push_str(&format!("<a href=\"mailto:{bare}\">{bare}</a>"));
        } else {
            output.push_str(word);
        }
    }
    Ok(Value::text(output))
}

fn split_keeping_blanks(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let blank = first.is_whitespace();
        let end = rest.find(|c: char| c.is_whitespace() != blank).unwrap_or(rest.len());
        parts.push(&rest[..end]);
        rest = &rest[end..];
    }
    parts
}

fn names_a_domain(word: &str) -> bool {
    [".org", ".net", ".com"].iter().any(|domain| {
        word.match_indices(domain).any(|(at, _)| {
            let after = &word[at + domain.len()..];
            after.is_empty() || after.starts_with([':', '/'])
        })
    })
}

fn is_address(word: &str) -> bool {
    let Some((person, domain)) = word.split_once('@') else { return false };
    let person_fits = !person.is_empty()
        && person.chars().all(|c| c.is_ascii_alphanumeric() || "_.!#$%&'*+-/=?^`{|}~".contains(c));
    let label_fits =
        |label: &str| !label.is_empty() && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    person_fits && domain.contains('.') && domain.split('.').all(label_fits)
}
