//! `$text`, `$json` and `$yaml`: what another file holds, put in the place of the map that names it, as Backstage's catalog has it.

use serde_json::Value;

use crate::yaml::document::{Document, step};
use crate::yaml::documents;
use crate::yaml::problem::Problem;

pub const PLACEHOLDERS: [&str; 3] = ["$text", "$json", "$yaml"];
/// More files than any document is put together from.
const MOST: usize = 200;

/// A map that is nothing but the name of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placeholder {
    /// Where it stands.
    pub pointer: String,
    /// One of `PLACEHOLDERS`.
    pub key: String,
    /// The file, relative to the one it stands in.
    pub target: String,
}

/// The text of the file that a placeholder names; nothing where it is to stay as it is.
pub type IncludedText<'a> = dyn Fn(&Placeholder) -> anyhow::Result<Option<String>> + 'a;

/// What became of the placeholders of a document.
#[derive(Debug, Default)]
pub struct PlaceholdersRead {
    /// Whether something was put in.
    pub is_changed: bool,
    /// Those that lead to nothing, which stay.
    pub problems: Vec<Problem>,
}

/// Puts in what placeholders name. In what is brought none is looked for, as in Backstage.
pub fn resolve(document: &mut Document, include: &IncludedText<'_>) -> PlaceholdersRead {
    let mut found = Vec::new();
    collect(&document.value, &mut String::new(), &mut found);
    let mut read = PlaceholdersRead::default();
    for (number, placeholder) in found.iter().enumerate() {
        let Placeholder { pointer, key, target } = placeholder;
        if number >= MOST {
            let message = format!("there are more than {MOST} placeholders: the rest is not read");
            read.problems.push(document.problem(&format!("{pointer}/{key}"), message));
            break;
        }
        let text = include(placeholder);
        match text.and_then(|text| text.map(|text| value_of(key, target, &text)).transpose()) {
            Ok(Some(value)) => read.is_changed |= document.replace(pointer, value),
            Ok(None) => {}
            Err(error) => {
                let problem = document.problem(&format!("{pointer}/{key}"), format!("{key}: {error:#}"));
                read.problems.push(problem);
            }
        }
    }
    read
}

/// Every placeholder. The depth of a document is bounded, so that recursion is.
fn collect(value: &Value, pointer: &mut String, found: &mut Vec<Placeholder>) {
    let length = pointer.len();
    match value {
        Value::Object(map) => {
            let only = (map.len() == 1).then(|| map.iter().next()).flatten();
            if let Some((key, Value::String(target))) = only
                && PLACEHOLDERS.contains(&key.as_str())
            {
                let (pointer, key, target) = (pointer.clone(), key.clone(), target.clone());
                found.push(Placeholder { pointer, key, target });
                return;
            }
            for (key, value) in map {
                pointer.push('/');
                pointer.push_str(&step(key));
                collect(value, pointer, found);
                pointer.truncate(length);
            }
        }
        Value::Array(items) => {
            for (index, value) in items.iter().enumerate() {
                pointer.push_str(&format!("/{index}"));
                collect(value, pointer, found);
                pointer.truncate(length);
            }
        }
        _ => {}
    }
}

fn value_of(key: &str, target: &str, text: &str) -> anyhow::Result<Value> {
    match key {
        "$text" => Ok(Value::String(text.to_string())),
        "$json" => {
            serde_json::from_str(text).map_err(|error| anyhow::anyhow!("{target} is no JSON: {error}"))
        }
        _ => {
            let mut all = documents(target, text);
            anyhow::ensure!(all.len() == 1, "{target} holds {} documents where one is expected", all.len());
            Ok(all.remove(0)?.value)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{MOST, Placeholder, resolve};
    use crate::yaml::{Document, documents};

    fn include(placeholder: &Placeholder) -> anyhow::Result<Option<String>> {
        match placeholder.target.as_str() {
            "steps.yaml" => Ok(Some("- {id: x}\n- {$text: t}\n".to_string())),
            "two.yaml" => Ok(Some("a: 1\n---\nb: 2\n".to_string())),
            "empty.yaml" => Ok(Some("# nothing\n".to_string())),
            "t" => Ok(Some("one\n".to_string())),
            "j" => Ok(Some("{\"k\": 1}".to_string())),
            other if other.starts_with("https:") => Ok(None),
            other => anyhow::bail!("{other} does not exist"),
        }
    }

    #[track_caller]
    fn check(text: &str, expect: &str, told: &[&str]) -> Document {
        let mut document: Document = documents("m.yaml", text).remove(0).expect("valid");
        let read = resolve(&mut document, &include);
        assert_eq!(document.value.to_string(), expect);
        assert_eq!(read.problems.iter().map(ToString::to_string).collect::<Vec<_>>(), told);
        document
    }

    #[test]
    fn what_a_placeholder_names_stands_in_its_place() {
        let document = check(
            "a: {$yaml: steps.yaml}\nb: [{$text: t}, {$json: j}, {$file: f}, {$text: 'https://x/y'}]\nd: {$text: t, e: f}\n",
            r#"{"a":[{"id":"x"},{"$text":"t"}],"b":["one\n",{"k":1},{"$file":"f"},{"$text":"https://x/y"}],"d":{"$text":"t","e":"f"}}"#,
            &[],
        );
        assert_eq!(document.place("/a/0/id").to_string(), "m.yaml:1:4");
        assert_eq!(document.place("/b/3").to_string(), "m.yaml:2:41");
    }

    #[test]
    fn one_that_leads_to_nothing_stays_and_is_told() {
        check(
            "c: {$yaml: none}\nd: {$json: t}\ne: {$yaml: two.yaml}\nf: {$yaml: empty.yaml}\ng: {$text: [t]}\n",
            r#"{"c":{"$yaml":"none"},"d":{"$json":"t"},"e":{"$yaml":"two.yaml"},"f":{"$yaml":"empty.yaml"},"g":{"$text":["t"]}}"#,
            &[
                "m.yaml:1:12: $yaml: none does not exist",
                "m.yaml:2:12: $json: t is no JSON: expected value at line 1 column 1",
                "m.yaml:3:12: $yaml: two.yaml holds 2 documents where one is expected",
                "m.yaml:4:12: $yaml: empty.yaml holds 0 documents where one is expected",
            ],
        );
    }

    #[test]
    fn there_is_an_end_to_them() {
        let text = format!("a:\n{}", "- {$text: t}\n".repeat(MOST + 5));
        let mut document: Document = documents("m.yaml", &text).remove(0).expect("valid");
        let read = resolve(&mut document, &include);
        assert_eq!(read.problems.len(), 1);
        assert!(read.problems[0].to_string().contains("more than 200 placeholders"), "{}", read.problems[0]);
    }
}
