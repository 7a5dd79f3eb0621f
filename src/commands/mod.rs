//! The list of subcommands, one file each.

mod completions;

use anyhow::Result;
use clap::Subcommand;

use crate::app::App;
use crate::outcome::Outcome;

#[derive(Debug, Subcommand)]
pub enum Command {
    Completions(completions::CompletionsArgs),
}

/// What a command line asks for, done.
pub fn run(command: Command, app: &App, root: clap::Command) -> Result<Outcome> {
    match command {
        Command::Completions(args) => completions::run(&args, app, root),
    }
}
