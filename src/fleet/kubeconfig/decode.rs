//! One kubeconfig's text into kube's types: as a whole where it is sound, else entry by entry.

use crate::fleet::kubeconfig::KubeconfigProblem;
use crate::fleet::kubeconfig::misread::{self, TextPlace};
use kube::config::{AuthInfo, Cluster, Kubeconfig};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_saphyr::Spanned;
use std::path::{MAIN_SEPARATOR, Path};

/// A kubeconfig as loosely as possible: its lists, and where each entry begins.
#[derive(Deserialize)]
struct Loose {
    #[serde(rename = "current-context")]
    current_context: Option<Value>,
    clusters: Option<Vec<Spanned<Value>>>,
    users: Option<Vec<Spanned<Value>>>,
    contexts: Option<Vec<Spanned<Value>>>,
}

/// Decodes what can be decoded; the rest becomes problems, which never quote a value: it may be a secret.
pub fn decode(path: &Path, text: &str, problems: &mut Vec<KubeconfigProblem>) -> Kubeconfig {
    let text = text.trim_start_matches('\u{feff}');
    if let Ok(kubeconfig) = Kubeconfig::from_yaml(text) {
        return kubeconfig;
    }
    let problem = |at, text| KubeconfigProblem { file: path.to_path_buf(), at, context: None, text };
    let mut kubeconfig = Kubeconfig::default();
    match serde_saphyr::from_multiple_with_options::<Option<Loose>>(text, lenient()) {
        Ok(documents) => {
            let mut found = Vec::new();
            documents
                .into_iter()
                .flatten()
                .for_each(|document| entries(document, &mut kubeconfig, &mut found));
            problems.extend(found.into_iter().map(|(at, text)| problem(at, text)));
        }
        Err(error) => {
            let (at, why) = misread::why(text, place(&error));
            problems.push(problem(at, format!("no kubeconfig: {why}")));
        }
    }
    kubeconfig
}

/// YAML 1.2 plain scalars, so that `yes`, `0123` and `1_000` stay the texts that a token or a name may be.
fn lenient() -> serde_saphyr::Options {
    let mut options = serde_saphyr::Options::default();
    options.strict_booleans = true;
    options.leading_zero_numbers_as_strings = true;
    options.underscored_numbers_as_strings = true;
    if let Some(budget) = &mut options.budget {
        budget.max_nodes = 1_000_000;
    }
    // No kubeconfig lives by aliases; a bomb does.
    options.alias_limits.max_total_replayed_events = 10_000;
    options
}

fn place(error: &serde_saphyr::Error) -> TextPlace {
    error.without_snippet().location().map(|at| (at.line(), at.column())).filter(|at| at.0 > 0)
}

/// Takes one document apart and keeps every entry that can be read.
fn entries(document: Loose, kubeconfig: &mut Kubeconfig, problems: &mut Vec<(TextPlace, String)>) {
    let current = document.current_context.and_then(|value| value.as_str().map(str::to_string));
    kubeconfig.current_context = kubeconfig.current_context.take().or(current);
    kubeconfig.clusters.extend(list(document.clusters, "cluster", problems));
    kubeconfig.auth_infos.extend(list(document.users, "user", problems));
    kubeconfig.contexts.extend(list(document.contexts, "context", problems));
}

fn list<T: DeserializeOwned>(
    items: Option<Vec<Spanned<Value>>>,
    noun: &str,
    problems: &mut Vec<(TextPlace, String)>,
) -> Vec<T> {
    let mut read = Vec::new();
    for Spanned { value: mut item, referenced, .. } in items.into_iter().flatten() {
        mend(&mut item, noun);
        let name = item.get("name").and_then(Value::as_str).map(|name| format!("{noun} \"{name}\""));
        match serde_json::from_value(item) {
            Ok(entry) => read.push(entry),
            Err(_) => {
                let name = name.unwrap_or_else(|| format!("a {noun} without a name"));
                problems
                    .push((Some((referenced.line(), referenced.column())), format!("{name} cannot be read")));
            }
        }
    }
    read
}

