//! What `update` is asked for.

use std::path::PathBuf;

use clap::Args;

use crate::app::App;
use crate::args::{OutputArgs, PlacesArgs};

/// Bring projects up to the newest version of their golden path
///
/// Renders the recorded version and the new one, and brings the way between them together with what the project changed since: in a git
/// repository by git's own merge, staged and not committed, or where both changed the same lines as a cherry-pick with real conflicts, which
/// `git cherry-pick --abort` takes back; elsewhere file by file, and a file that both changed in the same lines stays as it is. Nothing is
/// written before all of it is known, and nothing where a file to be changed has changes that are not committed. Exit code 3 where there are
/// conflicts.
#[derive(Args, Debug)]
#[command(before_help = "callboard update --dry-run
callboard update orders
callboard update orders --set port=9000
callboard update orders --only 'deploy/**'
callboard update orders --restore .github/workflows/ci.yaml
callboard update --all --under ~/src --dry-run")]
pub struct UpdateArgs {
    /// The project; default: the current directory
    pub dir: Option<PathBuf>,

    /// The version to go to: newest, or one such as 1.5.0; default: newest, with --set and --restore the one the project has
    #[arg(long, value_name = "VERSION")]
    pub to: Option<String>,

    /// Answer a parameter otherwise than when the project was made, or one that is new (repeatable)
    #[arg(long, value_name = "KEY=VALUE", conflicts_with_all = ["only", "restore", "all"])]
    pub set: Vec<String>,

    /// Only these files, as globs; the project stays at its version until all have come (repeatable)
    #[arg(long, value_name = "GLOB")]
    pub only: Vec<String>,

    /// Write a file as the golden path has it, whatever became of it (repeatable)
    #[arg(long, value_name = "PATH", conflicts_with_all = ["only", "all"])]
    pub restore: Vec<String>,

    /// Show what would be done, as a diff, and write nothing
    #[arg(long)]
    pub dry_run: bool,

    /// Do not ask before anything is written
    #[arg(short, long)]
    pub yes: bool,

    /// Every project below --under, in one table; those with conflicts are left as they are
    #[arg(long, conflicts_with = "dir")]
    pub all: bool,

    /// Where --all looks; default: the current directory
    #[arg(long, value_name = "DIR", requires = "all")]
    pub under: Option<PathBuf>,

    /// Let the template fetch from this host (repeatable)
    #[arg(long, value_name = "HOST")]
    pub allow_fetch: Vec<String>,

    #[command(flatten)]
    pub places: PlacesArgs,

    #[command(flatten)]
    pub output: OutputArgs,
}

impl UpdateArgs {
    /// Whether a person may be asked what a new version asks, and whether it is to be written.
    pub fn can_ask(&self, app: &App) -> bool {
        !self.yes && !self.all && app.env.terminal.stdin && app.env.terminal.stderr
    }
}
