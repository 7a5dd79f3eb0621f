//! A survey that keeps rows, not objects: a cluster is judged when its last list has come, and what was read of it is let go.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::Result;
use jiff::Timestamp;

use crate::app::App;
use crate::catalog::Service;
use crate::fleet::{Answer, Asked, Cluster, Gap};
use crate::health::{self, Summary, order};
use crate::podstatus::Thresholds;
use crate::survey::arriving::Draft;
use crate::survey::cells::{
    Assessor, ClusterAnswer, ClusterCell, ClusterVerdict, JudgedWorkload, ServiceQuery, ServiceVerdict,
};
use crate::survey::gather::Snapshot;
use crate::survey::live::LiveNews;
use crate::survey::memory::Memory;
use crate::survey::overview::{Survey, SurveyStart};

/// What is made of a workload at an instant, to be kept.
pub type KeepWorkload<W> = fn(&JudgedWorkload, Timestamp, Thresholds) -> W;

/// The verdicts on the services of a survey, by their indices there.
pub struct KeptVerdicts<W> {
    /// The services that run, or should.
    pub running: Vec<(usize, ServiceVerdict<W>)>,
    /// Those that do not run at all.
    pub idle: Vec<usize>,
}

/// A service as far as it is known while clusters still answer.
pub struct ServiceSoFar {
    pub name: String,
    pub owner: Option<String>,
    pub summary: Summary,
    /// Its clusters, worst first.
    pub clusters: Vec<(String, Summary)>,
}

/// Makes a text of what is known so far, worst first.
pub type DraftOf<'a> = dyn Fn(Vec<ServiceSoFar>) -> String + 'a;

/// What came of a survey, judged: of each workload what was made of it.
pub struct KeptCells<W> {
    /// By cluster.
    cells: Vec<Cells<W>>,
    basis: Arc<JudgingBasis<W>>,
}

/// By service, what a cluster's answer comes to.
type Cells<W> = Vec<Option<ClusterCell<W>>>;

/// A cluster's answer with what it comes to.
type JudgedAnswer<W> = Answer<(Snapshot, Cells<W>)>;

fn so_far<W>(
    service: &Service,
    number: usize,
    names: &[String],
    answers: &[Option<JudgedAnswer<W>>],
) -> Option<ServiceSoFar> {
    let cell = |(index, answer): (usize, &Option<JudgedAnswer<W>>)| match answer
        .as_ref()?
        .value
        .1
        .get(number)?
        .as_ref()?
    {
        ClusterCell::Cell(cell) => Some((names.get(index)?.clone(), cell.summary.clone())),
        ClusterCell::Hidden(_) | ClusterCell::Nothing => None,
    };
    let mut clusters: Vec<(String, Summary)> = answers.iter().enumerate().filter_map(cell).collect();
    clusters.sort_by_key(|(_, summary)| order(summary.health, summary.serving));
    let summaries: Vec<Summary> = clusters.iter().map(|(_, summary)| summary.clone()).collect();
    let owner = service.owner.as_ref().map(|owner| owner.display.clone());
    (!clusters.is_empty()).then(|| ServiceSoFar {
        name: service.name.clone(),
        owner,
        summary: health::service(&summaries),
        clusters,
    })
}

/// What a cluster is judged by while others still answer.
struct JudgingBasis<W> {
    wanted: Vec<ServiceQuery>,
    /// The clusters' indices, by name.
    clusters: BTreeMap<String, usize>,
    thresholds: Thresholds,
    keep: KeepWorkload<W>,
}

