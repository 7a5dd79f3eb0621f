//! Paths of JSONata: steps one after the other, filters, groups and orders of what they find.

use std::rc::Rc;

use crate::scaffold::jsonata::evaluate::JsonataEvaluator;
use crate::scaffold::jsonata::operators;
use crate::scaffold::jsonata::syntax::{JsonataExpr, JsonataNode, JsonataPair};
use crate::scaffold::jsonata::value::{JsonataList, JsonataResult, JsonataScope, JsonataValue, set};

impl JsonataEvaluator<'_> {
    pub fn path(
        &self,
        steps: &[JsonataExpr],
        input: &JsonataValue,
        scope: &Rc<JsonataScope>,
    ) -> JsonataResult {
        let asks_a_variable =
            matches!(steps.first(), Some(JsonataExpr { node: JsonataNode::Variable(_), .. }));
        let mut current = match input {
            JsonataValue::List(_) if !asks_a_variable => input.clone(),
            // One thing, also where it is nothing: a first step may be a call or a variable.
            other => JsonataList::found(vec![other.clone()]),
        };
        for (index, step) in steps.iter().enumerate() {
            current = match &step.node {
                JsonataNode::List { whole: true, .. } if index == 0 => {
                    self.evaluate(step, &current, scope)?
                }
                JsonataNode::Sort(terms) => {
                    let mut sorted = self.sorted(terms, &current, scope)?;
                    for filter in &step.filters {
                        sorted = self.filtered(filter, sorted, scope)?;
                    }
                    sorted
                }
                _ => self.stepped(step, &current, index + 1 == steps.len(), scope)?,
            };
            match &current {
                JsonataValue::Undefined => break,
                JsonataValue::List(list) if list.items.is_empty() => break,
                _ => {}
            }
        }
        Ok(current)
    }

    /// A step asked of each thing, and all that they gave.
    fn stepped(
        &self,
        step: &JsonataExpr,
        current: &JsonataValue,
        is_last: bool,
        scope: &Rc<JsonataScope>,
    ) -> JsonataResult {
        let mut results = Vec::new();
        let things = match current {
            JsonataValue::List(list) => list.items.as_slice(),
            other => std::slice::from_ref(other),
        };
        for thing in things {
            let mut value = self.step_value(step, thing, scope)?;
            for filter in &step.filters {
                value = self.filtered(filter, value, scope)?;
            }
            if !value.is_undefined() {
                results.push(value);
            }
        }
        if let ([JsonataValue::List(list)], true) = (results.as_slice(), is_last)
            && !list.found
        {
            return Ok(JsonataValue::List(list.clone()));
        }
        let mut all = Vec::new();
        for result in results {
            match result {
                JsonataValue::List(list) if !list.whole => all.extend(list.items.iter().cloned()),
                other => all.push(other),
            }
            self.fuel.spend(all.len() as u64 / 64)?;
        }
        Ok(JsonataList::found(all))
    }

    pub fn filtered(
        &self,
        filter: &JsonataExpr,
        value: JsonataValue,
        scope: &Rc<JsonataScope>,
    ) -> JsonataResult {
        let items = match &value {
            JsonataValue::List(list) => list.items.clone(),
            other => vec![other.clone()],
        };
        let at = |number: f64| {
            let index = number.floor();
            if index < 0.0 { index + items.len() as f64 } else { index }
        };
        if let (JsonataNode::Number(number), true) = (&filter.node, filter.filters.is_empty()) {
            let index = at(*number);
            let found = (index >= 0.0).then(|| items.get(index as usize)).flatten();
            return Ok(match found {
                None | Some(JsonataValue::Undefined) => JsonataList::found(Vec::new()),
                Some(list @ JsonataValue::List(_)) => list.clone(),
                Some(one) => JsonataList::found(vec![one.clone()]),
            });
        }
        let mut found = Vec::new();
        for (index, item) in items.iter().enumerate() {
            let asked = self.evaluate(filter, item, scope)?;
            let numbers: Option<Vec<f64>> = match &asked {
                JsonataValue::Number(number) => Some(vec![*number]),
                JsonataValue::List(list) if !list.items.is_empty() => list
                    .items
                    .iter()
                    .map(|item| match item {
                        JsonataValue::Number(number) => Some(*number),
                        _ => None,
                    })
                    .collect(),
                _ => None,
            };
            match numbers {
                Some(numbers) => {
                    let times = numbers.iter().filter(|number| at(**number) == index as f64).count();
                    found.extend(std::iter::repeat_n(item.clone(), times));
                }
                None if asked.is_truthy() => found.push(item.clone()),
                None => {}
            }
        }
        Ok(JsonataList::found(found))
    }

    /// One object of all things: each key once, its value from all things that have it.
    pub fn grouped(
        &self,
        pairs: &[JsonataPair],
        input: JsonataValue,
        scope: &Rc<JsonataScope>,
    ) -> JsonataResult {
        let things = match &input {
            JsonataValue::List(list) if list.items.is_empty() => vec![JsonataValue::Undefined],
            JsonataValue::List(list) => list.items.clone(),
            other => vec![other.clone()],
        };
        let mut groups: Vec<(Rc<str>, usize, JsonataValue)> = Vec::new();
        for thing in &things {
            for (index, (key, _)) in pairs.iter().enumerate() {
                let key = match self.evaluate(key, thing, scope)? {
                    JsonataValue::Undefined => continue,
                    JsonataValue::Text(key) => key,
                    other => {
                        return Err(format!("a key of an object must be a text, not {}", other.type_name()));
                    }
                };
                self.fuel.spend(1 + groups.len() as u64 / 16)?;
                match groups.iter_mut().find(|(known, ..)| *known == key) {
                    Some((_, of, _)) if *of != index => {
                        return Err(format!("several pairs of an object make the key '{key}'"));
                    }
                    Some((.., data)) => {
                        let before = std::mem::replace(data, JsonataValue::Undefined);
                        *data = before.appended(thing.clone(), self.fuel)?;
                    }
                    None => groups.push((key, index, thing.clone())),
                }
            }
        }
        let mut made = Vec::new();
        for (key, index, data) in groups {
            let value = self.evaluate(&pairs[index].1, &data, scope)?;
            if !value.is_undefined() {
                set(&mut made, &key, value);
            }
        }
        Ok(JsonataValue::Record(Rc::new(made)))
    }

    /// Sorts by merging, as the order of equal things must stay and a comparison may fail.
    fn sorted(
        &self,
        terms: &[(bool, JsonataExpr)],
        things: &JsonataValue,
        scope: &Rc<JsonataScope>,
    ) -> JsonataResult {
        let mut keyed = Vec::new();
        for thing in things.items() {
            let keys = terms.iter().map(|(_, term)| self.evaluate(term, &thing, scope));
            keyed.push((keys.collect::<JsonataResult<Vec<_>>>()?, thing));
        }
        let descending: Vec<bool> = terms.iter().map(|(descending, _)| *descending).collect();
        self.fuel.spend(keyed.len() as u64 * 8)?;
        let sorted = operators::sorted_by_keys(keyed, &descending)?;
        Ok(JsonataList::found(sorted.into_iter().map(|(_, thing)| thing).collect()))
    }
}
