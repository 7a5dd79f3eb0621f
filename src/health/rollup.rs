//! From workloads to a service in a cluster, and from its clusters to a service (docs/health.md section 14).

use crate::health::assess::{Assessed, is_batch};
use crate::health::{Health, OwnReason, Reason, Serving, Verdict};
use jiff::Timestamp;
use std::cmp::Reverse;

/// What several verdicts come to: a row (service x cluster), or a service.
#[derive(Debug, Clone, PartialEq)]
pub struct Summary {
    pub health: Health,
    /// `None` where there is nothing to count or nobody said.
    pub serving: Option<Serving>,
    /// Of the verdict that decided.
    pub reason: Reason,
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
        Summary { serving: Some(Serving::None), ..Summary::of(Health::Missing, OwnReason::Missing, message) }
    }

    /// A row that nobody could say anything about: a silent cluster, a gap.
    pub fn unknown(reason: impl Into<Reason>, message: impl Into<String>) -> Summary {
        Summary::of(Health::Unknown, reason, message)
    }

    fn of(health: Health, reason: impl Into<Reason>, message: impl Into<String>) -> Summary {
        let Verdict { health, reason, message, since, notes } = Verdict::new(health, reason, message);
        Summary { health, serving: None, reason, message, since, desired: None, available: None, notes }
    }
}

/// Sorts first what is worst: by badness, then serving, none first and unknown last.
pub fn order(health: Health, serving: Option<Serving>) -> impl Ord {
    (Reverse(health), Reverse(serving))
}

/// By what workloads are sorted: worst first, then kind, namespace, name.
pub fn rank<'a>(one: &Assessed<'a>) -> (impl Ord + use<'a>, &'a str, &'a str, &'a str) {
    (order(one.verdict.health, one.serving), one.kind, one.namespace, one.name)
}

/// The row of a service in a cluster, from its workloads there; without any it is Missing.
pub fn cell<'c, 'a: 'c>(workloads: impl IntoIterator<Item = &'c Assessed<'a>>) -> Summary {
    let mut sorted: Vec<&Assessed> = workloads.into_iter().collect();
    sorted.sort_by(|a, b| rank(a).cmp(&rank(b)));
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

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{Summary, cell, rank, service};
    use crate::health::sample::{ago, looping, now, object, owned, patch, pod, workload};
    use crate::health::{Assessed, Health, Serving, Thresholds, assess, families};
    use serde_json::{Value, json};

    fn assessed<T>(values: &[Value], look: impl FnOnce(&mut Vec<Assessed>) -> T) -> T {
        let objects: Vec<_> = values.iter().map(object).collect();
        let families = families(&objects);
        look(&mut families.iter().map(|family| assess(family, now(), &Thresholds::default())).collect())
    }

    fn deployment(name: &str, desired: i64, available: i64) -> Value {
        let status = json!({"replicas": desired, "updatedReplicas": desired, "readyReplicas": available, "availableReplicas": available});
        workload("Deployment", name, json!({"replicas": desired}), status)
    }

    #[test]
    fn a_row_is_its_worst_workload_and_counts_what_serves() {
        let job = workload("Job", "j", json!({}), json!({"active": 1}));
        let all = [deployment("a", 2, 2), deployment("b", 3, 1), deployment("zero", 0, 0), job];
        let row = assessed(&all, |all| cell(&*all));
        assert_eq!((row.health, row.serving), (Health::Degraded, Some(Serving::Partial)));
        assert_eq!((row.available, row.desired), (Some(3), Some(5)));
        assert_eq!(row.message, "b: 1 of 3 available");
        let row = assessed(&all[..1], |all| cell(&*all));
        assert_eq!(
            (row.health, row.serving, row.message.as_str()),
            (Health::Healthy, Some(Serving::Full), "")
        );
        let none = assessed(&[deployment("a", 2, 0), deployment("b", 1, 0)], |all| cell(&*all));
        assert_eq!(none.serving, Some(Serving::None));
        let zero = assessed(&all[2..], |all| cell(&*all));
        assert_eq!((zero.health, zero.serving, zero.desired), (Health::Progressing, None, None));
        assert_eq!(cell([]).health, Health::Missing);
    }

    #[test]
    fn since_is_the_earliest_of_those_who_share_the_health() {
        let old = patch(pod("old"), json!({"metadata": {"deletionTimestamp": ago(7200)}}));
        let row = assessed(&[looping("a", 5), old, pod("well")], |all| cell(&*all));
        assert_eq!(row.since.map(|since| since.to_string()), Some(ago(7200)));
        let well = Summary { since: row.since, health: Health::Healthy, ..row.clone() };
        assert_eq!(service(&[well]).since, None, "only what moves or is broken has a since");
    }

    #[test]
    fn workloads_come_worst_first() {
        let all =
            [deployment("a", 1, 1), deployment("b", 2, 1), deployment("c", 2, 0), pod("p"), looping("q", 4)];
        let names = assessed(&all, |all| {
            all.sort_by(|a, b| rank(a).cmp(&rank(b)));
            all.iter().map(|one| one.name.to_string()).collect::<Vec<_>>()
        });
        assert_eq!(names, ["c", "q", "b", "a", "p"]);
        let owned = owned(looping("q", 4), "ReplicaSet", "unread");
        assessed(&[owned, pod("p")], |all| {
            let unread = all.iter().find(|one| one.kind == "ReplicaSet").unwrap();
            assert_eq!(
                (unread.serving, unread.desired, unread.available),
                (Some(Serving::None), None, Some(0))
            );
        });
    }

    #[test]
    fn a_service_is_its_worst_row() {
        let full = Summary { health: Health::Healthy, serving: Some(Serving::Full), ..Summary::missing("") };
        let silent = Summary::unknown("timedOut", "timed out after 10s");
        let both = service(&[full.clone(), silent]);
        assert_eq!(
            (both.health, both.serving, both.reason.as_str()),
            (Health::Unknown, Some(Serving::Full), "timedOut")
        );
        let gone = service(&[full, Summary::missing("gone")]);
        assert_eq!((gone.health, gone.serving), (Health::Missing, Some(Serving::Partial)));
    }
}
