//! What people type for a repository, as the `host?owner=o&repo=r` that Backstage's `RepoUrlPicker` gives.

/// Reads `acme/orders`, `github.com/acme/orders`, the URL of a clone, or `host?owner=acme&repo=orders` itself. Without a host the first
/// that is allowed counts, else github.com. The error follows the name of the parameter.
pub fn repo_url(text: &str, hosts: &[String], owners: &[String]) -> Result<String, String> {
    let text = text.trim();
    let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
    let rest = rest.strip_prefix("git@").map_or(rest.to_string(), |rest| rest.replacen(':', "/", 1));
    if let Some((host, query)) = rest.split_once('?') {
        let owner = query.split('&').find_map(|pair| pair.strip_prefix("owner=")).unwrap_or_default();
        if !query.split('&').any(|pair| pair.strip_prefix("repo=").is_some_and(|repo| !repo.is_empty())) {
            return Err(format!("must name a repository, as in {host}?owner=acme&repo=orders"));
        }
        return allowed(host, owner, hosts, owners).map(|()| rest.clone());
    }
    let parts: Vec<&str> = rest.trim_end_matches('/').trim_end_matches(".git").split('/').collect();
    let first = hosts.first().map_or("github.com", String::as_str);
    let (host, owner, repo) = match parts.as_slice() {
        [owner, repo] => (first, owner.to_string(), *repo),
        // Groups of GitLab may lie in groups.
        [host, owner @ .., repo] if !owner.is_empty() && host.contains('.') => {
            (*host, owner.join("/"), *repo)
        }
        _ => return Err("must be OWNER/REPOSITORY, with HOST/ before it where that is another".into()),
    };
    let word = |part: &str| !part.is_empty() && !part.contains([' ', '&', '=', '#', '@', ':']);
    if !word(&owner) || !word(repo) {
        return Err("must be OWNER/REPOSITORY".into());
    }
    allowed(host, &owner, hosts, owners)?;
    Ok(format!("{host}?owner={}&repo={repo}", owner.replace('/', "%2F")))
}

fn allowed(host: &str, owner: &str, hosts: &[String], owners: &[String]) -> Result<(), String> {
    let is_in = |list: &[String], word: &str| list.is_empty() || list.iter().any(|known| known == word);
    if !is_in(hosts, host) {
        return Err(format!("must be on {}, not on {host}", hosts.join(" or ")));
    }
    if !is_in(owners, owner) {
        return Err(format!("must belong to {}, not to {owner}", owners.join(" or ")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::repo_url;

    #[track_caller]
    fn check(text: &str, hosts: &[&str], expect: Result<&str, &str>) {
        let hosts: Vec<String> = hosts.iter().map(|host| host.to_string()).collect();
        match (repo_url(text, &hosts, &[]), expect) {
            (Ok(found), Ok(expect)) => assert_eq!(found, expect, "{text}"),
            (Err(found), Err(expect)) => assert!(found.contains(expect), "{text}: {found}"),
            (found, _) => panic!("{text}: {found:?}"),
        }
    }

    #[test]
    fn repositories_are_understood() {
        check("acme/orders", &[], Ok("github.com?owner=acme&repo=orders"));
        check("acme/orders", &["git.acme.io"], Ok("git.acme.io?owner=acme&repo=orders"));
        check("https://gitlab.com/a/b/orders.git", &[], Ok("gitlab.com?owner=a%2Fb&repo=orders"));
        check("git@github.com:acme/orders.git", &[], Ok("github.com?owner=acme&repo=orders"));
        check("github.com?repo=orders&owner=acme", &[], Ok("github.com?repo=orders&owner=acme"));
        check("github.com/acme/orders", &["git.acme.io"], Err("must be on git.acme.io"));
        check("evil.io?owner=a&repo=b", &["git.acme.io"], Err("must be on"));
        for wrong in
            ["", "orders", "/orders", "acme/", "a/b c", "a b/c/d", "https://", "x?owner=a", "x?owner=a&repo="]
        {
            assert!(repo_url(wrong, &[], &[]).is_err(), "{wrong}");
        }
        assert!(
            repo_url("a/b", &[], &["acme".to_string()]).expect_err("refused").contains("must belong to acme")
        );
    }
}
