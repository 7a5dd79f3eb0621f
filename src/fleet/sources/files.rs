//! Kubeconfigs in files and directories of their own. Each stands for itself: names in one say nothing about another.

use crate::config::SourceConfig;
use crate::files;
use crate::fleet::found::{Found, KubectlReach};
use crate::fleet::kubeconfig::{KubeconfigProblem, KubeconfigText, merge};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// A larger file is no kubeconfig.
const MOST_BYTES: usize = 64 << 20;

pub fn read(source: &'static str, entry: &SourceConfig) -> Found {
    let mut found = Found::default();
    let mut seen = BTreeSet::new();
    for path in &entry.paths {
        let (files, is_named) = match listed(path) {
            Ok(listed) => listed,
            Err(text) => {
                found.problems.push(problem(path, text));
                continue;
            }
        };
        let mut is_any = false;
        for file in files.into_iter().filter(|file| seen.insert(files::identity(file))) {
            let text = files::read_text(&file, MOST_BYTES);
            // A directory may hold other things, too.
            if is_named || text.as_ref().is_ok_and(|text| text.contains("contexts")) {
                is_any = true;
                found.add(of_file(source, file, text.map_err(|error| format!("{error:#}"))));
            }
        }
        if !is_any {
            found.problems.push(problem(path, "no kubeconfig is there".to_string()));
        }
    }
    found
}

/// The files that a path means, and whether it is the one file. A directory means the files in it, not those below.
fn listed(path: &Path) -> Result<(Vec<PathBuf>, bool), String> {
    if files::is_dir(path) {
        let is_in = |file: &Path| file.parent() == Some(path);
        return files::list(path, &is_in).map(|files| (files, false)).map_err(|error| format!("{error:#}"));
    }
    let listing = files::expand(path).map_err(|error| format!("{error:#}"))?;
    Ok((listing.files, listing.is_file))
}

fn problem(path: &Path, text: String) -> KubeconfigProblem {
    // What the disk says names the file already.
    let text = text.strip_prefix(&path.display().to_string()).unwrap_or(&text).trim_start_matches([':', ' ']);
    KubeconfigProblem { file: path.to_path_buf(), at: None, context: None, text: text.to_string() }
}

fn of_file(source: &'static str, path: PathBuf, text: Result<String, String>) -> Found {
    let merged = merge(vec![KubeconfigText { path: path.clone(), text }]);
    let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let is_only = merged.contexts.len() == 1;
    // Which of its contexts is the current one is for who uses it alone.
    let mut found = Found { current: None, ..Found::of_kubeconfig(source, merged) };
    for one in &mut found.contexts {
        let own = one.context.name.clone();
        one.apart = is_only.then(|| stem.clone()).into_iter().chain([format!("{stem}/{own}")]).collect();
        one.kubectl = KubectlReach::File { path: path.clone(), context: own };
    }
    found
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "tests make their own world")]
mod tests {
    use super::read;
    use crate::config::SourceConfig;
    use crate::fleet::found::KubectlReach;
    use std::path::Path;

    fn kubeconfig(server: &str, names: &[&str]) -> String {
        let contexts: Vec<String> = names
            .iter()
            .map(|name| format!("{{name: {name}, context: {{cluster: kubernetes, user: admin}}}}"))
            .collect();
        format!(
            "current-context: admin\ncontexts: [{}]\nclusters: [{{name: kubernetes, cluster: {{server: '{server}'}}}}]\nusers: [{{name: admin, user: {{token: abc}}}}]\n",
            contexts.join(", ")
        )
    }

    fn told(directory: &Path, paths: &[&str]) -> (Vec<String>, Vec<String>, Vec<KubectlReach>) {
        let paths = paths.iter().map(|path| directory.join(path)).collect();
        let found = read("kubeconfig", &SourceConfig { paths, ..SourceConfig::default() });
        assert_eq!(found.current, None);
        let contexts = || found.contexts.iter();
        let names = contexts().map(|one| {
            format!("{} {}", one.context.name, one.context.cluster.server.as_deref().unwrap_or_default())
        });
        let problems = found
            .problems
            .iter()
            .map(|problem| problem.to_string().replace(&format!("{}/", directory.display()), ""));
        (names.collect(), problems.collect(), contexts().map(|one| one.kubectl.clone()).collect())
    }

    #[test]
    fn every_file_stands_for_itself() {
        let directory = tempfile::tempdir().expect("a directory");
        let write = |name: &str, text: &str| {
            let path = directory.path().join(name);
            std::fs::create_dir_all(path.parent().expect("below")).expect("created");
            std::fs::write(path, text).expect("written");
        };
        write("clusters/eu-1.yaml", &kubeconfig("https://eu", &["admin"]));
        write("clusters/us-1", &kubeconfig("https://us", &["admin"]));
        write("clusters/z.conf", &kubeconfig("https://z", &["admin", "other"]));
        write("clusters/README.md", "a: [\nno kubeconfig");
        write("clusters/cache/x.json", &kubeconfig("https://cached", &["cached"]));
        write("empty/notes.txt", "nothing");
        write("broken.yaml", "contexts: [\n");
        let (names, problems, reach) = told(directory.path(), &["clusters", "clusters/*.yaml"]);
        assert_eq!(names, ["admin https://eu", "us-1 https://us", "z/admin https://z", "other https://z"]);
        assert_eq!(problems, ["clusters/*.yaml: no kubeconfig is there"]);
        let path = directory.path().join("clusters/us-1");
        assert_eq!(reach[1], KubectlReach::File { path, context: "admin".to_string() });
        let (names, problems, _) =
            told(directory.path(), &["broken.yaml", "gone.yaml", "empty", "clusters/e*"]);
        assert_eq!(names, ["admin https://eu"]);
        assert_eq!(problems.len(), 3, "{problems:?}");
        assert!(
            problems[0].starts_with("broken.yaml:2:") || problems[0].starts_with("broken.yaml:1:"),
            "{problems:?}"
        );
        assert_eq!(problems[1..], ["gone.yaml: no kubeconfig is there", "empty: no kubeconfig is there"]);
    }
}
