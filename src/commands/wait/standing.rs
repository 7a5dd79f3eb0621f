//! How far each service is in each cluster, by what the clusters said last.

use jiff::Timestamp;
use serde::Serialize;

use crate::commands::wait::goal::{Goal, GoalProgress};
use crate::fleet::Silence;
use crate::report::{Cell, Line, Tone};
use crate::survey::{ClusterAnswer, ClusterCell, ClusterRow, Snapshot, Survey};

/// A service in a cluster.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Standing {
    pub service: String,
    /// Nothing where it was seen in none.
    pub cluster: Option<String>,
    pub progress: GoalProgress,
}

/// The word for how far it is.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum StandingState {
    There,
    Waiting,
    Failed,
    Unknown,
}

impl StandingState {
    pub fn word(self) -> &'static str {
        match self {
            StandingState::There => "there",
            StandingState::Waiting => "waiting",
            StandingState::Failed => "failed",
            StandingState::Unknown => "unknown",
        }
    }

    pub fn tone(self) -> Tone {
        match self {
            StandingState::There => Tone::Good,
            StandingState::Waiting => Tone::Moving,
            StandingState::Failed => Tone::Bad,
            StandingState::Unknown => Tone::Doubtful,
        }
    }
}

impl Standing {
    pub fn state(&self) -> StandingState {
        match self.progress {
            GoalProgress::There => StandingState::There,
            GoalProgress::Missing(_) => StandingState::Waiting,
            GoalProgress::Failed(_) => StandingState::Failed,
            GoalProgress::Unknown(_) => StandingState::Unknown,
        }
    }

    /// What is missing; empty where nothing is.
    pub fn message(&self) -> &str {
        match &self.progress {
            GoalProgress::There => "",
            GoalProgress::Missing(text) | GoalProgress::Failed(text) | GoalProgress::Unknown(text) => text,
        }
    }

    pub fn line(&self, width: usize, with_service: bool) -> Line {
        let cluster = self.cluster.as_deref().unwrap_or("-");
        let service = if with_service { format!("{}  ", self.service) } else { String::new() };
        let state = self.state();
        let mut parts =
            vec![Cell::from(format!("{service}{cluster:width$}  ")), Cell::toned(state.word(), state.tone())];
        if !self.message().is_empty() {
            parts.push(Cell::from(format!("{}  {}", " ".repeat(7 - state.word().len()), self.message())));
        }
        Line::new(parts)
    }
}

/// What a cluster said since the beginning.
enum LaterAnswer {
    None,
    Snapshot(Box<Snapshot>),
    Silent(Silence),
}

pub struct Standings<'a> {
    survey: &'a Survey,
    goal: &'a Goal,
    /// By cluster.
    later: Vec<LaterAnswer>,
    known: Vec<Standing>,
}

