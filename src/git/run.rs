//! How the system's git is started: apart from whatever repository we were started in, and asking nobody unless a person sits there.

use percent_encoding::percent_decode_str;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::Path;
use std::sync::OnceLock;
use std::time::Duration;

use anyhow::{Result, bail};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::outcome::advised;
use crate::process::{self, ProcessFailure, ProcessInput, ProcessOutput, ProcessTask};
use crate::scaffold::lock::without_credentials;

/// Longest that git may take over what lies on this machine.
const LIMIT: Duration = Duration::from_secs(120);

/// What `git rev-parse --local-env-vars` of any version prints, and what else means one repository or runs a program: git sets
/// these for its hooks, and a git that inherits them works on that repository, wherever it is started.
const LOCAL: &[&str] = &[
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_CEILING_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_CONFIG",
    "GIT_CONFIG_COUNT",
    "GIT_CONFIG_PARAMETERS",
    "GIT_DIR",
    "GIT_EXTERNAL_DIFF",
    "GIT_GRAFT_FILE",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_INTERNAL_SUPER_PREFIX",
    "GIT_NAMESPACE",
    "GIT_NO_REPLACE_OBJECTS",
    "GIT_OBJECT_DIRECTORY",
    "GIT_PREFIX",
    "GIT_QUARANTINE_PATH",
    "GIT_REFLOG_ACTION",
    "GIT_REPLACE_REF_BASE",
    "GIT_SHALLOW_FILE",
    "GIT_TEMPLATE_DIR",
    "GIT_WORK_TREE",
];

/// Settings that win over every file: nothing of a repository's runs, and nothing goes on behind our back.
const FIXED: &[&str] = &[
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "protocol.ext.allow=never",
    "submodule.recurse=false",
    "gc.auto=0",
    "maintenance.auto=false",
];

/// Who is asked what only a person knows.
#[derive(Clone, Copy, PartialEq)]
enum Questions {
    /// And git is given up after so long.
    Refused(Duration),
    /// The terminal has git's stderr, and no time limit holds.
    Terminal,
}

/// Runs git in a directory, with nothing of a repository's that could run; returns what it printed.
pub fn git(directory: &Path, arguments: &[&str]) -> Result<String> {
    git_with_index(directory, None, arguments)
}

/// As `git`, with another index than the repository's own, so that nothing a person staged is touched.
pub fn git_with_index(directory: &Path, index: Option<&Path>, arguments: &[&str]) -> Result<String> {
    let environment = index.map(|index| ("GIT_INDEX_FILE".to_string(), index.display().to_string()));
    let environment = environment.into_iter().collect();
    let done = start(directory, environment, Questions::Refused(LIMIT), arguments)?;
    printed(done, arguments)
}

/// A git that reads something, or of which the exit code is an answer.
pub(in crate::git) struct GitCall<'a> {
    pub directory: &'a Path,
    pub arguments: &'a [&'a str],
    pub input: Option<Vec<u8>>,
}

