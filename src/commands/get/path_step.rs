//! The steps of a JSONPath, as they were read.

use serde_json::Value;

/// A step of a path.
#[derive(Clone, Debug, PartialEq)]
pub enum TemplateStep {
    Root,
    Field(String),
    /// Several names or indices in one bracket.
    Union(Vec<TemplateStep>),
    Slice(Option<i64>, Option<i64>, i64),
    Every,
    /// What follows, at any depth.
    Recursive,
    Filter(Box<Operand>, Option<(String, Box<Operand>)>),
}

/// A side of a filter's comparison.
#[derive(Clone, Debug, PartialEq)]
pub enum Operand {
    Path(Vec<TemplateStep>),
    Literal(Value),
}
