//! Time limits, as kubectl's flags and Go's durations are written.

use std::time::Duration;

/// No limit: more than any run takes.
const FOREVER: Duration = Duration::from_secs(24 * 3600);

/// The units of Go's `time.ParseDuration`, in seconds.
const UNITS: [(&str, f64); 8] = [
    ("h", 3600.0),
    ("m", 60.0),
    ("s", 1.0),
    ("ms", 1e-3),
    ("us", 1e-6),
    ("µs", 1e-6),
    ("μs", 1e-6),
    ("ns", 1e-9),
];

/// A time limit as kubectl takes it: `3s`, `500ms`, `1m30s`, `1.5h`; a bare number is seconds, and 0 is no limit.
pub fn time_limit(text: &str) -> Result<Duration, String> {
    if text.trim().starts_with('-') {
        return Err("expected a length of time, not a negative one".to_string());
    }
    let bare = text.parse::<u64>().ok().map(|seconds| Duration::from_secs(seconds.min(FOREVER.as_secs())));
    let limit = bare
        .or_else(|| sum(text.strip_prefix('+').unwrap_or(text)))
        .ok_or("expected a time like 3s, 500ms or 1m30s, or seconds")?;
    Ok(if limit.is_zero() { FOREVER } else { limit.min(FOREVER) })
}

/// Numbers, each with its unit.
fn sum(text: &str) -> Option<Duration> {
    let (mut rest, mut seconds) = (text, 0.0);
    while !rest.is_empty() {
        let is_of_number = |c: char| c.is_ascii_digit() || c == '.';
        let (number, behind) = rest.split_at(rest.find(|c| !is_of_number(c))?);
        let (unit, behind) = behind.split_at(behind.find(is_of_number).unwrap_or(behind.len()));
        let (_, length) = UNITS.iter().find(|(name, _)| *name == unit.trim())?;
        seconds += number.parse::<f64>().ok()? * length;
        rest = behind;
    }
    let is_some = !text.is_empty();
    is_some.then(|| Duration::try_from_secs_f64(seconds).unwrap_or(FOREVER))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::time_limit;

    #[track_caller]
    fn check(text: &str, milliseconds: Option<u64>) {
        assert_eq!(time_limit(text).ok(), milliseconds.map(Duration::from_millis), "{text}");
    }

    #[test]
    fn limits_are_kubectls() {
        check("3s", Some(3000));
        check("500ms", Some(500));
        check("1m30s", Some(90_000));
        check("1.5h", Some(5_400_000));
        check("1.5m30s", Some(120_000));
        check(".5s", Some(500));
        check("5.s", Some(5000));
        check("+5s", Some(5000));
        check("5000µs", Some(5));
        check("5", Some(5000));
        check("30", Some(30_000));
        check("99999999999999999999h", Some(24 * 3_600_000));
        for none in ["0", "0s", "00", "0h0m"] {
            check(none, Some(24 * 3_600_000));
        }
        for wrong in ["", "-3s", "-3", "soon", "s", "3x", "3s4", "1..5s", ".s", "1e3s", "infs", "3 5s"] {
            check(wrong, None);
        }
    }
}
