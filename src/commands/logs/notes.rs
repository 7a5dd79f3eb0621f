//! What is said on stderr about logs that were not read, or not the one that was asked for.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::commands::logs::fleetwide::ReadableLogs;
use crate::commands::logs::options::LogOptions;
use crate::commands::logs::targets::LogSource;
use crate::fleet::Silence;
use crate::survey::Survey;
use crate::text::count;
use crate::ui::Ui;

/// Something about one log, or about a cluster's pods.
pub enum Note {
    /// The current log was read instead.
    NoPrevious(Arc<LogSource>),
    /// The container has ended, so that its last run is the current log.
    Ended(Arc<LogSource>),
    /// The kubelet spoke in the place of the program.
    Kubelet(Arc<LogSource>, String),
    /// There is no log yet; the kubelet's words if it gave any.
    Absent(Arc<LogSource>, String),
    Broken(Arc<LogSource>, Silence),
    /// A log that is followed broke off and goes on.
    Resumed(Arc<LogSource>, Silence),
    /// A new container is not followed: too many are.
    Full(Arc<LogSource>),
    /// Changes of pods are not heard.
    Deaf(Silence),
    /// They are heard again.
    Hears,
}

/// Collects notes and tells them, each thing once.
pub struct Notes<'a> {
    ui: &'a Ui,
    clusters: &'a [String],
    /// With the cluster, since they come as the clusters answer.
    no_previous: BTreeSet<(usize, String)>,
    ended: BTreeSet<(usize, String)>,
    /// By cluster and reason: the logs.
    broken: BTreeMap<(usize, String), Vec<String>>,
    told: BTreeSet<String>,
    /// Clusters of which it was told that their logs may not be read.
    refused: BTreeSet<usize>,
    /// Containers that are not followed, since too many are.
    full: Full,
    /// When a cluster was last not heard.
    breaks: BTreeMap<String, Instant>,
    /// Clusters that are not heard at the moment, and that this was told of.
    deaf: BTreeSet<String>,
    pub is_complete: bool,
}

/// Containers that are not followed: told together, since they come by the thousand.
#[derive(Default)]
struct Full {
    /// Their names, as far as they are told, and what each is known again by.
    names: Vec<String>,
    known: HashSet<u64>,
    told: usize,
    due: Option<Instant>,
}

impl Full {
    fn add(&mut self, name: String, now: Instant) {
        if !self.known.insert(hash(&name)) {
            return;
        }
        if self.names.len() < MOST_NAMES {
            self.names.push(name);
        }
        let wait = if self.told == 0 { Duration::from_secs(1) } else { AT_ONCE };
        self.due.get_or_insert(now + wait);
    }

    /// The warning, where any have come since the last one.
    fn take_warning(&mut self) -> Option<String> {
        self.due.take()?;
        self.told = self.known.len();
        let more = self.told.saturating_sub(self.names.len());
        let more = if more > 0 { format!(" +{more}") } else { String::new() };
        let what = count(self.told, "container");
        Some(format!("{what} not followed, for --max-streams are open: {}{more}", self.names.join(", ")))
    }
}

fn hash(name: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    name.hash(&mut hasher);
    hasher.finish()
}

/// Breaks of one cluster within this time are the same one.
const AT_ONCE: Duration = Duration::from_secs(90);

const REFUSED: &str = "logs may not be read";

/// Logs that are named before the rest is counted.
const MOST_NAMES: usize = 3;

