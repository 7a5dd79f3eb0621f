//! Asking a fleet without a catalog which services it runs, and telling that these are guesses.

use std::cell::RefCell;
use std::collections::BTreeSet;

use anyhow::Result;

use crate::app::{App, GuessGaps};
use crate::catalog::Service;
use crate::fleet::{Answer, Cluster};
use crate::outcome::{advised, unanswered};
use crate::report::{Grid, Line};
use crate::selector::Selector;
use crate::survey::answered::{ClusterRow, silences};
use crate::survey::cells::ServiceQuery;
use crate::survey::collect::collect_further;
use crate::survey::discover::{Discovery, GUESSED_BY};
use crate::survey::gather::Snapshot;
use crate::survey::split::ServiceTarget;
use crate::text::{closest, count, listed};
use crate::ui::Verbosity;

/// How many names a note tells before it counts the rest.
const MOST_NAMES: usize = 8;

/// The services that the labels of a fleet speak of: those of some names, else all but a system's. What was left out, or may not
/// have been seen, is kept for the notes of the answer.
pub fn guessed_services(words: &[String], app: &App) -> Result<Vec<Service>> {
    let fleet = app.fleet()?;
    let wanted = [everything()];
    let further = |_, snapshot| async move { (snapshot, (), Vec::new()) };
    let names: Vec<String> = fleet.clusters().map(|cluster| cluster.name.clone()).collect();
    let so_far = RefCell::new((Discovery::default(), BTreeSet::new()));
    let draft = |answers: &[Option<Answer<(Snapshot, ())>>]| {
        let (found, seen) = &mut *so_far.borrow_mut();
        for (index, answer) in answers.iter().enumerate() {
            if let Some(answer) = answer.as_ref().filter(|_| seen.insert(index)) {
                found.add(&names[index], &answer.value.0);
            }
        }
        app.ui.draft(drawn(found))
    };
    let asking = collect_further(&wanted, &fleet, app.config()?, &app.ui, further, Some(&draft));
    let (collected, _) = app.block_on(asking)?;
    let mut found = Discovery::default();
    for (cluster, answer) in fleet.clusters().zip(&collected.answers) {
        if let Some(answer) = answer {
            found.add(&cluster.name, &answer.value);
        }
    }
    let rows = collected.rows(&fleet);
    let unseen: Vec<String> = rows
        .iter()
        .filter(|row| row.is_silent() || !row.gaps.is_empty())
        .map(|row| row.name.clone())
        .collect();
    let services = match words {
        [] => found.services(),
        words => named(words, &found, &unseen)?,
    };
    app.ui.warn(&format!(
        "no catalog: services are guessed from labels of what runs ({}, the first that is there)",
        GUESSED_BY.join(", ")
    ));
    app.ui.hint("`callboard catalog import` makes a catalog of them, with owners; -l SELECTOR asks for exactly what you mean");
    if words.is_empty() {
        let counts = |row: &&ClusterRow| !row.optional && unseen.contains(&row.name);
        let answers = fleet.clusters().zip(&collected.answers);
        let untold = answers.filter_map(|(cluster, answer)| {
            let gaps = answer.as_ref().map_or_else(Vec::new, |answer| answer.gaps.clone());
            Some((cluster.name.clone(), gaps)).filter(|(_, gaps)| !gaps.is_empty())
        });
        app.guessed(GuessGaps {
            notes: left_out(&found, &unseen, app.ui.verbosity),
            is_incomplete: rows.iter().any(|row| counts(&row)),
            untold: untold.collect(),
        });
    }
    Ok(services)
}

/// The lines on the clusters that told nothing, or not everything, when services were guessed.
pub fn untold(app: &App) -> Result<Vec<Line>> {
    let Some(gaps) = app.guess_gaps().filter(|gaps| !gaps.untold.is_empty()) else { return Ok(Vec::new()) };
    let fleet = app.fleet()?;
    let row = |cluster: &Cluster| {
        let untold = gaps.untold.get(&cluster.name)?;
        let row = ClusterRow::unanswered(cluster);
        Some(match untold.iter().find(|gap| gap.kind.is_none()) {
            Some(all) => row.now_silent(&all.why),
            None => row.now_answered(untold),
        })
    };
    Ok(silences(&fleet.clusters().filter_map(row).collect::<Vec<_>>()))
}

/// What was found so far: which services, and in how many clusters. What is judged is a second step.
fn drawn(found: &Discovery) -> Grid {
    let row = |service: Service| {
        let clusters = service.guess.map_or(0, |guess| guess.clusters.len());
        vec![service.name.into(), clusters.to_string().into()]
    };
    Grid::of(["SERVICE", "CLUSTERS"], found.services().into_iter().map(row).collect())
}

/// Everything that runs pods.
pub fn everything() -> ServiceQuery {
    ServiceQuery {
        name: String::new(),
        target: ServiceTarget { selector: Selector::default(), namespaces: Vec::new() },
        placement: None,
        told_elsewhere: BTreeSet::new(),
        expected: false,
        refused: None,
        nowhere: Vec::new(),
    }
}

fn named(words: &[String], found: &Discovery, unseen: &[String]) -> Result<Vec<Service>> {
    let mut services: Vec<Service> = Vec::new();
    for word in words {
        let meant = found.meant(word);
        if meant.is_empty() {
            return Err(not_found(word, found, unseen));
        }
        for service in meant {
            if !services.iter().any(|known| known.name == service.name) {
                services.push(service);
            }
        }
    }
    Ok(services)
}

/// Where a cluster did not tell all it has, nobody knows whether there is such a service.
pub fn not_found(word: &str, found: &Discovery, unseen: &[String]) -> anyhow::Error {
    let names = found.names();
    let near = closest(word, names.iter().map(String::as_str));
    let hint = match near.is_empty() {
        true => {
            "`callboard services` lists what was found; -l SELECTOR asks for labels of your own".to_string()
        }
        false => format!("did you mean {}?", near.join(" or ")),
    };
    let text = format!("no catalog, and nothing that runs carries a label that calls it {word}");
    match unseen {
        [] => advised(anyhow::anyhow!(text), hint),
        unseen => {
            let clusters = listed(unseen, MOST_NAMES);
            unanswered(format!("{text}, but it may run where not everything was told: {clusters}"), hint)
        }
    }
}

fn left_out(found: &Discovery, unseen: &[String], verbosity: Verbosity) -> Vec<String> {
    let most = if verbosity == Verbosity::Verbose { usize::MAX } else { MOST_NAMES };
    let mut notes = Vec::new();
    let unlabelled: Vec<&String> = found.unlabelled.iter().collect();
    if !unlabelled.is_empty() {
        let (number, names) = (count(unlabelled.len(), "workload"), listed(&unlabelled, most));
        notes.push(format!("left out, {number} without a label that names a service: {names}"));
    }
    let system = found.system();
    if !system.is_empty() {
        let (number, names) = (count(system.len(), "service"), listed(&system, most));
        notes.push(format!("left out, {number} of system namespaces (name one to see it): {names}"));
    }
    if !unseen.is_empty() {
        let clusters = listed(unseen, MOST_NAMES);
        notes
            .push(format!("services may be missing that run only where not everything was told: {clusters}"));
    }
    notes
}
