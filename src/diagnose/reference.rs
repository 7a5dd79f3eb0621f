//! Where what a process misses should have come from: the Secret or ConfigMap that its container takes it from.

use crate::diagnose::failed_container::FailedContainer;
use crate::diagnose::fill::Placeholders;
use crate::pattern::LazyRegex;
use crate::workload::{Container, EnvVar};

/// A variable of the container that a line is about, as its spec refers to it.
#[derive(Debug, PartialEq)]
pub struct VariableReference {
    /// `env API_KEY: from Secret pay key api-key, optional`.
    pub text: String,
    secret: Option<String>,
    config: Option<String>,
}

impl VariableReference {
    /// Adds what commands may name: `secret` or `config`.
    pub fn tell(&self, facts: &mut Placeholders) {
        facts.set("secret", self.secret.as_deref().unwrap_or_default());
        facts.set("config", self.config.as_deref().unwrap_or_default());
    }
}

/// What a line misses, where the container takes it from a Secret or a ConfigMap: a variable that the line names, one
/// whose key it names, or any of a whole Secret or ConfigMap. Nothing where the line misses nothing.
pub fn missed(failed: &FailedContainer, line: &str) -> Option<VariableReference> {
    let container = failed.container.spec?;
    if !MISSES.is_match(line) {
        return None;
    }
    let words = plain(line);
    let named = |variable: &&EnvVar| holds(&words, &plain(&variable.name));
    let keyed =
        |variable: &&EnvVar| key(variable).is_some_and(|key| key.contains('_') && holds(&words, &key));
    match container.env.iter().find(named).or_else(|| container.env.iter().find(keyed)) {
        Some(variable) => of_variable(variable),
        None if VARIABLE.is_match(line) => of_all(container),
        None => None,
    }
}

static MISSES: LazyRegex = LazyRegex::new(
    r"missing|not (set|defined|found|provided|present)|unset|undefined|unbound|required|must (be|set|define)|empty|no value|KeyError",
);
/// A name that looks like a variable's.
static VARIABLE: LazyRegex = LazyRegex::new(r"\b(?-i:[A-Z][A-Z0-9]*_[A-Z0-9_]+)\b");

fn of_variable(variable: &EnvVar) -> Option<VariableReference> {
    let from = &variable.value_from;
    let (kind, reference) = match (&from.secret_key_ref, &from.config_map_key_ref) {
        (Some(secret), _) => ("Secret", secret),
        (_, Some(config)) => ("ConfigMap", config),
        _ => return None,
    };
    let optional = if reference.optional { ", optional" } else { "" };
    let text =
        format!("env {}: from {kind} {} key {}{optional}", variable.name, reference.name, reference.key);
    let name = |of: &str| Some(reference.name.clone()).filter(|_| kind == of);
    Some(VariableReference { text, secret: name("Secret"), config: name("ConfigMap") })
}

/// A variable that the spec does not list may be a key of what is taken as a whole.
fn of_all(container: &Container) -> Option<VariableReference> {
    let secret = container.env_from.iter().find_map(|from| from.secret_ref.as_ref());
    let config = container.env_from.iter().find_map(|from| from.config_map_ref.as_ref());
    let (secret, config) = (secret.map(|all| all.name.clone()), config.map(|all| all.name.clone()));
    let named = [("Secret", &secret), ("ConfigMap", &config)];
    let named: Vec<String> =
        named.iter().filter_map(|(kind, name)| Some(format!("{kind} {}", name.as_ref()?))).collect();
    (!named.is_empty()).then(|| VariableReference {
        text: format!("env from {}", named.join(", ")),
        secret,
        config,
    })
}

fn key(variable: &EnvVar) -> Option<String> {
    let from = &variable.value_from;
    let key = from.secret_key_ref.as_ref().or(from.config_map_key_ref.as_ref())?;
    Some(plain(&key.key))
}

/// Letters and digits in lower case, all else one underscore: `API key` and `api-key` are the same.
fn plain(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        if c.is_alphanumeric() {
            out.extend(c.to_lowercase());
        } else if !out.ends_with('_') {
            out.push('_');
        }
    }
    out
}

/// Whether a plain text holds a plain name as whole words.
fn holds(line: &str, name: &str) -> bool {
    let name = name.trim_matches('_');
    !name.is_empty() && format!("_{}_", line.trim_matches('_')).contains(&format!("_{name}_"))
}

#[cfg(test)]
mod tests {
    use super::{holds, plain};

    #[test]
    fn names_are_found_however_they_are_written() {
        assert!(holds(&plain("FATAL missing API key"), &plain("api-key")));
        assert!(holds(&plain("PAY_API_KEY is not set"), &plain("PAY_API_KEY")));
        assert!(!holds(&plain("PAY_API_KEYS is not set"), &plain("PAY_API_KEY")));
        assert!(!holds(&plain("anything"), &plain("")));
    }
}
