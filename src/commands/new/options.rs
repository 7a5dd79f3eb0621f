//! What `new` is asked for.

use std::path::PathBuf;

use clap::Args;

use crate::args::PlacesArgs;
use crate::render::Format;

/// Start a project from a golden path
///
/// On a terminal one question for each parameter that is not answered yet; elsewhere nothing is asked, and what is missing is
/// listed with a file to fill in (exit code 2). The project is rendered in memory and written whole or not at all; then it is added to
/// the catalog, and the next steps are printed. Nothing of the template is ever run.
#[derive(Args, Clone, Debug)]
#[command(before_help = "callboard new http-service orders
callboard new http-service orders --set owner=team-orders --dry-run
callboard new --again
callboard new git+https://git.example.com/guild/paths//worker@v3 jobs")]
pub struct NewArgs {
    /// A golden path of `callboard template list`, a directory, a file, or git+URL//sub@ref; on a terminal it may be chosen
    pub template: Option<String>,

    /// Where the project goes; its base name is the default of the parameter `name`
    pub dir: Option<PathBuf>,

    /// Answer a parameter, as in owner=team-orders or database.size=10 (repeatable); also $CALLBOARD_ANSWER_<NAME>
    #[arg(long, value_name = "KEY=VALUE")]
    pub set: Vec<String>,

    /// A YAML file of answers; - is stdin
    #[arg(long, value_name = "FILE")]
    pub answers: Option<PathBuf>,

    /// Go on with the answers that were given last: to this template, or without one those of the last run
    #[arg(long)]
    pub again: bool,

    /// Take the answers that another project was made from, but for its name and repository
    #[arg(long, value_name = "DIR")]
    pub like: Option<PathBuf>,

    /// Show the files and their content, and write nothing
    #[arg(long)]
    pub dry_run: bool,

    /// Leave out a step (repeatable)
    #[arg(long, value_name = "STEP")]
    pub skip: Vec<String>,

    /// Go on as if a step had run and had this output (repeatable)
    #[arg(long, value_name = "STEP.OUTPUT=VALUE")]
    pub stub: Vec<String>,

    /// Refuse where a step needs a Backstage server, instead of leaving it out
    #[arg(long)]
    pub strict: bool,

    /// What happens anyway; taken from older scripts
    #[arg(long, hide = true)]
    pub skip_unsupported: bool,

    /// Let names that nothing defines be empty, as Backstage does
    #[arg(long)]
    pub lenient: bool,

    /// Let the template fetch from this host (repeatable)
    #[arg(long, value_name = "HOST")]
    pub allow_fetch: Vec<String>,

    /// A clone of the repository that a pull request of the template goes to: the files become a branch there
    #[arg(long, value_name = "CLONE")]
    pub into: Option<PathBuf>,

    /// Do not add the project to the catalog
    #[arg(long)]
    pub no_register: bool,

    /// How what was done is told: table, wide, json, yaml, name, markdown or html
    #[arg(short, long, value_name = "FORMAT", default_value = "table", hide_default_value = true)]
    pub output: Format,

    #[command(flatten)]
    pub places: PlacesArgs,
}
