//! A family's verdict: the kind's rule, its pods, and both in numbers.

use crate::health::family::WorkloadFamily;
use crate::health::pod::{has_failed, judge};
use crate::health::replicas::{self, Counts, JudgedPod, PodSet};
use crate::health::{Health, Serving, Verdict};
use crate::health::{cronjob, daemonset, deployment, job, replicaset, rollout, statefulset};
use crate::podstatus::Thresholds;
use crate::workload::{Body, JobSpec, Meta, Pod, Workload};
use jiff::Timestamp;
use std::cmp::Reverse;

/// A workload with its verdict. A number that is not known is `None`.
#[derive(Debug, Clone)]
pub struct Assessed<'a> {
    pub kind: &'a str,
    pub namespace: &'a str,
    pub name: &'a str,
    pub verdict: Verdict,
    /// `None` for Jobs and CronJobs, and where it is not known.
    pub serving: Option<Serving>,
    pub desired: Option<i64>,
    pub updated: Option<i64>,
    pub ready: Option<i64>,
    pub available: Option<i64>,
    pub revision: Option<String>,
    /// All pods with their verdicts, worst first, then by name.
    pub pods: Vec<(&'a Pod, Verdict)>,
}

/// Judges a workload by its own status and by its pods.
pub fn assess<'a>(family: &WorkloadFamily<'a>, now: Timestamp, thresholds: &Thresholds) -> Assessed<'a> {
    let mut pod_set = pod_set(family, now, thresholds);
    let (verdict, counts) = match family.workload {
        Some(workload) => by_workload(workload, family, &mut pod_set, now, thresholds),
        None => without_workload(family, &mut pod_set, now, thresholds),
    };
    let serving = match counts.desired {
        Some(desired) => counts.available.map(|available| Serving::of(available, desired)),
        // Whatever is wanted, nothing of what is there serves.
        None => (counts.available == Some(0) && !is_batch(family.kind)).then_some(Serving::None),
    };
    let mut pods: Vec<_> =
        pod_set.members.into_iter().map(|member| (member.pod, member.judged.verdict)).collect();
    pods.sort_by_key(|(pod, verdict)| (Reverse(verdict.health), &pod.meta.name));
    Assessed {
        kind: family.kind,
        namespace: family.namespace,
        name: family.name,
        verdict,
        serving: if is_batch(family.kind) { None } else { serving },
        desired: counts.desired,
        updated: counts.updated,
        ready: counts.ready,
        available: counts.available,
        revision: family.workload.and_then(revision),
        pods,
    }
}

/// Whether a kind runs to an end instead of serving.
pub fn is_batch(kind: &str) -> bool {
    matches!(kind, "Job" | "CronJob")
}

/// As `Counts`, where a kind or a refusal may leave a number out.
#[derive(Default)]
struct Known {
    desired: Option<i64>,
    updated: Option<i64>,
    ready: Option<i64>,
    available: Option<i64>,
}

impl From<Counts> for Known {
    fn from(counts: Counts) -> Known {
        Known {
            desired: Some(counts.desired),
            updated: Some(counts.updated),
            ready: Some(counts.ready),
            available: Some(counts.available),
        }
    }
}

fn pod_set<'a>(family: &WorkloadFamily<'a>, now: Timestamp, thresholds: &Thresholds) -> PodSet<'a> {
    let member =
        |pod: &&'a Pod| JudgedPod { pod, judged: judge(pod, now, thresholds), newest: true, needed: true };
    PodSet { members: family.pods.iter().map(member).collect(), known: family.pods_known }
}

