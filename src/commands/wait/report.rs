//! What came of waiting, as a value: described by docs/schema/wait.json.

use serde::Serialize;
use serde::ser::{SerializeSeq, Serializer};

use crate::commands::wait::goal::GoalProgress;
use crate::commands::wait::standing::Standing;
use crate::outcome::{Outcome, RunFacts};
use crate::report::{Cell, Detail, Grid, Line, Page, Report, Tone};
use crate::survey::{ClusterRow, silences};
use crate::text::{count, listed};

/// How a wait ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum WaitEnd {
    Met,
    Failed,
    TimedOut,
    Interrupted,
}

/// `kind: WaitResult`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct WaitReport {
    #[serde(rename = "for")]
    pub goal: String,
    pub met: bool,
    pub timed_out: bool,
    pub complete: bool,
    pub elapsed_ms: u64,
    pub notes: Vec<String>,
    pub clusters: Vec<ClusterRow>,
    /// Of what failed, the diagnosis in one line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
    #[serde(serialize_with = "standings")]
    pub items: Vec<Standing>,
    #[serde(skip)]
    pub any: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WaitItem<'a> {
    service: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    cluster: Option<&'a str>,
    state: crate::commands::wait::standing::StandingState,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'a str>,
}

fn standings<S: Serializer>(items: &[Standing], serializer: S) -> Result<S::Ok, S::Error> {
    let mut list = serializer.serialize_seq(Some(items.len()))?;
    for item in items {
        list.serialize_element(&WaitItem {
            service: &item.service,
            cluster: item.cluster.as_deref(),
            state: item.state(),
            message: Some(item.message()).filter(|text| !text.is_empty()),
        })?;
    }
    list.end()
}

impl WaitReport {
    pub fn outcome(&self, end: WaitEnd) -> Outcome {
        let is_unknown = |item: &&Standing| matches!(item.progress, GoalProgress::Unknown(_));
        let lacking = self.items.iter().filter(|item| item.progress != GoalProgress::There);
        let is_doubt = lacking.clone().next().is_some() && lacking.clone().all(|item| is_unknown(&item));
        match end {
            WaitEnd::Interrupted => Outcome::Interrupted,
            // Who is content with one cluster need not know of the others.
            WaitEnd::Met if self.any => Outcome::Fine,
            WaitEnd::Met => Outcome::of(RunFacts { interrupted: false, bad: false, complete: self.complete }),
            WaitEnd::TimedOut if is_doubt => Outcome::Incomplete,
            WaitEnd::TimedOut | WaitEnd::Failed => Outcome::Findings,
        }
    }

    pub fn footer_lines(&self) -> Vec<Line> {
        let services: std::collections::BTreeSet<&str> =
            self.items.iter().map(|item| item.service.as_str()).collect();
        let services = listed(&services.into_iter().collect::<Vec<_>>(), 4);
        let there = self.items.iter().filter(|item| item.progress == GoalProgress::There).count();
        let total = self.items.iter().filter(|item| item.cluster.is_some()).count();
        let time = crate::text::age(i64::try_from(self.elapsed_ms / 1000).unwrap_or(i64::MAX));
        let place = match total {
            1 => "1 cluster".to_string(),
            total => format!("{there} of {}", count(total, "cluster")),
        };
        let failed = self.items.iter().any(|item| matches!(item.progress, GoalProgress::Failed(_)));
        let sum = match (self.met, self.timed_out) {
            (true, _) => format!("{services}: {} in {place} after {time}", self.goal),
            (false, true) => {
                format!("{services}: not {} in all of them after {time}: {place} there", self.goal)
            }
            (false, false) if failed => format!("{services}: failed after {time}; --keep-waiting goes on"),
            (false, false) => format!("{services}: left after {time}, {place} there"),
        };
        let cause = self
            .cause
            .iter()
            .map(|cause| Line::new(vec![Cell::toned("cause:", Tone::Bad), Cell::from(format!(" {cause}"))]));
        let notes = self.notes.iter().map(|note| Line::new(vec![Cell::muted(format!("note: {note}"))]));
        std::iter::once(Line::from(sum)).chain(cause).chain(silences(&self.clusters)).chain(notes).collect()
    }
}

impl Report for WaitReport {
    const KIND: &'static str = "WaitResult";

    fn page(&self, _: Detail) -> Page {
        let row = |item: &Standing| {
            let state = item.state();
            let message = Some(item.message()).filter(|text| !text.is_empty());
            vec![
                Cell::from(item.service.clone()),
                Cell::from(item.cluster.clone().unwrap_or_else(|| "-".to_string())),
                Cell::toned(state.word(), state.tone()),
                Cell::from(message.unwrap_or("-")),
            ]
        };
        let grid = Grid::of(["SERVICE", "CLUSTER", "STATE", "MISSING"], self.items.iter().map(row).collect());
        match self.items.iter().all(|item| item.message().is_empty()) {
            true => grid.without(&["MISSING"]).into(),
            false => grid.into(),
        }
    }

    fn names(&self) -> Vec<String> {
        let lacking = self.items.iter().filter(|item| item.progress != GoalProgress::There);
        let mut names: Vec<String> = lacking.map(|item| item.service.clone()).collect();
        names.dedup();
        names
    }

    fn footer(&self) -> Vec<Line> {
        self.footer_lines()
    }

    fn title(&self) -> String {
        "Waiting".to_string()
    }
}
