//! `publish:*`: a repository on a server becomes a local one, with the commands that would publish it; nothing is pushed.

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde_json::{Map, Value as Json};

use crate::expression::{Dialect, render_value};
use crate::scaffold::actions::effect::{Effect, Publish, Pull};
use crate::scaffold::actions::workspace::{ActionResult, ActionTrouble, Workspace, text};
use crate::text::shell_word as quoted;
use crate::tree::{Tree, jailed, joined};

pub const OUTPUTS: &[&str] =
    &["remoteUrl", "repoContentsUrl", "commitHash", "repositoryId", "projectid", "projectPath", "reviewUrl"];
/// What a part of a URL's path does not hold as it is.
const PATH_PART: &AsciiSet =
    &CONTROLS.add(b' ').add(b'"').add(b'#').add(b'%').add(b'/').add(b'<').add(b'>').add(b'?');
pub const PULL_OUTPUTS: &[&str] = &[
    "remoteUrl",
    "targetBranchName",
    "pullRequestNumber",
    "mergeRequestUrl",
    "projectid",
    "projectPath",
    "pullRequestUrl",
];

/// The parts of `host?owner=o&repo=r`.
struct Repo {
    host: String,
    /// Empty where the server needs none, and where none was given.
    owner: String,
    repo: String,
    organization: String,
    project: String,
    workspace: String,
}

/// The parts that each of these says a repository must have; without any, what its host asks for.
fn repo(input: &Map<String, Json>, required: &[&str]) -> Result<Repo, ActionTrouble> {
    let url = text(input, "repoUrl").unwrap_or_default();
    let context = Map::from_iter([("url".to_string(), Json::String(url.into()))]);
    let parsed = render_value("${{ url | parseRepoUrl }}", &context, Dialect::default())
        .map_err(|failure| ActionTrouble::new(failure.message.replace("parseRepoUrl: ", "")))?
        .unwrap_or_default();
    for (key, value) in parsed.as_object().into_iter().flatten() {
        if value.as_str().is_some_and(|part| part.starts_with('-')) {
            return Err(ActionTrouble::new(format!("repoUrl: no {key} begins with a dash")));
        }
    }
    let part = |key: &str| parsed[key].as_str().unwrap_or_default().to_string();
    if let Some(missing) = required.iter().find(|name| part(name).is_empty()) {
        return Err(ActionTrouble::new(format!("the repository '{url}' lacks {missing}=")));
    }
    Ok(Repo {
        host: part("host"),
        owner: part("owner"),
        repo: part("repo"),
        organization: part("organization"),
        project: part("project"),
        workspace: part("workspace"),
    })
}

/// What differs between the servers: the remote, the URL of the files on a branch, and the commands.
struct GitServer {
    remote: String,
    contents: String,
    commands: Vec<String>,
}

fn publish(
    workspace: &mut Workspace<'_>,
    input: &Map<String, Json>,
    required: &[&str],
    server: impl Fn(&Repo, &str) -> GitServer,
) -> ActionResult {
    let branch = branch(input, "defaultBranch")?.unwrap_or_else(|| "master".to_string());
    let repo = repo(input, required)?;
    let GitServer { remote, contents, commands } = server(&repo, &branch);
    let (directory, tree) = published(workspace, input)?;
    let message = text(input, "gitCommitMessage").unwrap_or("initial commit").to_string();
    workspace.effects.push(Effect::Publish(Publish {
        directory,
        tree,
        branch,
        message,
        remote: remote.clone(),
        commands,
        pull: None,
    }));
    Ok(Map::from_iter([
        ("remoteUrl".to_string(), Json::String(remote)),
        ("repoContentsUrl".to_string(), Json::String(contents)),
    ]))
}

/// The part of the workspace that a step publishes, as it is at that step.
fn published(workspace: &Workspace<'_>, input: &Map<String, Json>) -> Result<(String, Tree), ActionTrouble> {
    let directory = jailed("", text(input, "sourcePath").unwrap_or("."))?;
    match workspace.tree.subtree(&directory) {
        Some(tree) => Ok((directory, tree)),
        None => Err(ActionTrouble::new(format!(
            "there is no directory '{directory}' in the workspace to publish"
        ))),
    }
}

fn push(branch: &str) -> String {
    format!("git push -u origin {}", quoted(branch))
}

/// Whether git takes a text for a branch (`git check-ref-format --branch`); what begins with a dash would be a flag of the commands
/// that are printed.
fn is_branch(name: &str) -> bool {
    let part = |part: &str| !part.is_empty() && !part.starts_with('.') && !part.ends_with(".lock");
    let unfit = |c: char| c.is_control() || " ~^:?*[\\".contains(c);
    !name.starts_with('-')
        && !name.ends_with('.')
        && name != "@"
        && !name.contains("..")
        && !name.contains("@{")
        && !name.contains(unfit)
        && name.split('/').all(part)
}

