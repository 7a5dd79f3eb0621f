//! Refusals in the words of a real API server (captured from 1.36.3): the `Status` object.

use http::{HeaderValue, StatusCode, header};
use serde_json::{Map, Value, json};

use crate::demo::api::reply::Reply;
use crate::demo::state::resource::full_name;

/// A failure with a reason; `details` is left out if None.
pub fn status(code: u16, reason: &str, message: &str, details: Option<Value>) -> Reply {
    failure(code, Some(reason), message, details)
}

/// As the server says it where an inner error had no reason of its own.
pub fn without_reason(code: u16, message: &str) -> Reply {
    failure(code, None, message, None)
}

fn failure(code: u16, reason: Option<&str>, message: &str, details: Option<Value>) -> Reply {
    let mut body = Map::new();
    body.insert("kind".into(), "Status".into());
    body.insert("apiVersion".into(), "v1".into());
    body.insert("metadata".into(), json!({}));
    body.insert("status".into(), "Failure".into());
    body.insert("message".into(), message.into());
    body.extend(reason.map(|reason| ("reason".to_string(), reason.into())));
    body.extend(details.map(|details| ("details".to_string(), details)));
    body.insert("code".into(), code.into());
    let code = StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    Reply::json(code, &Value::Object(body))
}

pub fn unauthorized() -> Reply {
    status(401, "Unauthorized", "Unauthorized", None)
}

pub fn bad_request(message: &str) -> Reply {
    status(400, "BadRequest", message, None)
}

/// A group or path that nobody serves: plain text, not a Status.
pub fn no_such_path() -> Reply {
    Reply::text(StatusCode::NOT_FOUND, "404 page not found\n")
}

/// A kind that a known group and version lacks.
pub fn no_such_resource() -> Reply {
    status(404, "NotFound", "the server could not find the requested resource", Some(json!({})))
}

pub fn not_found(group: &str, plural: &str, name: &str) -> Reply {
    let message = format!("{} \"{name}\" not found", full_name(group, plural));
    status(404, "NotFound", &message, Some(details(name, group, plural)))
}

pub fn method_not_allowed() -> Reply {
    let message = "the server does not allow this method on the requested resource";
    status(405, "MethodNotAllowed", message, Some(json!({})))
}

pub fn not_acceptable() -> Reply {
    let message = "406: Not Acceptable\n\nAvailable representations: application/json, application/yaml, \
                   application/vnd.kubernetes.protobuf, application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch";
    status(406, "NotAcceptable", message, Some(json!({})))
}

pub fn unsupported_media_type() -> Reply {
    let message = "the body of the request was in an unknown format - accepted media types include: application/json, \
                   application/yaml, application/vnd.kubernetes.protobuf";
    status(415, "UnsupportedMediaType", message, None)
}

/// One field of the question is invalid. `kind` and `name` are those of the options object.
pub fn invalid(group: &str, kind: &str, name: &str, field: &str, reason: &str, problem: &str) -> Reply {
    let of = full_name(group, kind);
    let mut about = details(name, group, kind);
    about["causes"] = json!([{"reason": reason, "message": problem, "field": field}]);
    status(422, "Invalid", &format!("{of} \"{name}\" is invalid: {field}: {problem}"), Some(about))
}

/// An option of a list that is not allowed beside the others.
pub fn list_option(field: &str, problem: &str) -> Reply {
    invalid("meta.k8s.io", "ListOptions", "", field, "FieldValueForbidden", problem)
}

/// Who may not do what: `subject` is `system:anonymous` or the user of the token.
pub struct Denied<'a> {
    pub user: &'a str,
    pub verb: &'a str,
    pub group: &'a str,
    pub plural: &'a str,
    pub subresource: Option<&'a str>,
    pub name: Option<&'a str>,
    pub namespace: Option<&'a str>,
}

pub fn forbidden(denied: &Denied<'_>) -> Reply {
    let Denied { user, verb, group, plural, .. } = denied;
    let resource = denied.subresource.map_or_else(|| (*plural).to_string(), |sub| format!("{plural}/{sub}"));
    let named = denied.name.map(|name| format!(" \"{name}\"")).unwrap_or_default();
    let scope = denied
        .namespace
        .map_or("at the cluster scope".to_string(), |namespace| format!("in the namespace \"{namespace}\""));
    let message = format!(
        "{}{named} is forbidden: User \"{user}\" cannot {verb} resource \"{resource}\" in API group \"{group}\" {scope}",
        full_name(group, plural)
    );
    no_sniff(status(
        403,
        "Forbidden",
        &message,
        Some(details(denied.name.unwrap_or_default(), group, plural)),
    ))
}

pub fn forbidden_path(user: &str, path: &str) -> Reply {
    let message = format!("forbidden: User \"{user}\" cannot get path \"{path}\"");
    no_sniff(status(403, "Forbidden", &message, Some(json!({}))))
}

fn no_sniff(mut reply: Reply) -> Reply {
    reply.headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    reply
}

/// `{name, group, kind}`, empty ones left out; the kind is the plural, as the server has it.
fn details(name: &str, group: &str, plural: &str) -> Value {
    let filled = [("name", name), ("group", group), ("kind", plural)]
        .into_iter()
        .filter(|(_, value)| !value.is_empty());
    Value::Object(filled.map(|(key, value)| (key.to_string(), value.into())).collect())
}
