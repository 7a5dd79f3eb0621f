//! The door to the environment and the clock, read once into plain data.
#![expect(clippy::disallowed_methods, reason = "the door to the environment and the clock")]

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use jiff::Timestamp;

/// What the run was started with: variables, places, terminal and clock, as values.
#[derive(Clone, Debug, Default)]
pub struct Env {
    variables: BTreeMap<String, String>,
    pub arguments: Vec<OsString>,
    pub directory: PathBuf,
    pub home: Option<PathBuf>,
    /// Where the user's `config.yaml` and catalog may lie.
    pub config_directory: Option<PathBuf>,
    /// Where answers are remembered from one run to the next.
    pub cache_directory: Option<PathBuf>,
    temporary: PathBuf,
    pub terminal: Terminal,
    pub clock: Clock,
}

/// Which of the three streams a person sits at, and how wide the screen is.
#[derive(Clone, Copy, Debug, Default)]
pub struct Terminal {
    pub stdin: bool,
    pub stdout: bool,
    pub stderr: bool,
    pub width: Option<usize>,
    pub height: Option<usize>,
}

/// The present, or the instant that `CALLBOARD_NOW` pins for verdicts and ages.
#[derive(Clone, Copy, Debug, Default)]
pub struct Clock {
    pub pinned: Option<Timestamp>,
}

impl Clock {
    pub fn now(&self) -> Timestamp {
        self.pinned.unwrap_or_else(Timestamp::now)
    }
}

