//! `--use`: kubectl's current context, and the namespace of that context, changed in the files in which kubectl would change them.

use std::path::{Path, PathBuf};

use anyhow::Result;
use serde_json::Value;

use crate::app::App;
use crate::commands::context::targets::ContextItem;
use crate::files;
use crate::fleet::kubeconfig::KubeconfigPlaces;
use crate::outcome::advised;
use crate::yaml;

/// A larger file is no kubeconfig.
const MOST: usize = 64 << 20;

/// What is set in a kubeconfig.
enum KubeconfigField<'a> {
    Current,
    /// The namespace of a context.
    Namespace(&'a str),
}

/// Writes what differs, and tells what it did. kubectl and callboard keep out of each other's way by kubectl's own locks.
pub fn switch(item: &ContextItem, app: &App) -> Result<Vec<String>> {
    let _whole = app.busy();
    let known = app.contexts()?;
    let context = known.contexts.iter().find(|context| context.name == item.context);
    let context = context.ok_or_else(|| anyhow::anyhow!("no kubeconfig has a context {:?}", item.context))?;
    let mut edits = Vec::new();
    if context.namespace.as_deref().unwrap_or("default") != item.namespace {
        let field = KubeconfigField::Namespace(&item.context);
        edits.push((context.file.clone(), field, item.namespace.as_str()));
    }
    if known.current.as_deref() != Some(&item.context) {
        let file = current_file(&app.kubeconfig_places()).unwrap_or_else(|| context.file.clone());
        edits.push((file, KubeconfigField::Current, item.context.as_str()));
    }
    let files: Vec<PathBuf> = edits.iter().map(|(file, ..)| file.clone()).collect();
    let _locks = files::lock_as_kubectl(&files)?;
    let mut told = Vec::new();
    for (file, field, value) in &edits {
        edit(file, field, value)?;
        let what = match field {
            KubeconfigField::Current => format!("current-context is {value}"),
            KubeconfigField::Namespace(context) => format!("the namespace of context {context} is {value}"),
        };
        told.push(format!("{what} now, in {}", file.display()));
    }
    if told.is_empty() {
        told.push(format!("kubectl's current context is {} already, with this namespace", item.context));
    }
    Ok(told)
}

/// Where kubectl writes its current context: the flag's file, else the first of the list that is there.
fn current_file(places: &KubeconfigPlaces) -> Option<PathBuf> {
    let listed: Vec<&PathBuf> = places.variable.iter().filter(|path| !path.as_os_str().is_empty()).collect();
    let listed = if listed.is_empty() { places.default.iter().collect() } else { listed };
    places.flag.clone().or_else(|| listed.into_iter().find(|path| files::exists(path)).cloned())
}

fn edit(file: &Path, field: &KubeconfigField<'_>, value: &str) -> Result<()> {
    let text = files::read_text(file, MOST)?;
    let changed = edited(&file.display().to_string(), &text, field, value).map_err(|why| {
        let by = match field {
            KubeconfigField::Current => format!("kubectl config use-context {value}"),
            KubeconfigField::Namespace(context) => {
                format!("kubectl config set-context {context} --namespace {value}")
            }
        };
        advised(
            anyhow::anyhow!("{why}"),
            format!("nothing was written there; `{by}` writes the whole file anew"),
        )
    })?;
    files::replace(file, changed.as_bytes(), None)
}

fn edited(name: &str, text: &str, field: &KubeconfigField<'_>, value: &str) -> Result<String, String> {
    // Some editors mark UTF-8 at the front.
    let (mark, body) = text.strip_prefix('\u{feff}').map_or(("", text), |body| ("\u{feff}", body));
    let pointer = match field {
        KubeconfigField::Current => "/current-context".to_string(),
        KubeconfigField::Namespace(context) => {
            let documents = yaml::documents_within(name, body, &yaml::YamlLimits::for_objects());
            let first = documents.into_iter().next().ok_or_else(|| format!("{name} is empty"))?;
            let first = first.map_err(|problem| problem.to_string())?;
            let all = first.value.get("contexts").and_then(Value::as_array);
            let mut named = all.into_iter().flatten().enumerate().filter(|(_, one)| one["name"] == **context);
            match (named.next(), named.next()) {
                (Some((index, _)), None) => format!("/contexts/{index}/context/namespace"),
                _ => return Err(format!("{name} does not hold the context {context:?} once")),
            }
        }
    };
    yaml::with_text(name, body, &pointer, value)
        .map(|changed| format!("{mark}{changed}"))
        .map_err(|problem| problem.to_string())
}

#[cfg(test)]
mod tests {
    use super::{KubeconfigField, edited};

    const TEXT: &str = "# mine\napiVersion: v1\nkind: Config\ncontexts:\n- context:\n    cluster: c # the old one\n    user: u\n  name: us\n- {name: eu, context: {cluster: d, user: v, namespace: web}}\ncurrent-context: us # for now\nusers: []\n";

    #[track_caller]
    fn check(field: &KubeconfigField<'_>, value: &str, from: &str, to: &str) {
        assert_eq!(edited("config", TEXT, field, value).as_deref(), Ok(TEXT.replace(from, to).as_str()));
    }

    #[test]
    fn one_field_changes_and_comments_stay() {
        check(&KubeconfigField::Current, "eu", "current-context: us #", "current-context: eu #");
        check(
            &KubeconfigField::Namespace("us"),
            "shop",
            "    cluster: c #",
            "    namespace: shop\n    cluster: c #",
        );
        check(&KubeconfigField::Namespace("eu"), "shop", "namespace: web", "namespace: shop");
        check(&KubeconfigField::Current, "on", "current-context: us", "current-context: \"on\"");
        let marked =
            edited("config", &format!("\u{feff}{TEXT}"), &KubeconfigField::Current, "eu").expect("edited");
        assert!(marked.starts_with("\u{feff}# mine"));
    }

    #[test]
    fn what_is_not_there_once_is_refused() {
        assert!(edited("config", TEXT, &KubeconfigField::Namespace("ap"), "x").is_err());
        let twice = "contexts: [{name: a, context: {}}, {name: a, context: {}}]\n";
        assert!(edited("config", twice, &KubeconfigField::Namespace("a"), "x").is_err());
        let shared = "contexts: [{name: a, context: &c {cluster: x}}, {name: b, context: *c}]\n";
        assert!(edited("config", shared, &KubeconfigField::Namespace("a"), "x").is_err());
        assert!(edited("config", "", &KubeconfigField::Current, "x").is_err());
    }
}
