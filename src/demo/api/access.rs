//! Who asks, and what they may: bearer tokens, and the 403s that `forbid:` describes.

use crate::demo::api::refusal::{self, Denied};
use crate::demo::api::reply::Reply;
use crate::demo::api::request::{Call, RequestCredential, RequestTarget, ResourcePath};
use crate::demo::timeline::rules::Rules;

/// The user that the kubeconfig's token belongs to; may read what is not forbidden, and be anybody else, who may the same.
pub const USER: &str = "demo";
pub const TOKEN: &str = "callboard-demo-token";
pub const ANONYMOUS: &str = "system:anonymous";

/// Refuses what the caller may not ask; None lets the call pass.
pub fn check(call: &Call, rules: &Rules) -> Option<Reply> {
    match &call.credential {
        RequestCredential::None => return anonymous(call),
        RequestCredential::Token(_) => {
            if let Some(refusal) = credential(call) {
                return Some(refusal);
            }
        }
    }
    if call.guise.as_ref().is_some_and(|guise| guise.user.is_empty()) {
        return Some(refusal::without_reason(500, "requested impersonation without impersonating a user"));
    }
    let place = match &call.target {
        RequestTarget::Resource(place) => place,
        RequestTarget::Path => {
            return (!open_to_users(&call.path)).then(|| refusal::forbidden_path(user(call), &call.path));
        }
        _ => return None,
    };
    let reads = matches!(call.verb(), "get" | "list" | "watch");
    let may = |plural: &str| rules.allow(&place.group, plural, place.namespace.as_deref());
    let part = place.subresource.as_ref().map(|part| format!("{}/{part}", place.plural));
    let allowed = may(&place.plural) && part.is_none_or(|part| may(&part));
    (reads && !allowed).then(|| deny(user(call), call, place))
}

/// Refuses whom no server knows.
pub fn credential(call: &Call) -> Option<Reply> {
    let is_known = matches!(&call.credential, RequestCredential::Token(token) if token == TOKEN);
    (!is_known).then(refusal::unauthorized)
}

/// The name that the server knows an authenticated caller by.
pub fn user(call: &Call) -> &str {
    call.guise.as_ref().map_or(USER, |guise| &guise.user)
}

/// The paths that role system:discovery opens, beside `/api` and `/apis`.
fn open_to_users(path: &str) -> bool {
    const OPEN: &[&str] = &["/version", "/version/", "/healthz", "/livez", "/readyz", "/openapi"];
    OPEN.contains(&path) || ["/api/", "/apis/", "/openapi/"].iter().any(|below| path.starts_with(below))
}

/// The answer to everything, as if nothing at all were allowed.
pub fn forbid_all(call: &Call) -> Reply {
    match &call.target {
        RequestTarget::Resource(place) => deny(user(call), call, place),
        _ => refusal::forbidden_path(user(call), &call.path),
    }
}

fn anonymous(call: &Call) -> Option<Reply> {
    match &call.target {
        RequestTarget::Resource(place) => Some(deny(ANONYMOUS, call, place)),
        RequestTarget::Path
            if ["/version", "/healthz", "/livez", "/readyz"]
                .iter()
                .any(|open| call.path.starts_with(open)) =>
        {
            None
        }
        _ => Some(refusal::forbidden_path(ANONYMOUS, &call.path)),
    }
}

fn deny(user: &str, call: &Call, place: &ResourcePath) -> Reply {
    refusal::forbidden(&Denied {
        user,
        verb: call.verb(),
        group: &place.group,
        plural: &place.plural,
        subresource: place.subresource.as_deref(),
        name: place.name.as_deref(),
        namespace: place.namespace.as_deref(),
    })
}
