//! Contexts of one server and several users, or of several sources, that turn out to be one cluster: what each holds of a service is told once.

use std::collections::{BTreeMap, BTreeSet};

use crate::fleet::{Answer, Cluster};
use crate::survey::cells::ServiceQuery;
use crate::survey::gather::Snapshot;
use crate::survey::split::meta;

/// What came of comparing clusters that share a server.
#[derive(Debug, Default, Eq, PartialEq)]
pub struct Same {
    /// Clusters (by index) that are one, the first in fleet order first.
    pub classes: Vec<Vec<usize>>,
    /// For each service the clusters whose part another one tells.
    pub told_elsewhere: Vec<BTreeSet<usize>>,
}

/// Finds the clusters that are proven one by what they said.
pub fn same(clusters: &[&Cluster], wanted: &[ServiceQuery], answers: &[Option<Answer<Snapshot>>]) -> Same {
    let views: Vec<Option<View>> = answers.iter().map(|answer| answer.as_ref().and_then(View::of)).collect();
    let mut classes: Vec<Vec<usize>> = Vec::new();
    for index in (0..clusters.len()).filter(|index| clusters[*index].shared_server.is_some()) {
        let is_one = |other: &usize| {
            clusters[*other].shared_server == clusters[index].shared_server
                && is_proven(views[*other].as_ref(), views[index].as_ref())
        };
        match classes.iter_mut().find(|class| class.iter().any(is_one)) {
            Some(class) => class.push(index),
            None => classes.push(vec![index]),
        }
    }
    classes.retain(|class| class.len() > 1);
    let told = |number| {
        let of_class = |class: &Vec<usize>| told_elsewhere(class, number, &wanted[number], clusters, answers);
        classes.iter().flat_map(of_class).collect()
    };
    let told_elsewhere = (0..wanted.len()).map(told).collect();
    Same { classes, told_elsewhere }
}

/// What of an answer tells which cluster it is.
struct View<'a> {
    uid: Option<&'a str>,
    objects: BTreeSet<&'a str>,
}

impl View<'_> {
    fn of(answer: &Answer<Snapshot>) -> Option<View<'_>> {
        if answer.silence().is_some() {
            return None;
        }
        let uids = answer.value.objects.iter().map(|object| meta(object).uid.as_str());
        Some(View { uid: answer.uid.as_deref(), objects: uids.filter(|uid| !uid.is_empty()).collect() })
    }
}

/// One UID is one object, and so one cluster. The namespace kube-system decides; where it was not told, anything does.
fn is_proven(one: Option<&View>, other: Option<&View>) -> bool {
    let (Some(one), Some(other)) = (one, other) else { return false };
    match (one.uid, other.uid) {
        (Some(one), Some(other)) => one == other,
        _ => one.objects.intersection(&other.objects).next().is_some(),
    }
}

