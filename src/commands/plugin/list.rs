//! `plugin list`: which there are, and which of them are never run.

use anyhow::Result;
use clap::Args;
use serde::Serialize;

use crate::app::App;
use crate::args::OutputArgs;
use crate::commands::plugin::found::found;
use crate::outcome::Outcome;
use crate::report::{Cell, Detail, Grid, Page, Report};

/// Which plugins there are, and which of them are never run
#[derive(Args, Debug)]
#[command(before_help = "callboard plugin list")]
pub struct PluginListArgs {
    #[command(flatten)]
    output: OutputArgs,
}

pub fn run(args: &PluginListArgs, app: &App, root: &clap::Command) -> Result<Outcome> {
    let found = found();
    let items = found.iter().enumerate().map(|(at, (name, one))| {
        let first = found[..at].iter().find(|(other, earlier)| other == name && earlier.executable);
        let reason = match first {
            _ if root.find_subcommand(name).is_some() => Some(format!("{name} is a command of callboard")),
            _ if !one.executable => Some("it is not executable".to_string()),
            Some((_, earlier)) => Some(format!("PATH has {} first", earlier.path.display())),
            None => None,
        };
        PluginItem { name: name.clone(), path: one.path.display().to_string(), never_run_because: reason }
    });
    let report = PluginReport { items: items.collect() };
    app.ui.print(&report, args.output.output, !args.output.no_headers)?;
    if report.items.is_empty() {
        app.ui.hint("an executable file callboard-foo on PATH would be `callboard foo`");
    }
    Ok(Outcome::Fine)
}

/// `kind: PluginList`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct PluginReport {
    items: Vec<PluginItem>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct PluginItem {
    name: String,
    path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    never_run_because: Option<String>,
}

impl Report for PluginReport {
    const KIND: &'static str = "PluginList";

    fn page(&self, _: Detail) -> Page {
        let rows = self.items.iter().map(|item| {
            let note = item.never_run_because.as_ref().map(|why| format!("never run: {why}"));
            vec![
                Cell::from(item.name.clone()),
                Cell::from(item.path.clone()),
                Cell::muted(note.unwrap_or_default()),
            ]
        });
        Grid::of(vec!["PLUGIN", "FILE", "NOTE"], rows.collect()).into()
    }

    fn title(&self) -> String {
        "Plugins".to_string()
    }

    fn names(&self) -> Vec<String> {
        self.items
            .iter()
            .filter(|item| item.never_run_because.is_none())
            .map(|item| item.name.clone())
            .collect()
    }
}
