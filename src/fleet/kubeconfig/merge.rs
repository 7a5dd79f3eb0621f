//! Several kubeconfigs as one, by kubectl's rules: what the merge hides is said, what kubectl refuses is refused.

use crate::fleet::kubeconfig::{Context, KubeconfigProblem, KubeconfigText, Merged, decode};
use kube::config::{AuthInfo, Cluster};
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// An entry of the merge: the first file that has its name wins as a whole.
struct MergedEntry<T> {
    file: PathBuf,
    value: T,
    /// It stands in that file twice, which kubectl refuses.
    is_twice: bool,
}

/// Entries of one kind by name.
type Entries<T> = BTreeMap<String, MergedEntry<T>>;

/// What a file has that an earlier one hides, by the two of them.
type Hidden = BTreeMap<(PathBuf, PathBuf), Vec<String>>;

/// Merges kubeconfigs, the first file that sets something wins. Broken files, entries and contexts are problems.
pub fn merge(documents: Vec<KubeconfigText>) -> Merged {
    let mut merged = Merged::default();
    let mut clusters: Entries<Cluster> = BTreeMap::new();
    let mut users: Entries<AuthInfo> = BTreeMap::new();
    let mut contexts: Entries<Option<kube::config::Context>> = BTreeMap::new();
    let mut order: Vec<String> = Vec::new();
    let mut hidden = Hidden::new();
    for KubeconfigText { path, text } in documents {
        let text = match text {
            Ok(text) => text,
            Err(error) => {
                // What the disk says names the file already.
                let name = path.display().to_string();
                let text = error.strip_prefix(&name).unwrap_or(&error).trim_start_matches([':', ' ']);
                merged.problems.push(KubeconfigProblem {
                    file: path,
                    at: None,
                    context: None,
                    text: text.to_string(),
                });
                continue;
            }
        };
        let mut file = decode::decode(&path, &text, &mut merged.problems);
        decode::normalise(&mut file, path.parent());
        merged.current = merged.current.or(file.current_context);
        let mut hide = |noun: &str, name: &str, by: &Path| {
            let entries = hidden.entry((path.clone(), by.to_path_buf())).or_default();
            entries.push(format!("{noun} \"{name}\""));
        };
        for named in file.contexts {
            if !contexts.contains_key(&named.name) {
                order.push(named.name.clone());
            }
            keep(&mut contexts, &path, "context", named.name, named.context, &mut hide);
        }
        for named in file.clusters {
            let cluster = named.cluster.unwrap_or_default();
            keep(&mut clusters, &path, "cluster", named.name, cluster, &mut hide);
        }
        for named in file.auth_infos {
            let user = named.auth_info.unwrap_or_default();
            keep(&mut users, &path, "user", named.name, user, &mut hide);
        }
    }
    for name in order {
        let Some(kept) = contexts.remove(&name) else { continue };
        let file = kept.file.clone();
        match join(&name, kept, &clusters, &users) {
            Ok(context) => merged.contexts.push(context),
            Err(text) => {
                merged.problems.push(KubeconfigProblem { file, at: None, context: Some(name), text })
            }
        }
    }
    merged.problems.extend(hidden.into_iter().map(hidden_entries));
    merged
}

/// Keeps an entry, unless an earlier file has its name: that something else is hidden by that is worth a word.
fn keep<T: Serialize>(
    entries: &mut Entries<T>,
    file: &Path,
    noun: &str,
    name: String,
    value: T,
    hide: &mut impl FnMut(&str, &str, &Path),
) {
    match entries.get_mut(&name) {
        None => drop(entries.insert(name, MergedEntry { file: file.to_path_buf(), value, is_twice: false })),
        Some(kept) if kept.file == file => kept.is_twice = true,
        Some(kept) => {
            let content = |value: &T| serde_json::to_value(value).unwrap_or_default();
            if content(&kept.value) != content(&value) {
                hide(noun, &name, &kept.file);
            }
        }
    }
}

fn hidden_entries(((file, by), entries): ((PathBuf, PathBuf), Vec<String>)) -> KubeconfigProblem {
    let entries = crate::text::listed(&entries, 6);
    let text =
        format!("hidden by entries of the same name, but another content, in {}: {entries}", by.display());
    KubeconfigProblem { file, at: None, context: None, text }
}

/// A context with its cluster and its user, or what is wrong with them.
fn join(
    name: &str,
    kept: MergedEntry<Option<kube::config::Context>>,
    clusters: &Entries<Cluster>,
    users: &Entries<AuthInfo>,
) -> Result<Context, String> {
    if kept.is_twice {
        return Err(format!("context \"{name}\" stands there twice, which kubectl refuses"));
    }
    let context = kept.value.filter(|context| !context.cluster.is_empty());
    let context = context.ok_or_else(|| format!("context \"{name}\" names no cluster"))?;
    let cluster = clusters.get(&context.cluster).ok_or_else(|| {
        format!("context \"{name}\" names cluster \"{}\", which is not there", context.cluster)
    })?;
    refuse_twice(name, "cluster", &context.cluster, cluster)?;
    if cluster.value.server.is_none() {
        return Err(format!("context \"{name}\": cluster \"{}\" has no server", context.cluster));
    }
    let user = match &context.user {
        None => AuthInfo::default(),
        Some(user) => {
            let kept = users
                .get(user)
                .ok_or_else(|| format!("context \"{name}\" names user \"{user}\", which is not there"))?;
            refuse_twice(name, "user", user, kept)?;
            kept.value.clone()
        }
    };
    Ok(Context {
        name: name.to_string(),
        cluster_name: context.cluster,
        cluster: cluster.value.clone(),
        user,
        namespace: context.namespace,
        file: kept.file,
    })
}

fn refuse_twice<T>(context: &str, noun: &str, name: &str, kept: &MergedEntry<T>) -> Result<(), String> {
    match kept.is_twice {
        false => Ok(()),
        true => Err(format!(
            "context \"{context}\" names {noun} \"{name}\", which stands twice in {}: kubectl refuses that",
            kept.file.display()
        )),
    }
}
