//! The head every entity has: its rules as Backstage enforces them, every breach told at its place.

use std::fmt::{Display, Formatter};

use serde_json::Value;

use crate::catalog::kinds::{CustomKind, KINDS, is_field, kind};
use crate::catalog::rules::{
    API_VERSION, ENVELOPE, FOREIGN, KIND, METADATA as METADATA_RULE, NAME as NAME_RULE,
};
use crate::text::closest;
use crate::yaml::{Document, LintFinding, LintRule, Problem, step, value_at};

const ROOT: [&str; 4] = ["apiVersion", "kind", "metadata", "spec"];
const METADATA: [&str; 10] =
    ["name", "namespace", "title", "description", "labels", "annotations", "tags", "links", "uid", "etag"];

const NAME: &str = "letters and digits separated by - _ or ., at most 63 characters";
const NAMESPACE: &str = "lower-case letters and digits separated by -, at most 63 characters";
const TAG: &str = "lower-case letters, digits, +, # and : separated by -, at most 63 characters";
const KEY: &str = "a name, or a lower-case domain and a name (example.com/name)";

/// What is wrong with the head of a document, and its kind in Backstage's spelling. Without a kind or a
/// valid name no entity can be made of it.
pub fn check(
    document: &Document,
    accepted: &[CustomKind],
    problems: &mut Vec<LintFinding>,
) -> Option<String> {
    let Value::Object(root) = &document.value else {
        let what = if document.value.is_array() { "a list" } else { "a single value" };
        let message = format!("an entity must be a map with apiVersion, kind and metadata, not {what}");
        problems.push(LintFinding::new(&ENVELOPE, document.problem("", message)));
        return None;
    };
    for key in root.keys().filter(|key| !ROOT.contains(&key.as_str())) {
        let place = document.key_place(&format!("/{}", step(key)));
        let problem =
            Problem::new(place, format!("unknown field {key:?}: an entity has {}", ROOT.join(", ")));
        let is_of_spec = KINDS.iter().any(|kind| is_field(kind, key));
        let problem = match closest(key, ROOT).first() {
            Some(near) => problem.hint(format!("did you mean {near}?")),
            None if METADATA.contains(&key.as_str()) => problem.hint(format!("{key} belongs under metadata")),
            None if is_of_spec => problem.hint(format!("{key} belongs under spec")),
            None => problem,
        };
        problems.push(LintFinding::new(&ENVELOPE, problem));
    }
    let mut check = EnvelopeCheck { document, problems, has_no_ref: false };
    check.required("/apiVersion", "apiVersion", "backstage.io/v1alpha1");
    check.required("/kind", "kind", "a kind such as Component");
    check.rule(
        "/apiVersion",
        &"apiVersion",
        is_api_version,
        "a version, or a lower-case domain and a version",
    );
    check.rule("/kind", &"kind", is_kind, "letters and digits, the first a letter, at most 63 characters");
    check.metadata();
    if document.value.get("spec").is_some_and(|spec| !spec.is_object()) {
        check.say(&ENVELOPE, "/spec", "spec must be a map");
    }
    if check.has_no_ref {
        return None;
    }
    known_kind(document, accepted, problems)
}

/// The kind as Backstage spells it; a misspelt or unknown one is told, and kept for references to it.
fn known_kind(
    document: &Document,
    accepted: &[CustomKind],
    problems: &mut Vec<LintFinding>,
) -> Option<String> {
    let written = document.value.get("kind").and_then(Value::as_str)?;
    let version = document.value.get("apiVersion").and_then(Value::as_str).unwrap_or_default();
    if let Some(custom) = accepted.iter().find(|custom| custom.is(version, written)) {
        return Some(custom.kind.clone());
    }
    let Some(known) = kind(written) else {
        let problem = document.problem("/kind", format!("unknown kind {written:?}"));
        let problem = match closest(written, KINDS.iter().map(|kind| kind.name)).first() {
            Some(near) => problem.hint(format!("did you mean {near}?")),
            None => problem.hint(format!(
                "kinds are {}; a company's own stand under kinds: in the configuration",
                KINDS.iter().map(|kind| kind.name).collect::<Vec<_>>().join(", ")
            )),
        };
        problems.push(LintFinding::new(&KIND, problem));
        return Some(written.to_string());
    };
    if known.name != written {
        let problem = document.problem("/kind", format!("kind {written:?} is spelt {}", known.name));
        problems.push(LintFinding::new(&KIND, problem.hint(format!("kind: {}", known.name))));
    }
    if !version.is_empty() && !known.versions.contains(&version) {
        let message = format!("apiVersion {version:?} is not one of kind {}", known.name);
        let problem = document.problem("/apiVersion", message);
        let hint = format!("apiVersion: {}", known.versions[0]);
        problems.push(LintFinding::new(&API_VERSION, problem.hint(hint)));
    }
    Some(known.name.to_string())
}

