//! The members of a hub, reached through it: `.../clusters/NAME/proxy/...` is asked of the member, as who asks the hub.

use std::collections::BTreeMap;
use std::sync::Arc;

use http::{StatusCode, Uri};
use serde_json::json;

use crate::demo::api::refusal;
use crate::demo::api::reply::Reply;
use crate::demo::faults::FaultId;
use crate::demo::timeline::live::Live;

/// By name; none where a server is no hub.
pub type Members = BTreeMap<String, Arc<Live>>;

const GROUP: &str = "cluster.karmada.io";

/// The member that a request goes to, with what it is asked there. `Err` is the hub's own answer, nothing where the request is for the
/// hub itself.
pub fn through(members: &Members, uri: &Uri) -> Result<Option<(Arc<Live>, Uri)>, Reply> {
    let path = uri.path_and_query().map_or("", |path| path.as_str());
    let Some(rest) = path.strip_prefix("/apis/cluster.karmada.io/v1alpha1/clusters/") else {
        return Ok(None);
    };
    let Some((name, rest)) = rest.split_once("/proxy") else { return Ok(None) };
    let member = members.get(name).ok_or_else(|| refusal::not_found(GROUP, "clusters", name))?;
    // What a hub says of a member that it cannot reach, read off a real one.
    let unreached = |text: &str| Err(failed(text));
    match member.now().fault.as_ref().map(|fault| fault.id) {
        Some(FaultId::Refused) => return unreached("dial tcp 127.0.0.1:6443: connect: connection refused"),
        Some(FaultId::Dns) => return unreached("dial tcp: lookup member.invalid: no such host"),
        Some(FaultId::Blackhole | FaultId::TlsHang) => return unreached("net/http: TLS handshake timeout"),
        _ => {}
    }
    let rest = if rest.starts_with('/') { rest.to_string() } else { format!("/{rest}") };
    let uri = rest.parse().map_err(|_| refusal::no_such_path())?;
    Ok(Some((Arc::clone(member), uri)))
}

fn failed(text: &str) -> Reply {
    let status = json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "message": text, "code": 500});
    Reply::json(StatusCode::INTERNAL_SERVER_ERROR, &status)
}

#[cfg(test)]
mod tests {
    use super::{Members, through};

    #[test]
    fn only_what_stands_behind_proxy_is_a_members() {
        let asked = |path: &str| through(&Members::new(), &path.parse().expect("a path"));
        assert!(asked("/api/v1/pods").is_ok_and(|found| found.is_none()));
        assert!(
            asked("/apis/cluster.karmada.io/v1alpha1/clusters?limit=500").is_ok_and(|found| found.is_none())
        );
        let refused = asked("/apis/cluster.karmada.io/v1alpha1/clusters/nope/proxy/api/v1/pods").err();
        assert!(refused.is_some_and(|reply| reply.status == 404));
    }
}