impl<'a> Notes<'a> {
    pub fn new(ui: &'a Ui, clusters: &'a [String]) -> Notes<'a> {
        Notes {
            ui,
            clusters,
            no_previous: BTreeSet::new(),
            ended: BTreeSet::new(),
            broken: BTreeMap::new(),
            told: BTreeSet::new(),
            refused: BTreeSet::new(),
            full: Full::default(),
            breaks: BTreeMap::new(),
            deaf: BTreeSet::new(),
            is_complete: true,
        }
    }

    /// Keeps a note for the end.
    pub fn take(&mut self, note: Note) {
        match note {
            Note::NoPrevious(source) => {
                self.no_previous.insert((source.cluster, self.name(&source)));
            }
            Note::Ended(source) => {
                self.ended.insert((source.cluster, self.name(&source)));
            }
            Note::Broken(source, why) => {
                self.is_complete = false;
                let name = self.name(&source);
                // A refusal names the pod, but is the cluster's: the first one tells it.
                let refused =
                    || self.broken.keys().find(|(of, why)| *of == source.cluster && why.starts_with(REFUSED));
                let known = matches!(why, Silence::Forbidden(_)).then(refused).flatten().cloned();
                let key = known.unwrap_or_else(|| (source.cluster, told(&why)));
                self.broken.entry(key).or_default().push(name);
            }
            other => self.now("", other),
        }
    }

    /// Tells a note at once, the same one not twice.
    pub fn now(&mut self, cluster: &str, note: Note) {
        match note {
            Note::Absent(source, why) => {
                let why = if why.is_empty() { "not started yet".to_string() } else { why };
                self.ui.detail(&format!("no log of {}: {why}", self.name(&source)));
            }
            Note::Resumed(source, why) => {
                self.ui.detail(&format!("{}: {}; taken up again", self.name(&source), told(&why)));
            }
            Note::NoPrevious(_) | Note::Ended(_) => {}
            Note::Kubelet(source, text) => {
                self.is_complete = false;
                let text = crate::text::safe(text.trim());
                self.once(format!("{}: the kubelet says: {text}", self.name(&source)));
            }
            Note::Broken(source, why) => {
                self.is_complete = false;
                let name = match &why {
                    // A refusal is the cluster's, not the container's.
                    Silence::Forbidden(_) if !self.refused.insert(source.cluster) => return,
                    Silence::Forbidden(_) => self.clusters[source.cluster].clone(),
                    _ => self.name(&source),
                };
                self.once(format!("{name}: {}", told(&why)));
            }
            Note::Full(source) => {
                self.is_complete = false;
                self.full.add(self.name(&source), Instant::now());
            }
            Note::Deaf(why @ Silence::Forbidden(_)) => {
                self.once(format!("{cluster}: new pods are not seen: {}", why.message()));
            }
            Note::Deaf(why) => self.deaf(cluster, &why),
            Note::Hears => self.hears(cluster),
        }
    }

    /// A connection that breaks and comes back is no news; one that stays away is.
    fn deaf(&mut self, cluster: &str, why: &Silence) {
        let text = format!("{cluster}: nothing is heard, trying again: {}", why.message());
        let before = self.breaks.insert(cluster.to_string(), Instant::now());
        if before.is_none_or(|before| before.elapsed() > AT_ONCE) {
            self.ui.detail(&text);
        } else if self.deaf.insert(cluster.to_string()) {
            self.ui.warn(&text);
        }
    }

    pub fn hears(&mut self, cluster: &str) {
        if !self.breaks.is_empty() {
            self.breaks.remove(cluster);
        }
        if !self.deaf.is_empty() && self.deaf.remove(cluster) {
            self.ui.warn(&format!("{cluster}: heard again"));
        }
    }

    /// When `settle` has something to say.
    pub fn due(&self) -> Option<Instant> {
        self.full.due
    }

    /// Tells how many containers are not followed, once no more have come for a moment.
    pub fn settle(&mut self) {
        if let Some(text) = self.full.take_warning() {
            self.ui.warn(&text);
        }
    }

    fn once(&mut self, text: String) {
        if !self.told.contains(&text) {
            self.ui.warn(&text);
            self.told.insert(text);
        }
    }

    /// Tells what was kept.
    pub fn tell(&mut self) {
        let told = [
            (&self.no_previous, "no previous run, so this is the current log"),
            (&self.ended, "ended, so the last run is the current log"),
        ];
        for (logs, text) in told.into_iter().filter(|(logs, _)| !logs.is_empty()) {
            let names: Vec<String> = logs.iter().map(|(_, name)| name.clone()).collect();
            self.ui.warn(&format!("{text}: {}", named(&names)));
        }
        for ((cluster, why), names) in std::mem::take(&mut self.broken) {
            let cluster = &self.clusters[cluster];
            match names.as_slice() {
                [one] => self.ui.warn(&format!("{one}: {why}")),
                _ => self
                    .ui
                    .warn(&format!("{cluster}: {} not read to the end: {why}", count(names.len(), "log"))),
            }
        }
    }

    fn name(&self, source: &LogSource) -> String {
        format!("{}/{}/{}", self.clusters[source.cluster], source.pod, source.container)
    }
}

