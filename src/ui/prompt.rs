//! Questions to a person at a terminal; each gives nothing where the person leaves it with Escape.

use anyhow::{Context, Result};
use dialoguer::theme::{ColorfulTheme, SimpleTheme, Theme};
use dialoguer::{Confirm, Input, MultiSelect, Password, Select};

use crate::text::safe;
use crate::ui::Ui;

/// Lines of a list that are shown at a time.
const LINES: usize = 12;
const LOST: &str = "the terminal could not be read";

impl Ui {
    fn theme(&self) -> Box<dyn Theme> {
        if self.screen.color_on_stderr { Box::new(ColorfulTheme::default()) } else { Box::new(SimpleTheme) }
    }

    /// A line of text that `check` takes; what it does not take is said and asked again.
    pub fn ask_text(
        &self,
        prompt: &str,
        default: Option<&str>,
        check: &dyn Fn(&str) -> Result<(), String>,
    ) -> Result<String> {
        let theme = self.theme();
        let mut input =
            Input::<String>::with_theme(theme.as_ref()).with_prompt(safe(prompt)).allow_empty(true);
        if let Some(default) = default {
            input = input.default(safe(default));
        }
        input.validate_with(|text: &String| check(text)).interact_text().context(LOST)
    }

    /// A line that is not shown while it is typed.
    pub fn ask_secret(&self, prompt: &str, check: &dyn Fn(&str) -> Result<(), String>) -> Result<String> {
        let theme = self.theme();
        let input = Password::with_theme(theme.as_ref()).with_prompt(safe(prompt)).allow_empty_password(true);
        input.validate_with(|text: &String| check(text)).interact().context(LOST)
    }

    pub fn ask_yes(&self, prompt: &str, default: bool) -> Result<Option<bool>> {
        let theme = self.theme();
        let input = Confirm::with_theme(theme.as_ref()).with_prompt(safe(prompt)).default(default);
        input.interact_opt().context(LOST)
    }

    /// The index of one of some items.
    pub fn ask_one(&self, prompt: &str, items: &[String], default: usize) -> Result<Option<usize>> {
        let (theme, items) = (self.theme(), safe_all(items));
        let input = Select::with_theme(theme.as_ref()).with_prompt(safe(prompt)).items(&items);
        input.default(default).max_length(LINES).interact_opt().context(LOST)
    }

    /// The indices of any of some items.
    pub fn ask_several(&self, prompt: &str, items: &[String], chosen: &[bool]) -> Result<Option<Vec<usize>>> {
        let (theme, items) = (self.theme(), safe_all(items));
        let prompt = format!("{} (space chooses, enter goes on)", safe(prompt));
        let input =
            MultiSelect::with_theme(theme.as_ref()).with_prompt(prompt).items(&items).defaults(chosen);
        input.max_length(LINES).interact_opt().context(LOST)
    }
}

fn safe_all(items: &[String]) -> Vec<String> {
    items.iter().map(|item| safe(item)).collect()
}
