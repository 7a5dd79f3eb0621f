//! `.callboard/lock.yaml`: which template made a project, from which answers, and what it wrote, so that drift and update can tell
//! the path's work from the owner's.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use crate::scaffold::digest::blob_id;
use crate::scaffold::glob::Globs;
use crate::scaffold::request::{Request, RunOutcome, StepState};
use crate::scaffold::template::Template;
use crate::tree::{Tree, TreeEntry, jailed, joined, portable};
use crate::yaml::{self, Problem};

/// Where the lock of a project lies.
pub const PATH: &str = ".callboard/lock.yaml";
/// The version of the rendering rules; grows when the same template could come out differently.
pub const ENGINE: u32 = 1;

const API_VERSION: &str = "callboard.dev/v1alpha1";
const KIND: &str = "ScaffoldLock";
/// Annotations of a template with the globs (comma-separated) of files that are the project's own from the start, and of
/// files that stay the guild's.
const ONCE: &str = "callboard.dev/once";
const OWNED: &str = "callboard.dev/owned";

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Lock {
    pub api_version: String,
    pub kind: String,
    /// One for each template that made a part of the project.
    pub layers: Vec<Layer>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Layer {
    pub id: String,
    /// `template:default/http-service`
    pub template: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// `embedded:http-service`, `git+https://...//sub`, or a directory; never with a user or password in it.
    pub source: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Where the source is git.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// Of all that the template read from its source: its own directory, and what its steps and placeholders take from beside it.
    pub digest: String,
    pub engine: u32,
    /// The part of the project that the layer made; `.` is all of it.
    pub path: String,
    #[serde(default)]
    pub answers: Map<String, Json>,
    /// Names of secrets that were asked for; never their values.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub secrets: BTreeSet<String>,
    /// Steps that the person skipped, so that an update skips them too, and those that need a server.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub skipped: BTreeSet<String>,
    /// Outputs that the person gave for steps that did not run, by step.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub stubs: BTreeMap<String, Map<String, Json>>,
    /// Names that nothing defines were let pass.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub lenient: bool,
    pub files: BTreeMap<String, WrittenFile>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct WrittenFile {
    /// git's blob id of what was written, before anyone changed it.
    pub oid: String,
    /// `644`, `755`, or `link`.
    pub mode: String,
    #[serde(default)]
    pub policy: Policy,
    /// The owner deleted it; an update leaves it away.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub removed: bool,
    /// Of an adopted project: what the template has here was never taken; an update takes it only where it is asked for by its path.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub pending: bool,
}

/// What an update does with a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Policy {
    /// Both sides' changes are brought together.
    #[default]
    Merge,
    /// The project's own from the start: never updated, never drift.
    Once,
    /// The guild's: a change here is drift, and an update offers to take it back.
    Owned,
}

/// Where a template came from.
#[derive(Clone, Debug, Default)]
pub struct Origin {
    pub source: String,
    pub commit: Option<String>,
    pub digest: String,
}

/// The layer of a finished run.
pub fn layer(
    template: &Template,
    origin: &Origin,
    request: &Request,
    outcome: &RunOutcome,
) -> Result<Layer, String> {
    let policies = policies(template, &outcome.tree)?;
    let files = outcome.tree.iter().filter_map(|(path, entry)| {
        let (oid, mode) = identity(entry)?;
        let policy = policies(path);
        Some((
            path.to_string(),
            WrittenFile { oid, mode: mode.into(), policy, removed: false, pending: false },
        ))
    });
    let left = |state: StepState| matches!(state, StepState::SkippedByRequest | StepState::LeftOut);
    let skipped = outcome.steps.iter().filter(|step| left(step.state));
    Ok(Layer {
        id: template.name.clone(),
        template: template.entity_ref(),
        owner: template.owner.clone(),
        source: without_credentials(&origin.source),
        version: template.version.clone(),
        commit: origin.commit.clone(),
        digest: origin.digest.clone(),
        engine: ENGINE,
        path: ".".into(),
        answers: request.parameters.clone(),
        secrets: request.secrets.keys().cloned().collect(),
        skipped: skipped.map(|step| step.id.clone()).collect(),
        stubs: request.stubs.clone(),
        lenient: request.lenient,
        files: files.collect(),
    })
}

fn policies(template: &Template, tree: &Tree) -> Result<impl Fn(&str) -> Policy, String> {
    let globs = |annotation: &str| {
        let text = template.document.value["metadata"]["annotations"][annotation]
            .as_str()
            .unwrap_or_default()
            .to_string();
        let parts: Vec<&str> = text.split(',').map(str::trim).filter(|glob| !glob.is_empty()).collect();
        Globs::new(parts, tree)
    };
    let (once, owned) = (globs(ONCE)?, globs(OWNED)?);
    Ok(move |path: &str| match (owned.matches(path), once.matches(path)) {
        (true, _) => Policy::Owned,
        (_, true) => Policy::Once,
        _ => Policy::Merge,
    })
}

/// A URL without the user and password that may stand in it.
pub fn without_credentials(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.into() };
    let (authority, path) =
        rest.split_once('/').map_or((rest, None), |(authority, path)| (authority, Some(path)));
    // For ssh the user is part of the address and no secret.
    let host = match authority.rsplit_once('@') {
        Some((user, host)) if scheme.ends_with("ssh") && !user.contains(':') => format!("{user}@{host}"),
        Some((_, host)) => host.into(),
        None => authority.into(),
    };
    format!("{scheme}://{host}{}", path.map(|path| format!("/{path}")).unwrap_or_default())
}

