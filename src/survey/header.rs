//! What every report on clusters begins with.

use jiff::Timestamp;
use serde::Serialize;

use crate::outcome::{Outcome, RunFacts};
use crate::report::{Cell, Line};
use crate::survey::answered::{ClusterRow, answered, silences};
use crate::survey::overview::Survey;

/// When it was, whether it is all, and what each cluster said.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SurveyHeader {
    pub generated_at: Timestamp,
    /// False exactly where exit code 4 would be given if nothing worse were found.
    pub complete: bool,
    pub notes: Vec<String>,
    pub clusters: Vec<ClusterRow>,
    /// A signal ended the run before everything was asked.
    #[serde(skip)]
    pub interrupted: bool,
}

impl SurveyHeader {
    /// `complete`: as the command sees it. `notes`: its own, after those on who was asked.
    pub fn of(survey: &Survey, complete: bool, notes: impl IntoIterator<Item = String>) -> SurveyHeader {
        SurveyHeader {
            generated_at: survey.now,
            complete,
            notes: survey.placed.notes().into_iter().chain(notes).collect(),
            clusters: survey.rows(),
            interrupted: survey.collected.interrupted,
        }
    }

    /// The same, where a signal ended the run after the clusters had been asked: then a note says what was not looked at.
    pub fn cut_short(mut self, note: Option<String>) -> SurveyHeader {
        self.interrupted = note.is_some();
        self.complete &= note.is_none();
        self.notes.extend(note);
        self
    }

    /// `5 of 6 clusters answered in 1.2s.`
    pub fn answered(&self) -> String {
        answered(&self.clusters)
    }

    /// What stands under the answer: its sums, then the clusters that said nothing or not everything, then the notes.
    pub fn footer(&self, sums: impl IntoIterator<Item = Line>) -> Vec<Line> {
        let notes = self.notes.iter().map(|note| Line::new(vec![Cell::muted(format!("note: {note}"))]));
        sums.into_iter().chain(silences(&self.clusters)).chain(notes).collect()
    }

    /// How the run ended. `bad`: something is Degraded, Missing or different.
    pub fn outcome(&self, bad: bool) -> Outcome {
        Outcome::of(RunFacts { interrupted: self.interrupted, bad, complete: self.complete })
    }
}
