//! The list of subcommands, one file each.

mod completions;
mod reference;
mod status;

use anyhow::Result;
use clap::Subcommand;

use crate::app::App;
use crate::outcome::Outcome;

#[derive(Debug, Subcommand)]
pub enum Command {
    Status(status::StatusArgs),
    Completions(completions::CompletionsArgs),
    Reference(reference::ReferenceArgs),
}

/// What a command line asks for, done.
pub fn run(command: Command, app: &App, root: clap::Command) -> Result<Outcome> {
    match command {
        Command::Status(args) => status::run(&args, app),
        Command::Completions(args) => completions::run(&args, app, root),
        Command::Reference(_) => reference::run(app, root),
    }
}