/// A document of somebody else's in a file that was named: no entity, and told once.
pub fn foreign(document: &Document) -> LintFinding {
    let version = document.value.get("apiVersion").and_then(Value::as_str).unwrap_or_default();
    let problem = document.problem("/apiVersion", format!("{version} is no part of the catalog"));
    LintFinding::new(
        &FOREIGN,
        problem.hint(
            "leave this document out of it; a kind of your own stands under kinds: in the configuration",
        ),
    )
}

/// The rule of a field of the head.
fn rule_of(name: &str) -> &'static LintRule {
    match name {
        "apiVersion" => &API_VERSION,
        "kind" => &KIND,
        "metadata.name" | "metadata.namespace" => &NAME_RULE,
        _ => &METADATA_RULE,
    }
}

/// A key as messages quote it.
struct Shortened<'a>(&'a str);

impl Display for Shortened<'_> {
    fn fmt(&self, to: &mut Formatter<'_>) -> std::fmt::Result {
        to.write_str(&short(self.0))
    }
}

struct EnvelopeCheck<'a> {
    document: &'a Document,
    problems: &'a mut Vec<LintFinding>,
    /// Kind, name or namespace cannot be used: nothing can refer to the entity.
    has_no_ref: bool,
}

/// The fields that an entity ref is made of.
const OF_REF: &[&str] = &["kind", "metadata.name", "metadata.namespace"];

impl EnvelopeCheck<'_> {
    fn metadata(&mut self) {
        match self.document.value.get("metadata") {
            Some(Value::Object(_)) => {}
            other => {
                self.has_no_ref = true;
                return match other {
                    None => self.say(&ENVELOPE, "", "metadata must be there, with a name"),
                    Some(_) => self.say(&ENVELOPE, "/metadata", "metadata must be a map"),
                };
            }
        }
        self.required("/metadata/name", "metadata.name", "a name");
        self.rule("/metadata/name", &"metadata.name", is_name, NAME);
        self.rule("/metadata/namespace", &"metadata.namespace", is_namespace, NAMESPACE);
        for field in ["title", "uid", "etag"] {
            let pointer = format!("/metadata/{field}");
            let name = format_args!("metadata.{field}");
            self.rule(&pointer, &name, |text| !text.is_empty(), "a text that is not empty");
        }
        self.rule("/metadata/description", &"metadata.description", |_| true, "a text");
        self.texts("labels", |value| value.is_empty() || is_name(value), NAME);
        self.texts("annotations", |_| true, "a text (put it in quotes)");
        self.tags();
        self.links();
    }

    fn texts(&mut self, field: &str, fits: fn(&str) -> bool, expected: &str) {
        let pointer = format!("/metadata/{field}");
        let map = match value_at(&self.document.value, &pointer) {
            None => return,
            Some(Value::Object(map)) => map,
            Some(Value::Null) if field == "annotations" => return,
            Some(_) => {
                return self.say(
                    &METADATA_RULE,
                    &pointer,
                    format!("metadata.{field} must be a map of texts"),
                );
            }
        };
        for key in map.keys() {
            let pointer = format!("{pointer}/{}", step(key));
            if !is_key(key) {
                let place = self.document.key_place(&pointer);
                let message = format!("{field}: the key {:?} is not valid: expected {KEY}", short(key));
                self.problems.push(LintFinding::new(&METADATA_RULE, Problem::new(place, message)));
            }
            self.rule(&pointer, &format_args!("{field}.{}", Shortened(key)), fits, expected);
        }
    }

    fn tags(&mut self) {
        let tags = match value_at(&self.document.value, "/metadata/tags") {
            None => return,
            Some(Value::Array(tags)) => tags,
            Some(_) => {
                return self.say(&METADATA_RULE, "/metadata/tags", "metadata.tags must be a list of texts");
            }
        };
        for (index, tag) in tags.iter().enumerate() {
            let pointer = format!("/metadata/tags/{index}");
            let before = self.problems.len();
            self.rule(&pointer, &format_args!("tags[{index}]"), is_tag, TAG);
            if self.problems.len() > before {
                let lower = tag.as_str().map(str::to_lowercase).unwrap_or_default().replace([' ', '_'], "-");
                if is_tag(&lower) {
                    self.hint(format!("did you mean {lower:?}?"));
                }
            }
        }
    }

    fn links(&mut self) {
        let links = match value_at(&self.document.value, "/metadata/links") {
            None => return,
            Some(Value::Array(links)) => links,
            Some(_) => return self.say(&METADATA_RULE, "/metadata/links", "metadata.links must be a list"),
        };
        for (index, link) in links.iter().enumerate() {
            let pointer = format!("/metadata/links/{index}");
            if !link.is_object() {
                self.say(&METADATA_RULE, &pointer, format!("links[{index}] must be a map with a url"));
                continue;
            }
            let url = format!("links[{index}].url");
            self.required(&format!("{pointer}/url"), &url, "a URL");
            self.rule(&format!("{pointer}/url"), &url, is_url, "a URL (https://...)");
            for field in ["title", "icon"] {
                let is_filled = |text: &str| !text.trim().is_empty();
                let name = format_args!("links[{index}].{field}");
                self.rule(&format!("{pointer}/{field}"), &name, is_filled, "a text that is not blank");
            }
            let is_filled = |text: &str| !text.is_empty();
            let name = format_args!("links[{index}].type");
            self.rule(&format!("{pointer}/type"), &name, is_filled, "a text that is not empty");
        }
    }

    fn required(&mut self, pointer: &str, name: &str, expected: &str) {
        if value_at(&self.document.value, pointer).is_some() {
            return;
        }
        self.has_no_ref |= OF_REF.contains(&name);
        let (parent, field) = pointer.rsplit_once('/').unwrap_or_default();
        self.say(rule_of(name), parent, format!("{name} is missing: expected {expected}"));
        let parent = value_at(&self.document.value, parent).and_then(Value::as_object);
        let near =
            parent.and_then(|parent| closest(field, parent.keys().map(String::as_str)).first().copied());
        if let Some(near) = near {
            self.hint(format!("{near:?} looks like it"));
        }
    }

    /// A field that is there must be a text that fits.
    fn rule(&mut self, pointer: &str, name: &dyn Display, fits: fn(&str) -> bool, expected: &str) {
        let wrong = match value_at(&self.document.value, pointer) {
            None => return,
            Some(Value::String(text)) if fits(text) => return,
            Some(wrong) => wrong,
        };
        // Nearly all is right: the name is written only where it is told.
        let name = &*name.to_string();
        match wrong {
            Value::String(text) => {
                self.say(
                    rule_of(name),
                    pointer,
                    format!("{name}: {:?} is not valid: expected {expected}", short(text)),
                );
            }
            Value::Number(_) | Value::Bool(_) => {
                self.say(rule_of(name), pointer, format!("{name} must be a text"));
                self.hint("put it in quotes");
            }
            _ => self.say(rule_of(name), pointer, format!("{name} must be a text")),
        }
        self.has_no_ref |= OF_REF.contains(&name);
    }

    fn say(&mut self, rule: &'static LintRule, pointer: &str, message: impl Into<String>) {
        self.problems.push(LintFinding::new(rule, self.document.problem(pointer, message)));
    }

    fn hint(&mut self, hint: impl Into<String>) {
        if let Some(finding) = self.problems.last_mut() {
            finding.problem.hint = Some(hint.into());
        }
    }
}

