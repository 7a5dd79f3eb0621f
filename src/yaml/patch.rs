//! A YAML text whose documents are changed into others: comments, order, quotes and layout of all that stays the same stay.
//!
//! As with `edit`, what comes out is read again and must hold what was wanted: what the search for a place has misunderstood is an
//! error, and never a file with something else in it.

use std::ops::Range;

use serde_json::{Map, Value};

use crate::yaml::document::{Document, YamlLimits, step};
use crate::yaml::documents_within;
use crate::yaml::problem::Problem;
use crate::yaml::span::{block_end, flow_length, offset, plain_length, quoted_length};

/// The text with these documents; `write` lays out what is new, as a document of its own.
pub fn patched(
    name: &str,
    text: &str,
    wanted: &[Value],
    write: &dyn Fn(&Value) -> String,
) -> Result<String, Problem> {
    let before = read(name, text)?;
    let mut edits = Vec::new();
    for (document, wanted) in before.iter().zip(wanted) {
        let mut patch = TextPatch { text, document, write, edits: Vec::new() };
        if patch.change("", &document.value, wanted, None).is_none() {
            return Err(refused(document));
        }
        edits.append(&mut patch.edits);
    }
    edits.sort_by_key(|(range, _)| (range.start, range.end));
    let apart = edits.windows(2).all(|pair| pair[0].0.end <= pair[1].0.start);
    if let (false, Some(first)) = (apart, before.first()) {
        return Err(refused(first));
    }
    let mut output = text.to_string();
    for (range, new) in edits.iter().rev() {
        output.replace_range(range.clone(), new);
    }
    let holds = read(name, &output).is_ok_and(|after| after.iter().map(|one| &one.value).eq(wanted));
    match before.first() {
        Some(first) if !holds => Err(refused(first)),
        _ => Ok(output),
    }
}

fn refused(document: &Document) -> Problem {
    document.problem("", "this cannot be changed without touching something else")
}

fn read(name: &str, text: &str) -> Result<Vec<Document>, Problem> {
    documents_within(name, text, &YamlLimits::for_objects()).into_iter().collect()
}

struct TextPatch<'a> {
    text: &'a str,
    document: &'a Document,
    write: &'a dyn Fn(&Value) -> String,
    /// What stands in the place of which bytes.
    edits: Vec<(Range<usize>, String)>,
}

/// What a value stands behind.
#[derive(Clone, Copy)]
enum ValueHolder<'a> {
    Key(&'a str),
    Dash,
}

