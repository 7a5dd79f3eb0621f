//! Several logs in one order by time, each kept in its own: a merge that holds as little as it can.

use std::cmp::Reverse;
use std::collections::binary_heap::PeekMut;
use std::collections::{BinaryHeap, VecDeque};

use jiff::Timestamp;

use crate::fleet::logs::LogLine;

/// A merge of a fixed number of logs. It says which log it must hear from before it can go on.
#[derive(Debug)]
pub struct Merge {
    logs: Vec<Queue>,
    /// The first line of each log that has any: its time, then the log's number.
    heads: BinaryHeap<Reverse<(Timestamp, usize)>>,
    /// Logs of which the next line is not known.
    waiting: Vec<usize>,
}

#[derive(Debug, Default)]
struct Queue {
    lines: VecDeque<LogLine>,
    clock: LogClock,
}

/// A log's own time, which does not run backwards: so its lines keep their order, and those without a time
/// stand beside those before them.
#[derive(Clone, Copy, Debug)]
pub struct LogClock(Timestamp);

impl Default for LogClock {
    fn default() -> LogClock {
        LogClock(Timestamp::MIN)
    }
}

impl LogClock {
    pub fn tick(&mut self, at: Option<Timestamp>) -> Timestamp {
        self.0 = self.0.max(at.unwrap_or(self.0));
        self.0
    }
}

impl Merge {
    pub fn new(logs: usize) -> Merge {
        Merge {
            logs: (0..logs).map(|_| Queue::default()).collect(),
            heads: BinaryHeap::new(),
            waiting: (0..logs).rev().collect(),
        }
    }

    /// A log whose next lines are needed before any line can be given.
    pub fn needs(&self) -> Option<usize> {
        self.waiting.last().copied()
    }

    /// The next lines of a log that was needed; none of them is its end.
    pub fn feed(&mut self, log: usize, lines: Vec<LogLine>) {
        self.waiting.retain(|waiting| *waiting != log);
        let queue = &mut self.logs[log];
        queue.lines.extend(lines);
        self.put_head(log);
    }

    /// The next line of all, once nothing is needed, with the number of its log; nothing at the end.
    pub fn next(&mut self) -> Option<(usize, LogLine)> {
        let mut head = self.heads.peek_mut()?;
        let Reverse((_, log)) = *head;
        let queue = &mut self.logs[log];
        let line = queue.lines.pop_front()?;
        match queue.lines.front() {
            Some(next) => *head = Reverse((queue.clock.tick(next.at), log)),
            None => {
                PeekMut::pop(head);
                self.waiting.push(log);
            }
        }
        Some((log, line))
    }

    fn put_head(&mut self, log: usize) {
        let queue = &mut self.logs[log];
        if let Some(line) = queue.lines.front() {
            self.heads.push(Reverse((queue.clock.tick(line.at), log)));
        }
    }
}

#[cfg(test)]
pub mod tests {
    use super::Merge;
    use crate::fleet::logs::LogLine;
    use jiff::Timestamp;

    /// Below zero is a line without a time.
    pub fn line(second: i64, text: &str) -> LogLine {
        let at = (second >= 0).then(|| Timestamp::from_second(second).expect("in range"));
        LogLine { at, text: text.to_string(), is_cut: false }
    }

    /// Logs of batches of lines; a line is its time.
    #[track_caller]
    fn check(logs: &[&[&[i64]]], expect: &[&str]) {
        let mut merge = Merge::new(logs.len());
        let mut rest: Vec<_> = logs.iter().map(|batches| batches.iter()).collect();
        let mut got = Vec::new();
        loop {
            if let Some(log) = merge.needs() {
                let batch = rest[log].next().copied().unwrap_or_default();
                merge.feed(log, batch.iter().map(|second| line(*second, "")).collect());
                continue;
            }
            let Some((log, line)) = merge.next() else { break };
            got.push(format!("{log}:{}", line.at.map_or(-1, |at| at.as_second())));
        }
        assert_eq!(got, expect);
    }

    #[test]
    fn lines_come_by_time_over_all_logs() {
        check(&[&[&[1, 4], &[5]], &[&[2], &[3, 6]]], &["0:1", "1:2", "1:3", "0:4", "0:5", "1:6"]);
    }

    #[test]
    fn the_same_time_comes_in_the_logs_order() {
        check(&[&[&[1, 1]], &[&[1]]], &["0:1", "0:1", "1:1"]);
    }

    #[test]
    fn a_log_keeps_its_own_order() {
        check(&[&[&[5, -1, 2, 7]], &[&[3, 6]]], &["1:3", "0:5", "0:-1", "0:2", "1:6", "0:7"]);
        check(&[&[&[-1, 2]], &[&[1]]], &["0:-1", "1:1", "0:2"]);
    }

    #[test]
    fn nothing_is_nothing() {
        check(&[], &[]);
        check(&[&[], &[]], &[]);
    }
}
