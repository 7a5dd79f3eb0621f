//! Values that look like secrets, masked: never printed, never compared.

use regex::Regex;
use std::sync::LazyLock;

const MASK: &str = "***";

static NAME: LazyLock<Regex> = LazyLock::new(|| {
    compiled(
        r"(?i)passw(or)?d|passphrase|passwd|\bpwd\b|_pwd$|pass$|secret|token|api[-_.]?key|access[-_.]?key|secret[-_.]?key|private|credential|\bauth\b|_auth$|authorization|dsn$|cookie|salt$|signing|encryption|hmac|connection[-_.]?string|(^|[-_.])key$|client[-_.]?id[-_.]?secret|webhook[-_.]?url|sas[-_.]?(url|key)",
    )
});

static VALUE: LazyLock<Regex> = LazyLock::new(|| {
    compiled(
        r"-----BEGIN|\beyJ[\w-]{8,}\.[\w-]+|\b(AKIA|ASIA)[0-9A-Z]{12,}|\b(gh[pousr]_|github_pat_|glpat-|xox[abpr]-|sk_live_|sk-|rk_live_|AIza|dop_v1_|hvs\.)[\w-]{8,}|(?i)(password|pwd|accountkey|sharedaccesskey|sig)=[^;&\s]+|\b(bearer|basic) [\w+/=.-]{8,}",
    )
});

static USERINFO: LazyLock<Regex> = LazyLock::new(|| compiled(r"(?P<scheme>[a-zA-Z][\w+.-]*://)[^/\s@]+@"));

/// `--password=x`, `password: x`, `API_KEY=x` within a longer text.
static PAIR: LazyLock<Regex> = LazyLock::new(|| {
    compiled(
        r#"(?m)(?P<name>[\w.-]+)(?P<quote>["']?)(?P<sign>\s*[:=]\s*)(?P<value>"[^"\n]*"|'[^'\n]*'|[^\s,;&]+)"#,
    )
});

/// What may be shown of a value of that name: the value, the value with its user and password cut out, or `***`.
pub fn masked(name: &str, value: &str) -> String {
    if value.is_empty() {
        return String::new();
    }
    if NAME.is_match(name) || looks_secret(value) {
        return MASK.to_string();
    }
    USERINFO.replace_all(value, "${scheme}***@").into_owned()
}

/// As `masked`, for a text that holds names and values of its own: a file of a ConfigMap, a command line.
pub fn masked_text(text: &str) -> String {
    text.lines().map(masked_line).collect::<Vec<_>>().join("\n")
}

fn masked_line(line: &str) -> String {
    // First the line as a whole: a pair cut out of it could hide what gives the rest away.
    if looks_secret(line) {
        return MASK.to_string();
    }
    let pairs = PAIR.replace_all(line, |words: &regex::Captures| {
        let part = |name| words.name(name).map_or("", |part| part.as_str());
        let shown = if NAME.is_match(part("name")) { MASK.to_string() } else { part("value").to_string() };
        format!("{}{}{}{shown}", part("name"), part("quote"), part("sign"))
    });
    masked("", &pairs)
}

