//! Objects and lists: their members, their size, what depends on what.

use serde_json::{Map, Value as Json};

use crate::expression::Pattern;
use crate::scaffold::schema::types::{same, shown};
use crate::scaffold::schema::{SchemaCheck, Violation, ViolationKind};
use crate::yaml::step;

impl SchemaCheck<'_> {
    pub fn object(&mut self, schema: &Map<String, Json>, map: &Map<String, Json>, at: &str, depth: usize) {
        let inner = |key: &str| format!("{at}/{}", step(key));
        for key in
            schema.get("required").and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_str)
        {
            if !map.contains_key(key) {
                self.report(&inner(key), "is required");
            }
        }
        let empty = Map::new();
        let properties = schema.get("properties").and_then(Json::as_object).unwrap_or(&empty);
        let patterns = schema.get("patternProperties").and_then(Json::as_object).unwrap_or(&empty);
        for (key, value) in map {
            let mut known = false;
            if let Some(property) = properties.get(key) {
                known = true;
                self.against(property, value, &inner(key), depth + 1);
            }
            for (pattern, property) in patterns {
                if Pattern::new(pattern, "").is_ok_and(|pattern| pattern.occurs(key).unwrap_or(false)) {
                    known = true;
                    self.against(property, value, &inner(key), depth + 1);
                }
            }
            match schema.get("additionalProperties") {
                Some(Json::Bool(false)) if !known => {
                    let names = crate::text::closest(key, properties.keys().map(String::as_str));
                    let meant =
                        names.first().map(|name| format!("; did you mean '{name}'?")).unwrap_or_default();
                    self.found.push(Violation {
                        kind: ViolationKind::UnknownName,
                        pointer: inner(key),
                        message: format!("is not known here{meant}"),
                    });
                }
                Some(others) if !known => self.against(others, value, &inner(key), depth + 1),
                _ => {}
            }
            if let Some(names) = schema.get("propertyNames") {
                self.against(names, &Json::String(key.clone()), &inner(key), depth + 1);
            }
        }
        self.size(schema, ("minProperties", "maxProperties"), map.len(), "properties", at);
        self.dependencies(schema, map, at, depth);
    }

    /// `dependencies` of draft 7 and what it was split into later.
    fn dependencies(&mut self, schema: &Map<String, Json>, map: &Map<String, Json>, at: &str, depth: usize) {
        for word in ["dependencies", "dependentRequired", "dependentSchemas"] {
            let Some(dependencies) = schema.get(word).and_then(Json::as_object) else { continue };
            for (key, dependency) in dependencies.iter().filter(|(key, _)| map.contains_key(*key)) {
                match dependency {
                    Json::Array(required) => {
                        for needed in required
                            .iter()
                            .filter_map(Json::as_str)
                            .filter(|needed| !map.contains_key(*needed))
                        {
                            self.report(
                                &format!("{at}/{}", step(needed)),
                                format!("is required with '{key}'"),
                            );
                        }
                    }
                    dependent => self.against(dependent, &Json::Object(map.clone()), at, depth + 1),
                }
            }
        }
    }

    pub fn array(&mut self, schema: &Map<String, Json>, items: &[Json], at: &str, depth: usize) {
        match schema.get("items") {
            Some(Json::Array(positions)) => {
                for (index, (item, schema)) in items.iter().zip(positions).enumerate() {
                    self.against(schema, item, &format!("{at}/{index}"), depth + 1);
                }
                for (index, item) in items.iter().enumerate().skip(positions.len()) {
                    if let Some(schema) = schema.get("additionalItems") {
                        self.against(schema, item, &format!("{at}/{index}"), depth + 1);
                    }
                }
            }
            Some(schema) => {
                for (index, item) in items.iter().enumerate() {
                    self.against(schema, item, &format!("{at}/{index}"), depth + 1);
                }
            }
            None => {}
        }
        self.size(schema, ("minItems", "maxItems"), items.len(), "items", at);
        if schema.get("uniqueItems") == Some(&Json::Bool(true)) {
            let repeated = items
                .iter()
                .enumerate()
                .find(|(index, item)| items[..*index].iter().any(|before| same(before, item)));
            if let Some((index, item)) = repeated {
                self.report(&format!("{at}/{index}"), format!("repeats {}", shown(item)));
            }
        }
        if let Some(wanted) = schema.get("contains")
            && !items.iter().any(|item| self.fits(wanted, item, depth))
        {
            self.report(at, "lacks an item that it must contain");
        }
    }

    pub fn size(
        &mut self,
        schema: &Map<String, Json>,
        words: (&str, &str),
        size: usize,
        noun: &str,
        at: &str,
    ) {
        let bound = |word: &str| {
            schema.get(word).and_then(Json::as_u64).and_then(|bound| usize::try_from(bound).ok())
        };
        if let Some(least) = bound(words.0).filter(|least| size < *least) {
            self.report(at, format!("must have at least {least} {noun}, not {size}"));
        }
        if let Some(most) = bound(words.1).filter(|most| size > *most) {
            self.report(at, format!("must have at most {most} {noun}, not {size}"));
        }
    }
}
