//! What the configuration says about single clusters, by name or by pattern.

use std::collections::{BTreeMap, BTreeSet};
use wildmatch::WildMatch;

/// What the config says about one cluster.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// The name to show instead of the context's.
    pub alias: Option<String>,
    /// Other names that a catalog may use.
    pub aliases: Vec<String>,
    pub labels: BTreeMap<String, String>,
    /// Its silence never makes a run incomplete.
    pub optional: bool,
}

impl Settings {
    /// What is said about another context of the same cluster holds for it, too; its own comes first.
    pub fn joined(mut self, other: Settings) -> Settings {
        self.aliases.extend(other.alias);
        self.aliases.extend(other.aliases);
        for (key, value) in other.labels {
            self.labels.entry(key).or_insert(value);
        }
        self
    }
}

/// Gives what the config says of a pattern to each context that it fits, and gives back what cannot be meant for several. What it says
/// of a context by name comes first. A name that is a context's own is no pattern.
pub fn spread_patterns(settings: &mut BTreeMap<String, Settings>, contexts: &BTreeSet<&str>) -> Vec<String> {
    let is_pattern = |name: &String| name.contains(['*', '?']) && !contexts.contains(name.as_str());
    let patterns: Vec<String> = settings.keys().filter(|name| is_pattern(name)).cloned().collect();
    let mut wrong = Vec::new();
    for name in patterns {
        let Some(said) = settings.remove(&name) else { continue };
        for alias in said.alias.iter().chain(&said.aliases) {
            wrong
                .push(format!("clusters: the alias \"{alias}\" is not used, {name} may be several clusters"));
        }
        let glob = WildMatch::new(&name);
        for context in contexts.iter().filter(|context| glob.matches(context)) {
            let own = settings.entry(context.to_string()).or_default();
            own.optional |= said.optional;
            for (key, value) in &said.labels {
                own.labels.entry(key.clone()).or_insert_with(|| value.clone());
            }
        }
    }
    wrong
}

/// Takes out the aliases that would call two clusters alike, and gives back what is wrong with each.
pub fn drop_clashing(settings: &mut BTreeMap<String, Settings>, contexts: &BTreeSet<&str>) -> Vec<String> {
    let mut of_alias: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (context, settings) in settings.iter().filter(|(context, _)| contexts.contains(context.as_str())) {
        settings.alias.iter().for_each(|alias| {
            of_alias.entry(alias.clone()).or_default().push(context.clone());
        });
    }
    let mut wrong = Vec::new();
    for (alias, called) in of_alias {
        let is_taken = contexts.contains(alias.as_str()) && called != [alias.clone()];
        if called.len() < 2 && !is_taken {
            continue;
        }
        let context = if is_taken { "; a context is called so, too" } else { "" };
        wrong.push(format!(
            "clusters: the alias \"{alias}\" is not used, it stands for {}{context}",
            called.join(" and ")
        ));
        for context in called {
            settings.entry(context).and_modify(|settings| settings.alias = None);
        }
    }
    wrong
}

#[cfg(test)]
mod tests {
    use super::{Settings, drop_clashing, spread_patterns};
    use std::collections::BTreeMap;

    #[test]
    fn an_alias_that_would_call_two_clusters_alike_is_not_used() {
        let of = |alias: &str| Settings { alias: Some(alias.to_string()), ..Settings::default() };
        let named = [("a", "x"), ("b", "x"), ("c", "d"), ("e", "fine"), ("f", "f"), ("gone", "fine")];
        let mut settings: BTreeMap<String, Settings> =
            named.into_iter().map(|(context, alias)| (context.to_string(), of(alias))).collect();
        let wrong = drop_clashing(&mut settings, &["a", "b", "c", "d", "e", "f"].into());
        assert_eq!(
            wrong,
            [
                "clusters: the alias \"d\" is not used, it stands for c; a context is called so, too",
                "clusters: the alias \"x\" is not used, it stands for a and b",
            ]
        );
        let kept: Vec<&str> =
            settings.iter().filter(|(_, one)| one.alias.is_some()).map(|(name, _)| name.as_str()).collect();
        assert_eq!(kept, ["e", "f", "gone"]);
    }

    #[test]
    fn what_is_said_of_a_pattern_is_said_of_each_context_that_it_fits() {
        let labels = |text: &str| BTreeMap::from([("tier".to_string(), text.to_string())]);
        let of = |optional, tier: &str| Settings { optional, labels: labels(tier), ..Settings::default() };
        let mut settings = BTreeMap::from([
            ("old-*".to_string(), of(true, "old")),
            ("old-2".to_string(), of(false, "own")),
            ("x*".to_string(), Settings { alias: Some("x".to_string()), ..of(false, "x") }),
            ("us-*".to_string(), of(true, "star")),
        ]);
        let wrong = spread_patterns(&mut settings, &["old-1", "old-2", "new-1", "us-*", "us-1", "x1"].into());
        assert_eq!(wrong, ["clusters: the alias \"x\" is not used, x* may be several clusters"]);
        let told: Vec<(&str, bool, &str)> = settings
            .iter()
            .map(|(name, one)| (name.as_str(), one.optional, one.labels["tier"].as_str()))
            .collect();
        // A context that is called as a pattern is meant alone.
        assert_eq!(
            told,
            [("old-1", true, "old"), ("old-2", true, "own"), ("us-*", true, "star"), ("x1", false, "x")]
        );
    }
}