/// Letters and digits, with `separators` between them, at most 63 of all.
fn is_separated(text: &str, allowed: fn(u8) -> bool, separator: fn(u8) -> bool) -> bool {
    let bytes = text.as_bytes();
    let edge = |byte: Option<&u8>| byte.is_some_and(|byte| allowed(*byte));
    bytes.len() <= 63
        && edge(bytes.first())
        && edge(bytes.last())
        && bytes.iter().all(|byte| allowed(*byte) || separator(*byte))
}

pub fn is_name(text: &str) -> bool {
    is_separated(text, |b| b.is_ascii_alphanumeric(), |b| matches!(b, b'-' | b'_' | b'.'))
}

pub fn is_namespace(text: &str) -> bool {
    is_separated(text, |b| b.is_ascii_lowercase() || b.is_ascii_digit(), |b| b == b'-')
}

fn is_tag(text: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b':' | b'+' | b'#');
    is_separated(text, allowed, |b| b == b'-') && !text.contains("--")
}

fn is_kind(text: &str) -> bool {
    text.len() <= 63
        && text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.bytes().all(|b| b.is_ascii_alphanumeric())
}

fn is_domain(text: &str) -> bool {
    text.len() <= 253 && text.split('.').all(is_namespace)
}

fn is_key(text: &str) -> bool {
    match text.split_once('/') {
        None => is_name(text),
        Some((domain, name)) => is_domain(domain) && is_name(name),
    }
}

fn is_api_version(text: &str) -> bool {
    let is_version =
        |text: &str| (1..=63).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric());
    match text.split_once('/') {
        None => is_version(text),
        Some((domain, version)) => is_domain(domain) && is_version(version),
    }
}

/// What a browser takes for a URL: a scheme, and a host where the scheme has hosts.
fn is_url(text: &str) -> bool {
    let Some((scheme, rest)) = text.trim().split_once(':') else { return false };
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'));
    let has_host =
        ["http", "https", "ftp", "ws", "wss"].iter().any(|known| scheme.eq_ignore_ascii_case(known));
    let host = rest.trim_start_matches(['/', '\\']).split(['/', '\\', '?', '#']).next().unwrap_or_default();
    is_scheme && (!has_host || (!host.is_empty() && !host.contains([' ', '<', '>', '^', '|'])))
}

