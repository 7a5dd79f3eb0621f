//! Texts that are nearly right: seeded mutations of good ones, for the tests of everything that reads.
//! `CALLBOARD_MUTATIONS=100000` makes that many of them for each test, `CALLBOARD_MUTATION_SEED=7` others.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

/// How many there are for each test where nobody asks for more.
const USUAL: u64 = 1_500;
/// No text grows beyond this.
const LONGEST: usize = 64 << 10;
/// Far more than any of them takes, on the slowest machine: what takes longer has no bound.
const PATIENCE: Duration = Duration::from_secs(20);

/// What readers stumble over, whatever they read.
const WORDS: &[&str] = &[
    "\0",
    "\u{1b}[2J",
    "\u{9b}",
    "\u{202e}",
    "\u{200b}",
    "\u{feff}",
    "\u{e0041}",
    "\r\n",
    "\t",
    " ",
    "\n---\n",
    "\n",
    "'",
    "\"",
    "\\",
    "\\u0000",
    "{",
    "}",
    "[",
    "]",
    "(",
    ")",
    "{{",
    "}}",
    "{%",
    "%}",
    "${{",
    "{#",
    "#",
    ":",
    ": ",
    ",",
    "|",
    ">-",
    "&a ",
    "*a",
    "<<: ",
    "!!binary ",
    "!",
    "- ",
    "null",
    "true",
    "~",
    "0",
    "-1",
    "9223372036854775808",
    "1e999",
    "1e-999",
    "NaN",
    "0x7fffffff",
    "é",
    "😀",
    "=",
    "==",
    "!=",
    " in ",
    " notin ",
    "/",
    "..",
    "../secrets/x",
    "%2e%2e",
    "$(id)",
    "`id`",
    "--help",
    "@",
    "*",
    "?",
    "9999-12-31T23:59:59Z",
    "0001-01-01T00:00:00Z",
];

/// A small generator of numbers that look random: the same from one seed each time.
pub struct Random(u64);

impl Random {
    pub fn from_seed(seed: u64) -> Random {
        // Neighbouring seeds shall not begin alike.
        let mut random = Random(seed.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        random.next();
        random
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// A number below a bound that is not 0.
    pub fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(bound).unwrap_or(u64::MAX)).unwrap_or(0)
    }
}

#[expect(clippy::disallowed_methods, reason = "tests alone read these")]
fn number(name: &str, usual: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
}

/// Calls a test with as many numbers as are wanted. One that panics, or has no end to speak of, is told with its seed.
#[track_caller]
pub fn seeds(check: impl Fn(u64)) {
    let first = number("CALLBOARD_MUTATION_SEED", 0).wrapping_mul(1 << 32);
    for seed in (first..).take(usize::try_from(number("CALLBOARD_MUTATIONS", USUAL)).unwrap_or(usize::MAX)) {
        let started = Instant::now();
        let done = catch_unwind(AssertUnwindSafe(|| check(seed)));
        assert!(done.is_ok(), "mutation {seed} fails, as told above");
        assert!(started.elapsed() < PATIENCE, "mutation {seed} took {:?}", started.elapsed());
    }
}

/// Calls a test with mutations of these texts.
#[track_caller]
pub fn each(good: &[&str], check: impl Fn(&str)) {
    seeds(|seed| {
        let text = mutated(good, &mut Random::from_seed(seed));
        let done = catch_unwind(AssertUnwindSafe(|| check(&text)));
        assert!(done.is_ok(), "mutation {seed}:\n{text:?}");
    });
}

/// One of the texts, changed in a few places.
pub fn mutated(good: &[&str], random: &mut Random) -> String {
    let mut bytes = good[random.below(good.len())].as_bytes().to_vec();
    for _ in 0..=random.below(6) {
        let (at, length) = range(&bytes, random);
        match random.below(8) {
            0 => bytes.truncate(at),
            1 => drop(bytes.drain(at..at + length)),
            2 => {
                let again = bytes[at..at + length].repeat(1 + random.below(40));
                insert(&mut bytes, at, &again);
            }
            3 => {
                let (to, _) = range(&bytes, random);
                let moved = bytes[at..at + length].to_vec();
                insert(&mut bytes, to, &moved);
            }
            4 => {
                let other = good[random.below(good.len())].as_bytes();
                let (from, length) = range(other, random);
                insert(&mut bytes, at, &other[from..from + length]);
            }
            5 => {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte = u8::try_from(random.below(256)).unwrap_or_default();
                }
            }
            _ => {
                let word = WORDS[random.below(WORDS.len())].repeat(1 + random.below(4) * random.below(30));
                insert(&mut bytes, at, word.as_bytes());
            }
        }
    }
    bytes.truncate(LONGEST);
    String::from_utf8_lossy(&bytes).into_owned()
}

fn insert(bytes: &mut Vec<u8>, at: usize, more: &[u8]) {
    if bytes.len() + more.len() <= LONGEST {
        bytes.splice(at..at, more.iter().copied());
    }
}

/// A place in it, and a length from there on; short ones are likelier.
fn range(bytes: &[u8], random: &mut Random) -> (usize, usize) {
    let at = random.below(bytes.len() + 1);
    let most = (bytes.len() - at).min(1 << random.below(9));
    (at, random.below(most + 1))
}

#[test]
fn the_same_seed_gives_the_same_text() {
    let text = |seed| mutated(&["one: {two: [3, 4]}\n", "five\n"], &mut Random::from_seed(seed));
    let all: std::collections::BTreeSet<String> = (0..100).map(text).collect();
    assert!(all.len() > 80 && text(7) == text(7), "{} of 100 differ", all.len());
}
