//! What `init` would write: the draft of a configuration, from what is known and what is wanted.

use std::collections::BTreeMap;

use crate::commands::init::aliases::aliases;
use crate::commands::init::known::{KnownCluster, KnownContexts};
use crate::commands::init::origin::{Told, environment};
use crate::commands::init::wishes::Wishes;
use crate::config::{ClusterDraft, ConfigDraft, LabelDraft};
use crate::text::{count, listed};

/// How many files and names a sentence tells.
const MOST_NAMES: usize = 2;

pub fn draft(known: &KnownContexts, wishes: &Wishes) -> ConfigDraft {
    let short = short_names(known, wishes);
    let clusters: Vec<ClusterDraft> = wishes
        .chosen
        .iter()
        .filter(|index| !known.clusters[**index].is_described)
        .map(|index| cluster(*index, known, wishes, short.get(index)))
        .collect();
    let groups = groups(known, wishes, &short);
    let clusters = clusters.into_iter().filter(|one| one.alias.is_some() || !one.labels.is_empty()).collect();
    ConfigDraft {
        heading: heading(known, wishes),
        me: wishes.me.clone(),
        me_note: wishes.me_note.clone(),
        contexts: wishes.contexts.clone(),
        contexts_note: chosen(known, wishes),
        groups,
        clusters,
    }
}

fn heading(known: &KnownContexts, wishes: &Wishes) -> Vec<String> {
    let mut lines = vec![format!("Written by `callboard init` from {}.", listed(&known.files, MOST_NAMES))];
    if wishes.guesses {
        lines.push("No cluster was contacted: what is called a guess was read off names and server URLs. Change what is wrong;".to_string());
        lines.push(
            "no command of callboard writes this file again. `callboard clusters` shows what comes of it."
                .to_string(),
        );
    }
    let described: Vec<&str> = known
        .clusters
        .iter()
        .filter(|one| one.is_described)
        .map(|one| one.cluster.context.as_str())
        .collect();
    if !described.is_empty() {
        lines.push(format!(
            "The company's configuration describes {} already.",
            listed(&described, MOST_NAMES)
        ));
    }
    lines
}

/// How many of the contexts are the fleet, in a sentence.
pub fn chosen(known: &KnownContexts, wishes: &Wishes) -> String {
    let all = count(known.contexts, "context");
    let clusters = count(known.clusters.len(), "cluster");
    match wishes.chosen.len() == known.clusters.len() {
        true => format!("All of them: {all}, {clusters}."),
        false => format!("{} of {clusters} ({all}).", wishes.chosen.len()),
    }
}

/// The alias of each chosen cluster, by index.
pub fn short_names(known: &KnownContexts, wishes: &Wishes) -> BTreeMap<usize, String> {
    let mut found = wishes.aliases.clone();
    if wishes.short_names {
        let mut taken = known.names.clone();
        taken.extend(wishes.aliases.values().cloned());
        let open: Vec<usize> = wishes
            .chosen
            .iter()
            .copied()
            .filter(|index| !known.clusters[*index].is_described && !found.contains_key(index))
            .collect();
        let origins = known.origins();
        let of_open: Vec<_> = open.iter().map(|index| origins[*index]).collect();
        let short = aliases(&of_open, &taken);
        found.extend(open.into_iter().zip(short).filter_map(|(index, alias)| Some((index, alias?))));
    }
    found
}

fn cluster(index: usize, known: &KnownContexts, wishes: &Wishes, alias: Option<&String>) -> ClusterDraft {
    let one = &known.clusters[index];
    let mut labels = labels(one, wishes);
    for (key, value, _) in wishes.labels.iter().filter(|(_, _, clusters)| clusters.contains(&index)) {
        labels.retain(|label| label.key != *key);
        labels.push(LabelDraft { key: key.clone(), value: value.clone(), why: String::new() });
    }
    ClusterDraft {
        name: one.cluster.context.clone(),
        alias: alias.cloned(),
        labels,
        notes: notes(one, known),
    }
}

/// The labels that are guessed.
fn labels(one: &KnownCluster, wishes: &Wishes) -> Vec<LabelDraft> {
    if !wishes.guesses {
        return Vec::new();
    }
    let guesses = [
        ("region", one.origin.region.clone()),
        ("provider", one.origin.provider.clone()),
        ("environment", environment(&one.origin)),
    ];
    let label = |(key, told): (&str, Option<Told>)| {
        let Told { value, from } = told?;
        Some(LabelDraft { key: key.to_string(), value, why: format!("a guess, from {from}") })
    };
    guesses.into_iter().filter_map(label).collect()
}

/// Which other contexts reach the same server.
fn notes(one: &KnownCluster, known: &KnownContexts) -> Vec<String> {
    let cluster = &one.cluster;
    let mut notes = Vec::new();
    if !cluster.others.is_empty() {
        let others = listed(&cluster.others, MOST_NAMES);
        notes.push(format!("also {others}: the same server and user"));
    }
    let is_beside = |other: &&KnownCluster| {
        cluster.shared_server.is_some()
            && other.cluster.shared_server == cluster.shared_server
            && other.cluster.context != cluster.context
    };
    let beside: Vec<&str> =
        known.clusters.iter().filter(is_beside).map(|other| other.cluster.context.as_str()).collect();
    if !beside.is_empty() {
        notes.push(format!("the same server as {}, as another user", listed(&beside, MOST_NAMES)));
    }
    notes
}

/// A group for each environment that is guessed, and those that are wanted; these count more.
fn groups(
    known: &KnownContexts,
    wishes: &Wishes,
    short: &BTreeMap<usize, String>,
) -> Vec<(String, Vec<String>)> {
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for index in wishes.chosen.iter().filter(|_| wishes.guesses) {
        let one = &known.clusters[*index];
        let given =
            wishes.labels.iter().find(|(key, _, clusters)| key == "environment" && clusters.contains(index));
        let value = match given {
            Some((_, value, _)) => Some(value.clone()),
            None => environment(&one.origin).map(|told| told.value),
        };
        let name = short.get(index).unwrap_or(&one.cluster.context).clone();
        value.into_iter().for_each(|value| found.entry(value).or_default().push(name.clone()));
    }
    found.retain(|name, _| wishes.groups.iter().all(|(wanted, _)| wanted != name));
    wishes.groups.iter().cloned().chain(found).collect()
}
