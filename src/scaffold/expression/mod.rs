//! Backstage's `${{ }}` dialect (nunjucks as its scaffolder runs it): text with expressions in, text or a value out.
//!
//! It is an interpreter of its own and not minijinja: loose equality, `+` over mixed types, truth, null and undefined,
//! list identity and number printing are JavaScript's here, and no setting of minijinja changes its operators.

mod backstage;
mod checks;
mod evaluate;
mod filters;
mod functions;
#[cfg(test)]
mod hostile;
mod input;
mod json;
mod lex;
mod lookup;
mod methods;
mod number;
#[cfg(test)]
mod parity;
mod parse;
mod pattern;
mod references;
mod scan;
mod scope;
mod sequences;
mod statements;
mod syntax;
mod texts;
mod units;
mod value;

use std::cell::Cell;
use std::collections::BTreeSet;
use std::fmt;

use serde_json::{Map, Value as Json};

pub use crate::scaffold::expression::filters::NAMES as FILTERS;
pub use crate::scaffold::expression::pattern::Pattern;
pub use crate::scaffold::expression::references::{ValueReference, references};
pub use crate::scaffold::expression::value::Fuel;

use crate::scaffold::expression::evaluate::Evaluator;

/// How deeply blocks and brackets may be nested; bounds the stack.
const MAX_DEPTH: usize = 40;
/// Work units of one rendering: about one a node evaluated, and one for every 16 bytes made.
const FUEL: u64 = 1_000_000;

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

/// How a template is read and what it may see besides its values.
#[derive(Clone, Copy, Default)]
pub struct Dialect<'a> {
    /// Variables are `{{ }}`, and Python's names and methods work.
    pub cookiecutter: bool,
    /// The line break behind a block tag is dropped.
    pub trim_blocks: bool,
    /// The blanks between the start of a line and a block tag are dropped.
    pub lstrip_blocks: bool,
    /// Names that are not found are undefined, as in Backstage, and no error.
    pub lenient: bool,
    /// Dotted paths that may be without a value (an optional parameter): undefined there is no error.
    pub absent: Option<&'a BTreeSet<String>>,
    /// The work that is left to all renderings of the run.
    pub fuel: Option<&'a Fuel>,
    /// Whether an earlier step failed; the functions `always()` and `failure()` exist where this is given.
    pub status: Option<&'a StepStatus>,
}

/// What `always()` and `failure()` say, and whether a template asked.
#[derive(Default)]
pub struct StepStatus {
    pub failed: bool,
    pub asked: Cell<bool>,
}

/// Renders a whole template to text. Errors carry the place in `source`.
pub fn render(
    source: &str,
    context: &Map<String, Json>,
    dialect: Dialect<'_>,
) -> Result<String, RenderFailure> {
    let body = statements::parse(source, dialect)?;
    within_run(context, dialect, |evaluator| evaluator.text(&body))
}

/// Renders a string of a step: one that is exactly one `${{ expression }}` keeps its type, none being undefined;
/// any other is text.
pub fn render_value(
    source: &str,
    context: &Map<String, Json>,
    dialect: Dialect<'_>,
) -> Result<Option<Json>, RenderFailure> {
    let body = statements::parse(source, dialect)?;
    within_run(context, dialect, |evaluator| evaluator.value(&body))
}

fn within_run<T>(
    context: &Map<String, Json>,
    dialect: Dialect<'_>,
    evaluate: impl FnOnce(&Evaluator<'_>) -> Result<T, RenderFailure>,
) -> Result<T, RenderFailure> {
    let evaluator = Evaluator::new(context, dialect, Fuel::part_of(dialect.fuel, FUEL));
    let made = evaluate(&evaluator);
    Fuel::settle(dialect.fuel, &evaluator.fuel, FUEL);
    made
}
