//! Where a log was left, so that it is taken up again without a line lost or repeated.

use jiff::Timestamp;

/// The time of the last line that was read, and how many lines had that time.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Position {
    /// Any line was read.
    pub is_begun: bool,
    pub at: Option<Timestamp>,
    same: usize,
}

/// What of a log that is read again from a position has been read before.
#[derive(Debug)]
pub struct ReadAgain {
    until: Option<Timestamp>,
    left: usize,
}

impl Position {
    /// Takes note of a line that was read.
    pub fn pass(&mut self, at: Option<Timestamp>) {
        self.is_begun = true;
        let Some(at) = at else { return };
        self.same = if self.at == Some(at) { self.same + 1 } else { 1 };
        self.at = Some(at);
    }

    pub fn again(&self) -> ReadAgain {
        ReadAgain { until: self.at, left: self.same }
    }
}

impl ReadAgain {
    /// Whether a line was read before; to be asked of every line in order. A line without a time is new.
    pub fn is_old(&mut self, at: Option<Timestamp>) -> bool {
        let (Some(until), Some(at)) = (self.until, at) else { return false };
        if at < until {
            return true;
        }
        if at == until && self.left > 0 {
            self.left -= 1;
            return true;
        }
        // What follows was written later, whatever the clock says.
        self.until = None;
        false
    }
}

#[cfg(test)]
mod tests {
    use super::Position;
    use jiff::Timestamp;

    fn at(second: i64) -> Option<Timestamp> {
        (second >= 0).then(|| Timestamp::from_second(second).expect("in range"))
    }

    /// Reads the first lines, then everything again: what is new must be the rest.
    #[track_caller]
    fn check(times: &[i64]) {
        for broken in 0..=times.len() {
            let mut position = Position::default();
            times[..broken].iter().for_each(|second| position.pass(at(*second)));
            let mut again = position.again();
            let read: Vec<i64> = times.iter().copied().filter(|second| !again.is_old(at(*second))).collect();
            assert_eq!(read, times[broken..], "broken after {broken}");
        }
    }

    #[test]
    fn nothing_is_lost_or_repeated_wherever_it_breaks() {
        check(&[1, 2, 3, 4]);
        check(&[1, 1, 1, 2, 2]);
        check(&[7]);
        check(&[]);
    }

    #[test]
    fn a_clock_set_back_loses_nothing_after_it() {
        let mut position = Position::default();
        position.pass(at(10));
        let mut again = position.again();
        let read: Vec<i64> =
            [9, 10, 11, 5, 6].into_iter().filter(|second| !again.is_old(at(*second))).collect();
        assert_eq!(read, [11, 5, 6]);
    }

    #[test]
    fn a_line_without_a_time_is_new() {
        let mut position = Position::default();
        position.pass(at(1));
        position.pass(None);
        assert!(!position.again().is_old(None));
    }
}
