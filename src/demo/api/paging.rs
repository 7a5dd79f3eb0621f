//! Pages: limit and continue, and the resource versions that go with them.

use base64::Engine;
use base64::alphabet::URL_SAFE;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use http::{HeaderValue, StatusCode, header};
use serde_json::{Value, json};

use crate::demo::api::refusal;
use crate::demo::api::reply::Reply;
use crate::demo::api::request::{Call, ResourcePath};
use crate::demo::faults::FaultId;
use crate::demo::state::store::FIRST_REVISION;
use crate::demo::timeline::content::ClusterContent;

/// As Go's `base64.RawURLEncoding`, which minds no trailing bits.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new()
        .with_encode_padding(false)
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::RequireNone),
);

/// Which part of a list is asked for.
pub struct ListPage {
    pub limit: Option<usize>,
    /// The last key of the page before.
    pub start: Option<String>,
    /// The whole list is that of this revision.
    pub revision: Option<u64>,
}

/// Reads limit, continue and the resource version, in the server's order of complaint.
pub fn page(cluster: &ClusterContent, call: &Call) -> Result<ListPage, Reply> {
    let limit = call.number("limit")?.map(|limit| usize::try_from(limit).unwrap_or(0));
    call.number("timeoutSeconds")?;
    let revision = match call.option("resourceVersion") {
        Some(text) => Some(text.parse().map_err(|_| {
            refusal::bad_request(&format!("invalid resource version: {}", not_a_revision(text)))
        })?),
        None => None,
    };
    check_match(call)?;
    if let Some(token) = call.option("continue") {
        if revision.is_some_and(|revision: u64| revision > 0) {
            let message = "specifying resource version is not allowed when using continue";
            return Err(refusal::bad_request(message));
        }
        let (revision, start) = read_token(token).map_err(|problem| {
            refusal::bad_request(&format!("invalid continue token: continue key is not valid: {problem}"))
        })?;
        let gone = call.meets(FaultId::Gone) || revision < FIRST_REVISION as i64;
        if gone && revision >= 0 {
            return Err(expired(&start));
        }
        // A negative one goes on with what there is now.
        return Ok(ListPage { limit, start: Some(start), revision: u64::try_from(revision).ok() });
    }
    let exact = call.option("resourceVersionMatch") == Some("Exact");
    if exact && revision.is_some_and(|revision| revision < FIRST_REVISION) {
        let message = "The resourceVersion for the provided list is too old.";
        return Err(refusal::status(410, "Expired", message, None));
    }
    if let Some(wanted) = revision.filter(|revision| *revision > cluster.store.revision) {
        return Err(too_large(wanted, cluster.store.revision));
    }
    // The cache, which answers resourceVersion=0, does not count pages.
    let limit = limit.filter(|_| revision != Some(0));
    Ok(ListPage { limit, start: None, revision: revision.filter(|_| exact) })
}

/// The `resourceVersion` of a watch, 0 without one. What is none is an internal error to the server.
pub fn watch_revision(call: &Call) -> Result<u64, Reply> {
    let Some(text) = call.option("resourceVersion") else { return Ok(0) };
    text.parse().map_err(|_| refusal::without_reason(500, &not_a_revision(text)))
}

fn not_a_revision(text: &str) -> String {
    format!(
        "resourceVersion: Invalid value: \"{text}\": strconv.ParseUint: parsing \"{text}\": invalid syntax"
    )
}

fn check_match(call: &Call) -> Result<(), Reply> {
    let problem = match (call.option("resourceVersionMatch"), call.option("resourceVersion")) {
        (Some(_), None) => "Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided",
        (Some("Exact"), Some("0")) => {
            "Forbidden: resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\""
        }
        _ => return Ok(()),
    };
    Err(refusal::list_option("resourceVersionMatch", problem))
}

