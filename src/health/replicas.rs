//! What every kind with replicas has in common: its pods' part in the verdict (docs/health.md section 4).

use crate::health::judged::Judged;
use crate::health::pod::{ended, has_failed};
use crate::health::why::Why;
use crate::health::{Health, OwnReason, Verdict};
use crate::podstatus::{Thresholds, is_fault};
use crate::text::count;
use crate::workload::Pod;
use jiff::{SignedDuration, Timestamp};

/// Pods in numbers, as the controller counts them.
#[derive(Debug, Clone, Copy, Default)]
pub struct Counts {
    pub desired: i64,
    pub updated: i64,
    pub ready: i64,
    pub available: i64,
}

/// A pod of the workload with its verdict.
pub struct JudgedPod<'a> {
    pub pod: &'a Pod,
    pub judged: Judged,
    /// Whether it belongs to the newest revision, as far as that is known.
    pub newest: bool,
    /// Whether the workload needs it: of the newest revision, or of an older one that still has to serve.
    pub needed: bool,
}

/// The pods of a workload.
pub struct PodSet<'a> {
    pub members: Vec<JudgedPod<'a>>,
    /// False where pods could not be read.
    pub known: bool,
}

impl Counts {
    pub fn short(&self) -> bool {
        self.available < self.desired
    }

    /// `2 of 3 available`
    pub fn availability(&self) -> String {
        format!("{} of {} available", self.available.max(0), self.desired)
    }
}

impl JudgedPod<'_> {
    fn health(&self) -> Health {
        self.judged.verdict.health
    }

    fn is_over(&self) -> bool {
        self.pod.status.phase == "Succeeded" || has_failed(self.pod)
    }

    /// Neither over nor on its way out.
    pub fn lives(&self) -> bool {
        !self.is_over() && self.pod.meta.deleted.is_none()
    }
}

/// Worst of the workload's own verdict and that of the pods that count. Pods explain more than a controller
/// does: where both say the same, the line is theirs.
pub fn join(
    own: Verdict,
    pod_set: &PodSet,
    counts: Counts,
    now: Timestamp,
    thresholds: &Thresholds,
) -> Verdict {
    let counted = counted(pod_set, counts);
    let worst = counted.iter().map(|member| member.health()).max().unwrap_or(Health::Healthy);
    let mut verdict = match worst {
        Health::Degraded => explained(own, &counted, pod_set),
        Health::Unknown | Health::Progressing if worst > own.health => explained(own, &counted, pod_set),
        Health::Suspended | Health::Progressing if own.health == Health::Progressing => {
            waiting_for(own, &counted)
        }
        _ => own,
    };
    let again = replaced_again_and_again(pod_set, counts, now, thresholds);
    if let Some(again) = again.filter(|_| verdict.health < Health::Degraded) {
        verdict = Verdict { notes: verdict.notes, ..again };
    }
    let living = pod_set.members.iter().filter(|member| member.lives());
    let told = living.flat_map(|member| member.judged.verdict.notes.iter().cloned());
    verdict.notes.extend(told.take(MOST_NOTES));
    verdict.notes.extend(leftovers(pod_set, &counted));
    verdict
}

/// Notes of pods that are kept.
const MOST_NOTES: usize = 3;

/// A rollout that moves, with what most of its pods wait for.
fn waiting_for(own: Verdict, counted: &[&JudgedPod]) -> Verdict {
    let waits = |member: &&JudgedPod| matches!(member.health(), Health::Suspended | Health::Progressing);
    let waiting: Vec<&JudgedPod> = counted.iter().copied().filter(waits).collect();
    match largest(&waiting) {
        Some((why, _)) if !why.what.is_empty() && !own.message.contains(&why.what) => {
            let message = match own.message.as_str() {
                "" => why.line(None),
                message => format!("{message}, {}", why.line(None)),
            };
            Verdict { message, ..own }
        }
        _ => own,
    }
}

/// Pods that failed one after the other and make a loop, as restarts do, within the time that restarts count.
const LOOP: usize = 3;

/// A loop above the container: pods that are evicted or rejected and replaced at once, so that at any moment all looks
/// well or on its way. Pods that fail together, as on a node that is lost, are none: only those count that were made
/// after another had failed.
fn replaced_again_and_again(
    pod_set: &PodSet,
    counts: Counts,
    now: Timestamp,
    thresholds: &Thresholds,
) -> Option<Verdict> {
    let recent = |member: &&JudgedPod| {
        has_failed(member.pod)
            && ended(member.pod).is_some_and(|at| now.duration_since(at) < thresholds.recent_restart)
    };
    let mut failed: Vec<&JudgedPod> = pod_set.members.iter().filter(recent).collect();
    failed.sort_by_key(|member| member.pod.meta.created);
    let (mut times, mut before) = (0, None);
    for member in &failed {
        if before.is_none_or(|end| member.pod.meta.created >= Some(end)) {
            (times, before) = (times + 1, ended(member.pod));
        }
    }
    // Twice is enough while the newest one is not up either.
    let enough = if counts.short() { LOOP - 1 } else { LOOP };
    let (why, _) = largest(&failed).filter(|_| times >= enough)?;
    let deciding = failed.iter().find(|member| member.judged.why.is_like(&why))?;
    let first = failed.iter().filter_map(|member| ended(member.pod)).min()?;
    let within = crate::text::age(now.duration_since(first).as_secs().max(1));
    let message = format!("{} failed in {within}: {}", count(failed.len(), "pod"), why.line(None));
    let reason = deciding.judged.verdict.reason.clone();
    Some(Verdict::new(Health::Degraded, reason, message).since(Some(first)))
}

