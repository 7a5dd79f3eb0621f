//! Runs the statements of a template, which make its text.

use std::rc::Rc;

use crate::expression::evaluate::{Evaluated, Evaluator};
use crate::expression::failure::{RenderFailure, SourcePosition};
use crate::expression::lookup::{characters, own};
use crate::expression::scope::VariableScope;
use crate::expression::syntax::{Expression, Statement, Statements};
use crate::expression::value::{Callable, Value, same};

const MAX_OUTPUT: usize = 64 << 20;

impl Evaluator<'_> {
    /// `top` is whether a name that is set here is seen by macros.
    pub fn body(
        &self,
        body: &Statements,
        scope: &Rc<VariableScope>,
        output: &mut String,
        top: bool,
    ) -> Evaluated<()> {
        body.iter().try_for_each(|statement| self.statement(statement, scope, output, top))
    }

    fn statement(
        &self,
        statement: &Statement,
        scope: &Rc<VariableScope>,
        output: &mut String,
        top: bool,
    ) -> Evaluated<()> {
        match statement {
            Statement::Text(text) => self.print(text, SourcePosition::START, output),
            Statement::Print(expression) => {
                let value = self.defined(expression, scope)?;
                let text = value
                    .printed(&self.fuel)
                    .map_err(|message| RenderFailure::new(message, expression.place))?;
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
                let callable = self.define(macro_, &self.shared);
                scope.put(name, callable.clone());
                self.shared.put(name, callable);
                Ok(())
            }
            Statement::Call { target, arguments, caller, place } => {
                let called = self.evaluate(target, scope)?;
                let Value::Callable(callable) = &called else {
                    return Err(self.not_callable(target, &called));
                };
                let Callable::Macro(number) = **callable else {
                    return Err(RenderFailure::new("only a macro can be called by a block", *place));
                };
                let (positional, mut named) = self.arguments(arguments, scope)?;
                named.push((Rc::from("caller"), self.define(caller, scope)));
                let value = self.invoke(number, &positional, &named, *place)?;
                let text =
                    value.printed(&self.fuel).map_err(|message| RenderFailure::new(message, *place))?;
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

    fn print(&self, text: &str, place: SourcePosition, output: &mut String) -> Evaluated<()> {
        self.fuel.text(text.len()).map_err(|message| RenderFailure::new(message, place))?;
        if output.len() + text.len() > MAX_OUTPUT {
            return Err(RenderFailure::new("the template makes too much text; rendering was stopped", place));
        }
        output.push_str(text);
        Ok(())
    }

    fn for_(
        &self,
        targets: &[Rc<str>],
        over: &Expression,
        (body, otherwise): (&Statements, Option<&Statements>),
        scope: &Rc<VariableScope>,
        output: &mut String,
    ) -> Evaluated<()> {
        let value = self.defined(over, scope)?;
        let items = items(&value, targets.len());
        let inner = scope.child(false);
        let length = items.len();
        for (index, item) in items.into_iter().enumerate() {
            match targets {
                [target] => inner.put(target, item),
                _ if item.is_nullish() => {
                    return Err(RenderFailure::new(
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
}

/// What a loop goes through: an object gives its entries to two names, and nothing to one.
fn items(value: &Value, targets: usize) -> Vec<Value> {
    match value {
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
