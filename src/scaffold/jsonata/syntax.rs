//! What a JSONata expression is once it is read.

use std::rc::Rc;

use crate::expression::Pattern;

/// A part of an expression, with what is done to its result.
pub struct JsonataExpr {
    pub node: JsonataNode,
    /// `[...]` after it: each chooses among the results so far.
    pub filters: Vec<JsonataExpr>,
    /// `{key: value}` after it.
    pub group: Option<Vec<JsonataPair>>,
    /// `[]` after it: a list stays one, though it holds one thing.
    pub keep: bool,
}

pub type JsonataPair = (JsonataExpr, JsonataExpr);

pub enum JsonataNode {
    Text(Rc<str>),
    Number(f64),
    Bool(bool),
    Null,
    Name(Rc<str>),
    /// `$name`; `$` itself has no name, `$$` is called `$`.
    Variable(Rc<str>),
    Wildcard,
    Descendants,
    Pattern(Rc<Pattern>),
    Path(Vec<JsonataExpr>),
    /// The terms of `^(...)`, and whether each is descending.
    Sort(Vec<(bool, JsonataExpr)>),
    Operation(JsonataOperator, Box<JsonataPair>),
    Negative(Box<JsonataExpr>),
    /// `whole`: as the first or last step of a path it is not taken apart.
    List {
        items: Vec<JsonataExpr>,
        whole: bool,
    },
    Record(Vec<JsonataPair>),
    Block(Vec<JsonataExpr>),
    Choice(Box<JsonataPair>, Option<Box<JsonataExpr>>),
    Binding(Rc<str>, Box<JsonataExpr>),
    Lambda(Rc<JsonataLambda>),
    /// An argument that is `?` is left open.
    Call(Box<JsonataExpr>, Vec<Option<JsonataExpr>>),
    Transform(Rc<JsonataTransform>),
}

pub struct JsonataLambda {
    pub parameters: Vec<Rc<str>>,
    pub body: JsonataExpr,
}

/// `| pattern | update, delete |`
pub struct JsonataTransform {
    pub pattern: JsonataExpr,
    pub update: JsonataExpr,
    pub delete: Option<JsonataExpr>,
}

#[derive(Clone, Copy, PartialEq)]
pub enum JsonataOperator {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
    Join,
    Equal,
    Unequal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    And,
    Or,
    In,
    Range,
    Apply,
    /// `?:`, the left side where it is true.
    Else,
    /// `??`, the left side where it is there.
    Otherwise,
}

impl JsonataExpr {
    pub fn new(node: JsonataNode) -> JsonataExpr {
        JsonataExpr { node, filters: Vec::new(), group: None, keep: false }
    }

    /// The steps of a path; what is none is a path of one step.
    pub fn into_path(self) -> (Vec<JsonataExpr>, Option<Vec<JsonataPair>>, bool) {
        match self.node {
            JsonataNode::Path(steps) => (steps, self.group, self.keep),
            _ => {
                let keep = self.keep;
                (vec![self], None, keep)
            }
        }
    }
}