impl<'a> Standings<'a> {
    pub fn new(survey: &'a Survey, goal: &'a Goal) -> Standings<'a> {
        let later = survey.clusters.iter().map(|_| LaterAnswer::None).collect();
        Standings { survey, goal, later, known: Vec::new() }
    }

    pub fn answered(&mut self, cluster: &str, snapshot: Snapshot) {
        if let Some(index) = self.survey.clusters.iter().position(|name| name == cluster) {
            self.later[index] = LaterAnswer::Snapshot(Box::new(snapshot));
        }
    }

    pub fn silent(&mut self, cluster: &str, why: Silence) {
        if let Some(index) = self.survey.clusters.iter().position(|name| name == cluster) {
            self.later[index] = LaterAnswer::Silent(why);
        }
    }

    /// Judges anew; returns what has changed.
    pub fn look(&mut self, now: Timestamp) -> Vec<Standing> {
        let seen = self.judged(now);
        let changed: Vec<Standing> = seen.iter().filter(|item| !self.known.contains(item)).cloned().collect();
        self.known = seen;
        changed
    }

    fn judged(&self, now: Timestamp) -> Vec<Standing> {
        let mut judge = self.survey.assessor();
        judge.now = now;
        let first = self.survey.collected.answers();
        let mut all = Vec::new();
        for (number, wanted) in self.survey.placed.wanted.iter().enumerate() {
            let before = all.len();
            if let Some(why) = &wanted.refused {
                all.push(Standing {
                    service: wanted.name.clone(),
                    cluster: None,
                    progress: GoalProgress::Unknown(why.message.clone()),
                });
                continue;
            }
            for cluster in (0..self.later.len()).filter(|cluster| wanted.is_told_by(*cluster)) {
                let later = match &self.later[cluster] {
                    LaterAnswer::None => None,
                    LaterAnswer::Snapshot(snapshot) => Some(ClusterAnswer::Answered(snapshot)),
                    LaterAnswer::Silent(why) => Some(ClusterAnswer::Silent(why.clone())),
                };
                let said = later.as_ref().unwrap_or(&first[cluster]);
                let progress = match judge.cell(wanted, number, cluster, said, &|| None) {
                    ClusterCell::Cell(cell) => Some(self.goal.progress(&cell)),
                    // What may be there must be known to be gone.
                    ClusterCell::Hidden(why) if *self.goal == Goal::Deleted => {
                        Some(GoalProgress::Unknown(why.message))
                    }
                    ClusterCell::Hidden(_) => None,
                    ClusterCell::Nothing => self.goal.progress_of_nothing(wanted.placement.is_some()),
                };
                let name = self.survey.clusters[cluster].clone();
                all.extend(progress.map(|progress| Standing {
                    service: wanted.name.clone(),
                    cluster: Some(name),
                    progress,
                }));
            }
            if all.len() == before {
                let progress = match self.is_complete() {
                    true => GoalProgress::Missing("nothing of it was seen anywhere".to_string()),
                    false => {
                        GoalProgress::Unknown("not seen, and not every cluster has answered".to_string())
                    }
                };
                all.push(Standing { service: wanted.name.clone(), cluster: None, progress });
            }
        }
        all
    }

    pub fn items(&self) -> Vec<Standing> {
        self.known.clone()
    }

    pub fn has_several(&self) -> bool {
        self.survey.placed.wanted.len() > 1
    }

    fn each_service(&self, holds: impl Fn(&[&Standing]) -> bool) -> bool {
        let wanted = &self.survey.placed.wanted;
        let of = |name: &str| self.known.iter().filter(|item| item.service == name).collect::<Vec<_>>();
        !wanted.is_empty() && wanted.iter().all(|wanted| holds(&of(&wanted.name)))
    }

    pub fn is_met(&self, any: bool) -> bool {
        let is_there = |item: &&Standing| item.progress == GoalProgress::There;
        self.each_service(|items| match any {
            true => items.iter().any(is_there),
            false => !items.is_empty() && items.iter().all(is_there),
        })
    }

    /// Whether it cannot come to be any more; of several clusters of which one is enough, in all.
    pub fn has_failed(&self, any: bool) -> bool {
        let has = |item: &&Standing| matches!(item.progress, GoalProgress::Failed(_));
        let of = |name: &str| self.known.iter().filter(|item| item.service == name).collect::<Vec<_>>();
        self.survey.placed.wanted.iter().any(|wanted| match any {
            true => of(&wanted.name).iter().all(has),
            false => of(&wanted.name).iter().any(has),
        })
    }

    /// What the clusters said: of those that were silent at first what they said then.
    pub fn rows(&self) -> Vec<ClusterRow> {
        let rows = self.survey.rows().into_iter().zip(&self.later);
        rows.map(|(row, later)| match later {
            LaterAnswer::None => row,
            LaterAnswer::Snapshot(snapshot) => row.now_answered(&snapshot.gaps()),
            LaterAnswer::Silent(why) => row.now_silent(why),
        })
        .collect()
    }

    pub fn is_complete(&self) -> bool {
        self.rows().iter().all(|row| row.optional || (!row.is_silent() && row.gaps.is_empty()))
    }
}
