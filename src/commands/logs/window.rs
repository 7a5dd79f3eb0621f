//! Lines that arrive from many logs at once, put in order as far as a short wait allows.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::time::Duration;

use jiff::Timestamp;

/// How long a line is held for an earlier one that may still come.
pub const HOLD: Duration = Duration::from_millis(300);
/// How long the first lines are held for logs that have not been opened.
pub const HOLD_FIRST: Duration = Duration::from_secs(3);
/// Bytes that are held; beyond it the oldest lines go, wait or not.
const MOST: usize = 8 << 20;

/// Instants are durations from any start, so that nothing here reads a clock.
#[derive(Debug)]
pub struct Window<T> {
    lines: BinaryHeap<Reverse<(Timestamp, u64)>>,
    /// By their number from `first` on; taken where they have been given out.
    items: VecDeque<Option<(T, usize)>>,
    first: u64,
    /// In order of arrival: when the hold ends, and the line's time.
    due: VecDeque<(Duration, Timestamp)>,
    /// All lines up to this time may go.
    passed: Timestamp,
    bytes: usize,
    hold: Duration,
}

impl<T> Window<T> {
    pub fn new(hold: Duration) -> Window<T> {
        Window {
            lines: BinaryHeap::new(),
            items: VecDeque::new(),
            first: 0,
            due: VecDeque::new(),
            passed: Timestamp::MIN,
            bytes: 0,
            hold,
        }
    }

    /// Holds a line of that many bytes.
    pub fn push(&mut self, at: Timestamp, item: T, bytes: usize, now: Duration) {
        let number = self.first + self.items.len() as u64;
        self.lines.push(Reverse((at, number)));
        self.items.push_back(Some((item, bytes)));
        self.due.push_back((now + self.hold, at));
        self.bytes += bytes;
    }

    /// What is held already goes after this, and what comes is held that long.
    pub fn shorten(&mut self, rest: Duration, hold: Duration, now: Duration) {
        self.hold = hold;
        for (due, _) in &mut self.due {
            *due = (*due).min(now + rest);
        }
    }

    /// The next line whose hold is over.
    pub fn pop(&mut self, now: Duration) -> Option<T> {
        while self.due.front().is_some_and(|(due, _)| *due <= now) {
            if let Some((_, at)) = self.due.pop_front() {
                self.passed = self.passed.max(at);
            }
        }
        let may_go = self.lines.peek().is_some_and(|Reverse((at, _))| *at <= self.passed);
        if may_go || self.bytes > MOST { self.take() } else { None }
    }

    /// The next line, held or not.
    pub fn take(&mut self) -> Option<T> {
        let Reverse((_, number)) = self.lines.pop()?;
        let index = usize::try_from(number - self.first).ok()?;
        let (item, bytes) = self.items.get_mut(index)?.take()?;
        self.bytes = self.bytes.saturating_sub(bytes);
        while self.items.front().is_some_and(Option::is_none) {
            self.items.pop_front();
            self.first += 1;
        }
        if self.lines.is_empty() {
            self.due.clear();
        }
        Some(item)
    }

    /// When the next hold ends.
    pub fn next_due(&self) -> Option<Duration> {
        self.due.front().map(|(due, _)| *due)
    }
}

#[cfg(test)]
mod tests {
    use super::Window;
    use jiff::Timestamp;
    use std::time::Duration;

    const HOLD: Duration = Duration::from_millis(300);

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("in range")
    }

    fn ms(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    fn all(window: &mut Window<i64>, now: Duration) -> Vec<i64> {
        std::iter::from_fn(|| window.pop(now)).collect()
    }

    #[test]
    fn a_line_waits_for_earlier_ones() {
        let mut window = Window::new(HOLD);
        window.push(at(5), 5, 1, ms(0));
        window.push(at(3), 3, 1, ms(100));
        window.push(at(7), 7, 1, ms(200));
        assert!(all(&mut window, ms(299)).is_empty());
        assert_eq!(window.next_due(), Some(ms(300)));
        assert_eq!(all(&mut window, ms(300)), [3, 5]);
        assert_eq!(all(&mut window, ms(500)), [7]);
        assert_eq!(window.next_due(), None);
    }

    #[test]
    fn one_that_comes_too_late_goes_at_once() {
        let mut window = Window::new(HOLD);
        window.push(at(5), 5, 1, ms(0));
        assert_eq!(all(&mut window, ms(300)), [5]);
        window.push(at(4), 4, 1, ms(310));
        assert_eq!(all(&mut window, ms(310)), [4]);
    }

    #[test]
    fn memory_is_bounded() {
        let mut window = Window::new(HOLD);
        for second in 0..100 {
            window.push(at(second), second, 1 << 20, ms(0));
            while window.pop(ms(0)).is_some() {}
            assert!(window.bytes <= 9 << 20);
            assert!(window.items.len() < 10);
        }
    }

    #[test]
    fn a_hold_can_be_shortened() {
        let mut window = Window::new(Duration::from_secs(3));
        window.push(at(2), 2, 1, ms(0));
        window.push(at(1), 1, 1, ms(10));
        window.shorten(HOLD, HOLD, ms(20));
        assert_eq!(all(&mut window, ms(320)), [1, 2]);
    }

    #[test]
    fn the_rest_comes_in_order() {
        let mut window = Window::new(HOLD);
        for second in [3, 1, 2] {
            window.push(at(second), second, 1, ms(0));
        }
        assert_eq!(std::iter::from_fn(|| window.take()).collect::<Vec<_>>(), [1, 2, 3]);
    }
}
