//! Says in a project's catalog file which golden path, and which version of it, the project came from.

use serde_json::Value as Json;

use crate::scaffold::actions::{SOURCE, VERSION};
use crate::scaffold::template::Template;
use crate::tree::{Tree, TreeEntry};
use crate::yaml::{self, Document};

/// Adds the annotations to every Component of a catalog file that lacks them; comments and layout stay. A file that is not there, is no
/// YAML or is written in a form that cannot be added to (`{a: b}`) stays as it is.
pub fn annotate(tree: &mut Tree, path: &str, template: &Template) {
    let Some(TreeEntry::File { bytes, executable }) = tree.get(path).cloned() else { return };
    let Ok(text) = String::from_utf8(bytes) else { return };
    let text = annotated(&text, template);
    let entry = TreeEntry::File { bytes: text.into_bytes(), executable };
    tree.insert(path, entry).expect("it stood there before");
}

fn annotated(text: &str, template: &Template) -> String {
    let end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let mut lines: Vec<String> = text.split_inclusive('\n').map(String::from).collect();
    let documents: Vec<Document> = yaml::documents("", text).into_iter().flatten().collect();
    // From the last on, so that places further up stay true.
    for document in documents.iter().rev().filter(|document| document.value["kind"] == "Component") {
        let Some((at, added)) = addition(document, template) else { continue };
        let mut next = lines.clone();
        next.splice(at..at, added.into_iter().map(|line| line + end));
        if yaml::documents("", &next.concat()).iter().all(Result::is_ok) {
            lines = next;
        }
    }
    lines.concat()
}

/// Before which line (from 0) to add which lines.
fn addition(document: &Document, template: &Template) -> Option<(usize, Vec<String>)> {
    let metadata = document.value["metadata"].as_object()?;
    let annotations = metadata.get("annotations");
    let known = |key: &str| annotations.is_some_and(|annotations| annotations.get(key).is_some());
    let wanted = [(SOURCE, Some(template.entity_ref())), (VERSION, template.version.clone())];
    let missing = wanted.into_iter().filter(|(key, _)| !known(key));
    let pairs: Vec<(&str, String)> = missing.filter_map(|(key, value)| Some((key, value?))).collect();
    if pairs.is_empty() {
        return None;
    }
    let spelt = |indent: usize, (key, value): &(&str, String)| {
        let value = yaml::emit(&Json::String(value.clone()));
        format!("{}{key}: {}", " ".repeat(indent), value.trim_end())
    };
    let first = |pointer: &str, entries: &serde_json::Map<String, Json>| {
        let key = entries.keys().next()?;
        let parent = document.key_place(pointer);
        let place = document.key_place(&format!("{pointer}/{}", yaml::step(key)));
        (place.line > parent.line).then_some(place)
    };
    match annotations.and_then(Json::as_object).filter(|entries| !entries.is_empty()) {
        Some(entries) => {
            let place = first("/metadata/annotations", entries)?;
            let indent = place.column - 1;
            Some((place.line - 1, pairs.iter().map(|pair| spelt(indent, pair)).collect()))
        }
        None if annotations.is_none() => {
            let place = first("/metadata", metadata)?;
            let indent = place.column - 1;
            let head = format!("{}annotations:", " ".repeat(indent));
            let added = pairs.iter().map(|pair| spelt(indent + 2, pair));
            Some((place.line - 1, std::iter::once(head).chain(added).collect()))
        }
        None => None,
    }
}

#[cfg(test)]
mod tests {
    use super::annotated;
    use crate::scaffold::template::read;

    #[track_caller]
    fn check(text: &str, expect: &str) {
        let template = read(
            "t",
            "apiVersion: scaffolder.backstage.io/v1beta3\nkind: Template\n\
             metadata: {name: T, annotations: {callboard.dev/version: 1.2.0}}\nspec: {type: x, steps: []}\n",
        );
        assert_eq!(annotated(text, &template.expect("a template")), expect);
    }

    #[test]
    fn components_get_annotations_and_keep_their_layout() {
        let both = "backstage.io/source-template: template:default/t";
        check(
            "# hello\nkind: System\nmetadata:\n  name: s\n---\nkind: Component\nmetadata:\n  name: x # mine\n",
            &format!(
                "# hello\nkind: System\nmetadata:\n  name: s\n---\nkind: Component\nmetadata:\n  annotations:\n    {both}\n    \
                 backstage.io/template-version: \"1.2.0\"\n  name: x # mine\n"
            ),
        );
        check(
            "kind: Component\nmetadata:\n    name: x\n    annotations:\n        a: b\n",
            &format!(
                "kind: Component\nmetadata:\n    name: x\n    annotations:\n        {both}\n        \
                 backstage.io/template-version: \"1.2.0\"\n        a: b\n"
            ),
        );
        let known = format!(
            "kind: Component\nmetadata:\n  annotations:\n    {both}\n    backstage.io/template-version: 1.0.0\n"
        );
        check(&known, &known);
        check("kind: Component\nmetadata: {name: x}\n", "kind: Component\nmetadata: {name: x}\n");
        check("kind: [\n", "kind: [\n");
        check("kind: System", "kind: System");
        check(
            "kind: Component\r\nmetadata:\r\n  annotations:\r\n    backstage.io/template-version: 1\r\n  name: x",
            &format!(
                "kind: Component\r\nmetadata:\r\n  annotations:\r\n    {both}\r\n    backstage.io/template-version: 1\r\n  name: x"
            ),
        );
    }
}
