//! Instants as the container runtimes write them before every line: read by hand, for there are many.

use jiff::Timestamp;
use jiff::civil::Date;

/// `2026-01-15T10:00:00.123456789Z`; any other form is left to jiff.
pub fn instant(text: &str) -> Option<Timestamp> {
    usual(text.as_bytes()).or_else(|| text.parse().ok())
}

fn usual(text: &[u8]) -> Option<Timestamp> {
    let (whole, rest) = text.split_at_checked(19)?;
    let [.., b'-', _, _, b'-', _, _, b'T', _, _, b':', _, _, b':', _, _] = whole else { return None };
    let two = |at: usize| number(&whole[at..at + 2]);
    let (year, month, day) = (number(&whole[..4])?, two(5)?, two(8)?);
    let (hour, minute, second) = (two(11)?, two(14)?, two(17)?);
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let small = |number: i64| i8::try_from(number).ok();
    let date = Date::new(i16::try_from(year).ok()?, small(month)?, small(day)?).ok()?;
    let seconds = (days(date) * 24 + hour) * 3600 + minute * 60 + second;
    Timestamp::new(seconds, nanoseconds(rest.strip_suffix(b"Z")?)?).ok()
}

/// Of what stands behind the seconds: nothing, or a point and up to nine digits.
fn nanoseconds(text: &[u8]) -> Option<i32> {
    let Some(digits) = text.strip_prefix(b".") else { return text.is_empty().then_some(0) };
    let missing = u32::try_from(9usize.checked_sub(digits.len())?).ok()?;
    let fraction = number(digits).filter(|_| !digits.is_empty())?;
    i32::try_from(fraction * 10i64.pow(missing)).ok()
}

fn number(digits: &[u8]) -> Option<i64> {
    digits.iter().try_fold(0, |sum, digit| digit.is_ascii_digit().then(|| sum * 10 + i64::from(digit - b'0')))
}

/// Days since 1970, by counting years from March, so that a leap day is the last of its year.
fn days(date: Date) -> i64 {
    let (year, month, day) = (i64::from(date.year()), i64::from(date.month()), i64::from(date.day()));
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let of_year = (153 * month + 2) / 5 + day - 1;
    year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::{instant, usual};
    use jiff::{Timestamp, ToSpan};

    /// Whether it is read by hand; what is read must be what jiff reads.
    #[track_caller]
    fn check(text: &str, is_usual: bool) {
        assert_eq!(instant(text), text.parse().ok(), "{text}");
        assert_eq!(usual(text.as_bytes()).is_some(), is_usual, "{text}");
    }

    #[test]
    fn every_day_and_every_precision_is_read_as_jiff_reads_it() {
        let mut day: Timestamp = "1899-12-31T23:59:59.987654321Z".parse().expect("an instant");
        for _ in 0..400 * 366 {
            check(&day.to_string(), true);
            day = day.checked_add(24.hours()).expect("in range");
        }
        for digits in 1..=9 {
            check(&format!("2026-01-15T10:00:00.{}Z", &"102030405"[..digits]), true);
        }
        check("2026-01-15T10:00:00Z", true);
        check("0000-02-29T00:00:00Z", true);
    }

    #[test]
    fn every_other_form_is_jiffs() {
        for text in [
            "2026-01-15T10:00:00+01:00",
            "2026-01-15T10:00:00.1234567891Z",
            "2016-12-31T23:59:60Z",
            "2026-01-15 10:00:00Z",
            "2026-01-15T10:00:00z",
            "2026-02-30T10:00:00Z",
            "2026-01-15T24:00:00Z",
            "2026-01-15T10:00:00.Z",
            "2026-01-15T10:00:00",
            "2026-01-15T10:00:0éZ",
            "-026-01-15T10:00:00Z",
            "listening",
            "",
        ] {
            check(text, false);
        }
    }
}
