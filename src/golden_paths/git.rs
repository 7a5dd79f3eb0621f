//! Golden paths in git: fetched by the system's git, with the user's own keys and proxies, and cached by commit.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::app::App;
use crate::files;
use crate::outcome::{advised, misused};
use crate::process::{self, Failure, Task};
use crate::scaffold::digest::blob_id;
use crate::scaffold::lock::without_credentials;
use crate::tree::Tree;

/// `git+URL//sub@ref`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// What git is given.
    pub url: String,
    /// The directory inside the repository; empty is all of it.
    pub sub: String,
    /// A branch, a tag or a whole commit id; the server's default branch without one.
    pub reference: Option<String>,
}

pub struct Fetched {
    pub tree: Tree,
    pub commit: String,
}

/// Longest that git may take.
const LIMIT: Duration = Duration::from_secs(120);
const SCHEMES: &[&str] = &["https", "http", "ssh", "file", "git"];
const EXAMPLE: &str = "as in git+https://git.example/paths.git//http-service@v1.2.0";

impl Address {
    pub fn parse(text: &str) -> Result<Address> {
        let wrong = |why: &str| misused(format!("{}: {why}", without_credentials(text)), EXAMPLE);
        let rest = text.strip_prefix("git+").ok_or_else(|| wrong("a git address begins with git+"))?;
        let (scheme, rest) = rest.split_once("://").ok_or_else(|| wrong("this is no URL"))?;
        if !SCHEMES.contains(&scheme) {
            return Err(wrong("git is asked over https, ssh, file, git or http only"));
        }
        let (authority, path) = rest.split_once('/').ok_or_else(|| wrong("the URL has no path"))?;
        let (path, reference) = match path.rsplit_once('@') {
            Some((path, reference)) => (path, Some(reference.to_string())),
            None => (path, None),
        };
        let (path, sub) = path.split_once("//").unwrap_or((path, ""));
        let sub = crate::tree::jailed("", sub).map_err(|problem| wrong(problem.why))?;
        if reference
            .as_deref()
            .is_some_and(|name| name.is_empty() || name.starts_with('-') || name.contains([' ', ':', '\0']))
        {
            return Err(wrong("what follows the @ is no branch, tag or commit"));
        }
        if authority.starts_with('-') {
            return Err(wrong("this is no host"));
        }
        Ok(Address { url: format!("{scheme}://{authority}/{path}"), sub, reference })
    }

    /// The address of a directory below this one, as the lock records it: without the reference, which the commit says better.
    pub fn below(&self, directory: &str) -> String {
        let sub = crate::tree::joined(&self.sub, directory);
        let tail = if sub.is_empty() { String::new() } else { format!("//{sub}") };
        format!("git+{}{tail}", without_credentials(&self.url))
    }

    fn host(&self) -> &str {
        let rest = self.url.split_once("://").map_or("", |(_, rest)| rest);
        let authority = rest.split('/').next().unwrap_or_default();
        authority.rsplit('@').next().unwrap_or_default().split(':').next().unwrap_or_default()
    }

    pub fn is_at(&self, hosts: &[String]) -> bool {
        hosts.iter().any(|host| host.eq_ignore_ascii_case(self.host()))
    }

    fn is_commit(&self) -> Option<&str> {
        let reference = self.reference.as_deref()?;
        (reference.len() == 40 && reference.chars().all(|c| c.is_ascii_hexdigit())).then_some(reference)
    }
}

/// The directory of an address. A commit that was fetched before, and everything with `offline`, comes from the cache.
pub fn fetch(app: &App, address: &Address, offline: bool) -> Result<Fetched> {
    let cache = app.cache().map(|directory| directory.join("golden-paths"));
    let shown = without_credentials(&address.url);
    let known = cache.as_ref().and_then(|cache| {
        let commit = address
            .is_commit()
            .map(String::from)
            .or_else(|| offline.then(|| recall(cache, address)).flatten())?;
        let kept = kept(cache, &commit, &address.sub);
        files::is_dir(&kept).then(|| files::read_tree(&kept).map(|tree| Fetched { tree, commit }))
    });
    if let Some(known) = known {
        return known;
    }
    if offline {
        let part = if address.sub.is_empty() { String::new() } else { format!("//{}", address.sub) };
        let at = address.reference.as_deref().map(|name| format!("@{name}")).unwrap_or_default();
        let error = anyhow::anyhow!("{shown}{part}{at} was never fetched, and --offline forbids it now");
        return Err(advised(error, "run it once without --offline"));
    }
    let fetched = clone(app, address).with_context(|| format!("{shown} cannot be fetched"))?;
    if let Some(cache) = &cache
        && let Err(error) = keep(cache, address, &fetched)
    {
        app.ui.detail(&format!("{shown} could not be cached: {error:#}"));
    }
    Ok(fetched)
}

fn kept(cache: &Path, commit: &str, sub: &str) -> PathBuf {
    cache.join(format!("{commit}-{}", &blob_id(sub.as_bytes())[..8]))
}

/// The file that remembers which commit a branch or tag was last.
fn remembered(cache: &Path, address: &Address) -> PathBuf {
    let reference = address.reference.as_deref().unwrap_or("HEAD");
    cache.join(format!(
        "{}.ref",
        blob_id(format!("{}\0{reference}", without_credentials(&address.url)).as_bytes())
    ))
}

fn recall(cache: &Path, address: &Address) -> Option<String> {
    let text = files::read_text_if_exists(&remembered(cache, address), 100).ok()??;
    let commit = text.trim();
    commit.chars().all(|c| c.is_ascii_hexdigit()).then(|| commit.to_string())
}

