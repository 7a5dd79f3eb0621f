//! Everything that a command which judges services stands on: who was asked, and what was said.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use jiff::Timestamp;

use crate::app::App;
use crate::catalog::Service;
use crate::fleet::{Answer, Asked, Cluster, Fleet, Gap};
use crate::podstatus::Thresholds;
use crate::survey::Snapshot;
use crate::survey::answered::{AnswerState, ClusterRow};
use crate::survey::arriving::Draft;
use crate::survey::cells::{Assessor, ServiceHealth, ServiceQuery, ServiceVerdict};
use crate::survey::collect::{Collected, collect_further};
use crate::survey::memory::Memory;
use crate::survey::placement::{PlacedServices, place};
use crate::survey::same::same;
use crate::text::listed;

pub struct Survey {
    pub services: Vec<Service>,
    pub placed: PlacedServices,
    /// The clusters that were asked.
    pub fleet: Fleet,
    pub collected: Collected,
    /// Those of them (by index) whose gaps another one fills, being the same cluster.
    covered: BTreeSet<usize>,
    /// Their names, in fleet order.
    pub clusters: Vec<String>,
    /// Their names and servers, by which the memory knows them.
    pub keys: Vec<String>,
    pub memory: Memory,
    pub thresholds: Thresholds,
    pub now: Timestamp,
}

/// Who is to be asked for which services.
pub struct SurveyStart {
    services: Vec<Service>,
    pub placed: PlacedServices,
    pub fleet: Fleet,
}

impl SurveyStart {
    pub fn of(services: Vec<Service>, named: bool, app: &App) -> Result<SurveyStart> {
        let mut fleet = app.fleet()?;
        let placed = place(&services, &mut fleet, &app.known_clusters()?, named);
        Ok(SurveyStart { services, placed, fleet })
    }

    /// The clusters that are asked, by name.
    pub fn cluster_names(&self) -> Vec<String> {
        self.fleet.clusters().map(|cluster| cluster.name.clone()).collect()
    }

    /// The services that are asked for.
    pub fn placed_services(&self) -> Vec<Service> {
        self.placed.services.iter().map(|index| self.services[*index].clone()).collect()
    }

    /// Asks, and puts a further question to each cluster about what it holds: see `collect_further`.
    pub fn ask<T, F, Fut>(
        self,
        app: &App,
        further: F,
        draft: Option<Draft<'_, (Snapshot, T)>>,
    ) -> Result<(Survey, Vec<T>)>
    where
        T: Default + Send + 'static,
        F: Fn(Asked, Snapshot) -> Fut + Clone + Send + Sync + 'static,
        Fut: Future<Output = (Snapshot, T, Vec<Gap>)> + Send + 'static,
    {
        let SurveyStart { services, mut placed, fleet } = self;
        let survey = collect_further(&placed.wanted, &fleet, app.config()?, &app.ui, further, draft);
        let (mut collected, learnt) = app.block_on(survey)?;
        let covered = tell_once(&mut placed, &fleet, &mut collected);
        fleet.plugin_notes().iter().for_each(|note| app.ui.warn(note));
        let clusters = fleet.clusters().map(|cluster| cluster.name.clone()).collect();
        let keys: Vec<String> = fleet.clusters().map(Cluster::key).collect();
        let (thresholds, now) = (app.thresholds()?, app.now());
        let doubtful = keys.iter().zip(&collected.answers).filter(|(_, answer)| !is_whole(answer.as_ref()));
        let asked = placed.wanted.iter().map(ServiceQuery::key);
        let memory = Memory::of_clusters(doubtful.map(|(key, _)| key), asked, now, app);
        let survey =
            Survey { services, placed, fleet, collected, covered, clusters, keys, memory, thresholds, now };
        Ok((survey, learnt))
    }
}

impl Survey {
    /// Asks every cluster that matters for the services. `named`: they were named on the command line.
    pub fn run(services: Vec<Service>, named: bool, app: &App) -> Result<Survey> {
        let further = |_, snapshot| async move { (snapshot, (), Vec::new()) };
        let (mut survey, _) = Survey::run_with_details(services, named, app, further)?;
        survey.miss(named, app)?;
        Ok(survey)
    }

