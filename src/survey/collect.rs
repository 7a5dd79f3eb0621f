//! Asking all clusters of a fleet at once for all services, and what came of it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::StreamExt;

use crate::config::Config;
use crate::fleet::{Answer, Asked, Fleet, Gap};
use crate::survey::answered::ClusterRow;
use crate::survey::arriving::{Draft, arrived};
use crate::survey::cells::{ClusterAnswer, ServiceQuery};
use crate::survey::fallback_namespaces::{SeenNamespaces, fallback_namespaces};
use crate::survey::gather::{self, Snapshot};
use crate::survey::plan::{Question, questions};
use crate::survey::split::ServiceTarget;
use crate::ui::Ui;

/// What every cluster of a fleet said, in fleet order; `None` where the run was interrupted first.
pub struct Collected {
    pub answers: Vec<Option<Answer<Snapshot>>>,
    pub interrupted: bool,
    /// Namespaces in which clusters that refuse lists of all of them were asked beside their own.
    pub elsewhere: BTreeSet<String>,
}

impl Collected {
    /// The answers as the cells need them.
    pub fn answers(&self) -> Vec<ClusterAnswer<'_>> {
        self.answers.iter().map(said).collect()
    }

    /// A row for each cluster of the fleet.
    pub fn rows(&self, fleet: &Fleet) -> Vec<ClusterRow> {
        let row = |(cluster, answer): (_, &Option<Answer<Snapshot>>)| match answer {
            Some(answer) => ClusterRow::of(cluster, answer),
            None => ClusterRow::unanswered(cluster),
        };
        fleet.clusters().zip(&self.answers).map(row).collect()
    }
}

/// What had arrived before a deadline is kept: such a cluster has gaps, and is not silent.
fn said(answer: &Option<Answer<Snapshot>>) -> ClusterAnswer<'_> {
    match answer {
        None => ClusterAnswer::Pending,
        Some(answer) => match answer.silence() {
            Some(why) => ClusterAnswer::Silent(why.clone()),
            None => ClusterAnswer::Answered(&answer.value),
        },
    }
}

/// Asks all clusters at once for all services; then `further` is put to each cluster with what it holds, and gives that back beside what it learnt.
/// What was learnt comes by cluster in fleet order, the default where nothing was. No cluster waits for another.
/// `draft` makes the text that is drawn on a terminal meanwhile, from what has come so far; without it a bar alone is drawn.
pub async fn collect_further<T, F, Fut>(
    wanted: &[ServiceQuery],
    fleet: &Fleet,
    config: &Config,
    ui: &Ui,
    further: F,
    draft: Option<Draft<'_, (Snapshot, T)>>,
) -> (Collected, Vec<T>)
where
    T: Default + Send + 'static,
    F: Fn(Asked, Snapshot) -> Fut + Clone + Send + Sync + 'static,
    Fut: Future<Output = (Snapshot, T, Vec<Gap>)> + Send + 'static,
{
    let (plans, services) = (cluster_plans(wanted, fleet, config), wanted.len());
    let elsewhere = Arc::new(SeenNamespaces::of(wanted));
    let (first, then, seen) = (plans.clone(), further.clone(), elsewhere.clone());
    let stream = fleet.ask(move |asked: Asked| {
        let (plans, further, elsewhere) = (first.clone(), then.clone(), seen.clone());
        async move {
            let (snapshot, mut gaps) = run(asked.clone(), plans, services).await;
            elsewhere.add(&snapshot);
            if elsewhere.puts_off(&asked.cluster().name, &snapshot) {
                return ((snapshot, T::default()), gaps);
            }
            let (snapshot, learnt, more) = further(asked, snapshot).await;
            gaps.extend(more);
            ((snapshot, learnt), gaps)
        }
    });
    let (mut answers, mut interrupted) = arrived(stream, fleet, ui, draft).await;
    let put_off = elsewhere.put_off();
    if !put_off.is_empty() && !interrupted {
        let mut refusing = fleet.clone();
        refusing.retain(|cluster| put_off.contains(&cluster.name));
        let names: Vec<&String> = fleet.clusters().map(|cluster| &cluster.name).collect();
        let mut begun = BTreeMap::new();
        for answer in
            answers.iter_mut().filter(|one| one.as_ref().is_some_and(|one| put_off.contains(&one.cluster)))
        {
            begun.extend(answer.take().map(|answer| (answer.cluster.clone(), answer)));
        }
        let times: BTreeMap<String, Duration> =
            begun.iter().map(|(name, one)| (name.clone(), one.elapsed)).collect();
        let held = Arc::new(Mutex::new(begun));
        let asking = elsewhere.clone();
        let stream = refusing.ask_further(move |asked: Asked| {
            let (plans, further, elsewhere, held) =
                (plans.clone(), further.clone(), asking.clone(), held.clone());
            async move {
                let name = asked.cluster().name.clone();
                let begun = held.lock().unwrap_or_else(PoisonError::into_inner).remove(&name);
                let Some((begun, plan)) = begun.zip(plans.get(&name)) else { return Default::default() };
                // What it refuses now makes it no more silent than it was.
                if begun.silence().is_none() {
                    asked.has_said_something();
                }
                let (snapshot, mut gaps) =
                    run_within(&asked, plan, services, &elsewhere, begun.value.0).await;
                let (snapshot, learnt, more) = further(asked, snapshot).await;
                gaps.extend(more);
                ((snapshot, learnt), gaps)
            }
        });
        let mut stream = std::pin::pin!(stream);
        while let Some(again) = stream.next().await {
            let elapsed = again.elapsed + times.get(&again.cluster).copied().unwrap_or_default();
            if let Some(place) = names.iter().position(|name| **name == again.cluster) {
                answers[place] = Some(Answer { elapsed, ..again });
            }
        }
        interrupted = crate::ui::signalled().is_some();
    }
    let all_services: Vec<usize> = (0..services).collect();
    let elsewhere = if put_off.is_empty() { BTreeSet::new() } else { elsewhere.of_services(&all_services) };
    let mut collected = Collected { answers: Vec::new(), interrupted, elsewhere };
    let mut all = Vec::new();
    for answer in answers {
        let (answer, learnt) = match answer {
            Some(answer) => split_answer(answer),
            None => (None, T::default()),
        };
        collected.answers.push(answer);
        all.push(learnt);
    }
    (collected, all)
}

