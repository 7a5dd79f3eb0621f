//! The arguments of a method, read as JavaScript reads them.

use std::rc::Rc;

use crate::expression::value::{Fallible, Fuel, Value};

/// What a method is called with.
pub struct MethodArguments<'a> {
    pub arguments: &'a [Value],
    pub fuel: &'a Fuel,
}

impl MethodArguments<'_> {
    /// An argument; undefined where it is not given.
    pub fn value(&self, index: usize) -> Value {
        self.arguments.get(index).cloned().unwrap_or(Value::UNDEFINED)
    }

    /// An argument as text.
    pub fn text(&self, index: usize) -> Fallible<Rc<str>> {
        self.value(index).string(self.fuel)
    }

    /// A whole number; none where the argument is not given.
    pub fn whole(&self, index: usize) -> Fallible<Option<i64>> {
        match self.value(index) {
            Value::Undefined(_) => Ok(None),
            given => Ok(Some(given.number(self.fuel)?.trunc() as i64)),
        }
    }

    /// A position in something of a length; negative ones count from the end where `from_end`.
    pub fn position(&self, index: usize, length: usize, default: usize, from_end: bool) -> Fallible<usize> {
        let Some(given) = self.whole(index)? else { return Ok(default) };
        let given = if given < 0 && from_end { given + length as i64 } else { given };
        Ok(usize::try_from(given.max(0)).unwrap_or(0).min(length))
    }
}