fn branch(input: &Map<String, Json>, key: &str) -> Result<Option<String>, ActionTrouble> {
    match text(input, key) {
        Some(name) if !is_branch(name) => {
            Err(ActionTrouble::new(format!("{key}: '{name}' is no name of a branch")))
        }
        name => Ok(name.map(String::from)),
    }
}

pub fn github(workspace: &mut Workspace<'_>, input: &Map<String, Json>) -> ActionResult {
    publish(workspace, input, &["owner", "repo"], |repo, branch| on_github(repo, branch, input))
}

/// The repository alone: nothing is committed before `github:repo:push`.
pub fn github_create(workspace: &mut Workspace<'_>, input: &Map<String, Json>) -> ActionResult {
    let repo = repo(input, &["owner", "repo"])?;
    let remote = format!("https://{}/{}/{}.git", repo.host, repo.owner, repo.repo);
    workspace.effects.push(Effect::Command(create_on_github(&repo, input)));
    Ok(Map::from_iter([("remoteUrl".to_string(), Json::String(remote))]))
}

/// What `publish:github` does; Backstage calls the branch `master` here too.
pub fn github_push(workspace: &mut Workspace<'_>, input: &Map<String, Json>) -> ActionResult {
    publish(workspace, input, &["owner", "repo"], |repo, branch| GitServer {
        commands: vec![push(branch)],
        ..on_github(repo, branch, input)
    })
}

fn on_github(repo: &Repo, branch: &str, input: &Map<String, Json>) -> GitServer {
    GitServer {
        remote: format!("https://{}/{}/{}.git", repo.host, repo.owner, repo.repo),
        contents: format!("https://{}/{}/{}/blob/{branch}", repo.host, repo.owner, repo.repo),
        commands: vec![create_on_github(repo, input), push(branch)],
    }
}

fn create_on_github(repo: &Repo, input: &Map<String, Json>) -> String {
    let visibility = match text(input, "repoVisibility") {
        Some("public") => "--public",
        Some("internal") => "--internal",
        _ => "--private",
    };
    let name = quoted(&format!("{}/{}", repo.owner, repo.repo));
    let on_host =
        if repo.host == "github.com" { String::new() } else { format!("GH_HOST={} ", quoted(&repo.host)) };
    format!("{on_host}gh repo create {name} {visibility}")
}

pub fn gitlab(workspace: &mut Workspace<'_>, input: &Map<String, Json>) -> ActionResult {
    let required = if repo(input, &["repo"])?.project.is_empty() { "owner" } else { "project" };
    publish(workspace, input, &["repo", required], |repo, branch| {
        let owner = if repo.owner.is_empty() { &repo.project } else { &repo.owner };
        let name = quoted(&format!("{owner}/{}", repo.repo));
        GitServer {
            remote: format!("https://{}/{owner}/{}.git", repo.host, repo.repo),
            contents: format!("https://{}/{owner}/{}/-/blob/{branch}", repo.host, repo.repo),
            commands: vec![format!("glab repo create {name} --private"), push(branch)],
        }
    })
}

pub fn azure(workspace: &mut Workspace<'_>, input: &Map<String, Json>) -> ActionResult {
    publish(workspace, input, &["project", "repo"], |repo, branch| {
        let organization = if repo.organization.is_empty() { &repo.owner } else { &repo.organization };
        // Names of Azure may hold blanks.
        let part = |name: &str| utf8_percent_encode(name, PATH_PART).to_string();
        let (project, name) = (part(&repo.project), part(&repo.repo));
        let remote = format!("https://{}/{}/{project}/_git/{name}", repo.host, part(organization));
        let create = format!(
            "az repos create --organization {} --project {} --name {}",
            quoted(&format!("https://{}/{organization}", repo.host)),
            quoted(&repo.project),
            quoted(&repo.repo)
        );
        GitServer { contents: remote.clone(), remote, commands: vec![create, push(branch)] }
    })
}

pub fn bitbucket(workspace: &mut Workspace<'_>, input: &Map<String, Json>) -> ActionResult {
    publish(workspace, input, &["repo"], |repo, branch| {
        let owner = if repo.workspace.is_empty() { &repo.owner } else { &repo.workspace };
        GitServer {
            remote: format!("https://{}/{owner}/{}.git", repo.host, repo.repo),
            contents: format!("https://{}/{owner}/{}/src/{branch}", repo.host, repo.repo),
            commands: vec![push(branch)],
        }
    })
}

