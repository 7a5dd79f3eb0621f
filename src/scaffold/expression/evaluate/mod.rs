//! Runs the tree of a template over its values.

mod apply;
mod names;
mod operators;
mod statements;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use serde_json::{Map, Value as Json};

use crate::scaffold::expression::evaluate::operators::{binary, compare, contains};
use crate::scaffold::expression::json::{from_json, to_json};
use crate::scaffold::expression::scope::Scope;
use crate::scaffold::expression::syntax::{Body, Expression, Macro, Node, Operator, Statement};
use crate::scaffold::expression::value::{Fuel, Record, Value};
use crate::scaffold::expression::{Dialect, Failure, Place};

pub type Evaluated<T> = Result<T, Failure>;

/// How many expressions, blocks and macros may be under way at once; bounds the stack.
const MAX_UNDER_WAY: usize = 200;

pub struct Evaluator<'a> {
    pub dialect: Dialect<'a>,
    pub fuel: Fuel,
    under_way: Cell<usize>,
    /// What macros see: the values given, and what the template sets at its top.
    shared: Rc<Scope>,
    /// Every macro that was defined, with the scope that it sees.
    macros: RefCell<Vec<(Rc<Macro>, Rc<Scope>)>>,
}

impl<'a> Evaluator<'a> {
    pub fn new(context: &Map<String, Json>, dialect: Dialect<'a>, fuel: Fuel) -> Self {
        let values = context.iter().map(|(name, value)| (Rc::from(name.as_str()), from_json(value)));
        let shared = Scope::root(values).child(true);
        Self { dialect, fuel, under_way: Cell::new(0), shared, macros: RefCell::default() }
    }

    pub fn text(&self, body: &Body) -> Evaluated<String> {
        let scope = self.shared.child(true);
        let mut output = String::new();
        self.body(body, &scope, &mut output, true)?;
        Ok(output)
    }

    /// The value of a body that is one expression, else its text.
    pub fn value(&self, body: &Body) -> Evaluated<Option<Json>> {
        let [Statement::Print(expression)] = body.as_slice() else {
            return Ok(Some(Json::String(self.text(body)?)));
        };
        let scope = self.shared.child(true);
        let value = self.defined(expression, &scope)?;
        to_json(&value, &self.fuel).map_err(|message| Failure::new(message, expression.place))
    }

    pub fn enter<T>(&self, place: Place, run: impl FnOnce() -> Evaluated<T>) -> Evaluated<T> {
        let under_way = self.under_way.get() + 1;
        if under_way > MAX_UNDER_WAY {
            return Err(Failure::new(
                "the template is nested too deeply, or a macro calls itself without end",
                place,
            ));
        }
        self.fuel.spend(1).map_err(|message| Failure::new(message, place))?;
        self.under_way.set(under_way);
        let result = run();
        self.under_way.set(under_way - 1);
        result
    }

    /// A value that is put to use, for which a name that was not found is a mistake.
    pub fn defined(&self, expression: &Expression, scope: &Rc<Scope>) -> Evaluated<Value> {
        self.insist(self.evaluate(expression, scope)?)
    }

    pub fn insist(&self, value: Value) -> Evaluated<Value> {
        match value {
            Value::Undefined(Some(missing)) if !self.dialect.lenient => {
                let place = Place { line: missing.line, column: missing.column };
                let failure = Failure::new(format!("'{}' is undefined", missing.path), place);
                Err(match &missing.hint {
                    Some(hint) => failure.with_hint(hint),
                    None => failure,
                })
            }
            other => Ok(other),
        }
    }

    pub fn evaluate(&self, expression: &Expression, scope: &Rc<Scope>) -> Evaluated<Value> {
        self.enter(expression.place, || self.node(expression, scope))
    }

