//! A command line that was not understood, in the words of every other error: what is wrong, and what to type.

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, Command};

use crate::commands::plugin_names;
use crate::env::Env;
use crate::outcome::misused;
use crate::text::closest;

/// kubectl's words that callboard has no command for, and what stands in their place.
const COMMANDS: &[(&[&str], &str)] = &[
    (&["version"], "`callboard --version`"),
    (
        &["pods", "pod", "po", "deployments", "deploy", "nodes", "svc", "secrets"],
        "`callboard get KIND` is kubectl's get for every cluster, as in `callboard get pods -A`",
    ),
    (
        &["describe", "explain"],
        "`callboard why SERVICE` says what is wrong, `callboard kubectl SERVICE -- describe pods` runs kubectl where it lives",
    ),
    (
        &["config", "contexts", "ctx", "cluster-info", "get-contexts", "use-context", "current-context"],
        "`callboard clusters` shows the contexts, whether they answer and who you are there; `callboard context --use` switches",
    ),
    (&["ls", "list", "service"], "`callboard services` lists the services"),
    (&["log", "tail"], "`callboard logs SERVICE -f`"),
    (&["event"], "`callboard events SERVICE`"),
    (&["diff"], "`callboard compare SERVICE` shows what differs between clusters"),
    (
        &[
            "apply",
            "create",
            "delete",
            "edit",
            "patch",
            "scale",
            "rollout",
            "restart",
            "exec",
            "cp",
            "port-forward",
            "drain",
            "cordon",
        ],
        "callboard only reads clusters: `callboard kubectl SERVICE -- ARGS` runs kubectl where a service lives",
    ),
];

/// The same for flags.
const FLAGS: &[(&[&str], &str)] = &[
    (&["-A", "--all-namespaces"], "all namespaces are looked at, unless the catalog names some"),
    (&["--sort-by"], "the worst stands first; `-o json` is for any other order"),
    (
        &["-w", "--watch"],
        "`status -w`, `get -w`, `events -w` and `logs -f` go on until Ctrl-C; other answers are given once",
    ),
    (&["--all-contexts"], "every context is asked, unless --context chooses"),
    (&["--cluster"], "--context chooses clusters"),
    (
        &["--server", "--token", "--user", "--as"],
        "credentials are the kubeconfig's; --context chooses among its contexts",
    ),
];

/// The error, with what to type instead.
pub fn usage_error(error: &clap::Error, root: &Command, env: &Env) -> anyhow::Error {
    let text = error.to_string();
    let told = text.split("\n\n").next().unwrap_or_default();
    let told = told.strip_prefix("error: ").unwrap_or(told);
    let told = told.lines().map(str::trim).collect::<Vec<_>>().join(" ");
    let mut built = root.clone();
    built.build();
    let (command, path) = innermost(&built, env);
    misused(told, hint(error, command, &path).replace("`callboard", &format!("`{}", env.program())))
}

fn hint(error: &clap::Error, command: &Command, path: &str) -> String {
    let context = |kind: ContextKind| match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.clone()),
        Some(ContextValue::Strings(texts)) => texts.first().cloned(),
        _ => None,
    };
    let help = format!("`{path} --help` shows examples and flags");
    match error.kind() {
        ErrorKind::InvalidSubcommand => {
            of_command(&context(ContextKind::InvalidSubcommand).unwrap_or_default(), command, path)
        }
        ErrorKind::UnknownArgument => {
            let argument = context(ContextKind::InvalidArg).unwrap_or_default();
            of_flag(&argument, command, path).unwrap_or(help)
        }
        ErrorKind::InvalidValue => {
            let value = context(ContextKind::InvalidValue).unwrap_or_default();
            let valid = match error.get(ContextKind::ValidValue) {
                Some(ContextValue::Strings(values)) => values.iter().map(String::as_str).collect(),
                _ => Vec::new(),
            };
            closest(&value, valid).first().map_or(help, |near| format!("did you mean {near}?"))
        }
        _ => help,
    }
}

fn of_command(word: &str, command: &Command, path: &str) -> String {
    if let Some((_, instead)) = COMMANDS.iter().find(|(words, _)| words.contains(&word)) {
        return instead.to_string();
    }
    let shown = command.get_subcommands().filter(|below| !below.is_hide_set());
    let names: Vec<&str> = shown.flat_map(Command::get_name_and_visible_aliases).collect();
    let plugins = if path == "callboard" { plugin_names() } else { Vec::new() };
    match closest(word, names.iter().copied().chain(plugins.iter().map(String::as_str))).first() {
        Some(name) => format!("did you mean `{path} {name}`?"),
        None => format!("there are {}; `{path} --help` says what each is for", names.join(", ")),
    }
}

fn of_flag(typed: &str, command: &Command, path: &str) -> Option<String> {
    let typed = typed.split('=').next().unwrap_or_default();
    if let Some((_, instead)) = FLAGS.iter().find(|(words, _)| words.contains(&typed)) {
        return Some(instead.to_string());
    }
    let word = typed.strip_prefix("--")?;
    let longs = command
        .get_arguments()
        .flat_map(|argument: &Arg| argument.get_long_and_visible_aliases().unwrap_or_default());
    match closest(word, longs).first() {
        Some(long) => Some(format!("did you mean --{long}?")),
        None => Some(format!("`{path} --help` shows its flags, `callboard options` those of every command")),
    }
}

/// The command that the words lead to, and those words.
fn innermost<'a>(root: &'a Command, env: &Env) -> (&'a Command, String) {
    let (mut command, mut path) = (root, "callboard".to_string());
    let words = env.arguments.iter().skip(1).filter_map(|word| word.to_str());
    for word in words.filter(|word| *word != "help") {
        if let Some(below) = command.find_subcommand(word) {
            path = format!("{path} {}", below.get_name());
            command = below;
        }
    }
    (command, path)
}
