//! The time a simulated fleet lives in: the real one, or an instant that stands still.

use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};

/// How the servers tell the time. TLS and tokens do not ask it.
#[derive(Clone, Copy, Debug)]
pub enum ServerClock {
    /// Fixtures are moved so that their `now:` is the instant of the start, `now` here, and time goes on.
    Live { now: Timestamp },
    /// Everything is served as written; ages in server-side tables are those of this instant.
    Pinned { now: Timestamp },
}

impl ServerClock {
    /// By how much every written instant is moved, in whole seconds, for fixtures that were written for `written_for`.
    pub fn shift(self, written_for: Option<Timestamp>) -> SignedDuration {
        match (self, written_for) {
            (ServerClock::Live { now }, Some(then)) => {
                SignedDuration::from_secs(now.as_second() - then.as_second())
            }
            _ => SignedDuration::ZERO,
        }
    }
}

/// A clock that was started.
#[derive(Clone, Copy, Debug)]
pub struct RunningClock {
    clock: ServerClock,
    started: Instant,
}

pub fn start(clock: ServerClock) -> RunningClock {
    RunningClock { clock, started: Instant::now() }
}

impl RunningClock {
    /// So long after the start; a clock that stands still knows one instant only.
    pub fn after_start(&self, after: SignedDuration) -> Timestamp {
        match self.clock {
            ServerClock::Pinned { now } => now,
            ServerClock::Live { now } => now.checked_add(after).unwrap_or(now),
        }
    }

    /// How long until an instant comes; zero where it is past, or where the clock stands still and nothing is to come.
    pub fn until(&self, instant: Timestamp) -> Duration {
        match self.clock {
            ServerClock::Pinned { .. } => Duration::ZERO,
            ServerClock::Live { .. } => {
                Duration::try_from(instant.duration_since(self.now())).unwrap_or_default()
            }
        }
    }

    pub fn now(&self) -> Timestamp {
        match self.clock {
            ServerClock::Pinned { now } => now,
            ServerClock::Live { now } => {
                let since = SignedDuration::try_from(self.started.elapsed()).unwrap_or(SignedDuration::ZERO);
                now.checked_add(since).unwrap_or(now)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ServerClock;
    use jiff::{SignedDuration, Timestamp};

    #[test]
    fn a_pinned_clock_moves_nothing() {
        let (then, now) =
            (Timestamp::from_second(1_000).ok(), Timestamp::from_second(1_060).expect("an instant"));
        assert_eq!(ServerClock::Live { now }.shift(then), SignedDuration::from_secs(60));
        assert_eq!(ServerClock::Live { now }.shift(None), SignedDuration::ZERO);
        assert_eq!(ServerClock::Pinned { now }.shift(then), SignedDuration::ZERO);
    }
}
