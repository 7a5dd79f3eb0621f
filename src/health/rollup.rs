//! From workloads to a service in a cluster, and from its clusters to a service (product.md section 4).

use crate::health::assess::{Assessed, is_batch};
use crate::health::{Health, Serving, Verdict};
use jiff::Timestamp;
use std::cmp::Reverse;

/// What several verdicts come to: a row (service x cluster), or a service.
#[derive(Debug, Clone, PartialEq)]
pub struct Summary {
    pub health: Health,
    /// `None` where there is nothing to count or nobody said.
    pub serving: Option<Serving>,
    /// Of the verdict that decided.
    pub reason: String,
    pub message: String,
    pub since: Option<Timestamp>,
    /// Pods over workloads that serve; `None` where there is nothing to count.
    pub desired: Option<i64>,
    pub available: Option<i64>,
    pub notes: Vec<String>,
}

impl Summary {
    /// A row whose cluster answered and has nothing of the service, although it should.
    pub fn missing(message: impl Into<String>) -> Summary {
        Summary { serving: Some(Serving::None), ..Summary::of(Health::Missing, "missing", message) }
    }

    /// A row that nobody could say anything about: a silent cluster, a gap.
    pub fn unknown(reason: impl Into<String>, message: impl Into<String>) -> Summary {
        Summary::of(Health::Unknown, reason, message)
    }

    fn of(health: Health, reason: impl Into<String>, message: impl Into<String>) -> Summary {
        let Verdict { health, reason, message, since, notes } = Verdict::new(health, reason, message);
        Summary { health, serving: None, reason, message, since, desired: None, available: None, notes }
    }
}

/// Sorts first what is worst: by badness, then serving, none first and unknown last.
pub fn order(health: Health, serving: Option<Serving>) -> impl Ord {
    (Reverse(health), Reverse(serving))
}

/// Sorts workloads as they are shown: worst first, then kind, namespace, name.
pub fn sort(workloads: &mut [Assessed]) {
    workloads.sort_by(|a, b| key(a).cmp(&key(b)));
}

fn key<'a>(one: &Assessed<'a>) -> (impl Ord + use<'a>, &'a str, &'a str, &'a str) {
    (order(one.verdict.health, one.serving), one.kind, one.namespace, one.name)
}

/// The row of a service in a cluster, from its workloads there; without any it is Missing.
pub fn cell(workloads: &[Assessed]) -> Summary {
    let mut sorted: Vec<&Assessed> = workloads.iter().collect();
    sorted.sort_by(|a, b| key(a).cmp(&key(b)));
    let Some(worst) = sorted.first() else { return Summary::missing("nothing of it runs here") };
    let verdict = &worst.verdict;
    let message = match sorted.len() {
        1 => verdict.message.clone(),
        _ if verdict.message.is_empty() => String::new(),
        _ => format!("{}: {}", worst.name, verdict.message),
    };
    let health = verdict.health;
    let children = sorted.iter().map(|one| (one.verdict.health, one.verdict.since));
    let serve = |one: &&&Assessed| !is_batch(one.kind) && one.desired != Some(0);
    let serving: Vec<&&Assessed> = sorted.iter().filter(serve).collect();
    Summary {
        serving: together(serving.iter().filter_map(|one| one.serving)),
        since: earliest(health, children),
        desired: sum(serving.iter().map(|one| one.desired)),
        available: sum(serving.iter().map(|one| one.available)),
        notes: sorted.iter().flat_map(|one| one.verdict.notes.iter().cloned()).collect(),
        ..Summary::of(health, verdict.reason.clone(), message)
    }
}

/// A service, from its rows in fleet order.
pub fn service(rows: &[Summary]) -> Summary {
    let Some(worst) = rows.iter().min_by_key(|row| order(row.health, row.serving)) else {
        return Summary::missing("nothing of it runs anywhere");
    };
    let children = rows.iter().map(|row| (row.health, row.since));
    Summary {
        serving: together(rows.iter().filter_map(|row| row.serving)),
        since: earliest(worst.health, children),
        desired: sum(rows.iter().map(|row| row.desired)),
        available: sum(rows.iter().map(|row| row.available)),
        ..Summary::of(worst.health, worst.reason.clone(), worst.message.clone())
    }
}

/// Full if all are, none if all are, else partial; nothing where there is nothing to count.
fn together(all: impl Iterator<Item = Serving>) -> Option<Serving> {
    all.reduce(|one, other| if one == other { one } else { Serving::Partial })
}

/// A parent has been so since the earliest of the children that share its health.
fn earliest(
    health: Health,
    children: impl Iterator<Item = (Health, Option<Timestamp>)>,
) -> Option<Timestamp> {
    let tells = matches!(health, Health::Progressing | Health::Degraded);
    children.filter(|(child, _)| tells && *child == health).filter_map(|(_, since)| since).min()
}

fn sum(numbers: impl Iterator<Item = Option<i64>>) -> Option<i64> {
    numbers.flatten().map(|number| number.max(0)).reduce(i64::saturating_add)
}