impl<W> JudgingBasis<W> {
    /// By service, what a cluster's answer comes to; and what has to be kept of the answer itself. A cluster that did not say
    /// everything is judged when it is known what it said the last time.
    fn judge(&self, cluster: &Cluster, snapshot: Snapshot, now: Timestamp) -> (Snapshot, Cells<W>) {
        let Some(index) = self.clusters.get(&cluster.name).filter(|_| snapshot.unread.is_empty()) else {
            return (snapshot, Vec::new());
        };
        let memory = Memory::default();
        let assessor =
            Assessor { now, thresholds: &self.thresholds, memory: &memory, keys: &[], narrowed: false };
        let said = ClusterAnswer::Answered(&snapshot);
        let cell = |(number, wanted): (usize, &ServiceQuery)| {
            let is_told = wanted.refused.is_none() && wanted.is_told_by(*index);
            let cell = is_told.then(|| assessor.cell(wanted, number, *index, &said, &|| None));
            cell.map(|cell| cell.map(|workload| (self.keep)(&workload, now, self.thresholds)))
        };
        let cells = self.wanted.iter().enumerate().map(cell).collect();
        // Where it may be the same cluster as another one, its objects tell.
        let kept = if cluster.shared_server.is_some() { snapshot } else { Snapshot::default() };
        (kept, cells)
    }
}

impl Survey {
    /// As `run`, with the verdicts; of each workload only what `keep` makes of it is kept. `draft` makes the text that is drawn on a
    /// terminal while clusters answer, of what is known so far.
    pub fn run_judged<W: Send + 'static>(
        services: Vec<Service>,
        named: bool,
        app: &App,
        keep: KeepWorkload<W>,
        draft: Option<&DraftOf<'_>>,
    ) -> Result<(Survey, KeptCells<W>)> {
        let start = SurveyStart::of(services, named, app)?;
        let basis = Arc::new(JudgingBasis {
            wanted: start.placed.wanted.clone(),
            clusters: start
                .fleet
                .clusters()
                .enumerate()
                .map(|(index, one)| (one.name.clone(), index))
                .collect(),
            thresholds: app.thresholds()?,
            keep,
        });
        let now = app.now();
        let judging = basis.clone();
        let further = move |asked: Asked, snapshot: Snapshot| {
            let basis = judging.clone();
            async move {
                let (snapshot, cells) = basis.judge(asked.cluster(), snapshot, now);
                (snapshot, cells, Vec::new())
            }
        };
        let names = start.cluster_names();
        let known = if draft.is_some() { start.placed_services() } else { Vec::new() };
        let drawn = |answers: &[Option<JudgedAnswer<W>>]| {
            let services = known.iter().enumerate();
            let so_far = services.filter_map(|(number, service)| so_far(service, number, &names, answers));
            draft.map(|draft| draft(so_far.collect())).unwrap_or_default()
        };
        let drawn: Option<Draft<'_, (Snapshot, Cells<W>)>> = draft.is_some().then_some(&drawn);
        let (mut survey, cells) = start.ask(app, further, drawn)?;
        survey.miss(named, app)?;
        Ok((survey, KeptCells { cells, basis }))
    }

    fn kept_verdicts<W>(
        &mut self,
        keep: KeepWorkload<W>,
        mut known: impl FnMut(usize, usize) -> Option<ClusterCell<W>>,
    ) -> KeptVerdicts<W> {
        let (assessor, said) = (self.assessor(), self.collected.answers());
        let mut verdicts = KeptVerdicts { running: Vec::new(), idle: Vec::new() };
        for (number, wanted) in self.placed.wanted.iter().enumerate() {
            let verdict =
                assessor.service(wanted, said.len(), |cluster, last| match known(cluster, number) {
                    Some(cell) => cell,
                    None => {
                        let cell = assessor.cell(wanted, number, cluster, &said[cluster], last);
                        cell.map(|workload| keep(&workload, assessor.now, *assessor.thresholds))
                    }
                });
            let service = self.placed.services[number];
            match verdict {
                Some(verdict) => verdicts.running.push((service, verdict)),
                None => verdicts.idle.push(service),
            }
        }
        self.leave_out_unseen(verdicts.idle.to_vec());
        if self.placed.narrowed {
            verdicts.idle.clear();
        }
        verdicts
    }
}

impl<W> KeptCells<W> {
    /// The verdicts, with what was kept.
    pub fn into_verdicts(mut self, survey: &mut Survey) -> KeptVerdicts<W> {
        survey.kept_verdicts(self.basis.keep, |cluster, number| {
            self.cells[cluster].get_mut(number).and_then(Option::take)
        })
    }

