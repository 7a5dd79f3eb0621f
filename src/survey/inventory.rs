//! What runs in a fleet and could become a catalog: the services that labels speak of, with all that hints at their owners.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use anyhow::Result;

use crate::app::App;
use crate::catalog::import::{FoundNamespace, FoundService, FoundWorkload};
use crate::catalog::{Catalog, Service, Which};
use crate::fleet::{Asked, Cluster, Gap};
use crate::survey::ClusterRow;
use crate::survey::collect::collect_further;
use crate::survey::discover::{Discovery, LabelIdentity};
use crate::survey::gather::Snapshot;
use crate::survey::guessed_services::{everything, not_found};
use crate::survey::hints::{Hints, hints};
use crate::survey::same::same;
use crate::survey::split::{ServiceTarget, TargetIndex, meta, split};
use crate::workload::Object;

/// The services of a fleet that the catalog lacks, and what is to be said beside them.
#[derive(Debug, Default)]
pub struct Inventory {
    pub found: Vec<FoundService>,
    /// How many services the catalog has already, of those that run.
    pub known: usize,
    /// Services of which the catalog knows a part, and where the rest runs.
    pub known_in_part: Vec<String>,
    /// Services of the catalog that run where it does not place them: name and clusters.
    pub unplaced: Vec<(String, Vec<String>)>,
    /// Services whose labels do not mean exactly what was found: no entity could.
    pub ambiguous: Vec<String>,
    pub unlabelled: Vec<String>,
    pub system: Vec<String>,
    /// Clusters whose namespaces could not be looked at.
    pub without_namespaces: Vec<String>,
    pub rows: Vec<ClusterRow>,
    pub interrupted: bool,
    /// Every cluster that counts told all it has.
    pub is_complete: bool,
    /// Every cluster did, and none was left out: nothing can run elsewhere.
    pub is_certain: bool,
}

impl Inventory {
    /// Asks the whole fleet what runs there. Words choose services, also those of system namespaces; namespaces limit the answer.
    pub fn of_fleet(words: &[String], namespaces: &[String], app: &App) -> Result<Inventory> {
        let fleet = app.fleet()?;
        let catalog = app.catalog()?;
        let further = |asked: Asked, snapshot: Snapshot| async move {
            let hints = hints(&asked, &snapshot).await;
            (snapshot, hints, Vec::<Gap>::new())
        };
        let wanted = [everything()];
        let (collected, hints) =
            app.block_on(collect_further(&wanted, &fleet, app.config()?, &app.ui, further, None))?;
        fleet.plugin_notes().iter().for_each(|note| app.ui.warn(note));
        let clusters: Vec<&Cluster> = fleet.clusters().collect();
        // What is one cluster under two names is looked at once.
        let told = same(&clusters, &wanted, &collected.answers).told_elsewhere;
        let twice: BTreeSet<usize> = told.into_iter().flatten().collect();
        let rows = collected.rows(&fleet);
        let tells_all = |row: &ClusterRow| !row.is_silent() && row.gaps.is_empty();
        // A context that is broken may be one more cluster.
        let is_narrowed = !fleet.problems().is_empty()
            || !app.options.contexts.is_empty()
            || app.options.cluster_selector.is_some();
        let mut sorting = Sorting::new(catalog)?;
        for (index, cluster) in clusters.iter().enumerate() {
            if let Some(answer) = collected.answers[index].as_ref() {
                sorting.add(cluster, &answer.value, &hints[index], twice.contains(&index));
            }
        }
        let unseen: Vec<String> =
            rows.iter().filter(|row| !tells_all(row)).map(|row| row.name.clone()).collect();
        let mut inventory = Inventory {
            interrupted: collected.interrupted,
            is_complete: rows.iter().all(|row| row.optional || tells_all(row)),
            is_certain: rows.iter().all(tells_all) && !is_narrowed && !collected.interrupted,
            without_namespaces: rows
                .iter()
                .zip(&hints)
                .filter(|(row, hints)| !row.is_silent() && hints.is_refused)
                .map(|(row, _)| row.name.clone())
                .collect(),
            ..Inventory::default()
        };
        inventory.rows = rows;
        sorting.finish(&mut inventory, words, namespaces, &unseen)?;
        Ok(inventory)
    }
}

