//! Backstage's `${{ }}` dialect (nunjucks as its scaffolder runs it): text with expressions in, text or a value out.
//!
//! It is an interpreter of its own and not minijinja: loose equality, `+` over mixed types, truth, null and undefined,
//! list identity and number printing are JavaScript's here, and no setting of minijinja changes its operators.
//!
//! What is seen of it from outside is `render`, `render_value`, `references` and `filters`, and the types that they take
//! and give; it uses nothing else of callboard. docs/expressions.md tells what the dialect is.

mod backstage;
mod checks;
mod dialect;
#[cfg(test)]
mod documented;
mod evaluate;
mod failure;
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
mod suggest;
mod syntax;
mod texts;
mod units;
mod value;

use serde_json::{Map, Value as Json};

pub use crate::expression::dialect::{CommentLines, Dialect, StepStatus};
pub use crate::expression::failure::RenderFailure;
pub use crate::expression::filters::filters;
pub use crate::expression::pattern::Pattern;
pub use crate::expression::references::{ValueReference, references};
pub use crate::expression::texts::COMPONENT;
pub use crate::expression::value::Fuel;

use crate::expression::evaluate::Evaluator;

/// Work units of one rendering: about one a node evaluated, and one for every 16 bytes made.
const FUEL: u64 = 1_000_000;

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
