//! Runs the tree of a template over its values.

mod apply;
mod names;
mod operators;
mod statements;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use serde_json::{Map, Value as Json};

use crate::expression::dialect::Dialect;
use crate::expression::evaluate::operators::{binary, compare, contains};
use crate::expression::failure::{RenderFailure, SourcePosition};
use crate::expression::json::{from_json, to_json};
use crate::expression::scope::VariableScope;
use crate::expression::syntax::{Expression, ExpressionOperator, Macro, Statement, Statements, SyntaxNode};
use crate::expression::value::{Fuel, Record, Value};

pub type Evaluated<T> = Result<T, RenderFailure>;

/// How many expressions, blocks and macros may be under way at once; bounds the stack.
const MAX_UNDER_WAY: usize = 200;

pub struct Evaluator<'a> {
    pub dialect: Dialect<'a>,
    pub fuel: Fuel,
    under_way: Cell<usize>,
    /// What macros see: the values given, and what the template sets at its top.
    shared: Rc<VariableScope>,
    /// Every macro that was defined, with the scope that it sees.
    macros: RefCell<Vec<(Rc<Macro>, Rc<VariableScope>)>>,
}

impl<'a> Evaluator<'a> {
    pub fn new(context: &Map<String, Json>, dialect: Dialect<'a>, fuel: Fuel) -> Self {
        let values = context.iter().map(|(name, value)| (Rc::from(name.as_str()), from_json(value)));
        let shared = VariableScope::root(values).child(true);
        Self { dialect, fuel, under_way: Cell::new(0), shared, macros: RefCell::default() }
    }

    pub fn text(&self, body: &Statements) -> Evaluated<String> {
        let scope = self.shared.child(true);
        let mut output = String::new();
        self.body(body, &scope, &mut output, true)?;
        Ok(output)
    }

    /// The value of a body that is one expression, else its text.
    pub fn value(&self, body: &Statements) -> Evaluated<Option<Json>> {
        let [Statement::Print(expression)] = body.as_slice() else {
            return Ok(Some(Json::String(self.text(body)?)));
        };
        let scope = self.shared.child(true);
        let value = self.defined(expression, &scope)?;
        to_json(&value, &self.fuel).map_err(|message| RenderFailure::new(message, expression.place))
    }

    pub fn enter<T>(&self, place: SourcePosition, run: impl FnOnce() -> Evaluated<T>) -> Evaluated<T> {
        let under_way = self.under_way.get() + 1;
        if under_way > MAX_UNDER_WAY {
            return Err(RenderFailure::new(
                "the template is nested too deeply, or a macro calls itself without end",
                place,
            ));
        }
        self.fuel.spend(1).map_err(|message| RenderFailure::new(message, place))?;
        self.under_way.set(under_way);
        let result = run();
        self.under_way.set(under_way - 1);
        result
    }

    /// A value that is put to use, for which a name that was not found is a mistake.
    pub fn defined(&self, expression: &Expression, scope: &Rc<VariableScope>) -> Evaluated<Value> {
        self.insist(self.evaluate(expression, scope)?)
    }

    pub fn insist(&self, value: Value) -> Evaluated<Value> {
        match value {
            Value::Undefined(Some(missing)) if !self.dialect.lenient => {
                let place = SourcePosition { line: missing.line, column: missing.column };
                let failure = RenderFailure::new(format!("'{}' is undefined", missing.path), place);
                let failure = match &missing.hint {
                    Some(hint) => failure.with_hint(hint),
                    None => failure,
                };
                match self.dialect.comments.filter(|comments| comments.lines.contains(&missing.line)) {
                    None => Err(failure),
                    Some(comments) => {
                        comments.unset.borrow_mut().push(failure);
                        Ok(Value::UNDEFINED)
                    }
                }
            }
            other => Ok(other),
        }
    }

    pub fn evaluate(&self, expression: &Expression, scope: &Rc<VariableScope>) -> Evaluated<Value> {
        self.enter(expression.place, || self.node(expression, scope))
    }