    /// Takes note of what in the catalog may be a service and could not be read. Who names services knows them: then another one is
    /// no part of the answer.
    pub fn miss(&mut self, named: bool, app: &App) -> Result<()> {
        if let Some(gaps) = app.guess_gaps() {
            self.placed.guess_notes = gaps.notes.clone();
            self.placed.is_guess_incomplete = gaps.is_incomplete;
            self.placed.guess_untold = gaps.untold.clone();
        }
        if !named && let Some(catalog) = app.catalog()? {
            self.placed.lost = catalog.lost.iter().map(ToString::to_string).collect();
        }
        Ok(())
    }

    /// The same, and puts a further question to each cluster about what it holds: see `collect_further`.
    pub fn run_with_details<T, F, Fut>(
        services: Vec<Service>,
        named: bool,
        app: &App,
        further: F,
    ) -> Result<(Survey, Vec<T>)>
    where
        T: Default + Send + 'static,
        F: Fn(Asked, Snapshot) -> Fut + Clone + Send + Sync + 'static,
        Fut: Future<Output = (Snapshot, T, Vec<Gap>)> + Send + 'static,
    {
        let (mut survey, learnt) = SurveyStart::of(services, named, app)?.ask(app, further, None)?;
        let unseen = if survey.placed.narrowed { survey.judged().1 } else { Vec::new() };
        survey.leave_out_unseen(unseen);
        Ok((survey, learnt))
    }

    /// As `run_with_details`, for one service and others around it, which need not run anywhere. `further` is made for the number that
    /// the service has among those that are asked for, if any cluster is asked for it.
    pub fn run_around<T, F, Fut>(
        service: Service,
        around: Vec<Service>,
        app: &App,
        further: impl FnOnce(Option<usize>) -> F,
    ) -> Result<(Survey, Vec<T>)>
    where
        T: Default + Send + 'static,
        F: Fn(Asked, Snapshot) -> Fut + Clone + Send + Sync + 'static,
        Fut: Future<Output = (Snapshot, T, Vec<Gap>)> + Send + 'static,
    {
        let services: Vec<Service> = std::iter::once(service).chain(around).collect();
        let mut start = SurveyStart::of(services, true, app)?;
        let own = start.placed.services.iter().position(|index| *index == 0);
        for (wanted, index) in start.placed.wanted.iter_mut().zip(&start.placed.services) {
            wanted.expected = *index == 0 || start.services[*index].annotated;
        }
        start.ask(app, further(own), None)
    }

    /// Takes note of services (by index) that were not seen in a narrowed fleet: nothing is known of them.
    pub fn leave_out_unseen(&mut self, idle: Vec<usize>) {
        if self.placed.narrowed {
            self.placed.unseen =
                idle.into_iter().map(|service| self.services[service].name.clone()).collect();
        }
    }

    /// Whether every cluster that counts told everything: for answers that are no verdicts.
    pub fn is_whole(&self) -> bool {
        let counts = |(index, row): &(usize, ClusterRow)| !row.optional && !self.covered.contains(index);
        let mut rows = self.rows().into_iter().enumerate().filter(counts);
        self.placed.lost.is_empty()
            && self.placed.unmatched.is_empty()
            && !self.placed.is_guess_incomplete
            && rows.all(|(_, row)| !row.is_silent() && row.gaps.is_empty())
    }