fn told(why: &Silence) -> String {
    match why {
        Silence::Forbidden(text) => format!("{REFUSED}: {text}"),
        _ => why.message(),
    }
}

fn named(names: &[String]) -> String {
    let shown = names[..names.len().min(MOST_NAMES)].join(", ");
    match names.len().saturating_sub(MOST_NAMES) {
        0 => shown,
        more => format!("{shown} +{more}"),
    }
}

/// After reading: that no line came is told, so that silence is not taken for a fault.
pub fn no_lines(found: &ReadableLogs, wish: &LogOptions, ui: &Ui) {
    if found.streams.is_empty() {
        return;
    }
    let which = match (wish.filter.is_empty(), wish.since) {
        (false, _) => " that match",
        (true, Some(_)) => " since then",
        (true, None) => "",
    };
    let logs = count(found.streams.len(), "log");
    ui.warn(&format!("no lines{which} in {logs} of {}", count(found.pods(), "pod")));
}

/// Before reading: which containers have no log, and, where none has one, what was asked.
pub fn absent(survey: &Survey, found: &ReadableLogs, wish: &LogOptions, ui: &Ui) {
    for stream in &found.absent {
        let source = &stream.source;
        let cluster = &survey.clusters[source.cluster];
        ui.detail(&format!(
            "no log of {cluster}/{}/{}: {}",
            source.pod, source.container, stream.life.waits_for
        ));
    }
    if found.unbroken > 0 {
        let containers = count(found.unbroken, "container");
        ui.warn(&format!("{containers} that never failed left out; without --previous they are read too"));
    }
    if found.streams.is_empty() {
        ui.warn(&format!("no logs: {}", nothing(survey, found, wish)));
    }
}

fn nothing(survey: &Survey, found: &ReadableLogs, wish: &LogOptions) -> String {
    let pods = count(found.seen, "pod");
    if found.seen == 0 {
        let clusters = &survey.clusters;
        let answered = clusters.iter().zip(&survey.collected.answers);
        let spoke: Vec<String> = answered
            .filter(|(_, answer)| answer.as_ref().is_some_and(|answer| answer.silence().is_none()))
            .map(|(name, _)| name.clone())
            .collect();
        let asked = survey.placed.wanted.iter().map(|wanted| {
            let target = &wanted.target;
            match target.namespaces.as_slice() {
                [] => target.selector.to_string(),
                namespaces => format!("{} in namespace {}", target.selector, namespaces.join(", ")),
            }
        });
        let asked: Vec<String> = asked.collect();
        // Absence that no cluster has told of is none.
        if spoke.is_empty() {
            return "no cluster answered".to_string();
        }
        let place = format!("in {}", named(&spoke));
        return match asked.len() {
            0 => "no service of these runs in the clusters asked".to_string(),
            _ => format!("no pod carries {}, {place}", named(&asked)),
        };
    }
    if found.healthy == found.seen {
        return format!("{pods}, none of them unhealthy");
    }
    if found.absent.is_empty() && !wish.containers.is_all() {
        let names: Vec<&str> = found.names.iter().map(String::as_str).collect();
        return format!("no container of {pods} has such a name; there are {}", names.join(", "));
    }
    let waiting: BTreeSet<&str> = found.absent.iter().map(|stream| stream.life.waits_for.as_str()).collect();
    let waiting: Vec<&str> = waiting.into_iter().collect();
    format!("no container of {pods} has started: {}", waiting.join(", "))
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::Full;

    #[test]
    fn what_is_not_followed_is_told_once_with_a_count() {
        let (mut full, now) = (Full::default(), Instant::now());
        for _ in 0..3 {
            (0..5000).for_each(|pod| full.add(format!("eu/pod-{pod}/app"), now));
        }
        assert_eq!(full.due, Some(now + Duration::from_secs(1)));
        let told = full.take_warning().expect("a warning");
        assert_eq!(
            told,
            "5000 containers not followed, for --max-streams are open: eu/pod-0/app, eu/pod-1/app, eu/pod-2/app +4997"
        );
        full.add("eu/pod-0/app".to_string(), now);
        assert_eq!(full.take_warning(), None, "the same ones are no news");
        full.add("eu/other/app".to_string(), now);
        assert!(full.due > Some(now + Duration::from_secs(60)) && full.take_warning().is_some());
    }
}