    fn node(&self, expression: &Expression, scope: &Rc<VariableScope>) -> Evaluated<Value> {
        let place = expression.place;
        let at = |message: String| RenderFailure::new(message, place);
        match &expression.node {
            SyntaxNode::Null => Ok(Value::Null),
            SyntaxNode::Bool(flag) => Ok(Value::Bool(*flag)),
            SyntaxNode::Number(number) => Ok(Value::Number(*number)),
            SyntaxNode::Text(text) => Ok(Value::Text(Rc::clone(text))),
            SyntaxNode::Pattern(pattern) => Ok(Value::Pattern(Rc::clone(pattern))),
            SyntaxNode::Name(name) => Ok(self.name(name, expression, scope)),
            SyntaxNode::List(items) => {
                let items: Evaluated<Vec<Value>> =
                    items.iter().map(|item| self.evaluate(item, scope)).collect();
                Ok(Value::list(items?))
            }
            SyntaxNode::Group(items) => {
                items.iter().try_fold(Value::Null, |_, item| self.evaluate(item, scope))
            }
            SyntaxNode::Record(entries) => {
                let mut pairs = Vec::new();
                for (key, value) in entries {
                    pairs.push((Rc::clone(key), self.evaluate(value, scope)?));
                }
                Ok(Value::Record(Rc::new(Record::new(pairs))))
            }
            SyntaxNode::Member(target, key) => self.member(expression, target, key, scope),
            SyntaxNode::Slice(target, parts) => self.slice(target, parts, place, scope),
            SyntaxNode::When { value, condition, otherwise } => {
                if self.evaluate(condition, scope)?.is_truthy() {
                    return self.evaluate(value, scope);
                }
                otherwise
                    .as_ref()
                    .map_or_else(|| Ok(Value::text("")), |otherwise| self.evaluate(otherwise, scope))
            }
            SyntaxNode::Or(left, right) => {
                let left = self.evaluate(left, scope)?;
                if left.is_truthy() { Ok(left) } else { self.evaluate(right, scope) }
            }
            SyntaxNode::And(left, right) => {
                let left = self.evaluate(left, scope)?;
                if left.is_truthy() { self.evaluate(right, scope) } else { Ok(left) }
            }
            SyntaxNode::Not(target) => Ok(Value::Bool(!self.evaluate(target, scope)?.is_truthy())),
            SyntaxNode::Negative(target) => Ok(Value::Number(-self.number(target, scope)?)),
            SyntaxNode::Positive(target) => Ok(Value::Number(self.number(target, scope)?)),
            SyntaxNode::Floor(target) => Ok(Value::Number(self.number(target, scope)?.floor())),
            SyntaxNode::Binary(operator, left, right) => {
                let (left, right) = (self.defined(left, scope)?, self.defined(right, scope)?);
                binary(*operator, &left, &right, &self.fuel).map_err(at)
            }
            SyntaxNode::Compare(left, compared) => self.compare(left, compared, scope),
            SyntaxNode::In(left, right) => {
                let (needle, container) = (self.defined(left, scope)?, self.defined(right, scope)?);
                contains(&container, &needle, &self.fuel).map(Value::Bool).map_err(at)
            }
            SyntaxNode::Is(target, name, arguments) => self.is(target, name, arguments, place, scope),
            SyntaxNode::Filter(name, input, arguments) => self.filter(name, input, arguments, place, scope),
            SyntaxNode::Call(target, arguments) => self.call(target, arguments, place, scope),
            SyntaxNode::Capture(body) => {
                let mut text = String::new();
                self.body(body, &scope.child(false), &mut text, false)?;
                Ok(Value::text(text))
            }
        }
    }

    /// `a < b < c` compares the answer of the first with c, as JavaScript does.
    fn compare(
        &self,
        left: &Expression,
        compared: &[(ExpressionOperator, Expression)],
        scope: &Rc<VariableScope>,
    ) -> Evaluated<Value> {
        let mut left = self.evaluate(left, scope)?;
        for (operator, right) in compared {
            let place = right.place;
            let mut right = self.evaluate(right, scope)?;
            let equality = matches!(
                operator,
                ExpressionOperator::Alike
                    | ExpressionOperator::Same
                    | ExpressionOperator::Unlike
                    | ExpressionOperator::NotSame
            );
            if !equality {
                left = self.insist(left)?;
                right = self.insist(right)?;
            }
            let answer = compare(*operator, &left, &right, &self.fuel)
                .map_err(|message| RenderFailure::new(message, place))?;
            left = Value::Bool(answer);
        }
        Ok(left)
    }

    fn number(&self, target: &Expression, scope: &Rc<VariableScope>) -> Evaluated<f64> {
        self.defined(target, scope)?
            .number(&self.fuel)
            .map_err(|message| RenderFailure::new(message, target.place))
    }
}
