//! Field selectors: `metadata.name=a,status.phase!=Running`, and which fields a kind lets itself be selected by.

use serde_json::Value;

use crate::demo::state::resource::ServedResource;

/// Requirements, all of which have to hold.
#[derive(Clone, Debug, Default)]
pub struct FieldSelector(Vec<FieldRequirement>);

#[derive(Clone, Debug, PartialEq)]
struct FieldRequirement {
    field: String,
    value: String,
    equal: bool,
}

/// Reads a field selector for a kind; the error is the API server's message.
pub fn parse(text: &str, resource: &ServedResource) -> Result<FieldSelector, String> {
    let mut requirements = Vec::new();
    for term in split(text) {
        let requirement = requirement(term)?;
        if !selectable(resource, &requirement.field) {
            return Err(format!("field label not supported: {}", requirement.field));
        }
        requirements.push(requirement);
    }
    Ok(FieldSelector(requirements))
}

impl FieldSelector {
    pub fn is_everything(&self) -> bool {
        self.0.is_empty()
    }

    pub fn match_value(&self, object: &Value) -> bool {
        self.0.iter().all(|requirement| {
            (value_of(object, &requirement.field) == requirement.value) == requirement.equal
        })
    }
}

/// The terms between commas that no backslash protects.
fn split(text: &str) -> Vec<&str> {
    let mut terms = Vec::new();
    let (mut start, mut escaped) = (0, false);
    for (index, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b',' => {
                terms.push(&text[start..index]);
                start = index + 1;
            }
            _ => {}
        }
    }
    terms.push(&text[start..]);
    terms.retain(|term| !term.is_empty());
    terms
}

fn requirement(term: &str) -> Result<FieldRequirement, String> {
    let operator =
        ["!=", "==", "="].into_iter().filter_map(|operator| Some((term.find(operator)?, operator)));
    // The leftmost operator splits; of two at the same place the longer one.
    let Some((at, operator)) = operator.min_by_key(|(at, operator)| (*at, 2 - operator.len())) else {
        return Err(format!("invalid selector: '{term}'; can't understand '{term}'"));
    };
    let value = unescape(&term[at + operator.len()..])?;
    Ok(FieldRequirement { field: term[..at].to_string(), value, equal: operator != "!=" })
}

fn unescape(text: &str) -> Result<String, String> {
    let mut value = String::new();
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => match characters.next() {
                Some(escaped @ ('\\' | ',' | '=')) => value.push(escaped),
                _ => return Err("invalid field selector: invalid escape sequence in value".into()),
            },
            ',' | '=' => {
                return Err(format!(
                    "invalid field selector: unescaped character in value: {}",
                    u32::from(character)
                ));
            }
            _ => value.push(character),
        }
    }
    Ok(value)
}

fn selectable(resource: &ServedResource, field: &str) -> bool {
    const POD: &[&str] = &[
        "spec.nodeName",
        "spec.restartPolicy",
        "spec.schedulerName",
        "spec.serviceAccountName",
        "spec.hostNetwork",
        "status.phase",
        "status.podIP",
        "status.nominatedNodeName",
    ];
    const EVENT: &[&str] = &[
        "involvedObject.kind",
        "involvedObject.namespace",
        "involvedObject.name",
        "involvedObject.uid",
        "involvedObject.apiVersion",
        "involvedObject.resourceVersion",
        "involvedObject.fieldPath",
        "reason",
        "reportingComponent",
        "source",
        "type",
    ];
    let more: &[&str] = match (resource.group.as_str(), resource.plural.as_str()) {
        ("", "pods") => POD,
        ("", "events") => EVENT,
        ("", "namespaces") => &["status.phase"],
        ("", "nodes") => &["spec.unschedulable"],
        ("", "secrets") => &["type"],
        ("", "services") => &["spec.clusterIP", "spec.type"],
        ("apps", "replicasets") => &["status.replicas"],
        ("batch", "jobs") => &["status.successful"],
        _ => &[],
    };
    field == "metadata.name" || (field == "metadata.namespace") || more.contains(&field)
}

fn value_of(object: &Value, field: &str) -> String {
    let pointer = match field {
        "source" => "/source/component".to_string(),
        "status.successful" => "/status/succeeded".to_string(),
        _ => format!("/{}", field.replace('.', "/")),
    };
    match object.pointer(&pointer) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Null) | None => absent(field).to_string(),
        Some(other) => other.to_string(),
    }
}

/// What the API server takes a field for that is not there.
fn absent(field: &str) -> &'static str {
    match field {
        "spec.unschedulable" | "spec.hostNetwork" => "false",
        "spec.restartPolicy" => "Always",
        "spec.schedulerName" => "default-scheduler",
        "status.replicas" | "status.successful" => "0",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::parse;
    use crate::demo::state::resource::{built_in, guessed};
    use serde_json::json;

    #[track_caller]
    fn check(text: &str, expect: Result<bool, &str>) {
        let pod = json!({"metadata": {"name": "a,b", "namespace": "shop"}, "spec": {"nodeName": "n-1"}, "status": {"phase": "Running"}});
        let kinds = built_in();
        let pods = kinds.iter().find(|resource| resource.plural == "pods").expect("built in");
        let found = parse(text, pods).map(|fields| fields.match_value(&pod));
        assert_eq!(found.as_ref().map_err(String::as_str).copied(), expect, "{text}");
    }

    #[test]
    fn fields_select() {
        check("", Ok(true));
        check("spec.nodeName=n-1,status.phase!=Failed", Ok(true));
        check("status.phase==Failed", Ok(false));
        check("metadata.name=a\\,b", Ok(true));
        check("spec.restartPolicy=Always", Ok(true));
    }

    #[test]
    fn refusals_are_the_servers() {
        check("spec.foo=x", Err("field label not supported: spec.foo"));
        check("===", Err("invalid field selector: unescaped character in value: 61"));
        check("nonsense", Err("invalid selector: 'nonsense'; can't understand 'nonsense'"));
    }

    #[test]
    fn custom_kinds_are_selected_by_name_only() {
        let error =
            parse("spec.replicas=1", &guessed("argoproj.io/v1alpha1", "Rollout")).expect_err("unsupported");
        assert_eq!(error, "field label not supported: spec.replicas");
    }
}
