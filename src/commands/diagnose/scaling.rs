//! What autoscalers and disruption budgets say of a service, whatever else is wrong with it.

use std::collections::BTreeSet;

use crate::commands::diagnose::judge::Facts;
use crate::commands::diagnose::patient::Patient;
use crate::diagnose::{Found, Place, Subject, diagnose};
use crate::health::Family;
use crate::survey::{Clues, Outlook};
use crate::workload::{Autoscaler, Budget, Event, Meta};

impl Facts<'_> {
    /// The autoscalers that scale a workload and the budgets that guard its pods. That a budget lets no pod go is no
    /// cause where pods are missing anyway (`explained`).
    pub fn scaling(&self, cluster: usize, family: &Family, explained: bool, found: &mut Vec<Found>) {
        let (clues, place) = (self.clues_of(cluster), self.place_of(cluster, family));
        for autoscaler in clues.autoscalers.iter().filter(|autoscaler| scales(autoscaler, family)) {
            self.autoscaler(clues, autoscaler, &place, found);
        }
        for budget in clues.budgets.iter().filter(|budget| guards(budget, family)) {
            let status = &budget.status;
            if !explained && status.current_healthy >= status.desired_healthy {
                self.budget(clues, budget, &place, found);
            }
        }
    }

    /// Where all is well, and where nothing runs at all: what `-l` selects, and what scales the rest.
    pub fn scaling_beside(&self, outlook: &Outlook, patients: &[Patient], found: &mut Vec<Found>) {
        let known: BTreeSet<*const Family> =
            patients.iter().map(|patient| std::ptr::from_ref(patient.family)).collect();
        for cell in &outlook.cells {
            for (family, _) in &cell.workloads {
                if !known.contains(&std::ptr::from_ref(family)) {
                    self.scaling(cell.cluster, family, false, found);
                }
            }
        }
        let Some(labels) = self.labels else { return };
        for cluster in 0..self.clusters.len() {
            let clues = self.clues_of(cluster);
            let families: Vec<&Family> = outlook
                .cells
                .iter()
                .filter(|cell| cell.cluster == cluster)
                .flat_map(|cell| cell.workloads.iter().map(|(family, _)| family))
                .collect();
            let is_new = |meta: &Meta, has: &dyn Fn(&Family) -> bool| {
                labels.selects(meta) && !families.iter().any(|family| has(family))
            };
            for one in &clues.autoscalers {
                if is_new(&one.meta, &|family| scales(one, family)) {
                    self.autoscaler(
                        clues,
                        one,
                        &self.own("HorizontalPodAutoscaler", &one.meta, cluster),
                        found,
                    );
                }
            }
            for one in &clues.budgets {
                if is_new(&one.meta, &|family| guards(one, family)) {
                    self.budget(clues, one, &self.own("PodDisruptionBudget", &one.meta, cluster), found);
                }
            }
        }
    }

    fn own(&self, kind: &str, meta: &Meta, cluster: usize) -> Place {
        Place {
            cluster: self.clusters[cluster].clone(),
            namespace: meta.namespace.clone(),
            workload: format!("{kind}/{}", meta.name),
        }
    }

    fn autoscaler(&self, clues: &Clues, one: &Autoscaler, place: &Place, found: &mut Vec<Found>) {
        let events = about(clues, "HorizontalPodAutoscaler", &one.meta);
        let subject = Subject {
            autoscaler: Some(one),
            events: &events,
            now: self.now,
            thresholds: self.thresholds,
            ..Subject::default()
        };
        add(&subject, place, found);
    }

    fn budget(&self, clues: &Clues, one: &Budget, place: &Place, found: &mut Vec<Found>) {
        let events = about(clues, "PodDisruptionBudget", &one.meta);
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

fn add(subject: &Subject, place: &Place, found: &mut Vec<Found>) {
    let findings = diagnose(subject).into_iter();
    found.extend(findings.map(|finding| Found { place: place.clone(), pod: None, finding }));
}

fn about(clues: &Clues, kind: &str, meta: &Meta) -> Vec<Event> {
    let is_about = |event: &&Event| {
        event.about.kind == kind && event.about.name == meta.name && event.meta.namespace == meta.namespace
    };
    clues.events.iter().filter(is_about).cloned().collect()
}

fn scales(autoscaler: &Autoscaler, family: &Family) -> bool {
    autoscaler.scales(family.kind, family.namespace, family.name)
}

fn guards(budget: &Budget, family: &Family) -> bool {
    budget.guards(&family.pods)
}
