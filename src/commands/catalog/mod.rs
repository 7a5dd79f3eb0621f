//! `catalog`: the catalog made of what runs.

mod import;
mod written;

use anyhow::Result;
use clap::{Args, Subcommand};

use crate::app::App;
use crate::outcome::Outcome;

/// The catalog: entities for what already runs
#[derive(Args, Debug)]
#[command(before_help = "callboard catalog import --write catalog.yaml")]
#[command(arg_required_else_help = false)]
pub struct CatalogArgs {
    #[command(subcommand)]
    command: CatalogCommand,
}

#[derive(Debug, Subcommand)]
enum CatalogCommand {
    Import(import::ImportArgs),
}

pub fn run(args: &CatalogArgs, app: &App) -> Result<Outcome> {
    match &args.command {
        CatalogCommand::Import(args) => import::run(args, app),
    }
}