/// Makes an entry what client-go would have taken it for: no nulls, numbers as texts, odd extensions dropped.
fn mend(item: &mut Value, noun: &str) {
    textual(item, "");
    if let Some(Value::Object(body)) = item.get_mut(noun) {
        if let Some(Value::Array(extensions)) = body.get_mut("extensions") {
            extensions.retain(|one| one["name"].is_string() && one.get("extension").is_some());
        }
        if noun == "context" {
            body.entry("cluster").or_insert_with(|| Value::String(String::new()));
        }
    }
}

fn textual(value: &mut Value, key: &str) {
    let is_switch = ["insecure-skip-tls-verify", "disable-compression", "provideClusterInfo"].contains(&key);
    match value {
        Value::Object(map) => {
            map.retain(|_, value| !value.is_null());
            // What an extension holds is handed on as it is.
            map.iter_mut()
                .filter(|(key, _)| *key != "extension")
                .for_each(|(key, value)| textual(value, key));
        }
        Value::Array(items) => items.iter_mut().for_each(|value| textual(value, key)),
        Value::Number(number) => *value = Value::String(number.to_string()),
        Value::Bool(flag) if !is_switch => *value = Value::String(flag.to_string()),
        _ => {}
    }
}

/// An empty text is unset, base64 may be wrapped, and relative paths are those of the declaring file's directory.
pub fn normalise(file: &mut Kubeconfig, directory: Option<&Path>) {
    unset(&mut file.current_context);
    for cluster in file.clusters.iter_mut().filter_map(|named| named.cluster.as_mut()) {
        normalise_cluster(cluster, directory);
    }
    for user in file.auth_infos.iter_mut().filter_map(|named| named.auth_info.as_mut()) {
        normalise_user(user, directory);
    }
    for context in file.contexts.iter_mut().filter_map(|named| named.context.as_mut()) {
        unset(&mut context.user);
        unset(&mut context.namespace);
    }
}

fn normalise_cluster(cluster: &mut Cluster, directory: Option<&Path>) {
    unset(&mut cluster.server);
    unset(&mut cluster.proxy_url);
    unset(&mut cluster.tls_server_name);
    unset(&mut cluster.certificate_authority);
    unwrap_lines(&mut cluster.certificate_authority_data);
    absolute(&mut cluster.certificate_authority, directory);
}

fn normalise_user(user: &mut AuthInfo, directory: Option<&Path>) {
    for text in [&mut user.username, &mut user.impersonate, &mut user.impersonate_uid] {
        unset(text);
    }
    for path in [&mut user.token_file, &mut user.client_certificate, &mut user.client_key] {
        unset(path);
        absolute(path, directory);
    }
    unwrap_lines(&mut user.client_certificate_data);
    for secret in [&mut user.password, &mut user.token, &mut user.client_key_data] {
        *secret = secret.take().filter(|secret| !secret.expose_secret().trim().is_empty());
    }
    if let Some(key) = &user.client_key_data {
        let key: String = key.expose_secret().chars().filter(|c| !c.is_whitespace()).collect();
        user.client_key_data = Some(SecretString::from(key));
    }
    if let Some(exec) = &mut user.exec {
        unset(&mut exec.command);
        // A bare word is looked up on PATH; only a path with a separator is relative to the file.
        if exec.command.as_ref().is_some_and(|command| command.contains(MAIN_SEPARATOR)) {
            absolute(&mut exec.command, directory);
        }
    }
}

fn unset(text: &mut Option<String>) {
    *text = text.take().filter(|text| !text.is_empty());
}

fn unwrap_lines(data: &mut Option<String>) {
    let clean = data.take().map(|data| data.chars().filter(|c| !c.is_whitespace()).collect());
    *data = clean.filter(|data: &String| !data.is_empty());
}

fn absolute(path: &mut Option<String>, directory: Option<&Path>) {
    if let (Some(path), Some(directory)) = (path, directory) {
        *path = directory.join(&*path).to_string_lossy().into_owned();
    }
}
