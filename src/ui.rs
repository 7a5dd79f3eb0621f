//! The door to the terminal: the answer on stdout, everything else on stderr.
#![expect(clippy::disallowed_methods, reason = "the door to the terminal")]

use std::io::{self, Write};
use std::time::Duration;

use anstream::{AutoStream, ColorChoice};
use anyhow::Result;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::env::Env;
use crate::outcome::Advised;
use crate::render::{self, Format, Paper};
use crate::report::{Cell, Line, Report, Tone};
use crate::text::{safe, safe_lines};

/// `--color`.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, clap::ValueEnum)]
pub enum ColorWhen {
    #[default]
    Auto,
    Always,
    Never,
}

/// `-q` and `-v`.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub enum Verbosity {
    Quiet,
    #[default]
    Normal,
    Verbose,
}

#[derive(Clone, Debug)]
pub struct Ui {
    paper: Paper,
    color_on_stderr: bool,
    stderr_is_terminal: bool,
    pub verbosity: Verbosity,
}

/// How long a run may take before it shows that it is at work.
const PATIENCE: Duration = Duration::from_millis(300);

impl Ui {
    pub fn new(env: &Env, color: ColorWhen, verbosity: Verbosity) -> Ui {
        let terminal = env.terminal;
        let width = terminal.stdout.then(|| terminal.width.unwrap_or(80));
        Ui {
            paper: Paper { color: colored(env, color, terminal.stdout), width, headers: true },
            color_on_stderr: colored(env, color, terminal.stderr),
            stderr_is_terminal: terminal.stderr,
            verbosity,
        }
    }

    /// The answer on stdout and what stands under it on stderr.
    pub fn print(&self, report: &impl Report, format: Format, headers: bool) -> Result<()> {
        let text = render::text(report, format, Paper { headers, ..self.paper })?;
        self.write(&text)?;
        if !format.is_document() {
            for line in report.footer() {
                self.tell(&line);
            }
        }
        Ok(())
    }

    /// Text that is itself the answer (completions, a kubeconfig), as it is.
    pub fn write(&self, text: &str) -> Result<()> {
        let choice = if self.paper.color { ColorChoice::Always } else { ColorChoice::Never };
        let mut stdout = AutoStream::new(io::stdout().lock(), choice);
        stdout.write_all(text.as_bytes())?;
        stdout.flush()?;
        Ok(())
    }

    pub fn error(&self, error: &anyhow::Error) {
        self.say("error", Tone::Bad, &safe_lines(&format!("{error:#}")));
        for cause in error.chain() {
            if let Some(advised) = cause.downcast_ref::<Advised>().filter(|advised| !advised.hint.is_empty()) {
                self.say("hint", Tone::Moving, &safe_lines(&advised.hint));
            }
        }
    }

    pub fn warn(&self, text: &str) {
        if self.verbosity > Verbosity::Quiet {
            self.say("warning", Tone::Doubtful, &safe(text));
        }
    }

    pub fn hint(&self, text: &str) {
        if self.verbosity > Verbosity::Quiet {
            self.say("hint", Tone::Moving, &safe(text));
        }
    }

    /// A line under the answer.
    pub fn tell(&self, line: &Line) {
        if self.verbosity > Verbosity::Quiet {
            self.stderr(&render::line(line, self.color_on_stderr));
        }
    }

    /// Only with `-v`.
    pub fn detail(&self, text: &str) {
        if self.verbosity == Verbosity::Verbose {
            self.stderr(&safe(text));
        }
    }

    fn say(&self, word: &str, tone: Tone, text: &str) {
        let parts = vec![Cell::toned(format!("{word}:"), tone)];
        let head = render::line(&Line::new(parts), self.color_on_stderr);
        self.stderr(&format!("{head} {text}"));
    }

    /// A lost stderr is nothing that could be told anywhere.
    fn stderr(&self, text: &str) {
        let choice = if self.color_on_stderr { ColorChoice::Always } else { ColorChoice::Never };
        let mut stderr = AutoStream::new(io::stderr().lock(), choice);
        let _ = writeln!(stderr, "{text}");
    }

    /// A bar on stderr while clusters answer: on a terminal only, and only for more than one.
    pub fn progress(&self, total: usize) -> Progress {
        if !self.stderr_is_terminal || total < 2 || self.verbosity == Verbosity::Quiet {
            return Progress { bar: None, since: None };
        }
        let bar = ProgressBar::with_draw_target(Some(total as u64), ProgressDrawTarget::hidden());
        let style = ProgressStyle::with_template("{spinner} {pos} of {len} clusters answered, {elapsed} {msg}");
        bar.set_style(style.expect("the template is a constant"));
        Progress { bar: Some(bar), since: Some(std::time::Instant::now()) }
    }
}

/// Returns when the user presses Ctrl-C; a second one ends the process at once, as it does by default.
pub async fn interrupted() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
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

/// The bar; it leaves no trace when dropped.
pub struct Progress {
    bar: Option<ProgressBar>,
    since: Option<std::time::Instant>,
}

impl Progress {
    /// One more cluster answered; `waiting` names those still asked.
    pub fn answered(&self, waiting: &str) {
        if let Some(bar) = &self.bar {
            bar.inc(1);
            bar.set_message(if waiting.is_empty() { String::new() } else { format!("(waiting for {})", safe(waiting)) });
        }
        self.tick();
    }

    /// To be called now and then: draws once the run has taken longer than a person would not notice.
    pub fn tick(&self) {
        let (Some(bar), Some(since)) = (&self.bar, self.since) else { return };
        if bar.is_hidden() && since.elapsed() >= PATIENCE {
            bar.set_draw_target(ProgressDrawTarget::stderr());
        }
        bar.tick();
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{ColorWhen, colored};
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
}
