//! The list of subcommands, one file each.

mod adopt;
mod catalog;
mod changes;
mod check;
mod clusters;
mod compare;
mod completions;
mod config;
mod context;
mod demo;
mod diagnose;
mod drift;
mod events;
mod findings;
mod get;
mod init;
mod kubectl;
mod logs;
mod new;
mod options;
mod owner;
mod plugin;
mod reference;
mod schema;
mod services;
mod show;
mod status;
mod template;
mod top;
mod unified;
mod update;
mod wait;

use anyhow::Result;
use clap::Subcommand;

use crate::app::App;
use crate::outcome::Outcome;

pub use crate::commands::completions::answer;
pub use crate::commands::plugin::{PluginCall, call, names as plugin_names};

#[derive(Debug, Subcommand)]
pub enum Command {
    Status(status::StatusArgs),
    Show(show::ShowServiceArgs),
    #[command(visible_alias = "why")]
    Diagnose(diagnose::DiagnoseArgs),
    Logs(logs::LogsArgs),
    Events(events::EventsArgs),
    Changes(changes::ChangesArgs),
    Top(top::TopArgs),
    Compare(compare::CompareArgs),
    Get(get::GetArgs),
    Wait(wait::WaitArgs),
    Services(services::ServicesArgs),
    Owner(owner::OwnerArgs),
    Clusters(clusters::ClustersArgs),
    Context(context::ContextArgs),
    Kubectl(kubectl::KubectlArgs),
    Init(init::InitArgs),
    Catalog(catalog::CatalogArgs),
    New(new::NewArgs),
    Drift(drift::DriftArgs),
    Update(update::UpdateArgs),
    Adopt(adopt::AdoptArgs),
    Check(check::CheckArgs),
    Template(template::TemplateArgs),
    Demo(demo::DemoArgs),
    Completions(completions::CompletionsArgs),
    Config(config::ConfigArgs),
    Schema(schema::SchemaArgs),
    Plugin(plugin::PluginArgs),
    Options(options::OptionsArgs),
    Reference(reference::ReferenceArgs),
}

/// What a command line asks for, done.
pub fn run(command: Command, app: &App, root: clap::Command) -> Result<Outcome> {
    match command {
        Command::Status(args) => status::run(&args, app),
        Command::Show(args) => show::run(&args, app),
        Command::Diagnose(args) => diagnose::run(&args, app),
        Command::Logs(args) => logs::run(&args, app),
        Command::Events(args) => events::run(&args, app),
        Command::Changes(args) => changes::run(&args, app),
        Command::Top(args) => top::run(&args, app),
        Command::Compare(args) => compare::run(&args, app),
        Command::Get(args) => get::run(&args, app),
        Command::Wait(args) => wait::run(&args, app),
        Command::Services(args) => services::run(&args, app),
        Command::Owner(args) => owner::run(&args, app),
        Command::Clusters(args) => clusters::run(&args, app),
        Command::Context(args) => context::run(&args, app),
        Command::Kubectl(args) => kubectl::run(&args, app),
        Command::Init(args) => init::run(&args, app),
        Command::Catalog(args) => catalog::run(&args, app),
        Command::New(args) => new::run(&args, app),
        Command::Drift(args) => drift::run(&args, app),
        Command::Update(args) => update::run(&args, app),
        Command::Adopt(args) => adopt::run(&args, app),
        Command::Check(args) => check::run(&args, app),
        Command::Template(args) => template::run(&args, app),
        Command::Demo(args) => demo::run(&args, app),
        Command::Completions(args) => completions::run(&args, app),
        Command::Config(args) => config::run(&args, app),
        Command::Schema(args) => schema::run(&args, app),
        Command::Plugin(args) => plugin::run(&args, app, &root),
        Command::Options(_) => options::run(app, &root),
        Command::Reference(_) => reference::run(app, root),
    }
}
