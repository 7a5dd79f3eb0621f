//! What is waited for, and whether a service is there in a cluster.

use std::str::FromStr;

use crate::commands::owner::image_runs;
use crate::health::{Health, is_batch};
use crate::survey::{ClusterHealth, JudgedWorkload};
use crate::text::{count, listed};
use crate::workload::Pod;

/// `--for`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Goal {
    Healthy,
    RolledOut,
    Image(String),
    Deleted,
}

impl FromStr for Goal {
    type Err = String;

    fn from_str(text: &str) -> Result<Goal, String> {
        match text.split_once('=') {
            None if text == "healthy" => Ok(Goal::Healthy),
            None if text == "rolled-out" => Ok(Goal::RolledOut),
            None if text == "deleted" => Ok(Goal::Deleted),
            Some(("image", image)) if !image.is_empty() => Ok(Goal::Image(image.to_string())),
            _ => Err("expected healthy, rolled-out, image=REF or deleted".to_string()),
        }
    }
}

impl std::fmt::Display for Goal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Goal::Healthy => f.write_str("healthy"),
            Goal::RolledOut => f.write_str("rolled-out"),
            Goal::Image(image) => write!(f, "image={image}"),
            Goal::Deleted => f.write_str("deleted"),
        }
    }
}

/// How far a service is in a cluster.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum GoalProgress {
    There,
    /// What is missing, in one line.
    Missing(String),
    /// It will not come by itself; why, in one line.
    Failed(String),
    /// The cluster did not say.
    Unknown(String),
}

/// Labels by which pods tell which revision of their workload they are of.
const REVISIONS: [&str; 3] = ["pod-template-hash", "controller-revision-hash", "rollouts-pod-template-hash"];

impl Goal {
    /// Where the cluster has something of the service.
    pub fn progress(&self, cell: &ClusterHealth<'_>) -> GoalProgress {
        let summary = &cell.summary;
        let why = || match summary.message.is_empty() {
            true => summary.health.word().to_string(),
            false => summary.message.clone(),
        };
        match (self, summary.health) {
            (_, Health::Unknown) => GoalProgress::Unknown(why()),
            (Goal::Deleted, _) => match cell.workloads.len() {
                0 => GoalProgress::There,
                more => GoalProgress::Missing(format!(
                    "{} left: {}",
                    count(more, "workload"),
                    names(&cell.workloads)
                )),
            },
            (_, Health::Missing) => GoalProgress::Missing(why()),
            (_, Health::Degraded) if is_failing(cell) => GoalProgress::Failed(why()),
            (Goal::Healthy, _) => healthy(cell).map_or(GoalProgress::There, GoalProgress::Missing),
            (Goal::RolledOut, _) => rolled_out(cell).map_or(GoalProgress::There, GoalProgress::Missing),
            (Goal::Image(image), _) => {
                runs_image(cell, image).map_or(GoalProgress::There, GoalProgress::Missing)
            }
        }
    }

    /// Where it has nothing of it; `is_expected`: it should run there.
    pub fn progress_of_nothing(&self, is_expected: bool) -> Option<GoalProgress> {
        match (self, is_expected) {
            (Goal::Deleted, _) => Some(GoalProgress::There),
            (_, true) => Some(GoalProgress::Missing("nothing of it is there".to_string())),
            (_, false) => None,
        }
    }
}

