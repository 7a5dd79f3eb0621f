//! `reference`: every command and flag on one markdown page, told by clap itself; docs/cli.md is what it prints.

use std::collections::BTreeSet;

use anyhow::Result;
use clap::{Arg, Args, Command};

use crate::app::App;
use crate::outcome::Outcome;

/// Print docs/cli.md
#[derive(Args, Debug)]
#[command(hide = true)]
pub struct ReferenceArgs {}

pub fn run(app: &App, root: Command) -> Result<Outcome> {
    app.ui.write(&page(root))?;
    Ok(Outcome::Fine)
}

const OPENING: &str = "# Commands and flags

<!-- Printed by `callboard reference`. `SNAPSHOTS=overwrite cargo test` writes it anew. -->
";

fn page(mut root: Command) -> String {
    root.build();
    let mut text = OPENING.to_string();
    paragraph(&mut text, &words(root.get_about()));
    paragraph(&mut text, words(root.get_after_help()).split("\n\n").next().unwrap_or_default());
    text += "\n## Flags of every command\n";
    let every: Vec<&Arg> = root
        .get_arguments()
        .filter(|argument| argument.is_global_set() && argument.get_id() != "help")
        .collect();
    table(&mut text, None, &every);
    for command in root.get_subcommands() {
        section(&mut text, command, root.get_name());
    }
    text
}

fn section(text: &mut String, command: &Command, above: &str) {
    if command.is_hide_set() || command.get_name() == "help" {
        return;
    }
    let name = format!("{above} {}", command.get_name());
    *text += &format!("\n## {name}\n");
    paragraph(text, &words(command.get_long_about().or(command.get_about())));
    examples(text, &words(command.get_before_help()));
    let aliases: Vec<String> = command.get_visible_aliases().map(|alias| format!("`{alias}`")).collect();
    if !aliases.is_empty() {
        paragraph(text, &format!("Also: {}.", aliases.join(", ")));
    }
    let own = |argument: &&Arg| !argument.is_global_set() && is_shown(argument);
    tables(text, command.get_arguments().filter(own));
    for below in command.get_subcommands() {
        section(text, below, &name);
    }
}

/// As the command's own page has them, in a block.
fn examples(text: &mut String, told: &str) {
    let lines: Vec<&str> = told.lines().skip(1).map(str::trim).filter(|line| !line.is_empty()).collect();
    if !lines.is_empty() {
        *text += &format!("\n```sh\n{}\n```\n", lines.join("\n"));
    }
}

/// What clap adds to every command goes without saying.
fn is_shown(argument: &Arg) -> bool {
    !argument.is_hide_set() && argument.get_id() != "help"
}

/// A table for each heading that clap shows the arguments under.
fn tables<'a>(text: &mut String, arguments: impl Iterator<Item = &'a Arg>) {
    let arguments: Vec<&Arg> = arguments.collect();
    let mut seen = BTreeSet::new();
    for heading in arguments.iter().map(|argument| argument.get_help_heading()) {
        if seen.insert(heading) {
            let below = arguments.iter().filter(|argument| argument.get_help_heading() == heading);
            table(text, heading, &below.copied().collect::<Vec<_>>());
        }
    }
}

fn table(text: &mut String, heading: Option<&str>, arguments: &[&Arg]) {
    if let Some(heading) = heading {
        *text += &format!("\n{heading}:\n");
    }
    *text += "\n| flag | what it does |\n|---|---|\n";
    for argument in arguments {
        *text += &format!("| `{}` | {} |\n", spelled(argument).replace('|', "\\|"), meaning(argument));
    }
}

/// As in `-o, --output <FORMAT>`.
fn spelled(argument: &Arg) -> String {
    let values: Vec<String> =
        argument.get_value_names().unwrap_or_default().iter().map(ToString::to_string).collect();
    if argument.is_positional() {
        return values.join(" ");
    }
    let short = argument.get_short().map(|short| format!("-{short}"));
    let long = argument.get_long().map(|long| format!("--{long}"));
    let names: Vec<String> = short.into_iter().chain(long).collect();
    if !argument.get_action().takes_values() {
        return names.join(", ");
    }
    let may_be_left_out = argument.get_num_args().is_some_and(|count| count.min_values() == 0);
    let value = match may_be_left_out {
        true => format!("[=<{}>]", values.join(" ")),
        false => format!(" <{}>", values.join(" ")),
    };
    names.join(", ") + &value
}

fn meaning(argument: &Arg) -> String {
    let mut text = words(argument.get_help()).replace('|', "\\|").replace('<', "\\<");
    let possible: Vec<String> = argument
        .get_possible_values()
        .iter()
        .filter(|value| !value.is_hide_set() && argument.get_action().takes_values())
        .map(|value| format!("`{}`", value.get_name()))
        .collect();
    if !possible.is_empty() {
        text += &format!(": {}", possible.join(", "));
    }
    let aliases: Vec<String> = argument
        .get_visible_aliases()
        .unwrap_or_default()
        .iter()
        .map(|alias| format!("`--{alias}`"))
        .collect();
    if !aliases.is_empty() {
        text += &format!("; also {}", aliases.join(", "));
    }
    let defaults: Vec<String> =
        argument.get_default_values().iter().map(|value| format!("`{}`", value.to_string_lossy())).collect();
    if !defaults.is_empty() && argument.get_action().takes_values() {
        text += &format!("; default {}", defaults.join(", "));
    }
    text
}

fn paragraph(text: &mut String, words: &str) {
    if !words.is_empty() {
        *text += &format!("\n{words}\n");
    }
}

fn words(styled: Option<&clap::builder::StyledStr>) -> String {
    styled.map(ToString::to_string).unwrap_or_default().trim().to_string()
}
