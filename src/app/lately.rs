//! What happened within the last minutes, or today: clusters that could not be reached, and warnings that were given.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::env::Clock;
use crate::files;

const FILE: &str = "lately.json";
const MOST_BYTES: usize = 4 << 20;
/// Entries of each kind; the latest stay.
const MOST_ENTRIES: usize = 2000;

/// A cluster that could not be reached is given less time for so long.
const UNREACHED_FOR: SignedDuration = SignedDuration::from_mins(5);
/// What is no news is told again after so long.
const WARNED_FOR: SignedDuration = SignedDuration::from_hours(24);

/// When it was, by the key of a cluster, or by the text of a warning.
#[derive(Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default)]
struct Lately {
    unreached: BTreeMap<String, Timestamp>,
    warned: BTreeMap<String, Timestamp>,
}

impl Lately {
    fn read(file: &Path) -> Lately {
        let text = files::read_text_if_exists(file, MOST_BYTES).ok().flatten();
        text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default()
    }

    /// Drops what is too long ago, or is said to be yet to come.
    fn pruned(mut self, now: Timestamp) -> Lately {
        for (entries, age) in [(&mut self.unreached, UNREACHED_FOR), (&mut self.warned, WARNED_FOR)] {
            entries.retain(|_, then| *then <= now && now.duration_since(*then) < age);
            let mut latest: Vec<Timestamp> = entries.values().copied().collect();
            latest.sort_unstable_by(|one, other| other.cmp(one));
            if let Some(oldest) = latest.get(MOST_ENTRIES) {
                entries.retain(|_, then| *then > *oldest);
            }
        }
        self
    }
}

impl App {
    /// The keys of the clusters to which a connection did not come about within the last minutes. Who says how long it may take means
    /// it for all.
    pub(in crate::app) fn lately_unreached(&self) -> BTreeSet<String> {
        if self.options.given.iter().any(|flag| flag == "--connect-timeout") {
            return BTreeSet::new();
        }
        let lately = self.lately_file().map(|file| Lately::read(&file).pruned(real_now()));
        lately.map(|lately| lately.unreached.into_keys().collect()).unwrap_or_default()
    }

    /// Takes note of the clusters that this run could not reach, and forgets that of those that it could.
    pub(in crate::app) fn remember_reached(&self) {
        let Some(fleet) = self.fleet.get() else { return };
        let found: Vec<(String, bool)> =
            fleet.reached().map(|(cluster, is_reached)| (cluster.key(), is_reached)).collect();
        self.change_lately(|lately, now| {
            for (key, is_reached) in found {
                match is_reached {
                    true => drop(lately.unreached.remove(&key)),
                    false => drop(lately.unreached.insert(key, now)),
                }
            }
        });
    }

    /// Whether a warning was not given today. From now on it was.
    pub(in crate::app) fn is_news(&self, warning: &str) -> bool {
        let mut is_news = true;
        self.change_lately(|lately, now| match lately.warned.contains_key(warning) {
            true => is_news = false,
            false => drop(lately.warned.insert(warning.to_string(), now)),
        });
        is_news
    }

    /// Nothing is written where nothing changes. It is a comfort: where it fails, only `-v` tells.
    fn change_lately(&self, change: impl FnOnce(&mut Lately, Timestamp)) {
        let Some(file) = self.lately_file() else { return };
        let now = real_now();
        let changed = || {
            let mut lately = Lately::read(&file).pruned(now);
            let before = serde_json::to_string(&lately)?;
            change(&mut lately, now);
            let after = serde_json::to_string(&lately.pruned(now))?;
            if before == after {
                return Ok(());
            }
            file.parent().map_or(Ok(()), files::create_dir)?;
            files::replace(&file, after.as_bytes(), Some(0o600))
        };
        let written: anyhow::Result<()> = files::exclusively(&file, changed);
        if let Err(error) = written {
            self.ui.detail(&format!("what was learnt of clusters could not be remembered: {error:#}"));
        }
    }

    fn lately_file(&self) -> Option<PathBuf> {
        self.memory_directory().map(|directory| directory.join(FILE))
    }
}

/// Connections and days go by the real clock, whatever the present is for verdicts.
fn real_now() -> Timestamp {
    Clock::default().now()
}

#[cfg(test)]
mod tests {
    use super::{Lately, MOST_ENTRIES};
    use jiff::{SignedDuration, Timestamp};

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).expect("a time")
    }

    #[test]
    fn what_is_long_ago_or_yet_to_come_is_forgotten() {
        let now = at(1_000_000);
        let mut lately = Lately::default();
        for (name, ago) in [("now", 0), ("near", 299), ("far", 300), ("to come", -5)] {
            lately.unreached.insert(name.to_string(), now - SignedDuration::from_secs(ago));
            lately.warned.insert(name.to_string(), now - SignedDuration::from_secs(ago * 300));
        }
        let kept = lately.pruned(now);
        assert_eq!(kept.unreached.keys().collect::<Vec<_>>(), ["near", "now"]);
        assert_eq!(kept.warned.keys().collect::<Vec<_>>(), ["now"]);
    }

    #[test]
    fn it_is_bounded_and_the_latest_stay() {
        let mut lately = Lately::default();
        for number in 0..MOST_ENTRIES as i64 + 10 {
            lately.warned.insert(format!("{number}"), at(1000 + number));
        }
        let kept = lately.pruned(at(10_000)).warned;
        assert_eq!(kept.len(), MOST_ENTRIES);
        assert!(!kept.contains_key("9") && kept.contains_key("10"));
    }

    #[test]
    fn a_damaged_file_is_none() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("lately.json");
        assert_eq!(Lately::read(&file), Lately::default());
        for odd in ["", "[]", "{\"unreached\":{\"a\":7}}", "\u{0}"] {
            crate::files::replace(&file, odd.as_bytes(), None).expect("written");
            assert_eq!(Lately::read(&file), Lately::default(), "{odd:?}");
        }
    }
}