pub fn bitbucket_server(workspace: &mut Workspace<'_>, input: &Map<String, Json>) -> ActionResult {
    publish(workspace, input, &["project", "repo"], |repo, branch| {
        let project = if repo.project.is_empty() { &repo.owner } else { &repo.project };
        GitServer {
            remote: format!("https://{}/scm/{project}/{}.git", repo.host, repo.repo),
            contents: format!("https://{}/projects/{project}/repos/{}/browse", repo.host, repo.repo),
            commands: vec![push(branch)],
        }
    })
}

pub fn gitea(workspace: &mut Workspace<'_>, input: &Map<String, Json>) -> ActionResult {
    publish(workspace, input, &["repo"], |repo, branch| GitServer {
        remote: format!("https://{}/{}.git", repo.host, joined(&repo.owner, &repo.repo)),
        contents: format!("https://{}/{}/src/branch/{branch}/", repo.host, joined(&repo.owner, &repo.repo)),
        commands: vec![push(branch)],
    })
}

pub fn gerrit(workspace: &mut Workspace<'_>, input: &Map<String, Json>) -> ActionResult {
    publish(workspace, input, &["repo"], |repo, branch| GitServer {
        remote: format!("https://{}/a/{}", repo.host, repo.repo),
        contents: format!("https://{}/{}/+/refs/heads/{branch}", repo.host, repo.repo),
        commands: vec![push(branch)],
    })
}

/// A proposal to a repository that exists.
pub fn pull_request(workspace: &mut Workspace<'_>, input: &Map<String, Json>) -> ActionResult {
    let repo = repo(input, &["repo"])?;
    let owner = [&repo.owner, &repo.workspace, &repo.project]
        .into_iter()
        .find(|part| !part.is_empty())
        .cloned()
        .unwrap_or_default();
    let branch_name = branch(input, "branchName")?.unwrap_or_else(|| "callboard".to_string());
    let title = text(input, "title").unwrap_or("Add what the template made").to_string();
    let target = branch(input, "targetBranchName")?;
    let (directory, tree) = published(workspace, input)?;
    let into = jailed("", text(input, "targetPath").unwrap_or("."))?;
    let remote = format!("https://{}/{owner}/{}", repo.host, repo.repo);
    let propose = proposal(&repo.host, &remote, &branch_name, target.as_deref(), &title);
    let mut outputs = Map::from_iter([("remoteUrl".to_string(), Json::String(remote.clone()))]);
    if let Some(target) = &target {
        outputs.insert("targetBranchName".into(), Json::String(target.clone()));
    }
    let message = title.clone();
    let pull = Some(Pull { branch: branch_name.clone(), target, title, into });
    let commands = vec![push(&branch_name), propose];
    workspace.effects.push(Effect::Publish(Publish {
        directory,
        tree,
        branch: branch_name,
        message,
        remote: format!("{remote}.git"),
        commands,
        pull,
    }));
    Ok(outputs)
}

/// The command that opens a proposal, or what to do where there is none.
fn proposal(host: &str, remote: &str, branch: &str, target: Option<&str>, title: &str) -> String {
    let (branch, title) = (quoted(branch), quoted(title));
    let onto = |flag: &str| target.map(|target| format!(" {flag} {}", quoted(target))).unwrap_or_default();
    if host.contains("gitlab") {
        format!("glab mr create --source-branch {branch}{} --title {title} --fill", onto("--target-branch"))
    } else if host.contains("github") {
        format!("gh pr create --head {branch}{} --title {title} --fill", onto("--base"))
    } else {
        let onto = target.map(|target| format!(" onto {target}")).unwrap_or_default();
        format!("open a pull request of {branch}{onto} at {remote}")
    }
}

#[cfg(test)]
mod tests {
    use percent_encoding::utf8_percent_encode;

    use super::{PATH_PART, is_branch};

    #[test]
    fn a_project_of_azure_may_hold_blanks() {
        assert_eq!(utf8_percent_encode("My Proj/é", PATH_PART).to_string(), "My%20Proj%2F%C3%A9");
    }

    #[test]
    fn branches_are_gits_and_never_flags() {
        for name in ["main", "release/1.2", "a-b", "x@y", "über"] {
            assert!(is_branch(name), "{name}");
        }
        for name in [
            "-d",
            "--upload-pack=touch PWN",
            "",
            "a b",
            "a..b",
            "a/",
            "/a",
            "a//b",
            ".a",
            "a/.b",
            "a.lock",
            "a.",
            "@",
            "a@{b",
            "a:b",
            "a^",
            "a~1",
            "a\\b",
            "a\nb",
            "a[b",
            "a*",
        ] {
            assert!(!is_branch(name), "{name}");
        }
    }
}
