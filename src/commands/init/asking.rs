//! The questions of `init`: only what no flag has answered.

use anyhow::Result;

use crate::app::App;
use crate::commands::init::known::KnownContexts;
use crate::commands::init::options::InitArgs;
use crate::commands::init::patterns::{ContextGroup, grouped, words};
use crate::commands::init::proposal::short_names;
use crate::commands::init::wishes::{Wishes, check_me};
use crate::report::{Cell, Line, Tone};
use crate::text::{count, listed};
use crate::ui::Ask;

/// How many examples and names a line tells.
const MOST_NAMES: usize = 3;

/// Asks, and puts the answers into the wishes; false where the person left.
pub fn ask(args: &InitArgs, known: &KnownContexts, wishes: &mut Wishes, app: &App) -> Result<bool> {
    let ui = &app.ui;
    let contexts = count(known.contexts, "context");
    let files = listed(&known.files, MOST_NAMES);
    ui.tell(&Line::new(vec![Cell::toned(format!("{contexts} in {files}"), Tone::Strong)]));
    ui.tell(&Line::new(vec![Cell::muted(
        "Enter takes what is shown, Esc leaves. No cluster is contacted, and nothing is written before the end.",
    )]));
    if app.options.contexts.is_empty() && known.clusters.len() > 1 {
        let groups = grouped(&known.origins());
        let Some(ticked) = ask_contexts(&groups, known, wishes, app)? else { return Ok(false) };
        wishes.contexts = words(&groups, &ticked, |index| known.clusters[index].cluster.others.clone());
        wishes.chosen = ticked.iter().flat_map(|index| groups[*index].members.clone()).collect();
        wishes.chosen.sort_unstable();
    }
    let short = short_names(known, wishes);
    let proposed: Vec<String> = short
        .iter()
        .filter(|(index, _)| !wishes.aliases.contains_key(index))
        .map(|(index, alias)| format!("{} as {alias}", known.clusters[*index].cluster.context))
        .collect();
    if !proposed.is_empty() {
        let help = listed(&proposed, MOST_NAMES);
        let title = format!("Call {} by short names?", count(proposed.len(), "cluster"));
        let Some(yes) = ui.ask_yes(Ask { title: &title, help: Some(&help), ..Ask::default() }, true)? else {
            return Ok(false);
        };
        wishes.short_names = yes;
    }
    if wishes.guesses {
        let help = "region, provider and environment as labels, and a group for each environment: read off names and server URLs, \
                    and marked as guesses";
        let ask = Ask { title: "Write what can be guessed?", help: Some(help), ..Ask::default() };
        let Some(yes) = ui.ask_yes(ask, true)? else { return Ok(false) };
        wishes.guesses = yes;
    }
    if args.me.is_none() {
        let ask = Ask {
            title: "Who you are in the catalog",
            help: Some("an e-mail, or an entity ref; for --mine and for forms"),
            example: Some("user:default/jane"),
            optional: true,
            back: false,
        };
        let check = |me: &str| if me.is_empty() { Ok(()) } else { check_me(me) };
        let Some(me) = ui.ask_text(ask, wishes.me.as_deref(), &check)? else { return Ok(false) };
        if wishes.me.as_ref() != Some(&me) {
            wishes.me_note.clear();
        }
        wishes.me = Some(me).filter(|me| !me.is_empty());
    }
    Ok(true)
}

fn ask_contexts(
    groups: &[ContextGroup],
    known: &KnownContexts,
    wishes: &Wishes,
    app: &App,
) -> Result<Option<Vec<usize>>> {
    let items: Vec<String> = groups.iter().map(|group| described(group, known)).collect();
    let ticked: Vec<bool> =
        groups.iter().map(|group| group.members.iter().any(|index| wishes.chosen.contains(index))).collect();
    let ask = Ask {
        title: "Which are the fleet?",
        help: Some("`--context` still reaches the others"),
        ..Ask::default()
    };
    loop {
        match app.ui.ask_several(ask, &items, &ticked)? {
            Some(chosen) if chosen.is_empty() => {
                app.ui.warn("a fleet of none is no fleet; tick at least one")
            }
            chosen => return Ok(chosen),
        }
    }
}

/// The glob, how many, how they log in, and where they are.
fn described(group: &ContextGroup, known: &KnownContexts) -> String {
    let clusters: Vec<_> = group.members.iter().map(|index| &known.clusters[*index]).collect();
    let distinct = |of: &dyn Fn(&crate::commands::init::known::KnownCluster) -> Option<String>| {
        let mut found: Vec<String> = clusters.iter().filter_map(|one| of(one)).collect();
        found.sort();
        found.dedup();
        listed(&found, MOST_NAMES)
    };
    let number = if clusters.len() > 1 { format!("{} clusters", clusters.len()) } else { String::new() };
    let contexts: usize = clusters.iter().map(|one| one.cluster.others.len()).sum();
    let more = if contexts > 0 {
        format!("beside {} of the same servers and users", count(contexts, "other context"))
    } else {
        String::new()
    };
    let parts = [
        number,
        distinct(&|one| Some(one.login.clone())),
        distinct(&|one| one.origin.region.as_ref().map(|region| region.value.clone())),
        if clusters.iter().all(|one| one.origin.is_local) {
            "on this machine".to_string()
        } else {
            String::new()
        },
        more,
    ];
    let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    format!("{}  {}", group.word, parts.join(", "))
}
