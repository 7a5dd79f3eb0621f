//! What `check` is asked for.

use clap::{Args, ValueEnum};

use crate::args::WhichArgs;
use crate::commands::findings::{FindingFormat, finding_format};
use crate::readiness::ReadinessLevel;

/// Whether services, or a project's manifests, are production-ready
///
/// The 25 rules of docs/readiness.md, each of a level: bronze, silver, gold. A word with a slash or a dot in it, one that is a directory or a file,
/// and - (stdin) are manifests: YAML, and kustomize directories through `kubectl kustomize`; other words are services, looked at in all
/// clusters at once. Of what a cluster did not say nothing passes: it is unknown. Each failure names the path, what stands there and the line to
/// paste. An annotation exempts: callboard.dev/exempt: "CB07=batch job, no traffic; until=2027-01-31".
/// Exit code 3: a rule up to --level fails. 4: none does, but something is unknown.
#[derive(Args, Debug)]
#[command(mut_arg("services", |arg| arg.help("Names or entity refs; or directories, files and - for manifests")))]
#[command(before_help = "callboard check checkout --level silver
callboard check --owner team-shop --by level
callboard check .
callboard check ./deploy/overlays/prod -o sarif
helm template . | callboard check -")]
pub struct CheckArgs {
    #[command(flatten)]
    pub which: WhichArgs,

    /// Ask for this level: rules above it are told and fail nothing
    #[arg(long, value_name = "LEVEL", value_enum, default_value = "gold", hide_default_value = true)]
    pub level: WantedLevel,

    /// One line for each owner, golden path or level
    #[arg(long, value_name = "WHAT", value_enum)]
    pub by: Option<CheckFold>,

    /// table, wide (what passes too), json, yaml, name, markdown, html, sarif, github or junit
    #[arg(short, long, value_name = "FORMAT", default_value = "table", hide_default_value = true, value_parser = check_format, help_heading = "Output")]
    pub output: CheckFormat,
}

/// How what was found is written.
#[derive(Clone, Copy, Debug)]
pub enum CheckFormat {
    As(FindingFormat),
    Junit,
}

fn check_format(text: &str) -> Result<CheckFormat, String> {
    match text {
        "junit" => Ok(CheckFormat::Junit),
        other => finding_format(other).map(CheckFormat::As).map_err(|error| format!("{error}, junit")),
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum WantedLevel {
    Bronze,
    Silver,
    Gold,
}

/// What services are counted by.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum CheckFold {
    Owner,
    Template,
    Level,
}

impl WantedLevel {
    pub fn level(self) -> ReadinessLevel {
        match self {
            WantedLevel::Bronze => ReadinessLevel::Bronze,
            WantedLevel::Silver => ReadinessLevel::Silver,
            WantedLevel::Gold => ReadinessLevel::Gold,
        }
    }
}
