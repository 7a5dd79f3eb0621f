//! Moves every instant in a text, so that what was written for one moment is true of another.

use std::sync::LazyLock;

use jiff::{SignedDuration, Timestamp};
use regex::{Captures, Regex};
use serde_json::Value;

static INSTANT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\b(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})")
        .expect("the pattern is constant")
});

/// Shifts each RFC 3339 instant of the text by whole seconds; the fraction keeps its digits, an offset becomes `Z`.
pub fn shift_text(text: &str, by: SignedDuration) -> String {
    if by.is_zero() {
        return text.to_string();
    }
    let moved = INSTANT.replace_all(text, |found: &Captures<'_>| {
        let written = &found[0];
        let whole = format!("{}{}", &found[1], &found[3]);
        let shifted = whole.parse::<Timestamp>().ok().and_then(|instant| instant.checked_add(by).ok());
        match shifted {
            Some(instant) => {
                let text = instant.strftime("%Y-%m-%dT%H:%M:%S").to_string();
                format!("{text}{}Z", found.get(2).map_or("", |fraction| fraction.as_str()))
            }
            None => written.to_string(),
        }
    });
    moved.into_owned()
}

/// Shifts every instant in every text of a value.
pub fn shift_value(value: &mut Value, by: SignedDuration) {
    match value {
        Value::String(text) if may_hold_instant(text) => *text = shift_text(text, by),
        Value::Array(items) => items.iter_mut().for_each(|item| shift_value(item, by)),
        Value::Object(fields) => fields.values_mut().for_each(|field| shift_value(field, by)),
        _ => {}
    }
}

/// Cheap, and true of most texts: the pattern is only asked about what could match it.
fn may_hold_instant(text: &str) -> bool {
    text.len() >= 20 && text.contains('T') && text.contains(':')
}

#[cfg(test)]
mod tests {
    use super::{shift_text, shift_value};
    use jiff::SignedDuration;
    use serde_json::json;

    #[track_caller]
    fn check(text: &str, seconds: i64, expect: &str) {
        assert_eq!(shift_text(text, SignedDuration::from_secs(seconds)), expect);
    }

    #[test]
    fn instants_move_and_nothing_else() {
        check("2026-01-15T10:00:00Z", 90, "2026-01-15T10:01:30Z");
        check(
            "at 2026-01-15T10:00:00.123456789Z and 2026-01-15T09:59:59Z",
            -1,
            "at 2026-01-15T09:59:59.123456789Z and 2026-01-15T09:59:58Z",
        );
        check("2026-01-15T12:00:00+02:00", 1, "2026-01-15T10:00:01Z");
        check("2026-01-15 10:00:00", 90, "2026-01-15 10:00:00");
        check("2026-13-45T99:00:00Z", 90, "2026-13-45T99:00:00Z");
        check("9999-12-31T23:59:59Z", i64::from(u32::MAX), "9999-12-31T23:59:59Z");
    }

    #[test]
    fn values_are_walked() {
        let mut value =
            json!({"a": ["2026-01-15T10:00:00Z", 7], "b": {"c": "no instant: T but long enough"}});
        shift_value(&mut value, SignedDuration::from_secs(60));
        assert_eq!(
            value,
            json!({"a": ["2026-01-15T10:01:00Z", 7], "b": {"c": "no instant: T but long enough"}})
        );
    }
}
