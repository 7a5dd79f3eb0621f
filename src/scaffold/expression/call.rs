//! What a template can call: macros, the few global functions, and methods of values.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use crate::scaffold::expression::scope::Scope;
use crate::scaffold::expression::syntax::Macro;
use crate::scaffold::expression::value::{Fallible, Fuel, Value, add, order};

pub enum Callable {
    Macro(Rc<Macro>, Rc<Scope>),
    Range,
    NewCycler,
    NewJoiner,
    Always,
    Failure,
    Cycler(Rc<Cycler>),
    CyclerNext(Rc<Cycler>),
    CyclerReset(Rc<Cycler>),
    Joiner { separator: Value, used: Cell<bool> },
    Method(Value, Rc<str>),
}

pub struct Cycler {
    values: Vec<Value>,
    index: RefCell<Option<usize>>,
}

impl Cycler {
    pub fn new(values: Vec<Value>) -> Self {
        Self { values, index: RefCell::new(None) }
    }

    pub fn current(&self) -> Value {
        self.index.borrow().and_then(|index| self.values.get(index).cloned()).unwrap_or(Value::Null)
    }

    pub fn next(&self) -> Value {
        if self.values.is_empty() {
            return Value::UNDEFINED;
        }
        let next = self.index.borrow().map_or(0, |index| (index + 1) % self.values.len());
        *self.index.borrow_mut() = Some(next);
        self.current()
    }

    pub fn reset(&self) {
        *self.index.borrow_mut() = None;
    }
}

/// `range(stop)`, `range(start, stop)`, `range(start, stop, step)`.
pub fn range(arguments: &[Value], fuel: &Fuel) -> Fallible<Value> {
    let argument = |index: usize| arguments.get(index).cloned().unwrap_or(Value::UNDEFINED);
    let (mut value, stop, step) = match argument(1) {
        Value::Undefined(_) => (Value::Number(0.0), argument(0), Value::Number(1.0)),
        stop => (argument(0), stop, if argument(2).is_truthy() { argument(2) } else { Value::Number(1.0) }),
    };
    let upwards = order(&step, &Value::Number(0.0), fuel)? == Some(std::cmp::Ordering::Greater);
    let wanted = if upwards { std::cmp::Ordering::Less } else { std::cmp::Ordering::Greater };
    let mut items = Vec::new();
    while order(&value, &stop, fuel)? == Some(wanted) {
        fuel.spend(1)?;
        items.push(value.clone());
        value = add(&value, &step, fuel)?;
    }
    Ok(Value::list(items))
}
