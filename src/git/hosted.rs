//! URLs of pages at which a server shows a directory or a file of a repository: which repository, at which reference, which path.

/// Part of a repository, by the page that shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostedPart {
    /// What git is given.
    pub repository: String,
    pub reference: Option<String>,
    /// Empty is all of it.
    pub path: String,
}

/// The words by which servers lead from a repository to a part of it: GitHub, GitLab, Gitea, Bitbucket.
const WAYS: &[&[&str]] = &[
    &["-", "tree"],
    &["-", "blob"],
    &["-", "raw"],
    &["src", "branch"],
    &["src", "tag"],
    &["src", "commit"],
    &["raw", "branch"],
    &["tree"],
    &["blob"],
    &["raw"],
    &["src"],
];

/// What the URL of a page means; none where it is no such page. The reference is one word: one that holds a `/` cannot be told from a path.
pub fn hosted_part(url: &str) -> Option<HostedPart> {
    let (scheme, rest) = url.split_once("://").filter(|(scheme, _)| matches!(*scheme, "https" | "http"))?;
    let rest = rest.split('#').next().unwrap_or_default();
    let (whole, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (host, path) = whole.split_once('/')?;
    let words: Vec<&str> = path.split('/').filter(|word| !word.is_empty()).collect();
    let name = host.rsplit('@').next().unwrap_or_default();
    if words.contains(&"_git") {
        return of_azure(url, &words, query);
    }
    // A repository is at least an owner and a name, and on GitLab it may lie deeper.
    let (at, way) = (2..words.len()).find_map(|at| {
        let way = WAYS.iter().find(|way| words[at..].starts_with(way))?;
        (way[0] == "-" || at == 2 || !name.contains("github")).then_some((at, way))
    })?;
    let rest = &words[at + way.len()..];
    let (reference, path) = rest.split_first()?;
    Some(HostedPart {
        repository: format!("{scheme}://{host}/{}", words[..at].join("/")),
        reference: Some(decoded(reference)),
        path: decoded(&path.join("/")),
    })
}

/// `https://dev.azure.com/org/project/_git/repo?path=/x&version=GBmain`
fn of_azure(url: &str, words: &[&str], query: &str) -> Option<HostedPart> {
    words.last().filter(|word| **word != "_git")?;
    let given = |name: &str| {
        query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('=')).map(decoded)
    };
    let version = given("version").and_then(|version| {
        ["GB", "GT", "GC"].into_iter().find_map(|kind| version.strip_prefix(kind).map(String::from))
    });
    Some(HostedPart {
        repository: url.split(['?', '#']).next().unwrap_or_default().to_string(),
        reference: version,
        path: given("path").unwrap_or_default().trim_matches('/').to_string(),
    })
}

fn decoded(text: &str) -> String {
    percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// Whether two URLs are of one repository, however its clone is spelt.
pub fn same_repository(left: &str, right: &str) -> bool {
    let plain = |url: &str| {
        let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
        let rest = match rest.split_once('@') {
            Some((user, rest)) if !user.contains('/') => rest,
            _ => rest,
        };
        let rest = rest.trim_end_matches('/').trim_end_matches(".git");
        rest.replacen(':', "/", 1).to_lowercase()
    };
    plain(left) == plain(right)
}

#[cfg(test)]
mod tests {
    use super::{HostedPart, hosted_part, same_repository};

    #[track_caller]
    fn check(url: &str, expect: Option<(&str, Option<&str>, &str)>) {
        let expect = expect.map(|(repository, reference, path)| HostedPart {
            repository: repository.into(),
            reference: reference.map(String::from),
            path: path.into(),
        });
        assert_eq!(hosted_part(url), expect, "{url}");
    }

    #[test]
    fn pages_lead_to_parts_of_repositories() {
        check("https://github.com/o/r/tree/main/a/b", Some(("https://github.com/o/r", Some("main"), "a/b")));
        check("https://github.com/o/r/tree/main/", Some(("https://github.com/o/r", Some("main"), "")));
        check("https://github.com/o/r/blob/v1/a.md", Some(("https://github.com/o/r", Some("v1"), "a.md")));
        check(
            "https://gitlab.com/g/s/r/-/tree/main/x",
            Some(("https://gitlab.com/g/s/r", Some("main"), "x")),
        );
        check("https://git.acme.io/g/r/-/blob/main/x", Some(("https://git.acme.io/g/r", Some("main"), "x")));
        check(
            "https://bitbucket.org/w/r/src/main/x y",
            Some(("https://bitbucket.org/w/r", Some("main"), "x y")),
        );
        check(
            "https://gitea.io/o/r/src/branch/main/x%20y",
            Some(("https://gitea.io/o/r", Some("main"), "x y")),
        );
        check(
            "https://dev.azure.com/o/p/_git/r?path=/a/b&version=GBmain",
            Some(("https://dev.azure.com/o/p/_git/r", Some("main"), "a/b")),
        );
        for other in [
            "https://github.com/o/r",
            "https://github.com/o/r.git",
            "git@github.com:o/r",
            "https://x/",
            "https://github.com/o/r/tree",
        ] {
            check(other, None);
        }
    }

    #[test]
    fn a_repository_is_the_same_however_it_is_spelt() {
        for other in [
            "https://github.com/o/r.git",
            "git@github.com:o/r.git",
            "ssh://git@github.com/O/r",
            "http://u:p@github.com/o/r/",
        ] {
            assert!(same_repository("https://github.com/o/r", other), "{other}");
        }
        assert!(!same_repository("https://github.com/o/r", "https://github.com/o/s"));
    }
}
