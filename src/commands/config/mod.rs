//! `config`: what this run goes by, and where each value is from.

mod view;

use anyhow::Result;
use clap::{Args, Subcommand};

use crate::app::App;
use crate::outcome::Outcome;

/// The configuration in force, and where each value is from
///
/// Lowest first: the company's file (/etc/callboard/config.yaml), yours (config.yaml in the config directory, $CALLBOARD_CONFIG,
/// --config), variables, flags.
#[derive(Args, Debug)]
#[command(before_help = "callboard config view")]
#[command(arg_required_else_help = false)]
pub struct ConfigArgs {
    #[command(subcommand)]
    command: ConfigCommand,
}

#[derive(Debug, Subcommand)]
enum ConfigCommand {
    View(view::ConfigViewArgs),
}

pub fn run(args: &ConfigArgs, app: &App) -> Result<Outcome> {
    match &args.command {
        ConfigCommand::View(args) => view::run(args, app),
    }
}
