//! What clusters said the last time they answered, so that a silent one can still be told about.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::health::{Health, Serving, Summary};
use crate::survey::state::HealthState;

/// Answers older than this are forgotten: what ran a month ago is no news about tonight.
const KEEP: jiff::SignedDuration = jiff::SignedDuration::from_hours(24 * 30);

/// The last answers, by cluster (its name and its server: a name alone may mean another one tomorrow) and by
/// service (its name and what it was asked by). Verdicts and kinds only: nothing that a cluster holds.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Memory {
    clusters: BTreeMap<String, BTreeMap<String, Remembered>>,
}

#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Remembered {
    health: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    serving: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    since: Option<Timestamp>,
    /// Pods available and desired, where there was something to count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pods: Option<(i64, i64)>,
    pub answered_at: Timestamp,
    /// The kinds that the service had there.
    pub kinds: Vec<String>,
    /// The containers of its pods, by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub containers: Vec<String>,
}

impl Remembered {
    pub fn new(
        summary: &Summary,
        kinds: Vec<String>,
        containers: Vec<String>,
        answered_at: Timestamp,
    ) -> Remembered {
        let state = HealthState::of(summary);
        Remembered {
            health: state.health.word().to_string(),
            serving: state.serving.map(|serving| serving.word().to_string()),
            reason: state.reason,
            message: state.message,
            since: state.since,
            pods: summary.available.zip(summary.desired),
            answered_at,
            kinds,
            containers,
        }
    }

    /// The verdict of then; nothing where a later version's word is not known.
    pub fn state(&self) -> Option<HealthState> {
        Some(HealthState {
            health: Health::of_word(&self.health)?,
            serving: self.serving.as_deref().and_then(Serving::of_word),
            reason: self.reason.clone(),
            message: self.message.clone(),
            since: self.since,
        })
    }
}

/// What one run has learned, by cluster and service: what it is there, or that it is not.
#[derive(Clone, Debug, Default)]
pub struct Learned {
    clusters: BTreeMap<String, BTreeMap<String, Option<Remembered>>>,
    now: Timestamp,
}

impl Learned {
    pub fn new(now: Timestamp) -> Learned {
        Learned { clusters: BTreeMap::new(), now }
    }

    pub fn learn(&mut self, cluster: &str, service: &str, now: Option<Remembered>) {
        self.clusters.entry(cluster.to_string()).or_default().insert(service.to_string(), now);
    }

    /// Adds it to what is remembered. That a service is no longer there is worth a line only where it was.
    pub fn remember(&self, app: &App) {
        for (cluster, services) in &self.clusters {
            let gone = services.iter().filter(|(_, now)| now.is_none()).map(|(service, _)| service.as_str());
            let mut gone: BTreeMap<String, bool> = gone.map(|service| (quoted(service), false)).collect();
            if !gone.is_empty() {
                app.recall(cluster, &mut |line| {
                    if let Some((service, now)) = line.split_once('\t')
                        && let Some(was_there) = gone.get_mut(service)
                    {
                        *was_there = now != GONE;
                    }
                });
            }
            let here = services.iter().filter_map(|(service, now)| Some((quoted(service), now.as_ref()?)));
            let here = here.map(|(service, now)| {
                format!("{service}\t{}\n", serde_json::to_string(now).unwrap_or_default())
            });
            let gone = gone.iter().filter(|(_, was_there)| **was_there);
            let lines: String = here.chain(gone.map(|(service, _)| format!("{service}\t{GONE}\n"))).collect();
            if !lines.is_empty() {
                app.remember(cluster, &lines, |all| renewed(all, self.now));
            }
        }
    }
}

/// What stands in the place of a verdict on a service that is no longer there.
const GONE: &str = "null";

/// How a service is named in a line: JSON holds no tabulator.
fn quoted(service: &str) -> String {
    serde_json::to_string(service).unwrap_or_default()
}

/// Bytes that are kept of a cluster.
const MOST_KEPT: usize = 8 << 20;

/// Of all lines of a cluster those that still count: the last one of each service, if it is not too old.
fn renewed(lines: &str, now: Timestamp) -> String {
    let mut last: BTreeMap<&str, (usize, &str)> = BTreeMap::new();
    for (number, line) in lines.lines().enumerate() {
        if let Some((service, _)) = line.split_once('\t') {
            last.insert(service, (number, line));
        }
    }
    let mut kept: Vec<(usize, &str)> = last
        .into_values()
        .filter(|(_, line)| read(line).is_some_and(|(_, known)| is_young(&known, now)))
        .collect();
    kept.sort_unstable();
    let mut bytes = 0;
    let fit = |(_, line): &&(usize, &str)| {
        bytes += line.len() + 1;
        bytes <= MOST_KEPT
    };
    let mut fitting: Vec<&str> = kept.iter().rev().take_while(fit).map(|(_, line)| *line).collect();
    fitting.reverse();
    fitting.into_iter().flat_map(|line| [line, "\n"]).collect()
}

fn is_young(known: &Remembered, now: Timestamp) -> bool {
    now.duration_since(known.answered_at) < KEEP
}

/// A line's service and its verdict; nothing where the service is gone, or the line is damaged.
fn read(line: &str) -> Option<(String, Remembered)> {
    let (service, now) = line.split_once('\t')?;
    Some((serde_json::from_str(service).ok()?, serde_json::from_str(now).ok()?))
}

/// The containers that services had in the last answers of all clusters: nobody is asked.
pub fn remembered_containers(app: &App) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    app.recall_all(&mut |line| found.extend(read(line).into_iter().flat_map(|(_, known)| known.containers)));
    found
}

