//! The paths that are no resources: `/version`, health checks, and OpenAPI.

use http::StatusCode;
use serde_json::{Value, json};

use crate::demo::api::reply::Reply;
use crate::demo::api::request::Call;
use crate::demo::api::{openapi, refusal};
use crate::demo::timeline::content::ClusterContent;

pub fn answer(cluster: &ClusterContent, call: &Call) -> Result<Reply, Reply> {
    let reply = match call.path.trim_end_matches('/') {
        "/version" => Reply::json(StatusCode::OK, &version(&cluster.version, cluster.minor())),
        "/healthz" | "/livez" | "/readyz" => Reply::text(StatusCode::OK, "ok"),
        path => return openapi::answer(path).unwrap_or_else(|| Err(refusal::no_such_path())),
    };
    Ok(reply)
}

/// 1.36 says which versions it emulates and is compatible with; servers before 1.33 do not.
fn version(git_version: &str, minor: u32) -> Value {
    let major = git_version.trim_start_matches('v').split('.').next().unwrap_or("1");
    let mut version = json!({"major": major, "minor": minor.to_string()});
    if minor >= 33 {
        version["emulationMajor"] = major.into();
        version["emulationMinor"] = minor.to_string().into();
        version["minCompatibilityMajor"] = major.into();
        version["minCompatibilityMinor"] = (minor - 1).to_string().into();
    }
    version["gitVersion"] = git_version.into();
    version["gitCommit"] = "".into();
    version["gitTreeState"] = "".into();
    version["buildDate"] = "1970-01-01T00:00:00Z".into();
    version["goVersion"] = "go1.26.8".into();
    version["compiler"] = "gc".into();
    version["platform"] = "linux/amd64".into();
    version
}

#[cfg(test)]
mod tests {
    use super::version;

    #[test]
    fn versions_have_the_fields_of_their_time() {
        let (new, old) = (version("v1.36.3", 36), version("v1.20.2", 20));
        assert_eq!((new["minCompatibilityMinor"].as_str(), new["minor"].as_str()), (Some("35"), Some("36")));
        assert_eq!(old.as_object().map(serde_json::Map::len), Some(9));
    }
}
