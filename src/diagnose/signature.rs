//! What makes two lines the same trouble: the line without what differs from run to run.

use crate::pattern::{LazyRegex, regex};
use std::borrow::Cow;

/// What is stripped and what is left in its place, in this order.
static STRIPPED: &[(&LazyRegex, &str)] = &[
    (regex!(r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(\x07|\x1b\\)|\x1b."), ""),
    (regex!(r"\b\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d(:\d\d([.,]\d+)?)?(Z|[ ]?[+-]\d\d:?\d\d)?"), "<time>"),
    (
        regex!(
            r"\b(mon|tue|wed|thu|fri|sat|sun)?,? ?\d?\d[ /](jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*[ /:]\d{4}([ :]\d\d:\d\d:\d\d)?"
        ),
        "<time>",
    ),
    (
        regex!(r"\b(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]* +\d?\d,? (\d{4} )?\d\d:\d\d:\d\d"),
        "<time>",
    ),
    (regex!(r"\b[IWEF]\d{4} \d\d:\d\d:\d\d\.\d+ +\d+ "), ""),
    (regex!(r"\b\d\d:\d\d:\d\d([.,]\d+)?\b"), "<time>"),
    (regex!(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b"), "<id>"),
    (regex!(r"\b\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}(:\d+)?\b"), "<address>"),
    (regex!(r"\[?\b([0-9a-f]{0,4}:){3,7}[0-9a-f]{0,4}\b(\]:\d+)?"), "<address>"),
    (regex!(r"\b0x[0-9a-f]+\b"), "<hex>"),
    (regex!(r"\b[a-z0-9]([-a-z0-9]*[a-z0-9])?-[a-f0-9]{8,10}-[bcdfghjklmnpqrstvwxz2456789]{5}\b"), "<pod>"),
    (regex!(r"\b[0-9a-f]*[0-9][0-9a-f]*\b"), "<n>"),
    (regex!(r"\d+"), "<n>"),
    (regex!(r"\s+"), " "),
];

/// The longest part of a line that is looked at.
const LONGEST: usize = 2000;

/// The line without escape sequences, times, ids, addresses, numbers and the name of the pod.
pub fn of(line: &str, pod: &str) -> String {
    let end = line.char_indices().nth(LONGEST).map_or(line.len(), |(at, _)| at);
    let mut text = line[..end].trim().to_string();
    if pod.len() > 3 {
        text = text.replace(pod, "<pod>");
    }
    for (pattern, instead) in STRIPPED {
        if let Cow::Owned(stripped) = pattern.replace_all(&text, *instead) {
            text = stripped;
        }
    }
    text.trim().to_string()
}

#[cfg(test)]
mod tests {
    use super::of;

    #[track_caller]
    fn same(one: &str, other: &str) {
        assert_eq!(of(one, "web-1"), of(other, "web-2"));
    }

    #[test]
    fn what_differs_from_run_to_run_is_gone() {
        same(
            "2026-01-01T00:00:00.123Z \x1b[31mERROR\x1b[0m dial tcp 10.0.0.7:5432: i/o timeout after 3012ms",
            "2026-02-03T11:22:33Z ERROR dial tcp 10.1.2.3:5432: i/o timeout after 87ms",
        );
        same(
            "request 6f1f6a0e-8c6b-4f5e-9d0e-1b2c3d4e5f60 failed",
            "request 00000000-8c6b-4f5e-9d0e-1b2c3d4e5f61 failed",
        );
        same("commit deadbeef1 at 0xc000012345", "commit 1234567f at 0xc0000aa");
        same("pod web-1 is gone", "pod web-2 is gone");
        same(
            "E0101 00:00:00.000001       1 main.go:12] boom",
            "E1231 10:20:30.999999      17 main.go:12] boom",
        );
        same("Jan  1 00:00:00 boom", "Feb 11 10:00:01 boom");
        same("web-7d9f8b6c5d-x2x4z died", "web-6c5f8b6c5d-q9q7z died");
    }

    #[test]
    fn what_is_said_stays() {
        assert_eq!(of("KeyError: 'DATABASE_URL'", "web-1"), "KeyError: 'DATABASE_URL'");
        assert_ne!(of("panic: nil map", ""), of("panic: nil pointer", ""));
        assert_eq!(of("dial tcp 10.0.0.7:5432: refused", ""), "dial tcp <address>: refused");
        assert_eq!(of("a face of decade beef", ""), "a face of decade beef");
    }

    #[test]
    fn hostile_lines_are_cut() {
        assert!(of(&"\u{1b}[".repeat(100_000), "").len() < 5000);
        assert!(of(&"é1".repeat(100_000), "").chars().count() < 5000);
    }
}
