//! Lines that arrive from many logs at once, put in order as far as a short wait allows.

use std::cmp::Reverse;
use std::collections::binary_heap::PeekMut;
use std::collections::{BinaryHeap, VecDeque};
use std::time::Duration;

use jiff::Timestamp;

/// How long a line is held for an earlier one that may still come.
pub const HOLD: Duration = Duration::from_millis(300);
/// How long the first lines are held for logs that have not been opened.
pub const HOLD_FIRST: Duration = Duration::from_secs(3);
/// Bytes that are held; beyond it the oldest lines go, wait or not.
const MOST: usize = 6 << 20;

/// Instants are durations from any start, so that nothing here reads a clock.
#[derive(Debug)]
pub struct Window<T> {
    /// Of each log, by its number: its lines, in the order of their times.
    logs: Vec<VecDeque<HeldLine<T>>>,
    /// The first line of each log that has any: its time, its place in the order of arrival, the log.
    heads: BinaryHeap<Reverse<(Timestamp, u64, usize)>>,
    arrived: u64,
    /// In order of arrival: when the hold ends, and the latest time of the lines that came together.
    due: VecDeque<(Duration, Timestamp)>,
    /// All lines up to this time may go.
    passed: Timestamp,
    bytes: usize,
    hold: Duration,
}

#[derive(Debug)]
struct HeldLine<T> {
    at: Timestamp,
    number: u64,
    bytes: usize,
    item: T,
}

impl<T> Window<T> {
    pub fn new(hold: Duration) -> Window<T> {
        Window {
            logs: Vec::new(),
            heads: BinaryHeap::new(),
            arrived: 0,
            due: VecDeque::new(),
            passed: Timestamp::MIN,
            bytes: 0,
            hold,
        }
    }

    /// Holds lines of a log that have come together: their times, which never run backwards in a log, and their bytes.
    pub fn push(&mut self, log: usize, lines: impl Iterator<Item = (Timestamp, T, usize)>, now: Duration) {
        if self.logs.len() <= log {
            self.logs.resize_with(log + 1, VecDeque::new);
        }
        let held = &mut self.logs[log];
        let mut last = None;
        for (at, item, bytes) in lines {
            if held.is_empty() {
                self.heads.push(Reverse((at, self.arrived, log)));
            }
            held.push_back(HeldLine { at, number: self.arrived, bytes, item });
            self.arrived += 1;
            self.bytes += bytes;
            last = Some(at);
        }
        self.due.extend(last.map(|at| (now + self.hold, at)));
    }

    /// What is held already goes after this, and what comes is held that long.
    pub fn shorten(&mut self, rest: Duration, hold: Duration, now: Duration) {
        self.hold = hold;
        for (due, _) in &mut self.due {
            *due = (*due).min(now + rest);
        }
    }

    /// The next line whose hold is over, and its log.
    pub fn pop(&mut self, now: Duration) -> Option<(usize, T)> {
        while self.due.front().is_some_and(|(due, _)| *due <= now) {
            if let Some((_, at)) = self.due.pop_front() {
                self.passed = self.passed.max(at);
            }
        }
        let may_go = self.heads.peek().is_some_and(|Reverse((at, ..))| *at <= self.passed);
        if may_go || self.bytes > MOST { self.take() } else { None }
    }

    /// The next line, held or not.
    pub fn take(&mut self) -> Option<(usize, T)> {
        let mut head = self.heads.peek_mut()?;
        let Reverse((.., log)) = *head;
        let held = &mut self.logs[log];
        let line = held.pop_front()?;
        match held.front() {
            Some(next) => {
                *head = Reverse((next.at, next.number, log));
                drop(head);
            }
            None => drop(PeekMut::pop(head)),
        }
        self.bytes = self.bytes.saturating_sub(line.bytes);
        if self.heads.is_empty() {
            self.due.clear();
        }
        Some((log, line.item))
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

    /// Lines are their times.
    fn put(window: &mut Window<i64>, log: usize, seconds: &[i64], now: Duration) {
        window.push(log, seconds.iter().map(|second| (at(*second), *second, 1)), now);
    }

    fn all(window: &mut Window<i64>, now: Duration) -> Vec<i64> {
        std::iter::from_fn(|| window.pop(now)).map(|(_, second)| second).collect()
    }

    #[test]
    fn a_line_waits_for_earlier_ones() {
        let mut window = Window::new(HOLD);
        put(&mut window, 0, &[5], ms(0));
        put(&mut window, 1, &[3], ms(100));
        put(&mut window, 0, &[7], ms(200));
        assert!(all(&mut window, ms(299)).is_empty());
        assert_eq!(window.next_due(), Some(ms(300)));
        assert_eq!(all(&mut window, ms(300)), [3, 5]);
        assert_eq!(all(&mut window, ms(500)), [7]);
        assert_eq!(window.next_due(), None);
    }

    #[test]
    fn logs_that_come_in_pieces_are_one_order() {
        let mut window = Window::new(HOLD);
        put(&mut window, 2, &[1, 4, 4], ms(0));
        put(&mut window, 0, &[2, 3, 5], ms(0));
        put(&mut window, 2, &[6], ms(0));
        put(&mut window, 0, &[], ms(0));
        let given: Vec<(usize, i64)> = std::iter::from_fn(|| window.pop(ms(300))).collect();
        assert_eq!(given, [(2, 1), (0, 2), (0, 3), (2, 4), (2, 4), (0, 5), (2, 6)]);
    }

    #[test]
    fn the_same_time_comes_in_the_order_of_arrival() {
        let mut window = Window::new(HOLD);
        put(&mut window, 1, &[1, 1], ms(0));
        put(&mut window, 0, &[1], ms(0));
        let given: Vec<usize> = std::iter::from_fn(|| window.take()).map(|(log, _)| log).collect();
        assert_eq!(given, [1, 1, 0]);
    }

    #[test]
    fn one_that_comes_too_late_goes_at_once() {
        let mut window = Window::new(HOLD);
        put(&mut window, 0, &[5], ms(0));
        assert_eq!(all(&mut window, ms(300)), [5]);
        put(&mut window, 1, &[4], ms(310));
        assert_eq!(all(&mut window, ms(310)), [4]);
    }

    #[test]
    fn memory_is_bounded() {
        let mut window = Window::new(HOLD);
        for second in 0..100 {
            window.push(0, [(at(second), second, 1 << 20)].into_iter(), ms(0));
            while window.pop(ms(0)).is_some() {}
            assert!(window.bytes <= 9 << 20);
            assert!(window.logs[0].len() < 10);
        }
    }

    #[test]
    fn a_hold_can_be_shortened() {
        let mut window = Window::new(Duration::from_secs(3));
        put(&mut window, 0, &[2], ms(0));
        put(&mut window, 1, &[1], ms(10));
        window.shorten(HOLD, HOLD, ms(20));
        assert_eq!(all(&mut window, ms(320)), [1, 2]);
    }

    #[test]
    fn the_rest_comes_in_order() {
        let mut window = Window::new(HOLD);
        for (log, second) in [3, 1, 2].into_iter().enumerate() {
            put(&mut window, log, &[second], ms(0));
        }
        assert_eq!(std::iter::from_fn(|| window.take()).map(|(_, s)| s).collect::<Vec<_>>(), [1, 2, 3]);
    }
}
