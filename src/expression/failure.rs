//! Why a template cannot be rendered, and the place in it.

use std::fmt;

/// A line and column, both from 1, columns in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SourcePosition {
    pub line: u32,
    pub column: u32,
}

impl SourcePosition {
    pub const START: SourcePosition = SourcePosition { line: 1, column: 1 };

    /// The place behind a text that begins here.
    pub fn after(self, text: &str) -> Self {
        let lines = u32::try_from(text.matches('\n').count()).unwrap_or(u32::MAX);
        let width = |text: &str| u32::try_from(text.chars().count()).unwrap_or(u32::MAX);
        match text.rsplit_once('\n') {
            Some((_, last)) => SourcePosition { line: self.line + lines, column: 1 + width(last) },
            None => SourcePosition { line: self.line, column: self.column + width(text) },
        }
    }
}

/// Why a template cannot be rendered, and where in it.
#[derive(Clone, Debug, PartialEq)]
pub struct RenderFailure {
    pub message: String,
    pub place: SourcePosition,
    pub hint: Option<String>,
}

impl RenderFailure {
    pub fn new(message: impl Into<String>, place: SourcePosition) -> Self {
        Self { message: message.into(), place, hint: None }
    }

    pub fn with_hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }
}

impl fmt::Display for RenderFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.place.line, self.place.column, self.message)
    }
}

impl std::error::Error for RenderFailure {}
