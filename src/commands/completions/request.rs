//! A shell asks what the word under the cursor may become.

use std::ffi::OsString;

use anyhow::Result;
use clap::{Arg, Command, FromArgMatches};
use clap_complete::engine::{CompletionCandidate, SubcommandCandidates, complete};

use crate::app::Options;
use crate::args::GlobalArgs;
use crate::commands::completions::bash::Bash;
use crate::commands::completions::candidates::{CandidateSource, with_candidates};
use crate::commands::completions::{VARIABLE, completer, file_name};
use crate::commands::plugin;
use crate::env::Env;

/// The name under which kubectl looks for what completes a plugin.
const OF_KUBECTL: &str = "kubectl_complete-callboard";

/// Cobra's word for "no file names", on the last line.
const NO_FILES: &str = ":4";

/// What a shell, or kubectl, wants to be told where one asks; `None` for any other run.
pub fn answer(env: &Env, root: &Command) -> Option<Result<String>> {
    if env.called() == Some(OF_KUBECTL) {
        return Some(for_kubectl(env, root));
    }
    let shell = env.variable(VARIABLE)?;
    Some(for_shell(shell, env, root))
}

/// The arguments are the words behind the plugin's name.
fn for_kubectl(env: &Env, root: &Command) -> Result<String> {
    let words: Vec<OsString> =
        std::iter::once("callboard".into()).chain(env.arguments.iter().skip(1).cloned()).collect();
    let current = words.len().saturating_sub(1).max(1);
    let mut command = prepared(root, &words, current, env);
    let found = complete(&mut command, words, current, Some(&env.directory)).unwrap_or_default();
    let mut text = String::new();
    for candidate in found {
        text += &candidate.get_value().to_string_lossy();
        if let Some(help) = candidate.get_help() {
            text += &format!("\t{}", help.to_string().lines().next().unwrap_or_default());
        }
        text.push('\n');
    }
    Ok(text + NO_FILES + "\n")
}

fn for_shell(shell: &str, env: &Env, root: &Command) -> Result<String> {
    let completer = completer(shell, env)
        .ok_or_else(|| anyhow::anyhow!("{VARIABLE} is {shell:?}: bash, elvish, fish, powershell or zsh"))?;
    let mut text = Vec::new();
    let behind = env.arguments.iter().position(|word| word == "--");
    let Some(behind) = behind else {
        completer.write_registration(VARIABLE, file_name(env), file_name(env), file_name(env), &mut text)?;
        return Ok(String::from_utf8_lossy(&text).into_owned());
    };
    let words: Vec<OsString> = match completer.name() {
        "bash" => Bash::new(env).words(),
        _ => env.arguments[behind + 1..].to_vec(),
    };
    // zsh and elvish name the word, which may not be there yet; the others end with it.
    let named = env.variable("_CLAP_COMPLETE_INDEX").and_then(|index| index.parse().ok());
    let current = named.unwrap_or(words.len().saturating_sub(1));
    let mut command = prepared(root, &words, current, env);
    match completer.write_complete(&mut command, words, Some(&env.directory), &mut text) {
        Ok(()) => Ok(String::from_utf8_lossy(&text).into_owned()),
        // Nothing fits.
        Err(_) => Ok(String::new()),
    }
}

/// The command line with what its values may be. Flags are offered once one is begun, or where nothing else can stand.
fn prepared(root: &Command, words: &[OsString], current: usize, env: &Env) -> Command {
    let begun = words.get(current).is_some_and(|word| !word.is_empty());
    let source = options(root, &words[..current.min(words.len())])
        .map(|options| CandidateSource { env: env.clone(), options });
    let change = |argument: Arg| {
        let is_flag = !argument.is_positional();
        let argument = match &source {
            Some(source) => with_candidates(argument, source),
            None => argument,
        };
        argument.hide(is_flag && !begun)
    };
    let plugins = || plugin::names().into_iter().map(CompletionCandidate::new).collect();
    every(root.clone(), &change).allow_external_subcommands(true).add(SubcommandCandidates::new(plugins))
}

fn every(command: Command, change: &impl Fn(Arg) -> Arg) -> Command {
    command.mut_args(change).mut_subcommands(|below| every(below, change))
}

/// What the flags say that were typed so far, whatever else is wrong with the line.
fn options(root: &Command, words: &[OsString]) -> Option<Options> {
    let parsed = |words: &[OsString]| {
        let matches = root.clone().ignore_errors(true).try_get_matches_from(words).ok()?;
        GlobalArgs::from_arg_matches(&matches).ok()
    };
    let global = parsed(words).or_else(|| parsed(&["callboard".into()]));
    global.map(|global| global.options())
}
