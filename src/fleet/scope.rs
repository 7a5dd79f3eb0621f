//! Which clusters a run may ask: literal names, globs, exclusions, groups, and one identity counted once.

use crate::fleet::kubeconfig::KubeconfigProblem;
use crate::fleet::settings::Settings;
use crate::text::listed;
use anyhow::{Result, bail};
use std::collections::{BTreeMap, BTreeSet};
use wildmatch::WildMatch;

/// How many contexts a mistake names before it counts the rest.
const MOST_NAMES: usize = 8;

/// Which clusters, as flags and config say it.
#[derive(Clone, Debug, Default)]
pub struct FleetScope {
    /// `--context`, one entry each time it was given: a name, `GLOB`, `!GLOB`, `@group`, or a comma list of these.
    /// Empty means all.
    pub contexts: Vec<String>,
    /// The config's choice, which counts where `contexts` is empty. It stands for a group: what it names may be excluded, and counts
    /// once an identity.
    pub lasting: Vec<String>,
    /// Cluster groups of the config: name to patterns of the same form.
    pub groups: BTreeMap<String, Vec<String>>,
    /// What the config says about single clusters, by context name.
    pub settings: BTreeMap<String, Settings>,
}

/// Something that may be chosen: a context, in fleet order.
#[derive(Clone, Debug)]
pub struct ContextCandidate {
    pub name: String,
    /// Names that stand for it too: its alias and the config's aliases.
    pub names: Vec<String>,
    /// What makes two contexts one cluster.
    pub identity: ClusterIdentity,
    pub is_current: bool,
    /// It is chosen only by its literal name.
    pub runs_nothing: bool,
}

/// A server, and how it is reached and trusted.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct ServerIdentity {
    pub address: ServerAddress,
    pub proxy: Option<String>,
    pub tls_server_name: Option<String>,
    /// Whom its certificate is trusted by.
    pub authority: Option<String>,
    pub is_insecure: bool,
}

/// Where a server is.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum ServerAddress {
    Url {
        host: String,
        port: u16,
        tls: bool,
        path: String,
    },
    /// A text that cannot be used as a URL.
    Unusable(String),
}

/// Two contexts with one identity are one cluster. Those with one server and two users may be one or two: a proxy may choose
/// the cluster by the credential.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct ClusterIdentity {
    pub server: ServerIdentity,
    /// Which of the users that this server is reached with, by content.
    pub user: usize,
}

/// A chosen candidate, by index, and the contexts of the same identity, by index too.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Choice {
    pub index: usize,
    pub others: Vec<usize>,
    /// It was named by its literal name.
    pub is_named: bool,
}

/// Chooses clusters. A word that matches nothing is an error with the closest names; one that means a broken context
/// only where nothing else is chosen, since the problem is told anyway.
pub fn choose(
    candidates: &[ContextCandidate],
    scope: &FleetScope,
    problems: &[KubeconfigProblem],
) -> Result<Vec<Choice>> {
    let mut pick = Pick::new(candidates, &scope.groups, problems);
    for word in &scope.contexts {
        pick.word(word, &mut Vec::new())?;
    }
    if scope.contexts.is_empty() {
        pick.by_glob = pick.members(&scope.lasting, &mut Vec::new())?;
    }
    let is_empty = pick.literal.is_empty() && pick.by_glob.is_empty();
    if is_empty && !pick.broken.is_empty() {
        let told: Vec<String> = pick.broken.iter().map(|index| problems[*index].to_string()).collect();
        bail!(told.join("; "));
    }
    let only_exclusions = is_empty && !scope.contexts.is_empty();
    let is_unchosen = scope.contexts.is_empty() && scope.lasting.is_empty();
    if is_unchosen || (only_exclusions && pick.excludes) {
        pick.by_glob = pick.all();
    }
    let chosen: BTreeSet<usize> = pick.by_glob.difference(&pick.out).chain(&pick.literal).copied().collect();
    Ok(once_each(candidates, &chosen, &pick.literal))
}

/// The broken contexts that the words of `--context` mean.
pub fn meant_broken(
    candidates: &[ContextCandidate],
    scope: &FleetScope,
    problems: &[KubeconfigProblem],
) -> BTreeSet<String> {
    let mut pick = Pick::new(candidates, &scope.groups, problems);
    // What a word means beside, or that it means nothing, is for the choice to tell.
    scope.contexts.iter().for_each(|word| drop(pick.word(word, &mut Vec::new())));
    pick.broken.iter().filter_map(|index| problems[*index].context.clone()).collect()
}

