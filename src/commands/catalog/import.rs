//! `catalog import`: entities for services that run already, with everything that is a guess marked as one.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::Result;
use clap::Args;

use crate::app::App;
use crate::catalog::import::{ImportedEntity, PlacementRule, UNKNOWN_OWNER, entities};
use crate::commands::catalog::written::{Written, document};
use crate::outcome::{Outcome, RunFacts};
use crate::report::{Cell, Line};
use crate::survey::{Inventory, answered, silences};
use crate::text::{count, listed};
use crate::ui::Verbosity;

/// How many names a note tells before it counts the rest.
const MOST_NAMES: usize = 8;

/// Entities for services that run already, found by their labels
///
/// A service is what `callboard status` guesses without a catalog. Its owner is read off labels and annotations (team, owner and the like)
/// of its workloads, then of their namespaces, then from Argo CD's project; it is marked as a guess, and is unknown-owner where nothing
/// tells it. The clusters it runs in are written only where every cluster told all it has. What the catalog knows already is left out, so
/// that running it again shows what is new. A file that exists is never overwritten.
#[derive(Args, Debug)]
#[command(before_help = "callboard catalog import                          # prints what the catalog lacks
callboard catalog import --write catalog.yaml     # into a file that is not there yet
callboard catalog import --write catalog/         # a file for each entity
callboard catalog import cart payments -n shop")]
pub struct ImportArgs {
    /// Only these services, by the names that `callboard services` shows without a catalog
    #[arg(value_name = "SERVICE")]
    services: Vec<String>,

    /// Only what runs in this namespace (repeatable)
    #[arg(short, long, value_name = "NAMESPACE")]
    namespace: Vec<String>,

    /// Write a new file, or with / at the end (or where it is one) into a directory, a file for each entity
    #[arg(long, value_name = "PATH")]
    write: Option<PathBuf>,
}

pub fn run(args: &ImportArgs, app: &App) -> Result<Outcome> {
    let target = args.write.as_ref().map(|path| Written::at(path)).transpose()?;
    let inventory = Inventory::of_fleet(&args.services, &args.namespace, app)?;
    if inventory.interrupted {
        app.ui.tell(&Line::from("Interrupted: not every cluster was asked, and nothing was written."));
        return Ok(Outcome::Interrupted);
    }
    let rule = if inventory.is_certain { PlacementRule::Certain } else { PlacementRule::Uncertain };
    let made = entities(&inventory.found, app.catalog()?, rule);
    let heading = heading(&inventory, app);
    if !made.is_empty() {
        match &target {
            Some(target) => app.ui.write(&target.write(&heading, &made, app)?)?,
            None => app.ui.write(&document(&heading, &made))?,
        }
    }
    tell(&inventory, &made, app);
    let has_owners = made.iter().filter_map(|entity| entity.owner.as_ref()).any(|(_, why)| why.is_some());
    if let (Some(target), false) = (&target, made.is_empty()) {
        app.ui.hint(&target.advice(has_owners, app)?);
    }
    Ok(Outcome::of(RunFacts { interrupted: false, bad: false, complete: inventory.is_complete }))
}

/// Sentences for the top of a file.
fn heading(inventory: &Inventory, app: &App) -> String {
    let clusters = inventory.rows.len();
    let day = app.now().to_zoned(jiff::tz::TimeZone::UTC).date();
    let mut text = format!(
        "# Written by `callboard catalog import` on {day}, from what ran in {}. What is called a guess may be wrong:\n\
         # correct it and take the word away. `owner: {UNKNOWN_OWNER}` is to be filled in.\n",
        count(clusters, "cluster")
    );
    if !inventory.is_certain {
        text.push_str(
            "# Not every cluster was asked, or told all it has: where services run is not written.\n",
        );
    }
    text
}

/// What was found, what is new, and what may be missing, on stderr.
fn tell(inventory: &Inventory, made: &[ImportedEntity], app: &App) {
    let ui = &app.ui;
    let most = if ui.verbosity == Verbosity::Verbose { usize::MAX } else { MOST_NAMES };
    let mut line = match (inventory.found.len(), inventory.known) {
        (0, 0) => "No new service.".to_string(),
        (0, known) => format!("Nothing new: the catalog has {}.", whole(known)),
        (new, 0) => format!("{}.", count(new, "new service")),
        (new, known) => format!("{}; the catalog has {known} already.", count(new, "new service")),
    };
    let mut owners: BTreeMap<&str, usize> = BTreeMap::new();
    for (owner, why) in made.iter().filter_map(|entity| entity.owner.as_ref()) {
        let word = if why.is_some() { "guessed" } else { "unknown" };
        debug_assert!(why.is_some() || owner == UNKNOWN_OWNER);
        *owners.entry(word).or_default() += 1;
    }
    if !owners.is_empty() {
        let told: Vec<String> = owners.iter().map(|(word, number)| format!("{number} {word}")).collect();
        line.push_str(&format!(" Owners: {}.", told.join(", ")));
    }
    ui.tell(&Line::from(format!("{line} {}", answered(&inventory.rows))));
    silences(&inventory.rows).iter().for_each(|line| ui.tell(line));
    let mut notes = Vec::new();
    let mut note = |what: &str, names: &[String]| {
        if !names.is_empty() {
            notes.push(format!("{what}: {}", listed(names, most)));
        }
    };
    note("the catalog has a part of these, and nothing was written for the rest", &inventory.known_in_part);
    note("left out, labels do not mean exactly what was found", &inventory.ambiguous);
    note("left out, workloads without a label that names a service", &inventory.unlabelled);
    note("left out, services of system namespaces (name one to have it)", &inventory.system);
    note("owners may be missing, labels of namespaces may not be read in", &inventory.without_namespaces);
    let unplaced: Vec<String> = inventory
        .unplaced
        .iter()
        .map(|(name, clusters)| format!("{name} in {}", clusters.join(", ")))
        .collect();
    note("run where the catalog does not place them", &unplaced);
    let unseen: Vec<String> = inventory
        .rows
        .iter()
        .filter(|row| row.is_silent() || !row.gaps.is_empty())
        .map(|row| row.name.clone())
        .collect();
    note("services may be missing that run only where not everything was told", &unseen);
    for note in notes {
        ui.tell(&Line::new(vec![Cell::muted(format!("note: {note}"))]));
    }
}

fn whole(known: usize) -> String {
    match known {
        1 => "the one that was found".to_string(),
        known => format!("all {known} that were found"),
    }
}
