//! Golden paths in git: fetched by the system's git, with the user's own keys and proxies, and cached by commit.

mod hosted;
mod run;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::app::App;
use crate::files;
use crate::golden_paths::git::run::Asking;
use crate::outcome::{advised, misused};
use crate::scaffold::digest::blob_id;
use crate::scaffold::lock::without_credentials;
use crate::tree::Tree;

pub use crate::golden_paths::git::hosted::{HostedPart, hosted_part, same_repository};
pub use crate::golden_paths::git::run::{git, git_with_index};

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
    /// The whole repository; the directory alone where the whole cannot be held.
    pub tree: Tree,
    /// Where the directory of the address lies in it.
    pub base: String,
    pub commit: String,
}

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

    /// Part of a repository, whatever its path is called.
    pub fn of(url: &str, sub: &str, reference: Option<&str>) -> Address {
        let sub = crate::tree::jailed("", sub).unwrap_or_default();
        let plain = |name: &&str| !name.starts_with('-') && !name.contains([' ', ':', '\0']);
        Address { url: url.into(), sub, reference: reference.filter(plain).map(String::from) }
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
        let of = |part: &str, base: &str| {
            let kept = kept(cache, &commit, part);
            files::is_dir(&kept).then(|| {
                let tree = files::read_tree(&kept)?;
                Ok(Fetched { tree, base: base.to_string(), commit: commit.clone() })
            })
        };
        of("", &address.sub)
            .or_else(|| of(&address.sub, "").filter(|_| offline || files::exists(&partial(cache, &commit))))
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

/// The file that says of a commit that only directories of it can be kept.
fn partial(cache: &Path, commit: &str) -> PathBuf {
    cache.join(format!("{commit}.partial"))
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
    let whole = fetched.base == address.sub;
    if !whole {
        files::replace(&partial(cache, &fetched.commit), b"", None)?;
    }
    let kept = kept(cache, &fetched.commit, if whole { "" } else { &address.sub });
    if !files::is_dir(&kept) {
        files::write_tree(&kept, &fetched.tree)?;
    }
    files::replace(&remembered(cache, address), fetched.commit.as_bytes(), None)
}

fn clone(app: &App, address: &Address) -> Result<Fetched> {
    // A run that is ended in the middle takes git and the directory with it.
    app.watch_signals();
    let directory = files::temporary_directory(app.env.temporary())?;
    let asking = Asking {
        terminal: app.env.terminal.stdin && app.env.terminal.stderr,
        ssh_command: app.env.variable("GIT_SSH_COMMAND"),
        ssh: app.env.variable("GIT_SSH"),
    };
    let fetched = clone_into(directory.path(), address, &asking);
    drop(directory);
    fetched
}

fn clone_into(directory: &Path, address: &Address, asking: &Asking<'_>) -> Result<Fetched> {
    git(directory, &["init", "--quiet", "."])?;
    let reference = address.reference.as_deref().unwrap_or("HEAD");
    run::fetch(directory, &address.url, reference, asking)?;
    git(directory, &["checkout", "--quiet", "--detach", "FETCH_HEAD"])?;
    let commit = git(directory, &["rev-parse", "HEAD"])?.trim().to_string();
    let below = directory.join(&address.sub);
    // The repository may hold a link where a directory is expected.
    if !files::is_dir(&below) || !files::identity(&below).starts_with(files::identity(directory)) {
        bail!("there is no directory {} in the repository", address.sub);
    }
    match files::read_tree(directory) {
        Ok(tree) => Ok(Fetched { tree, base: address.sub.clone(), commit }),
        // Something elsewhere in the repository is too much, or leads out of it.
        Err(_) => Ok(Fetched { tree: files::read_tree(&below)?, base: String::new(), commit }),
    }
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