fn short(text: &str) -> String {
    match text.char_indices().nth(80) {
        Some((at, _)) => format!("{}...", &text[..at]),
        None => text.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use crate::catalog::Catalog;

    /// The problems of an entity with this head, without the name of the file; with ` -> hint`.
    #[track_caller]
    fn check(text: &str, expect: &[&str]) {
        let catalog = Catalog::of_text("a", text);
        let told: Vec<String> = catalog
            .problems
            .iter()
            .map(|finding| {
                let problem = &finding.problem;
                let hint = problem.hint.as_ref().map(|hint| format!(" -> {hint}")).unwrap_or_default();
                format!("{}:{}: {}{hint}", problem.place.line, problem.place.column, problem.message)
            })
            .collect();
        assert_eq!(told, expect, "{text}");
    }

    fn user(metadata: &str) -> String {
        format!(
            "apiVersion: backstage.io/v1alpha1\nkind: User\nspec: {{memberOf: []}}\nmetadata:\n  {metadata}\n"
        )
    }

    #[test]
    fn every_rule_of_the_head_is_told_at_its_place() {
        check(&user("name: a"), &[]);
        check(&user("name: A_b.c-1\n  namespace: a--b\n  annotations:"), &[]);
        check("- a", &["1:1: an entity must be a map with apiVersion, kind and metadata, not a list"]);
        check("a", &["1:1: an entity must be a map with apiVersion, kind and metadata, not a single value"]);
        check(&user("name: 2001"), &["5:9: metadata.name must be a text -> put it in quotes"]);
        check(&user("nam: a"), &["5:3: metadata.name is missing: expected a name -> \"nam\" looks like it"]);
        check(
            &user("name: -a"),
            &[
                "5:9: metadata.name: \"-a\" is not valid: expected letters and digits separated by - _ or ., at most 63 characters",
            ],
        );
        check(
            &user("name: a\n  namespace: Ab"),
            &[
                "6:14: metadata.namespace: \"Ab\" is not valid: expected lower-case letters and digits separated by -, at most 63 characters",
            ],
        );
        check(
            &user("name: a\n  labels: {Bad.Prefix/x: ok, y: 1, z: null}\n  tags: [Tier 1, a]"),
            &[
                "6:12: labels: the key \"Bad.Prefix/x\" is not valid: expected a name, or a lower-case domain and a name (example.com/name)",
                "6:33: labels.y must be a text -> put it in quotes",
                "6:39: labels.z must be a text",
                "7:10: tags[0]: \"Tier 1\" is not valid: expected lower-case letters, digits, +, # and : separated by -, at most 63 characters -> did you mean \"tier-1\"?",
            ],
        );
        check(
            &user("name: a\n  links:\n  - title: x\n  - {url: no, icon: ' '}\n  - {url: 'mailto:a@b'}"),
            &[
                "7:5: links[0].url is missing: expected a URL",
                "8:11: links[1].url: \"no\" is not valid: expected a URL (https://...)",
                "8:21: links[1].icon: \" \" is not valid: expected a text that is not blank",
            ],
        );
    }

    #[test]
    fn kinds_and_versions() {
        let entity = |version: &str, kind: &str| {
            format!("apiVersion: {version}\nkind: {kind}\nmetadata: {{name: a}}\nspec: {{memberOf: []}}")
        };
        check(&entity("backstage.io/v1beta1", "User"), &[]);
        check(&entity("backstage.io/v1alpha1", "user"), &["2:7: kind \"user\" is spelt User -> kind: User"]);
        check(&entity("backstage.io/v1alpha1", "Usr"), &["2:7: unknown kind \"Usr\" -> did you mean User?"]);
        check(
            &entity("apps/v1", "Deployment"),
            &[
                "1:13: apps/v1 is no part of the catalog -> leave this document out of it; a kind of your own stands under kinds: in the configuration",
            ],
        );
        check(
            &entity("backstage.io/v9", "User"),
            &[
                "1:13: apiVersion \"backstage.io/v9\" is not one of kind User -> apiVersion: backstage.io/v1alpha1",
            ],
        );
        check(
            "apiVersion: backstage.io/v1alpha1\nkind: User\nmetdata: {name: a}\n",
            &[
                "3:1: unknown field \"metdata\": an entity has apiVersion, kind, metadata, spec -> did you mean metadata?",
                "1:1: metadata must be there, with a name",
            ],
        );
        check(
            "{}",
            &[
                "1:1: apiVersion is missing: expected backstage.io/v1alpha1",
                "1:1: kind is missing: expected a kind such as Component",
                "1:1: metadata must be there, with a name",
            ],
        );
    }
}
