//! `init`: a first configuration file, from a kubeconfig that is read and not contacted.

mod aliases;
mod asking;
mod known;
mod options;
mod origin;
mod patterns;
mod proposal;
mod wishes;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::app::App;
use crate::args::git_email;
use crate::commands::init::known::KnownContexts;
use crate::commands::init::patterns::{ContextGroup, grouped, words};
use crate::commands::init::wishes::Wishes;
use crate::config::{Config, ConfigDraft};
use crate::files;
use crate::outcome::{Outcome, advised, misused};
use crate::report::Line;
use crate::text::{count, safe};
use crate::ui::Ask;

pub use crate::commands::init::options::InitArgs;

pub fn run(args: &InitArgs, app: &App) -> Result<Outcome> {
    let target = target(args, app)?;
    let can_ask = !args.yes && app.env.terminal.stdin && app.env.terminal.stderr;
    if !can_ask && !args.yes && target.is_some() {
        return Err(misused(
            "init asks questions, and nobody sits at a terminal",
            "--yes takes what it would propose; --context GLOB, --me, --alias, --group, --label, --keep-names and --no-guess say what is wanted; --dry-run prints it",
        ));
    }
    if app.options.cluster_selector.is_some() {
        return Err(misused(
            "--cluster-selector goes by labels, and init is about to propose them",
            "choose with --context GLOB",
        ));
    }
    let known = KnownContexts::read(app)?;
    let mut wishes = wishes(args, &known, app)?;
    if can_ask {
        app.watch_signals();
        if !asking::ask(args, &known, &mut wishes, app)? {
            return Ok(left(app));
        }
    }
    let draft = checked(&known, &mut wishes, app)?;
    let text = draft.text();
    let Some(path) = target else {
        app.ui.write(&text)?;
        return Ok(Outcome::Fine);
    };
    if can_ask {
        app.ui.tell(&Line::from(summary(&draft, &known, &wishes)));
        let title = format!("Write {}?", path.display());
        if app.ui.ask_yes(Ask { title: &title, ..Ask::default() }, true)? != Some(true) {
            return Ok(left(app));
        }
    }
    write(&path, &text, app)?;
    app.ui.write(&format!(
        "{}: {}\n",
        safe(&path.display().to_string()),
        summary(&draft, &known, &wishes)
    ))?;
    app.ui.hint("`callboard clusters` asks them who answers; `callboard status` shows what runs; `callboard catalog import` makes a catalog of it");
    Ok(Outcome::Fine)
}

fn left(app: &App) -> Outcome {
    app.ui.tell(&Line::from("Left; nothing was written."));
    Outcome::Interrupted
}

/// Where the file goes; nothing where it is only printed. Under --demo nothing of the user's is touched unless it is named.
fn target(args: &InitArgs, app: &App) -> Result<Option<PathBuf>> {
    let is_named = app.options.config.is_some();
    if args.dry_run || (app.options.demo.is_some() && !is_named) {
        return Ok(None);
    }
    let path = Config::user_file(&app.env, app.options.config.as_deref())
        .context("there is no config directory here; name a file with --config")?;
    if files::exists(&path) {
        return Err(advised(
            anyhow::anyhow!("{} exists already, and init overwrites nothing", path.display()),
            "edit it; `callboard init --dry-run` prints a new one to compare with, `--config FILE` writes another file",
        ));
    }
    Ok(Some(path))
}

/// What the flags say, and for the rest what is proposed.
fn wishes(args: &InitArgs, known: &KnownContexts, app: &App) -> Result<Wishes> {
    let mut me = wishes::me(args)?;
    let mut me_note = String::new();
    if me.is_none() {
        me = git_email(app).filter(|email| wishes::check_me(email).is_ok());
        me_note = me.as_ref().map(|_| "From `git config user.email`.".to_string()).unwrap_or_default();
    }
    let (contexts, chosen) = match app.options.contexts.is_empty() {
        false => (app.options.contexts.clone(), meant(&known.company, known, &app.options.contexts, app)?),
        true => usual(known),
    };
    Ok(Wishes {
        contexts,
        chosen,
        short_names: !args.keep_names,
        guesses: !args.no_guess,
        me,
        me_note,
        aliases: wishes::aliases(args, known)?,
        groups: wishes::groups(args, known)?,
        labels: wishes::labels(args, known)?,
    })
}

