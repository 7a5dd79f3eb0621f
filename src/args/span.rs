//! `--since`: lengths of time as people write them.

use jiff::{SignedDuration, Span, SpanRelativeTo};

/// `90s`, `10m`, `1h30m`, `2d`. Not negative, and a day has 24 hours.
pub fn span(text: &str) -> Result<SignedDuration, String> {
    // As kubectl has it, a bare 0 needs no unit.
    if text.trim() == "0" {
        return Ok(SignedDuration::ZERO);
    }
    let wrong = || "expected a number with a unit, such as 90s, 10m, 1h30m or 2d".to_string();
    let span: Span = text.trim().parse().map_err(|_| wrong())?;
    let duration = span.to_duration(SpanRelativeTo::days_are_24_hours()).map_err(|_| wrong())?;
    match duration.is_negative() {
        true => Err("expected a length of time, not a negative one".to_string()),
        false => Ok(duration),
    }
}

#[cfg(test)]
mod tests {
    use super::span;

    #[track_caller]
    fn check(text: &str, seconds: Option<i64>) {
        assert_eq!(span(text).ok().map(|span| span.as_secs()), seconds, "{text}");
    }

    #[test]
    fn spans_are_kubectls_and_days() {
        check("90s", Some(90));
        check("10m", Some(600));
        check("1h30m", Some(5400));
        check("2d", Some(172_800));
        check("0s", Some(0));
        check("0", Some(0));
        check("-3s", None);
        check("10", None);
        check("1 month", None);
        check("soon", None);
        check("", None);
    }
}
