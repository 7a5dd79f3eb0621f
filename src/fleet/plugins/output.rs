//! What a credential plugin printed: the credential, or the reason and the remedy.

use crate::fleet::plugins::plugin::{Plugin, PluginAnswer};
use crate::fleet::silence::brief;
use crate::fleet::tls::ClientIdentity;
use crate::process::ProcessOutput;
use crate::text::shell_word;
use jiff::Timestamp;
use jiff::fmt::temporal::Pieces;
use regex::Regex;
use serde::Deserialize;
use std::sync::LazyLock;

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
        let came = answer.api_version.rsplit('/').next().unwrap_or_default();
        return Err(format!("answered in {}, and its entry in the kubeconfig says {spoken}", brief(came)));
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
/// The last lines of what a plugin printed, safe to print, blank ones left out.
pub fn last_lines(printed: &str) -> Vec<String> {
    let lines: Vec<&str> = printed.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    lines[lines.len().saturating_sub(LINES)..].iter().map(|line| brief(line)).collect()
}

/// An error with the line in which the plugin says what is wrong, if it says anything.
pub fn with_deciding_line(text: &str, printed: &str) -> String {
    match deciding_line(printed) {
        Some(line) => format!("{text}: {line}"),
        None => text.to_string(),
    }
}

/// Words of lines that say what is wrong.
const TELLING: &[&str] = &[
    "expired",
    "logged in",
    "reauth",
    "denied",
    "invalid",
    "unauthorized",
    "forbidden",
    "could not",
    "cannot",
    "unable to",
    "no valid",
    "does not exist",
    "not found",
    "no such",
    "refused",
    "failed",
    "failure",
    "timed out",
    "timeout",
    "deadline exceeded",
    "aadsts",
    "not configured",
    "must ",
    "missing",
];

/// How lines begin that help, or show where in a program something went wrong, and do not say what.
const BESIDE: &[&str] = &[
    "for help",
    "see ",
    "http",
    "usage",
    "traceback",
    "file \"",
    "at ",
    "goroutine ",
    "during handling",
    "the above exception",
    "to refresh",
    "please run",
    "please see",
    "run ",
    "$ ",
    "try ",
    "hint",
    "note:",
    "raise ",
    "return ",
    "url:",
    "warning",
    "to obtain",
    "to select",
    "exit status",
];

/// The line that decides: one that begins as an error and tells a reason, the later of two alike; the last where none is telling.
fn deciding_line(printed: &str) -> Option<String> {
    let lines = printed.lines().map(|line| bare(line.trim())).filter(|line| !line.is_empty());
    let worth = |line: &str| {
        let lower = line.to_lowercase();
        let is_beside = BESIDE.iter().any(|word| lower.starts_with(word));
        let telling = TELLING.iter().any(|word| lower.contains(word));
        let is_error = ["error", "exception", "fatal", "panic:"].iter().any(|word| lower.contains(word));
        if is_beside { 0 } else { 1 + 2 * i32::from(telling) + i32::from(is_error) }
    };
    let best = lines.enumerate().max_by_key(|(number, line)| (worth(line), *number));
    best.map(|(_, line)| brief(line.trim_end_matches('.')))
}

/// A line without what loggers put before it: klog's head, logrus' fields, a level.
fn bare(line: &str) -> &str {
    static HEAD: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r#"^(?:[EFWI]\d{4} [\d:.]+\s+\d+ [^ \]]+\] |time="[^"]*" level=\w+ msg="|(?:Error|error|fatal): +|\[?(?:ERROR|FATAL)\]?:? +)"#).ok()
    });
    let rest = HEAD.as_ref().and_then(|head| head.find(line)).map_or(line, |found| &line[found.end()..]);
    // An error may be told twice over: `F0115 ... cred.go:145] error: ...`.
    if rest.len() < line.len() { bare(rest) } else { rest.trim_end_matches('"') }
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

/// What a plugin's message means without naming the command: the program, a word of it, the command.
const MEANT: [(&str, &str, &str); 3] = [
    ("aws", "sso", "aws sso login"),
    ("gke-gcloud-auth-plugin", "reauthentication", "gcloud auth login"),
    ("tsh", "not logged in", "tsh login"),
];

