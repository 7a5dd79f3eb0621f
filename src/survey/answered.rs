//! What the clusters of a run said: a row each for documents, and one line for those that were silent.

use std::time::Duration;

use serde::Serialize;

use crate::fleet::{Answer, Cluster, Gap, Silence};
use crate::report::{Cell, Line, Tone};
use crate::text::listed;

/// How much a cluster said.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum AnswerState {
    /// Everything that was asked.
    Answered,
    /// All but the gaps.
    Partial,
    /// Nothing.
    Silent,
    /// The context cannot be used: nobody was asked.
    Broken,
}

impl AnswerState {
    /// The word of tables and of the JSON.
    pub fn word(self) -> &'static str {
        match self {
            AnswerState::Answered => "answered",
            AnswerState::Partial => "partial",
            AnswerState::Silent => "silent",
            AnswerState::Broken => "broken",
        }
    }
}

/// `clusters[]` of every list that callboard prints.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ClusterRow {
    pub name: String,
    pub state: AnswerState,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub elapsed_ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    pub optional: bool,
    pub gaps: Vec<GapRow>,
    /// The silence in the words by which clusters are summed up.
    #[serde(skip)]
    pub summary: String,
}

/// One kind that a cluster would not or could not say.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct GapRow {
    pub kind: String,
    pub reason: &'static str,
    pub message: String,
    /// The same in the words by which kinds are summed up.
    #[serde(skip)]
    pub summary: String,
    /// Some namespaces were told.
    #[serde(skip)]
    is_rest: bool,
}

/// Kinds of which the rest is missing that a line tells by name before it counts them.
const MOST_KINDS: usize = 5;

impl GapRow {
    fn of(gap: &Gap) -> Option<GapRow> {
        let mut row = GapRow::new(gap.kind.clone()?, &gap.why);
        let covered: Vec<&str> = gap.covered.iter().map(String::as_str).collect();
        row.is_rest = !covered.is_empty();
        match covered.as_slice() {
            [] => {}
            [one] => row.summary += &format!(" outside namespace {one}"),
            more => row.summary += &format!(" outside namespaces {}", listed(more, MOST_NAMES)),
        }
        Some(row)
    }

    fn new(kind: String, why: &Silence) -> GapRow {
        // A refusal is told by its word; the server's sentence is in the JSON.
        let summary = match why {
            Silence::Forbidden(_) => why.reason().to_string(),
            why => why.message(),
        };
        GapRow { kind, reason: why.reason(), message: why.message(), summary, is_rest: false }
    }
}

/// The message, with the reason's word where the message alone would not tell what kind of trouble it is, and the command that may
/// mend it.
fn summed_up(why: &Silence) -> String {
    let said = match why {
        Silence::Forbidden(_) => "forbidden: nothing may be listed".to_string(),
        Silence::Unreachable(_)
        | Silence::NoConnection { .. }
        | Silence::TimedOut(_)
        | Silence::Unauthorized => why.message(),
        Silence::Credentials { .. }
        | Silence::Certificate(_)
        | Silence::Server(_)
        | Silence::Gone
        | Silence::BadRequest(_)
        | Silence::Protocol(_) => format!("{}: {}", why.reason(), why.message()),
    };
    match why.hint() {
        // A plugin may have said so in its own words.
        Some(hint) if !said.contains(hint) => format!("{said}; `{hint}`"),
        Some(_) | None => said,
    }
}

impl ClusterRow {
    pub fn of<T>(cluster: &Cluster, answer: &Answer<T>) -> ClusterRow {
        let silence = answer.gaps.iter().find(|gap| gap.kind.is_none()).map(|gap| &gap.why);
        let gaps: Vec<GapRow> = answer.gaps.iter().filter_map(GapRow::of).collect();
        let state = match (silence, gaps.is_empty()) {
            (Some(_), _) => AnswerState::Silent,
            (None, false) => AnswerState::Partial,
            (None, true) => AnswerState::Answered,
        };
        ClusterRow {
            name: cluster.name.to_string(),
            state,
            reason: silence.map(Silence::reason),
            message: silence.map(Silence::message),
            elapsed_ms: Some(milliseconds(answer.elapsed)),
            version: answer.version.clone(),
            optional: cluster.optional,
            gaps: if silence.is_some() { Vec::new() } else { gaps },
            summary: silence.map(summed_up).unwrap_or_default(),
        }
    }

