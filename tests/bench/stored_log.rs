//! A log that costs its server nothing to find: lines of one length, at one distance in time, made once.

use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};

/// One answer is handed on in pieces of this size, as a kubelet does.
const CHUNK: usize = 16 << 10;

pub struct StoredLog {
    text: Bytes,
    /// Of each line, with its time and its end.
    width: usize,
    first: Timestamp,
}

/// Between two lines.
const STEP: SignedDuration = SignedDuration::from_millis(10);

impl StoredLog {
    /// So many lines, the last of them a minute old.
    #[allow(dead_code, reason = "only some programs that share this file have logs")]
    pub fn new(lines: usize) -> StoredLog {
        let count = i32::try_from(lines).expect("few enough");
        let now = Timestamp::from_second(Timestamp::now().as_second()).expect("in range");
        let first = now - SignedDuration::from_secs(60) - STEP * count;
        let line = |number: i32| {
            let time = (first + STEP * number).strftime("%Y-%m-%dT%H:%M:%S.%9fZ").to_string();
            let words = "INFO checkout.orders request handled path=/api/v1/orders status=200 took=12ms";
            format!("{time} {words} trace=4bf92f3577b34da6 n={number:08}\n")
        };
        let text: String = (0..count).map(line).collect();
        StoredLog { width: text.len() / lines.max(1), text: text.into(), first }
    }

    /// The pieces of what a query asks for, and whether the answer goes on for ever then.
    pub fn answer(&self, query: &str) -> (Vec<Bytes>, bool) {
        let option = |name: &str| {
            let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
            pairs.find(|(key, _)| *key == name).map(|(_, value)| value.replace("%3A", ":"))
        };
        let number = |name: &str| option(name).and_then(|text| text.parse::<usize>().ok());
        let since = option("sinceTime").and_then(|text| text.parse::<Timestamp>().ok());
        let skipped = since.map_or(0, |since| {
            let millis = since.duration_since(self.first).as_millis().max(0);
            usize::try_from((millis + STEP.as_millis() - 1) / STEP.as_millis()).unwrap_or(usize::MAX)
        });
        let from = skipped.saturating_mul(self.width).min(self.text.len());
        let wanted = number("tailLines").map_or(usize::MAX, |lines| lines.saturating_mul(self.width));
        let from = from.max(self.text.len().saturating_sub(wanted));
        let end = from + number("limitBytes").unwrap_or(usize::MAX).min(self.text.len() - from);
        let pieces = (from..end).step_by(CHUNK).map(|at| self.text.slice(at..end.min(at + CHUNK)));
        (pieces.collect(), option("follow").as_deref() == Some("true"))
    }
}
