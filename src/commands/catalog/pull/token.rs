//! The token for a Backstage: from a variable, a file or a command, never from the command line, where others could read it.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};

use crate::app::App;
use crate::files;
use crate::outcome::advised;
use crate::process::{self, ProcessInput, ProcessTask};
use crate::text::safe;

/// Asked where no flag names anything.
const USUAL: &str = "BACKSTAGE_TOKEN";
/// A token is not larger.
const MOST_BYTES: usize = 64 << 10;
const LIMIT: Duration = Duration::from_secs(30);

/// Where the token comes from: at most one is named.
#[derive(Clone, Copy, Debug, Default)]
pub struct TokenPlaces<'a> {
    pub variable: Option<&'a str>,
    pub file: Option<&'a Path>,
    pub command: Option<&'a str>,
}

/// The token, without blanks around it; none where nothing is named and the usual variable is not set.
pub fn token(places: TokenPlaces, app: &App) -> Result<Option<String>> {
    let text = if let Some(name) = places.variable {
        let value = app.env.variable(name);
        Some(value.with_context(|| format!("the variable {name} of --token-env is not set"))?.to_string())
    } else if let Some(path) = places.file {
        Some(files::read_text_or_pipe(path, MOST_BYTES)?)
    } else if let Some(command) = places.command {
        Some(printed(command)?)
    } else {
        app.env.variable(USUAL).map(str::to_string)
    };
    let Some(text) = text else { return Ok(None) };
    let token = text.trim();
    let is_token = !token.is_empty() && token.chars().all(|c| c.is_ascii_graphic());
    anyhow::ensure!(is_token, "the token is empty, or holds what a token cannot: blanks or other signs");
    Ok(Some(token.to_string()))
}

/// What a command of the user's prints. Its stdout is never told.
fn printed(command: &str) -> Result<String> {
    let task = ProcessTask {
        program: "sh".to_string(),
        arguments: vec!["-c".into(), command.into()],
        input: ProcessInput::Nothing,
        limit: Some(LIMIT),
        most: MOST_BYTES,
        ..ProcessTask::default()
    };
    let done =
        process::run_blocking(task).map_err(|why| anyhow::anyhow!("the command of --token-command {why}"))?;
    if done.code != 0 {
        let said = String::from_utf8_lossy(&done.stderr);
        let last = said.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("nothing on stderr");
        let error = anyhow::anyhow!(
            "the command of --token-command ended with exit code {}: {}",
            done.code,
            safe(last.trim())
        );
        return Err(advised(error, "it must print the token, and nothing else, on stdout"));
    }
    String::from_utf8(done.stdout).ok().context("the command of --token-command printed what is no text")
}