    pub fn assessor(&self) -> Assessor<'_> {
        let narrowed = self.placed.narrowed;
        Assessor {
            now: self.now,
            thresholds: &self.thresholds,
            memory: &self.memory,
            keys: &self.keys,
            narrowed,
        }
    }

    /// The services that run, or should, with their verdicts; and those that do not run at all. Where the fleet was narrowed
    /// nothing is known of these: the notes count them.
    pub fn health_of_services(&self) -> (Vec<(&Service, ServiceHealth<'_>)>, Vec<&Service>) {
        let (running, idle) = self.judged();
        let idle = if self.placed.narrowed { Vec::new() } else { idle };
        (running, idle.into_iter().map(|service| &self.services[service]).collect())
    }

    fn judged(&self) -> (Vec<(&Service, ServiceHealth<'_>)>, Vec<usize>) {
        let (judge, said) = (self.assessor(), self.collected.answers());
        let (mut running, mut idle) = (Vec::new(), Vec::new());
        for (index, wanted) in self.placed.wanted.iter().enumerate() {
            let service = self.placed.services[index];
            match judge.service_health(wanted, index, &said) {
                Some(outlook) => running.push((&self.services[service], outlook)),
                None => idle.push(service),
            }
        }
        (running, idle)
    }

    /// What each cluster said, in fleet order. Where services were guessed from what clusters told, one that did not tell all
    /// then is no better for having been asked for nothing afterwards.
    pub fn rows(&self) -> Vec<ClusterRow> {
        let rows = self.collected.rows(&self.fleet).into_iter().zip(&self.collected.answers);
        let with_untold = |(row, answer): (ClusterRow, &Option<Answer<Snapshot>>)| {
            let untold =
                self.placed.guess_untold.get(&row.name).filter(|_| row.state == AnswerState::Answered);
            let Some(untold) = untold else { return row };
            let holds = answer.as_ref().is_some_and(|answer| !answer.value.objects.is_empty());
            match untold.iter().find(|gap| gap.kind.is_none()) {
                Some(_) if holds => row,
                Some(all) => row.now_silent(&all.why),
                None => row.now_answered(untold),
            }
        };
        rows.map(with_untold).collect()
    }

    /// The labels of each cluster.
    pub fn labels(&self) -> BTreeMap<String, BTreeMap<String, String>> {
        self.fleet.clusters().map(|cluster| (cluster.name.clone(), cluster.labels.clone())).collect()
    }

    /// Whether every cluster that counts answered, no verdict was left Unknown by one that counts, and no service of the catalog
    /// may be missing from the answer.
    pub fn is_complete<W>(&self, outlooks: &[(&Service, ServiceVerdict<W>)]) -> bool {
        let rows = self.rows();
        let silent = rows.iter().any(|row| row.is_silent() && !row.optional);
        let counts = |index: &usize| rows.get(*index).is_none_or(|row| !row.optional);
        !silent
            && self.placed.lost.is_empty()
            && self.placed.unmatched.is_empty()
            && !self.placed.is_guess_incomplete
            && !outlooks.iter().flat_map(|(_, outlook)| &outlook.unknown_in).any(counts)
    }
}

/// Whether a cluster said everything: then nobody asks what it said the last time.
fn is_whole(answer: Option<&Answer<Snapshot>>) -> bool {
    answer.is_some_and(|answer| answer.silence().is_none() && answer.value.unread.is_empty())
}

/// Finds the clusters that are one, and takes out of the answers what another one tells; returns those whose gaps another one
/// fills.
fn tell_once(placed: &mut PlacedServices, fleet: &Fleet, collected: &mut Collected) -> BTreeSet<usize> {
    let clusters: Vec<&Cluster> = fleet.clusters().collect();
    let same = same(&clusters, &placed.wanted, &collected.answers);
    for (number, told) in same.told_elsewhere.into_iter().enumerate() {
        for index in &told {
            let answer = collected.answers[*index].as_mut();
            if let Some(members) = answer.and_then(|answer| answer.value.members.get_mut(number)) {
                members.clear();
            }
        }
        placed.wanted[number].told_elsewhere = told;
    }
    let mut covered = BTreeSet::new();
    for class in &same.classes {
        let is_whole =
            |index: &&usize| collected.answers[**index].as_ref().is_some_and(|one| one.gaps.is_empty());
        if class.iter().any(|index| is_whole(&index)) {
            covered.extend(class.iter().filter(|index| !is_whole(index)));
        }
        let names: Vec<&str> = class.iter().map(|index| clusters[*index].name.as_str()).collect();
        let names = listed(&names, 6);
        placed.same.push(format!("one cluster, reached in several ways, and told once: {names}"));
    }
    covered
}