impl Layer {
    /// Where a file of the layer lies in the project.
    pub fn place(&self, path: &str) -> String {
        if self.path == "." { path.to_string() } else { joined(&self.path, path) }
    }
}

impl Lock {
    pub fn new(layer: Layer) -> Self {
        Self { api_version: API_VERSION.into(), kind: KIND.into(), layers: vec![layer] }
    }

    /// The text of the file; the same lock gives the same text.
    pub fn to_text(&self) -> String {
        yaml::emit(&serde_json::to_value(self).unwrap_or_default())
    }

    /// Reads the file, or says what is wrong with it, and where.
    pub fn read(file: &str, text: &str) -> Result<Self, Problem> {
        let missing = || Problem::new(yaml::Place::new(file, 1, 1), format!("this is no {KIND}"));
        let document = yaml::documents(file, text).into_iter().next().ok_or_else(missing)??;
        if document.value["kind"] != KIND || document.value["apiVersion"] != API_VERSION {
            return Err(missing());
        }
        let lock: Lock = serde_json::from_value(document.value.clone())
            .map_err(|error| document.problem("", error.to_string()))?;
        for (number, layer) in lock.layers.iter().enumerate() {
            // Whoever wrote the file, no path of it leads out of the project.
            let paths =
                layer.files.keys().map(|path| (path, format!("/layers/{number}/files/{}", yaml::step(path))));
            let whole = layer.path == "."
                || (jailed("", &layer.path).as_ref() == Ok(&layer.path) && portable(&layer.path).is_ok());
            if !whole {
                return Err(document.problem(
                    &format!("/layers/{number}/path"),
                    format!("the path '{}' leads out of the project", layer.path.escape_debug()),
                ));
            }
            for (path, pointer) in paths {
                if jailed("", path).as_ref() != Ok(path) {
                    return Err(document.problem(
                        &pointer,
                        format!("the path '{}' leads out of the project", path.escape_debug()),
                    ));
                }
                portable(path).map_err(|problem| document.problem(&pointer, problem.to_string()))?;
            }
        }
        Ok(lock)
    }
}

/// git's blob id of what stands at a path, and the mode that the lock writes for it; none for a directory.
pub fn identity(entry: &TreeEntry) -> Option<(String, &'static str)> {
    match entry {
        TreeEntry::File { bytes, executable: false } => Some((blob_id(bytes), "644")),
        TreeEntry::File { bytes, executable: true } => Some((blob_id(bytes), "755")),
        TreeEntry::Link { target } => Some((blob_id(target.as_bytes()), "link")),
        TreeEntry::Directory => None,
    }
}

impl WrittenFile {
    /// Whether an entry is what was written.
    pub fn is(&self, entry: &TreeEntry) -> bool {
        identity(entry).is_some_and(|(oid, mode)| oid == self.oid && mode == self.mode)
    }

    /// Whether an update has nothing to do with it.
    pub fn is_apart(&self) -> bool {
        self.policy == Policy::Once || self.removed || self.pending
    }
}

#[cfg(test)]
mod tests {
    use super::{Lock, without_credentials};

    #[test]
    fn a_lock_that_leads_out_of_the_project_is_refused() {
        let text = |layer: &str, path: &str| {
            format!(
                "apiVersion: callboard.dev/v1alpha1\nkind: ScaffoldLock\nlayers:\n- {{id: a, template: 'template:default/a', source: 'embedded:a', \
                 digest: x, engine: 1, path: {layer}, files: {{'{path}': {{oid: x, mode: '644'}}}}}}\n"
            )
        };
        assert!(Lock::read("l", &text(".", "a/b")).is_ok());
        assert!(Lock::read("l", &text("services/a", "b")).is_ok());
        for (layer, path) in [
            (".", "../x"),
            (".", "/etc/x"),
            (".", ".git/config"),
            ("..", "x"),
            ("a/../../b", "x"),
            (".", "a/./b"),
        ] {
            let problem = Lock::read("l", &text(layer, path)).expect_err(path);
            assert_eq!(problem.place.line, 4, "{problem}");
        }
    }

    #[test]
    fn no_password_is_recorded() {
        for (url, expect) in [
            ("git+https://user:token@git.acme.io/a.git//x@v1", "git+https://git.acme.io/a.git//x@v1"),
            ("https://token@host", "https://host"),
            ("git+ssh://git@host/a", "git+ssh://git@host/a"),
            ("git+ssh://git:pw@host/a", "git+ssh://host/a"),
            ("embedded:http-service", "embedded:http-service"),
            ("./dir@x", "./dir@x"),
        ] {
            assert_eq!(without_credentials(url), expect);
        }
    }
}
