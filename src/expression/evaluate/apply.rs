//! Applies filters, tests, functions and macros to values.

use std::cell::Cell;
use std::rc::Rc;

use crate::expression::checks::{TESTS, asks_presence, passes};
use crate::expression::evaluate::{Evaluated, Evaluator};
use crate::expression::failure::{RenderFailure, SourcePosition};
use crate::expression::filters;
use crate::expression::functions::range;
use crate::expression::input::SourceCursor;
use crate::expression::methods;
use crate::expression::references::path;
use crate::expression::scope::VariableScope;
use crate::expression::suggest::nearest;
use crate::expression::syntax::{Arguments, Expression, Macro};
use crate::expression::value::{Callable, Cycler, Fallible, Record, Value};

/// Arguments by position and by name.
type CallArguments = (Vec<Value>, Vec<(Rc<str>, Value)>);

impl Evaluator<'_> {
    pub fn is(
        &self,
        target: &Expression,
        name: &str,
        arguments: &[Expression],
        place: SourcePosition,
        scope: &Rc<VariableScope>,
    ) -> Evaluated<Value> {
        let Some((_, count)) = TESTS.iter().find(|(known, _)| *known == name) else {
            return Err(unknown("test", name, TESTS.iter().map(|(known, _)| *known), place));
        };
        if *count != arguments.len() {
            return Err(RenderFailure::new(format!("the test '{name}' takes {count} arguments"), place));
        }
        let mut value = self.evaluate(target, scope)?;
        if !asks_presence(name) {
            value = self.insist(value)?;
        }
        let arguments: Evaluated<Vec<Value>> =
            arguments.iter().map(|each| self.evaluate(each, scope)).collect();
        passes(name, &value, &arguments?, &self.fuel)
            .map(Value::Bool)
            .map_err(|message| RenderFailure::new(message, place))
    }

    pub fn filter(
        &self,
        name: &str,
        input: &Expression,
        arguments: &Arguments,
        place: SourcePosition,
        scope: &Rc<VariableScope>,
    ) -> Evaluated<Value> {
        let name = if self.dialect.cookiecutter && name == "jsonify" { "dump" } else { name };
        let Some(run) = filters::find(name) else {
            return Err(unknown("filter", name, filters::filters(), place));
        };
        let mut value = self.evaluate(input, scope)?;
        if !filters::expects_undefined(name) {
            value = self.insist(value)?;
        }
        let (positional, named) = self.arguments(arguments, scope)?;
        let arguments =
            placed(name, positional, named).map_err(|message| RenderFailure::new(message, place))?;
        if matches!(value, Value::Callable(_)) {
            return Err(RenderFailure::new(format!("the filter '{name}' cannot work on a function"), place));
        }
        run(&SourceCursor { value: &value, arguments: &arguments, fuel: &self.fuel })
            .map_err(|message| RenderFailure::new(format!("{name}: {message}"), place))
    }

    pub fn arguments(&self, arguments: &Arguments, scope: &Rc<VariableScope>) -> Evaluated<CallArguments> {
        let mut positional = Vec::new();
        for each in &arguments.positional {
            positional.push(self.evaluate(each, scope)?);
        }
        let mut named = Vec::new();
        for (name, each) in &arguments.named {
            named.push((Rc::clone(name), self.evaluate(each, scope)?));
        }
        Ok((positional, named))
    }

    pub fn call(
        &self,
        target: &Expression,
        arguments: &Arguments,
        place: SourcePosition,
        scope: &Rc<VariableScope>,
    ) -> Evaluated<Value> {
        let at = |message: String| RenderFailure::new(message, place);
        let called = self.evaluate(target, scope)?;
        let Value::Callable(callable) = &called else { return Err(self.not_callable(target, &called)) };
        let (positional, named) = self.arguments(arguments, scope)?;
        if let Callable::Macro(number) = **callable {
            return self.invoke(number, &positional, &named, place);
        }
        if !named.is_empty() {
            return Err(at("this function takes no named arguments".into()));
        }
        let status = self.dialect.status;
        if let Some(status) = status.filter(|_| matches!(**callable, Callable::Always | Callable::Failure)) {
            status.asked.set(true);
            return Ok(Value::Bool(matches!(**callable, Callable::Always) || status.failed));
        }
        let function = |callable: Callable| Ok(Value::Callable(Rc::new(callable)));
        match &**callable {
            Callable::Range => range(&positional, &self.fuel).map_err(at),
            Callable::NewCycler => function(Callable::Cycler(Rc::new(Cycler::new(positional)))),
            Callable::NewJoiner => {
                let separator = positional
                    .into_iter()
                    .next()
                    .filter(Value::is_truthy)
                    .unwrap_or_else(|| Value::text(","));
                function(Callable::Joiner { separator, used: Cell::new(false) })
            }
            Callable::CyclerNext(cycler) => Ok(cycler.next()),
            Callable::CyclerReset(cycler) => {
                cycler.reset();
                Ok(Value::UNDEFINED)
            }
            Callable::Joiner { separator, used } => {
                Ok(if used.replace(true) { separator.clone() } else { Value::text("") })
            }
            Callable::Method(receiver, name) => {
                let (least, most) =
                    methods::arity(receiver, name, self.dialect.cookiecutter).unwrap_or((0, usize::MAX));
                if !(least..=most).contains(&positional.len()) {
                    return Err(at(format!("'{name}' does not take {} arguments", positional.len())));
                }
                methods::call(receiver, name, &positional, &self.fuel).map_err(at)
            }
            _ => Err(at("this cannot be called".into())),
        }
    }

    pub fn not_callable(&self, target: &Expression, value: &Value) -> RenderFailure {
        let name = path(target).map_or_else(|| "this".into(), |path| format!("'{}'", path.join(".")));
        RenderFailure::new(format!("{name} is {} and cannot be called", value.kind()), target.place)
    }

    /// Keeps a macro with the scope that it sees; values hold only its number, so that none holds itself.
    pub fn define(&self, macro_: &Rc<Macro>, scope: &Rc<VariableScope>) -> Value {
        let mut macros = self.macros.borrow_mut();
        macros.push((Rc::clone(macro_), Rc::clone(scope)));
        Value::Callable(Rc::new(Callable::Macro(macros.len() - 1)))
    }

    /// A macro's text; names it does not take are left aside, as in nunjucks.
    pub fn invoke(
        &self,
        number: usize,
        positional: &[Value],
        named: &[(Rc<str>, Value)],
        place: SourcePosition,
    ) -> Evaluated<Value> {
        let (macro_, defined_in) = self.macros.borrow()[number].clone();
        let scope = defined_in.child(true);
        let given =
            |name: &str| named.iter().find(|(known, _)| **known == *name).map(|(_, value)| value.clone());
        for (index, parameter) in macro_.parameters.iter().enumerate() {
            scope.put(
                parameter,
                positional.get(index).cloned().or_else(|| given(parameter)).unwrap_or(Value::UNDEFINED),
            );
        }
        for (index, (name, default)) in macro_.defaults.iter().enumerate() {
            let extra = positional.get(macro_.parameters.len() + index).cloned();
            let value = match given(name).or(extra) {
                Some(value) => value,
                None => self.evaluate(default, &scope)?,
            };
            scope.put(name, value);
        }
        if let Some(caller) = given("caller") {
            scope.put(&Rc::from("caller"), caller);
        }
        let mut text = String::new();
        self.enter(place, || self.body(&macro_.body, &scope, &mut text, false))?;
        Ok(Value::Safe(Rc::from(text)))
    }
}