/// The services that the last answers of all clusters tell of, each with the namespaces that it was looked for in: nobody is
/// asked.
pub fn remembered_services(app: &App) -> BTreeMap<String, BTreeSet<String>> {
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    app.recall_all(&mut |line| {
        let Some((key, _)) = read(line) else { return };
        let (name, rest) = key.split_once(' ').unwrap_or((&key, ""));
        let namespaces = rest.rsplit(' ').next().unwrap_or_default().split(',');
        let namespaces = namespaces.filter(|namespace| !namespace.is_empty()).map(str::to_string);
        found.entry(name.to_string()).or_default().extend(namespaces);
    });
    found
}

impl Memory {
    /// What is remembered of some services in some clusters.
    pub fn of_clusters<'a>(
        clusters: impl Iterator<Item = &'a String>,
        services: impl Iterator<Item = String>,
        now: Timestamp,
        app: &App,
    ) -> Memory {
        let mut memory = Memory::default();
        let mut clusters = clusters.peekable();
        if clusters.peek().is_none() {
            return memory;
        }
        let services: BTreeSet<String> = services.map(|service| quoted(&service)).collect();
        for cluster in clusters {
            app.recall(cluster, &mut |line| memory.learn(cluster, line, &services, now));
        }
        memory
    }

    /// Takes note of what a cluster said of a service in this very run.
    pub fn note(&mut self, cluster: &str, service: String, now: Remembered) {
        self.clusters.entry(cluster.to_string()).or_default().insert(service, now);
    }

    /// Takes in a line about one of the services; a later one counts more.
    fn learn(&mut self, cluster: &str, line: &str, services: &BTreeSet<String>, now: Timestamp) {
        let Some((service, _)) = line.split_once('\t').filter(|(service, _)| services.contains(*service))
        else {
            return;
        };
        let known = self.clusters.entry(cluster.to_string()).or_default();
        match read(line).filter(|(_, known)| is_young(known, now)) {
            Some((service, remembered)) => drop(known.insert(service, remembered)),
            None => drop(serde_json::from_str::<String>(service).map(|service| known.remove(&service))),
        }
    }

    pub fn of(&self, cluster: &str, service: &str) -> Option<&Remembered> {
        self.clusters.get(cluster)?.get(service)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use jiff::Timestamp;

    use super::{MOST_KEPT, Memory, Remembered, quoted, renewed};
    use crate::health::{Health, Summary};

    const NOW: &str = "2026-01-16T10:00:00Z";

    fn now() -> Timestamp {
        NOW.parse().expect("a time")
    }

    fn line(service: &str, at: &str) -> String {
        let summary = Summary { health: Health::Degraded, ..Summary::unknown("", "") };
        let known =
            Remembered::new(&summary, vec!["Pod".to_string()], Vec::new(), at.parse().expect("a time"));
        format!("{}\t{}\n", quoted(service), serde_json::to_string(&known).expect("JSON"))
    }

    /// When each of the services was there last, of what is remembered.
    fn told(lines: &str, services: &[&str]) -> Vec<Option<String>> {
        let wanted: BTreeSet<String> = services.iter().map(|service| quoted(service)).collect();
        let mut memory = Memory::default();
        lines.lines().for_each(|line| memory.learn("eu-1", line, &wanted, now()));
        services.iter().map(|service| Some(memory.of("eu-1", service)?.answered_at.to_string())).collect()
    }

    #[test]
    fn the_last_line_counts_and_what_is_old_or_gone_is_forgotten() {
        let tab = "tab\tbed \"x\"";
        let lines = [
            line("cart", "2026-01-15T10:00:00Z"),
            line("cart", "2026-01-15T11:00:00Z"),
            line("old", "2025-01-15T10:00:00Z"),
            line("left", "2026-01-15T10:00:00Z"),
            "\"left\"\tnull\n".to_string(),
            line(tab, "2026-01-15T12:00:00Z"),
            line("other", "2026-01-15T10:00:00Z"),
        ]
        .concat();
        let expect =
            [Some("2026-01-15T11:00:00Z".to_string()), None, None, Some("2026-01-15T12:00:00Z".to_string())];
        let services = ["cart", "old", "left", tab];
        assert_eq!(told(&lines, &services), expect);
        let short = renewed(&lines, now());
        assert_eq!(short.lines().count(), 3, "{short}");
        assert_eq!(told(&short, &services), expect);
        let mut memory = Memory::default();
        lines.lines().for_each(|line| memory.learn("eu-1", line, &BTreeSet::from([quoted("cart")]), now()));
        assert!(memory.of("eu-1", "other").is_none(), "what nobody asks for is not read");
        assert_eq!(
            memory.of("eu-1", "cart").and_then(|r| r.state()).map(|s| s.health),
            Some(Health::Degraded)
        );
    }

    #[test]
    fn a_damaged_line_is_none() {
        for odd in ["", "\t", "{", "\"cart\"", "\"cart\"\t", "\"cart\"\t{}", "cart\t{}", "\"cart\"\t[1]"] {
            assert_eq!(told(odd, &["cart"]), [None], "{odd:?}");
            assert_eq!(renewed(odd, now()), "", "{odd:?}");
        }
    }

    #[test]
    fn what_is_kept_of_a_cluster_is_bounded_and_the_latest_stays() {
        let one = line(&"x".repeat(1 << 16), "2026-01-15T10:00:00Z");
        let number = MOST_KEPT / one.len() + 10;
        let lines: String = (0..number).map(|n| one.replacen('x', &n.to_string(), 1)).collect();
        let kept = renewed(&lines, now());
        assert!(kept.len() <= MOST_KEPT && kept.len() > MOST_KEPT / 2);
        assert!(lines.ends_with(&kept));
    }
}
