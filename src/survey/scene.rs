//! Everything that a command which judges services stands on: who was asked, and what was said.

use std::collections::BTreeMap;

use anyhow::Result;
use jiff::Timestamp;

use crate::app::App;
use crate::catalog::Service;
use crate::fleet::{Asked, Cluster, Fleet, Gap};
use crate::health::Thresholds;
use crate::survey::cells::{Judge, Outlook};
use crate::survey::further::collect_further;
use crate::survey::memory::Memory;
use crate::survey::placement::{Placed, place};
use crate::survey::{ClusterRow, Collected, Snapshot};

pub struct Scene {
    pub services: Vec<Service>,
    pub placed: Placed,
    /// The clusters that were asked.
    pub fleet: Fleet,
    pub collected: Collected,
    /// Their names, in fleet order.
    pub clusters: Vec<String>,
    /// Their names and servers, by which the memory knows them.
    pub keys: Vec<String>,
    pub memory: Memory,
    pub thresholds: Thresholds,
    pub now: Timestamp,
}

impl Scene {
    /// Asks every cluster that matters for the services. `named`: they were named on the command line.
    pub fn look(services: Vec<Service>, named: bool, app: &App) -> Result<Scene> {
        let further = |_, snapshot| async move { (snapshot, (), Vec::new()) };
        let (mut scene, _) = Scene::look_further(services, named, app, further)?;
        scene.miss(named, app)?;
        Ok(scene)
    }

    /// Takes note of what in the catalog may be a service and could not be read. Who names services knows them: then another one is
    /// no part of the answer.
    pub fn miss(&mut self, named: bool, app: &App) -> Result<()> {
        if !named && let Some(catalog) = app.catalog()? {
            self.placed.lost = catalog.lost.iter().map(ToString::to_string).collect();
        }
        Ok(())
    }

    /// The same, and puts a further question to each cluster about what it holds: see `collect_further`.
    pub fn look_further<T, F, Fut>(
        services: Vec<Service>,
        named: bool,
        app: &App,
        further: F,
    ) -> Result<(Scene, Vec<T>)>
    where
        T: Default + Send + 'static,
        F: Fn(Asked, Snapshot) -> Fut + Clone + Send + Sync + 'static,
        Fut: Future<Output = (Snapshot, T, Vec<Gap>)> + Send + 'static,
    {
        let mut fleet = app.fleet()?;
        let placed = place(&services, &mut fleet, &app.known_clusters()?, named);
        let memory = Memory::of_text(&app.recall());
        let survey = collect_further(&placed.wanted, &fleet, app.config()?, &app.ui, further);
        let (collected, learnt) = app.block_on(survey)?;
        fleet.plugin_notes().iter().for_each(|note| app.ui.warn(note));
        let clusters = fleet.clusters().map(|cluster| cluster.name.clone()).collect();
        let keys = fleet.clusters().map(key).collect();
        let (thresholds, now) = (app.thresholds()?, app.now());
        let scene = Scene { services, placed, fleet, collected, clusters, keys, memory, thresholds, now };
        Ok((scene, learnt))
    }

    /// Whether every cluster that counts told everything: for answers that are no verdicts.
    pub fn is_whole(&self) -> bool {
        let told = |row: &ClusterRow| row.optional || (!row.is_silent() && row.gaps.is_empty());
        self.placed.lost.is_empty() && self.rows().iter().all(told)
    }

    pub fn judge(&self) -> Judge<'_> {
        Judge { now: self.now, thresholds: &self.thresholds, memory: &self.memory, keys: &self.keys }
    }

    /// The services that run, or should, with their verdicts; and those that do not run at all.
    pub fn outlooks(&self) -> (Vec<(&Service, Outlook<'_>)>, Vec<&Service>) {
        let (judge, said) = (self.judge(), self.collected.said());
        let (mut running, mut idle) = (Vec::new(), Vec::new());
        for (index, wanted) in self.placed.wanted.iter().enumerate() {
            let service = &self.services[self.placed.services[index]];
            match judge.outlook(wanted, index, &said) {
                Some(outlook) => running.push((service, outlook)),
                None => idle.push(service),
            }
        }
        (running, idle)
    }

    /// What each cluster said, in fleet order.
    pub fn rows(&self) -> Vec<ClusterRow> {
        self.collected.rows(&self.fleet)
    }

    /// The labels of each cluster.
    pub fn labels(&self) -> BTreeMap<String, BTreeMap<String, String>> {
        self.fleet.clusters().map(|cluster| (cluster.name.clone(), cluster.labels.clone())).collect()
    }

    /// Whether every cluster that counts answered, no verdict was left Unknown by one that counts, and no service of the catalog
    /// may be missing from the answer.
    pub fn is_complete(&self, outlooks: &[(&Service, Outlook)]) -> bool {
        let rows = self.rows();
        let silent = rows.iter().any(|row| row.is_silent() && !row.optional);
        let counts = |index: &usize| rows.get(*index).is_none_or(|row| !row.optional);
        !silent
            && self.placed.lost.is_empty()
            && !outlooks.iter().flat_map(|(_, outlook)| &outlook.unknown_in).any(counts)
    }
}

/// What tells a cluster from another one of its name: the file that declares it, and its server. A server on
/// loopback comes back under another port.
fn key(cluster: &Cluster) -> String {
    let is_loopback = ["//127.", "//localhost", "//[::1]"].iter().any(|host| cluster.server.contains(host));
    let server = if is_loopback { "loopback" } else { &cluster.server };
    format!("{} {} {server}", cluster.name, cluster.file.display())
}
