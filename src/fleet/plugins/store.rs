//! Answers of credential plugins that are kept from one run to the next until they expire, where the user wants that.

use crate::files;
use crate::fleet::plugins::plugin::{Plugin, PluginAnswer};
use crate::fleet::tls::ClientIdentity;
use jiff::{SignedDuration, Timestamp};
use ring::hmac;
use ring::rand::{SecureRandom, SystemRandom};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// One that ends sooner is not worth keeping, and one that is about to end is not used: a run takes a while.
const MARGIN: SignedDuration = SignedDuration::from_secs(60);
/// However long an answer is good for, the plugin is asked again after this: who one is may have changed meanwhile.
const LONGEST: SignedDuration = SignedDuration::from_hours(12);
/// Answers that are kept; those that were written longest ago make room.
const MOST_KEPT: usize = 256;
const MOST_BYTES: usize = 1 << 20;

/// Where answers are kept, and what they depend on beside the plugin's own configuration.
#[derive(Clone, Debug)]
pub struct CredentialStoreSetup {
    /// The cache directory.
    pub directory: PathBuf,
    /// The variables of this process, which plugins see.
    pub environment: BTreeMap<String, String>,
}

/// A directory of answers. The names of its files are made with a key that stands beside it, so that they tell nothing of what a
/// plugin is called with.
pub struct CredentialStore {
    directory: PathBuf,
    key: hmac::Key,
    environment: BTreeMap<String, String>,
}

#[derive(Deserialize, Serialize)]
struct KeptAnswer {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    token: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    certificate: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    certificate_key: Option<String>,
    expires: Timestamp,
    made: Timestamp,
}

impl KeptAnswer {
    fn is_good(&self, now: Timestamp) -> bool {
        let rest = self.expires.duration_since(now);
        self.made <= now && now.duration_since(self.made) < LONGEST && rest > MARGIN
    }
}

impl CredentialStore {
    /// Nothing where it cannot be used: it is a comfort.
    pub fn open(setup: CredentialStoreSetup) -> Option<CredentialStore> {
        let directory = setup.directory.join("credentials");
        files::create_dir(&directory).ok()?;
        let key = key(&setup.directory.join("credentials.key"))?;
        let mut environment = setup.environment;
        environment.retain(|name, _| !is_noise(name));
        Some(CredentialStore { directory, key, environment })
    }

    /// What a plugin answered in an earlier run, if it is still good for a while.
    pub fn load(&self, plugin: &Plugin, now: Timestamp) -> Option<PluginAnswer> {
        let file = self.file(plugin);
        let kept = read(&file)?;
        if !kept.is_good(now) {
            files::remove_outdated(&file);
            return None;
        }
        let identity = kept.certificate.zip(kept.certificate_key).map(|(certificate, key)| ClientIdentity {
            certificate: certificate.into_bytes(),
            key: key.into_bytes(),
        });
        Some(PluginAnswer { token: kept.token, identity, expires: Some(kept.expires) })
    }

    /// Keeps an answer that says when it ends, and removes those that have ended.
    pub fn save(&self, plugin: &Plugin, answer: &PluginAnswer, now: Timestamp) {
        let Some(expires) = answer.expires else { return };
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).ok();
        let identity = answer.identity.as_ref();
        let kept = KeptAnswer {
            token: answer.token.clone(),
            certificate: identity.and_then(|one| text(&one.certificate)),
            certificate_key: identity.and_then(|one| text(&one.key)),
            expires,
            made: now,
        };
        let Some(json) = serde_json::to_vec(&kept).ok().filter(|_| kept.is_good(now)) else { return };
        for file in files::list(&self.directory, &|path| path.extension().is_some_and(|end| end == "json"))
            .unwrap_or_default()
        {
            if read(&file).is_none_or(|kept| !kept.is_good(now)) {
                files::remove_outdated(&file);
            }
        }
        files::make_room(&self.directory, MOST_KEPT);
        // Where it cannot be written, the plugin is run the next time.
        let _ = files::replace(&self.file(plugin), &json, Some(0o600));
    }

    /// A server does not accept what is kept.
    pub fn forget(&self, plugin: &Plugin) {
        files::remove_outdated(&self.file(plugin));
    }

    /// Everything that the answer may depend on tells files apart.
    fn file(&self, plugin: &Plugin) -> PathBuf {
        let whole = serde_json::json!([
            plugin.command,
            plugin.arguments,
            plugin.environment,
            plugin.api_version,
            plugin.mode as u8,
            plugin.cluster,
            self.environment,
        ]);
        let tag = hmac::sign(&self.key, whole.to_string().as_bytes());
        let name: String = tag.as_ref()[..16].iter().map(|byte| format!("{byte:02x}")).collect();
        self.directory.join(format!("{name}.json"))
    }
}

