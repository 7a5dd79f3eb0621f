//! When a CronJob's schedule is due next.
//!
//! The crate croner reads what Kubernetes' controller refuses (`L`, `#`, seconds) and counts with chrono, which nothing else here needs: a
//! schedule that the controller would not run must not be told as missed.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

/// The first instant after `after` that the schedule names, in its zone (UTC where none is told);
/// `None` where the schedule cannot be read or names no day within five years.
pub fn next(schedule: &str, zone: &str, after: Timestamp) -> Option<Timestamp> {
    // The zone may also stand in front, as the cron library has it.
    let (schedule, zone) =
        match schedule.trim().strip_prefix("CRON_TZ=").or(schedule.trim().strip_prefix("TZ=")) {
            Some(zoned) => {
                let (named, rest) = zoned.split_once(char::is_whitespace)?;
                (rest, if zone.is_empty() { named } else { zone })
            }
            None => (schedule, zone),
        };
    if let Some(every) = schedule.trim().strip_prefix("@every ") {
        let every: jiff::SignedDuration = every.trim().parse().ok()?;
        return after.checked_add(every).ok().filter(|next| *next > after);
    }
    let fields = CronFields::parse(schedule)?;
    let zone = if zone.is_empty() { TimeZone::UTC } else { TimeZone::get(zone).ok()? };
    let start = zone.to_datetime(after);
    let mut date = start.date();
    for _ in 0..5 * 366 {
        if fields.has_day(date) {
            let times = (0..24).flat_map(|hour| (0..60).map(move |minute| (hour, minute)));
            let due = times.filter(|(hour, minute)| fields.hours.has(*hour) && fields.minutes.has(*minute));
            let instants = due.filter_map(|(hour, minute)| {
                let time = date.at(i8::try_from(hour).ok()?, i8::try_from(minute).ok()?, 0, 0);
                time.to_zoned(zone.clone()).ok().map(|zoned| zoned.timestamp())
            });
            if let Some(instant) = instants.into_iter().find(|instant| *instant > after) {
                return Some(instant);
            }
        }
        date = date.checked_add(1.day()).ok()?;
    }
    None
}

/// A set of small numbers.
#[derive(Clone, Copy)]
struct Set(u64);

struct CronFields {
    minutes: Set,
    hours: Set,
    days: Set,
    months: Set,
    weekdays: Set,
    /// A day must be in both sets where one of them is `*`, in either one where both are told.
    either: bool,
}

const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const WEEKDAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

impl CronFields {
    fn parse(schedule: &str) -> Option<CronFields> {
        let text = match schedule.trim() {
            "@yearly" | "@annually" => "0 0 1 1 *",
            "@monthly" => "0 0 1 * *",
            "@weekly" => "0 0 * * 0",
            "@daily" | "@midnight" => "0 0 * * *",
            "@hourly" => "0 * * * *",
            text => text,
        };
        let fields: Vec<&str> = text.split_whitespace().collect();
        let [minutes, hours, days, months, weekdays] = fields[..] else { return None };
        // To the cron library of Kubernetes every second day is told, and `*` alone is not.
        let is_star = |part: &str| matches!(part.strip_suffix("/1").unwrap_or(part), "*" | "?");
        let free = |field: &str| field.split(',').any(is_star);
        let mut week = Set::parse(weekdays, 0, 7, &WEEKDAYS, 0)?;
        // Sunday is 0 and 7.
        week.0 |= week.0 >> 7 & 1;
        Some(CronFields {
            minutes: Set::parse(minutes, 0, 59, &[], 0)?,
            hours: Set::parse(hours, 0, 23, &[], 0)?,
            days: Set::parse(days, 1, 31, &[], 0)?,
            months: Set::parse(months, 1, 12, &MONTHS, 1)?,
            weekdays: week,
            either: !free(days) && !free(weekdays),
        })
    }

