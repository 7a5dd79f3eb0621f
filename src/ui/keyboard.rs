//! The terminal while a question is open: keys come one by one and unseen, and the question is redrawn in its place.

use std::sync::Mutex;

use anyhow::{Context, Result};
use console::{Key, Term};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::render;
use crate::report::{Cell, Line};
use crate::ui::signals;

const LOST: &str = "the terminal could not be read";

/// What a key did to an open question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::ui) enum Pressed {
    Open,
    Done,
    /// The person does not want to answer.
    Left,
}

/// How the terminal was before a question was opened, for whoever has to end the process meanwhile.
#[cfg(unix)]
static BEFORE: Mutex<Option<rustix::termios::Termios>> = Mutex::new(None);
#[cfg(not(unix))]
static BEFORE: Mutex<Option<()>> = Mutex::new(None);

/// An open question; the terminal is as before once it is dropped.
pub(in crate::ui) struct Keyboard {
    term: Term,
    color: bool,
    width: usize,
    /// The line of the question in which the cursor stands.
    row: usize,
}

impl Keyboard {
    /// Opens a question; `color` where the terminal shows colours.
    pub fn open(color: bool) -> Keyboard {
        unechoed();
        let term = Term::stderr();
        let width = term.size_checked().map_or(80, |(_, columns)| usize::from(columns)).max(20);
        Keyboard { term, color, width, row: 0 }
    }

    pub fn width(&self) -> usize {
        self.width
    }

    pub fn key(&self) -> Result<Key> {
        let key = self.term.read_key_raw();
        // A signal that comes while a key is awaited reads as one.
        if matches!(key, Ok(Key::CtrlC) | Err(_)) {
            signals::await_note();
        }
        match key {
            // The other end is gone: nobody is left to answer.
            Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => Ok(Key::CtrlC),
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => Ok(Key::CtrlC),
            key => key.context(LOST),
        }
    }

    /// Draws the question in the place of what it was; the cursor stands in the first line, or nowhere.
    pub fn draw(&mut self, lines: &[Line], cursor: Option<usize>) -> Result<()> {
        self.clear()?;
        let shown: Vec<String> =
            lines.iter().map(|line| render::line(&cut(line, self.width - 1), self.color)).collect();
        let mut text = shown.join("\r\n");
        let below = lines.len().saturating_sub(1);
        match cursor {
            Some(column) => {
                text.push('\r');
                if below > 0 {
                    text.push_str(&format!("\x1b[{below}A"));
                }
                let column = column.min(self.width - 1);
                if column > 0 {
                    text.push_str(&format!("\x1b[{column}C"));
                }
                text.push_str("\x1b[?25h");
                self.row = 0;
            }
            None => {
                text.push_str("\x1b[?25l");
                self.row = below;
            }
        }
        self.write(&text)
    }

    /// Leaves one line where the question was.
    pub fn close(mut self, line: &Line) -> Result<()> {
        self.clear()?;
        let line = render::line(&cut(line, self.width - 1), self.color);
        self.write(&format!("{line}\r\n\x1b[?25h"))
    }

    fn clear(&mut self) -> Result<()> {
        let up = if self.row > 0 { format!("\x1b[{}A", self.row) } else { String::new() };
        self.row = 0;
        self.write(&format!("\r{up}\x1b[J"))
    }

    fn write(&self, text: &str) -> Result<()> {
        self.term.write_str(text).and_then(|()| self.term.flush()).context(LOST)
    }
}

impl Drop for Keyboard {
    fn drop(&mut self) {
        restore();
    }
}

/// From here on the terminal shows no key by itself and sends no signal, between two keys neither: a secret that is pasted must
/// not be seen.
fn unechoed() {
    #[cfg(unix)]
    {
        let stdin = std::io::stdin();
        let Ok(before) = rustix::termios::tcgetattr(&stdin) else { return };
        let mut raw = before.clone();
        raw.make_raw();
        raw.output_modes = before.output_modes;
        if rustix::termios::tcsetattr(&stdin, rustix::termios::OptionalActions::Drain, &raw).is_ok()
            && let Ok(mut known) = BEFORE.lock()
        {
            *known = Some(before);
        }
    }
}

/// Makes the terminal what it was before the question; where there was none, nothing. Twice does no harm.
pub(in crate::ui) fn restore() {
    let Ok(Some(before)) = BEFORE.lock().map(|known| known.clone()) else { return };
    let _ = Term::stderr().write_str("\x1b[?25h");
    #[cfg(unix)]
    let _ = rustix::termios::tcsetattr(std::io::stdin(), rustix::termios::OptionalActions::Drain, &before);
    #[cfg(not(unix))]
    let () = before;
}

/// A line cut to a number of columns.
fn cut(line: &Line, width: usize) -> Line {
    let mut left = width;
    let mut parts = Vec::new();
    for part in &line.parts {
        let text = fitting(&part.text, left);
        left -= text.width();
        let whole = text == part.text;
        parts.push(Cell::toned(text, part.tone));
        if !whole {
            break;
        }
    }
    Line::new(parts)
}

/// As much of a text as fits into some columns.
fn fitting(text: &str, width: usize) -> String {
    let mut used = 0;
    text.chars()
        .take_while(|c| {
            used += c.width().unwrap_or(1);
            used <= width
        })
        .collect()
}

/// The end of a text that fits into some columns: what stands before the cursor.
pub(in crate::ui) fn fitting_end(text: &str, width: usize) -> String {
    let turned: String = text.chars().rev().collect();
    fitting(&turned, width).chars().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::{cut, fitting_end};
    use crate::report::{Cell, Line, Tone};

    #[test]
    fn lines_never_wrap() {
        let line = Line::new(vec![Cell::from("ab"), Cell::toned("日本", Tone::Bad), Cell::from("c")]);
        for (width, expect) in [(9, "ab日本c"), (6, "ab日本"), (5, "ab日"), (3, "ab"), (1, "a"), (0, "")]
        {
            assert_eq!(cut(&line, width).plain(), expect, "{width}");
        }
        assert_eq!(fitting_end("a日本", 3), "本");
        assert_eq!(fitting_end("abc", 9), "abc");
    }
}
