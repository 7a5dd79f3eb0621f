//! What kubectl knows of the kinds of a server: its cache is read, and left as it is.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::Value;

use crate::files;
use crate::fleet::discovery::ServedKind;

/// As long as kubectl itself believes it.
const FRESH: Duration = Duration::from_secs(6 * 60 * 60);
/// More than that is no discovery.
const MOST: usize = 16 << 20;

/// The kinds of a server, if all that kubectl has of it is there and fresh.
pub fn cached(cache: &Path, server: &str) -> Option<Vec<ServedKind>> {
    let directory = cache.join("discovery").join(host(server));
    let groups = document(&directory.join("servergroups.json"))?;
    let mut kinds = Vec::new();
    for group in groups["groups"].as_array()? {
        let name = group["name"].as_str().unwrap_or_default();
        let preferred = group["preferredVersion"]["version"].as_str();
        let mut versions: Vec<&str> =
            group["versions"].as_array()?.iter().filter_map(|version| version["version"].as_str()).collect();
        versions.sort_by_key(|version| Some(*version) != preferred);
        for version in versions {
            let below: PathBuf =
                if name.is_empty() { version.into() } else { [name, version].iter().collect() };
            let list = document(&directory.join(below).join("serverresources.json"))?;
            kinds.extend(list["resources"].as_array()?.iter().filter_map(|one| kind(name, version, one)));
        }
    }
    Some(kinds)
}

fn document(path: &Path) -> Option<Value> {
    serde_json::from_str(&files::read_text_if_younger(path, MOST, FRESH).ok()??).ok()
}

fn kind(group: &str, version: &str, one: &Value) -> Option<ServedKind> {
    let text = |field: &str| one[field].as_str().unwrap_or_default().to_string();
    let texts = |field: &str| -> Vec<String> {
        one[field].as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_string).collect()
    };
    let is_listed = texts("verbs").iter().any(|verb| verb == "list") && !text("name").contains('/');
    is_listed.then(|| ServedKind {
        group: group.to_string(),
        version: version.to_string(),
        kind: text("kind"),
        plural: text("name"),
        singular: text("singularName"),
        short_names: texts("shortNames"),
        categories: texts("categories"),
        is_namespaced: one["namespaced"] == true,
    })
}

/// The name of a server's directory: kubectl writes an underscore for whatever a file's name might not have.
fn host(server: &str) -> String {
    let host = server.split_once("://").map_or(server, |(_, host)| host);
    host.chars().map(|c| if c.is_ascii_alphanumeric() || "_/.()".contains(c) { c } else { '_' }).collect()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{cached, host};
    use crate::files;

    #[test]
    fn the_cache_is_where_kubectl_has_it() {
        assert_eq!(host("https://127.0.0.1:6443"), "127.0.0.1_6443");
        assert_eq!(host("https://r.example/k8s/c-1"), "r.example/k8s/c_1");
        let folder = tempfile::tempdir().expect("a folder");
        let write = |path: &str, text: &str| {
            let path = folder.path().join("discovery/a_1").join(path);
            files::create_dir(path.parent().expect("below")).expect("made");
            files::replace(&path, text.as_bytes(), None).expect("written");
        };
        assert_eq!(cached(folder.path(), "https://a:1"), None);
        write(
            "servergroups.json",
            r#"{"groups": [{"name": "", "versions": [{"version": "v1"}], "preferredVersion": {"version": "v1"}},
            {"name": "x.example", "versions": [{"version": "v1"}, {"version": "v2"}], "preferredVersion": {"version": "v2"}}]}"#,
        );
        write(
            "v1/serverresources.json",
            r#"{"resources": [{"name": "pods", "singularName": "pod", "namespaced": true, "kind": "Pod", "verbs": ["list"], "shortNames": ["po"]},
            {"name": "pods/log", "kind": "Pod", "verbs": ["get"]}, {"name": "bindings", "kind": "Binding", "verbs": ["create"]}]}"#,
        );
        write(
            "x.example/v2/serverresources.json",
            r#"{"resources": [{"name": "things", "kind": "Thing", "verbs": ["list"], "categories": ["all"]}]}"#,
        );
        assert_eq!(cached(folder.path(), "https://a:1"), None, "a part of it is not enough");
        write(
            "x.example/v1/serverresources.json",
            r#"{"resources": [{"name": "things", "kind": "Thing", "verbs": ["list"]}]}"#,
        );
        let kinds = cached(folder.path(), "https://a:1").expect("whole");
        let names: Vec<String> =
            kinds.iter().map(|kind| format!("{}/{}", kind.full_name(), kind.version)).collect();
        assert_eq!(names, ["pods/v1", "things.x.example/v2", "things.x.example/v1"]);
        assert!(kinds[0].is_namespaced && kinds[0].short_names == ["po"] && kinds[1].categories == ["all"]);
        assert_eq!(cached(Path::new("/nowhere"), "https://a:1"), None);
    }
}
