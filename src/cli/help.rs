//! What `--help` shows: examples before flags, commands by groups at the end, where they stay on the screen.

use clap::builder::StyledStr;
use clap::{Arg, ArgAction, Command};

/// The groups of the root's commands, in the order of docs/cli.md.
const GROUPS: &[(&str, &[&str])] = &[
    (
        "Look",
        &[
            "status", "show", "diagnose", "logs", "events", "changes", "top", "compare", "get", "wait",
            "services", "owner", "clusters", "context", "kubectl",
        ],
    ),
    ("Catalog", &["init", "catalog"]),
    ("Golden paths", &["new", "drift", "update", "adopt", "check", "template"]),
    ("Around", &["completions", "config", "schema", "plugin", "demo", "options"]),
];

/// Room for a command's name in a list.
const NAME: usize = 11;

/// The root with its pages as people see them. clap's own layout repeats the flags of every command on each page, and has
/// no groups.
pub fn dressed(root: Command, program: &str) -> Command {
    let help = Arg::new("help").short('h').long("help").action(ArgAction::HelpShort).help("Print help");
    let root = root
        .disable_help_flag(true)
        .arg(help.global(true).hide(true))
        .mut_args(|argument| if argument.is_global_set() { argument.hide(true) } else { argument })
        .mut_subcommands(|below| page(below, program));
    // What is looked for first comes last: a screen shows the end of a page.
    let groups: Vec<String> = GROUPS.iter().rev().map(|(title, names)| group(&root, title, names)).collect();
    let after = words(root.get_after_help());
    root.help_template("{about}\n\n{usage-heading} {usage}{after-help}")
        .after_help(format!("{after}\n\n{}", groups.join("\n")).replace("callboard ", &format!("{program} ")))
}

/// The page of a command below the root, and those of the commands below that.
fn page(command: Command, program: &str) -> Command {
    let examples = words(command.get_before_help());
    let about = words(command.get_long_about().or(command.get_about()));
    let listed: Vec<&Command> = command.get_subcommands().filter(|below| !below.is_hide_set()).collect();
    let commands = match listed.is_empty() {
        true => String::new(),
        false => format!("{}\n\n", list("Commands", &listed)),
    };
    let examples = match examples.is_empty() {
        true => String::new(),
        false => {
            format!("Examples:\n{}\n", indented(&examples)).replace("callboard ", &format!("{program} "))
        }
    };
    let also = match commands.is_empty() {
        true => format!("  (also: {program} options)\n\n{{all-args}}"),
        false => format!("\n\n{commands}"),
    };
    command
        .help_template(format!("{{about}}\n\n{{before-help}}{{usage-heading}} {{usage}}{also}{{after-help}}"))
        .before_help(examples)
        .about(about)
        .long_about(None)
        .mut_subcommands(|below| page(below, program))
}

fn group(root: &Command, title: &str, names: &[&str]) -> String {
    let commands: Vec<&Command> = names.iter().filter_map(|name| root.find_subcommand(name)).collect();
    list(title, &commands)
}

/// Commands with their names and the first line of what they are for.
fn list(title: &str, commands: &[&Command]) -> String {
    let width = commands.iter().map(|command| command.get_name().len()).max().unwrap_or_default().max(NAME);
    let lines = commands.iter().map(|command| {
        let about = words(command.get_about());
        let about = about.lines().next().unwrap_or_default();
        let aliases: Vec<String> =
            command.get_visible_aliases().map(|alias| format!(" (or: {alias})")).collect();
        format!("\n  {:<width$}  {about}{}", command.get_name(), aliases.concat())
    });
    format!("{title}:{}", lines.collect::<String>())
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("  {line}\n")).collect()
}

fn words(styled: Option<&StyledStr>) -> String {
    styled.map(ToString::to_string).unwrap_or_default().trim().to_string()
}

#[cfg(test)]
mod tests {
    use clap::{Command, CommandFactory};

    use super::{GROUPS, dressed, words};
    use crate::cli::Cli;

    /// All that is shown, with the words that lead there.
    fn each(command: &Command, above: &str, see: &mut impl FnMut(&Command, &str)) {
        for below in command.get_subcommands().filter(|below| !below.is_hide_set()) {
            let name = format!("{above} {}", below.get_name()).trim().to_string();
            see(below, &name);
            each(below, &name, see);
        }
    }

    #[test]
    fn every_command_is_in_one_group_and_said_in_one_line() {
        let root = Cli::command();
        let shown = root.get_subcommands().filter(|command| !command.is_hide_set()).map(Command::get_name);
        let mut shown: Vec<&str> = shown.collect();
        let mut grouped: Vec<&str> = GROUPS.iter().flat_map(|(_, names)| names.iter().copied()).collect();
        shown.sort_unstable();
        grouped.sort_unstable();
        assert_eq!(shown, grouped);
        each(&root, "", &mut |command, name| {
            let about = words(command.get_about());
            assert!(
                about.lines().count() == 1 && about.len() <= 65,
                "{name}: {about:?} does not fit a line of 80"
            );
        });
    }

    /// They are typed as they stand there.
    #[test]
    fn every_command_has_examples_that_are_understood() {
        let root = dressed(Cli::command(), "callboard");
        each(&Cli::command(), "", &mut |command, name| {
            let examples = words(command.get_before_help());
            assert!(!examples.is_empty() || name == "options", "{name} has no example");
            for line in examples.lines() {
                let line = line.split(" #").next().unwrap_or_default();
                let from = line.find("callboard ").expect("an example calls the program");
                let line = line[from..].split([')', '|', '>']).next().unwrap_or_default();
                let typed = line.split_whitespace().map(|word| word.trim_matches('\''));
                let understood = root.clone().try_get_matches_from(typed);
                assert!(
                    understood.is_ok(),
                    "{line}: {}",
                    understood.err().map(|e| e.to_string()).unwrap_or_default()
                );
            }
        });
    }
}
