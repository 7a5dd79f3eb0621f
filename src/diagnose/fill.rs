//! Fills a rule's sentences and commands with what is known of a case.

use crate::text;
use crate::text::shell_operand;

/// Names and what they stand for here. An empty value is no value.
#[derive(Debug, Clone, Default)]
pub struct Placeholders(Vec<(String, String)>);

impl Placeholders {
    pub fn with(mut self, name: &str, value: impl AsRef<str>) -> Placeholders {
        self.set(name, value.as_ref());
        self
    }

    pub fn set(&mut self, name: &str, value: &str) {
        let value = text::safe(value.trim());
        if !value.is_empty() {
            self.0.retain(|(known, _)| known != name);
            self.0.push((name.to_string(), value));
        }
    }

    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The same, each value one word of a shell; what a command would take for a flag is not known.
    pub fn quoted(&self) -> Placeholders {
        Placeholders(
            self.0.iter().filter_map(|(name, value)| Some((name.clone(), shell_operand(value)?))).collect(),
        )
    }
}

/// `{name}` becomes the fact. What stands in `[` `]` falls away where a fact in it is not known; outside of
/// brackets an unknown fact makes the whole `None`. A brace is itself where no lower-case name follows it.
pub fn fill(template: &str, facts: &Placeholders) -> Option<String> {
    let mut out = String::new();
    let mut rest = template;
    while let Some(at) = rest.find('[') {
        let Some(end) = rest[at..].find(']') else { break };
        out += &plain(&rest[..at], facts)?;
        out += &plain(&rest[at + 1..at + end], facts).unwrap_or_default();
        rest = &rest[at + end + 1..];
    }
    out += &plain(rest, facts)?;
    Some(out)
}

/// As `fill`, for a command, in which brackets are themselves.
pub fn plain(template: &str, facts: &Placeholders) -> Option<String> {
    let mut out = String::new();
    let mut rest = template;
    while let Some(at) = rest.find('{') {
        out += &rest[..at];
        rest = &rest[at + 1..];
        let name = rest.split('}').next().unwrap_or_default();
        if name.is_empty() || name.len() == rest.len() || !name.chars().all(|c| c.is_ascii_lowercase()) {
            out.push('{');
            continue;
        }
        out += facts.get(name)?;
        rest = &rest[name.len() + 1..];
    }
    Some(out + rest)
}

#[cfg(test)]
mod tests {
    use super::{Placeholders, fill};

    #[track_caller]
    fn check(template: &str, expect: Option<&str>) {
        let facts =
            Placeholders::default().with("container", "app").with("empty", " ").with("odd", "a\u{1b}[0m");
        assert_eq!(fill(template, &facts).as_deref(), expect, "{template}");
    }

    #[test]
    fn templates_are_filled() {
        check("{container} fails", Some("app fails"));
        check("{container} fails[: {what}]", Some("app fails"));
        check("fails[ in {container}], so", Some("fails in app, so"));
        check("{what}", None);
        check("{empty}", None);
        check("jsonpath={.data} of {container}", Some("jsonpath={.data} of app"));
        check("open [ and { stay", Some("open [ and { stay"));
        check("{odd}", Some("a\u{fffd}[0m"));
    }
}
