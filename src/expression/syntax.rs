//! The tree of an expression and of a template.

use std::rc::Rc;

use crate::expression::failure::SourcePosition;
use crate::expression::pattern::Pattern;

pub struct Expression {
    pub node: SyntaxNode,
    pub place: SourcePosition,
}

pub enum SyntaxNode {
    Null,
    Bool(bool),
    Number(f64),
    Text(Rc<str>),
    Pattern(Rc<Pattern>),
    Name(Rc<str>),
    List(Vec<Expression>),
    /// The last one counts.
    Group(Vec<Expression>),
    Record(Vec<(Rc<str>, Expression)>),
    Member(Box<Expression>, Box<Expression>),
    Slice(Box<Expression>, Box<[Option<Expression>; 3]>),
    When {
        value: Box<Expression>,
        condition: Box<Expression>,
        otherwise: Option<Box<Expression>>,
    },
    Or(Box<Expression>, Box<Expression>),
    And(Box<Expression>, Box<Expression>),
    Not(Box<Expression>),
    Negative(Box<Expression>),
    Positive(Box<Expression>),
    Floor(Box<Expression>),
    Binary(ExpressionOperator, Box<Expression>, Box<Expression>),
    Compare(Box<Expression>, Vec<(ExpressionOperator, Expression)>),
    In(Box<Expression>, Box<Expression>),
    Is(Box<Expression>, Rc<str>, Vec<Expression>),
    Filter(Rc<str>, Box<Expression>, Arguments),
    Call(Box<Expression>, Arguments),
    /// What a `{% filter %}` or `{% set %}` block renders to.
    Capture(Rc<Statements>),
}

#[derive(Clone, Copy, PartialEq)]
pub enum ExpressionOperator {
    Add,
    Join,
    Subtract,
    Multiply,
    Divide,
    Remainder,
    Power,
    Alike,
    Same,
    Unlike,
    NotSame,
    Less,
    LessOrSame,
    Greater,
    GreaterOrSame,
}

#[derive(Default)]
pub struct Arguments {
    pub positional: Vec<Expression>,
    pub named: Vec<(Rc<str>, Expression)>,
}

pub type Statements = Vec<Statement>;

pub enum Statement {
    Text(Rc<str>),
    Print(Expression),
    If {
        branches: Vec<(Expression, Statements)>,
        otherwise: Option<Statements>,
    },
    For {
        targets: Vec<Rc<str>>,
        over: Expression,
        body: Statements,
        otherwise: Option<Statements>,
    },
    Set {
        targets: Vec<Rc<str>>,
        value: Expression,
    },
    Macro {
        name: Rc<str>,
        macro_: Rc<Macro>,
    },
    /// `{% call(parameters) target(arguments) %}`: the body is what `caller()` gives.
    Call {
        target: Expression,
        arguments: Arguments,
        caller: Rc<Macro>,
        place: SourcePosition,
    },
    Block(Statements),
    Switch {
        value: Expression,
        cases: Vec<(Expression, Statements)>,
        otherwise: Option<Statements>,
    },
}

pub struct Macro {
    pub parameters: Vec<Rc<str>>,
    pub defaults: Vec<(Rc<str>, Expression)>,
    pub body: Statements,
}