/// The clusters of a class that need not tell a service: another one does, and nothing is lost by it.
fn told_elsewhere(
    class: &[usize],
    number: usize,
    wanted: &ServiceQuery,
    clusters: &[&Cluster],
    answers: &[Option<Answer<Snapshot>>],
) -> Vec<usize> {
    let snapshot = |index: usize| answers[index].as_ref().map(|answer| &answer.value);
    let hides = |index: usize| {
        snapshot(index).is_none_or(|one| one.unread.iter().any(|unread| unread.hides(&wanted.target)))
    };
    let parts: BTreeMap<usize, BTreeSet<&str>> = class
        .iter()
        .filter(|index| wanted.placement.as_ref().is_none_or(|placement| placement.contains(index)))
        .map(|index| {
            let members = snapshot(*index).and_then(|one| Some((one, one.members.get(number)?)));
            let uids = members.iter().flat_map(|(one, members)| {
                members.iter().map(|member| meta(&one.objects[*member]).uid.as_str())
            });
            (*index, uids.collect())
        })
        .collect();
    // Who sees all of it; else who sees most; else the one that a person would name.
    let rank = |index: &usize| {
        let is_hidden = hides(*index);
        let seen = if is_hidden { parts[index].len() } else { 0 };
        let cluster = clusters[*index];
        (is_hidden, std::cmp::Reverse(seen), !cluster.is_named, !cluster.is_current, *index)
    };
    let Some(teller) = parts.keys().copied().min_by_key(rank) else { return Vec::new() };
    let is_whole = !hides(teller);
    // What is seen in part may be two parts. And who names a context wants to see that one.
    let is_told = |index: &usize| {
        *index != teller
            && !clusters[*index].is_named
            && (is_whole || parts[index].is_subset(&parts[&teller]))
    };
    parts.keys().copied().filter(is_told).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::time::Duration;

    use super::{Same, same};
    use crate::fleet::{Answer, Cluster, Gap, Silence};
    use crate::selector::Selector;
    use crate::survey::cells::ServiceQuery;
    use crate::survey::gather::{Snapshot, UnreadKind};
    use crate::survey::split::ServiceTarget;
    use crate::workload::kind;

    fn cluster(name: &str, server: Option<usize>) -> Cluster {
        Cluster::sample(name, server)
    }

    /// What a cluster holds of the one service: pods with these UIDs.
    fn said(uid: Option<&str>, pods: &[&str]) -> Option<Answer<Snapshot>> {
        let pod = |uid: &&str| {
            let json = format!(r#"{{"metadata":{{"name":"{uid}","namespace":"shop","uid":"{uid}"}}}}"#);
            kind("Pod").expect("a kind").observe(&json).expect("a pod")
        };
        let objects: Vec<_> = pods.iter().map(pod).collect();
        let members = vec![(0..objects.len()).collect()];
        Some(Answer {
            cluster: String::new(),
            elapsed: Duration::ZERO,
            version: None,
            uid: uid.map(str::to_string),
            value: Snapshot { objects, members, unread: Vec::new() },
            gaps: Vec::new(),
        })
    }

    /// The same, but not all pods may be listed.
    fn part(uid: Option<&str>, pods: &[&str]) -> Option<Answer<Snapshot>> {
        let mut answer = said(uid, pods);
        let why = Silence::Forbidden("no".to_string());
        let unread = UnreadKind { kind: kind("Pod").expect("a kind"), why, covered: BTreeSet::new() };
        answer.as_mut().expect("one").value.unread.push(unread);
        answer
    }

    fn wanted(placement: Option<&[usize]>) -> ServiceQuery {
        ServiceQuery {
            name: "web".to_string(),
            target: ServiceTarget {
                selector: Selector::parse("app=web").expect("a selector"),
                namespaces: Vec::new(),
            },
            placement: placement.map(|all| all.iter().copied().collect()),
            told_elsewhere: BTreeSet::new(),
            expected: true,
            refused: None,
            nowhere: Vec::new(),
        }
    }

    #[track_caller]
    fn check(clusters: &[Cluster], answers: &[Option<Answer<Snapshot>>], one: bool, told: &[usize]) {
        let clusters: Vec<&Cluster> = clusters.iter().collect();
        let Same { classes, told_elsewhere } = same(&clusters, &[wanted(None)], answers);
        assert_eq!(!classes.is_empty(), one, "{classes:?}");
        assert_eq!(told_elsewhere, [told.iter().copied().collect::<BTreeSet<_>>()]);
    }

    fn two() -> [Cluster; 2] {
        [cluster("dev", Some(0)), cluster("admin", Some(0))]
    }

    #[test]
    fn one_uid_is_one_cluster() {
        check(&two(), &[said(Some("a"), &["p"]), said(Some("a"), &["p"])], true, &[1]);
        check(&two(), &[said(Some("a"), &["p"]), said(Some("b"), &["q"])], false, &[]);
        // Where the namespace is told, nothing else decides.
        check(&two(), &[said(Some("a"), &["p"]), said(Some("b"), &["p"])], false, &[]);
        check(&two(), &[said(None, &["p", "q"]), said(Some("a"), &["q", "r"])], true, &[1]);
        check(&two(), &[said(None, &["p"]), said(Some("a"), &["q"])], false, &[]);
        check(&two(), &[said(None, &[]), said(None, &[])], false, &[]);
        check(&two(), &[said(None, &[""]), said(None, &[""])], false, &[]);
        check(&two(), &[said(Some("a"), &["p"]), None], false, &[]);
        let mut silent = said(Some("a"), &[]);
        silent.as_mut().expect("one").gaps.push(Gap::cluster(Silence::Unauthorized));
        check(&two(), &[said(Some("a"), &["p"]), silent], false, &[]);
    }

    #[test]
    fn only_contexts_of_one_server_are_compared() {
        let apart = [cluster("eu", Some(0)), cluster("us", Some(1)), cluster("alone", None)];
        let all = || said(Some("a"), &["p"]);
        check(&apart, &[all(), all(), all()], false, &[]);
        let three = [cluster("a", Some(0)), cluster("b", Some(0)), cluster("c", Some(0))];
        check(&three, &[all(), said(Some("b"), &["q"]), all()], true, &[2]);
    }

    #[test]
    fn who_sees_more_tells_and_nothing_is_lost() {
        let [dev, admin] = two();
        let current = Cluster { is_current: true, ..admin.clone() };
        check(&[dev.clone(), current], &[said(Some("a"), &["p"]), said(Some("a"), &["p"])], true, &[0]);
        check(&two(), &[part(Some("a"), &["p"]), said(Some("a"), &["p", "q"])], true, &[0]);
        check(&two(), &[part(Some("a"), &["p"]), part(Some("a"), &["p", "q"])], true, &[0]);
        check(&two(), &[part(Some("a"), &["p"]), part(Some("a"), &["q"])], true, &[]);
        let named = |one: Cluster| Cluster { is_named: true, ..one };
        let both = [named(dev.clone()), named(admin.clone())];
        check(&both, &[said(Some("a"), &["p"]), said(Some("a"), &["p"])], true, &[]);
        check(&[dev, named(admin)], &[said(Some("a"), &["p"]), said(Some("a"), &["p"])], true, &[0]);
    }

    #[test]
    fn a_placement_is_told_by_the_context_that_it_names() {
        let [dev, admin] = two();
        let answers = [said(Some("a"), &["p"]), said(Some("a"), &["p"])];
        let told = |placement: &[usize]| {
            same(&[&dev, &admin], &[wanted(Some(placement))], &answers).told_elsewhere.remove(0)
        };
        assert!(told(&[1]).is_empty() && told(&[0]).is_empty());
        assert_eq!(told(&[0, 1]), BTreeSet::from([1]));
    }
}