impl<'a> GitCall<'a> {
    pub fn new(directory: &'a Path, arguments: &'a [&'a str]) -> GitCall<'a> {
        GitCall { directory, arguments, input: None }
    }
}

/// Most that is read of a git that prints contents.
const MOST_CONTENT: usize = 256 << 20;

/// Runs git whatever it ends with; only one that cannot be started is an error.
pub(in crate::git) fn called(call: &GitCall<'_>) -> Result<ProcessOutput> {
    let task = ProcessTask {
        input: call.input.clone().map_or(ProcessInput::Nothing, ProcessInput::Bytes),
        most: MOST_CONTENT,
        ..task(call.directory, Vec::new(), Questions::Refused(LIMIT), call.arguments)
    };
    ended(task, call.arguments)
}

/// How a fetch may reach a server that asks something.
pub struct GitPrompts<'a> {
    /// Whether a person sits at the terminal.
    pub terminal: bool,
    /// `$GIT_SSH_COMMAND` and `$GIT_SSH`.
    pub ssh_command: Option<&'a str>,
    pub ssh: Option<&'a str>,
}

/// Fetches what a reference of another repository means. What a person must answer, a passphrase or whether a host is the right
/// one, is asked on the terminal if there is one, and is an error at once elsewhere.
pub(in crate::git) fn fetch(
    directory: &Path,
    url: &str,
    reference: &str,
    asking: &GitPrompts<'_>,
    limit: Duration,
) -> Result<()> {
    let (url, credential) = apart(url);
    let arguments = ["fetch", "--quiet", "--depth", "1", "--no-tags", "--", &url, reference];
    let configured = || git(directory, &["config", "core.sshCommand"]).ok();
    let command = quiet_ssh(asking, configured).map(|command| ("GIT_SSH_COMMAND".to_string(), command));
    let quiet = credential.iter().cloned().chain(command).collect();
    let done = start(directory, quiet, Questions::Refused(limit), &arguments)?;
    let done = match done.code != 0 && asking.terminal && wants_a_person(&done.stderr) {
        true => start(directory, credential, Questions::Terminal, &arguments)?,
        false => done,
    };
    printed(done, &arguments).map(drop)
}

/// A URL without its password, and the variables that tell git the password all the same: on a command line, git's own for its
/// helpers included, everybody on the machine would read it.
fn apart(url: &str) -> (String, Vec<(String, String)>) {
    let parts = url.split_once("://").filter(|(scheme, _)| matches!(*scheme, "http" | "https"));
    let Some((scheme, rest)) = parts else { return (url.to_string(), Vec::new()) };
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    let Some((user, host)) = authority.rsplit_once('@').filter(|(user, _)| user.contains(':')) else {
        return (url.to_string(), Vec::new());
    };
    let credential = STANDARD.encode(unescaped(user));
    let variables = [
        ("GIT_CONFIG_COUNT", "1".to_string()),
        ("GIT_CONFIG_KEY_0", format!("http.{scheme}://{host}/.extraHeader")),
        ("GIT_CONFIG_VALUE_0", format!("Authorization: Basic {credential}")),
    ];
    let variables = variables.into_iter().map(|(name, value)| (name.to_string(), value)).collect();
    (format!("{scheme}://{host}/{path}"), variables)
}

/// The bytes that `%2D` and its like stand for; what is no escape stays.
fn unescaped(text: &str) -> Vec<u8> {
    percent_decode_str(text).collect()
}

/// The user's own ssh with its questions turned off; `None` where it is another program than OpenSSH's, of unknown options.
fn quiet_ssh(asking: &GitPrompts<'_>, configured: impl Fn() -> Option<String>) -> Option<String> {
    let command = match (asking.ssh_command, asking.ssh) {
        (Some(command), _) => command.to_string(),
        (None, Some(_)) => return None,
        (None, None) => configured().map_or_else(|| "ssh".to_string(), |text| text.trim().to_string()),
    };
    let program = command.split_whitespace().next().map(|word| word.trim_matches(['\'', '"']));
    let is_open_ssh = Path::new(program?).file_stem().is_some_and(|stem| stem == "ssh");
    is_open_ssh.then(|| format!("{command} -o BatchMode=yes"))
}

/// Whether git or ssh would have asked something.
fn wants_a_person(said: &[u8]) -> bool {
    const SIGNS: &[&str] = &[
        "could not read Username",
        "could not read Password",
        "terminal prompts disabled",
        "Authentication failed",
        "Host key verification failed",
        "Permission denied",
    ];
    let said = String::from_utf8_lossy(said);
    SIGNS.iter().any(|sign| said.contains(sign))
}

/// The variables that no git of ours gets: those we know, and those that this git names besides.
fn withheld() -> Vec<String> {
    static NAMED: OnceLock<Vec<String>> = OnceLock::new();
    let named = NAMED.get_or_init(|| {
        let arguments = ["rev-parse", "--local-env-vars"].map(OsString::from).to_vec();
        let (program, limit) = ("git".to_string(), Some(LIMIT));
        let task = ProcessTask { program, arguments, limit, most: 64 << 10, ..ProcessTask::default() };
        let printed = process::run_blocking(task).map(|done| done.stdout).unwrap_or_default();
        String::from_utf8_lossy(&printed).lines().map(String::from).collect()
    });
    LOCAL.iter().map(|name| name.to_string()).chain(named.iter().cloned()).collect()
}

fn start(
    directory: &Path,
    variables: Vec<(String, String)>,
    questions: Questions,
    arguments: &[&str],
) -> Result<ProcessOutput> {
    ended(task(directory, variables, questions, arguments), arguments)
}

fn task(
    directory: &Path,
    variables: Vec<(String, String)>,
    questions: Questions,
    arguments: &[&str],
) -> ProcessTask {
    let fixed = FIXED.iter().flat_map(|setting| ["-c", *setting]);
    let mut environment: BTreeMap<String, String> = BTreeMap::from_iter(variables);
    let mut withheld = withheld();
    let limit = match questions {
        Questions::Refused(limit) => Some(limit),
        Questions::Terminal => None,
    };
    if limit.is_some() {
        environment.insert("GIT_TERMINAL_PROMPT".to_string(), "0".to_string());
        environment.insert("GCM_INTERACTIVE".to_string(), "never".to_string());
        environment.insert("SSH_ASKPASS_REQUIRE".to_string(), "never".to_string());
        withheld.push("SSH_ASKPASS".to_string());
    }
    ProcessTask {
        program: "git".into(),
        arguments: fixed.chain(arguments.iter().copied()).map(OsString::from).collect(),
        environment,
        withheld,
        directory: Some(directory.to_path_buf()),
        input: if limit.is_none() { ProcessInput::Terminal } else { ProcessInput::Nothing },
        limit,
        most: 4 << 20,
    }
}

fn ended(task: ProcessTask, arguments: &[&str]) -> Result<ProcessOutput> {
    match process::run_blocking(task) {
        Ok(done) => Ok(done),
        Err(ProcessFailure::NotFound) => Err(advised(
            anyhow::anyhow!("git is not installed"),
            "install git, or copy the directory by other means",
        )),
        Err(failure) => bail!("git {} {failure}", verb(arguments)),
    }
}

fn verb<'a>(arguments: &[&'a str]) -> &'a str {
    arguments.iter().find(|word| !word.starts_with('-')).copied().unwrap_or_default()
}

