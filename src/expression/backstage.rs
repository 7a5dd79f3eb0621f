//! The four filters that Backstage adds: parseRepoUrl, projectSlug, parseEntityRef, pick.

use percent_encoding::percent_decode_str;
use std::rc::Rc;

use crate::expression::input::SourceCursor;
use crate::expression::lookup::own;
use crate::expression::value::{Fallible, Value};

/// The parameters of a repository picker's answer that become output, in Backstage's order.
const PARTS: [&str; 5] = ["owner", "repo", "organization", "workspace", "project"];

/// `host?owner=o&repo=r` as an object. Any host is taken: which ones a company knows is configured in its Backstage.
pub fn parse_repo_url(input: &SourceCursor<'_>) -> Fallible<Value> {
    let (host, parts) = repo_parts(input)?;
    let mut pairs = vec![("host", Value::text(host))];
    for (name, value) in PARTS.iter().zip(parts) {
        if let Some(value) = value {
            pairs.push((name, Value::text(value)));
        }
    }
    Ok(Value::record(pairs))
}

pub fn project_slug(input: &SourceCursor<'_>) -> Fallible<Value> {
    let (_, [owner, repo, ..]) = repo_parts(input)?;
    let word = |part: Option<String>| part.unwrap_or_else(|| "undefined".into());
    Ok(Value::text(format!("{}/{}", word(owner), word(repo))))
}

fn repo_parts(input: &SourceCursor<'_>) -> Fallible<(String, [Option<String>; 5])> {
    let Some(url) = input.value.as_text() else {
        return Err(format!(
            "a repository such as github.com?owner=o&repo=r is needed, not {}",
            input.value.kind()
        ));
    };
    // Backstage reads `https://` and this as a URL: a user, a path and a fragment are passed over.
    let whole = url.split('#').next().unwrap_or_default();
    let (place, query) = whole.split_once('?').unwrap_or((whole, ""));
    let authority = place.trim_start_matches(['/', '\\']).split(['/', '\\']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default().to_lowercase();
    let host = host.strip_suffix(":443").unwrap_or(&host).to_string();
    if host.is_empty() || host.starts_with(':') || host.contains(char::is_whitespace) {
        return Err(format!("'{url}' names no host; a repository reads github.com?owner=o&repo=r"));
    }
    let parameter = |name: &str| {
        let value = query.split('&').find_map(|pair| pair.split_once('=').filter(|(key, _)| *key == name))?.1;
        let value = decoded(value).trim_matches('/').to_string();
        (!value.is_empty()).then_some(value)
    };
    let parts = PARTS.map(parameter);
    let given = |name: &str| PARTS.iter().zip(&parts).any(|(part, value)| *part == name && value.is_some());
    let required: &[&str] = match host.as_str() {
        "bitbucket.org" => &["workspace", "project", "repo"],
        "dev.azure.com" => &["project", "repo"],
        "gitlab.com" if given("project") => &["repo"],
        "github.com" | "gitlab.com" => &["repo", "owner"],
        // What another host is (a Gitea and a Gerrit know no owner) only a configured Backstage could tell.
        _ => &["repo"],
    };
    match required.iter().find(|name| !given(name)) {
        Some(name) => Err(format!("the repository '{url}' lacks {name}=")),
        None => Ok((host, parts)),
    }
}

/// A value of a query: `+` is a blank, and what is no escape stays.
fn decoded(text: &str) -> String {
    percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned()
}

/// `[kind:][namespace/]name` as an object; takes `{defaultKind, defaultNamespace}`.
pub fn parse_entity_ref(input: &SourceCursor<'_>) -> Fallible<Value> {
    let default = |key: &str| own(&input.argument(0), key).and_then(|value| value.as_text().cloned());
    let part = |key: &str| own(input.value, key).and_then(|value| value.as_text().cloned());
    let (kind, namespace, name) = match input.value {
        Value::Record(_) => (part("kind"), part("namespace"), part("name").unwrap_or_else(|| Rc::from(""))),
        Value::Text(text) | Value::Safe(text) => {
            let (kind, rest) =
                text.split_once(':').map_or((None, &**text), |(kind, rest)| (Some(Rc::from(kind)), rest));
            let (namespace, name) = rest
                .split_once('/')
                .map_or((None, rest), |(namespace, name)| (Some(Rc::from(namespace)), name));
            (kind, namespace, Rc::from(name))
        }
        other => return Err(format!("an entity reference is needed, not {}", other.kind())),
    };
    let shown = input.value.printed(input.fuel)?;
    let empty = |part: &Option<Rc<str>>| part.as_ref().is_some_and(|part| part.is_empty());
    if name.is_empty() || name.contains([':', '/']) || empty(&kind) || empty(&namespace) {
        return Err(format!("'{shown}' is no entity reference; one reads kind:namespace/name"));
    }
    let Some(kind) = kind.or_else(|| default("defaultKind")) else {
        return Err(format!("the entity reference '{shown}' names no kind, and there is no defaultKind"));
    };
    let namespace = namespace.or_else(|| default("defaultNamespace")).unwrap_or_else(|| Rc::from("default"));
    Ok(Value::record([
        ("kind", Value::Text(kind)),
        ("namespace", Value::Text(namespace)),
        ("name", Value::Text(name)),
    ]))
}

/// `pick("a.b[0]")` or `pick(["a", "b", 0])`: what stands at a path; where nothing does, the second argument.
pub fn pick(input: &SourceCursor<'_>) -> Fallible<Value> {
    let keys: Vec<String> = match input.argument(0) {
        Value::List(keys) => {
            let keys: Fallible<Vec<_>> = keys.borrow().iter().map(|key| key.string(input.fuel)).collect();
            keys?.iter().map(|key| key.to_string()).collect()
        }
        path => {
            let path = path.string(input.fuel)?;
            match own(input.value, &path) {
                Some(value) if !value.is_undefined() => return Ok(value),
                _ => path_keys(&path),
            }
        }
    };
    let start = (!keys.is_empty()).then(|| input.value.clone());
    let found = keys.iter().try_fold(start, |value, key| value.map(|value| own(&value, key)));
    Ok(found.flatten().filter(|value| !value.is_undefined()).unwrap_or_else(|| input.argument(1)))
}

/// `a.b[0]["c.d"]` as its keys.
fn path_keys(path: &str) -> Vec<String> {
    let mut keys = Vec::new();
    let mut rest = path;
    loop {
        if let Some(inside) = rest.strip_prefix('[') {
            let quote = inside.chars().next().filter(|c| matches!(c, '"' | '\''));
            let close = quote.map_or_else(|| "]".to_string(), |quote| format!("{quote}]"));
            let inside = &inside[quote.map_or(0, char::len_utf8)..];
            let (key, after) = inside.split_once(&close).unwrap_or((inside, ""));
            keys.push(key.to_string());
            rest = after;
        } else {
            let end = rest.find(['.', '[']).unwrap_or(rest.len());
            keys.push(rest[..end].to_string());
            rest = &rest[end..];
        }
        if rest.is_empty() {
            return keys;
        }
        rest = rest.strip_prefix('.').unwrap_or(rest);
    }
}
