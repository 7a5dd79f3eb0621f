//! Runs the tree of a template over its values.

use std::cell::Cell;
use std::cmp::Ordering;
use std::rc::Rc;

use serde_json::{Map, Value as Json};

use crate::scaffold::expression::call::Callable;
use crate::scaffold::expression::methods;
use crate::scaffold::expression::references::path;
use crate::scaffold::expression::scope::Scope;
use crate::scaffold::expression::sequences::own;
use crate::scaffold::expression::syntax::{Body, Expression, Node, Operator, Statement};
use crate::scaffold::expression::texts::characters;
use crate::scaffold::expression::value::{
    Fallible, Fuel, Missing, Record, Value, add, alike, from_json, join, order, same, to_json,
};
use crate::scaffold::expression::{Dialect, Failure, Place};
use crate::text::closest;

pub type Evaluated<T> = Result<T, Failure>;

/// How many expressions, blocks and macros may be under way at once; bounds the stack.
const MAX_UNDER_WAY: usize = 200;
const MAX_OUTPUT: usize = 64 << 20;

/// Names that a GitHub workflow's own `${{ }}` begins with.
const GITHUB: &[&str] =
    &["github", "env", "matrix", "runner", "needs", "inputs", "vars", "job", "jobs", "strategy", "secrets"];

pub struct Evaluator<'a> {
    pub dialect: Dialect<'a>,
    pub fuel: Fuel,
    under_way: Cell<usize>,
    /// What macros see: the values given, and what the template sets at its top.
    shared: Rc<Scope>,
}

impl<'a> Evaluator<'a> {
    pub fn new(context: &Map<String, Json>, dialect: Dialect<'a>, fuel: Fuel) -> Self {
        let values = context.iter().map(|(name, value)| (Rc::from(name.as_str()), from_json(value)));
        let shared = Scope::root(values).child(true);
        Self { dialect, fuel, under_way: Cell::new(0), shared }
    }

