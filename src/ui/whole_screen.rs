//! The whole screen, for an answer that is kept current: what stood there before comes back when it is left.

use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Result;
use terminal_size::{Height, Width, terminal_size_of};
use unicode_width::UnicodeWidthStr;

use crate::render::{self, Format, Paper};
use crate::report::{Line, Report};

/// The second screen that terminals have, without a cursor.
const ENTER: &str = "\x1b[?1049h\x1b[?25l";
const LEAVE: &str = "\x1b[?25h\x1b[?1049l";

/// Whether the second screen is shown, for whoever has to end the process meanwhile.
static SHOWN: AtomicBool = AtomicBool::new(false);

/// The second screen; the first one is back once it is dropped.
pub struct WholeScreen {
    color: bool,
    /// Where the terminal does not tell its size.
    fallback: (usize, usize),
    drawn: (usize, usize),
}

impl WholeScreen {
    pub(in crate::ui) fn open(color: bool, fallback: (usize, usize)) -> Result<WholeScreen> {
        SHOWN.store(true, Ordering::SeqCst);
        write(ENTER)?;
        Ok(WholeScreen { color, fallback, drawn: (0, 0) })
    }

    /// Whether the terminal has another size than when it was drawn on.
    pub fn is_resized(&self) -> bool {
        self.size() != self.drawn
    }

    /// The report as far as it fits, with some lines under it.
    pub fn draw(
        &mut self,
        report: &impl Report,
        format: Format,
        headers: bool,
        under: &[Line],
    ) -> Result<()> {
        self.drawn = self.size();
        let (width, height) = self.drawn;
        let paper = Paper { color: self.color, width: Some(width), headers };
        let text = render::text(report, format, paper)?;
        let under: Vec<(String, usize)> = under
            .iter()
            .map(|line| (render::line(line, self.color), rows(line.plain().width(), width)))
            .collect();
        let below: usize = under.iter().map(|(_, rows)| rows).sum();
        let room = height.saturating_sub(below);
        // What is wider than the screen takes several of its lines.
        let mut shown = String::new();
        let (mut used, mut left) = (0, 0);
        let all: Vec<(&str, usize)> =
            text.lines().map(|line| (line, rows(console::measure_text_width(line), width))).collect();
        let needed: usize = all.iter().map(|(_, rows)| rows).sum();
        let room_for_lines = if needed > room { room.saturating_sub(1) } else { room };
        for (line, rows) in all {
            if left > 0 || used + rows > room_for_lines {
                left += 1;
                continue;
            }
            used += rows;
            shown += &format!("{line}\x1b[K\n");
        }
        if left > 0 {
            shown += &format!("... {left} more lines\x1b[K\n");
        }
        let under: Vec<String> = under.into_iter().map(|(line, _)| format!("{line}\x1b[K")).collect();
        // The last line is not ended, or the screen would scroll.
        write(&format!("\x1b[H{shown}{}\x1b[J", under.join("\n")))
    }

    fn size(&self) -> (usize, usize) {
        match terminal_size_of(io::stdout()) {
            Some((Width(width), Height(height))) if width > 0 && height > 0 => (width.into(), height.into()),
            _ => self.fallback,
        }
    }
}

/// How many lines of the screen so many columns take.
fn rows(columns: usize, width: usize) -> usize {
    columns.div_ceil(width.max(1)).max(1)
}

impl Drop for WholeScreen {
    fn drop(&mut self) {
        restore();
    }
}

/// Shows the first screen again; where the second was not shown, nothing. Twice does no harm.
pub(in crate::ui) fn restore() {
    if SHOWN.swap(false, Ordering::SeqCst) {
        // A lost terminal needs no restoring.
        let _ = write(LEAVE);
    }
}

fn write(text: &str) -> Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    stdout.flush()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::rows;

    #[test]
    fn wide_lines_take_several_rows() {
        for (columns, width, expect) in [(0, 80, 1), (80, 80, 1), (81, 80, 2), (5, 0, 5)] {
            assert_eq!(rows(columns, width), expect, "{columns} {width}");
        }
    }
}