/// What git printed; where it failed, what it said.
fn printed(done: ProcessOutput, arguments: &[&str]) -> Result<String> {
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
        bail!("git {}: {}", verb(arguments), said.join(" "));
    }
    Ok(String::from_utf8_lossy(&done.stdout).into_owned())
}

#[cfg(test)]
mod tests {
    use super::{GitPrompts, LOCAL, apart, quiet_ssh, wants_a_person, withheld};

    #[test]
    fn a_password_is_no_part_of_the_url_that_git_is_given() {
        let (url, variables) = apart("https://u:p%40%zz@h:8443/a.git");
        assert_eq!(url, "https://h:8443/a.git");
        // u:p@%zz
        let told =
            |name: &str| variables.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
        assert_eq!(told("GIT_CONFIG_KEY_0"), Some("http.https://h:8443/.extraHeader"));
        assert_eq!(told("GIT_CONFIG_VALUE_0"), Some("Authorization: Basic dTpwQCV6eg=="));
        for same in ["https://git@h/a", "ssh://git@h/a", "file:///a:b@c", "https://h/a:b@c"] {
            assert_eq!(apart(same), (same.to_string(), Vec::new()));
        }
    }

    #[test]
    fn every_variable_of_a_repository_is_withheld() {
        let withheld = withheld();
        assert!(LOCAL.iter().all(|name| withheld.contains(&name.to_string())));
        // What git 2.39 to 2.51 print: the list must not depend on which git is here.
        for name in [
            "GIT_ALTERNATE_OBJECT_DIRECTORIES",
            "GIT_CONFIG",
            "GIT_CONFIG_PARAMETERS",
            "GIT_CONFIG_COUNT",
            "GIT_OBJECT_DIRECTORY",
            "GIT_DIR",
            "GIT_WORK_TREE",
            "GIT_IMPLICIT_WORK_TREE",
            "GIT_GRAFT_FILE",
            "GIT_INDEX_FILE",
            "GIT_NO_REPLACE_OBJECTS",
            "GIT_REPLACE_REF_BASE",
            "GIT_PREFIX",
            "GIT_SHALLOW_FILE",
            "GIT_COMMON_DIR",
        ] {
            assert!(LOCAL.contains(&name), "{name}");
        }
    }

    #[track_caller]
    fn check(variables: (Option<&str>, Option<&str>), configured: Option<&str>, expect: Option<&str>) {
        let asking = GitPrompts { terminal: false, ssh_command: variables.0, ssh: variables.1 };
        assert_eq!(quiet_ssh(&asking, || configured.map(String::from)).as_deref(), expect);
    }

    #[test]
    fn the_users_own_ssh_asks_nothing() {
        check((None, None), None, Some("ssh -o BatchMode=yes"));
        check((None, None), Some("ssh -i ~/.ssh/work\n"), Some("ssh -i ~/.ssh/work -o BatchMode=yes"));
        check((Some("/usr/bin/ssh -v"), None), Some("x"), Some("/usr/bin/ssh -v -o BatchMode=yes"));
        check((Some("plink -batch"), None), None, None);
        check((None, Some("/opt/wrapper")), Some("ssh"), None);
    }

    #[test]
    fn what_a_person_could_answer_is_told_apart() {
        assert!(wants_a_person(b"fatal: could not read Username for 'https://h': terminal prompts disabled"));
        assert!(wants_a_person(b"Host key verification failed.\r\nfatal: Could not read from remote"));
        assert!(!wants_a_person(b"fatal: couldn't find remote ref nonsense"));
    }
}
