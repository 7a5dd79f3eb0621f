//! What a credential plugin printed: the credential, or the reason and the remedy.

use crate::fleet::plugins::plugin::{Plugin, PluginAnswer};
use crate::fleet::silence::brief;
use crate::fleet::tls::ClientIdentity;
use crate::process::ProcessOutput;
use jiff::Timestamp;
use jiff::fmt::temporal::Pieces;
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ExecCredential {
    api_version: String,
    kind: String,
    status: Option<PluginStatus>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PluginStatus {
    token: Option<String>,
    client_certificate_data: Option<String>,
    client_key_data: Option<String>,
    expiration_timestamp: Option<String>,
}

/// Reads the plugin's answer. The text of an error says what is wrong and quotes nothing of it.
pub fn parse(plugin: &Plugin, done: &ProcessOutput) -> Result<PluginAnswer, String> {
    let answer: ExecCredential =
        serde_json::from_slice(&done.stdout).map_err(|_| "printed no ExecCredential".to_string())?;
    if answer.kind != "ExecCredential" {
        return Err("printed no ExecCredential".to_string());
    }
    if answer.api_version != plugin.api_version {
        let spoken = plugin.api_version.rsplit('/').next().unwrap_or_default();
        return Err(format!("answered in another version than {spoken}"));
    }
    let status = answer.status.ok_or("printed an ExecCredential without a status")?;
    let set = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
    let identity = match (set(status.client_certificate_data), set(status.client_key_data)) {
        (Some(certificate), Some(key)) => {
            Some(ClientIdentity { certificate: certificate.into_bytes(), key: key.into_bytes() })
        }
        (None, None) => None,
        _ => return Err("printed a certificate and key of which one is missing".to_string()),
    };
    let token = set(status.token).map(|token| token.trim().to_string());
    if token.is_none() && identity.is_none() {
        return Err("printed neither a token nor a certificate".to_string());
    }
    let expires = match set(status.expiration_timestamp) {
        None => None,
        Some(text) => {
            Some(instant(&text).ok_or("printed an expirationTimestamp that is no time".to_string())?)
        }
    };
    Ok(PluginAnswer { token, identity, expires })
}

/// An instant; one at the end of the calendar, which says "never", is the last that there is.
fn instant(text: &str) -> Option<Timestamp> {
    let is_late = || {
        let pieces = Pieces::parse(text).ok()?;
        let is_whole = pieces.time().is_some() && pieces.to_numeric_offset().is_some();
        (is_whole && pieces.date().year() == 9999).then_some(Timestamp::MAX)
    };
    text.parse().ok().or_else(is_late)
}

/// Most lines of a plugin's stderr that are told.
const LINES: usize = 10;
/// Most characters that an error takes over from a plugin.
const TAIL: usize = 300;

/// The last lines of what a plugin printed, safe to print, blank ones left out.
pub fn last_lines(printed: &str) -> Vec<String> {
    let lines: Vec<&str> = printed.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    lines[lines.len().saturating_sub(LINES)..].iter().map(|line| brief(line)).collect()
}

/// An error with what the plugin said on it. Its last words are where it says what is wrong, so where there are too
/// many the first are left out.
pub fn with_last_lines(text: &str, printed: &str) -> String {
    let lines = last_lines(printed);
    let mut tail = String::new();
    for line in lines.iter().rev() {
        if tail.is_empty() {
            tail.clone_from(line);
        } else if tail.chars().count() + 2 + line.chars().count() <= TAIL {
            tail = format!("{line}; {tail}");
        } else {
            break;
        }
    }
    if tail.is_empty() { text.to_string() } else { format!("{text}: {tail}") }
}

/// Commands that log a person in, as the tools' own messages name them.
const LOGINS: [&str; 13] = [
    "aws sso login",
    "aws configure",
    "gcloud auth application-default login",
    "gcloud auth login",
    "az login",
    "azd auth login",
    "tsh kube login",
    "tsh login",
    "oc login",
    "doctl auth init",
    "vault login",
    "ibmcloud login",
    "kubelogin convert-kubeconfig",
];

/// The log-in command in what a plugin printed, with its flags.
pub fn find_hint(printed: &str) -> Option<String> {
    printed.lines().find_map(|line| {
        let from = LOGINS.iter().filter_map(|login| line.find(login)).min()?;
        let words = line[from..].split(['`', '\'', '"', '(', ')', ';', ',']).next().unwrap_or_default();
        let plain = ["and", "to", "with", "or", "again", "first", "before", "then", "in", "if", "for"];
        let kept: Vec<&str> = words.split_whitespace().take_while(|word| !plain.contains(word)).collect();
        Some(brief(kept.join(" ").trim_end_matches(['.', ':', '!'])))
    })
}

#[cfg(test)]
mod tests {
    use super::{find_hint, instant, last_lines, with_last_lines};
    use jiff::Timestamp;

    #[track_caller]
    fn check(printed: &str, expect: Option<&str>) {
        assert_eq!(find_hint(printed).as_deref(), expect, "{printed}");
    }

    #[test]
    fn the_last_lines_are_told_within_bounds() {
        assert_eq!(with_last_lines("it failed", " \n\n"), "it failed");
        assert_eq!(with_last_lines("it failed", "one\n\n two\x1b[1m \n"), "it failed: one; two\u{fffd}[1m");
        let many: String = (0..20).map(|n| format!("line {n}\n")).collect();
        assert_eq!((last_lines(&many).len(), last_lines(&many)[0].as_str()), (10, "line 10"));
        let long = format!("{}\n{}\nlast\n", "a".repeat(290), "b".repeat(280));
        assert_eq!(with_last_lines("x", &long), format!("x: {}; last", "b".repeat(280)));
    }

    #[test]
    fn a_credential_may_last_for_ever() {
        assert_eq!(instant("9999-12-31T23:59:59Z"), Some(Timestamp::MAX));
        assert_eq!(instant("9999-12-31T23:59:59+00:00"), Some(Timestamp::MAX));
        assert_eq!(instant("2026-01-15T10:00:04Z"), "2026-01-15T10:00:04Z".parse().ok());
        for none in
            ["9999-12-31", "9999-12-31T23:59:59", "9999-12-32T23:59:59Z", "never", "10000-01-01T00:00:00Z"]
        {
            assert_eq!(instant(none), None, "{none}");
        }
    }

    #[test]
    fn log_in_commands_are_found_in_what_plugins_print() {
        check("Error loading SSO Token: Token for x does not exist", None);
        check(
            "To refresh this SSO session run `aws sso login --profile prod` and retry",
            Some("aws sso login --profile prod"),
        );
        check("first line\n$ gcloud auth login\n  to obtain new credentials", Some("gcloud auth login"));
        check("Please run 'az login' to setup account.", Some("az login"));
        check("ERROR: tsh login --proxy=x.", Some("tsh login --proxy=x"));
    }
}