/// Takes the words out of the lasting choice that mean nothing, or nothing any more, and gives back what is wrong with each. Where
/// none is left it is an error: everything is not what was chosen. `is_open`: a source did not tell its clusters, and any word may mean
/// one of those; then the same goes for the words of `--context`.
pub fn drop_unknown(
    candidates: &[ContextCandidate],
    scope: &mut FleetScope,
    problems: &[KubeconfigProblem],
    is_open: bool,
) -> Result<Vec<String>> {
    let mut wrong = Vec::new();
    let FleetScope { contexts, lasting, groups, .. } = scope;
    let is_lasting = contexts.is_empty();
    let (words, named) = if is_lasting { (lasting, "contexts: ") } else { (contexts, "") };
    if !is_lasting && !is_open {
        return Ok(wrong);
    }
    let before = words.len();
    words.retain(|word| {
        let meant = Pick::new(candidates, groups, problems).word(word, &mut Vec::new());
        meant.map_err(|error| wrong.push(format!("{named}{error}"))).is_ok()
    });
    if words.is_empty() && before > 0 {
        anyhow::ensure!(is_open, "the configuration: {}", wrong.join("; "));
        // A word that no cluster has: what is not told stays the only answer.
        words.push("!*".to_string());
    }
    Ok(wrong)
}

struct Pick<'a> {
    candidates: &'a [ContextCandidate],
    problems: &'a [KubeconfigProblem],
    /// The problems of contexts that were meant.
    broken: BTreeSet<usize>,
    groups: &'a BTreeMap<String, Vec<String>>,
    literal: BTreeSet<usize>,
    by_glob: BTreeSet<usize>,
    out: BTreeSet<usize>,
    /// There was a word that excludes, whether it excludes anything or not.
    excludes: bool,
}