fn by_workload(
    workload: &Workload,
    family: &WorkloadFamily,
    pod_set: &mut PodSet,
    now: Timestamp,
    thresholds: &Thresholds,
) -> (Verdict, Known) {
    let meta = &workload.meta;
    match &workload.body {
        Body::Deployment { spec, status } => {
            let counts = deployment::counts(spec, status);
            let newest = newest(&family.replica_sets, meta);
            mark(pod_set, counts, |pod| newest.is_none_or(|set| owns_directly(set, pod)));
            let own = deployment::verdict((meta, spec, status), pod_set, now, thresholds);
            (replicas::join(own, pod_set, counts, now, thresholds), counts.into())
        }
        Body::Rollout { spec, status } => {
            let counts = rollout::counts(spec, status);
            let hashes = [status.current_pod_hash.as_str(), status.stable_rs.as_str()];
            let hash =
                |pod: &Pod| pod.meta.labels.get("rollouts-pod-template-hash").cloned().unwrap_or_default();
            mark(pod_set, counts, |pod| hash(pod) == hashes[0] || hashes[0].is_empty());
            // A canary's stable pods carry the traffic by design.
            pod_set.members.iter_mut().for_each(|it| it.needed |= hashes.contains(&hash(it.pod).as_str()));
            let own = rollout::verdict((meta, spec, status), pod_set, now, thresholds);
            (replicas::join(own, pod_set, counts, now, thresholds), counts.into())
        }
        Body::ReplicaSet { spec, status } => {
            let counts = replicaset::counts(spec, status);
            let own = replicaset::verdict((meta, spec, status), pod_set, now, thresholds);
            (replicas::join(own, pod_set, counts, now, thresholds), counts.into())
        }
        Body::StatefulSet { spec, status } => {
            let counts = statefulset::counts(spec, status);
            mark_newest(pod_set, |pod| revision_hash(pod) == Some(&status.update_revision));
            let own = statefulset::verdict((meta, spec, status), pod_set, now, thresholds);
            (replicas::join(own, pod_set, counts, now, thresholds), counts.into())
        }
        Body::DaemonSet { spec, status } => {
            let counts = daemonset::counts(status);
            let youngest = pod_set.members.iter().map(|member| member.pod).max_by_key(|pod| pod.meta.created);
            mark_newest(pod_set, |pod| revision_hash(pod) == youngest.and_then(revision_hash));
            let own = daemonset::verdict((meta, spec, status), pod_set, now, thresholds);
            (replicas::join(own, pod_set, counts, now, thresholds), counts.into())
        }
        Body::Job { spec, status } => {
            let verdict = job::verdict((meta, spec, status), pod_set, now, thresholds);
            (verdict, Known { desired: Some(wanted(spec)), ready: status.ready, ..Known::default() })
        }
        Body::CronJob { spec, status } => {
            let runs: Vec<_> =
                family.jobs.iter().map(|run| (*run, of_run(run, family, now, thresholds))).collect();
            (cronjob::verdict((meta, spec, status), &runs, now, thresholds), Known::default())
        }
    }
}

/// One Job of a CronJob, with its own pods.
fn of_run(run: &Workload, family: &WorkloadFamily, now: Timestamp, thresholds: &Thresholds) -> Verdict {
    let Body::Job { spec, status } = &run.body else { return Verdict::healthy() };
    let own = family.pods.iter().copied().filter(|pod| owns_directly(run, pod)).collect();
    let pod_set = pod_set(&WorkloadFamily { pods: own, ..family.clone() }, now, thresholds);
    job::verdict((&run.meta, spec, status), &pod_set, now, thresholds)
}

fn wanted(spec: &JobSpec) -> i64 {
    spec.completions.or(spec.parallelism).unwrap_or(1)
}

