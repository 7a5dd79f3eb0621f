//! `-o json` and `-o yaml`: kubectl's List, written piece by piece.

use anyhow::Result;
use serde_json::Value;

use crate::text::safe_json;

/// Bytes that are written at once.
const PIECE: usize = 1 << 16;
/// What stands before each line of an item.
const INDENT: &str = "        ";

/// Writes a List of objects, each as it comes: all of their text may be more than there is room for.
pub struct ListWriter<W> {
    is_yaml: bool,
    is_empty: bool,
    text: String,
    write: W,
}

impl<W: FnMut(&str) -> Result<()>> ListWriter<W> {
    pub fn new(is_yaml: bool, write: W) -> ListWriter<W> {
        let head = if is_yaml {
            "apiVersion: v1\nitems:"
        } else {
            "{\n    \"apiVersion\": \"v1\",\n    \"items\": ["
        };
        ListWriter { is_yaml, is_empty: true, text: head.to_string(), write }
    }

    pub fn add(&mut self, object: Value) -> Result<()> {
        if self.is_yaml {
            self.text.push('\n');
            self.text += crate::yaml::emit(&Value::Array(vec![sorted(object)])).trim_end_matches('\n');
        } else {
            self.text += if self.is_empty { "\n" } else { ",\n" };
            self.text += INDENT;
            self.text += &json_text(object)?.trim_end().replace('\n', &format!("\n{INDENT}"));
        }
        self.is_empty = false;
        if self.text.len() >= PIECE {
            (self.write)(&self.text)?;
            self.text.clear();
        }
        Ok(())
    }

    /// Writes what is left; whether there was no object.
    pub fn end(mut self) -> Result<bool> {
        self.text += match (self.is_yaml, self.is_empty) {
            (true, true) => " []",
            (true, false) | (false, true) => "",
            (false, false) => "\n    ",
        };
        self.text += if self.is_yaml {
            "\nkind: List\nmetadata:\n  resourceVersion: \"\"\n"
        } else {
            "],\n    \"kind\": \"List\",\n    \"metadata\": {\n        \"resourceVersion\": \"\"\n    }\n}\n"
        };
        (self.write)(&self.text)?;
        Ok(self.is_empty)
    }
}

/// JSON as kubectl indents it.
pub fn json_text(value: Value) -> Result<String, serde_json::Error> {
    let mut bytes = Vec::new();
    let formatter = serde_json::ser::PrettyFormatter::with_indent(b"    ");
    let mut serializer = serde_json::Serializer::with_formatter(&mut bytes, formatter);
    serde::Serialize::serialize(&sorted(value), &mut serializer)?;
    Ok(safe_json(String::from_utf8_lossy(&bytes).into_owned()) + "\n")
}

/// Keys by name, as Go writes them.
pub fn sorted(value: Value) -> Value {
    match value {
        Value::Object(map) => {
            let mut fields: Vec<(String, Value)> =
                map.into_iter().map(|(key, value)| (key, sorted(value))).collect();
            fields.sort_by(|(one, _), (other, _)| one.cmp(other));
            Value::Object(fields.into_iter().collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(sorted).collect()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::{ListWriter, json_text, sorted};
    use serde_json::{Value, json};

    fn list(objects: Vec<Value>) -> Value {
        json!({"apiVersion": "v1", "items": objects, "kind": "List", "metadata": {"resourceVersion": ""}})
    }

    #[test]
    fn the_pieces_are_the_list() {
        let one =
            json!({"kind": "Pod", "spec": {"args": ["a\nb", "- c"], "b": {}, "a": []}, "apiVersion": "v1"});
        let many = vec![json!({"data": {"long": "x".repeat(1000)}}); 200];
        for objects in [vec![], vec![one.clone()], vec![one, json!({"metadata": {"name": "b"}})], many] {
            for is_yaml in [false, true] {
                let (mut text, mut pieces) = (String::new(), 0);
                let mut writer = ListWriter::new(is_yaml, |piece| {
                    pieces += 1;
                    text += piece;
                    Ok(())
                });
                objects.iter().for_each(|object| writer.add(object.clone()).expect("written"));
                assert_eq!(writer.end().expect("written"), objects.is_empty());
                let whole = match is_yaml {
                    true => crate::yaml::emit(&sorted(list(objects.clone()))),
                    false => json_text(list(objects.clone())).expect("text"),
                };
                assert_eq!(text, whole);
                assert_eq!(pieces > 1, objects.len() > 100);
            }
        }
    }
}