impl Env {
    /// Reads everything once. Fails on a `CALLBOARD_NOW` that is no instant.
    pub fn read() -> Result<Env> {
        let variables: BTreeMap<String, String> = std::env::vars_os()
            .filter_map(|(key, value)| Some((key.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        let pinned = match variables.get("CALLBOARD_NOW").filter(|text| !text.is_empty()) {
            Some(text) => Some(text.parse().with_context(|| {
                format!("CALLBOARD_NOW is {text:?}; expected a time like 2026-01-15T10:00:00Z")
            })?),
            None => None,
        };
        let number = |name: &str| variables.get(name)?.parse().ok().filter(|number: &usize| *number > 0);
        let (columns, lines) = (number("COLUMNS"), number("LINES"));
        let size = terminal_size::terminal_size();
        let terminal = Terminal {
            stdin: std::io::stdin().is_terminal(),
            stdout: std::io::stdout().is_terminal(),
            stderr: std::io::stderr().is_terminal(),
            width: columns.or(size.map(|(width, _)| usize::from(width.0))),
            height: lines.or(size.map(|(_, height)| usize::from(height.0))),
        };
        Ok(Env {
            arguments: std::env::args_os().collect(),
            directory: std::env::current_dir().unwrap_or_else(|_| PathBuf::from(".")),
            home: dirs::home_dir(),
            config_directory: dirs::config_dir().map(|path| path.join("callboard")),
            cache_directory: dirs::cache_dir().map(|path| path.join("callboard")),
            temporary: std::env::temp_dir(),
            terminal,
            clock: Clock { pinned },
            variables,
        })
    }

    /// A variable's value; unset and empty are the same, as kubectl has it.
    pub fn variable(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// Whether a variable exists at all: `NO_COLOR` counts even when empty.
    pub fn has(&self, name: &str) -> bool {
        self.variables.contains_key(name)
    }

    pub fn variables(&self) -> &BTreeMap<String, String> {
        &self.variables
    }

    /// The paths of a list variable such as `KUBECONFIG`, empty entries dropped.
    pub fn paths(&self, name: &str) -> Vec<PathBuf> {
        self.variable(name)
            .map(|list| std::env::split_paths(list).filter(|path| !path.as_os_str().is_empty()).collect())
            .unwrap_or_default()
    }

    /// The places of a list variable: paths, and addresses such as `git+https://host:8443/a.git`, whose colons part nothing.
    pub fn places(&self, name: &str) -> Vec<PathBuf> {
        let mut places: Vec<PathBuf> = Vec::new();
        for path in self.paths(name) {
            match places.last_mut() {
                Some(last) if is_cut(last) => {
                    let whole = format!("{}:{}", last.display(), path.display());
                    *last = PathBuf::from(whole);
                }
                _ => places.push(path),
            }
        }
        places
    }

    /// Whether an entry of a list variable that says something is empty.
    pub fn has_empty_places(&self, name: &str) -> bool {
        self.variable(name)
            .is_some_and(|list| std::env::split_paths(list).any(|path| path.as_os_str().is_empty()))
    }

    /// `~/` at the front of a path that a config file names.
    pub fn expand(&self, path: &Path) -> PathBuf {
        match (path.strip_prefix("~"), &self.home) {
            (Ok(rest), Some(home)) => home.join(rest),
            _ => path.to_path_buf(),
        }
    }

    /// How the program was called: `callboard`, or `kubectl callboard` when kubectl found it as a plugin.
    pub fn program(&self) -> &'static str {
        match self.called() {
            Some(name) if name.starts_with("kubectl-") => "kubectl callboard",
            _ => "callboard",
        }
    }

    /// The name of the file that was started.
    pub fn called(&self) -> Option<&str> {
        Path::new(self.arguments.first()?).file_stem()?.to_str()
    }

    /// The system's directory for temporary files.
    pub fn temporary(&self) -> &Path {
        &self.temporary
    }

    /// For tests, and for the demo, where nothing of the user's may be read.
    #[cfg_attr(not(test), expect(dead_code, reason = "for tests"))]
    pub fn with_variables(mut self, variables: BTreeMap<String, String>) -> Env {
        self.variables = variables;
        self
    }
}

/// Whether the colon behind a part of a list is one of an address: behind its scheme, or before its port or password.
fn is_cut(part: &Path) -> bool {
    let text = part.to_string_lossy();
    let Some(rest) = text.strip_prefix("git+") else { return false };
    match rest.split_once("://") {
        Some((_, authority)) => !authority.contains('/'),
        None => rest.chars().all(|c| c.is_ascii_lowercase()),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::path::Path;

    use super::Env;

    #[test]
    fn an_empty_variable_is_unset_but_there() {
        let variables = BTreeMap::from([("NO_COLOR".to_string(), String::new())]);
        let env = Env::default().with_variables(variables);
        assert_eq!(env.variable("NO_COLOR"), None);
        assert!(env.has("NO_COLOR"));
        assert!(!env.has("COLOR"));
    }

    #[cfg(unix)]
    #[test]
    fn the_colons_of_an_address_part_no_list() {
        let places = |list: &str| {
            let variables = BTreeMap::from([("CALLBOARD_CATALOG".to_string(), list.to_string())]);
            let env = Env::default().with_variables(variables);
            let places = env
                .places("CALLBOARD_CATALOG")
                .iter()
                .map(|path| path.display().to_string())
                .collect::<Vec<_>>();
            places.join(" ")
        };
        assert_eq!(places("a:b"), "a b");
        assert_eq!(places("a:git+https://h/r.git//x@v1:b"), "a git+https://h/r.git//x@v1 b");
        assert_eq!(
            places("git+https://u:p@h:8443/r:git+file:///srv/r:c"),
            "git+https://u:p@h:8443/r git+file:///srv/r c"
        );
        assert_eq!(places("git+ssh://git@h:22/r"), "git+ssh://git@h:22/r");
    }

    #[test]
    fn a_plugin_is_named_as_kubectl_calls_it() {
        let called = |path: &str| Env { arguments: vec![path.into()], ..Env::default() }.program();
        assert_eq!(called("/usr/bin/callboard"), "callboard");
        assert_eq!(called("/opt/kubectl-callboard"), "kubectl callboard");
    }

    #[test]
    fn home_is_expanded_only_at_the_front() {
        let env = Env { home: Some("/home/ada".into()), ..Env::default() };
        assert_eq!(env.expand(Path::new("~/x")), Path::new("/home/ada/x"));
        assert_eq!(env.expand(Path::new("a/~")), Path::new("a/~"));
    }
}
