//! `--by`: the same verdicts folded by owner, system, cluster or a cluster's label.

use std::collections::BTreeMap;

use crate::commands::status::fold::FoldBy;
use crate::commands::status::report::{CellRow, GroupRow, ServiceRow};
use crate::health::{Health, Serving};
use crate::survey::HealthState;

/// Groups worst first, then by name. `labels` are those of each cluster, for `--by LABEL`.
pub fn groups(
    items: &[ServiceRow],
    by: &FoldBy,
    labels: &BTreeMap<String, BTreeMap<String, String>>,
) -> Vec<GroupRow> {
    let mut members: BTreeMap<String, Vec<(&ServiceRow, &CellRow)>> = BTreeMap::new();
    for service in items {
        for cell in &service.clusters {
            let name = match by {
                FoldBy::Owner => service.owner.clone(),
                FoldBy::System => service.system.clone(),
                FoldBy::Cluster => Some(cell.cluster.clone()),
                FoldBy::Label(label) => {
                    labels.get(&cell.cluster).and_then(|labels| labels.get(label)).cloned()
                }
            };
            members.entry(name.unwrap_or_else(|| "<none>".to_string())).or_default().push((service, cell));
        }
    }
    let mut groups: Vec<GroupRow> =
        members.into_iter().map(|(name, members)| group(name, &members)).collect();
    groups.sort_by(|a, b| worse(&b.state, &a.state).then_with(|| a.name.cmp(&b.name)));
    groups
}

fn worse(one: &HealthState, other: &HealthState) -> std::cmp::Ordering {
    (one.health, one.serving).cmp(&(other.health, other.serving))
}

fn group(name: String, members: &[(&ServiceRow, &CellRow)]) -> GroupRow {
    let mut services: BTreeMap<&str, Health> = BTreeMap::new();
    let mut clusters: Vec<String> = Vec::new();
    for (service, cell) in members {
        let health = services.entry(&service.service).or_insert(Health::Healthy);
        *health = (*health).max(cell.state.health);
        if !clusters.contains(&cell.cluster) {
            clusters.push(cell.cluster.clone());
        }
    }
    let states: Vec<&HealthState> = members.iter().map(|(_, cell)| &cell.state).collect();
    let worst = states.iter().copied().max_by(|a, b| worse(a, b)).cloned();
    let state = worst.map(|worst| {
        let since =
            states.iter().filter(|state| state.health == worst.health).filter_map(|state| state.since).min();
        HealthState { since, serving: serving(&states), message: worst_message(members, &worst), ..worst }
    });
    let mut counts: BTreeMap<Health, usize> = BTreeMap::new();
    for health in services.values() {
        *counts.entry(*health).or_default() += 1;
    }
    GroupRow {
        name,
        state: state.expect("a group has members"),
        services: services.keys().map(|name| name.to_string()).collect(),
        clusters,
        counts: counts.into_iter().rev().collect(),
    }
}

/// What the worst says, with the service that says it.
fn worst_message(members: &[(&ServiceRow, &CellRow)], worst: &HealthState) -> Option<String> {
    let message = worst.message.as_ref()?;
    let (service, _) = members.iter().find(|(_, cell)| cell.state.message.as_ref() == Some(message))?;
    Some(format!("{}: {message}", service.service))
}

/// Full if all are, none if none serves, else partial; nothing where nothing counts.
fn serving(states: &[&HealthState]) -> Option<Serving> {
    let counted: Vec<Serving> = states.iter().filter_map(|state| state.serving).collect();
    let first = *counted.first()?;
    Some(if counted.iter().all(|serving| *serving == first) { first } else { Serving::Partial })
}