/// All clusters that are not on this machine; all, where there are no others.
fn usual(known: &KnownContexts) -> (Vec<String>, Vec<usize>) {
    let groups = grouped(&known.origins());
    let is_local =
        |group: &ContextGroup| group.members.iter().all(|index| known.clusters[*index].origin.is_local);
    let mut ticked: Vec<usize> = (0..groups.len()).filter(|index| !is_local(&groups[*index])).collect();
    if ticked.is_empty() {
        ticked = (0..groups.len()).collect();
    }
    let mut chosen: Vec<usize> = ticked.iter().flat_map(|index| groups[*index].members.clone()).collect();
    chosen.sort_unstable();
    (words(&groups, &ticked, |index| known.clusters[index].cluster.others.clone()), chosen)
}

/// The clusters, by index, that the words of a lasting choice mean.
fn meant(config: &Config, known: &KnownContexts, words: &[String], app: &App) -> Result<Vec<usize>> {
    let fleet = app.fleet_by(config, &[], words)?;
    let named: BTreeSet<&str> = fleet.clusters().map(|cluster| cluster.context.as_str()).collect();
    let is_meant = |index: &usize| {
        let cluster = &known.clusters[*index].cluster;
        named.contains(cluster.context.as_str())
            || cluster.others.iter().any(|other| named.contains(other.as_str()))
    };
    let found: Vec<usize> = (0..known.clusters.len()).filter(is_meant).collect();
    anyhow::ensure!(!found.is_empty(), "no context is left of {}", words.join(" "));
    Ok(found)
}

/// The draft, once it is read back as a run would read it and means what was chosen. A glob that means something else by now is replaced
/// by names.
fn checked(known: &KnownContexts, wishes: &mut Wishes, app: &App) -> Result<ConfigDraft> {
    let draft = proposal::draft(known, wishes);
    match read_back(&draft, known, wishes, app) {
        Ok(()) => return Ok(draft),
        Err(error) if app.options.contexts.is_empty() => {
            app.ui.detail(&format!("named one by one: {error:#}"))
        }
        Err(error) => return Err(error),
    }
    wishes.contexts =
        wishes.chosen.iter().map(|index| known.clusters[*index].cluster.context.clone()).collect();
    let draft = proposal::draft(known, wishes);
    read_back(&draft, known, wishes, app)?;
    Ok(draft)
}

fn read_back(draft: &ConfigDraft, known: &KnownContexts, wishes: &Wishes, app: &App) -> Result<()> {
    let written = Config::of_text("the new file", &draft.text(), Path::new("."))?;
    anyhow::ensure!(written.unknown.is_empty(), "a key of the new file is not known");
    let mut config = known.company.clone();
    let lasting = if written.contexts.is_empty() { Vec::new() } else { written.contexts.clone() };
    config.overlay(written);
    let found = if lasting.is_empty() {
        (0..known.clusters.len()).collect()
    } else {
        meant(&config, known, &lasting, app)?
    };
    anyhow::ensure!(found == wishes.chosen, "the words {} would mean other clusters", lasting.join(" "));
    for name in draft.groups.iter().map(|(name, _)| format!("@{name}")) {
        let asked = app.fleet_by(&config, std::slice::from_ref(&name), &[]);
        asked.map_err(|error| {
            misused(format!("the group {name}: {error:#}"), "as in --group prod='prod-*'")
        })?;
    }
    Ok(())
}

/// What the file says, in a line.
fn summary(draft: &ConfigDraft, known: &KnownContexts, wishes: &Wishes) -> String {
    let aliases = draft.clusters.iter().filter(|cluster| cluster.alias.is_some()).count();
    let labels: usize = draft.clusters.iter().map(|cluster| cluster.labels.len()).sum();
    let mut parts = vec![format!("{} of {}", wishes.chosen.len(), count(known.clusters.len(), "cluster"))];
    parts.extend((aliases > 0).then(|| count(aliases, "short name")));
    parts.extend((labels > 0).then(|| count(labels, "label")));
    parts.extend((!draft.groups.is_empty()).then(|| {
        let names: Vec<String> = draft.groups.iter().map(|(name, _)| format!("@{name}")).collect();
        format!("{} ({})", count(names.len(), "group"), names.join(", "))
    }));
    parts.extend(draft.me.as_ref().map(|me| format!("me: {}", safe(me))));
    parts.join(", ")
}

fn write(path: &Path, text: &str, app: &App) -> Result<()> {
    let busy = app.busy();
    let directory = path.parent().filter(|directory| !directory.as_os_str().is_empty());
    let written =
        directory.map_or(Ok(()), files::create_dir).and_then(|()| files::create(path, text.as_bytes(), None));
    drop(busy);
    written
}
