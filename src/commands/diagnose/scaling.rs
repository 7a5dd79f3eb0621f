//! What autoscalers and disruption budgets say of a service, whatever else is wrong with it.

use std::collections::BTreeSet;

use crate::commands::diagnose::broken::BrokenWorkload;
use crate::commands::diagnose::judge::JudgementBasis;
use crate::diagnose::{PlacedFinding, Subject, WorkloadPlace, diagnose};
use crate::health::WorkloadFamily;
use crate::survey::{Details, ServiceHealth};
use crate::workload::{Autoscaler, Budget, Event, Meta};

impl JudgementBasis<'_> {
    /// The autoscalers that scale a workload and the budgets that guard its pods. That a budget lets no pod go is no
    /// cause where pods are missing anyway (`explained`).
    pub fn scaling(
        &self,
        cluster: usize,
        family: &WorkloadFamily,
        explained: bool,
        found: &mut Vec<PlacedFinding>,
    ) {
        let (details, place) = (self.clues_of(cluster), self.place_of(cluster, family));
        for autoscaler in details.autoscalers.iter().filter(|autoscaler| scales(autoscaler, family)) {
            self.autoscaler(details, autoscaler, &place, found);
        }
        for budget in details.budgets.iter().filter(|budget| guards(budget, family)) {
            let status = &budget.status;
            if !explained && status.current_healthy >= status.desired_healthy {
                self.budget(details, budget, &place, found);
            }
        }
    }

    /// Where all is well, and where nothing runs at all: what `-l` selects, and what scales the rest.
    pub fn scaling_beside(
        &self,
        outlook: &ServiceHealth,
        broken_workloads: &[BrokenWorkload],
        found: &mut Vec<PlacedFinding>,
    ) {
        let known: BTreeSet<*const WorkloadFamily> =
            broken_workloads.iter().map(|broken| std::ptr::from_ref(broken.family)).collect();
        for cell in &outlook.cells {
            for (family, _) in &cell.workloads {
                if !known.contains(&std::ptr::from_ref(family)) {
                    self.scaling(cell.cluster, family, false, found);
                }
            }
        }
        let Some(labels) = self.labels else { return };
        for cluster in 0..self.clusters.len() {
            let details = self.clues_of(cluster);
            let families: Vec<&WorkloadFamily> = outlook
                .cells
                .iter()
                .filter(|cell| cell.cluster == cluster)
                .flat_map(|cell| cell.workloads.iter().map(|(family, _)| family))
                .collect();
            let is_new = |meta: &Meta, has: &dyn Fn(&WorkloadFamily) -> bool| {
                labels.selects(meta) && !families.iter().any(|family| has(family))
            };
            for one in &details.autoscalers {
                if is_new(&one.meta, &|family| scales(one, family)) {
                    self.autoscaler(
                        details,
                        one,
                        &self.own("HorizontalPodAutoscaler", &one.meta, cluster),
                        found,
                    );
                }
            }
            for one in &details.budgets {
                if is_new(&one.meta, &|family| guards(one, family)) {
                    self.budget(details, one, &self.own("PodDisruptionBudget", &one.meta, cluster), found);
                }
            }
        }
    }

    fn own(&self, kind: &str, meta: &Meta, cluster: usize) -> WorkloadPlace {
        WorkloadPlace {
            cluster: self.clusters[cluster].clone(),
            namespace: meta.namespace.to_string(),
            workload: format!("{kind}/{}", meta.name),
        }
    }

    fn autoscaler(
        &self,
        details: &Details,
        one: &Autoscaler,
        place: &WorkloadPlace,
        found: &mut Vec<PlacedFinding>,
    ) {
        let events = about(details, "HorizontalPodAutoscaler", &one.meta);
        let subject = Subject {
            autoscaler: Some(one),
            events: &events,
            now: self.now,
            thresholds: self.thresholds,
            ..Subject::default()
        };
        add(&subject, place, found);
    }

    fn budget(&self, details: &Details, one: &Budget, place: &WorkloadPlace, found: &mut Vec<PlacedFinding>) {
        let events = about(details, "PodDisruptionBudget", &one.meta);
        let subject = Subject {
            budget: Some(one),
            events: &events,
            now: self.now,
            thresholds: self.thresholds,
            ..Subject::default()
        };
        add(&subject, place, found);
    }
}

fn add(subject: &Subject, place: &WorkloadPlace, found: &mut Vec<PlacedFinding>) {
    let findings = diagnose(subject).into_iter();
    found.extend(findings.map(|finding| PlacedFinding { place: place.clone(), pod: None, finding }));
}

fn about(details: &Details, kind: &str, meta: &Meta) -> Vec<Event> {
    let is_about = |event: &&Event| {
        event.about.kind == kind && event.about.name == meta.name && event.meta.namespace == meta.namespace
    };
    details.events.iter().filter(is_about).cloned().collect()
}

fn scales(autoscaler: &Autoscaler, family: &WorkloadFamily) -> bool {
    autoscaler.scales(family.kind, family.namespace, family.name)
}

fn guards(budget: &Budget, family: &WorkloadFamily) -> bool {
    budget.guards(&family.pods)
}
