//! The pauses before what goes on is taken up again: client-go's, so that no server is stormed however it ends our requests.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::Duration;

/// The first pause and the longest, each lengthened by chance up to twice.
const PAUSES: (Duration, Duration) = (Duration::from_millis(800), Duration::from_secs(30));
/// What went on for so long was well: a little less than the minute after which balancers cut what is quiet.
const HEALTHY: Duration = Duration::from_secs(55);

/// Pauses that double until something has gone on for a while.
#[derive(Clone, Copy, Debug)]
pub struct Backoff {
    next: Duration,
}

impl Default for Backoff {
    fn default() -> Backoff {
        Backoff { next: PAUSES.0 }
    }
}

impl Backoff {
    /// The pause after something that went on for `lasted`; none after what was well.
    pub fn pause(&mut self, lasted: Duration) -> Duration {
        let chance = RandomState::new().build_hasher().finish() % 1000;
        self.pause_by(lasted, u32::try_from(chance).unwrap_or_default())
    }

    /// `chance` is of a thousand.
    fn pause_by(&mut self, lasted: Duration, chance: u32) -> Duration {
        if lasted >= HEALTHY {
            *self = Backoff::default();
            return Duration::ZERO;
        }
        let pause = self.next;
        self.next = (pause * 2).min(PAUSES.1);
        (pause + pause * chance / 1000).min(PAUSES.1)
    }
}

#[cfg(test)]
mod tests {
    use super::Backoff;
    use std::time::Duration;

    #[test]
    fn pauses_double_and_begin_anew_after_a_minute() {
        let mut backoff = Backoff::default();
        let brief = Duration::from_secs(1);
        let millis: Vec<u128> = (0..8).map(|_| backoff.pause_by(brief, 0).as_millis()).collect();
        assert_eq!(millis, [800, 1600, 3200, 6400, 12_800, 25_600, 30_000, 30_000]);
        assert_eq!(backoff.pause_by(Duration::from_secs(60), 500), Duration::ZERO);
        assert_eq!(backoff.pause_by(brief, 500), Duration::from_millis(1200));
        let pauses: Vec<Duration> = (0..50).map(|_| Backoff::default().pause(brief)).collect();
        assert!(pauses.iter().all(|pause| (800..=1600).contains(&pause.as_millis())), "{pauses:?}");
        assert!(pauses.iter().any(|pause| *pause != pauses[0]), "no chance in it");
    }
}
