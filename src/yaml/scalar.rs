//! What a plain scalar means: the core schema of YAML 1.2, as Backstage reads it.

use serde_json::{Number, Value};

/// The value of an unquoted scalar: `yes`, `on` and dates are text, `0777` is 777, `0o17` is 15. A number
/// that fits no JSON number (`.inf`, `1e999`) stays the text it was.
pub fn plain(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Value::Null,
        "true" | "True" | "TRUE" => return Value::Bool(true),
        "false" | "False" | "FALSE" => return Value::Bool(false),
        _ => {}
    }
    let numeric = text.as_bytes()[0];
    if !numeric.is_ascii_digit() && !matches!(numeric, b'-' | b'+' | b'.') {
        return Value::String(text.to_string());
    }
    number(text).map_or_else(|| Value::String(text.to_string()), Value::Number)
}

/// A number of the core schema; an integer past 64 bits becomes a float, as in JavaScript.
fn number(text: &str) -> Option<Number> {
    for (prefix, radix) in [("0o", 8), ("0x", 16)] {
        if let Some(digits) = text.strip_prefix(prefix) {
            let valid = !digits.is_empty() && digits.chars().all(|c| c.is_digit(radix));
            return if valid { u64::from_str_radix(digits, radix).ok().map(Number::from) } else { None };
        }
    }
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    if unsigned.is_empty() {
        return None;
    }
    if unsigned.bytes().all(|b| b.is_ascii_digit()) {
        let whole = text.strip_prefix('+').unwrap_or(text);
        if let Ok(integer) = whole.parse::<i64>() {
            return Some(integer.into());
        }
        if let Ok(integer) = whole.parse::<u64>() {
            return Some(integer.into());
        }
        return whole.parse().ok().and_then(Number::from_f64);
    }
    if !is_float(unsigned) {
        return None;
    }
    text.parse().ok().and_then(Number::from_f64)
}

/// `1.5`, `.5`, `1.`, `1e3`: digits on one side of the point at least, digits in the exponent.
fn is_float(unsigned: &str) -> bool {
    let (mantissa, exponent) = match unsigned.find(['e', 'E']) {
        Some(at) => (&unsigned[..at], Some(&unsigned[at + 1..])),
        None => (unsigned, None),
    };
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let exponent_fits = exponent.is_none_or(|exponent| {
        let exponent = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
        !exponent.is_empty() && digits(exponent)
    });
    digits(whole) && digits(fraction) && !(whole.is_empty() && fraction.is_empty()) && exponent_fits
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::plain;

    #[test]
    fn the_core_schema_as_backstage_reads_it() {
        for (text, expect) in [
            ("", json!(null)),
            ("~", json!(null)),
            ("true", json!(true)),
            ("FALSE", json!(false)),
            ("yes", json!("yes")),
            ("NO", json!("NO")),
            ("on", json!("on")),
            ("n", json!("n")),
            ("0777", json!(777)),
            ("0o17", json!(15)),
            ("0x1F", json!(31)),
            ("0x", json!("0x")),
            ("0b1", json!("0b1")),
            ("-7", json!(-7)),
            ("+7", json!(7)),
            ("1_000", json!("1_000")),
            ("12:30:45", json!("12:30:45")),
            ("2026-01-01", json!("2026-01-01")),
            ("1.5", json!(1.5)),
            (".5", json!(0.5)),
            ("1e3", json!(1000.0)),
            ("1.2.3", json!("1.2.3")),
            ("1e", json!("1e")),
            ("-", json!("-")),
            (".", json!(".")),
            (".inf", json!(".inf")),
            (".nan", json!(".nan")),
            ("1e999", json!("1e999")),
            ("18446744073709551615", json!(u64::MAX)),
            ("18446744073709551616", json!(18446744073709551616.0)),
            ("-9223372036854775809", json!(-9223372036854775809.0)),
            ("=", json!("=")),
            ("<<", json!("<<")),
        ] {
            assert_eq!(plain(text), expect, "{text}");
        }
    }
}
