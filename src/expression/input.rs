//! What a filter is given.

use crate::expression::value::{Fuel, Value};

pub struct SourceCursor<'a> {
    pub value: &'a Value,
    pub arguments: &'a [Value],
    pub fuel: &'a Fuel,
}

impl SourceCursor<'_> {
    pub fn argument(&self, index: usize) -> Value {
        self.arguments.get(index).cloned().unwrap_or(Value::UNDEFINED)
    }
}
