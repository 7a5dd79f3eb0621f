//! Where the names of a template live: what is set in a loop or macro is not seen outside it.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use crate::expression::value::Value;

pub struct VariableScope {
    parent: Option<Rc<VariableScope>>,
    /// What is set here never reaches the scopes above.
    isolated: bool,
    entries: RefCell<HashMap<Rc<str>, ScopeEntry>>,
}

struct ScopeEntry {
    value: Value,
    /// The values a template is given cannot be set, only hidden.
    writable: bool,
}

impl VariableScope {
    pub fn root(values: impl IntoIterator<Item = (Rc<str>, Value)>) -> Rc<Self> {
        let entries =
            values.into_iter().map(|(name, value)| (name, ScopeEntry { value, writable: false })).collect();
        Rc::new(Self { parent: None, isolated: false, entries: RefCell::new(entries) })
    }

    pub fn child(self: &Rc<Self>, isolated: bool) -> Rc<Self> {
        Rc::new(Self { parent: Some(Rc::clone(self)), isolated, entries: RefCell::default() })
    }

    pub fn get(&self, name: &str) -> Option<Value> {
        if let Some(entry) = self.entries.borrow().get(name) {
            return Some(entry.value.clone());
        }
        self.parent.as_ref()?.get(name)
    }

    /// Sets a name in this very scope.
    pub fn put(&self, name: &Rc<str>, value: Value) {
        self.entries.borrow_mut().insert(Rc::clone(name), ScopeEntry { value, writable: true });
    }

    /// Sets a name where it was set before, else here.
    pub fn assign(&self, name: &Rc<str>, value: Value) {
        let here = self.entries.borrow().get(name).is_some_and(|entry| entry.writable);
        match &self.parent {
            Some(parent) if !here && !self.isolated && parent.can_assign(name) => parent.assign(name, value),
            _ => self.put(name, value),
        }
    }

    fn can_assign(&self, name: &str) -> bool {
        match self.entries.borrow().get(name) {
            Some(entry) => entry.writable,
            None => !self.isolated && self.parent.as_ref().is_some_and(|parent| parent.can_assign(name)),
        }
    }

    /// Names visible from here, for suggestions.
    pub fn names(&self) -> Vec<Rc<str>> {
        let mut names: Vec<Rc<str>> = self.entries.borrow().keys().cloned().collect();
        if let Some(parent) = &self.parent {
            names.extend(parent.names());
        }
        names
    }
}
