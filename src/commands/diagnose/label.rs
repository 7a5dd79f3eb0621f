//! A line of the diagnosis with what it says in front.

use crate::report::{Cell, Line, Tone};

pub fn labelled(label: &str, tone: Tone, text: impl Into<String>) -> Line {
    Line::new(vec![Cell::toned(format!("{label:<12}"), tone), Cell::from(text.into())])
}
