//! The questions about oneself: who am I, what may I.

use http::StatusCode;
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use serde_json::{Value, json};

use crate::demo::api::access::{ANONYMOUS, USER};
use crate::demo::api::protobuf;
use crate::demo::api::refusal;
use crate::demo::api::reply::Reply;
use crate::demo::api::request::{Call, ResourcePath};
use crate::demo::timeline::content::ClusterContent;

const LARGEST_BODY: usize = 1024 * 1024;

/// Whether this is a review that every authenticated user may create.
pub fn is_review(place: &ResourcePath) -> bool {
    let known = match place.group.as_str() {
        "authentication.k8s.io" => place.plural == "selfsubjectreviews",
        "authorization.k8s.io" => {
            matches!(place.plural.as_str(), "selfsubjectaccessreviews" | "selfsubjectrulesreviews")
        }
        _ => false,
    };
    known && place.version == "v1" && place.name.is_none()
}

pub async fn answer(
    cluster: &ClusterContent,
    call: &Call,
    place: &ResourcePath,
    body: Incoming,
) -> Result<Reply, Reply> {
    let bytes = Limited::new(body, LARGEST_BODY)
        .collect()
        .await
        .map_err(|_| refusal::bad_request("the body could not be read"))?;
    let asked = asked(&call.content_type, &bytes.to_bytes(), &place.plural)?;
    let reply = match place.plural.as_str() {
        "selfsubjectreviews" => {
            let created = cluster.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
            json!({"kind": "SelfSubjectReview", "apiVersion": "authentication.k8s.io/v1",
                "metadata": {"creationTimestamp": created}, "status": {"userInfo": user_info(call)}})
        }
        "selfsubjectaccessreviews" => {
            json!({"kind": "SelfSubjectAccessReview", "apiVersion": "authorization.k8s.io/v1", "metadata": {},
                "spec": asked["spec"], "status": {"allowed": may(cluster, &asked["spec"])}})
        }
        _ => rules(cluster, asked["spec"]["namespace"].as_str()),
    };
    Ok(Reply::json(StatusCode::CREATED, &reply))
}

/// Who the caller is, or has asked to be. The server itself adds the group of all that have a name.
fn user_info(call: &Call) -> Value {
    let Some(guise) = &call.guise else {
        return json!({"username": USER, "uid": "uid-demo", "groups": ["viewers", "system:authenticated"]});
    };
    let mut groups = guise.groups.clone();
    let own = if guise.user == ANONYMOUS { "system:unauthenticated" } else { "system:authenticated" };
    if !groups.iter().any(|group| group == own) {
        groups.push(own.to_string());
    }
    let mut info = json!({"username": guise.user, "groups": groups});
    if let Some(uid) = &guise.uid {
        info["uid"] = json!(uid);
    }
    info
}

/// The review as it came, as JSON or as protobuf.
fn asked(content_type: &str, bytes: &[u8], plural: &str) -> Result<Value, Reply> {
    let unrecognized =
        |problem: String| refusal::bad_request(&format!("the object provided is unrecognized: {problem}"));
    match content_type.split(';').next().unwrap_or_default().trim() {
        "" | "application/json" => {
            serde_json::from_slice(bytes).map_err(|error| unrecognized(format!("json parse error: {error}")))
        }
        "application/vnd.kubernetes.protobuf" => {
            protobuf::review(bytes, plural).ok_or_else(|| unrecognized("no protobuf message".into()))
        }
        _ => Err(refusal::unsupported_media_type()),
    }
}

fn may(cluster: &ClusterContent, spec: &Value) -> bool {
    let Some(attributes) = spec["resourceAttributes"].as_object() else {
        return spec["nonResourceAttributes"]["verb"] == "get";
    };
    let text = |name: &str| attributes.get(name).and_then(Value::as_str).unwrap_or_default();
    let reads = matches!(text("verb"), "get" | "list" | "watch");
    let namespace = Some(text("namespace")).filter(|namespace| !namespace.is_empty());
    reads && cluster.rules.allow(text("group"), text("resource"), namespace)
}

fn rules(cluster: &ClusterContent, namespace: Option<&str>) -> Value {
    let allowed = cluster
        .store
        .resources
        .iter()
        .filter(|resource| cluster.rules.allow(&resource.group, &resource.plural, namespace));
    let rules: Vec<Value> = allowed
        .map(|resource| json!({"verbs": ["get", "list", "watch"], "apiGroups": [resource.group], "resources": [resource.plural]}))
        .collect();
    json!({"kind": "SelfSubjectRulesReview", "apiVersion": "authorization.k8s.io/v1", "metadata": {}, "spec": {},
        "status": {"resourceRules": rules, "nonResourceRules": [{"verbs": ["get"], "nonResourceURLs": ["*"]}], "incomplete": false}})
}