fn read(file: &Path) -> Option<KeptAnswer> {
    let text = files::read_text_if_exists(file, MOST_BYTES).ok()??;
    serde_json::from_str(&text).ok()
}

/// The key of the names, made once.
fn key(file: &Path) -> Option<hmac::Key> {
    let of_text = |text: String| {
        let text = text.trim();
        (text.len() >= 32).then(|| hmac::Key::new(hmac::HMAC_SHA256, text.as_bytes()))
    };
    if let Some(text) = files::read_text_if_exists(file, 1 << 10).ok()? {
        return of_text(text);
    }
    let mut bytes = [0; 32];
    SystemRandom::new().fill(&mut bytes).ok()?;
    let text: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    // Another run may have made it meanwhile: then that one counts.
    let _ = files::create(file, text.as_bytes(), Some(0o600));
    of_text(files::read_text(file, 1 << 10).ok()?)
}

/// Variables that differ from window to window and change nobody's identity. All others count: a plugin may read any of them.
fn is_noise(name: &str) -> bool {
    const NAMES: &[&str] = &[
        "_",
        "PWD",
        "OLDPWD",
        "SHLVL",
        "TERM",
        "COLUMNS",
        "LINES",
        "WINDOWID",
        "DISPLAY",
        "TMUX",
        "TMUX_PANE",
        "STY",
        "GPG_TTY",
        "SSH_TTY",
        "SSH_CLIENT",
        "SSH_CONNECTION",
        "SSH_AUTH_SOCK",
        "SSH_AGENT_PID",
        "COLORTERM",
        "NO_COLOR",
        "CLICOLOR",
        "CLICOLOR_FORCE",
        "FORCE_COLOR",
        "LS_COLORS",
        "EDITOR",
        "VISUAL",
        "PAGER",
        "LESS",
        "MANPATH",
        "INVOCATION_ID",
        "JOURNAL_STREAM",
        "DBUS_SESSION_BUS_ADDRESS",
        "SECURITYSESSIONID",
    ];
    const PREFIXES: &[&str] = &[
        "CALLBOARD_",
        "LC_",
        "TERM_",
        "ITERM_",
        "VTE_",
        "KONSOLE_",
        "KITTY_",
        "WEZTERM_",
        "VSCODE_",
        "XDG_SESSION",
        "PS",
    ];
    NAMES.contains(&name) || PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "tests make their own world")]
mod tests {
    use super::{CredentialStore, CredentialStoreSetup, LONGEST, is_noise};
    use crate::fleet::plugins::plugin::{Plugin, PluginAnswer};
    use jiff::{SignedDuration, Timestamp};
    use std::collections::BTreeMap;
    use std::path::Path;

    fn store(directory: &Path, variables: &[(&str, &str)]) -> CredentialStore {
        let environment = variables.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect();
        CredentialStore::open(CredentialStoreSetup { directory: directory.into(), environment })
            .expect("a store")
    }

    fn plugin(argument: &str) -> Plugin {
        let environment = BTreeMap::from([("AWS_PROFILE".to_string(), "dev".to_string())]);
        Plugin {
            command: "aws".to_string(),
            arguments: vec![argument.to_string()],
            environment,
            ..Plugin::default()
        }
    }