/// What was found, by what tells services apart, and which of it the catalog knows.
struct Sorting {
    discovery: Discovery,
    workloads: BTreeMap<LabelIdentity, Vec<FoundWorkload>>,
    /// For each service of the families that it has: cluster, and the objects' places there.
    families: BTreeMap<LabelIdentity, Vec<(usize, Vec<usize>)>>,
    catalog: Vec<Service>,
    /// By service of the catalog the clusters in which it has something.
    running: Vec<Vec<String>>,
    placed: Vec<BTreeSet<String>>,
    snapshots: Vec<SeenCluster>,
}

/// What is kept of a cluster: which objects the catalog's services have, and what is needed to look again.
struct SeenCluster {
    name: String,
    objects: Vec<crate::workload::Meta>,
    families: Vec<Vec<usize>>,
    known: BTreeSet<usize>,
}

impl Sorting {
    fn new(catalog: Option<&Catalog>) -> Result<Sorting> {
        let catalog = match catalog {
            Some(catalog) => {
                catalog.services(&Which::default()).map_err(|error| anyhow::anyhow!("{error}"))?
            }
            None => Vec::new(),
        };
        Ok(Sorting {
            discovery: Discovery::default(),
            workloads: BTreeMap::new(),
            families: BTreeMap::new(),
            running: vec![Vec::new(); catalog.len()],
            placed: vec![BTreeSet::new(); catalog.len()],
            catalog,
            snapshots: Vec::new(),
        })
    }

    fn add(&mut self, cluster: &Cluster, snapshot: &Snapshot, hints: &Hints, is_twice: bool) {
        let targets: Vec<ServiceTarget> = self.catalog.iter().map(target).collect();
        let mut known = BTreeSet::new();
        for (number, members) in split(&snapshot.objects, &TargetIndex::new(&targets)).into_iter().enumerate()
        {
            let service = &self.catalog[number];
            if !members.is_empty() {
                self.running[number].push(cluster.name.clone());
                let names = |placement: &crate::catalog::PlacementName| {
                    cluster.is_called(&placement.name, placement.server.as_deref())
                };
                if service.placement.iter().any(names) {
                    self.placed[number].insert(cluster.name.clone());
                }
            }
            known.extend(members);
        }
        if is_twice {
            return;
        }
        let number = self.snapshots.len();
        let (workloads, families) = (&mut self.workloads, &mut self.families);
        let mut all = Vec::new();
        self.discovery.add_and_tell(&cluster.name, snapshot, |identity, family, top| {
            families.entry(identity.clone()).or_default().push((number, family.to_vec()));
            let found = top.iter().map(|object| found_workload(cluster, object, hints));
            workloads.entry(identity.clone()).or_default().extend(found);
            all.push(family.to_vec());
        });
        self.snapshots.push(SeenCluster {
            name: cluster.name.clone(),
            objects: snapshot.objects.iter().map(|object| meta(object).clone()).collect(),
            families: crate::survey::split::families(&snapshot.objects),
            known,
        });
    }

    fn finish(
        self,
        inventory: &mut Inventory,
        words: &[String],
        namespaces: &[String],
        unseen: &[String],
    ) -> Result<()> {
        let mut chosen: Vec<(&LabelIdentity, Service)> = Vec::new();
        match words {
            [] => chosen = self.discovery.identified(),
            words => {
                for word in words {
                    let meant = self.discovery.identified_as(word);
                    if meant.is_empty() {
                        return Err(not_found(word, &self.discovery, unseen));
                    }
                    let known: BTreeSet<LabelIdentity> =
                        chosen.iter().map(|(identity, _)| (*identity).clone()).collect();
                    chosen.extend(meant.into_iter().filter(|(identity, _)| !known.contains(identity)));
                }
            }
        }
        let of_namespace = |identity: &LabelIdentity| {
            let seen = self.workloads.get(identity).into_iter().flatten();
            let mut seen = seen.map(|workload| workload.namespace.name.as_str());
            namespaces.is_empty() || seen.any(|name| namespaces.iter().any(|wanted| wanted == name))
        };
        for (identity, service) in chosen.into_iter().filter(|(identity, _)| of_namespace(identity)) {
            self.sort(identity, &service, inventory);
        }
        if words.is_empty() && namespaces.is_empty() {
            inventory.unlabelled = self.discovery.unlabelled.iter().cloned().collect();
            inventory.system = self.discovery.system();
        }
        for (number, service) in self.catalog.iter().enumerate() {
            let is_elsewhere = |cluster: &&String| !self.placed[number].contains(*cluster);
            let elsewhere: Vec<String> = self.running[number].iter().filter(is_elsewhere).cloned().collect();
            if service.placement.iter().any(|one| !one.tentative) && !elsewhere.is_empty() {
                inventory.unplaced.push((service.name.clone(), elsewhere));
            }
        }
        Ok(())
    }