    fn has_day(&self, date: Date) -> bool {
        let day = self.days.has(u32::from(date.day().unsigned_abs()));
        let weekday = self.weekdays.has(u32::from(date.weekday().to_sunday_zero_offset().unsigned_abs()));
        let fits = if self.either { day || weekday } else { day && weekday };
        fits && self.months.has(u32::from(date.month().unsigned_abs()))
    }
}

impl Set {
    fn has(self, number: u32) -> bool {
        number < 64 && self.0 >> number & 1 == 1
    }

    fn parse(field: &str, least: u32, most: u32, names: &[&str], first_name: u32) -> Option<Set> {
        let number = |text: &str| {
            let named = names.iter().position(|name| name.eq_ignore_ascii_case(text));
            let number = named.and_then(|at| u32::try_from(at).ok()).map(|at| at + first_name);
            number.or_else(|| text.parse().ok()).filter(|number| (least..=most).contains(number))
        };
        let mut set = 0;
        for part in field.split(',') {
            let (range, step) =
                part.split_once('/').map_or((part, None), |(range, step)| (range, Some(step)));
            let step = step.map_or(Some(1), |step| step.parse::<usize>().ok().filter(|step| *step > 0))?;
            let (from, to) = match range.split_once('-') {
                _ if range == "*" || range == "?" => (least, most),
                Some((from, to)) => (number(from)?, number(to)?),
                None if part.contains('/') => (number(range)?, most),
                None => (number(range)?, number(range)?),
            };
            (from..=to).step_by(step).for_each(|number| set |= 1 << number);
        }
        Some(Set(set))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::next;

    #[track_caller]
    fn check(schedule: &str, zone: &str, after: &str, expect: Option<&str>) {
        let next = next(schedule, zone, after.parse().unwrap()).map(|instant| instant.to_string());
        assert_eq!(next.as_deref(), expect, "{schedule} after {after}");
    }

    #[test]
    fn schedules_name_their_next_instant() {
        check("*/5 * * * *", "", "2026-01-01T00:01:00Z", Some("2026-01-01T00:05:00Z"));
        check("*/5 * * * *", "", "2026-01-01T00:05:00Z", Some("2026-01-01T00:10:00Z"));
        check("30 2 * * *", "", "2026-01-01T02:30:00Z", Some("2026-01-02T02:30:00Z"));
        check("0 9-17/4 * * mon-fri", "", "2026-01-02T17:00:00Z", Some("2026-01-05T09:00:00Z"));
        check("0 0 13 * 5", "", "2026-01-01T00:00:00Z", Some("2026-01-02T00:00:00Z"));
        check("0 0 */2 * mon", "", "2026-01-11T12:00:00Z", Some("2026-01-12T00:00:00Z"));
        check("0 0 */2 * mon", "", "2026-01-12T12:00:00Z", Some("2026-01-13T00:00:00Z"));
        check("0 0 */1 * mon", "", "2026-01-12T12:00:00Z", Some("2026-01-19T00:00:00Z"));
        check("0 0 * * 7", "", "2026-01-01T00:00:00Z", Some("2026-01-04T00:00:00Z"));
        check("0 0 29 2 *", "", "2026-01-01T00:00:00Z", Some("2028-02-29T00:00:00Z"));
        check("@hourly", "", "2026-01-01T00:00:00Z", Some("2026-01-01T01:00:00Z"));
        check("@every 90m", "", "2026-01-01T00:00:00Z", Some("2026-01-01T01:30:00Z"));
        check("0 12 * JUN *", "Europe/Berlin", "2026-05-31T23:00:00Z", Some("2026-06-01T10:00:00Z"));
    }

    #[test]
    fn what_is_no_schedule_is_never_due() {
        for odd in [
            "",
            "* * * *",
            "61 * * * *",
            "a b c d e",
            "*/0 * * * *",
            "0 0 31 2 *",
            "5-1 * * * *",
            "@every -1h",
        ] {
            check(odd, "", "2026-01-01T00:00:00Z", None);
        }
        check("0 0 * * *", "Nowhere/Land", "2026-01-01T00:00:00Z", None);
    }
}
