//! The command line's root: parses argv, builds what a command may use, dispatches.

mod help;
mod usage_error;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{CommandFactory, FromArgMatches, Parser};

use crate::app::{App, Options, clean_up};
use crate::args::{ColorWhen, GlobalArgs};
use crate::cli::usage_error::usage_error;
use crate::commands::{self, Command, PluginCall};
use crate::env::Env;
use crate::outcome::{Advised, ERROR, Outcome, USAGE};
use crate::ui::{Screen, Ui, Verbosity};

/// Your services in every cluster: who owns them, where they run, whether they are healthy, and why not.
#[derive(Debug, Parser)]
#[command(
    name = "callboard",
    version = version(),
    disable_help_subcommand = false,
    max_term_width = 110,
    propagate_version = false,
    args_override_self = true
)]
#[command(
    after_help = "Exit codes: 0 fine, 1 error, 2 usage, 3 findings, 4 incomplete, 130 interrupted.\nOne command: callboard help COMMAND. Flags of all: callboard options.\nTry it without a cluster: callboard --demo status"
)]
struct Cli {
    #[command(subcommand)]
    command: Command,

    #[command(flatten)]
    global: GlobalArgs,
}

/// `0.1.0 (1a2b3c4d5e6f, x86_64-unknown-linux-gnu)`; a build for development knows no commit.
fn version() -> String {
    let commit = match env!("CALLBOARD_COMMIT") {
        "" => "development",
        commit => commit,
    };
    format!("{} ({commit}, {})", env!("CARGO_PKG_VERSION"), env!("CALLBOARD_TARGET"))
}

/// The whole run, from argv to the exit code.
pub fn run() -> ExitCode {
    let env = match Env::read() {
        Ok(env) => env,
        Err(error) => {
            Ui::new(Screen::default(), Verbosity::Normal).error(&error);
            return ExitCode::from(ERROR);
        }
    };
    if let Some(code) = crate::process::keep(&env.arguments) {
        return ExitCode::from(u8::try_from(code).unwrap_or(ERROR));
    }
    let root = help::dressed(Cli::command(), env.program()).bin_name(env.program());
    if let Some(answer) = commands::answer(&env, &root) {
        return completed(answer);
    }
    if env.arguments.len() == 1 && env.terminal.stdout {
        let ui = Ui::new(screen(&env, ColorWhen::Auto), Verbosity::Normal);
        return print_text(&ui, &first_steps(env.program()));
    }
    let (call, global, given) = match understood(&root, &env) {
        Ok(understood) => understood,
        Err(error) => return misunderstood(&error, &root, &env),
    };
    let verbosity = match (global.quiet, global.verbose) {
        (true, _) => Verbosity::Quiet,
        (_, true) => Verbosity::Verbose,
        _ => Verbosity::Normal,
    };
    let ui = Ui::new(screen(&env, global.color), verbosity);
    let exit_zero = global.exit_zero;
    let app = App::new(env, ui.clone(), Options { given, ..global.options() });
    let result = match call {
        CommandLine::Command(command) => commands::run(*command, &app, root),
        CommandLine::Plugin(plugin) => commands::call(plugin, &app),
    };
    app.close();
    if let Some(code) = crate::ui::signalled() {
        return ended_early(code, &result, &ui);
    }
    match result {
        Ok(outcome) if exit_zero => outcome.exit_zero().into(),
        Ok(outcome) => outcome.into(),
        Err(error) if is_closed_pipe(&error) => Outcome::Fine.into(),
        Err(error) => {
            ui.error(&error);
            match (
                is_advised(&error, |advised| advised.usage),
                is_advised(&error, |advised| advised.incomplete),
            ) {
                (true, _) => ExitCode::from(USAGE),
                (_, true) if exit_zero => Outcome::Fine.into(),
                (_, true) => Outcome::Incomplete.into(),
                (false, false) => ExitCode::from(ERROR),
            }
        }
    }
}

/// What a command line asks for.
enum CommandLine {
    Command(Box<Command>),
    Plugin(PluginCall),
}

/// `help COMMAND` is `COMMAND --help`, so that there is one page and not clap's longer one beside it. A word that is no command
/// may be a plugin's name.
fn understood(
    root: &clap::Command,
    env: &Env,
) -> Result<(CommandLine, GlobalArgs, Vec<String>), clap::Error> {
    let mut words = env.arguments.clone();
    if words.get(1).is_some_and(|word| word == "help") {
        words.remove(1);
        words.push("--help".into());
    }
    let error = match root.clone().try_get_matches_from(&words) {
        Ok(matches) => {
            let cli = Cli::from_arg_matches(&matches)?;
            return Ok((CommandLine::Command(Box::new(cli.command)), cli.global, given(root, &matches)));
        }
        Err(error) => error,
    };
    if error.kind() != ErrorKind::InvalidSubcommand {
        return Err(error);
    }
    let matches = root.clone().allow_external_subcommands(true).try_get_matches_from(&words);
    let plugin = matches.ok().and_then(|matches| Some((plugin(&matches)?, matches)));
    match plugin {
        Some((plugin, matches)) => {
            let global = GlobalArgs::from_arg_matches(&matches)?;
            Ok((CommandLine::Plugin(plugin), global, given(root, &matches)))
        }
        None => Err(error),
    }
}

/// The flags of every command that were typed.
fn given(root: &clap::Command, matches: &clap::ArgMatches) -> Vec<String> {
    let is_typed = |id: &str| matches.value_source(id) == Some(ValueSource::CommandLine);
    let flags = root
        .get_arguments()
        .filter(|argument| argument.is_global_set() && is_typed(argument.get_id().as_str()));
    flags.filter_map(|argument| argument.get_long()).map(|long| format!("--{long}")).collect()
}

