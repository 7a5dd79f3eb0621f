//! The merged kubeconfig: kubectl's rules, but what is broken is named and the rest still works.

use anyhow::{Context as _, Result};
use kube::config::{AuthInfo, Cluster};
use std::path::{Path, PathBuf};

mod decode;
mod login;
mod merge;
mod misread;

pub use crate::fleet::kubeconfig::merge::merge;

/// A larger file is no kubeconfig (a thousand contexts are about 3 MB).
const MAX_FILE: usize = 64 << 20;

/// One kubeconfig as it was found: its text, or why it could not be read.
#[derive(Clone)]
pub struct KubeconfigText {
    pub path: PathBuf,
    pub text: Result<String, String>,
}

/// What the environment and the flags say about where kubeconfigs are.
#[derive(Clone, Debug, Default)]
pub struct KubeconfigPlaces {
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
pub struct KubeconfigProblem {
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
    pub problems: Vec<KubeconfigProblem>,
}

impl std::fmt::Display for KubeconfigProblem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.file.display())?;
        if let Some((line, column)) = self.at {
            write!(f, ":{line}:{column}")?;
        }
        write!(f, ": {}", self.text)
    }
}

impl KubeconfigProblem {
    /// Something that the configuration says of contexts, and that cannot be used.
    pub fn of_configuration(text: String) -> KubeconfigProblem {
        KubeconfigProblem { file: PathBuf::from("the configuration"), at: None, context: None, text }
    }
}

impl KubeconfigPlaces {
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
pub fn read(places: &KubeconfigPlaces) -> Result<Vec<KubeconfigText>> {
    if let Some(path) = &places.flag {
        return Ok(vec![KubeconfigText { path: path.clone(), text: Ok(read_file(path)?) }]);
    }
    let mut documents: Vec<KubeconfigText> = Vec::new();
    let listed: Vec<&PathBuf> = places.variable.iter().filter(|path| !path.as_os_str().is_empty()).collect();
    let paths = if listed.is_empty() { places.default.iter().collect() } else { listed };
    for path in paths {
        let is_known = documents.iter().any(|document| document.path == *path);
        if !is_known && crate::files::exists(path) {
            let text = read_file(path).map_err(|error| format!("{error:#}"));
            documents.push(KubeconfigText { path: path.clone(), text });
        }
    }
    Ok(documents)
}

fn read_file(path: &Path) -> Result<String> {
    let bytes = crate::files::read_bytes_or_pipe(path, MAX_FILE)?;
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

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "tests make their own world")]
mod tests;
