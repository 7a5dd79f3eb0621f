//! `git+URL//sub@ref`: what is meant of a repository elsewhere.

use anyhow::Result;

use crate::outcome::misused;
use crate::scaffold::lock::without_credentials;

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

    /// The address as it may be shown: without a password.
    pub fn shown(&self) -> String {
        self.with_path(&self.sub)
    }

    /// The address of another path of the same repository, as it may be shown.
    pub fn with_path(&self, path: &str) -> String {
        let tail = if path.is_empty() { String::new() } else { format!("//{path}") };
        let at = self.reference.as_deref().map(|name| format!("@{name}")).unwrap_or_default();
        format!("git+{}{tail}{at}", without_credentials(&self.url))
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

    pub fn is_commit(&self) -> Option<&str> {
        let reference = self.reference.as_deref()?;
        (reference.len() == 40 && reference.chars().all(|c| c.is_ascii_hexdigit())).then_some(reference)
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
