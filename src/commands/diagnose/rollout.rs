//! The rollout that a trouble began with, from the revisions that `status` has read anyway.

use jiff::{SignedDuration, Timestamp};

use crate::commands::diagnose::broken::BrokenWorkload;
use crate::diagnose::{Finding, NextCommand, RuleFamily, rule};
use crate::text::shell_word;
use crate::workload::{Meta, Workload};

/// A trouble that begins later than this after a rollout is not laid at its door.
const LATEST: SignedDuration = SignedDuration::from_hours(1);
/// Clocks differ, and instants are whole seconds.
const EARLIEST: SignedDuration = SignedDuration::from_secs(60);

/// The newest rollout of a workload, where all of its bad pods are of it.
#[derive(Clone, Debug, PartialEq)]
pub struct RolloutStart {
    pub time: Timestamp,
    pub revision: String,
    /// Container, image before, image since.
    pub images: Vec<(String, String, String)>,
    /// What takes it back, where that is kubectl's to do.
    pub undo: Option<NextCommand>,
}

/// `None` where the bad pods are older or of several revisions, where no earlier revision is kept, and where an earlier one was brought
/// back: then nobody knows when.
pub fn newest_rollout(broken: &BrokenWorkload) -> Option<RolloutStart> {
    let mut sets: Vec<(i64, &Workload)> =
        broken.family.replica_sets.iter().filter_map(|set| Some((revision(&set.meta)?, *set))).collect();
    sets.sort_by_key(|(number, _)| *number);
    let [.., (_, before), (number, newest)] = sets.as_slice() else { return None };
    let time =
        newest.meta.created.filter(|time| before.meta.created.is_some_and(|earlier| earlier < *time))?;
    let of_newest = |meta: &Meta| meta.controller().is_some_and(|owner| owner.name == newest.meta.name);
    let mut pods = broken.bad_pods().peekable();
    pods.peek()?;
    if !pods.all(|pod| of_newest(&pod.meta)) {
        return None;
    }
    let earlier = &before.template().images;
    let changed = newest.template().images.iter().filter_map(|(container, image)| {
        let (_, old) = earlier.iter().find(|(name, old)| name == container && old != image)?;
        Some((container.clone(), old.clone(), image.clone()))
    });
    Some(RolloutStart {
        time,
        revision: number.to_string(),
        images: changed.collect(),
        undo: broken.family.workload.and_then(undo),
    })
}

impl RolloutStart {
    /// Whether a finding may be laid at its door: it began right after it, and is none that comes from outside of the pods.
    pub fn explains(&self, finding: &Finding) -> bool {
        let from_outside = rule(&finding.cause).is_some_and(|rule| {
            matches!(rule.family, RuleFamily::End | RuleFamily::Creating | RuleFamily::Apart)
        });
        let began = finding.since.map(|since| since.duration_since(self.time));
        !from_outside && began.is_some_and(|later| -EARLIEST <= later && later <= LATEST)
    }
}

fn revision(meta: &Meta) -> Option<i64> {
    let keys = ["deployment.kubernetes.io/revision", "rollout.argoproj.io/revision"];
    keys.iter().find_map(|key| meta.annotations.get(*key)?.parse().ok())
}

/// What GitOps or Helm has written would be written again, or is forgotten by Helm: there kubectl takes nothing back.
fn undo(workload: &Workload) -> Option<NextCommand> {
    let meta = &workload.meta;
    let owned = ["argocd.argoproj.io/tracking-id", "meta.helm.sh/release-name"]
        .iter()
        .any(|key| meta.annotations.contains_key(*key));
    let reconciled =
        ["argocd.argoproj.io/instance", "kustomize.toolkit.fluxcd.io/name", "helm.toolkit.fluxcd.io/name"]
            .iter()
            .any(|key| meta.labels.contains_key(*key));
    if owned || reconciled {
        return None;
    }
    let arguments = format!("rollout undo deployment/{}", shell_word(&meta.name));
    (workload.kind == "Deployment").then_some(NextCommand { arguments, kubectl: true, namespaced: true })
}
