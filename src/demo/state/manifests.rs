//! The Kubernetes objects of a fleet's files, Lists taken apart, each with the place where it stands.

use anyhow::anyhow;
use serde_json::Value;

use crate::yaml::{self, Document, Problem, YamlLimits};

/// One object and where it stands: `path:line:column`.
#[derive(Clone, Debug)]
pub struct PlacedObject {
    pub place: String,
    pub value: Value,
}

/// All objects of a file. The error says everything that is wrong with it, a line each.
pub fn read(name: &str, text: &str) -> anyhow::Result<Vec<PlacedObject>> {
    let (mut objects, mut problems) = (Vec::new(), Vec::new());
    for document in yaml::documents_within(name, text, &YamlLimits::for_objects()) {
        match document {
            Ok(document) => {
                take_apart(&document, "", document.value.clone(), None, &mut objects, &mut problems)
            }
            Err(problem) => problems.push(problem),
        }
    }
    if problems.is_empty() {
        return Ok(objects);
    }
    let lines: Vec<String> = problems.iter().map(Problem::to_string).collect();
    Err(anyhow!("{}", lines.join("\n")))
}

/// A List is its items; an item that does not say what it is has that of the list.
fn take_apart(
    document: &Document,
    pointer: &str,
    mut value: Value,
    list: Option<(&str, &str)>,
    objects: &mut Vec<PlacedObject>,
    problems: &mut Vec<Problem>,
) {
    if let (Some((api_version, kind)), Some(fields)) = (list, value.as_object_mut()) {
        fields.entry("apiVersion").or_insert_with(|| api_version.into());
        fields.entry("kind").or_insert_with(|| kind.into());
    }
    let text = |field: &str| value[field].as_str().unwrap_or_default().to_string();
    let (api_version, kind) = (text("apiVersion"), text("kind"));
    let missing = match () {
        () if !value.is_object() => Some("expected a Kubernetes object".to_string()),
        () if kind.is_empty() => Some("expected a Kubernetes object, but kind is missing".to_string()),
        () if api_version.is_empty() => {
            Some("expected a Kubernetes object, but apiVersion is missing".to_string())
        }
        () => None,
    };
    if let Some(missing) = missing {
        problems.push(document.problem(pointer, missing));
        return;
    }
    let items = value.get_mut("items").and_then(Value::as_array_mut);
    if let (Some(item_kind), Some(items)) = (kind.strip_suffix("List"), items) {
        let of = Some((api_version.as_str(), item_kind)).filter(|_| !item_kind.is_empty());
        for (index, item) in std::mem::take(items).into_iter().enumerate() {
            take_apart(document, &format!("{pointer}/items/{index}"), item, of, objects, problems);
        }
        return;
    }
    match value["metadata"]["name"].as_str() {
        Some(name) if !name.is_empty() => {
            objects.push(PlacedObject { place: document.place(pointer).to_string(), value })
        }
        _ => problems.push(document.problem(pointer, format!("{kind} without metadata.name"))),
    }
}

#[cfg(test)]
mod tests {
    use super::read;

    #[track_caller]
    fn check(text: &str, expect: &[&str]) {
        let found = read("a.yaml", text).expect("they are objects");
        let found: Vec<String> = found
            .iter()
            .map(|object| format!("{} {}", object.place, object.value["kind"].as_str().unwrap_or("?")))
            .collect();
        assert_eq!(found, expect);
    }

    #[track_caller]
    fn refused(text: &str, expect: &str) {
        let error = read("a.yaml", text).expect_err("it must be refused");
        assert_eq!(error.to_string(), expect);
    }

    #[test]
    fn lists_are_their_items() {
        check(
            "apiVersion: v1\nkind: PodList\nitems:\n- metadata: {name: a}\n- {apiVersion: v1, kind: Node, metadata: {name: b}}\n---\n\
             apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Secret\n  metadata: {name: c}\n",
            &["a.yaml:4:3 Pod", "a.yaml:5:3 Node", "a.yaml:10:3 Secret"],
        );
    }

    #[test]
    fn what_is_no_object_is_placed() {
        refused(
            "kind: Pod\nmetadata: {name: a}\n",
            "a.yaml:1:1: expected a Kubernetes object, but apiVersion is missing",
        );
        refused(
            "{}\n---\n- a\n",
            "a.yaml:1:1: expected a Kubernetes object, but kind is missing\na.yaml:3:1: expected a Kubernetes object",
        );
        refused("{apiVersion: v1, kind: Pod, metadata: 7}", "a.yaml:1:1: Pod without metadata.name");
        refused(
            "apiVersion: v1\nkind: List\nitems: [{kind: Pod}]",
            "a.yaml:3:9: expected a Kubernetes object, but apiVersion is missing",
        );
    }
}
