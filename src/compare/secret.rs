//! What is a secret: by its name, by its look, or by where it stands. What is shown in its place is the masker's.

use crate::compare::seal::MASK;
use regex::Regex;
use std::borrow::Cow;
use std::sync::LazyLock;

/// Names whose values are secrets.
static NAME: LazyLock<Regex> = LazyLock::new(|| {
    compiled(
        r"(?i)passw(or)?d|passphrase|passwd|\bpwd\b|_pwd$|(^|[-_.])pw$|pass$|secret|token|api[-_.]?key|access[-_.]?key|secret[-_.]?key|private|credential|\bauth\b|_auth$|authorization|dsn$|cookie|salt$|signing|signature$|(^|[-_.])sig$|encryption|hmac|connection[-_.]?string|(^|[-_.])key$|client[-_.]?id[-_.]?secret|webhook[-_.]?url|sas[-_.]?(url|key)",
    )
});

/// Values that are secrets whatever they are called.
static VALUE: LazyLock<Regex> = LazyLock::new(|| {
    compiled(
        r#"-----BEGIN|\beyJ[\w-]{8,}\.[\w-]+(\.[\w-]+)?|\b(AKIA|ASIA)[0-9A-Z]{12,}|\b(gh[pousr]_|github_pat_|glpat-|xox[abeprs]-|xapp-|[sr]k_(live|test)_|sk-|whsec_|AIza|ya29\.|dop_v1_|hvs\.|npm_|pypi-|SG\.)[\w.-]{8,}|(?i)https://(hooks\.slack\.com/(services|workflows)|discord(app)?\.com/api/webhooks|[\w.-]+\.webhook\.office\.com)/[^\s"']+|(?i)(password|pwd|accountkey|sharedaccesskey|sig)=[^;&\s]+|\b(bearer|basic) [\w+/=.~-]{8,}"#,
    )
});

/// Programs that take a password behind `-p`.
static ASKS_FOR_PASSWORD: LazyLock<Regex> = LazyLock::new(|| {
    compiled(
        r"\b(mysql\w*|mariadb[\w-]*|mongo\w*|sshpass|cqlsh|login|zip|unzip|7z|rabbitmqadmin|influx|clickhouse[\w-]*|kinit|ldap\w+|sqlplus|isql|curl)\b",
    )
});

/// What a sentence says of a secret, and is none.
const WORDS: &[&str] = &[
    "a",
    "an",
    "and",
    "bad",
    "cannot",
    "certificate",
    "configmap",
    "connection",
    "context",
    "could",
    "denied",
    "dial",
    "does",
    "empty",
    "eof",
    "error",
    "expected",
    "expired",
    "failed",
    "false",
    "forbidden",
    "get",
    "has",
    "http",
    "illegal",
    "invalid",
    "io",
    "is",
    "it",
    "json",
    "jwt",
    "lookup",
    "malformed",
    "missing",
    "must",
    "nil",
    "no",
    "none",
    "not",
    "null",
    "open",
    "post",
    "read",
    "references",
    "refused",
    "required",
    "rpc",
    "secret",
    "serviceaccount",
    "should",
    "signature",
    "status",
    "the",
    "timed",
    "timeout",
    "token",
    "too",
    "true",
    "unable",
    "unauthorized",
    "unexpected",
    "unknown",
    "unsupported",
    "verification",
    "was",
    "wrong",
    "x509",
    "yaml",
];

/// Whether the value behind that name is a secret.
pub fn is_secret_name(name: &str) -> bool {
    NAME.is_match(name)
}

/// Whether a program on this line takes a password behind `-p`.
pub fn takes_password(line: &str) -> bool {
    ASKS_FOR_PASSWORD.is_match(line)
}

/// A text with what looks like a secret in it masked, the rest word for word.
pub fn without_secrets(text: &str) -> Cow<'_, str> {
    VALUE.replace_all(text, MASK)
}

/// Whether a value is a secret whatever it is called.
pub fn looks_secret(value: &str) -> bool {
    VALUE.is_match(value) || is_random(value)
}

/// One long word that mixes cases and digits, as keys do. Digests and hashes name things and are shown.
fn is_random(value: &str) -> bool {
    let key = |c: char| c.is_ascii_alphanumeric() || "+/=_-".contains(c);
    let has = |is: fn(&char) -> bool| value.chars().filter(is).count() >= 3;
    value.len() >= 24
        && value.chars().all(key)
        && has(|c| c.is_ascii_digit())
        && has(|c| c.is_ascii_uppercase())
        && has(|c| c.is_ascii_lowercase())
}

/// Whether a value is masked already.
pub fn is_hidden(value: &str) -> bool {
    value.trim_start_matches(['"', '\'']).starts_with(MASK)
}

/// Whether what stands behind `-p` is a password: a port, a path or a project is none. Where no program that takes a password is in
/// sight, only what mixes letters and digits.
pub fn is_password(value: &str, asks: bool) -> bool {
    let is_port = value.chars().all(|c| c.is_ascii_digit() || ".:/-".contains(c) || "tcpud".contains(c));
    let is_path = value.starts_with(['/', '.', '~', '$']);
    let mixes = value.len() >= 6
        && value.chars().any(|c| c.is_ascii_digit())
        && value.chars().any(char::is_alphabetic)
        && !value.contains(['/', ':', '.', '-', '_']);
    !is_port && !is_path && !is_hidden(value) && (asks || mixes)
}

/// Whether a word behind a name and a colon says something of it, and is not its value. `rest` is what follows it.
pub fn is_said(value: &str, rest: &str) -> bool {
    let word = value.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
    let is_code = word.len() == 3 && word.chars().all(|c| c.is_ascii_digit());
    // A sentence goes on: `failed to fetch token: pod not found`.
    let is_prose = value.len() <= 12
        && value.chars().all(|c| c.is_ascii_lowercase())
        && rest.strip_prefix(' ').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_lowercase()));
    // `missing API key: PAY_API_KEY is not set` names a variable, and `env PAY_API_KEY: from Secret x` where it is from.
    let name = value.trim_matches(|c: char| !c.is_alphanumeric());
    // Only where the sentence goes on about it: a password may look the same.
    let goes_on = [" is ", " was ", " must ", " not ", " has ", " needs ", " required", " missing", " from "];
    let is_variable = goes_on.iter().any(|words| rest.starts_with(words))
        && name.contains('_')
        && name.starts_with(|c: char| c.is_ascii_uppercase())
        && name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
    is_code
        || is_prose
        || is_variable
        || word == "from"
        || word.is_empty()
        || WORDS.contains(&word.as_str())
        || value.contains('=')
        || value.contains("://")
        || value.ends_with(':')
}

/// An expression of the masker's tables.
pub fn compiled(pattern: &str) -> Regex {
    Regex::new(pattern).expect("a constant expression, which the tests compile")
}
