//! `catalog`: the catalog checked, made of what runs, or fetched from a Backstage.

mod import;
mod pull;
mod validate;
mod written;

use anyhow::Result;
use clap::{Args, Subcommand};

use crate::app::App;
use crate::outcome::Outcome;

/// The catalog: validate it, import what runs, pull from Backstage
#[derive(Args, Debug)]
#[command(before_help = "callboard catalog validate
callboard catalog import
callboard catalog pull https://backstage.example.com --write backstage.yaml")]
#[command(arg_required_else_help = false)]
pub struct CatalogArgs {
    #[command(subcommand)]
    command: CatalogCommand,
}

#[derive(Debug, Subcommand)]
enum CatalogCommand {
    Validate(validate::ValidateArgs),
    Import(import::ImportArgs),
    Pull(pull::PullArgs),
}

pub fn run(args: &CatalogArgs, app: &App) -> Result<Outcome> {
    match &args.command {
        CatalogCommand::Validate(args) => validate::run(args, app),
        CatalogCommand::Import(args) => import::run(args, app),
        CatalogCommand::Pull(args) => pull::run(args, app),
    }
}
