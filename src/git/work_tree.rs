//! The repository that a file lies in, as the catalog needs it: its root, and which URLs mean files of it.

use std::path::{Path, PathBuf};

use crate::files;

/// A longer configuration of git's is no configuration.
const MOST_CONFIG: usize = 1 << 20;
/// The parts of a path that name a branch: more than one where its name holds slashes.
const MOST_OF_BRANCH: usize = 4;
/// What stands before the branch in the address of a file or directory.
const VIEWS: [&str; 6] = ["blob", "tree", "raw", "src", "edit", "refs"];

/// A repository on the disk.
#[derive(Clone, Debug)]
pub struct Repository {
    pub root: PathBuf,
    /// Host and path of each remote, in lower case and without `.git`.
    remotes: Vec<(String, String)>,
}

impl Repository {
    /// The repository that a file or directory lies in.
    pub fn of(path: &Path) -> Option<Repository> {
        let path = files::absolute(path);
        let root = path.ancestors().skip(1).find(|directory| files::exists(&directory.join(".git")))?;
        let text = config_directory(&root.join(".git"))
            .and_then(|directory| files::read_text(&directory.join("config"), MOST_CONFIG).ok());
        let remotes = text.as_deref().map(remotes).unwrap_or_default();
        Some(Repository { root: root.to_path_buf(), remotes })
    }

    /// What was fetched from a URL into a directory.
    pub fn fetched(root: &Path, url: &str) -> Repository {
        Repository { root: root.to_path_buf(), remotes: remote(url).into_iter().collect() }
    }

    /// The file or directory of this repository that a URL means, if there is one. Of which branch the URL speaks does not matter: what
    /// is checked out counts.
    pub fn file_of(&self, url: &str) -> Option<PathBuf> {
        candidates(url, &self.remotes).into_iter().find_map(|below| {
            let path = self.root.join(crate::tree::jailed("", &below).ok()?);
            let pattern = below.contains(['*', '?', '{']);
            (pattern || files::exists(&path)).then_some(path)
        })
    }
}

/// Where git keeps the configuration: elsewhere for a worktree.
fn config_directory(git: &Path) -> Option<PathBuf> {
    if files::is_dir(git) {
        return Some(git.to_path_buf());
    }
    let text = files::read_text(git, MOST_CONFIG).ok()?;
    let own = git.parent()?.join(text.trim().strip_prefix("gitdir:")?.trim());
    match files::read_text_if_exists(&own.join("commondir"), MOST_CONFIG).ok()? {
        Some(common) => Some(own.join(common.trim())),
        None => Some(own),
    }
}

/// The remotes of a configuration of git's.
fn remotes(config: &str) -> Vec<(String, String)> {
    let mut is_remote = false;
    let mut found = Vec::new();
    for line in config.lines().map(str::trim) {
        if line.starts_with('[') {
            is_remote = line.starts_with("[remote ");
        } else if let Some((key, url)) = line.split_once('=').filter(|_| is_remote)
            && key.trim() == "url"
        {
            found.extend(remote(url.trim()));
        }
    }
    found
}

/// Host and path of `https://host/path.git`, `ssh://git@host:22/path` or `git@host:path`.
fn remote(url: &str) -> Option<(String, String)> {
    let (host, path) = match url.split_once("://") {
        Some((_, rest)) => rest.split_once('/')?,
        None => url.split_once(':')?,
    };
    let host = host.rsplit('@').next()?.split(':').next()?.to_lowercase();
    let path = path.trim_matches('/').trim_end_matches(".git").to_lowercase();
    (!host.is_empty() && !path.is_empty()).then_some((host, path))
}

/// What a URL may mean below the root of a repository with these remotes: the branch in it may hold slashes.
fn candidates(url: &str, remotes: &[(String, String)]) -> Vec<String> {
    let Some((_, rest)) = url.split_once("://") else { return Vec::new() };
    let rest = rest.split(['#', '?']).next().unwrap_or_default();
    let Some((host, path)) = rest.split_once('/') else { return Vec::new() };
    let host =
        host.rsplit('@').next().unwrap_or_default().split(':').next().unwrap_or_default().to_lowercase();
    let (host, is_raw) = match host.as_str() {
        "raw.githubusercontent.com" => ("github.com".to_string(), true),
        _ => (host, false),
    };
    let lower = path.to_lowercase();
    let own = remotes.iter().find(|(known, repository)| {
        *known == host && lower.starts_with(repository.as_str()) && lower[repository.len()..].starts_with('/')
    });
    let Some((_, repository)) = own else { return Vec::new() };
    let Some(below) = path.get(repository.len() + 1..) else { return Vec::new() };
    let below = below.strip_prefix("-/").unwrap_or(below);
    let below = match is_raw {
        true => Some(below),
        false => VIEWS.iter().find_map(|view| below.strip_prefix(view)?.strip_prefix('/')),
    };
    let parts: Vec<&str> = below.unwrap_or_default().split('/').collect();
    (1..parts.len().min(MOST_OF_BRANCH + 1)).map(|branch| parts[branch..].join("/")).collect()
}

#[cfg(test)]
mod tests {
    use super::{candidates, remotes};

    #[test]
    fn a_url_into_the_repository_is_its_file() {
        let config = "[core]\n\tbare = false\n[remote \"origin\"]\n\turl = git@GitHub.com:Acme/Shop.git\n\tfetch = +refs\n[branch \"main\"]\n\turl = nothing\n[remote \"b\"]\n\turl = https://user:secret@git.example.com:8443/group/sub/shop.git\n";
        let own = remotes(config);
        let known = [("github.com", "acme/shop"), ("git.example.com", "group/sub/shop")];
        assert_eq!(own, known.map(|(host, path)| (host.to_string(), path.to_string())));
        for (url, expect) in [
            ("https://github.com/acme/shop/blob/main/a/b.yaml", &["a/b.yaml", "b.yaml"][..]),
            ("https://github.com/acme/shop/tree/main/a", &["a"]),
            ("https://raw.githubusercontent.com/acme/shop/main/b.yaml", &["b.yaml"]),
            ("https://git.example.com/group/sub/shop/-/blob/main/b.yaml?ref_type=heads", &["b.yaml"]),
            ("https://github.com/acme/shop2/blob/main/b.yaml", &[]),
            ("https://github.com/acme/other/blob/main/b.yaml", &[]),
            ("https://example.org/acme/shop/blob/main/b.yaml", &[]),
            ("https://github.com/acme/shop", &[]),
            ("nothing", &[]),
        ] {
            assert_eq!(candidates(url, &own), expect, "{url}");
        }
    }
}