    fn node(&self, expression: &Expression, scope: &Rc<Scope>) -> Evaluated<Value> {
        let place = expression.place;
        let at = |message: String| Failure::new(message, place);
        match &expression.node {
            Node::Null => Ok(Value::Null),
            Node::Bool(flag) => Ok(Value::Bool(*flag)),
            Node::Number(number) => Ok(Value::Number(*number)),
            Node::Text(text) => Ok(Value::Text(Rc::clone(text))),
            Node::Pattern(pattern) => Ok(Value::Pattern(Rc::clone(pattern))),
            Node::Name(name) => Ok(self.name(name, expression, scope)),
            Node::List(items) => {
                let items: Evaluated<Vec<Value>> =
                    items.iter().map(|item| self.evaluate(item, scope)).collect();
                Ok(Value::list(items?))
            }
            Node::Group(items) => items.iter().try_fold(Value::Null, |_, item| self.evaluate(item, scope)),
            Node::Record(entries) => {
                let mut pairs = Vec::new();
                for (key, value) in entries {
                    pairs.push((Rc::clone(key), self.evaluate(value, scope)?));
                }
                Ok(Value::Record(Rc::new(Record::new(pairs))))
            }
            Node::Member(target, key) => self.member(expression, target, key, scope),
            Node::Slice(target, parts) => self.slice(target, parts, place, scope),
            Node::When { value, condition, otherwise } => {
                if self.evaluate(condition, scope)?.is_truthy() {
                    return self.evaluate(value, scope);
                }
                otherwise
                    .as_ref()
                    .map_or_else(|| Ok(Value::text("")), |otherwise| self.evaluate(otherwise, scope))
            }
            Node::Or(left, right) => {
                let left = self.evaluate(left, scope)?;
                if left.is_truthy() { Ok(left) } else { self.evaluate(right, scope) }
            }
            Node::And(left, right) => {
                let left = self.evaluate(left, scope)?;
                if left.is_truthy() { self.evaluate(right, scope) } else { Ok(left) }
            }
            Node::Not(target) => Ok(Value::Bool(!self.evaluate(target, scope)?.is_truthy())),
            Node::Negative(target) => Ok(Value::Number(-self.number(target, scope)?)),
            Node::Positive(target) => Ok(Value::Number(self.number(target, scope)?)),
            Node::Floor(target) => Ok(Value::Number(self.number(target, scope)?.floor())),
            Node::Binary(operator, left, right) => {
                let (left, right) = (self.defined(left, scope)?, self.defined(right, scope)?);
                binary(*operator, &left, &right, &self.fuel).map_err(at)
            }
            Node::Compare(left, compared) => self.compare(left, compared, scope),
            Node::In(left, right) => {
                let (needle, container) = (self.defined(left, scope)?, self.defined(right, scope)?);
                contains(&container, &needle, &self.fuel).map(Value::Bool).map_err(at)
            }
            Node::Is(target, name, arguments) => self.is(target, name, arguments, place, scope),
            Node::Filter(name, input, arguments) => self.filter(name, input, arguments, place, scope),
            Node::Call(target, arguments) => self.call(target, arguments, place, scope),
            Node::Capture(body) => {
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
        compared: &[(Operator, Expression)],
        scope: &Rc<Scope>,
    ) -> Evaluated<Value> {
        let mut left = self.evaluate(left, scope)?;
        for (operator, right) in compared {
            let place = right.place;
            let mut right = self.evaluate(right, scope)?;
            let equality =
                matches!(operator, Operator::Alike | Operator::Same | Operator::Unlike | Operator::NotSame);
            if !equality {
                left = self.insist(left)?;
                right = self.insist(right)?;
            }
            let answer = compare(*operator, &left, &right, &self.fuel)
                .map_err(|message| Failure::new(message, place))?;
            left = Value::Bool(answer);
        }
        Ok(left)
    }

    fn number(&self, target: &Expression, scope: &Rc<Scope>) -> Evaluated<f64> {
        self.defined(target, scope)?.number(&self.fuel).map_err(|message| Failure::new(message, target.place))
    }
}
