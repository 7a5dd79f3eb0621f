//! Instants as a diagnosis tells them.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::text::age_of;

/// Clock time and age: `09:44 (16m)`. The clock is UTC, as the clusters' own words are.
pub fn since_text(since: Timestamp, now: Timestamp) -> String {
    let clock = since.to_zoned(TimeZone::UTC);
    let format = if now.duration_since(since).as_hours() < 20 { "%H:%MZ" } else { "%b %d %H:%MZ" };
    format!("{} ({})", clock.strftime(format), age_of(since, now))
}
