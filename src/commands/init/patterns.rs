//! Contexts that belong together by their names, each set with the glob that means exactly it.

use std::collections::BTreeMap;

use wildmatch::WildMatch;

use crate::commands::init::origin::ContextOrigin;

/// Contexts, by index, and the word that means them in `contexts:`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ContextGroup {
    pub word: String,
    pub members: Vec<usize>,
}

/// The contexts in groups, each in one, in the order of the first of each group.
pub fn grouped(contexts: &[(&str, &ContextOrigin)]) -> Vec<ContextGroup> {
    let mut of_glob: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (index, (name, origin)) in contexts.iter().enumerate() {
        of_glob.entry(glob(name, origin)).or_default().push(index);
    }
    let mut groups: Vec<ContextGroup> = Vec::new();
    for (word, members) in of_glob {
        let matching = WildMatch::new(&word);
        let is_exact = || {
            let means = |index: &usize| matching.matches(contexts[*index].0);
            (0..contexts.len()).filter(means).eq(members.iter().copied())
        };
        match members.len() > 1 && is_word(&word) && is_exact() {
            true => groups.push(ContextGroup { word, members }),
            false => groups.extend(
                members
                    .into_iter()
                    .map(|index| ContextGroup { word: contexts[index].0.to_string(), members: vec![index] }),
            ),
        }
    }
    groups.sort_by_key(|group| group.members[0]);
    groups
}

/// Whether a glob is read as one, and as a whole.
fn is_word(glob: &str) -> bool {
    !glob.starts_with(['!', '@']) && !glob.contains(',') && glob.trim() == glob
}

/// The glob that a context's relatives have in common with it.
fn glob(name: &str, origin: &ContextOrigin) -> String {
    if let (Some(account), Some(rest)) = (&origin.account, name.strip_prefix("arn:")) {
        let partition = rest.split(':').next().unwrap_or_default();
        return format!("arn:{partition}:eks:*:{account}:cluster/*");
    }
    if let (Some(account), Some((tool, _))) = (&origin.account, name.split_once('_')) {
        return format!("{tool}_{account}_*");
    }
    if name.ends_with(".eksctl.io") {
        return "*.eksctl.io".to_string();
    }
    match name.find(['-', '_', '.', '/', '@', ':']).filter(|at| *at > 0) {
        Some(at) => format!("{}*", &name[..=at]),
        None => name.to_string(),
    }
}

/// The words that choose the ticked groups and no other. Where most are ticked the others are excluded, so that a context that
/// comes later belongs to the fleet; `others_of` names the contexts that a cluster has beside its own, which are excluded with it.
pub fn words(
    groups: &[ContextGroup],
    ticked: &[usize],
    others_of: impl Fn(usize) -> Vec<String>,
) -> Vec<String> {
    let is_ticked = |index: &usize| ticked.contains(index);
    let (chosen, others): (Vec<usize>, Vec<usize>) = (0..groups.len()).partition(is_ticked);
    if others.len() > chosen.len() {
        return chosen.iter().map(|index| groups[*index].word.clone()).collect();
    }
    let mut words: Vec<String> = others.iter().map(|index| groups[*index].word.clone()).collect();
    for name in others.iter().flat_map(|index| &groups[*index].members).flat_map(|member| others_of(*member))
    {
        if !words.iter().any(|word| *word == name || WildMatch::new(word).matches(&name)) {
            words.push(name);
        }
    }
    words.into_iter().map(|word| format!("!{word}")).collect()
}

#[cfg(test)]
mod tests {
    use super::{grouped, words};
    use crate::commands::init::origin::origin;

    #[track_caller]
    fn check(names: &[&str], expect: &[&str]) {
        let origins: Vec<_> = names.iter().map(|name| origin(name, "https://10.0.0.1")).collect();
        let pairs: Vec<_> = names.iter().copied().zip(&origins).collect();
        let groups = grouped(&pairs);
        let got: Vec<String> =
            groups.iter().map(|group| format!("{} {}", group.word, group.members.len())).collect();
        assert_eq!(got, expect);
        assert_eq!(groups.iter().map(|group| group.members.len()).sum::<usize>(), names.len());
    }

    #[test]
    fn relatives_stand_together() {
        check(
            &[
                "prod-eu",
                "arn:aws:eks:eu-west-1:1:cluster/a",
                "prod-us",
                "arn:aws:eks:us-east-1:1:cluster/b",
                "arn:aws:eks:us-east-1:2:cluster/b",
                "gke_shop_europe-west1_a",
                "gke_shop_europe-west1_b",
                "kind-a",
                "kind-b",
                "alone",
                "ida@x.eu-west-1.eksctl.io",
                "tom@y.eu-west-1.eksctl.io",
            ],
            &[
                "prod-* 2",
                "arn:aws:eks:*:1:cluster/* 2",
                "arn:aws:eks:us-east-1:2:cluster/b 1",
                "gke_shop_* 2",
                "kind-* 2",
                "alone 1",
                "*.eksctl.io 2",
            ],
        );
    }

    #[test]
    fn a_glob_that_means_more_is_none() {
        check(&["a*-x", "a*-y", "ab-z"], &["a*-x 1", "a*-y 1", "ab-z 1"]);
        check(&["!a-x", "!a-y"], &["!a-x 1", "!a-y 1"]);
        check(&["@a-x", "@a-y"], &["@a-x 1", "@a-y 1"]);
        check(&["x,y-1", "x,y-2"], &["x,y-1 1", "x,y-2 1"]);
        check(&["", "-", "é-1", "é-2"], &[" 1", "- 1", "é-* 2"]);
    }

    #[test]
    fn the_shorter_way_to_say_it() {
        let names = ["a-1", "a-2", "b", "c"];
        let origins: Vec<_> = names.iter().map(|name| origin(name, "")).collect();
        let pairs: Vec<_> = names.iter().copied().zip(&origins).collect();
        let groups = grouped(&pairs);
        assert!(words(&groups, &[0, 1, 2], |_| Vec::new()).is_empty());
        let also = |member: usize| vec![format!("also-{member}"), "a-3".to_string()];
        assert_eq!(words(&groups, &[0, 1], also), ["!c", "!also-3", "!a-3"]);
        assert_eq!(words(&groups, &[1, 2], also), ["!a-*", "!also-0", "!also-1"]);
        assert_eq!(words(&groups, &[0], also), ["a-*"]);
    }
}