fn names(workloads: &[JudgedWorkload<'_>]) -> String {
    let names: Vec<String> = workloads.iter().map(|(_, one)| format!("{}/{}", one.kind, one.name)).collect();
    listed(&names, 3)
}

/// What keeps it from being healthy. What is off on purpose is no trouble, beside something that is on.
fn healthy(cell: &ClusterHealth<'_>) -> Option<String> {
    let is_there = |health| matches!(health, Health::Healthy | Health::Suspended);
    let lacking = cell.workloads.iter().find(|(_, one)| !is_there(one.verdict.health));
    if let Some((_, one)) = lacking {
        return Some(told(one.kind, one.name, &one.verdict.message, one.verdict.health));
    }
    let is_on = cell.workloads.iter().any(|(_, one)| one.verdict.health == Health::Healthy);
    let off = cell
        .workloads
        .first()
        .map(|(_, one)| told(one.kind, one.name, &one.verdict.message, one.verdict.health));
    if is_on { None } else { Some(off.unwrap_or_else(|| "nothing of it is there".to_string())) }
}

fn told(kind: &str, name: &str, message: &str, health: Health) -> String {
    let what = if message.is_empty() { health.word() } else { message };
    format!("{kind}/{name}: {what}")
}

/// What keeps its workloads from running nothing but their newest template.
fn rolled_out(cell: &ClusterHealth<'_>) -> Option<String> {
    let rolling: Vec<&JudgedWorkload<'_>> = cell.workloads.iter().filter(|one| rolls(one)).collect();
    if rolling.is_empty() {
        return Some("nothing that rolls out is there".to_string());
    }
    let lacking = rolling.into_iter().map(|(_, one)| one).find(|one| {
        let is_off = one.verdict.health == Health::Suspended && one.desired == Some(0);
        let is_done = one.verdict.health == Health::Healthy
            && one.updated.is_none_or(|updated| Some(updated) >= one.desired);
        !is_off && !is_done
    })?;
    Some(told(lacking.kind, lacking.name, &lacking.verdict.message, lacking.verdict.health))
}

fn rolls((_, one): &JudgedWorkload<'_>) -> bool {
    !is_batch(one.kind) && !matches!(one.kind, "Pod" | "ReplicaSet")
}

/// What keeps the image from running everywhere: each workload of which a container has that image's name runs it, in all of its
/// pods, and is healthy.
fn runs_image(cell: &ClusterHealth<'_>, image: &str) -> Option<String> {
    let name = image.split('@').next().unwrap_or(image);
    let name = match name.rsplit_once(':').filter(|(_, tag)| !tag.contains('/')) {
        _ if image.starts_with("sha256:") => "",
        Some((name, _)) => name,
        None => name,
    };
    let has = |pod: &Pod, wanted: &str| {
        pod.spec.containers.iter().chain(&pod.spec.init_containers).any(|container| {
            let statuses = pod.status.container_statuses.iter().chain(&pod.status.init_container_statuses);
            let id = statuses
                .filter(|status| status.name == container.name)
                .map(|status| status.image_id.as_str())
                .next();
            image_runs(wanted, &container.image, id.unwrap_or_default())
        })
    };
    let is_over = |pod: &Pod| pod.status.phase == "Succeeded" || pod.status.phase == "Failed";
    let mut concerned = 0;
    for (_, one) in &cell.workloads {
        let pods: Vec<&Pod> = one.pods.iter().map(|(pod, _)| *pod).filter(|pod| !is_over(pod)).collect();
        if !pods.iter().any(|pod| name.is_empty() || has(pod, name)) {
            continue;
        }
        concerned += 1;
        let running = pods.iter().filter(|pod| has(pod, image)).count();
        if running < pods.len() {
            return Some(format!("{}/{}: {running} of {} pods run {image}", one.kind, one.name, pods.len()));
        }
        if !matches!(one.verdict.health, Health::Healthy) {
            return Some(told(one.kind, one.name, &one.verdict.message, one.verdict.health));
        }
    }
    (concerned == 0).then(|| format!("no container runs {}", if name.is_empty() { image } else { name }))
}

/// Whether what is bad is what is wanted now, and not what a rollout is just about to replace.
fn is_failing(cell: &ClusterHealth<'_>) -> bool {
    cell.workloads.iter().filter(|(_, one)| one.verdict.health == Health::Degraded).any(|(_, one)| {
        let revision = |pod: &Pod| REVISIONS.iter().find_map(|label| pod.meta.labels.get(*label).cloned());
        let is_bad = |health| health == Health::Degraded;
        let newest =
            one.pods.iter().map(|(pod, _)| *pod).max_by_key(|pod| pod.meta.created).and_then(revision);
        match one.pods.iter().any(|(_, verdict)| is_bad(verdict.health)) {
            // The workload itself says that it is at an end.
            false => true,
            true => one.pods.iter().any(|(pod, verdict)| is_bad(verdict.health) && revision(pod) == newest),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::Goal;

    #[test]
    fn goals_are_read_and_told() {
        for text in ["healthy", "rolled-out", "image=r/a:1", "deleted"] {
            assert_eq!(text.parse::<Goal>().map(|goal| goal.to_string()).as_deref(), Ok(text));
        }
        for wrong in ["", "image", "image=", "ready", "healthy=x"] {
            assert!(wrong.parse::<Goal>().is_err(), "{wrong}");
        }
    }
}
