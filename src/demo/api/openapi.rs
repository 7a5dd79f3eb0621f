//! What `kubectl explain` reads: the schemas of the built-in kinds, as a real server of 1.36 tells them, cut down to those.

use std::collections::BTreeSet;
use std::io::Read;

use flate2::read::GzDecoder;
use http::StatusCode;
use serde_json::{Map, Value, json};

use crate::demo::api::refusal;
use crate::demo::api::reply::Reply;

/// One document for all groups: OpenAPI v3 of kube-apiserver 1.36.3 (Apache License 2.0), its lists' paths and what their schemas need.
static DOCUMENT: &[u8] = include_bytes!("openapi.json.gz");

const INDEX: &str = "/openapi/v3";

/// The answer where the path is one of OpenAPI v3.
pub fn answer(path: &str) -> Option<Result<Reply, Reply>> {
    let below = path.trim_end_matches('/').strip_prefix(INDEX)?;
    Some(document().ok_or_else(refusal::no_such_path).and_then(|document| {
        let groups = groups(&document);
        match below.strip_prefix('/') {
            None if below.is_empty() => {
                let entry = |group: &String| {
                    (group.clone(), json!({"serverRelativeURL": format!("{INDEX}/{group}")}))
                };
                let paths: Map<String, Value> = groups.iter().map(entry).collect();
                Ok(Reply::json(StatusCode::OK, &json!({"paths": paths})))
            }
            Some(group) if groups.contains(group) => Ok(Reply::json(StatusCode::OK, &document)),
            _ => Err(refusal::no_such_path()),
        }
    }))
}

fn document() -> Option<Value> {
    let mut text = String::new();
    GzDecoder::new(DOCUMENT).read_to_string(&mut text).ok()?;
    serde_json::from_str(&text).ok()
}

/// `api/v1`, `apis/apps/v1` and so on, of which the document has paths.
fn groups(document: &Value) -> BTreeSet<String> {
    let paths = document["paths"].as_object().into_iter().flatten();
    let group = |path: &str| {
        let mut parts = path.trim_start_matches('/').split('/');
        let most = if path.starts_with("/api/") { 2 } else { 3 };
        parts.by_ref().take(most).collect::<Vec<_>>().join("/")
    };
    paths.map(|(path, _)| group(path)).collect()
}

#[cfg(test)]
mod tests {
    use super::{answer, document, groups};

    #[test]
    fn the_built_in_kinds_are_described() {
        let document = document().expect("a document");
        let groups = groups(&document);
        for group in ["api/v1", "apis/apps/v1", "apis/batch/v1", "apis/networking.k8s.io/v1"] {
            assert!(groups.contains(group), "{groups:?}");
            assert!(answer(&format!("/openapi/v3/{group}")).is_some_and(|reply| reply.is_ok()), "{group}");
        }
        assert!(answer("/openapi/v3").is_some_and(|reply| reply.is_ok()));
        assert!(answer("/openapi/v3/apis/nope/v1").is_some_and(|reply| reply.is_err()));
        assert!(answer("/openapi/v2").is_none());
        assert!(document["components"]["schemas"]["io.k8s.api.core.v1.PodSpec"]["properties"].is_object());
    }
}
