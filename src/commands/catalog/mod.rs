//! `catalog`: the catalog checked, explained, shown and drawn, made of what runs, or fetched from a Backstage.

mod changed;
mod entity;
mod graph;
mod import;
mod pull;
mod schema;
mod show;
mod validate;
mod why;
mod written;

use anyhow::Result;
use clap::{Args, Subcommand};

use crate::app::App;
use crate::outcome::Outcome;

/// The catalog: validate it, explain it, draw it, import, pull
#[derive(Args, Debug)]
#[command(before_help = "callboard catalog validate
callboard catalog why checkout
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
    Why(why::ExplainArgs),
    Show(show::EntityArgs),
    Graph(graph::GraphArgs),
    Schema(schema::CatalogSchemaArgs),
    Import(import::ImportArgs),
    Pull(pull::PullArgs),
}

pub fn run(args: &CatalogArgs, app: &App) -> Result<Outcome> {
    match &args.command {
        CatalogCommand::Validate(args) => validate::run(args, app),
        CatalogCommand::Why(args) => why::run(args, app),
        CatalogCommand::Show(args) => show::run(args, app),
        CatalogCommand::Graph(args) => graph::run(args, app),
        CatalogCommand::Schema(args) => schema::run(args, app),
        CatalogCommand::Import(args) => import::run(args, app),
        CatalogCommand::Pull(args) => pull::run(args, app),
    }
}