    /// The same row after a later answer of its cluster.
    pub fn now_answered(mut self, gaps: &[Gap]) -> ClusterRow {
        self.gaps = gaps.iter().filter_map(GapRow::of).collect();
        self.state = if self.gaps.is_empty() { AnswerState::Answered } else { AnswerState::Partial };
        (self.reason, self.message, self.summary) = (None, None, String::new());
        self
    }

    /// The same row where the cluster has fallen silent.
    pub fn now_silent(mut self, why: &Silence) -> ClusterRow {
        self.gaps.clear();
        self.state = AnswerState::Silent;
        (self.reason, self.message, self.summary) = (Some(why.reason()), Some(why.message()), summed_up(why));
        self
    }

    /// A cluster that was still being asked when the run was interrupted.
    pub fn unanswered(cluster: &Cluster) -> ClusterRow {
        let message = "interrupted before it answered".to_string();
        ClusterRow {
            name: cluster.name.to_string(),
            state: AnswerState::Silent,
            reason: Some("interrupted"),
            message: Some(message.clone()),
            elapsed_ms: None,
            version: None,
            optional: cluster.optional,
            gaps: Vec::new(),
            summary: message,
        }
    }

    /// A context that cannot be used, and what is wrong with it.
    pub fn broken(context: &str, message: String) -> ClusterRow {
        ClusterRow {
            name: context.to_string(),
            state: AnswerState::Broken,
            reason: None,
            message: Some(message),
            elapsed_ms: None,
            version: None,
            optional: false,
            gaps: Vec::new(),
            summary: String::new(),
        }
    }

    pub fn is_broken(&self) -> bool {
        self.state == AnswerState::Broken
    }

    pub fn is_silent(&self) -> bool {
        self.state == AnswerState::Silent
    }
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// `5 of 6 clusters answered in 1.2s.`
pub fn answered(clusters: &[ClusterRow]) -> String {
    let spoke = clusters.iter().filter(|cluster| !cluster.is_silent()).count();
    let slowest = clusters.iter().filter(|cluster| !cluster.is_silent()).filter_map(|c| c.elapsed_ms).max();
    let time = slowest.map(|ms| format!(" in {}", seconds(ms))).unwrap_or_default();
    match clusters.len() {
        1 if spoke == 1 => format!("1 cluster answered{time}."),
        total => format!("{spoke} of {total} clusters answered{time}."),
    }
}

fn seconds(milliseconds: u64) -> String {
    match milliseconds {
        0..1000 => format!("{milliseconds}ms"),
        _ => format!("{}.{}s", milliseconds / 1000, milliseconds % 1000 / 100),
    }
}

/// One line for the silent clusters and one for those with gaps, each naming clusters by what they share.
pub fn silences(clusters: &[ClusterRow]) -> Vec<Line> {
    let silent = clusters.iter().filter(|cluster| cluster.is_silent());
    let silent = silent.map(|cluster| (cluster, cluster.summary.clone()));
    let is_partial = |cluster: &&ClusterRow| cluster.state == AnswerState::Partial;
    let partial = clusters.iter().filter(is_partial).map(|cluster| (cluster, why_partial(cluster)));
    [("silent", Tone::Bad, grouped(silent)), ("partial", Tone::Doubtful, grouped(partial))]
        .into_iter()
        .filter(|(_, _, text)| !text.is_empty())
        .map(|(word, tone, text)| {
            Line::new(vec![Cell::toned(format!("{word}:"), tone), Cell::from(format!(" {text}"))])
        })
        .collect()
}

/// How many clusters of a group are named before the rest is counted.
const MOST_NAMES: usize = 8;

fn grouped<'a>(clusters: impl Iterator<Item = (&'a ClusterRow, String)>) -> String {
    let mut groups: Vec<(String, Vec<String>)> = Vec::new();
    for (cluster, why) in clusters {
        let name = format!("{}{}", cluster.name, if cluster.optional { " [optional]" } else { "" });
        let known =
            groups.iter_mut().find_map(|(known, names)| Some((in_common(known, &why)?, known, names)));
        match known {
            Some((common, known, names)) => {
                *known = common;
                names.push(name);
            }
            None => groups.push((why, vec![name])),
        }
    }
    let texts = groups.into_iter().map(|(why, names)| format!("{} ({why})", listed(&names, MOST_NAMES)));
    texts.collect::<Vec<_>>().join("; ")
}

