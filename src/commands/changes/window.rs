//! Which stretch of time is asked for.

use jiff::{SignedDuration, Timestamp};

/// How long before an instant a change may have caused what began then, and how long after it one may still belong to it.
const BEFORE: SignedDuration = SignedDuration::from_hours(1);
const AFTER: SignedDuration = SignedDuration::from_mins(15);

/// From the first instant to the last.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct TimeWindow {
    from: Timestamp,
    to: Timestamp,
    around: Option<Timestamp>,
    since: SignedDuration,
}

/// An instant as RFC 3339 has it.
pub fn instant(text: &str) -> Result<Timestamp, String> {
    text.trim().parse().map_err(|_| "expected an instant such as 2026-01-15T09:44:00Z".to_string())
}

impl TimeWindow {
    pub fn of(since: SignedDuration, around: Option<Timestamp>, now: Timestamp) -> TimeWindow {
        let (from, to) = match around {
            Some(at) => (at.saturating_sub(BEFORE), at.saturating_add(AFTER)),
            // A server's clock may be ahead of ours.
            None => (now.saturating_sub(since), Ok(Timestamp::MAX)),
        };
        TimeWindow { from: from.unwrap_or(Timestamp::MIN), to: to.unwrap_or(Timestamp::MAX), around, since }
    }

    /// What may have caused something that began at an instant. Clocks differ, and instants are whole seconds.
    pub fn before(at: Timestamp) -> TimeWindow {
        let to = at.saturating_add(SignedDuration::from_secs(60)).unwrap_or(at);
        TimeWindow { from: at.saturating_sub(BEFORE).unwrap_or(at), to, around: Some(at), since: BEFORE }
    }

    pub fn holds(&self, time: Timestamp) -> bool {
        self.from <= time && time <= self.to
    }

    /// `in the last 24h`, `from 08:44Z to 09:59Z`.
    pub fn words(&self) -> String {
        match self.around {
            Some(_) => format!("from {} to {}", self.from, self.to),
            None => format!("in the last {}", crate::text::age(self.since.as_secs())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{TimeWindow, instant};
    use jiff::SignedDuration;

    #[test]
    fn a_window_is_the_last_while_or_around_an_instant() {
        let now = instant("2026-01-15T10:00:00Z").expect("an instant");
        let holds = |window: &TimeWindow, text: &str| window.holds(instant(text).expect("an instant"));
        let last = TimeWindow::of(SignedDuration::from_hours(2), None, now);
        assert!(holds(&last, "2026-01-15T08:00:00Z") && holds(&last, "2026-01-15T10:00:30Z"));
        assert!(!holds(&last, "2026-01-15T07:59:59Z"));
        let around = TimeWindow::of(SignedDuration::from_hours(2), Some(now), now);
        assert!(holds(&around, "2026-01-15T09:00:00Z") && holds(&around, "2026-01-15T10:15:00Z"));
        assert!(!holds(&around, "2026-01-15T08:59:59Z") && !holds(&around, "2026-01-15T10:15:01Z"));
        assert!(instant("yesterday").is_err());
    }
}
