//! The merged kubeconfig: kubectl's rules, but what is broken is named and the rest still works.

use anyhow::{Context as _, Result};
use kube::config::{AuthInfo, Cluster};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

mod decode;

/// A larger file is no kubeconfig (a thousand contexts are about 3 MB).
const MAX_FILE: usize = 64 << 20;

/// One kubeconfig as it was found: its text, or why it could not be read.
pub struct Document {
    pub path: PathBuf,
    pub text: Result<String, String>,
}

/// What the environment and the flags say about where kubeconfigs are.
#[derive(Clone, Debug, Default)]
pub struct Places {
    /// `--kubeconfig`: only this file, and it must exist.
    pub flag: Option<PathBuf>,
    /// `$KUBECONFIG`, already split at the separator of the platform.
    pub variable: Vec<PathBuf>,
    /// `~/.kube/config`.
    pub default: Option<PathBuf>,
}

/// A context with all it refers to, paths absolute, empty texts unset.
#[derive(Clone)]
pub struct Context {
    pub name: String,
    pub cluster_name: String,
    pub cluster: Cluster,
    pub user: AuthInfo,
    pub namespace: Option<String>,
    /// The file that declares the context.
    pub file: PathBuf,
}

/// Something in a kubeconfig that cannot be used.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Problem {
    pub file: PathBuf,
    /// Line and column, from 1.
    pub at: Option<(u64, u64)>,
    /// The context that does not work because of it, where it is one.
    pub context: Option<String>,
    pub text: String,
}

/// All kubeconfigs as one, contexts in file order.
#[derive(Default)]
pub struct Merged {
    pub contexts: Vec<Context>,
    pub current: Option<String>,
    pub problems: Vec<Problem>,
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.file.display())?;
        if let Some((line, column)) = self.at {
            write!(f, ":{line}:{column}")?;
        }
        write!(f, ": {}", self.text)
    }
}

impl Places {
    /// For who has no clusters: where they were looked for, and what else there is.
    pub fn advice(&self) -> String {
        let listed = if self.variable.is_empty() { self.default.as_slice() } else { &self.variable };
        let paths = self.flag.as_ref().map_or(listed, std::slice::from_ref);
        let paths: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
        let looked = if paths.is_empty() { "no file".to_string() } else { paths.join(", ") };
        format!("looked in {looked}; name a file with --kubeconfig, or try `callboard --demo status`")
    }
}

/// Reads the files that `places` name, by kubectl's rules: the flag's file alone and it must exist; else the
/// variable's files, each once, missing ones skipped; else the default file.
pub fn read(places: &Places) -> Result<Vec<Document>> {
    if let Some(path) = &places.flag {
        return Ok(vec![Document { path: path.clone(), text: Ok(read_file(path)?) }]);
    }
    let mut documents: Vec<Document> = Vec::new();
    let listed: Vec<&PathBuf> = places.variable.iter().filter(|path| !path.as_os_str().is_empty()).collect();
    let paths = if listed.is_empty() { places.default.iter().collect() } else { listed };
    for path in paths {
        let is_known = documents.iter().any(|document| document.path == *path);
        if !is_known && crate::files::exists(path) {
            let text = read_file(path).map_err(|error| format!("{error:#}"));
            documents.push(Document { path: path.clone(), text });
        }
    }
    Ok(documents)
}

fn read_file(path: &Path) -> Result<String> {
    let bytes = crate::files::read_bytes(path, MAX_FILE)?;
    text_of(bytes).with_context(|| format!("{}: the file is not text", path.display()))
}

/// UTF-8, or UTF-16 with its mark, which is what PowerShell writes.
fn text_of(bytes: Vec<u8>) -> Option<String> {
    let units = |of: fn([u8; 2]) -> u16| {
        bytes[2..].chunks_exact(2).map(|pair| of([pair[0], pair[1]])).collect::<Vec<_>>()
    };
    match bytes.as_slice() {
        [0xff, 0xfe, ..] => String::from_utf16(&units(u16::from_le_bytes)).ok(),
        [0xfe, 0xff, ..] => String::from_utf16(&units(u16::from_be_bytes)).ok(),
        _ => String::from_utf8(bytes).ok(),
    }
}

/// Merges documents in order. The first to declare a name wins the whole entry, never field by field; the first
/// `current-context` wins (client-go's loader.go).
pub fn merge(documents: Vec<Document>) -> Merged {
    let mut merged = Merged::default();
    let mut clusters: BTreeMap<String, Cluster> = BTreeMap::new();
    let mut users: BTreeMap<String, AuthInfo> = BTreeMap::new();
    let mut contexts: Vec<(PathBuf, String, Option<kube::config::Context>)> = Vec::new();
    for Document { path, text } in documents {
        let problem = |text: String| Problem { file: path.clone(), at: None, context: None, text };
        let text = match text {
            Ok(text) => text,
            Err(error) => {
                // What the disk says names the file already.
                let name = path.display().to_string();
                let text = error.strip_prefix(&name).unwrap_or(&error).trim_start_matches([':', ' ']);
                merged.problems.push(problem(text.to_string()));
                continue;
            }
        };
        let mut file = decode::decode(&path, &text, &mut merged.problems);
        decode::normalise(&mut file, path.parent());
        merged.current = merged.current.or(file.current_context);
        for named in file.clusters {
            clusters.entry(named.name).or_insert_with(|| named.cluster.unwrap_or_default());
        }
        for named in file.auth_infos {
            users.entry(named.name).or_insert_with(|| named.auth_info.unwrap_or_default());
        }
        for named in file.contexts {
            if !contexts.iter().any(|(_, name, _)| *name == named.name) {
                contexts.push((path.clone(), named.name, named.context));
            }
        }
    }
    for (file, name, context) in contexts {
        match join(&file, &name, context, &clusters, &users) {
            Ok(context) => merged.contexts.push(context),
            Err(text) => merged.problems.push(Problem { file, at: None, context: Some(name), text }),
        }
    }
    merged
}

/// A context with its cluster and its user, or what is missing.
fn join(
    file: &Path,
    name: &str,
    context: Option<kube::config::Context>,
    clusters: &BTreeMap<String, Cluster>,
    users: &BTreeMap<String, AuthInfo>,
) -> Result<Context, String> {
    let context = context.filter(|context| !context.cluster.is_empty());
    let context = context.ok_or_else(|| format!("context \"{name}\" names no cluster"))?;
    let cluster = clusters.get(&context.cluster).ok_or_else(|| {
        format!("context \"{name}\" names cluster \"{}\", which is not there", context.cluster)
    })?;
    if cluster.server.is_none() {
        return Err(format!("context \"{name}\": cluster \"{}\" has no server", context.cluster));
    }
    let user = match &context.user {
        None => AuthInfo::default(),
        Some(user) => users
            .get(user)
            .cloned()
            .ok_or_else(|| format!("context \"{name}\" names user \"{user}\", which is not there"))?,
    };
    Ok(Context {
        name: name.to_string(),
        cluster_name: context.cluster,
        cluster: cluster.clone(),
        user,
        namespace: context.namespace,
        file: file.to_path_buf(),
    })
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "tests make their own world")]
mod tests;
