//! `template`: the golden paths there are, and what their guilds need to keep them good.

mod eject;
mod lint;
mod list;
mod owner;
mod show;
mod test;
mod usage;

use anyhow::Result;
use clap::{Args, Subcommand};

use crate::app::App;
use crate::outcome::Outcome;

/// Golden paths: list, show, lint, test, usage, eject
///
/// They come from the directories and git repositories that `templates:` of the config file names, from Template entities of the catalog,
/// and from inside the binary; of two with the same name the first counts.
#[derive(Args, Debug)]
#[command(before_help = "callboard template list
callboard template show http-service")]
#[command(arg_required_else_help = false)]
pub struct TemplateArgs {
    #[command(subcommand)]
    command: TemplateCommand,
}

#[derive(Debug, Subcommand)]
enum TemplateCommand {
    List(list::ListArgs),
    Show(show::ShowArgs),
    Lint(lint::LintArgs),
    Test(test::TestArgs),
    Usage(usage::UsageArgs),
    Eject(eject::EjectArgs),
}

pub fn run(args: &TemplateArgs, app: &App) -> Result<Outcome> {
    match &args.command {
        TemplateCommand::List(args) => list::run(args, app),
        TemplateCommand::Show(args) => show::run(args, app),
        TemplateCommand::Lint(args) => lint::run(args, app),
        TemplateCommand::Test(args) => test::run(args, app),
        TemplateCommand::Usage(args) => usage::run(args, app),
        TemplateCommand::Eject(args) => eject::run(args, app),
    }
}
