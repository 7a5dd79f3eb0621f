//! One answer for many services, split again: which of a cluster's objects belong to which service.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::selector::{Operator, Selector};
use crate::workload::{Meta, Object};

/// What is asked for a service: its selector, and the namespaces it may be in (none named: all).
#[derive(Clone, Debug, Default)]
pub struct ServiceTarget {
    pub selector: Selector,
    pub namespaces: Vec<String>,
}

impl ServiceTarget {
    pub fn selects(&self, meta: &Meta) -> bool {
        self.reaches(&meta.namespace) && self.selector.matches(&meta.labels)
    }

    fn reaches(&self, namespace: &str) -> bool {
        self.namespaces.is_empty() || self.namespaces.iter().any(|name| name == namespace)
    }
}

pub fn meta(object: &Object) -> &Meta {
    match object {
        Object::Pod(pod) => &pod.meta,
        Object::Workload(workload) => &workload.meta,
    }
}

/// For each target the indices of its objects, in their order. An object belongs to a target that selects
/// it or anything it owns or is owned by: labels select a family, ownership completes it.
pub fn split(objects: &[Object], index: &TargetIndex) -> Vec<Vec<usize>> {
    let families = families(objects);
    let mut members = vec![Vec::new(); index.targets.len()];
    for family in families {
        let selected: BTreeSet<usize> =
            family.iter().flat_map(|object| index.selecting(meta(&objects[*object]))).collect();
        for target in selected {
            members[target].extend(&family);
        }
    }
    for list in &mut members {
        list.sort_unstable();
    }
    members
}

/// The objects in groups that ownership connects, also through an owner that was not read.
pub fn families(objects: &[Object]) -> Vec<Vec<usize>> {
    let mut ids: HashMap<&str, usize> = HashMap::new();
    let mut groups = Groups::default();
    for (index, object) in objects.iter().enumerate() {
        let uid = meta(object).uid.as_str();
        let group =
            if uid.is_empty() { groups.add() } else { *ids.entry(uid).or_insert_with(|| groups.add()) };
        groups.objects.push((index, group));
    }
    for (index, object) in objects.iter().enumerate() {
        let Some(owner) = meta(object).controller().filter(|owner| !owner.uid.is_empty()) else { continue };
        let above = *ids.entry(owner.uid.as_str()).or_insert_with(|| groups.parents.add());
        let below = groups.objects[index].1;
        groups.join(above, below);
    }
    groups.lists()
}

/// Disjoint sets of objects.
#[derive(Default)]
struct Groups {
    parents: Parents,
    objects: Vec<(usize, usize)>,
}

#[derive(Default)]
struct Parents(Vec<usize>);

impl Parents {
    fn add(&mut self) -> usize {
        self.0.push(self.0.len());
        self.0.len() - 1
    }

    fn root(&mut self, mut group: usize) -> usize {
        while self.0[group] != group {
            self.0[group] = self.0[self.0[group]];
            group = self.0[group];
        }
        group
    }
}

impl Groups {
    fn add(&mut self) -> usize {
        self.parents.add()
    }

    fn join(&mut self, one: usize, other: usize) {
        let (one, other) = (self.parents.root(one), self.parents.root(other));
        self.parents.0[other] = one;
    }

    fn lists(mut self) -> Vec<Vec<usize>> {
        let mut lists: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (object, group) in self.objects {
            lists.entry(self.parents.root(group)).or_default().push(object);
        }
        lists.into_values().collect()
    }
}

/// Targets by a label value that they require, so that an object is held against few of them.
pub struct TargetIndex<'a> {
    targets: &'a [ServiceTarget],
    by_label: HashMap<(&'a str, &'a str), Vec<usize>>,
    keys: BTreeSet<&'a str>,
    others: Vec<usize>,
}