/// What stands where two messages differ in an address, an id or a time alone.
const VARIES: &str = "...";

/// The message that stands for both, where they say the same but for addresses, ids and times: each cluster has its own.
fn in_common(one: &str, other: &str) -> Option<String> {
    if one == other {
        return Some(one.to_string());
    }
    let (one, other): (Vec<&str>, Vec<&str>) = (one.split(' ').collect(), other.split(' ').collect());
    // Never a name: a profile or a session is what one has to log in to.
    let is_own_character = |c: char| c.is_ascii_hexdigit() || ".:-+TZ,".contains(c);
    let is_own = |word: &str| {
        let word = word.trim_start_matches("https://");
        let is_long = word.len() >= 7 && word.contains(|c: char| c.is_ascii_digit());
        word == VARIES || is_long && word.chars().all(is_own_character)
    };
    let common = |(one, other): (&&str, &&str)| match one == other {
        true => Some(one.to_string()),
        false => (is_own(one) && is_own(other)).then(|| VARIES.to_string()),
    };
    let words: Option<Vec<String>> = one.iter().zip(&other).map(common).collect();
    words.filter(|_| one.len() == other.len()).map(|words| words.join(" "))
}

/// The kinds by what they share.
fn why_partial(cluster: &ClusterRow) -> String {
    let mut kinds: Vec<(&str, Vec<&str>)> = Vec::new();
    for gap in &cluster.gaps {
        match kinds.iter_mut().find(|(known, _)| *known == gap.summary) {
            Some((_, names)) => names.push(&gap.kind),
            None => kinds.push((&gap.summary, vec![&gap.kind])),
        }
    }
    let is_rest = |why: &str| cluster.gaps.iter().any(|gap| gap.is_rest && gap.summary == why);
    let texts = kinds.into_iter().map(|(why, names)| match names.len() {
        more if more > MOST_KINDS && is_rest(why) => format!("{why}: {more} kinds"),
        _ => format!("{why}: {}", names.join(", ")),
    });
    texts.collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{AnswerState, ClusterRow, GapRow, answered, in_common, silences, summed_up};
    use crate::fleet::{Gap, Silence};

    fn row(name: &str, state: AnswerState, why: Option<Silence>) -> ClusterRow {
        ClusterRow {
            name: name.to_string(),
            state,
            reason: why.as_ref().map(Silence::reason),
            message: why.as_ref().map(Silence::message),
            elapsed_ms: Some(1234),
            version: None,
            optional: false,
            gaps: Vec::new(),
            summary: why.as_ref().map(summed_up).unwrap_or_default(),
        }
    }

    #[test]
    fn silent_clusters_are_summed_up_by_reason() {
        let unreachable = || Some(Silence::Unreachable("no connection in 3s".to_string()));
        let hint = Some("aws sso login".to_string());
        let asleep = Silence::Credentials { text: "session expired".to_string(), hint };
        let clusters = [
            row("eu-3", AnswerState::Silent, unreachable()),
            row("us-1", AnswerState::Answered, None),
            row("eu-4", AnswerState::Silent, unreachable()),
            row("ap-1", AnswerState::Silent, Some(asleep)),
        ];
        let lines: Vec<String> = silences(&clusters).iter().map(|line| line.plain()).collect();
        assert_eq!(
            lines,
            [
                "silent: eu-3, eu-4 (no connection in 3s); ap-1 (credentials: session expired; `aws sso login`)"
            ]
        );
        assert_eq!(answered(&clusters), "1 of 4 clusters answered in 1.2s.");
    }

    #[test]
    fn what_differs_in_addresses_and_ids_alone_is_one_reason() {
        let check = |one: &str, other: &str, expect: Option<&str>| {
            assert_eq!(in_common(one, other).as_deref(), expect)
        };
        let portal = |host: &str| format!("certificate: it is for login.example, not for {host}");
        check(
            &portal("10.255.0.1"),
            &portal("10.255.0.17"),
            Some("certificate: it is for login.example, not for ..."),
        );
        check(
            "AADSTS700082: expired. Trace ID: 1b9c-77",
            "AADSTS700082: expired. Trace ID: 99a0-12d",
            Some("AADSTS700082: expired. Trace ID: ..."),
        );
        check("it ended: ...", "it ended: 2026-01-15T10:00:00Z", Some("it ended: ..."));
        check("timed out after 3s", "timed out after 10s", None);
        check("server: 503: busy", "server: 500: busy", None);
        check("profile prod-eu-1 has expired", "profile prod-eu-2 has expired", None);
        check("a b", "a b c", None);
        check("a b", "a b", Some("a b"));
    }

    #[test]
    fn a_reason_is_told_where_the_message_alone_would_not_tell_it() {
        let check = |why: Silence, expect: &str| assert_eq!(summed_up(&why), expect);
        check(Silence::Forbidden("no".to_string()), "forbidden: nothing may be listed");
        check(Silence::Server("503: busy".to_string()), "server: 503: busy");
        let expired = |text: &str| Silence::Credentials {
            text: text.to_string(),
            hint: Some("aws sso login".to_string()),
        };
        check(expired("session expired"), "credentials: session expired; `aws sso login`");
        check(expired("expired, run aws sso login"), "credentials: expired, run aws sso login");
        check(Silence::Gone, "protocol: 410: gone");
        check(Silence::TimedOut(Duration::from_secs(10)), "timed out after 10s");
    }

    #[test]
    fn a_state_reads_in_json_as_in_tables() {
        for state in [AnswerState::Answered, AnswerState::Partial, AnswerState::Silent, AnswerState::Broken] {
            assert_eq!(serde_json::json!(state), state.word());
        }
    }

    #[test]
    fn what_is_left_beside_some_namespaces_is_told_once() {
        let gap = |kind: &str, covered: &[&str]| Gap {
            covered: covered.iter().map(|name| name.to_string()).collect(),
            ..Gap::kind(kind, Silence::Forbidden("no".to_string()))
        };
        let told = |gaps: Vec<Gap>| {
            let cluster = ClusterRow {
                gaps: gaps.iter().filter_map(GapRow::of).collect(),
                ..row("us-1", AnswerState::Partial, None)
            };
            silences(&[cluster])[0].plain()
        };
        let kinds = ["pods", "jobs", "cronjobs", "deployments", "replicasets", "daemonsets"];
        let all = |covered: &[&str]| kinds.iter().map(|kind| gap(kind, covered)).collect::<Vec<_>>();
        assert_eq!(told(all(&["shop"])), "partial: us-1 (forbidden outside namespace shop: 6 kinds)");
        assert_eq!(
            told(all(&["pay", "shop"])[..2].to_vec()),
            "partial: us-1 (forbidden outside namespaces pay, shop: pods, jobs)"
        );
        assert_eq!(told(all(&[])), format!("partial: us-1 (forbidden: {})", kinds.join(", ")));
    }

    #[test]
    fn gaps_are_told_by_kind() {
        let mut cluster = row("us-1", AnswerState::Partial, None);
        let gap = |kind: &str, why: Silence| GapRow::new(kind.to_string(), &why);
        cluster.gaps = vec![
            gap("pods", Silence::Forbidden("no".to_string())),
            gap("jobs", Silence::Forbidden("never".to_string())),
            gap("rollouts", Silence::TimedOut(Duration::from_secs(10))),
        ];
        let lines: Vec<String> = silences(&[cluster]).iter().map(|line| line.plain()).collect();
        assert_eq!(lines, ["partial: us-1 (forbidden: pods, jobs; timed out after 10s: rollouts)"]);
    }
}
