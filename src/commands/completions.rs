//! `completions`: the shell's completion script, on stdout.

use anyhow::Result;
use clap::Args;
use clap_complete::Shell;

use crate::app::App;
use crate::outcome::Outcome;

/// Print a completion script for a shell
///
/// bash: source <(callboard completions bash). zsh: callboard completions zsh > "${fpath[1]}/_callboard".
/// fish: callboard completions fish | source. PowerShell: callboard completions powershell | Out-String | Invoke-Expression.
#[derive(Args, Debug)]
pub struct CompletionsArgs {
    /// Which shell
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

pub fn run(args: &CompletionsArgs, app: &App, root: clap::Command) -> Result<Outcome> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut shown(&root), "callboard", &mut script);
    app.ui.write(&String::from_utf8_lossy(&script))?;
    Ok(Outcome::Fine)
}

/// The command line without what is hidden, which the generators would complete all the same.
fn shown(root: &clap::Command) -> clap::Command {
    let visible = root.get_subcommands().filter(|command| !command.is_hide_set()).cloned();
    let version = root.get_version().unwrap_or_default().to_string();
    clap::Command::new("callboard").version(version).args(root.get_arguments().cloned()).subcommands(visible)
}
