//! A line of the diagnosis with what it says in front.

use crate::report::{Cell, Line, Tone};

/// The column under which the text stands.
pub const TEXT: usize = 12;

pub fn labelled(label: &str, tone: Tone, text: impl Into<String>) -> Line {
    Line::new(vec![Cell::toned(format!("{label:<TEXT$}"), tone), Cell::from(text.into())]).hanging(TEXT)
}

/// A command stays one line however narrow the terminal is: it is there to be copied.
pub fn command(text: impl Into<String>) -> Line {
    labelled("  next", Tone::Moving, text).hanging(0)
}
