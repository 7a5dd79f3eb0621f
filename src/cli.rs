//! The command line's root: parses argv, builds what a command may use, dispatches.

use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches, Parser};

use crate::app::App;
use crate::args::GlobalArgs;
use crate::commands::{self, Command};
use crate::env::Env;
use crate::outcome::{Advised, ERROR, Outcome, USAGE};
use crate::ui::{ColorWhen, Ui, Verbosity};

/// Your services in every cluster: who owns them, where they run, whether they are healthy, and why not.
#[derive(Debug, Parser)]
#[command(name = "callboard", version, disable_help_subcommand = false, max_term_width = 110, propagate_version = false)]
#[command(after_help = "Exit codes: 0 fine, 1 error, 2 usage, 3 findings, 4 incomplete, 130 interrupted.\nTry it without a cluster: callboard --demo status")]
struct Cli {
    #[command(subcommand)]
    command: Command,

    #[command(flatten)]
    global: GlobalArgs,
}

/// The whole run, from argv to the exit code.
pub fn run() -> ExitCode {
    let env = match Env::read() {
        Ok(env) => env,
        Err(error) => {
            Ui::new(&Env::default(), ColorWhen::Never, Verbosity::Normal).error(&error);
            return ExitCode::from(ERROR);
        }
    };
    let root = Cli::command().bin_name(env.program());
    let cli = match root.clone().try_get_matches_from(&env.arguments).and_then(|m| Cli::from_arg_matches(&m)) {
        Ok(cli) => cli,
        Err(error) => return misunderstood(&error),
    };
    let verbosity = match (cli.global.quiet, cli.global.verbose) {
        (true, _) => Verbosity::Quiet,
        (_, true) => Verbosity::Verbose,
        _ => Verbosity::Normal,
    };
    let ui = Ui::new(&env, cli.global.color, verbosity);
    let exit_zero = cli.global.exit_zero;
    let app = App::new(env, ui.clone(), cli.global);
    let result = commands::run(cli.command, &app, root);
    app.close();
    match result {
        Ok(outcome) if exit_zero => outcome.exit_zero().into(),
        Ok(outcome) => outcome.into(),
        Err(error) if is_closed_pipe(&error) => Outcome::Fine.into(),
        Err(error) => {
            ui.error(&error);
            ExitCode::from(if is_misuse(&error) { USAGE } else { ERROR })
        }
    }
}

/// Help and version are answers, on stdout and fine; anything else is a usage error, on stderr.
fn misunderstood(error: &clap::Error) -> ExitCode {
    let _ = error.print();
    ExitCode::from(if error.use_stderr() { USAGE } else { 0 })
}

fn is_closed_pipe(error: &anyhow::Error) -> bool {
    let io = error.chain().find_map(|cause| cause.downcast_ref::<std::io::Error>());
    io.is_some_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe)
}

fn is_misuse(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| cause.downcast_ref::<Advised>().is_some_and(|advised| advised.usage))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::Cli;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