/// Named arguments of a filter: a few know their names; the others get them as a last object, as nunjucks has it.
fn placed(filter: &str, mut positional: Vec<Value>, named: Vec<(Rc<str>, Value)>) -> Fallible<Vec<Value>> {
    if named.is_empty() {
        return Ok(positional);
    }
    let names: &[&str] = match filter {
        "int" => &["default", "base"],
        "sort" => &["reverse", "case_sensitive", "attribute"],
        "parseRepoUrl" | "parseEntityRef" | "projectSlug" | "pick" => {
            return Err("it takes no named arguments".into());
        }
        _ => {
            let pairs = named.into_iter().chain([(Rc::from("__keywords"), Value::Bool(true))]);
            positional.push(Value::Record(Rc::new(Record::new(pairs))));
            return Ok(positional);
        }
    };
    for (name, value) in named {
        if let Some(index) = names.iter().position(|known| *known == &*name) {
            positional.resize(positional.len().max(index + 1), Value::UNDEFINED);
            positional[index] = value;
        }
    }
    Ok(positional)
}

fn unknown<'a>(
    what: &str,
    name: &str,
    known: impl Iterator<Item = &'a str>,
    place: SourcePosition,
) -> RenderFailure {
    let failure = RenderFailure::new(format!("there is no {what} '{name}'"), place);
    match nearest(name, known) {
        Some(found) => failure.with_hint(format!("did you mean '{found}'?")),
        None => failure,
    }
}