impl<'a> TargetIndex<'a> {
    pub fn new(targets: &'a [ServiceTarget]) -> TargetIndex<'a> {
        let mut index =
            TargetIndex { targets, by_label: HashMap::new(), keys: BTreeSet::new(), others: Vec::new() };
        for (number, target) in targets.iter().enumerate() {
            let named = target.selector.requirements.iter().find(|r| r.operator == Operator::In);
            let Some(requirement) = named else {
                index.others.push(number);
                continue;
            };
            index.keys.insert(&requirement.key);
            for value in &requirement.values {
                index.by_label.entry((&requirement.key, value)).or_default().push(number);
            }
        }
        index
    }

    pub fn target(&self, number: usize) -> &'a ServiceTarget {
        &self.targets[number]
    }

    /// The numbers of the targets that select it.
    pub fn selecting<'b>(&'b self, meta: &'b Meta) -> impl Iterator<Item = usize> + 'b {
        let labelled = self.keys.iter().filter_map(|key| {
            let value = meta.labels.get(*key)?;
            self.by_label.get(&(*key, value.as_str()))
        });
        let candidates = labelled.flatten().chain(&self.others).copied();
        candidates.filter(|number| self.targets[*number].selects(meta))
    }
}

#[cfg(test)]
mod tests {
    use super::{ServiceTarget, TargetIndex, split};
    use crate::selector::Selector;
    use crate::workload::{Object, kind};

    fn object(kind_name: &str, json: &str) -> Object {
        kind(kind_name).expect("a kind").observe(json).expect("an object")
    }

    fn target(selector: &str, namespaces: &[&str]) -> ServiceTarget {
        ServiceTarget {
            selector: Selector::parse(selector).expect("a selector"),
            namespaces: namespaces.iter().map(|name| name.to_string()).collect(),
        }
    }

    fn owned(uid: &str, labels: &str, owner: &str) -> String {
        format!(
            r#"{{"metadata":{{"namespace":"shop","name":"n-{uid}","uid":"{uid}","labels":{{{labels}}},
            "ownerReferences":[{{"kind":"ReplicaSet","name":"x","uid":"{owner}","controller":true}}]}}}}"#
        )
    }

    #[test]
    fn labels_select_a_family_and_ownership_completes_it() {
        let objects = [
            object("Deployment", r#"{"metadata":{"namespace":"shop","name":"d","uid":"d"}}"#),
            object("ReplicaSet", &owned("r", r#""app":"cart""#, "d")),
            object("Pod", &owned("p1", "", "r")),
            object("Pod", &owned("p2", r#""app":"other""#, "z")),
        ];
        let targets = [target("app=cart", &[]), target("app=other", &[]), target("app", &["web"])];
        assert_eq!(split(&objects, &TargetIndex::new(&targets)), [vec![0, 1, 2], vec![3], vec![]]);
    }

    #[test]
    fn siblings_of_an_owner_that_was_not_read_stay_together() {
        let objects =
            [object("Pod", &owned("p1", r#""app":"cart""#, "gone")), object("Pod", &owned("p2", "", "gone"))];
        assert_eq!(split(&objects, &TargetIndex::new(&[target("app in (cart,pay)", &[])])), [vec![0, 1]]);
    }

    #[test]
    fn two_services_may_share_an_object() {
        let objects =
            [object("Pod", r#"{"metadata":{"namespace":"a","name":"p","labels":{"x":"1","y":"2"}}}"#)];
        let targets = [target("x=1", &["a"]), target("y=2", &["b"]), target("y=2,!z", &[])];
        assert_eq!(split(&objects, &TargetIndex::new(&targets)), [vec![0], vec![], vec![0]]);
    }

    #[test]
    fn objects_without_a_uid_are_not_one_family() {
        let objects = [
            object("Pod", r#"{"metadata":{"name":"a","labels":{"app":"a"}}}"#),
            object("Pod", r#"{"metadata":{"name":"b","labels":{"app":"b"}}}"#),
        ];
        assert_eq!(split(&objects, &TargetIndex::new(&[target("app=a", &[])])), [vec![0]]);
    }
}
