//! Values that look like secrets, masked: never printed. One masker for all that is shown, told or compared.

use crate::compare::seal::{Hide, MASK};
use crate::compare::secret::{
    compiled, is_hidden, is_password, is_said, is_secret_name, looks_secret, takes_password, without_secrets,
};
use regex::{Captures, Regex};
use std::sync::LazyLock;

/// A user, and what follows him, before the host of a URL.
static USERINFO: LazyLock<Regex> =
    LazyLock::new(|| compiled(r"(?P<scheme>[a-zA-Z][\w+.-]*://)(?P<who>[^/\s@]+)@"));

/// `?token=x` in a URL or a path.
static QUERY: LazyLock<Regex> =
    LazyLock::new(|| compiled(r#"(?P<head>[?&](?P<name>[\w.-]+)=)(?P<value>[^&\s"'#]+)"#));

/// `--password x`, `-p x`, `-px`, `-u a:b`, `--user=a:b` within a longer text.
static FLAG: LazyLock<Regex> = LazyLock::new(|| {
    compiled(
        r#"(?P<lead>^|[\s"'=(])(?P<flag>--?[A-Za-z][\w.-]*)(?P<gap>\s+|=)(?P<value>"[^"\n]*"|'[^'\n]*'|[^\s"']+)"#,
    )
});
static SHORT: LazyLock<Regex> =
    LazyLock::new(|| compiled(r#"(?P<lead>^|\s)-(?P<flag>[pu])(?P<value>[^\s"'=-][^\s"']*)"#));

/// `--password=x`, `password: x`, `API_KEY=x` within a longer text.
static PAIR: LazyLock<Regex> = LazyLock::new(|| {
    compiled(
        r#"(?m)(?P<name>[\w.-]+)(?P<quote>["']?)(?P<sign>\s*[:=]\s*)(?P<value>"[^"\n]*"|'[^'\n]*'|[^\s,;&]+)"#,
    )
});

/// `DB_PASSWORD=x` and `"password":"x"`.
static ASSIGNED: LazyLock<Regex> =
    LazyLock::new(|| compiled(r#"(?P<name>[\w.-]+)(?P<sign>=["']?|["']\s*:\s*["'])(?P<value>[^\s"',;&]+)"#));

/// `token: x` in a sentence.
static SPOKEN: LazyLock<Regex> =
    LazyLock::new(|| compiled(r#"(?P<name>[\w.-]+)(?P<sign>: )(?P<value>[^\s"',;&]+)"#));

/// What may be shown of a value of that name: the value, the value with its user and password cut out, or `***`.
pub fn masked(name: &str, value: &str, hide: Hide) -> String {
    if value.is_empty() {
        return String::new();
    }
    if is_secret_name(name) || looks_secret(value) {
        return hide.hide(value);
    }
    addresses(value, hide)
}

/// As `masked`, for a text that holds names and values of its own, line by line: a file of a ConfigMap, a command line.
pub fn masked_text(text: &str, hide: Hide) -> String {
    let mut block = SecretBlock::None;
    let lines = text.lines().map(|line| match block.holds(line) {
        true => hide.hide(line.trim()),
        false => masked_line(line, hide),
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Lines of which only the first one shows that they are secret.
enum SecretBlock {
    None,
    /// Up to its last line.
    Pem,
    /// A YAML block of a secret's name: what is indented deeper than that.
    Yaml(usize),
}

impl SecretBlock {
    /// Whether a line is of a block that has begun; one may begin with it.
    fn holds(&mut self, line: &str) -> bool {
        let indent = line.len() - line.trim_start().len();
        match self {
            SecretBlock::Pem => {
                if line.contains("-----END") {
                    *self = SecretBlock::None;
                }
                return true;
            }
            SecretBlock::Yaml(least) if line.trim().is_empty() || indent > *least => return true,
            SecretBlock::Yaml(_) | SecretBlock::None => *self = SecretBlock::None,
        }
        if line.contains("-----BEGIN") && !line.contains("-----END") {
            *self = SecretBlock::Pem;
        } else if let Some((name, value)) = line.split_once(':')
            && value.trim_start().starts_with(['|', '>'])
            && is_secret_name(name.trim().trim_matches(['"', '\'']))
        {
            *self = SecretBlock::Yaml(indent);
        }
        false
    }
}

fn masked_line(line: &str, hide: Hide) -> String {
    // First the line as a whole: a pair cut out of it could hide what gives the rest away.
    if looks_secret(line) {
        return hide.hide(line);
    }
    let line = flags(line, hide);
    let pairs = PAIR.replace_all(&line, |words: &Captures<'_>| {
        let is_secret = is_secret_name(&words["name"]) && !is_hidden(&words["value"]);
        let shown = if is_secret { hide.hide(&words["value"]) } else { words["value"].to_string() };
        format!("{}{}{}{shown}", &words["name"], &words["quote"], &words["sign"])
    });
    addresses(&pairs, hide)
}

/// Users, passwords and tokens of the URLs in a text.
fn addresses(text: &str, hide: Hide) -> String {
    let text = USERINFO.replace_all(text, |words: &Captures<'_>| {
        format!("{}{}@", &words["scheme"], hide.hide(&words["who"]))
    });
    let text = QUERY.replace_all(&text, |words: &Captures<'_>| {
        match is_secret_name(&words["name"]) && !is_hidden(&words["value"]) {
            true => format!("{}{}", &words["head"], hide.hide(&words["value"])),
            false => words[0].to_string(),
        }
    });
    text.into_owned()
}

/// The values of flags that name a secret, or a user with a password.
fn flags(line: &str, hide: Hide) -> String {
    let asks = takes_password(line);
    let text = FLAG.replace_all(line, |words: &Captures<'_>| {
        match flag_value(&words["flag"], &words["value"], asks, hide) {
            Some(shown) => format!("{}{}{}{shown}", &words["lead"], &words["flag"], &words["gap"]),
            None => words[0].to_string(),
        }
    });
    let text = SHORT.replace_all(&text, |words: &Captures<'_>| {
        let (flag, value) = (&words["flag"], &words["value"]);
        let shown = match flag {
            "p" if is_password(value, asks) && (asks || !value.contains('=')) => Some(hide.hide(value)),
            "u" if asks => account(value, hide),
            _ => None,
        };
        shown.map_or_else(|| words[0].to_string(), |shown| format!("{}-{flag}{shown}", &words["lead"]))
    });
    text.into_owned()
}

/// What to show of a flag's value where that is or holds a secret.
fn flag_value(flag: &str, value: &str, asks: bool, hide: Hide) -> Option<String> {
    let name = flag.trim_start_matches('-');
    if value.starts_with('-') || is_hidden(value) {
        return None;
    }
    match name {
        "p" => is_password(value, asks).then(|| hide.hide(value)),
        "u" | "user" | "proxy-user" | "creds" => account(value, hide),
        _ => is_secret_name(name).then(|| hide.hide(value)),
    }
}

/// `a:b` with its password hidden; numbers are a user's and a group's.
fn account(value: &str, hide: Hide) -> Option<String> {
    let (user, password) = value.split_once(':')?;
    let numbers = |text: &str| text.chars().all(|c| c.is_ascii_digit());
    let is_plain = password.is_empty() || password.starts_with("//") || is_hidden(password);
    let is_no_account = is_plain || (numbers(user) && numbers(password));
    (!is_no_account).then(|| format!("{user}:{}", hide.hide(password)))
}

/// A sentence as it is quoted, word for word, but for passwords and tokens within: evidence, what a server or a plugin says.
pub fn masked_quote(text: &str) -> String {
    let hide = Hide::Wholly;
    let text = addresses(text, hide);
    let text = without_secrets(&text);
    let text = flags(&text, hide);
    let named = |words: &Captures<'_>, is_value: bool| {
        let is_secret = is_value && is_secret_name(&words["name"]) && !is_hidden(&words["value"]);
        let shown = if is_secret { MASK } else { &words["value"] };
        format!("{}{}{shown}", &words["name"], &words["sign"])
    };
    let text = ASSIGNED.replace_all(&text, |words: &Captures<'_>| named(words, true));
    let told = SPOKEN.replace_all(&text, |words: &Captures<'_>| {
        let rest = words.get(0).map_or("", |all| &text[all.end()..]);
        named(words, !is_said(&words["value"], rest))
    });
    told.into_owned()
}

/// The words of a command line, its secret arguments masked: `--password x` and `--password=x`.
pub fn masked_list(words: &[String], hide: Hide) -> Vec<String> {
    let asks = words.iter().any(|word| takes_password(word));
    let mut shown: Vec<String> = Vec::with_capacity(words.len());
    for (index, word) in words.iter().enumerate() {
        let before = index.checked_sub(1).map(|before| words[before].as_str()).unwrap_or_default();
        let is_flag = before.starts_with('-') && !before.contains('=') && !word.starts_with('-');
        let as_value = is_flag.then(|| flag_value(before, word, asks, hide)).flatten();
        shown.push(as_value.unwrap_or_else(|| {
            let short = word
                .strip_prefix("-p")
                .filter(|value| !value.is_empty() && !word.contains(char::is_whitespace));
            match short.filter(|value| is_password(value, asks) && (asks || !value.contains('='))) {
                Some(value) => format!("-p{}", hide.hide(value)),
                None => masked_text(word, hide),
            }
        }));
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::{Hide, masked_quote};

    fn masked(name: &str, value: &str) -> String {
        super::masked(name, value, Hide::Wholly)
    }

    fn masked_text(text: &str) -> String {
        super::masked_text(text, Hide::Wholly)
    }

    fn masked_list(words: &[String]) -> Vec<String> {
        super::masked_list(words, Hide::Wholly)
    }

    /// What must never be seen, in whatever it stands: a file, a command line, a sentence.
    #[test]
    fn no_secret_is_seen_in_any_text() {
        const SECRET: &str = "hunter2x";
        for text in [
            "MYSQL_PW=hunter2x",
            "db.pw: hunter2x",
            "key sk_test_hunter2xhunter2x",
            "post to https://hooks.slack.com/services/T0/B0/hunter2x failed",
            "https://discord.com/api/webhooks/1/hunter2x",
            "GET :8080/healthz?token=hunter2x",
            "https://h/x?a=b&api_key=hunter2x#f",
            "mysql -uroot -phunter2x -h db",
            "mysql -u root -p hunter2x",
            "sh -c 'mysqldump -phunter2x shop'",
            "tool -p hunter2x",
            "curl --user=a:hunter2x https://h",
            "curl -u a:hunter2x https://h",
            "curl -ua:hunter2x https://h",
            "curl --user a:hunter2x https://h",
            "curl -H 'X-Api-Key: hunter2x' https://h",
            "login failed, token: hunter2x",
            "run with --password hunter2x please",
            "run with --password=hunter2x please",
            "--password 'hunter2x'",
            "jwt eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJodW50ZXIyIn0.hunter2x",
            "AWS_SECRET_ACCESS_KEY=hunter2x",
            "Server=tcp:db,1433;User Id=sa;Password=hunter2x;",
            "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=hunter2x;",
            "Endpoint=sb://a/;SharedAccessKey=hunter2x",
            "mongodb+srv://app:hunter2x@cluster0.example/db",
            "redis://:hunter2x@cache:6379",
            "Authorization: Bearer hunter2x",
            "refused: Bearer hunter2x",
            r#"{"client_secret": "hunter2x"}"#,
            r#"{"apiKey":"hunter2x","x":1}"#,
            "access_token=hunter2x id_token=hunter2x",
            "https://user:hunter2x@idp.example/token",
        ] {
            for shown in [masked_text(text), masked_quote(text)] {
                assert!(!shown.contains(SECRET) && shown.contains("***"), "{text} -> {shown}");
            }
            let words: Vec<String> = text.split(' ').map(str::to_string).collect();
            // A word of a list is one argument: what spans several is for a shell.
            if !text.contains(['\'', '"', ':']) {
                let shown = masked_list(&words).join(" ");
                assert!(!shown.contains(SECRET), "{text} -> {shown}");
            }
        }
    }

    #[test]
    fn blocks_of_lines_are_masked_to_their_end() {
        let pem =
            "a: 1\ntls.key: |\n  -----BEGIN PRIVATE KEY-----\n  short\n  -----END PRIVATE KEY-----\nb: 2";
        assert_eq!(masked_text(pem), "a: 1\ntls.key: ***\n***\n***\n***\nb: 2");
        assert_eq!(
            masked_text("-----BEGIN X-----\nab12\n-----END X-----\nlevel: debug"),
            "***\n***\n***\nlevel: debug"
        );
        assert_eq!(
            masked_text("db:\n  password: >-\n    hunter2\n\n    more\n  host: x"),
            "db:\n  password: ***\n***\n***\n***\n  host: x"
        );
    }

    /// What must stay readable: a mask over the cause of a fault, or over a difference, is a fault too.
    #[test]
    fn what_is_no_secret_stays_word_for_word() {
        for text in [
            "mkdir -p /data/cache",
            "sh -c mkdir -p data && ls",
            "serve -p 8080",
            "docker run -p 80:80 -u 1000:1000 app",
            "ssh -p 22 host",
            "app -profile=prod -port 80 -pidfile /run/x",
            "invalid token: expired at noon",
            "failed to get token: Unauthorized",
            "could not fetch token: 401 Unauthorized",
            r#"MountVolume.SetUp failed for volume "app-secret" : secret "db" not found"#,
            r#"MountVolume.SetUp failed for volume "kube-api-access-token" : failed to fetch token: pod not found"#,
            "password authentication failed for user \"app\"",
            "Secret shop/web has no key db-password",
            "couldn't find key token in Secret shop/web",
            "Get \"https://registry.example/v2/?page=2&n=100\": EOF",
            "image registry.example/shop/app@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        ] {
            assert_eq!(masked_quote(text), text);
        }
        for text in [
            "http.timeout: 50",
            "url=https://h/x?page=2",
            "user: root",
            "JAVA_OPTS=-Xmx512m -XX:+UseG1GC",
            "serve -p 8080",
            "mkdir -p /data",
        ] {
            assert_eq!(masked_text(text), text);
        }
    }

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
            ("missing API key: PAY_API_KEY is not set", "missing API key: PAY_API_KEY is not set"),
            ("env PAY_API_KEY: from Secret pay key api-key", "env PAY_API_KEY: from Secret pay key api-key"),
            ("password: HUNTER_2 refused", "password: *** refused"),
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