impl<'a> Pick<'a> {
    fn new(
        candidates: &'a [ContextCandidate],
        groups: &'a BTreeMap<String, Vec<String>>,
        problems: &'a [KubeconfigProblem],
    ) -> Pick<'a> {
        Pick {
            candidates,
            problems,
            broken: BTreeSet::new(),
            groups,
            literal: BTreeSet::new(),
            by_glob: BTreeSet::new(),
            out: BTreeSet::new(),
            excludes: false,
        }
    }

    /// One word of the scope. A literal name wins over every other reading: EKS names hold `:` and `/`, others commas.
    fn word(&mut self, word: &str, inside: &mut Vec<String>) -> Result<()> {
        let word = word.trim();
        if let Some(index) = self.named(word) {
            self.literal.insert(index);
            return Ok(());
        }
        if self.is_broken(|name| name == word) {
            return Ok(());
        }
        if word.contains(',') {
            return word
                .split(',')
                .filter(|part| !part.trim().is_empty())
                .try_for_each(|part| self.word(part, inside));
        }
        if let Some(pattern) = word.strip_prefix('!') {
            return self.exclude(pattern, inside);
        }
        if let Some(group) = word.strip_prefix('@') {
            return self.group(group, inside);
        }
        let found = self.matching(word);
        let glob = WildMatch::new(word);
        if found.is_empty() && !self.is_broken(|name| glob.matches(name)) {
            bail!(self.unknown(word));
        }
        self.by_glob.extend(found);
        Ok(())
    }

    fn exclude(&mut self, pattern: &str, inside: &mut Vec<String>) -> Result<()> {
        self.excludes = true;
        if let Some(index) = self.named(pattern) {
            self.out.insert(index);
        } else if let Some(group) = pattern.strip_prefix('@') {
            let mut apart = self.apart();
            apart.group(group, inside)?;
            let members: Vec<usize> =
                apart.by_glob.difference(&apart.out).chain(&apart.literal).copied().collect();
            self.out.extend(members);
        } else {
            // An exclusion that excludes nothing asks for nothing wrong.
            self.out.extend(self.matching(pattern));
        }
        Ok(())
    }

    fn group(&mut self, name: &str, inside: &mut Vec<String>) -> Result<()> {
        let Some(words) = self.groups.get(name) else {
            let close = crate::text::closest(name, self.groups.keys().map(String::as_str));
            bail!("no cluster group \"{name}\" in the config{}", suggestion(&close, "@"));
        };
        if inside.iter().any(|outer| outer == name) {
            bail!("cluster group \"{name}\" contains itself");
        }
        inside.push(name.to_string());
        let members = self.members(words, inside)?;
        inside.pop();
        self.by_glob.extend(members);
        Ok(())
    }

    /// What the words of a group mean. It is not what the user named: it may still be excluded, and counts once an identity. Words that
    /// only exclude mean all others.
    fn members(&mut self, words: &[String], inside: &mut Vec<String>) -> Result<BTreeSet<usize>> {
        let mut apart = self.apart();
        words.iter().try_for_each(|word| apart.word(word, inside))?;
        if apart.by_glob.is_empty() && apart.literal.is_empty() && apart.excludes {
            apart.by_glob = apart.all();
        }
        let members = apart.by_glob.difference(&apart.out).chain(&apart.literal).copied().collect();
        let broken = apart.broken;
        self.broken.extend(broken);
        Ok(members)
    }

    /// The same candidates, nothing picked.
    fn apart(&self) -> Pick<'a> {
        Pick::new(self.candidates, self.groups, self.problems)
    }

    /// Whether a broken context has such a name, which is then kept in mind.
    fn is_broken(&mut self, is_meant: impl Fn(&str) -> bool) -> bool {
        let meant = |problem: &KubeconfigProblem| problem.context.as_deref().is_some_and(&is_meant);
        let found: Vec<usize> =
            (0..self.problems.len()).filter(|index| meant(&self.problems[*index])).collect();
        let is_any = !found.is_empty();
        self.broken.extend(found);
        is_any
    }

    fn named(&self, word: &str) -> Option<usize> {
        let by_name = self.candidates.iter().position(|candidate| candidate.name == word);
        by_name.or_else(|| {
            self.candidates.iter().position(|candidate| candidate.names.iter().any(|name| name == word))
        })
    }

    fn matching(&self, pattern: &str) -> Vec<usize> {
        let glob = WildMatch::new(pattern);
        let matches = |candidate: &ContextCandidate| {
            glob.matches(&candidate.name) || candidate.names.iter().any(|name| glob.matches(name))
        };
        self.all().into_iter().filter(|index| matches(&self.candidates[*index])).collect()
    }

    /// All that anything may run in.
    fn all(&self) -> BTreeSet<usize> {
        (0..self.candidates.len()).filter(|index| !self.candidates[*index].runs_nothing).collect()
    }

    fn unknown(&self, word: &str) -> String {
        let names = self.candidates.iter().flat_map(|one| one.names.iter().chain([&one.name]));
        let close = crate::text::closest(word, names.map(String::as_str));
        let shown: Vec<&String> = self.candidates.iter().map(|one| &one.name).collect();
        let known = match close.is_empty() && !shown.is_empty() {
            true => format!("; there are {}", listed(&shown, MOST_NAMES)),
            false => suggestion(&close, ""),
        };
        match word.contains(['*', '?', '[']) {
            true => format!("no context matches \"{word}\"{known}"),
            false => format!("no context \"{word}\"{known}"),
        }
    }
}

fn suggestion(close: &[&str], prefix: &str) -> String {
    let quoted: Vec<String> = close.iter().map(|name| format!("\"{prefix}{name}\"")).collect();
    match quoted.is_empty() {
        true => String::new(),
        false => format!("; did you mean {}?", quoted.join(" or ")),
    }
}

