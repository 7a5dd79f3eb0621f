//! Evaluates JSONata expressions, as its reference implementation does; how deep and how much is bounded.

use std::cell::Cell;
use std::rc::Rc;

use crate::expression::Fuel;
use crate::scaffold::jsonata::functions;
use crate::scaffold::jsonata::operators;
use crate::scaffold::jsonata::syntax::{
    JsonataExpr, JsonataLambda, JsonataNode, JsonataOperator, JsonataPair,
};
use crate::scaffold::jsonata::transform;
use crate::scaffold::jsonata::value::{
    JsonataCaller, JsonataContext, JsonataFunction, JsonataList, JsonataNative, JsonataResult, JsonataScope,
    JsonataValue,
};

/// Parts of an expression that are evaluated inside of each other.
const MAX_DEPTH: usize = 250;

pub struct JsonataEvaluator<'a> {
    pub fuel: &'a Fuel,
    depth: Cell<usize>,
}

impl JsonataCaller for JsonataEvaluator<'_> {
    fn call(&self, function: &JsonataValue, arguments: Vec<JsonataValue>) -> JsonataResult {
        self.apply(function, arguments, &JsonataValue::Undefined)
    }

    fn fuel(&self) -> &Fuel {
        self.fuel
    }
}

impl<'a> JsonataEvaluator<'a> {
    pub fn new(fuel: &'a Fuel) -> Self {
        JsonataEvaluator { fuel, depth: Cell::new(0) }
    }

    /// The value of an expression; of what a path found one thing is the thing itself, and none is nothing.
    pub fn evaluate(
        &self,
        expr: &JsonataExpr,
        input: &JsonataValue,
        scope: &Rc<JsonataScope>,
    ) -> JsonataResult {
        let mut value = self.deeper(|| self.node(expr, input, scope))?;
        for filter in &expr.filters {
            value = self.filtered(filter, value, scope)?;
        }
        self.finished(expr, value, scope)
    }

    /// As `evaluate`, without the filters: those of a step choose among the items of each thing that it is asked of.
    pub fn step_value(
        &self,
        expr: &JsonataExpr,
        input: &JsonataValue,
        scope: &Rc<JsonataScope>,
    ) -> JsonataResult {
        let value = self.deeper(|| self.node(expr, input, scope))?;
        self.finished(expr, value, scope)
    }

    fn deeper<T>(&self, work: impl FnOnce() -> JsonataResult<T>) -> JsonataResult<T> {
        self.fuel.spend(1)?;
        self.depth.set(self.depth.get() + 1);
        if self.depth.get() > MAX_DEPTH {
            return Err("it goes too deep".into());
        }
        let done = work();
        self.depth.set(self.depth.get() - 1);
        done
    }

    fn finished(&self, expr: &JsonataExpr, value: JsonataValue, scope: &Rc<JsonataScope>) -> JsonataResult {
        let value = match &expr.group {
            Some(pairs) => self.grouped(pairs, value, scope)?,
            None => value,
        };
        let JsonataValue::List(list) = &value else { return Ok(value) };
        if !list.found {
            let stays = expr.keep && list.whole && matches!(expr.node, JsonataNode::Path(_));
            return Ok(if stays { JsonataList::found(vec![value]) } else { value });
        }
        let keep = expr.keep || list.keep;
        match (list.items.as_slice(), keep) {
            ([], _) => Ok(JsonataValue::Undefined),
            ([one], false) => Ok(one.clone()),
            _ if keep == list.keep => Ok(value),
            _ => Ok(JsonataValue::List(Rc::new(JsonataList { keep, ..(**list).clone() }))),
        }
    }