/// The plugin that the first word names, with all that stands behind it.
fn plugin(matches: &clap::ArgMatches) -> Option<PluginCall> {
    let (name, behind) = matches.subcommand()?;
    let words = behind.try_get_many::<OsString>("").ok()?.into_iter().flatten();
    PluginCall::of(name, words.cloned().collect())
}

/// The exit code is the signal's, whatever the run made of it. A command that does not know that it was cut short has told
/// its answer as if it were whole.
fn ended_early(code: u8, result: &anyhow::Result<Outcome>, ui: &Ui) -> ExitCode {
    clean_up();
    match result {
        Ok(Outcome::Interrupted) => {}
        Ok(_) => ui.warn("asked to end: what was not known by then is not in the answer"),
        Err(error) if is_closed_pipe(error) => {}
        Err(error) => ui.error(error),
    }
    ExitCode::from(code)
}

/// Help and version are answers, on stdout and fine; anything else is a usage error, on stderr.
fn misunderstood(error: &clap::Error, root: &clap::Command, env: &Env) -> ExitCode {
    let ui = Ui::new(screen(env, ColorWhen::Auto), Verbosity::Normal);
    if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        let _ = error.print();
        return ExitCode::from(USAGE);
    }
    if error.use_stderr() {
        ui.error(&usage_error(error, root, env));
        return ExitCode::from(USAGE);
    }
    print_text(&ui, &error.render().ansi().to_string())
}

/// What a person who types nothing but the program's name can do: a pipe gets the usage error instead.
fn first_steps(program: &str) -> String {
    let steps = [
        ("status", "how every service is, worst first"),
        ("why SERVICE", "why it is broken, and what to type next"),
        ("logs SERVICE -f", "the lines of all its pods everywhere, by time"),
        ("compare SERVICE", "what differs between the clusters that it runs in"),
        ("new", "start a service from a golden path"),
    ];
    let mut text =
        "Your services in every cluster of your kubeconfig. Clusters are only read.\n\n".to_string();
    for (command, what) in steps {
        text.push_str(&format!("  {program} {command:<16} {what}\n"));
    }
    text.push_str(&format!(
        "\nWithout a catalog services are guessed from labels.\nNo cluster at hand: {program} --demo status\nEverything else:    {program} help\n"
    ));
    text
}

/// What a shell asked for while a command line is typed, on stdout.
fn completed(answer: anyhow::Result<String>) -> ExitCode {
    let ui = Ui::new(Screen::default(), Verbosity::Normal);
    match answer {
        Ok(text) => print_text(&ui, &text),
        Err(error) => {
            ui.error(&error);
            ExitCode::from(USAGE)
        }
    }
}

/// Prints what is text already, on stdout; gives back the exit code.
fn print_text(ui: &Ui, text: &str) -> ExitCode {
    match ui.write(text) {
        Err(error) if !is_closed_pipe(&error) => {
            ui.error(&error);
            ExitCode::from(ERROR)
        }
        _ => Outcome::Fine.into(),
    }
}

fn screen(env: &Env, color: ColorWhen) -> Screen {
    let terminal = env.terminal;
    Screen {
        width: terminal.stdout.then(|| terminal.width.unwrap_or(80)),
        height: terminal.height,
        color_on_stdout: colored(env, color, terminal.stdout),
        color_on_stderr: colored(env, color, terminal.stderr),
        stderr_is_terminal: terminal.stderr && env.variable("TERM") != Some("dumb"),
    }
}

fn colored(env: &Env, when: ColorWhen, terminal: bool) -> bool {
    match when {
        ColorWhen::Always => true,
        ColorWhen::Never => false,
        ColorWhen::Auto if env.has("NO_COLOR") => false,
        ColorWhen::Auto if env.variable("CLICOLOR_FORCE").is_some_and(|value| value != "0") => true,
        ColorWhen::Auto => terminal && env.variable("TERM") != Some("dumb"),
    }
}

fn is_closed_pipe(error: &anyhow::Error) -> bool {
    let io = error.chain().find_map(|cause| cause.downcast_ref::<std::io::Error>());
    io.is_some_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe)
}

fn is_advised(error: &anyhow::Error, how: fn(&Advised) -> bool) -> bool {
    error.chain().any(|cause| cause.downcast_ref::<Advised>().is_some_and(how))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use clap::CommandFactory;

    use super::{Cli, colored};
    use crate::args::ColorWhen;
    use crate::env::Env;

    #[track_caller]
    fn check(variables: &[(&str, &str)], when: ColorWhen, terminal: bool, expect: bool) {
        let variables: BTreeMap<String, String> =
            variables.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect();
        assert_eq!(colored(&Env::default().with_variables(variables), when, terminal), expect);
    }

    #[test]
    fn colour_follows_the_terminal_the_variables_and_the_flag() {
        check(&[], ColorWhen::Auto, true, true);
        check(&[], ColorWhen::Auto, false, false);
        check(&[("NO_COLOR", "")], ColorWhen::Auto, true, false);
        check(&[("NO_COLOR", "1")], ColorWhen::Always, false, true);
        check(&[("CLICOLOR_FORCE", "1")], ColorWhen::Auto, false, true);
        check(&[("CLICOLOR_FORCE", "0")], ColorWhen::Auto, false, false);
        check(&[("TERM", "dumb")], ColorWhen::Auto, true, false);
        check(&[], ColorWhen::Never, true, false);
    }

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