fn keep(cache: &Path, address: &Address, fetched: &Fetched) -> Result<()> {
    files::create_dir(cache)?;
    let kept = kept(cache, &fetched.commit, &address.sub);
    if !files::is_dir(&kept) {
        files::write_tree(&kept, &fetched.tree)?;
    }
    files::replace(&remembered(cache, address), fetched.commit.as_bytes(), None)
}

fn clone(app: &App, address: &Address) -> Result<Fetched> {
    // A run that is ended in the middle takes git and the directory with it.
    app.watch_signals();
    let directory = files::temporary_directory(app.env.temporary())?;
    let fetched = clone_into(directory.path(), address);
    drop(directory);
    fetched
}

fn clone_into(directory: &Path, address: &Address) -> Result<Fetched> {
    git(directory, &["init", "--quiet", "."])?;
    let reference = address.reference.as_deref().unwrap_or("HEAD");
    git(directory, &["fetch", "--quiet", "--depth", "1", "--no-tags", "--", &address.url, reference])?;
    git(directory, &["checkout", "--quiet", "--detach", "FETCH_HEAD"])?;
    let commit = git(directory, &["rev-parse", "HEAD"])?.trim().to_string();
    let below = directory.join(&address.sub);
    // The repository may hold a link where a directory is expected.
    if !files::is_dir(&below) || !files::identity(&below).starts_with(files::identity(directory)) {
        bail!("there is no directory {} in the repository", address.sub);
    }
    Ok(Fetched { tree: files::read_tree(&below)?, commit })
}

/// What git tells its hooks about the repository that it works on (`git rev-parse --local-env-vars`): with these our own git would
/// work on that one, the user's, whatever its directory.
const ELSEWHERE: &[&str] = &[
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_DIR",
    "GIT_GRAFT_FILE",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_INTERNAL_SUPER_PREFIX",
    "GIT_NO_REPLACE_OBJECTS",
    "GIT_OBJECT_DIRECTORY",
    "GIT_PREFIX",
    "GIT_REPLACE_REF_BASE",
    "GIT_SHALLOW_FILE",
    "GIT_WORK_TREE",
];

/// Runs git in a directory, with nothing of a repository's that could run; returns what it printed.
pub fn git(directory: &Path, arguments: &[&str]) -> Result<String> {
    git_with_index(directory, None, arguments)
}

/// As `git`, with another index than the repository's own, so that nothing a person staged is touched.
pub fn git_with_index(directory: &Path, index: Option<&Path>, arguments: &[&str]) -> Result<String> {
    let fixed =
        ["-c", "protocol.ext.allow=never", "-c", "core.hooksPath=/dev/null", "-c", "submodule.recurse=false"];
    let mut environment = BTreeMap::from([("GIT_TERMINAL_PROMPT".to_string(), "0".to_string())]);
    environment.extend(index.map(|index| ("GIT_INDEX_FILE".to_string(), index.display().to_string())));
    let task = Task {
        program: "git".into(),
        without: ELSEWHERE,
        arguments: fixed.iter().chain(arguments).map(|word| word.to_string()).collect(),
        environment,
        directory: Some(directory.to_path_buf()),
        limit: Some(LIMIT),
        most: 4 << 20,
        ..Task::default()
    };
    let verb = arguments.iter().find(|word| !word.starts_with('-')).copied().unwrap_or_default();
    let done = match process::run_blocking(task) {
        Ok(done) => done,
        Err(Failure::NotFound) => {
            return Err(advised(
                anyhow::anyhow!("git is not installed"),
                "install git, or copy the directory by other means",
            ));
        }
        Err(failure) => bail!("git {verb} {failure}"),
    };
    if done.code != 0 {
        let said = String::from_utf8_lossy(&done.stderr);
        // git repeats the URL as it was given, password included.
        let said: Vec<String> = said
            .split_whitespace()
            .map(|word| match word.contains("://") {
                true => without_credentials(&word.replace(['\'', '"'], "")),
                false => word.to_string(),
            })
            .collect();
        bail!("git {verb}: {}", said.join(" "));
    }
    Ok(String::from_utf8_lossy(&done.stdout).into_owned())
}

#[cfg(test)]
mod tests {
    use super::Address;

    #[track_caller]
    fn check(text: &str, expect: Option<(&str, &str, Option<&str>)>) {
        let found = Address::parse(text).ok();
        let found =
            found.as_ref().map(|found| (found.url.as_str(), found.sub.as_str(), found.reference.as_deref()));
        assert_eq!(found, expect, "{text}");
    }

    #[test]
    fn addresses() {
        check("git+https://h/a.git", Some(("https://h/a.git", "", None)));
        check("git+https://h/a.git//x/y@v1", Some(("https://h/a.git", "x/y", Some("v1"))));
        check("git+ssh://git@h/a@main", Some(("ssh://git@h/a", "", Some("main"))));
        check("git+file:///srv/paths//web", Some(("file:///srv/paths", "web", None)));
        check("git+https://u:p@h/a", Some(("https://u:p@h/a", "", None)));
        for wrong in [
            "git+ext::sh -c evil",
            "git+ext://x/y",
            "git+https://h",
            "git+a/b",
            "git+https://h/a@--upload-pack=x",
            "git+https://h/a//../x",
            "git+https://h/a@",
            "git+https://h/a@a:b",
            "git+ssh://-oProxyCommand=x/a",
        ] {
            check(wrong, None);
        }
    }

    #[test]
    fn the_lock_holds_no_password() {
        let address = Address::parse("git+https://u:p@h/a.git//x@v1").expect("an address");
        assert_eq!(address.below("y"), "git+https://h/a.git//x/y");
        assert!(address.is_at(&["H".to_string()]) && !address.is_at(&["u".to_string()]));
    }
}
