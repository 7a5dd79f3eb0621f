//! Looks up names, members and slices, and says what is there where nothing is found.

use std::rc::Rc;

use crate::expression::evaluate::{Evaluated, Evaluator};
use crate::expression::failure::{RenderFailure, SourcePosition};
use crate::expression::lookup::own;
use crate::expression::methods;
use crate::expression::references::path;
use crate::expression::scope::VariableScope;
use crate::expression::suggest::nearest;
use crate::expression::syntax::Expression;
use crate::expression::value::{Callable, Missing, Value};

/// Names that a GitHub workflow's own `${{ }}` begins with.
const GITHUB: &[&str] =
    &["github", "env", "matrix", "runner", "needs", "inputs", "vars", "job", "jobs", "strategy", "secrets"];

impl Evaluator<'_> {
    pub fn name(&self, name: &Rc<str>, expression: &Expression, scope: &Rc<VariableScope>) -> Value {
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
            nearest(last, candidates.iter().map(|name| &**name)).map(|name| format!("did you mean '{name}'?"))
        };
        let SourcePosition { line, column } = expression.place;
        Value::Undefined(Some(Rc::new(Missing { path: path.join("."), line, column, hint })))
    }

    fn may_be_absent(&self, path: &[String]) -> bool {
        let Some(absent) = self.dialect.absent else { return false };
        (1..=path.len()).any(|length| absent.contains(&path[..length].join(".")))
    }

    pub fn member(
        &self,
        expression: &Expression,
        target: &Expression,
        key: &Expression,
        scope: &Rc<VariableScope>,
    ) -> Evaluated<Value> {
        let value = self.evaluate(target, scope)?;
        let key = self.defined(key, scope)?;
        let key = key.string(&self.fuel).map_err(|message| RenderFailure::new(message, expression.place))?;
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

    pub fn slice(
        &self,
        target: &Expression,
        parts: &[Option<Expression>; 3],
        place: SourcePosition,
        scope: &Rc<VariableScope>,
    ) -> Evaluated<Value> {
        let at = |message: String| RenderFailure::new(message, place);
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
}
