//! `plugin`: programs of other people that are called as commands, as git and kubectl have it: `callboard-foo` is `callboard foo`.

mod call;
mod found;
mod list;
mod resolved;

use anyhow::Result;
use clap::{Args, Subcommand};

use crate::app::App;
use crate::outcome::Outcome;

pub use crate::commands::plugin::call::{PluginCall, call};

use crate::commands::plugin::found::found;

/// Programs on PATH that are called as commands of callboard
///
/// An executable file callboard-foo on PATH is run by `callboard foo ARGUMENTS`. It gets the flags before its name as variables
/// (KUBECONFIG, CALLBOARD_CATALOG, CALLBOARD_CONFIG; under --demo the demo's), and in $CALLBOARD_RESOLVED the name of a JSON file with
/// the clusters, the services and the paths of this run. Its exit code is passed on.
#[derive(Args, Debug)]
#[command(before_help = "callboard plugin list")]
#[command(arg_required_else_help = false)]
pub struct PluginArgs {
    #[command(subcommand)]
    command: PluginCommand,
}

#[derive(Debug, Subcommand)]
enum PluginCommand {
    List(list::PluginListArgs),
}

pub fn run(args: &PluginArgs, app: &App, root: &clap::Command) -> Result<Outcome> {
    match &args.command {
        PluginCommand::List(args) => list::run(args, app, root),
    }
}

/// The names of the plugins that can be called, each once.
pub fn names() -> Vec<String> {
    let mut names: Vec<String> =
        found().into_iter().filter(|(_, one)| one.executable).map(|(name, _)| name).collect();
    names.sort();
    names.dedup();
    names
}