    pub fn text(&self, body: &Body) -> Evaluated<String> {
        let scope = self.shared.child(true);
        let mut output = String::new();
        let result = self.body(body, &scope, &mut output, true);
        scope.clear();
        self.shared.clear();
        result.map(|()| output)
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

    /// `top` is whether a name that is set here is seen by macros.
    pub fn body(&self, body: &Body, scope: &Rc<Scope>, output: &mut String, top: bool) -> Evaluated<()> {
        body.iter().try_for_each(|statement| self.statement(statement, scope, output, top))
    }

    fn statement(
        &self,
        statement: &Statement,
        scope: &Rc<Scope>,
        output: &mut String,
        top: bool,
    ) -> Evaluated<()> {
        match statement {
            Statement::Text(text) => self.print(text, Place::START, output),
            Statement::Print(expression) => {
                let value = self.defined(expression, scope)?;
                let text =
                    value.printed(&self.fuel).map_err(|message| Failure::new(message, expression.place))?;
                self.print(&text, expression.place, output)
            }
            Statement::If { branches, otherwise } => {
                for (condition, body) in branches {
                    if self.evaluate(condition, scope)?.is_truthy() {
                        return self.enter(condition.place, || self.body(body, scope, output, top));
                    }
                }
                otherwise.as_ref().map_or(Ok(()), |body| self.body(body, scope, output, top))
            }
            Statement::For { targets, over, body, otherwise } => {
                self.for_(targets, over, (body, otherwise.as_ref()), scope, output)
            }
            Statement::Set { targets, value } => {
                let value = self.evaluate(value, scope)?;
                for target in targets {
                    scope.assign(target, value.clone());
                    if top {
                        self.shared.put(target, value.clone());
                    }
                }
                Ok(())
            }
            Statement::Macro { name, macro_ } => {
                let callable =
                    Value::Callable(Rc::new(Callable::Macro(Rc::clone(macro_), Rc::clone(&self.shared))));
                scope.put(name, callable.clone());
                self.shared.put(name, callable);
                Ok(())
            }
            Statement::Call { target, arguments, caller, place } => {
                let called = self.evaluate(target, scope)?;
                let Value::Callable(callable) = &called else {
                    return Err(self.not_callable(target, &called));
                };
                let Callable::Macro(macro_, defined_in) = &**callable else {
                    return Err(Failure::new("only a macro can be called by a block", *place));
                };
                let (positional, mut named) = self.arguments(arguments, scope)?;
                let caller = Callable::Macro(Rc::clone(caller), Rc::clone(scope));
                named.push((Rc::from("caller"), Value::Callable(Rc::new(caller))));
                let value = self.invoke(macro_, defined_in, &positional, &named, *place)?;
                let text = value.printed(&self.fuel).map_err(|message| Failure::new(message, *place))?;
                self.print(&text, *place, output)
            }
            Statement::Block(body) => self.body(body, &scope.child(true), output, false),
            Statement::Switch { value, cases, otherwise } => {
                let value = self.evaluate(value, scope)?;
                let mut matched = false;
                for (condition, body) in cases {
                    matched = matched || same(&value, &self.evaluate(condition, scope)?);
                    if matched && !body.is_empty() {
                        return self.enter(condition.place, || self.body(body, scope, output, top));
                    }
                }
                otherwise.as_ref().map_or(Ok(()), |body| self.body(body, scope, output, top))
            }
        }
    }

    fn print(&self, text: &str, place: Place, output: &mut String) -> Evaluated<()> {
        self.fuel.text(text.len()).map_err(|message| Failure::new(message, place))?;
        if output.len() + text.len() > MAX_OUTPUT {
            return Err(Failure::new("the template makes too much text; rendering was stopped", place));
        }
        output.push_str(text);
        Ok(())
    }

    fn for_(
        &self,
        targets: &[Rc<str>],
        over: &Expression,
        (body, otherwise): (&Body, Option<&Body>),
        scope: &Rc<Scope>,
        output: &mut String,
    ) -> Evaluated<()> {
        let value = self.defined(over, scope)?;
        let items = self.items(&value, targets.len()).map_err(|message| Failure::new(message, over.place))?;
        let inner = scope.child(false);
        let length = items.len();
        for (index, item) in items.into_iter().enumerate() {
            match targets {
                [target] => inner.put(target, item),
                _ if item.is_nullish() => {
                    return Err(Failure::new(
                        format!("{} cannot be taken apart into several names", item.kind()),
                        over.place,
                    ));
                }
                targets => {
                    for (position, target) in targets.iter().enumerate() {
                        inner.put(target, own(&item, &position.to_string()).unwrap_or(Value::UNDEFINED));
                    }
                }
            }
            inner.put(&Rc::from("loop"), loop_record(index, length));
            self.enter(over.place, || self.body(body, &inner, output, false))?;
        }
        match otherwise {
            Some(body) if length == 0 => self.body(body, &inner, output, false),
            _ => Ok(()),
        }
    }

    /// What a loop goes through: an object gives its entries to two names, and nothing to one.
    fn items(&self, value: &Value, targets: usize) -> Fallible<Vec<Value>> {
        Ok(match value {
            Value::List(items) => items.borrow().clone(),
            Value::Record(record) if targets > 1 => record
                .iter()
                .map(|(key, value)| Value::list(vec![Value::Text(Rc::clone(key)), value.clone()]))
                .collect(),
            Value::Text(text) if targets == 1 => characters(text),
            Value::Safe(text) => characters(text),
            Value::Text(text) => {
                let pair = |(index, c): (usize, Value)| Value::list(vec![Value::text(index.to_string()), c]);
                characters(text).into_iter().enumerate().map(pair).collect()
            }
            _ => Vec::new(),
        })
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
                self.binary(*operator, &left, &right).map_err(at)
            }
            Node::Compare(left, compared) => self.compare(left, compared, scope),
            Node::In(left, right) => {
                let (needle, container) = (self.defined(left, scope)?, self.defined(right, scope)?);
                self.contains(&container, &needle).map(Value::Bool).map_err(at)
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

    fn number(&self, target: &Expression, scope: &Rc<Scope>) -> Evaluated<f64> {
        self.defined(target, scope)?.number(&self.fuel).map_err(|message| Failure::new(message, target.place))
    }

    fn name(&self, name: &Rc<str>, expression: &Expression, scope: &Rc<Scope>) -> Value {
        if let Some(value) = scope.get(name) {
            return value;
        }
        let callable = match (&**name, self.dialect.status.is_some()) {
            ("range", _) => Callable::Range,
            ("cycler", _) => Callable::NewCycler,
            ("joiner", _) => Callable::NewJoiner,
            ("always", true) => Callable::Always,
            ("failure", true) => Callable::Failure,
            ("True", _) if self.dialect.cookiecutter => return Value::Bool(true),
            ("False", _) if self.dialect.cookiecutter => return Value::Bool(false),
            ("None", _) if self.dialect.cookiecutter => return Value::Null,
            _ => return self.missing(expression, &scope.names()),
        };
        Value::Callable(Rc::new(callable))
    }

    /// Undefined, with what there is instead for the message, unless the path is known to be without a value.
    fn missing(&self, expression: &Expression, candidates: &[Rc<str>]) -> Value {
        let Some(path) = path(expression) else { return Value::UNDEFINED };
        if self.dialect.lenient || self.may_be_absent(&path) {
            return Value::UNDEFINED;
        }
        let last = path.last().map_or("", String::as_str);
        let hint = if path.len() == 1 && GITHUB.contains(&last) {
            Some("a GitHub Actions expression? add the file, such as \".github/workflows/*\", to copyWithoutTemplating, or put it between {% raw %} and {% endraw %}".into())
        } else {
            closest(last, candidates.iter().map(|name| &**name))
                .first()
                .map(|name| format!("did you mean '{name}'?"))
        };
        let Place { line, column } = expression.place;
        Value::Undefined(Some(Rc::new(Missing { path: path.join("."), line, column, hint })))
    }

    fn may_be_absent(&self, path: &[String]) -> bool {
        let Some(absent) = self.dialect.absent else { return false };
        (1..=path.len()).any(|length| absent.contains(&path[..length].join(".")))
    }

    fn member(
        &self,
        expression: &Expression,
        target: &Expression,
        key: &Expression,
        scope: &Rc<Scope>,
    ) -> Evaluated<Value> {
        let value = self.evaluate(target, scope)?;
        let key = self.defined(key, scope)?;
        let key = key.string(&self.fuel).map_err(|message| Failure::new(message, expression.place))?;
        if let Some(found) = own(&value, &key) {
            return Ok(found);
        }
        if methods::arity(&value, &key, self.dialect.cookiecutter).is_some() {
            return Ok(Value::Callable(Rc::new(Callable::Method(value, key))));
        }
        Ok(match &value {
            Value::Undefined(_) => value,
            Value::Callable(callable) => match (&**callable, &*key) {
                (Callable::Cycler(cycler), "next") => {
                    Value::Callable(Rc::new(Callable::CyclerNext(Rc::clone(cycler))))
                }
                (Callable::Cycler(cycler), "reset") => {
                    Value::Callable(Rc::new(Callable::CyclerReset(Rc::clone(cycler))))
                }
                (Callable::Cycler(cycler), "current") => cycler.current(),
                _ => Value::UNDEFINED,
            },
            Value::Record(record) => self.missing(expression, record.keys()),
            _ => self.missing(expression, &[]),
        })
    }

    fn slice(
        &self,
        target: &Expression,
        parts: &[Option<Expression>; 3],
        place: Place,
        scope: &Rc<Scope>,
    ) -> Evaluated<Value> {
        let at = |message: String| Failure::new(message, place);
        let value = self.defined(target, scope)?;
        let length = match own(&value, "length") {
            Some(length) => length.number(&self.fuel).map_err(at)?,
            None if !value.is_truthy() => 0.0,
            None => return Err(at(format!("a list or text can be sliced, not {}", value.kind()))),
        };
        let mut bounds = [None; 3];
        for (bound, part) in bounds.iter_mut().zip(parts) {
            if let Some(part) = part {
                *bound = Some(self.number(part, scope)?);
            }
        }
        let [start, stop, step] = bounds;
        let step = step.unwrap_or(1.0);
        if !step.is_finite() || step == 0.0 {
            return Err(at("the step of a slice is a number other than 0".into()));
        }
        let from_end = |bound: f64| if bound < 0.0 { bound + length } else { bound };
        let mut index = start.map_or(if step < 0.0 { length - 1.0 } else { 0.0 }, from_end);
        let stop = stop.map_or(if step < 0.0 { -1.0 } else { length }, from_end);
        let mut items = Vec::new();
        while index >= 0.0 && index <= length && (if step > 0.0 { index < stop } else { index > stop }) {
            self.fuel.spend(1).map_err(at)?;
            let key = Value::Number(index).string(&self.fuel).map_err(at)?;
            items.push(own(&value, &key).unwrap_or(Value::UNDEFINED));
            index += step;
        }
        Ok(Value::list(items))
    }

    fn binary(&self, operator: Operator, left: &Value, right: &Value) -> Fallible<Value> {
        match operator {
            Operator::Add => return add(left, right, &self.fuel),
            Operator::Join => return join(left, right, &self.fuel),
            _ => {}
        }
        let (left, right) = (left.number(&self.fuel)?, right.number(&self.fuel)?);
        Ok(Value::Number(match operator {
            Operator::Subtract => left - right,
            Operator::Multiply => left * right,
            Operator::Divide => left / right,
            Operator::Remainder => left % right,
            // JavaScript, unlike C, has no number here.
            _ if right.is_nan() || left.abs() == 1.0 && right.is_infinite() => f64::NAN,
            _ => left.powf(right),
        }))
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
            let answer =
                self.compared(*operator, &left, &right).map_err(|message| Failure::new(message, place))?;
            left = Value::Bool(answer);
        }
        Ok(left)
    }

    fn compared(&self, operator: Operator, left: &Value, right: &Value) -> Fallible<bool> {
        let order = || order(left, right, &self.fuel);
        Ok(match operator {
            Operator::Same => same(left, right),
            Operator::NotSame => !same(left, right),
            Operator::Alike => alike(left, right, &self.fuel)?,
            Operator::Unlike => !alike(left, right, &self.fuel)?,
            Operator::Less => order()? == Some(Ordering::Less),
            Operator::LessOrSame => matches!(order()?, Some(Ordering::Less | Ordering::Equal)),
            Operator::Greater => order()? == Some(Ordering::Greater),
            _ => matches!(order()?, Some(Ordering::Greater | Ordering::Equal)),
        })
    }

    fn contains(&self, container: &Value, needle: &Value) -> Fallible<bool> {
        Ok(match container {
            Value::Text(text) => text.contains(&*needle.string(&self.fuel)?),
            Value::List(items) => items.borrow().iter().any(|item| same(item, needle)),
            Value::Record(record) => record.get(&needle.string(&self.fuel)?).is_some(),
            other => {
                return Err(format!("'in' looks into a list, object or text, not into {}", other.kind()));
            }
        })
    }
}

fn loop_record(index: usize, length: usize) -> Value {
    let number = |number: usize| Value::Number(number as f64);
    Value::record([
        ("index", number(index + 1)),
        ("index0", number(index)),
        ("revindex", number(length - index)),
        ("revindex0", number(length - index - 1)),
        ("first", Value::Bool(index == 0)),
        ("last", Value::Bool(index + 1 == length)),
        ("length", number(length)),
    ])
}