/// Keeps one context an identity: all that were named literally, else the current one, else the first.
fn once_each(
    candidates: &[ContextCandidate],
    chosen: &BTreeSet<usize>,
    literal: &BTreeSet<usize>,
) -> Vec<Choice> {
    let mut kept: Vec<Choice> = Vec::new();
    for &index in chosen {
        let same: Vec<usize> = (0..candidates.len())
            .filter(|other| candidates[*other].identity == candidates[index].identity)
            .collect();
        let rivals = || same.iter().filter(|other| chosen.contains(other));
        let named = same.iter().any(|other| literal.contains(other));
        let first =
            rivals().find(|other| candidates[**other].is_current).or_else(|| rivals().next()).copied();
        let is_named = literal.contains(&index);
        if is_named || (!named && first == Some(index)) {
            // Those that are kept themselves stand for themselves.
            let others = same.iter().filter(|other| **other != index && !literal.contains(other));
            kept.push(Choice { index, others: others.copied().collect(), is_named });
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::{
        ClusterIdentity, ContextCandidate, FleetScope, ServerAddress, ServerIdentity, choose, drop_unknown,
        meant_broken,
    };
    use crate::fleet::kubeconfig::KubeconfigProblem;
    use std::collections::BTreeMap;

    const ARN: &str = "arn:aws:eks:eu-west-1:1:cluster/prod";

    /// Three servers behind six contexts; `eu-admin` is the current one.
    fn at(server: &str) -> ServerIdentity {
        ServerIdentity {
            address: ServerAddress::Unusable(server.to_string()),
            proxy: None,
            tls_server_name: None,
            authority: None,
            is_insecure: false,
        }
    }

    fn candidates() -> Vec<ContextCandidate> {
        [("eu-1", "a"), ("eu-admin", "a"), ("us-1", "b"), ("us-*", "b"), (ARN, "c"), ("x,y", "d")]
            .iter()
            .map(|(name, server)| ContextCandidate {
                name: name.to_string(),
                names: if *name == "us-1" { vec!["america".to_string()] } else { Vec::new() },
                identity: ClusterIdentity { server: at(server), user: 0 },
                is_current: *name == "eu-admin",
                runs_nothing: false,
            })
            .collect()
    }

    /// What became of a context whose cluster is missing.
    fn without_cluster() -> KubeconfigProblem {
        KubeconfigProblem {
            file: "config".into(),
            at: None,
            context: Some("lost".into()),
            text: "no cluster".into(),
        }
    }

    #[track_caller]
    fn check(words: &[&str], expect: Result<&[&str], &str>) {
        let groups = BTreeMap::from([
            ("west".to_string(), vec!["us-1".to_string(), "arn:*".to_string()]),
            ("old".to_string(), vec!["us-1".to_string(), "lost".to_string()]),
            ("loop".to_string(), vec!["@loop".to_string()]),
        ]);
        let contexts = words.iter().map(|word| word.to_string()).collect();
        let all = candidates();
        let scope = FleetScope { contexts, groups, ..FleetScope::default() };
        let chosen = choose(&all, &scope, &[without_cluster()]).map_err(|error| error.to_string());
        let names =
            chosen.map(|chosen| chosen.iter().map(|one| all[one.index].name.clone()).collect::<Vec<_>>());
        let names = names.as_ref().map(|names| names.iter().map(String::as_str).collect::<Vec<_>>());
        assert_eq!(names.as_deref().map_err(|error| error.as_str()), expect, "{words:?}");
    }

    #[test]
    fn a_server_counts_once_and_under_the_current_context() {
        check(&[], Ok(&["eu-admin", "us-1", ARN, "x,y"]));
        check(&["eu-*"], Ok(&["eu-admin"]));
        check(&["eu-1*"], Ok(&["eu-1"]));
        let all = choose(&candidates(), &FleetScope::default(), &[]).expect("all");
        assert_eq!(all[0].others, [0]);
        assert!(!all[0].is_named);
    }

    fn lasting(words: &[&str]) -> Result<(Vec<String>, Vec<String>), String> {
        let groups = BTreeMap::from([("west".to_string(), vec!["us-1".to_string()])]);
        let lasting = words.iter().map(|word| word.to_string()).collect();
        let (all, problems) = (candidates(), [without_cluster()]);
        let mut scope = FleetScope { lasting, groups, ..FleetScope::default() };
        let wrong = drop_unknown(&all, &mut scope, &problems, false).map_err(|error| error.to_string())?;
        let chosen = choose(&all, &scope, &problems).map_err(|error| error.to_string())?;
        assert!(chosen.iter().all(|one| !one.is_named), "{words:?}");
        Ok((chosen.iter().map(|one| all[one.index].name.clone()).collect(), wrong))
    }

    #[test]
    fn the_lasting_choice_is_a_group_and_survives_a_context_that_is_gone() {
        let check = |words: &[&str], expect: &[&str], wrong: &[&str]| {
            let (names, told) = lasting(words).expect("chosen");
            assert_eq!(names, expect, "{words:?}");
            assert_eq!(told, wrong, "{words:?}");
        };
        check(&[], &["eu-admin", "us-1", ARN, "x,y"], &[]);
        check(&["eu-1", "eu-admin", "us-*"], &["eu-admin", "us-*"], &[]);
        check(&["!eu*"], &["us-1", ARN, "x,y"], &[]);
        check(&["!kind-*"], &["eu-admin", "us-1", ARN, "x,y"], &[]);
        check(&["@west", "x,y"], &["us-1", "x,y"], &[]);
        check(&["eu-2", "us-1"], &["us-1"], &["contexts: no context \"eu-2\"; did you mean \"eu-1\"?"]);
        check(
            &["@wets", "us-1"],
            &["us-1"],
            &["contexts: no cluster group \"wets\" in the config; did you mean \"@west\"?"],
        );
        assert!(
            lasting(&["nope"]).expect_err("nothing").starts_with("the configuration: contexts: no context")
        );
        let given = FleetScope {
            contexts: vec!["x,y".to_string()],
            lasting: vec!["nope".to_string()],
            ..FleetScope::default()
        };
        let chosen = choose(&candidates(), &given, &[]);
        assert!(
            drop_unknown(&candidates(), &mut given.clone(), &[], false).expect("not looked at").is_empty()
        );
        assert_eq!(chosen.expect("by name").len(), 1);
    }

    #[test]
    fn a_broken_context_is_asked_for_by_the_words_that_mean_it() {
        let asked = |words: &[&str]| {
            let contexts = words.iter().map(|word| word.to_string()).collect();
            let scope = FleetScope { contexts, ..FleetScope::default() };
            meant_broken(&candidates(), &scope, &[without_cluster()]).len()
        };
        assert_eq!((asked(&[]), asked(&["eu-1"]), asked(&["!lost"])), (0, 0, 0));
        assert_eq!((asked(&["lost"]), asked(&["eu-1,lost"]), asked(&["los*"])), (1, 1, 1));
    }

    #[test]
    fn another_user_is_another_cluster_until_it_is_proven() {
        let mut all = candidates();
        all[1].identity.user = 1;
        let chosen = choose(&all, &FleetScope::default(), &[]).expect("all");
        let kept: Vec<usize> = chosen.iter().map(|one| one.index).collect();
        assert_eq!(kept, [0, 1, 2, 4, 5]);
        assert!(chosen[0].others.is_empty() && chosen[1].others.is_empty());
        assert_eq!(chosen[2].others, [3]);
    }

    #[test]
    fn literal_names_are_all_kept_and_win_over_globs() {
        check(&["eu-1", "eu-admin"], Ok(&["eu-1", "eu-admin"]));
        check(&["us-*"], Ok(&["us-*"]));
        check(&[ARN], Ok(&[ARN]));
        check(&["x,y"], Ok(&["x,y"]));
        check(&["us-1,eu-1"], Ok(&["eu-1", "us-1"]));
        check(&["america"], Ok(&["us-1"]));
        check(&["amer*"], Ok(&["us-1"]));
    }

    #[test]
    fn exclusions_and_groups() {
        check(&["!eu-*"], Ok(&["us-1", ARN, "x,y"]));
        // What excludes nothing leaves everything.
        check(&["!kind-*"], Ok(&["eu-admin", "us-1", ARN, "x,y"]));
        check(&["*", "!arn:*"], Ok(&["eu-admin", "us-1", "x,y"]));
        check(&["*,!arn:*,!x*"], Ok(&["eu-admin", "us-1"]));
        check(&["@west"], Ok(&["us-1", ARN]));
        check(&["@west", "!us-1"], Ok(&[ARN]));
        check(&["!@west"], Ok(&["eu-admin", "us-*", "x,y"]));
        check(&["eu-1", "!*"], Ok(&["eu-1"]));
    }

    #[test]
    fn a_broken_context_is_an_error_only_where_nothing_else_was_named() {
        check(&["lost", "eu-1"], Ok(&["eu-1"]));
        check(&["eu-1,lost"], Ok(&["eu-1"]));
        check(&["@old"], Ok(&["us-1"]));
        check(&["los*", "us-1"], Ok(&["us-1"]));
        for words in [&["lost"][..], &["los*"], &["lost", "!eu-*"], &["lost,lost"]] {
            check(words, Err("config: no cluster"));
        }
        check(&["eu-*", "!lost"], Ok(&["eu-admin"]));
    }

    #[test]
    fn what_matches_nothing_is_an_error_with_the_closest() {
        check(&["us1"], Err("no context \"us1\"; did you mean \"us-1\"?"));
        let known = "eu-1, eu-admin, us-1, us-*, arn:aws:eks:eu-west-1:1:cluster/prod, x,y";
        check(&["ap-*"], Err(&format!("no context matches \"ap-*\"; there are {known}")));
        check(&["@wst"], Err("no cluster group \"wst\" in the config; did you mean \"@west\"?"));
        check(&["@loop"], Err("cluster group \"loop\" contains itself"));
    }
}
