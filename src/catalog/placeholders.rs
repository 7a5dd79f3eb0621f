//! `$text`, `$json` and `$yaml`: what another file holds, put in the place of the map that names it.

use serde_json::Value;

use crate::catalog::rules::PLACEHOLDER;
use crate::yaml::{Document, LintFinding, documents, step};

pub const PLACEHOLDERS: [&str; 3] = ["$text", "$json", "$yaml"];
/// A definition is read by nobody here, and may be long: that its file is there is enough.
const DEFINITION: &str = "/spec/definition";

/// The text of the file that a placeholder names, relative to the file it stands in; nothing for a URL.
pub type IncludedText<'a> = dyn Fn(&str) -> anyhow::Result<Option<String>> + 'a;

/// Puts in what placeholders name, and returns whether there were any. One that leads to nothing is a problem, and stays.
pub fn resolve(document: &mut Document, include: &IncludedText<'_>, problems: &mut Vec<LintFinding>) -> bool {
    let mut found = Vec::new();
    collect(&document.value, &mut String::new(), &mut found);
    let mut is_changed = false;
    for (pointer, key, target) in found {
        let read =
            include(&target).and_then(|text| text.map(|text| value_of(&key, &target, &text)).transpose());
        match read {
            Ok(Some(_)) if pointer == DEFINITION && key == "$text" => {}
            Ok(Some(value)) => is_changed |= document.replace(&pointer, value),
            Ok(None) => {}
            Err(error) => {
                let problem = document.problem(&format!("{pointer}/{key}"), format!("{key}: {error:#}"));
                problems.push(LintFinding::new(&PLACEHOLDER, problem));
            }
        }
    }
    is_changed
}

/// Every placeholder with its pointer. The depth of a document is bounded, so that recursion is.
fn collect(value: &Value, pointer: &mut String, found: &mut Vec<(String, String, String)>) {
    let length = pointer.len();
    match value {
        Value::Object(map) => {
            let only = (map.len() == 1).then(|| map.iter().next()).flatten();
            if let Some((key, Value::String(target))) = only
                && PLACEHOLDERS.contains(&key.as_str())
            {
                found.push((pointer.clone(), key.clone(), target.clone()));
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
    use crate::yaml::{Document, documents};

    use super::resolve;

    #[test]
    fn what_a_placeholder_names_stands_in_its_place() {
        let text = "a: {$yaml: steps.yaml}\nb: [{$text: t}, {$json: j}, {$file: f}, {$text: 'https://x/y'}]\nc: {$yaml: none}\nd: {$text: t, e: f}\nspec: {definition: {$text: t}}\n";
        let mut document: Document = documents("m.yaml", text).remove(0).expect("valid");
        let include = |target: &str| match target {
            "steps.yaml" => Ok(Some("- {id: x}\n".to_string())),
            "t" => Ok(Some("one\n".to_string())),
            "j" => Ok(Some("{\"k\": 1}".to_string())),
            other if other.starts_with("https:") => Ok(None),
            other => anyhow::bail!("{other} does not exist"),
        };
        let mut problems = Vec::new();
        assert!(resolve(&mut document, &include, &mut problems));
        assert_eq!(
            document.value.to_string(),
            r#"{"a":[{"id":"x"}],"b":["one\n",{"k":1},{"$file":"f"},{"$text":"https://x/y"}],"c":{"$yaml":"none"},"d":{"$text":"t","e":"f"},"spec":{"definition":{"$text":"t"}}}"#
        );
        assert_eq!(document.place("/a/0/id").to_string(), "m.yaml:1:4");
        assert_eq!(document.place("/b/3").to_string(), "m.yaml:2:41");
        let told: Vec<String> = problems.iter().map(ToString::to_string).collect();
        assert_eq!(told, ["m.yaml:3:12: $yaml: none does not exist"]);
    }
}