    fn node(&self, expr: &JsonataExpr, input: &JsonataValue, scope: &Rc<JsonataScope>) -> JsonataResult {
        Ok(match &expr.node {
            JsonataNode::Text(text) => JsonataValue::Text(text.clone()),
            JsonataNode::Number(number) => JsonataValue::Number(*number),
            JsonataNode::Bool(flag) => JsonataValue::Bool(*flag),
            JsonataNode::Null => JsonataValue::Null,
            JsonataNode::Name(name) => input.at_key(name, self.fuel)?,
            JsonataNode::Variable(name) if name.is_empty() => match input {
                JsonataValue::List(list) if list.outer => {
                    list.items.first().cloned().unwrap_or(JsonataValue::Undefined)
                }
                other => other.clone(),
            },
            JsonataNode::Variable(name) => match scope.find(name) {
                Some(value) => value,
                None => functions::find(name)?,
            },
            JsonataNode::Wildcard => operators::wildcard(input, self.fuel)?,
            JsonataNode::Descendants => operators::descendants(input, self.fuel)?,
            JsonataNode::Pattern(pattern) => function(JsonataFunction::Pattern(pattern.clone())),
            JsonataNode::Path(steps) => self.path(steps, input, scope)?,
            JsonataNode::Sort(_) => return Err("an order stands in a path only".into()),
            JsonataNode::Operation(operator, pair) => self.operation(*operator, pair, input, scope)?,
            JsonataNode::Negative(operand) => match self.evaluate(operand, input, scope)? {
                JsonataValue::Undefined => JsonataValue::Undefined,
                JsonataValue::Number(number) => JsonataValue::Number(-number),
                other => return Err(format!("of {} there is no negative", other.type_name())),
            },
            JsonataNode::List { items, whole } => {
                let mut made = JsonataList { whole: *whole, ..JsonataList::default() };
                for item in items {
                    let value = self.evaluate(item, input, scope)?;
                    match (&item.node, value) {
                        (_, JsonataValue::Undefined) => {}
                        (JsonataNode::List { .. }, value) => made.items.push(value),
                        (_, value) => made.items.extend(value.items()),
                    }
                    self.fuel.spend(made.items.len() as u64 / 16)?;
                }
                JsonataValue::List(Rc::new(made))
            }
            JsonataNode::Record(pairs) => self.grouped(pairs, input.clone(), scope)?,
            JsonataNode::Block(parts) => {
                let inner = JsonataScope::inside(scope);
                let mut last = JsonataValue::Undefined;
                for part in parts {
                    last = self.evaluate(part, input, &inner)?;
                }
                last
            }
            JsonataNode::Choice(pair, other) => {
                if self.evaluate(&pair.0, input, scope)?.is_truthy() {
                    self.evaluate(&pair.1, input, scope)?
                } else if let Some(other) = other {
                    self.evaluate(other, input, scope)?
                } else {
                    JsonataValue::Undefined
                }
            }
            JsonataNode::Binding(name, value) => {
                let value = self.evaluate(value, input, scope)?;
                scope.bind(name, value.clone());
                value
            }
            JsonataNode::Lambda(lambda) => function(JsonataFunction::Lambda {
                lambda: lambda.clone(),
                input: input.clone(),
                scope: scope.clone(),
            }),
            JsonataNode::Call(called, arguments) => self.called(called, arguments, None, input, scope)?,
            JsonataNode::Transform(transform) => {
                function(JsonataFunction::Transform(transform.clone(), scope.clone()))
            }
        })
    }

    fn called(
        &self,
        called: &JsonataExpr,
        arguments: &[Option<JsonataExpr>],
        first: Option<JsonataValue>,
        input: &JsonataValue,
        scope: &Rc<JsonataScope>,
    ) -> JsonataResult {
        let to_call = self.evaluate(called, input, scope)?;
        let mut given: Vec<Option<JsonataValue>> = first.into_iter().map(Some).collect();
        for argument in arguments {
            given.push(match argument {
                Some(argument) => Some(self.evaluate(argument, input, scope)?),
                None => None,
            });
        }
        if given.iter().any(Option::is_none) {
            return Ok(function(JsonataFunction::Partial(to_call, given)));
        }
        self.apply(&to_call, given.into_iter().flatten().collect(), input)
    }