/// A revision that is not there yet; a real server waits three seconds for it first.
fn too_large(wanted: u64, current: u64) -> Reply {
    let message = format!("Timeout: Too large resource version: {wanted}, current: {current}");
    let cause = json!({"reason": "ResourceVersionTooLarge", "message": "Too large resource version"});
    let mut reply =
        refusal::status(504, "Timeout", &message, Some(json!({"causes": [cause], "retryAfterSeconds": 1})));
    reply.headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
    reply
}

/// A page's key begins with a slash, and leaves out the namespace that the path names.
pub fn token_key(place: &ResourcePath, key: &str) -> String {
    match (&place.namespace, key.split_once('/')) {
        (Some(_), Some((_, name))) => format!("/{name}"),
        _ => format!("/{key}"),
    }
}

/// The token that leads on after a key.
pub fn token(revision: i64, key: &str) -> String {
    let content = json!({"v": "meta.k8s.io/v1", "rv": revision, "start": format!("{key}\u{0}")});
    BASE64.encode(content.to_string())
}

/// The revision and the key of a token; the error is Go's.
fn read_token(token: &str) -> Result<(i64, String), String> {
    let bytes = BASE64
        .decode(token)
        .map_err(|_| format!("illegal base64 data at input byte {}", wrong_byte(token)))?;
    let content: Value =
        serde_json::from_slice(&bytes).map_err(|_| match String::from_utf8_lossy(&bytes).chars().next() {
            Some('{') | None => "unexpected end of JSON input".to_string(),
            // Go reads bytes, and quotes the one that does not fit as a character.
            Some(_) => {
                let first = char::from(bytes[0]);
                let shown = if first.is_control() {
                    format!("\\u{:04x}", u32::from(first))
                } else {
                    first.to_string()
                };
                format!("invalid character '{shown}' looking for beginning of value")
            }
        })?;
    let start = content["start"].as_str().ok_or("encoded start key empty")?;
    let start = format!("/{}", start.trim_start_matches('/').trim_end_matches('\u{0}'));
    Ok((content["rv"].as_i64().unwrap_or_default(), start))
}

/// Where base64 goes wrong: at a character that it lacks, else at the lonely one in the end.
fn wrong_byte(token: &str) -> usize {
    let foreign = |c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '_');
    token.find(foreign).unwrap_or(token.len().saturating_sub(1))
}

/// A page that is asked for too late; the token in the answer goes on inconsistently.
fn expired(start: &str) -> Reply {
    let message = "The provided continue parameter is too old to display a consistent list result. You can start a new list without \
                   the continue parameter, or use the continue token in this response to retrieve the remainder of the results. \
                   Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted \
                   between the time the first chunk was returned and now may show up in the list.";
    let body = json!({"kind": "Status", "apiVersion": "v1", "metadata": {"continue": token(-1, start)}, "status": "Failure",
        "message": message, "reason": "Expired", "code": 410});
    Reply::json(StatusCode::GONE, &body)
}

#[cfg(test)]
mod tests {
    use super::{read_token, token};

    #[test]
    fn tokens_are_the_servers() {
        let text = token(3126, "/svc-0000-vl8wfftlxd-9rm6m");
        let expect = "eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6MzEyNiwic3RhcnQiOiIvc3ZjLTAwMDAtdmw4d2ZmdGx4ZC05cm02bVx1MDAwMCJ9";
        assert_eq!(text, expect);
        assert_eq!(read_token(&text), Ok((3126, "/svc-0000-vl8wfftlxd-9rm6m".to_string())));
    }

    #[track_caller]
    fn refused(token: &str, expect: &str) {
        assert_eq!(read_token(token), Err(expect.to_string()));
    }

    #[test]
    fn what_is_no_token_is_said_as_go_says_it() {
        refused("garbage", "invalid character '\\u0081' looking for beginning of value");
        refused("x", "illegal base64 data at input byte 0");
        refused("ab*d", "illegal base64 data at input byte 2");
        refused("e30", "encoded start key empty");
        refused("ew", "unexpected end of JSON input");
    }
}