/// Rollout complete and available < desired: Degraded, except Progressing where some are available and every
/// pod that is not is known and has its time still; without pods to look at it is Degraded.
pub fn short_of(counts: Counts, min_ready_seconds: i64, pod_set: &PodSet) -> Verdict {
    let waiting: Vec<&JudgedPod> =
        pod_set.members.iter().filter(|it| it.lives() && it.health() > Health::Healthy).collect();
    let all_in = |health| !waiting.is_empty() && waiting.iter().all(|member| member.health() == health);
    if min_ready_seconds > 0 && counts.ready >= counts.desired {
        let message = format!("{}, the others wait for minReadySeconds", counts.availability());
        return Verdict::new(Health::Progressing, OwnReason::MinReadySeconds, message);
    }
    if all_in(Health::Suspended) {
        let first = &waiting[0].judged.verdict;
        return Verdict::new(Health::Suspended, first.reason.clone(), first.message.clone());
    }
    let mut message = counts.availability();
    if let Some((why, pods)) = largest(&waiting) {
        message.push_str(&format!(", {}", why.line(some_of(pods, waiting.len()))));
    }
    let living = pod_set.members.iter().filter(|member| member.lives()).count();
    let every_pod_known = i64::try_from(living).unwrap_or(i64::MAX) >= counts.desired;
    // Where nothing serves, only pods are on their way whose fault passes by itself.
    let passes = |member: &&JudgedPod| is_fault(member.judged.verdict.reason.as_str());
    let coming = counts.available > 0 || waiting.iter().all(passes);
    let graced = every_pod_known && all_in(Health::Progressing) && coming;
    let health = if graced { Health::Progressing } else { Health::Degraded };
    let since = waiting.iter().filter_map(|member| member.judged.verdict.since).min();
    Verdict::new(health, OwnReason::ReplicasUnavailable, message).since(since)
}

/// A controller that can create the next pod does so this soon after the one before is available.
const NEXT_POD: SignedDuration = SignedDuration::from_secs(30);

/// Pods are lacking, and none is on its way: the controller has not been able to create them for longer than a pod may
/// take. A StatefulSet has no condition that says so, and events are not asked for a verdict. Nothing where a pod may
/// still hold the next one back: one that is not ready, one on its way out, one that came or got ready just now.
pub fn not_created(
    counts: Counts,
    (created, min_ready_seconds): (Option<Timestamp>, i64),
    pod_set: &PodSet,
    now: Timestamp,
    thresholds: &Thresholds,
) -> Option<Verdict> {
    let settles = NEXT_POD.saturating_add(SignedDuration::from_secs(min_ready_seconds.max(0)));
    let is_settled = |member: &JudgedPod| {
        let ready = member.pod.condition("Ready").and_then(|ready| ready.last_transition_time);
        let changed = ready.max(member.pod.meta.created);
        member.pod.is_ready() && changed.is_none_or(|at| now.duration_since(at) > settles)
    };
    let leaves = |member: &&JudgedPod| member.pod.meta.deleted.is_some();
    let living: Vec<&JudgedPod> = pod_set.members.iter().filter(|member| member.lives()).collect();
    let lacking = counts.desired.saturating_sub(i64::try_from(living.len()).unwrap_or(i64::MAX));
    let waits =
        pod_set.members.iter().any(|member| leaves(&member)) || !living.iter().all(|it| is_settled(it));
    if !pod_set.known
        || lacking <= 0
        || waits
        || created.is_none_or(|at| now.duration_since(at) <= thresholds.creating)
    {
        return None;
    }
    let lacking = match (living.len(), lacking) {
        (0, _) => "no pod was created".to_string(),
        (_, 1) => "1 pod was not created".to_string(),
        (_, lacking) => format!("{lacking} pods were not created"),
    };
    let message = format!("{}, {lacking}", counts.availability());
    Some(Verdict::new(Health::Degraded, OwnReason::PodsNotCreated, message))
}

/// A pod that lost its readiness changed that condition well after it was made.
pub fn was_ready(pod: &Pod) -> bool {
    let ready = pod.condition("Ready");
    let changed = ready.and_then(|condition| condition.last_transition_time);
    let initialized = pod.condition("Initialized").and_then(|condition| condition.last_transition_time);
    let made = initialized.or(pod.status.start_time).or(pod.meta.created);
    let later = matches!((changed, made), (Some(changed), Some(made)) if changed > made);
    pod.is_ready() || (later && ready.is_some_and(|condition| condition.is_false()))
}