    fn apply(
        &self,
        called: &JsonataValue,
        mut arguments: Vec<JsonataValue>,
        input: &JsonataValue,
    ) -> JsonataResult {
        let JsonataValue::Function(found) = called else {
            return Err("what is called is no function".into());
        };
        match &**found {
            JsonataFunction::Native(native) => {
                with_context(native, &mut arguments, input);
                if arguments.len() < native.needs || arguments.len() > native.most {
                    return Err(format!("${} does not take {} arguments", native.name, arguments.len()));
                }
                self.deeper(|| (native.run)(self, &arguments)).map_err(|why| {
                    if why.starts_with('$') { why } else { format!("${}: {why}", native.name) }
                })
            }
            JsonataFunction::Lambda { lambda, input, scope } => self.run(lambda, arguments, input, scope),
            JsonataFunction::Partial(inner, given) => {
                let mut rest = arguments.into_iter();
                let all = given.iter().map(|value| value.clone().or_else(|| rest.next()));
                self.apply(inner, all.map(|value| value.unwrap_or(JsonataValue::Undefined)).collect(), input)
            }
            JsonataFunction::Chain(first, second) => {
                let between = self.deeper(|| self.apply(first, arguments, input))?;
                self.deeper(|| self.apply(second, vec![between], input))
            }
            JsonataFunction::Transform(parts, scope) => {
                let subject = arguments.into_iter().next().unwrap_or(JsonataValue::Undefined);
                transform::transformed(
                    &subject,
                    parts,
                    &|expr, input| self.evaluate(expr, input, scope),
                    self.fuel,
                )
            }
            JsonataFunction::Pattern(_) => Err("a regular expression is not called here".into()),
        }
    }

    fn run(
        &self,
        lambda: &JsonataLambda,
        arguments: Vec<JsonataValue>,
        input: &JsonataValue,
        scope: &Rc<JsonataScope>,
    ) -> JsonataResult {
        let inner = JsonataScope::inside(scope);
        let mut given = arguments.into_iter();
        for parameter in &lambda.parameters {
            inner.bind(parameter, given.next().unwrap_or(JsonataValue::Undefined));
        }
        self.evaluate(&lambda.body, input, &inner)
    }

    fn operation(
        &self,
        operator: JsonataOperator,
        (left, right): &JsonataPair,
        input: &JsonataValue,
        scope: &Rc<JsonataScope>,
    ) -> JsonataResult {
        let before = self.evaluate(left, input, scope)?;
        match operator {
            JsonataOperator::And if !before.is_truthy() => return Ok(JsonataValue::Bool(false)),
            JsonataOperator::Or if before.is_truthy() => return Ok(JsonataValue::Bool(true)),
            JsonataOperator::Else if before.is_truthy() => return Ok(before),
            JsonataOperator::Otherwise if !before.is_undefined() => return Ok(before),
            JsonataOperator::Apply => match &right.node {
                JsonataNode::Call(called, arguments) => {
                    return self.called(called, arguments, Some(before), input, scope);
                }
                _ => {
                    let after = self.evaluate(right, input, scope)?;
                    return match (&before, &after) {
                        (JsonataValue::Function(_), JsonataValue::Function(_)) => {
                            Ok(function(JsonataFunction::Chain(before, after)))
                        }
                        _ => self.apply(&after, vec![before], &JsonataValue::Undefined),
                    };
                }
            },
            _ => {}
        }
        let after = self.evaluate(right, input, scope)?;
        operators::applied(operator, before, after, self.fuel)
    }
}

fn function(function: JsonataFunction) -> JsonataValue {
    JsonataValue::Function(Rc::new(function))
}

/// Puts what is looked at before the arguments of a function that may do without its first.
fn with_context(native: &JsonataNative, arguments: &mut Vec<JsonataValue>, input: &JsonataValue) {
    let is_text = |value: Option<&JsonataValue>| {
        matches!(value, None | Some(JsonataValue::Text(_) | JsonataValue::Undefined))
    };
    let lacks = match native.context {
        JsonataContext::Never => false,
        JsonataContext::Any => arguments.len() < native.needs,
        JsonataContext::Text => {
            arguments.len() < native.needs || arguments.len() < native.most && !is_text(arguments.first())
        }
    };
    if lacks {
        arguments.insert(0, input.clone());
    }
}
