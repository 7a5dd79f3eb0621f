//! `options`: the flags that go with every command, on a page of their own, as kubectl has it.

use anyhow::Result;
use clap::{Args, Command};

use crate::app::App;
use crate::outcome::Outcome;

/// The flags that go with every command
#[derive(Args, Debug)]
pub struct OptionsArgs {}

pub fn run(app: &App, root: &Command) -> Result<Outcome> {
    let flags =
        root.get_arguments().filter(|argument| argument.is_global_set() && argument.get_id() != "help");
    let mut page = Command::new("options")
        .disable_help_flag(true)
        .max_term_width(110)
        .help_template("These flags go with every command.\n\n{options}\n")
        .args(flags.map(|flag| flag.clone().help_heading(None::<&'static str>).hide(false)));
    app.ui.write(&page.render_help().ansi().to_string())?;
    Ok(Outcome::Fine)
}