    fn answer(token: &str, expires: Option<Timestamp>) -> PluginAnswer {
        PluginAnswer { token: Some(token.to_string()), expires, ..PluginAnswer::default() }
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_000_000 + second).expect("a time")
    }

    fn files(directory: &Path) -> usize {
        crate::files::list(&directory.join("credentials"), &|_| true).expect("listed").len()
    }

    #[test]
    fn an_answer_is_used_for_the_same_plugin_in_the_same_surroundings_until_it_ends() {
        let folder = tempfile::tempdir().expect("a folder");
        let here = || store(folder.path(), &[("AWS_REGION", "eu"), ("SHLVL", "1")]);
        here().save(&plugin("a"), &answer("kept", Some(at(900))), at(0));
        let told = |store: CredentialStore, plugin: Plugin, second| {
            store.load(&plugin, at(second)).and_then(|answer| answer.token)
        };
        assert_eq!(told(here(), plugin("a"), 800).as_deref(), Some("kept"));
        assert_eq!(
            told(store(folder.path(), &[("AWS_REGION", "eu"), ("SHLVL", "2")]), plugin("a"), 1).as_deref(),
            Some("kept")
        );
        // Another argument, variable or surrounding may mean somebody else.
        assert_eq!(told(here(), plugin("b"), 1), None);
        assert_eq!(told(store(folder.path(), &[("AWS_REGION", "us")]), plugin("a"), 1), None);
        let mut other = plugin("a");
        other.environment.clear();
        assert_eq!(told(here(), other, 1), None);
        // Before it was made the clock was wrong; a minute before its end it is over, and gone.
        assert_eq!(told(here(), plugin("a"), 840), None);
        assert_eq!(files(folder.path()), 0);
    }

    #[test]
    fn what_says_no_end_or_has_ended_is_not_kept_and_nothing_lasts() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = store(folder.path(), &[]);
        store.save(&plugin("a"), &answer("t", None), at(0));
        store.save(&plugin("a"), &answer("t", Some(at(30))), at(0));
        assert_eq!(files(folder.path()), 0);
        store.save(&plugin("a"), &answer("t", Some(at(200))), at(0));
        store.save(&plugin("b"), &answer("t", Some(Timestamp::MAX)), at(0));
        assert_eq!(files(folder.path()), 2);
        let late = at(0) + LONGEST - SignedDuration::from_secs(1);
        assert!(store.load(&plugin("b"), late).is_some());
        store.save(&plugin("c"), &answer("t", Some(late + SignedDuration::from_hours(1))), late);
        assert_eq!(files(folder.path()), 2, "what has ended is removed when another one is kept");
        assert!(store.load(&plugin("b"), late + SignedDuration::from_secs(1)).is_none());
        store.forget(&plugin("c"));
        assert_eq!(files(folder.path()), 0);
    }

    #[cfg(unix)]
    #[test]
    fn it_is_nobody_elses_and_its_names_tell_nothing() {
        use std::os::unix::fs::PermissionsExt;
        let (one, two) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
        let saved = |folder: &Path| {
            store(folder, &[]).save(&plugin("a"), &answer("t", Some(at(900))), at(0));
            crate::files::list(&folder.join("credentials"), &|_| true).expect("listed").remove(0)
        };
        let (first, second) = (saved(one.path()), saved(two.path()));
        assert_ne!(first.file_name(), second.file_name(), "each store has a key of its own");
        for file in [first, one.path().join("credentials.key")] {
            let metadata = std::fs::File::open(&file).and_then(|file| file.metadata()).expect("there");
            assert_eq!(metadata.permissions().mode() & 0o777, 0o600, "{}", file.display());
        }
    }

    #[test]
    fn only_what_changes_nobodys_identity_is_noise() {
        for name in ["SHLVL", "LC_ALL", "TERM_SESSION_ID", "CALLBOARD_NOW", "PWD"] {
            assert!(is_noise(name), "{name}");
        }
        for name in ["HOME", "USER", "PATH", "AWS_PROFILE", "KUBECONFIG", "HTTPS_PROXY", "CLOUDSDK_CONFIG"] {
            assert!(!is_noise(name), "{name}");
        }
    }
}
