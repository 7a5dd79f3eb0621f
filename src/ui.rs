//! The door to the terminal: the answer on stdout, everything else on stderr.
#![expect(clippy::disallowed_methods, reason = "the door to the terminal")]

mod choice;
mod field;
mod keyboard;
mod live;
mod progress;
mod prompt;
mod signals;
mod whole_screen;

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use anstream::{AutoStream, ColorChoice};
use anyhow::Result;

use crate::outcome::Advised;
use crate::render::{self, Format, Paper};
use crate::report::{Cell, Grid, Line, Report, Tone};
use crate::text::{safe, safe_lines};

pub use crate::ui::live::LiveLines;
pub use crate::ui::progress::{Progress, give_screen_away};
pub use crate::ui::prompt::Ask;
pub use crate::ui::signals::{Busy, busy, give_terminal_away, interrupted, signalled};
pub use crate::ui::whole_screen::WholeScreen;

/// The two streams as they are: who reads them, how wide the screen is, whether colour is wanted.
#[derive(Clone, Copy, Debug, Default)]
pub struct Screen {
    /// Columns of the terminal that stdout is; nothing where it is none.
    pub width: Option<usize>,
    /// Its rows, where they are known.
    pub height: Option<usize>,
    pub color_on_stdout: bool,
    pub color_on_stderr: bool,
    /// stderr is one that can be drawn on.
    pub stderr_is_terminal: bool,
}

/// `-q` and `-v`.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub enum Verbosity {
    Quiet,
    #[default]
    Normal,
    Verbose,
}

/// Where the rest of a line under the answer goes on.
const HANG: usize = 2;

#[derive(Clone, Debug)]
pub struct Ui {
    screen: Screen,
    pub verbosity: Verbosity,
    /// Whether the last question was left for the one before it.
    back: Arc<AtomicBool>,
}

impl Ui {
    pub fn new(screen: Screen, verbosity: Verbosity) -> Ui {
        Ui { screen, verbosity, back: Arc::default() }
    }

    /// Whether a person reads stdout.
    pub fn is_terminal(&self) -> bool {
        self.screen.width.is_some()
    }

    /// Whether stdout is coloured.
    pub fn is_colored(&self) -> bool {
        self.screen.color_on_stdout
    }

    /// The answer on stdout and what stands under it on stderr.
    pub fn print(&self, report: &impl Report, format: Format, headers: bool) -> Result<()> {
        let paper = Paper { color: self.screen.color_on_stdout, width: self.screen.width, headers };
        let text = render::text(report, format, paper)?;
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
        let choice = if self.screen.color_on_stdout { ColorChoice::Always } else { ColorChoice::Never };
        let mut stdout = AutoStream::new(io::stdout().lock(), choice);
        stdout.write_all(text.as_bytes())?;
        stdout.flush()?;
        Ok(())
    }

    /// Text that nothing is taken out of, escapes neither: it must be safe, or nobody's screen.
    pub fn pass(&self, text: &str) -> Result<()> {
        let mut stdout = io::stdout().lock();
        stdout.write_all(text.as_bytes())?;
        stdout.flush()?;
        Ok(())
    }

    /// One line of an answer that comes line by line.
    pub fn write_line(&self, line: &Line) -> Result<()> {
        self.write(&(render::line(line, self.screen.color_on_stdout) + "\n"))
    }

    pub fn error(&self, error: &anyhow::Error) {
        self.say("error", Tone::Bad, &safe_lines(&format!("{error:#}")));
        for cause in error.chain() {
            if let Some(advised) = cause.downcast_ref::<Advised>().filter(|advised| !advised.hint.is_empty())
            {
                self.say("hint", Tone::Moving, &safe_lines(&advised.hint));
            }
        }
    }

    pub fn warn(&self, text: &str) {
        if self.verbosity > Verbosity::Quiet {
            let head = Cell::toned("warning:", Tone::Doubtful);
            self.tell(&Line::new(vec![head, Cell::from(format!(" {text}"))]));
        }
    }

    pub fn hint(&self, text: &str) {
        if self.verbosity > Verbosity::Quiet {
            // It holds commands that somebody copies: where it is too long the terminal breaks it, and it stays one line.
            self.say("hint", Tone::Moving, &safe(text));
        }
    }

    /// A line under the answer; on a terminal it is broken between words.
    pub fn tell(&self, line: &Line) {
        if self.verbosity > Verbosity::Quiet {
            let width = self.screen.width.filter(|_| self.screen.stderr_is_terminal);
            let line = line.clone().hanging(line.hang.max(HANG));
            self.stderr(&render::lines(&line, width, self.screen.color_on_stderr));
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
        let head = render::line(&Line::new(parts), self.screen.color_on_stderr);
        self.stderr(&format!("{head} {text}"));
    }

    /// A lost stderr is nothing that could be told anywhere.
    fn stderr(&self, text: &str) {
        let choice = if self.screen.color_on_stderr { ColorChoice::Always } else { ColorChoice::Never };
        let mut stderr = AutoStream::new(io::stderr().lock(), choice);
        let _ = writeln!(stderr, "{text}");
    }

    /// Lines that change while one waits: on a terminal only.
    pub fn live(&self) -> LiveLines {
        let is_shown = self.screen.stderr_is_terminal && self.verbosity > Verbosity::Quiet;
        LiveLines::new(is_shown, self.screen.color_on_stderr)
    }

    /// The whole screen of the terminal that stdout is.
    pub fn whole_screen(&self) -> Result<WholeScreen> {
        let size = (self.screen.width.unwrap_or(80), self.screen.height.unwrap_or(24));
        WholeScreen::open(self.screen.color_on_stdout, size)
    }

    /// A bar on stderr while clusters answer: on a terminal only, and only for more than one.
    pub fn progress(&self, total: usize) -> Progress {
        let is_shown = self.screen.stderr_is_terminal && total > 1 && self.verbosity > Verbosity::Quiet;
        Progress::new(is_shown.then_some(total))
    }

    /// Whether what is known so far may be drawn while clusters answer: both streams are the person's terminal.
    pub fn is_live(&self) -> bool {
        self.screen.stderr_is_terminal && self.is_terminal() && self.verbosity > Verbosity::Quiet
    }

    /// A table as it stands so far, as many lines of it as leave room for the bar.
    pub fn draft(&self, grid: Grid) -> String {
        let paper = Paper { color: self.screen.color_on_stderr, width: self.screen.width, headers: true };
        let lines = render::draft(grid, paper);
        let room = self.screen.height.unwrap_or(24).saturating_sub(3);
        let mut shown: Vec<String> = lines.lines().take(room).map(str::to_string).collect();
        let more = lines.lines().count() - shown.len();
        if more > 0 {
            shown.push(format!("... {more} more lines"));
        }
        shown.iter().flat_map(|line| [line, "\n"]).collect()
    }
}

/// Watches for Ctrl-C and its like from here on; `clean_up` is done before the process is ended in the middle.
pub fn watch_signals(clean_up: fn()) {
    signals::watch_for([clean_up, keyboard::restore, whole_screen::restore]);
}