fn split_answer<T>(answer: Answer<(Snapshot, T)>) -> (Option<Answer<Snapshot>>, T) {
    let Answer { cluster, elapsed, version, uid, value: (snapshot, learnt), gaps } = answer;
    (Some(Answer { cluster, elapsed, version, uid, value: snapshot, gaps }), learnt)
}

/// What is asked of one cluster.
#[derive(Debug)]
struct ClusterPlan {
    plan: Arc<SurveyPlan>,
    /// Asked one by one where cluster-wide lists are forbidden.
    namespaces: BTreeSet<String>,
}

/// What is asked about some services, made once for all the clusters that are asked about the same ones.
#[derive(Debug)]
struct SurveyPlan {
    /// By index, the service that each target belongs to.
    services: Vec<usize>,
    targets: Vec<ServiceTarget>,
    questions: Vec<Question>,
}

impl SurveyPlan {
    fn of(services: &[usize], wanted: &[ServiceQuery]) -> Arc<SurveyPlan> {
        let targets: Vec<ServiceTarget> =
            services.iter().map(|number| wanted[*number].target.clone()).collect();
        Arc::new(SurveyPlan { services: services.to_vec(), questions: questions(&targets), targets })
    }
}

/// What each cluster is asked, by its name.
fn cluster_plans(
    wanted: &[ServiceQuery],
    fleet: &Fleet,
    config: &Config,
) -> Arc<BTreeMap<String, ClusterPlan>> {
    let mut plans: BTreeMap<Vec<usize>, Arc<SurveyPlan>> = BTreeMap::new();
    let errands = fleet.clusters().enumerate().map(|(index, cluster)| {
        let namespaces = fallback_namespaces(cluster, config);
        let services: Vec<usize> =
            (0..wanted.len()).filter(|number| wanted[*number].is_told_by(index)).collect();
        let plan = plans.entry(services).or_insert_with_key(|services| SurveyPlan::of(services, wanted));
        (cluster.name.clone(), ClusterPlan { plan: plan.clone(), namespaces })
    });
    Arc::new(errands.collect())
}

async fn run(
    asked: Asked,
    plans: Arc<BTreeMap<String, ClusterPlan>>,
    services: usize,
) -> (Snapshot, Vec<Gap>) {
    let Some(ClusterPlan { plan, namespaces }) = plans.get(&asked.cluster().name) else {
        return Default::default();
    };
    let snapshot = gather::gather(&asked, &plan.targets, &plan.questions, namespaces).await;
    numbered(snapshot, plan, services)
}

/// Asks a cluster that refuses lists of all namespaces about those in which its services were found elsewhere.
async fn run_within(
    asked: &Asked,
    ClusterPlan { plan, namespaces }: &ClusterPlan,
    services: usize,
    elsewhere: &SeenNamespaces,
    snapshot: Snapshot,
) -> (Snapshot, Vec<Gap>) {
    let mut more = elsewhere.of_services(&plan.services);
    more.retain(|name| !namespaces.contains(name));
    numbered(gather::gather_within(asked, &plan.targets, &more, snapshot).await, plan, services)
}

/// What is held of each service of a plan, by its number among all.
fn numbered(mut snapshot: Snapshot, plan: &SurveyPlan, services: usize) -> (Snapshot, Vec<Gap>) {
    let mut members = vec![Vec::new(); services];
    for (number, list) in plan.services.iter().zip(std::mem::take(&mut snapshot.members)) {
        members[*number] = list;
    }
    snapshot.members = members;
    let gaps = snapshot.gaps();
    (snapshot, gaps)
}