    /// Whether a service is new, known, or known in part; and whether its labels mean exactly what was found.
    fn sort(&self, identity: &LabelIdentity, service: &Service, inventory: &mut Inventory) {
        let families = self.families.get(identity).map(Vec::as_slice).unwrap_or_default();
        let is_known = |(cluster, family): &&(usize, Vec<usize>)| {
            family.iter().any(|object| self.snapshots[*cluster].known.contains(object))
        };
        let known = families.iter().filter(is_known).count();
        if known == families.len() {
            inventory.known += 1;
            return;
        }
        if known > 0 {
            let rest = families
                .iter()
                .filter(|one| !is_known(one))
                .map(|(cluster, _)| self.snapshots[*cluster].name.clone());
            let rest: BTreeSet<String> = rest.collect();
            let rest: Vec<String> = rest.into_iter().collect();
            inventory.known_in_part.push(format!("{} in {}", service.name, rest.join(", ")));
            return;
        }
        if !self.is_exact(service, families) {
            inventory.ambiguous.push(service.name.clone());
            return;
        }
        inventory.found.push(FoundService {
            shown: service.name.clone(),
            value: identity.value.clone(),
            is_id: identity.key == 0,
            selector: service.selector_text.clone(),
            namespace: identity.namespace.clone(),
            clusters: service.guess.as_ref().map(|guess| guess.clusters.clone()).unwrap_or_default(),
            workloads: self.workloads.get(identity).cloned().unwrap_or_default(),
        });
    }

    /// Whether its selector, asked of each cluster, gives the families that were found and no other.
    fn is_exact(&self, service: &Service, families: &[(usize, Vec<usize>)]) -> bool {
        let target = target(service);
        self.snapshots.iter().enumerate().all(|(number, cluster)| {
            let selects =
                |family: &&Vec<usize>| family.iter().any(|object| target.selects(&cluster.objects[*object]));
            let selected: BTreeSet<&Vec<usize>> = cluster.families.iter().filter(selects).collect();
            let found: BTreeSet<&Vec<usize>> =
                families.iter().filter(|(other, _)| *other == number).map(|(_, family)| family).collect();
            selected == found
        })
    }
}

fn target(service: &Service) -> ServiceTarget {
    ServiceTarget {
        selector: service.selector.clone(),
        namespaces: service.namespace_scope.clone().unwrap_or_default(),
    }
}

fn found_workload(cluster: &Cluster, object: &Object, hints: &Hints) -> FoundWorkload {
    let meta = meta(object);
    let (kind, template) = match object {
        Object::Pod(_) => ("Pod", None),
        Object::Workload(workload) => (workload.kind, Some(workload.template())),
    };
    let namespace = hints.namespaces.get(&*meta.namespace).cloned();
    FoundWorkload {
        cluster: cluster.name.clone(),
        called: format!("{kind} {}/{}", meta.namespace, meta.name),
        labels: (*meta.labels).clone(),
        annotations: (*meta.annotations).clone(),
        pod_labels: template.map(|template| (*template.labels).clone()).unwrap_or_default(),
        pod_annotations: template.map(|template| (*template.annotations).clone()).unwrap_or_default(),
        namespace: namespace.unwrap_or_else(|| {
            Arc::new(FoundNamespace { name: meta.namespace.to_string(), ..FoundNamespace::default() })
        }),
        project: hints.project(meta),
    }
}