/// `DB_PASSWORD=x` and `"password":"x"`.
static ASSIGNED: LazyLock<Regex> =
    LazyLock::new(|| compiled(r#"(?P<name>[\w.-]+)(?P<sign>=["']?|["']\s*:\s*["'])(?P<value>[^\s"',;&]+)"#));

/// A sentence as evidence quotes it: word for word, but for passwords and tokens within.
pub fn masked_quote(text: &str) -> String {
    let text = USERINFO.replace_all(text, "${scheme}***@");
    let text = VALUE.replace_all(&text, MASK);
    let text = ASSIGNED.replace_all(&text, |words: &regex::Captures| {
        let shown = if NAME.is_match(&words["name"]) { MASK } else { &words["value"] };
        format!("{}{}{shown}", &words["name"], &words["sign"])
    });
    text.into_owned()
}

/// The words of a command line, its secret arguments masked: `--password x` and `--password=x`.
pub fn masked_list(words: &[String]) -> Vec<String> {
    let mut shown = Vec::with_capacity(words.len());
    let mut hide = false;
    for word in words {
        let is_flag = word.starts_with('-');
        shown.push(if hide && !is_flag { MASK.to_string() } else { masked_text(word) });
        hide = is_flag && !word.contains('=') && NAME.is_match(word);
    }
    shown
}

fn looks_secret(value: &str) -> bool {
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

fn compiled(pattern: &str) -> Regex {
    Regex::new(pattern).expect("a constant expression, which the tests compile")
}

#[cfg(test)]
mod tests {
    use super::{masked, masked_list, masked_text};

    #[track_caller]
    fn check(name: &str, value: &str, expect: &str) {
        assert_eq!(masked(name, value), expect, "{name}={value}");
    }

    #[test]
    fn secrets_are_masked() {
        for name in [
            "DB_PASSWORD",
            "apiKey",
            "API_KEY",
            "SECRET",
            "GITHUB_TOKEN",
            "redis.auth",
            "SENTRY_DSN",
            "PGPASS",
            "KEY",
            "aws-secret-access-key",
            "connectionString",
        ] {
            check(name, "hunter2", "***");
        }
        check("DATABASE_URL", "postgres://web:hunter2@db:5432/web", "postgres://***@db:5432/web");
        check("X", "eyJhbGciOiJI.eyJzdWIi.sig", "***");
        check("X", "AKIAIOSFODNN7EXAMPLE", "***");
        check("X", "-----BEGIN RSA PRIVATE KEY-----", "***");
        check("X", "wJalrXUtnFEMI7K7MDENG2bPxRfiCY", "***");
        check("X", "Server=db;Password=hunter2;", "***");
        check("DB_PASSWORD", "", "");
    }

    #[test]
    fn what_is_no_secret_is_shown() {
        for (name, value) in [
            ("LOG_LEVEL", "debug"),
            ("KEYCLOAK_URL", "https://id.example.com"),
            ("MONKEY", "see"),
            ("AUTHOR", "someone"),
            ("IMAGE", "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"),
            ("REPLICAS", "3"),
            ("JAVA_OPTS", "-Xmx512m -XX:+UseG1GC"),
        ] {
            check(name, value, value);
        }
    }

    #[test]
    fn quotes_keep_their_words_and_lose_their_secrets() {
        for (quote, expect) in [
            ("dial postgres://app:hunter2@db:5432/x: refused", "dial postgres://***@db:5432/x: refused"),
            ("bad DSN: host=db password=hunter2 user=app", "bad DSN: host=db *** user=app"),
            (r#"{"api_key":"abcdef","msg":"no"}"#, r#"{"api_key":"***","msg":"no"}"#),
            ("Secret shop/web has no key db-password", "Secret shop/web has no key db-password"),
            ("invalid token: expired at noon", "invalid token: expired at noon"),
            (
                r#"password authentication failed for user "app""#,
                r#"password authentication failed for user "app""#,
            ),
        ] {
            assert_eq!(super::masked_quote(quote), expect, "{quote}");
        }
    }

    #[test]
    fn texts_hold_secrets_too() {
        assert_eq!(masked_text("level: debug\npassword: hunter2\n"), "level: debug\npassword: ***");
        assert_eq!(masked_text("{\"token\": \"a b\", \"n\": 1}"), "{\"token\": ***, \"n\": 1}");
        assert_eq!(masked_text("curl -H 'Authorization: Bearer abcdefgh123'"), "***");
        assert_eq!(masked_text("url=postgres://a:b@c/d"), "url=postgres://***@c/d");
        let words =
            |text: &str| masked_list(&text.split(' ').map(str::to_string).collect::<Vec<_>>()).join(" ");
        assert_eq!(
            words("serve --password hunter2 --port 80 --token=x -v"),
            "serve --password *** --port 80 --token=*** -v"
        );
        assert_eq!(words("sh -c echo"), "sh -c echo");
    }
}