/// Desired 0: parked on purpose, unless pods are still there.
pub fn scaled_to_zero(pod_set: &PodSet) -> Verdict {
    match pod_set.members.iter().filter(|member| !member.is_over()).count() {
        0 => Verdict::new(Health::Suspended, OwnReason::ScaledToZero, "scaled to zero"),
        pods => {
            let message = format!("scaling to zero, {} still there", count(pods, "pod"));
            Verdict::new(Health::Progressing, OwnReason::ScalingToZero, message)
        }
    }
}

/// When the newest revision's first pod was made: the start of a rollout.
pub fn first_of_newest(pod_set: &PodSet) -> Option<Timestamp> {
    pod_set.members.iter().filter(|member| member.newest).filter_map(|member| member.pod.meta.created).min()
}

/// The pods that have a say: not the ones that ended and were replaced, not those on their way out, and those
/// of older revisions only where their availability is needed.
fn counted<'c, 'a>(pod_set: &'c PodSet<'a>, counts: Counts) -> Vec<&'c JudgedPod<'a>> {
    let living = pod_set.members.iter().filter(|member| member.lives()).count();
    let replaced = !counts.short() || i64::try_from(living).unwrap_or(i64::MAX) >= counts.desired;
    let has_say = |member: &&JudgedPod| {
        let leaves = member.pod.meta.deleted.is_some() && member.health() != Health::Degraded;
        match member.pod.status.phase.as_str() {
            // What was deleted long ago and is still there is stuck, whatever else it is.
            _ if member.judged.verdict.reason == OwnReason::StuckTerminating => true,
            "Succeeded" => false,
            "Failed" if replaced => false,
            _ if leaves => false,
            _ => member.needed,
        }
    };
    pod_set.members.iter().filter(has_say).collect()
}

/// The pods' line, with the workload's own as a note.
fn explained(own: Verdict, counted: &[&JudgedPod], pod_set: &PodSet) -> Verdict {
    let worst = counted.iter().map(|member| member.health()).max().unwrap_or(Health::Healthy);
    let bad: Vec<&JudgedPod> = counted.iter().copied().filter(|member| member.health() == worst).collect();
    let Some((why, pods)) = largest(&bad) else { return own };
    let living = pod_set.members.iter().filter(|member| member.lives()).count();
    let deciding = bad.iter().find(|member| member.judged.why.is_like(&why));
    let reason = deciding.map(|member| member.judged.verdict.reason.clone()).unwrap_or_default();
    let since = bad.iter().filter_map(|member| member.judged.verdict.since).min();
    // A condition that decided by itself knows the moment better than pods that come and go.
    let since = if own.health == worst { own.since.or(since) } else { since };
    let line = why.line(some_of(pods, living.max(bad.len())));
    let mut verdict = Verdict::new(worst, reason, line).since(since);
    verdict.notes = own.notes;
    if !own.message.is_empty() && own.reason != OwnReason::ReplicasUnavailable {
        verdict.notes.push(own.message);
    }
    verdict
}

/// The trouble that most pods share, and how many do; the first by name where two are as common.
fn largest(members: &[&JudgedPod]) -> Option<(Why, usize)> {
    let mut groups: Vec<(Why, usize)> = Vec::new();
    for member in members {
        let why = &member.judged.why;
        match groups.iter_mut().find(|(group, _)| group.is_like(why)) {
            Some((group, pods)) => {
                group.add(why);
                *pods += 1;
            }
            None => groups.push((why.clone(), 1)),
        }
    }
    let most = groups.iter().map(|(_, pods)| *pods).max()?;
    groups.into_iter().find(|(_, pods)| *pods == most)
}

fn some_of(pods: usize, all: usize) -> Option<usize> {
    (pods < all).then_some(pods)
}

/// What is left of pods that have no say, as notes. Those stuck in their deletion always have one (`counted`).
fn leftovers(pod_set: &PodSet, counted: &[&JudgedPod]) -> Vec<String> {
    // Those that count stand in the order of the members.
    let mut counted = counted.iter().peekable();
    let has_no_say = |member: &&JudgedPod| counted.next_if(|next| std::ptr::eq(**next, *member)).is_none();
    let failed: Vec<&JudgedPod> =
        pod_set.members.iter().filter(has_no_say).filter(|member| has_failed(member.pod)).collect();
    let evicted = failed.iter().filter(|member| member.pod.status.reason == "Evicted").count();
    let mut notes = Vec::new();
    if evicted > 0 {
        notes.push(count(evicted, "evicted leftover"));
    }
    if failed.len() > evicted {
        notes.push(count(failed.len() - evicted, "failed leftover"));
    }
    notes
}
