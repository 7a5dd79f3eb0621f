//! `completions`: what a shell is told so that it asks this program while a command line is typed.

mod bash;
mod candidates;
mod request;

use anyhow::{Context, Result};
use clap::Args;
use clap_complete::Shell;
use clap_complete::env::EnvCompleter;

use crate::app::App;
use crate::commands::completions::bash::Bash;
use crate::env::Env;
use crate::outcome::Outcome;

pub use crate::commands::completions::request::answer;

/// The variable by which a shell asks; its value is the shell's name.
const VARIABLE: &str = "CALLBOARD_COMPLETE";

/// What makes a shell complete commands, services, clusters, owners
///
/// What is completed comes from the catalog, the kubeconfig and the config file: no cluster is asked, no credential plugin runs.
/// Let the shell read it anew each time it starts, as the examples do: then it fits the installed version.
#[derive(Args, Debug)]
#[command(before_help = "source <(callboard completions bash)     # in ~/.bashrc
source <(callboard completions zsh)      # in ~/.zshrc, after compinit
callboard completions fish | source      # in ~/.config/fish/config.fish
callboard completions powershell | Out-String | Invoke-Expression    # in $PROFILE")]
pub struct CompletionsArgs {
    /// Which shell
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

pub fn run(args: &CompletionsArgs, app: &App) -> Result<Outcome> {
    let name = args.shell.to_string();
    let program = file_name(&app.env);
    let mut script = Vec::new();
    let shell =
        completer(&name, &app.env).with_context(|| format!("{name} cannot ask a program for completions"))?;
    shell.write_registration(VARIABLE, program, program, program, &mut script)?;
    app.ui.write(&String::from_utf8_lossy(&script))?;
    Ok(Outcome::Fine)
}

/// The name of the file that is completed: kubectl finds plugins by theirs.
fn file_name(env: &Env) -> &'static str {
    match env.program() {
        "callboard" => "callboard",
        _ => "kubectl-callboard",
    }
}

fn completer(shell: &str, env: &Env) -> Option<Box<dyn EnvCompleter>> {
    let own = Bash::new(env);
    if own.is(shell) {
        return Some(Box::new(own));
    }
    let builtin: [Box<dyn EnvCompleter>; 4] = [
        Box::new(clap_complete::env::Elvish),
        Box::new(clap_complete::env::Fish),
        Box::new(clap_complete::env::Powershell),
        Box::new(clap_complete::env::Zsh),
    ];
    builtin.into_iter().find(|one| one.is(shell))
}