/// The command that logs a person in again: the one that the plugin printed, with its flags, else what its message means; for the
/// profile that the plugin was called for.
pub fn login(plugin: &Plugin, printed: &str) -> Option<String> {
    let program = plugin.command.rsplit(['/', '\\']).next().unwrap_or_default();
    let lower = printed.to_lowercase();
    let meant = || MEANT.iter().find(|(of, word, _)| *of == program && lower.contains(word));
    let command = find_hint(printed).or_else(|| meant().map(|(_, _, command)| command.to_string()))?;
    let profile = plugin.profile().filter(|_| command.starts_with("aws ") && !command.contains("--profile"));
    Some(match profile {
        Some(profile) => format!("{command} --profile {}", shell_word(profile)),
        None => command,
    })
}

/// The log-in command in what a plugin printed, with its flags.
fn find_hint(printed: &str) -> Option<String> {
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
    use super::{find_hint, instant, last_lines, login, with_deciding_line};
    use crate::fleet::plugins::Plugin;
    use jiff::Timestamp;

    #[track_caller]
    fn check(printed: &str, expect: Option<&str>) {
        assert_eq!(find_hint(printed).as_deref(), expect, "{printed}");
    }

    #[test]
    fn the_last_lines_are_told_within_bounds() {
        let many: String = (0..20).map(|n| format!("line {n}\n")).collect();
        assert_eq!((last_lines(&many).len(), last_lines(&many)[0].as_str()), (10, "line 10"));
    }

    #[track_caller]
    fn decides(printed: &str, expect: &str) {
        assert_eq!(with_deciding_line("x", printed), format!("x{expect}"), "{printed}");
    }

    #[test]
    fn of_many_lines_the_one_that_says_what_is_wrong_is_told() {
        decides(" \n\n", "");
        decides("one\n\n two\u{1b}[1m \n", ": two\u{fffd}[1m");
        decides(
            "Traceback (most recent call last):\n  File \"/usr/lib/aws/main.py\", line 10, in main\n    raise SSOTokenLoadError\n\
             botocore.exceptions.SSOTokenLoadError: Error loading SSO Token: Token for corp does not exist\n",
            ": botocore.exceptions.SSOTokenLoadError: Error loading SSO Token: Token for corp does not exist",
        );
        decides(
            "Error loading SSO Token: The SSO session associated with profile corp has expired\nTo refresh this SSO session run aws sso login with the \
             corresponding profile.\nFor help see https://docs.aws.amazon.com/cli/\n",
            ": Error loading SSO Token: The SSO session associated with profile corp has expired",
        );
        decides(
            "F0115 10:00:00.000001   12345 cred.go:145] print credential failed with error: Failed to retrieve access token:: failure while executing gcloud\n\
             Please run:\n\n  $ gcloud auth login\n\nto obtain new credentials.\n",
            ": print credential failed with error: Failed to retrieve access token:: failure while executing gcloud",
        );
        decides("ERROR: Not logged in.\n", ": Not logged in");
        decides(
            "Error making API request.\n\nURL: GET https://vault/v1/x\nCode: 403. Errors:\n\n* permission denied\n",
            ": * permission denied",
        );
        decides("time=\"2026-01-15T10:00:00Z\" level=fatal msg=\"token expired\"\n", ": token expired");
        decides(
            "panic: runtime error: invalid memory address\n\ngoroutine 1 [running]:\nmain.main()\n\t/src/main.go:5\n",
            ": panic: runtime error: invalid memory address",
        );
    }

    #[test]
    fn a_login_is_for_the_profile_that_was_asked_for() {
        let plugin = |command: &str, arguments: &[&str], profile: Option<&str>| Plugin {
            command: command.to_string(),
            arguments: arguments.iter().map(ToString::to_string).collect(),
            environment: profile
                .map(|name| ("AWS_PROFILE".to_string(), name.to_string()))
                .into_iter()
                .collect(),
            ..Plugin::default()
        };
        let expired = "Error when retrieving token from sso: Token has expired and refresh failed";
        let of = |plugin: &Plugin, printed: &str| login(plugin, printed);
        assert_eq!(
            of(&plugin("aws", &[], Some("corp")), expired).as_deref(),
            Some("aws sso login --profile corp")
        );
        assert_eq!(
            of(&plugin("/usr/bin/aws", &["--profile", "a b"], None), expired).as_deref(),
            Some("aws sso login --profile 'a b'")
        );
        assert_eq!(
            of(&plugin("aws", &["--profile=x"], None), "run aws sso login --profile y").as_deref(),
            Some("aws sso login --profile y")
        );
        assert_eq!(of(&plugin("aws", &[], None), expired).as_deref(), Some("aws sso login"));
        assert_eq!(
            of(&plugin("az", &[], Some("corp")), "Please run 'az login'.").as_deref(),
            Some("az login")
        );
        assert_eq!(of(&plugin("helper", &[], None), expired), None);
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
