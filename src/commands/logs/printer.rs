//! Lines on their way to stdout, gathered so that a flood costs few writes.

use anyhow::Result;

use crate::commands::logs::line::LineStyle;
use crate::commands::logs::targets::LogSource;
use crate::fleet::logs::LogLine;
use crate::ui::Ui;

/// Written at once beyond this.
const FULL: usize = 64 << 10;

pub struct LogPrinter<'a> {
    ui: &'a Ui,
    style: LineStyle,
    text: String,
    /// Lines printed so far.
    pub lines: usize,
}

impl<'a> LogPrinter<'a> {
    pub fn new(ui: &'a Ui, style: LineStyle) -> LogPrinter<'a> {
        LogPrinter { ui, style, text: String::new(), lines: 0 }
    }

    pub fn print(&mut self, source: &LogSource, line: &LogLine) -> Result<()> {
        self.style.write(source, line, &mut self.text);
        self.lines += 1;
        if self.text.len() > FULL { self.flush() } else { Ok(()) }
    }

    pub fn flush(&mut self) -> Result<()> {
        if !self.text.is_empty() {
            self.ui.pass(&self.text)?;
            self.text.clear();
        }
        Ok(())
    }
}