/// A bare pod, or pods whose owner could not be read.
fn without_workload(
    family: &WorkloadFamily,
    pod_set: &mut PodSet,
    now: Timestamp,
    thresholds: &Thresholds,
) -> (Verdict, Known) {
    let serves = |member: &&JudgedPod| member.lives() && (member.pod.is_ready() || member.judged.serves());
    let ready = i64::try_from(pod_set.members.iter().filter(serves).count()).unwrap_or(i64::MAX);
    if let ("Pod", [only]) = (family.kind, &pod_set.members[..]) {
        let over = only.pod.status.phase == "Succeeded";
        let ready = i64::from(only.pod.is_ready() || only.judged.serves());
        let counts = Counts { desired: 1, updated: 1, ready, available: ready };
        return (only.judged.verdict.clone(), if over { Known::default() } else { counts.into() });
    }
    if let Some(set) = newest(&family.replica_sets, &Meta::default())
        && let Body::ReplicaSet { spec, status } = &set.body
    {
        let counts = replicaset::counts(spec, status);
        let all = family.replica_sets.iter().map(|set| available(set));
        let available = all.fold(0, i64::saturating_add);
        let counts = Counts { available, ..counts };
        mark(pod_set, counts, |pod| owns_directly(set, pod));
        let own = replicaset::verdict((&set.meta, spec, status), pod_set, now, thresholds);
        return (replicas::join(own, pod_set, counts, now, thresholds), counts.into());
    }
    // An attempt that failed proves nothing while the Job that counts them is unknown.
    let batch = is_batch(family.kind);
    let others = pod_set.members.iter().any(|member| !has_failed(member.pod));
    pod_set
        .members
        .iter_mut()
        .for_each(|member| member.needed = !(batch && others && has_failed(member.pod)));
    let living =
        i64::try_from(pod_set.members.iter().filter(|member| member.lives()).count()).unwrap_or(i64::MAX);
    // Of an owner that was not read, what is left of its pods is all that is known: where nothing lives and something
    // failed, one at least is missing.
    let failed = pod_set.members.iter().any(|member| has_failed(member.pod) && member.needed);
    let wanted = if living == 0 && failed { 1 } else { living };
    let counts = Counts { desired: wanted, updated: living, ready, available: ready };
    let leaving = pod_set.members.iter().filter(|member| member.pod.meta.deleted.is_some()).count();
    let own = match (living, leaving) {
        (0, leaving) if leaving > 0 => Verdict::new(Health::Progressing, "Terminating", "being deleted"),
        _ => Verdict::healthy(),
    };
    let verdict = replicas::join(own, pod_set, counts, now, thresholds);
    let available = (living > 0).then_some(ready);
    (verdict, Known { ready: available, available, ..Known::default() })
}

fn mark(pod_set: &mut PodSet, counts: Counts, is_newest: impl Fn(&Pod) -> bool) {
    mark_newest(pod_set, is_newest);
    let serving = pod_set.members.iter().filter(|member| member.newest && member.pod.is_ready()).count();
    let old_serve = i64::try_from(serving).unwrap_or(i64::MAX) < counts.desired;
    pod_set.members.iter_mut().for_each(|member| member.needed = member.newest || old_serve);
}

fn mark_newest(pod_set: &mut PodSet, is_newest: impl Fn(&Pod) -> bool) {
    pod_set.members.iter_mut().for_each(|member| member.newest = is_newest(member.pod));
}

/// The ReplicaSet of the owner's own revision, else of the highest.
fn newest<'a>(sets: &[&'a Workload], owner: &Meta) -> Option<&'a Workload> {
    let wanted = number(owner);
    let same = sets.iter().find(|set| wanted.is_some() && number(&set.meta) == wanted);
    same.or_else(|| sets.iter().max_by_key(|set| (number(&set.meta), set.meta.created))).copied()
}

fn number(meta: &Meta) -> Option<i64> {
    revision_text(meta)?.parse().ok()
}

fn revision_text(meta: &Meta) -> Option<&String> {
    let named = ["deployment.kubernetes.io/revision", "rollout.argoproj.io/revision"];
    named.iter().find_map(|name| meta.annotations.get(*name))
}

fn revision(workload: &Workload) -> Option<String> {
    let text = match &workload.body {
        Body::StatefulSet { status, .. } => Some(&status.update_revision),
        Body::DaemonSet { .. } => workload.meta.annotations.get("deprecated.daemonset.template.generation"),
        _ => revision_text(&workload.meta),
    };
    text.filter(|text| !text.is_empty()).cloned()
}

fn revision_hash(pod: &Pod) -> Option<&String> {
    pod.meta.labels.get("controller-revision-hash")
}

fn available(set: &Workload) -> i64 {
    match &set.body {
        Body::ReplicaSet { status, .. } => status.available_replicas,
        _ => 0,
    }
}

/// Whether the workload is the pod's direct owner.
fn owns_directly(workload: &Workload, pod: &Pod) -> bool {
    pod.meta.controller().is_some_and(|owner| match owner.uid.as_str() {
        "" => owner.kind == workload.kind && owner.name == workload.meta.name,
        uid => uid == workload.meta.uid || (workload.meta.uid.is_empty() && owner.name == workload.meta.name),
    })
}