    /// The cells of a cluster that said everything, with the numbers of their services.
    pub fn of_cluster(&self, cluster: usize) -> impl Iterator<Item = (usize, &ClusterVerdict<W>)> {
        self.cells[cluster].iter().enumerate().filter_map(|(number, cell)| match cell.as_ref()? {
            ClusterCell::Cell(cell) => Some((number, &**cell)),
            ClusterCell::Hidden(_) | ClusterCell::Nothing => None,
        })
    }

    /// A cluster says something else now.
    pub fn hear(&mut self, survey: &mut Survey, cluster: usize, news: LiveNews) {
        let Some(answer) = survey.collected.answers.get_mut(cluster).and_then(Option::as_mut) else { return };
        (answer.value, self.cells[cluster]) = (Snapshot::default(), Vec::new());
        match news {
            LiveNews::Silent(why) => answer.gaps = vec![Gap::cluster(why)],
            LiveNews::Snapshot(snapshot) => {
                answer.gaps = snapshot.gaps();
                let of = survey.fleet.clusters().nth(cluster);
                if let Some(of) = of {
                    (answer.value, self.cells[cluster]) = self.basis.judge(of, *snapshot, survey.now);
                }
            }
        }
    }
}

impl<W: Clone> KeptCells<W> {
    /// The verdicts as of now; what was kept stays.
    pub fn verdicts(&self, survey: &mut Survey) -> KeptVerdicts<W> {
        survey.kept_verdicts(self.basis.keep, |cluster, number| self.cells[cluster].get(number)?.clone())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use jiff::Timestamp;

    use super::{ClusterCell, JudgingBasis};
    use crate::fleet::{Cluster, Silence};
    use crate::podstatus::Thresholds;
    use crate::selector::Selector;
    use crate::survey::cells::ServiceQuery;
    use crate::survey::gather::{Snapshot, UnreadKind};
    use crate::survey::split::ServiceTarget;
    use crate::workload::kind;

    fn basis() -> JudgingBasis<String> {
        let wanted = ServiceQuery {
            name: "web".to_string(),
            target: ServiceTarget {
                selector: Selector::parse("app=web").expect("a selector"),
                namespaces: Vec::new(),
            },
            placement: None,
            told_elsewhere: BTreeSet::new(),
            expected: true,
            refused: None,
            nowhere: Vec::new(),
        };
        JudgingBasis {
            wanted: vec![wanted],
            clusters: BTreeMap::from([("eu-1".to_string(), 0)]),
            thresholds: Thresholds::default(),
            keep: |(family, assessed), _, _| {
                format!("{} {} {:?}", family.kind, family.name, assessed.verdict.health)
            },
        }
    }

    fn snapshot(unread: bool) -> Snapshot {
        let pods = kind("Pod").expect("a kind");
        let pod =
            r#"{"metadata":{"name":"web-1","namespace":"shop","uid":"u"},"status":{"phase":"Succeeded"}}"#;
        let why = Silence::Forbidden("no".to_string());
        let gap = UnreadKind { kind: pods, why, covered: BTreeSet::new() };
        Snapshot {
            objects: vec![pods.observe(pod).expect("a pod")],
            members: vec![vec![0]],
            unread: if unread { vec![gap] } else { Vec::new() },
        }
    }

    #[test]
    fn what_said_everything_is_judged_at_once_and_let_go() {
        let (kept, mut cells) =
            basis().judge(&Cluster::sample("eu-1", None), snapshot(false), Timestamp::UNIX_EPOCH);
        assert!(kept.objects.is_empty());
        let Some(Some(ClusterCell::Cell(cell))) = cells.pop() else { panic!("a cell") };
        assert_eq!((cell.cluster, cell.workloads), (0, vec!["Pod web-1 Healthy".to_string()]));
    }

    #[test]
    fn objects_stay_where_they_tell_which_cluster_it_is_or_where_the_verdict_waits() {
        let (kept, cells) =
            basis().judge(&Cluster::sample("eu-1", Some(0)), snapshot(false), Timestamp::UNIX_EPOCH);
        assert_eq!((kept.objects.len(), cells.len()), (1, 1));
        let (kept, cells) =
            basis().judge(&Cluster::sample("eu-1", None), snapshot(true), Timestamp::UNIX_EPOCH);
        assert_eq!((kept.objects.len(), cells.len()), (1, 0));
    }
}