impl TextPatch<'_> {
    /// None where no place was found.
    fn change(
        &mut self,
        pointer: &str,
        old: &Value,
        new: &Value,
        holder: Option<ValueHolder<'_>>,
    ) -> Option<()> {
        if old == new {
            return Some(());
        }
        let place = self.document.place(pointer);
        let in_block = |at: usize| !self.text[at..].starts_with(['{', '[', '&', '*', '!']);
        let at = offset(self.text, place.line, place.column)?;
        match (old, new) {
            (Value::Object(old), Value::Object(new)) if !old.is_empty() && in_block(at) => {
                let mut more = Map::new();
                for (key, new) in new {
                    match old.get(key) {
                        Some(old) => {
                            self.change(
                                &format!("{pointer}/{}", step(key)),
                                old,
                                new,
                                Some(ValueHolder::Key(key)),
                            )?;
                        }
                        None => _ = more.insert(key.clone(), new.clone()),
                    }
                }
                if !more.is_empty() {
                    let end = block_end(self.text, at, place.column, false);
                    let lines = self.indented(&Value::Object(more), place.column - 1);
                    self.edits.push((end..end, format!("{}{lines}", self.line_end())));
                }
                Some(())
            }
            (Value::Array(old_items), Value::Array(new))
                if !old_items.is_empty() && new.len() >= old_items.len() && in_block(at) =>
            {
                for (index, (old, new)) in old_items.iter().zip(new).enumerate() {
                    self.change(&format!("{pointer}/{index}"), old, new, Some(ValueHolder::Dash))?;
                }
                if new.len() > old_items.len() {
                    let (dash, column) = self.dash(pointer, old)?;
                    let end = block_end(self.text, dash, column, true);
                    let more = Value::Array(new[old_items.len()..].to_vec());
                    let lines = self.indented(&more, column - 1);
                    self.edits.push((end..end, format!("{}{lines}", self.line_end())));
                }
                Some(())
            }
            _ => self.replace(pointer, at, old, new, holder?),
        }
    }

    /// A value in the place of the old one, whatever both are.
    fn replace(
        &mut self,
        pointer: &str,
        at: usize,
        old: &Value,
        new: &Value,
        holder: ValueHolder<'_>,
    ) -> Option<()> {
        let (from, column) = match holder {
            ValueHolder::Key(_) => {
                let key = self.document.key_place(pointer);
                let start = offset(self.text, key.line, key.column)?;
                let length = match self.text[start..].chars().next()? {
                    quote @ ('"' | '\'') => quoted_length(&self.text[start..], quote)?,
                    _ => 0,
                };
                (start + length + self.text[start + length..].find(':')? + 1, key.column)
            }
            ValueHolder::Dash => {
                let (dash, column) = self.dash_before(self.first_byte(pointer, old)?)?;
                (dash + 1, column)
            }
        };
        let end =
            if old.is_null() { self.null_end(from) } else { self.value_end(pointer, from, column, old)? };
        let is_flow = self.text[at..].starts_with(['{', '[']) && (new.is_object() || new.is_array());
        let written = match holder {
            _ if is_flow => format!(" {new}"),
            ValueHolder::Key(key) => {
                let pair = Map::from_iter([(key.to_string(), new.clone())]);
                let written = self.indented(&Value::Object(pair), column - 1);
                // The key as it is written anew may have other quotes than the old one.
                let key = (self.write)(&Value::Object(Map::from_iter([(key.to_string(), Value::Null)])));
                let length = column - 1 + key.rfind(':')? + 1;
                written.get(length..)?.to_string()
            }
            ValueHolder::Dash => {
                self.indented(&Value::Array(vec![new.clone()]), column - 1).get(column..)?.to_string()
            }
        };
        (from <= end).then(|| self.edits.push((from..end, written)))
    }

    /// Where the word for nothing ends, if there is one.
    fn null_end(&self, from: usize) -> usize {
        let rest = &self.text[from..];
        let blanks = rest.len() - rest.trim_start_matches([' ', '\t']).len();
        let word = ["null", "Null", "NULL", "~"].into_iter().find(|word| rest[blanks..].starts_with(word));
        word.map_or(from, |word| from + blanks + word.len())
    }

    /// Where the text of a value ends, which begins after a byte.
    fn value_end(&self, pointer: &str, from: usize, holder_column: usize, old: &Value) -> Option<usize> {
        let after = &self.text[from..];
        let blanks = after.len() - after.trim_start_matches([' ', '\t']).len();
        if after[blanks..].starts_with(['|', '>']) {
            return Some(block_end(self.text, from + blanks, holder_column + 1, false));
        }
        let at = self.first_byte(pointer, old)?;
        let rest = &self.text[at..];
        Some(match rest.chars().next()? {
            '&' | '*' | '!' => return None,
            '[' | '{' => at + flow_length(rest)?,
            _ if old.is_object() || old.is_array() => {
                let line = self.text[..at].rfind('\n').map_or(0, |end| end + 1);
                let column = self.text[line..at].chars().count() + 1;
                block_end(self.text, at, column, old.is_array())
            }
            quote @ ('"' | '\'') => at + quoted_length(rest, quote)?,
            _ => at + plain_length(rest),
        })
    }

    /// The byte at which a value begins: that of a list in lines is its first dash.
    fn first_byte(&self, pointer: &str, value: &Value) -> Option<usize> {
        let place = self.document.place(pointer);
        let at = offset(self.text, place.line, place.column)?;
        match value {
            Value::Array(items) if !items.is_empty() && !self.text[at..].starts_with('[') => {
                Some(self.dash(pointer, value)?.0)
            }
            _ => Some(at),
        }
    }

    /// The first dash of a list, and its column.
    fn dash(&self, pointer: &str, list: &Value) -> Option<(usize, usize)> {
        self.dash_before(self.first_byte(&format!("{pointer}/0"), list.get(0)?)?)
    }

    /// The last dash before a byte, on its line, and its column.
    fn dash_before(&self, at: usize) -> Option<(usize, usize)> {
        let line = self.text[..at].rfind('\n').map_or(0, |end| end + 1);
        let dash = line + self.text[line..at].rfind('-')?;
        Some((dash, self.text[line..dash].chars().count() + 1))
    }

    fn line_end(&self) -> &'static str {
        if self.text.contains("\r\n") { "\r\n" } else { "\n" }
    }

    /// A value laid out at a column, without a line break at its end.
    fn indented(&self, value: &Value, blanks: usize) -> String {
        let written = (self.write)(value);
        let lines = written.trim_end_matches('\n').split('\n').map(|line| match line.is_empty() {
            true => String::new(),
            false => format!("{}{line}", " ".repeat(blanks)),
        });
        lines.collect::<Vec<_>>().join(self.line_end())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::patched;
    use crate::yaml::emit;

    #[track_caller]
    fn check(text: &str, wanted: Value, expect: &str) {
        let found =
            patched("f", text, &[wanted], &|value| emit(value)).map_err(|problem| problem.to_string());
        assert_eq!(found.as_deref(), Ok(expect));
    }

    #[test]
    fn what_stays_the_same_stays_as_it_is() {
        check(
            "# top\nimage:\n  # where\n  repo: 'r/x' # trailing\n  tag: old # which\n\n# how many\nreplicas: 2\n",
            json!({"image": {"repo": "r/x", "tag": "new", "pull": true}, "replicas": 2, "extra": [1]}),
            "# top\nimage:\n  # where\n  repo: 'r/x' # trailing\n  tag: new # which\n  pull: true\n\n# how many\nreplicas: 2\nextra:\n- 1\n",
        );
        check("a: 1 # one", json!({"a": 2, "b": 3}), "a: 2 # one\nb: 3");
        check(
            "a: {b: 1, c: [x]} # flow\n",
            json!({"a": {"b": 2, "c": ["x"]}}),
            "a: {\"b\":2,\"c\":[\"x\"]} # flow\n",
        );
        check("a:\n# none\nb:\r\n", json!({"a": {"x": 1}, "b": null}), "a:\r\n  x: 1\n# none\nb:\r\n");
        check("a: |\n  x\n\n  y\n# c\nb: 1\n", json!({"a": "z", "b": 1}), "a: z\n# c\nb: 1\n");
    }

    #[test]
    fn lists_grow_and_change_item_by_item() {
        let kustomize = "resources:\n# sorted\n- a # first\n- b\n# after\nother: 1\n";
        check(
            kustomize,
            json!({"resources": ["a", "b", "c"], "other": 1}),
            "resources:\n# sorted\n- a # first\n- b\n- c\n# after\nother: 1\n",
        );
        check(
            kustomize,
            json!({"resources": ["a", "z"], "other": 1}),
            "resources:\n# sorted\n- a # first\n- z\n# after\nother: 1\n",
        );
        check(kustomize, json!({"resources": ["z"], "other": 1}), "resources:\n- z\n# after\nother: 1\n");
        check(
            "l:\n  - name: a # x\n    v: 1\n  - name: b\n",
            json!({"l": [{"name": "a", "v": 2, "w": 3}, {"name": "b"}, {"name": "c"}]}),
            "l:\n  - name: a # x\n    v: 2\n    w: 3\n  - name: b\n  - name: c\n",
        );
        check("# c\n- 1\n- 2\n", json!([1, 3, 4]), "# c\n- 1\n- 3\n- 4\n");
    }

    #[test]
    fn what_cannot_be_placed_is_refused() {
        for (text, wanted) in [
            ("a: &x {b: 1}\nc: *x\n", json!({"a": {"b": 1}, "c": {"b": 2}})),
            ("a: one\n  two\n", json!({"a": "x"})),
        ] {
            let found = patched("f", text, &[wanted], &|value| emit(value));
            assert!(found.is_err(), "{found:?}");
        }
    }

    #[test]
    fn no_mutation_gives_anything_else_than_was_wanted() {
        let good = [
            "# c\na:\n  b: 1 # one\n  c: 'x'\nl:\n- n: 1\n  m: [2]\n# d\n- n: 2\n",
            "{\"a\": {\"b\": 1}, \"l\": [1, 2]}\n",
        ];
        crate::mutation::each(&good, |text| {
            let Ok(before) = super::read("f", text) else { return };
            let wanted: Vec<Value> = before.iter().map(|one| changed(one.value.clone())).collect();
            _ = patched("f", text, &wanted, &|value| emit(value));
        });
    }

    fn changed(value: Value) -> Value {
        match value {
            Value::Object(mut map) => {
                map.values_mut().for_each(|value| *value = changed(value.take()));
                map.insert("new".into(), json!({"x": ["y"]}));
                Value::Object(map)
            }
            Value::Array(mut items) => {
                items.push(json!({"z": 1}));
                Value::Array(items)
            }
            _ => json!("changed"),
        }
    }
}
