//! Which objects of a cluster belong together: pods and what runs them, joined by ownerReferences (docs/health.md
//! section 4).

use crate::workload::{Body, Meta, Object, OwnerRef, Pod, Workload, kind};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// A top-level workload and all that it runs.
#[derive(Debug, Clone)]
pub struct WorkloadFamily<'a> {
    /// Kubernetes' kind; `Pod` for a bare pod, else as the ownerReference says it.
    pub kind: &'a str,
    pub namespace: &'a str,
    pub name: &'a str,
    /// `None` for a bare pod, and where the owner could not be read.
    pub workload: Option<&'a Workload>,
    /// Of a Deployment or a Rollout.
    pub replica_sets: Vec<&'a Workload>,
    /// Of a CronJob.
    pub jobs: Vec<&'a Workload>,
    pub pods: Vec<&'a Pod>,
    /// False where pods were a gap: then their absence says nothing. `families` sets it.
    pub pods_known: bool,
}

/// Joins the objects of one cluster; the families come by kind, namespace and name.
pub fn families<'a>(objects: impl IntoIterator<Item = &'a Object>) -> Vec<WorkloadFamily<'a>> {
    let (mut pods, mut workloads) = (Vec::new(), Vec::new());
    for object in objects {
        match object {
            Object::Pod(pod) => pods.push(&**pod),
            Object::Workload(workload) => workloads.push(&**workload),
        }
    }
    let index = OwnerIndex::of(&workloads);
    let mut families: BTreeMap<ObjectKey, WorkloadFamily> = BTreeMap::new();
    for &workload in &workloads {
        let top = index.top_of(workload);
        let family = families.entry(top.key()).or_insert_with(|| top.family());
        match &workload.body {
            _ if top.is(workload) => {}
            Body::ReplicaSet { .. } => family.replica_sets.push(workload),
            _ => family.jobs.push(workload),
        }
    }
    for pod in pods {
        let top = index.top_of_pod(pod);
        families.entry(top.key()).or_insert_with(|| top.family()).pods.push(pod);
    }
    let templates = templates(&workloads);
    let is_template = |family: &WorkloadFamily| {
        let key = (family.kind, family.namespace, family.name);
        templates.contains(&key) && family.pods.is_empty()
    };
    let mut families: Vec<_> =
        families.into_values().filter(|family| !is_history(family) && !is_template(family)).collect();
    families.iter_mut().for_each(|family| family.pods.sort_by(|a, b| a.meta.name.cmp(&b.meta.name)));
    families
}

/// Workloads that a Rollout takes its template from (`workloadRef`), by kind, namespace and name: their replicas, which
/// the Rollout's controller scales down, are no verdict.
fn templates<'a>(workloads: &[&'a Workload]) -> BTreeSet<(&'a str, &'a str, &'a str)> {
    let named = workloads.iter().filter_map(|workload| match &workload.body {
        Body::Rollout { spec, .. } => {
            let from = spec.workload_ref.as_ref()?;
            Some((from.kind.as_str(), workload.meta.namespace.as_str(), from.name.as_str()))
        }
        _ => None,
    });
    named.collect()
}

/// kind, namespace, name, uid
type ObjectKey<'a> = (&'a str, &'a str, &'a str, &'a str);

/// What stands at the head of a family.
#[derive(Clone, Copy)]
enum Top<'a> {
    Read(&'a Workload),
    /// An owner that is known only by what its pods say of it.
    Named {
        kind: &'a str,
        namespace: &'a str,
        name: &'a str,
        uid: &'a str,
    },
    Bare(&'a Pod),
}

impl<'a> Top<'a> {
    fn key(self) -> ObjectKey<'a> {
        match self {
            Top::Read(workload) => key(workload.kind, &workload.meta),
            Top::Named { kind, namespace, name, uid } => (kind, namespace, name, uid),
            Top::Bare(pod) => key("Pod", &pod.meta),
        }
    }

    fn is(self, workload: &Workload) -> bool {
        matches!(self, Top::Read(top) if std::ptr::eq(top, workload))
    }

    fn family(self) -> WorkloadFamily<'a> {
        let (kind, namespace, name, _) = self.key();
        let workload = if let Top::Read(workload) = self { Some(workload) } else { None };
        WorkloadFamily {
            kind,
            namespace,
            name,
            workload,
            replica_sets: Vec::new(),
            jobs: Vec::new(),
            pods: Vec::new(),
            pods_known: true,
        }
    }

    fn named(namespace: &'a str, owner: &'a OwnerRef) -> Top<'a> {
        Top::Named { kind: &owner.kind, namespace, name: &owner.name, uid: &owner.uid }
    }
}

fn key<'a>(kind: &'a str, meta: &'a Meta) -> ObjectKey<'a> {
    (kind, &meta.namespace, &meta.name, &meta.uid)
}

struct OwnerIndex<'a> {
    by_uid: HashMap<&'a str, &'a Workload>,
    by_name: HashMap<(&'a str, &'a str, &'a str), &'a Workload>,
}

impl<'a> OwnerIndex<'a> {
    fn of(workloads: &[&'a Workload]) -> Self {
        let named =
            |workload: &&'a Workload| (workload.kind, &*workload.meta.namespace, &*workload.meta.name);
        let with_uid = workloads.iter().filter(|workload| !workload.meta.uid.is_empty());
        OwnerIndex {
            by_uid: with_uid.map(|workload| (workload.meta.uid.as_str(), *workload)).collect(),
            by_name: workloads.iter().map(|workload| (named(workload), *workload)).collect(),
        }
    }

    /// By UID, as an owner of that name may be another one by now; by name where the UID is not told.
    fn owner(&self, namespace: &'a str, owner: &'a OwnerRef) -> Option<&'a Workload> {
        let by_name = || self.by_name.get(&(owner.kind.as_str(), namespace, owner.name.as_str())).copied();
        match owner.uid.as_str() {
            "" => by_name(),
            uid => self
                .by_uid
                .get(uid)
                .copied()
                .or_else(|| by_name().filter(|workload| workload.meta.uid.is_empty())),
        }
    }

    /// Up from what a Deployment, Rollout or CronJob runs; whatever else owns a workload is no workload.
    fn top_of(&self, workload: &'a Workload) -> Top<'a> {
        let meta = &workload.meta;
        let Some(owner) = meta.controller() else { return Top::Read(workload) };
        let creates = kind(&owner.kind).map_or(&[][..], |kind| kind.creates);
        if !creates.contains(&workload.kind) {
            return Top::Read(workload);
        }
        self.owner(&meta.namespace, owner).map_or_else(|| Top::named(&meta.namespace, owner), Top::Read)
    }

    fn top_of_pod(&self, pod: &'a Pod) -> Top<'a> {
        let namespace = pod.meta.namespace.as_str();
        // A static pod is owned by its Node, which runs no workload.
        let Some(owner) = pod.meta.controller().filter(|owner| owner.kind != "Node") else {
            return Top::Bare(pod);
        };
        match self.owner(namespace, owner) {
            Some(workload) => self.top_of(workload),
            None => self.above_unread(pod, owner).map_or_else(|| Top::named(namespace, owner), Top::Read),
        }
    }

    /// The Deployment or Rollout of a ReplicaSet that could not be read: its name is the ReplicaSet's
    /// without the hash that the pod carries, and the pod must carry its template's labels.
    fn above_unread(&self, pod: &'a Pod, owner: &'a OwnerRef) -> Option<&'a Workload> {
        if owner.kind != "ReplicaSet" {
            return None;
        }
        let labels = &pod.meta.labels;
        let hashed = [("pod-template-hash", "Deployment"), ("rollouts-pod-template-hash", "Rollout")];
        hashed.into_iter().find_map(|(label, kind)| {
            let name = owner.name.strip_suffix(labels.get(label)?.as_str())?.strip_suffix('-')?;
            let found = *self.by_name.get(&(kind, pod.meta.namespace.as_str(), name))?;
            let template = &found.template().labels;
            let same =
                !template.is_empty() && template.iter().all(|(key, value)| labels.get(key) == Some(value));
            same.then_some(found)
        })
    }
}

/// An orphaned ReplicaSet that wants nothing and has nothing is history, not a workload.
fn is_history(family: &WorkloadFamily) -> bool {
    let Some(Workload { body: Body::ReplicaSet { spec, status }, .. }) = family.workload else {
        return false;
    };
    spec.replicas == Some(0) && status.replicas == 0 && family.pods.is_empty()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::families;
    use crate::health::sample::{object, owned, patch, pod, replica_set, workload};
    use serde_json::{Value, json};

    #[track_caller]
    fn check(values: &[Value], expect: &[(&str, &str, usize)]) {
        let objects: Vec<_> = values.iter().map(object).collect();
        let families = families(&objects);
        let got: Vec<_> =
            families.iter().map(|family| (family.kind, family.name, family.pods.len())).collect();
        assert_eq!(got, expect);
    }

    #[test]
    fn owners_are_followed_upwards_by_uid() {
        let web = workload("Deployment", "web", json!({}), json!({}));
        let pods = [owned(pod("a"), "ReplicaSet", "web-2"), owned(pod("b"), "ReplicaSet", "web-1")];
        let sets = [replica_set(2, 1), replica_set(1, 1)];
        check(
            &[pods[0].clone(), web, sets[0].clone(), pods[1].clone(), sets[1].clone()],
            &[("Deployment", "web", 2)],
        );
        let run = owned(workload("Job", "n-1", json!({}), json!({})), "CronJob", "n");
        check(&[run.clone(), owned(pod("c"), "Job", "n-1")], &[("CronJob", "n", 1)]);
        check(
            &[workload("Job", "once", json!({}), json!({})), pod("bare")],
            &[("Job", "once", 0), ("Pod", "bare", 1)],
        );
    }

    #[test]
    fn an_unread_owner_lends_its_name() {
        let lone = owned(pod("a"), "ReplicaSet", "web-abc");
        check(std::slice::from_ref(&lone), &[("ReplicaSet", "web-abc", 1)]);
        check(&[owned(pod("k"), "StrimziPodSet", "kafka")], &[("StrimziPodSet", "kafka", 1)]);
        check(&[owned(pod("s"), "Node", "node-1")], &[("Pod", "s", 1)]);
        check(&[replica_set(2, 1), owned(pod("a"), "ReplicaSet", "web-2")], &[("Deployment", "web", 1)]);
        let labels = json!({"app": "web"});
        let web =
            workload("Deployment", "web", json!({"template": {"metadata": {"labels": labels}}}), json!({}));
        let hashed = json!({"metadata": {"labels": {"pod-template-hash": "abc", "app": "web"}}});
        check(&[web.clone(), patch(lone.clone(), hashed)], &[("Deployment", "web", 1)]);
        let other = json!({"metadata": {"labels": {"pod-template-hash": "abc", "app": "other"}}});
        check(&[web, patch(lone, other)], &[("Deployment", "web", 0), ("ReplicaSet", "web-abc", 1)]);
    }

    #[test]
    fn a_name_reused_is_not_the_same_owner() {
        let web =
            patch(workload("StatefulSet", "db", json!({}), json!({})), json!({"metadata": {"uid": "new"}}));
        check(
            &[web, owned(pod("db-0"), "StatefulSet", "db")],
            &[("StatefulSet", "db", 1), ("StatefulSet", "db", 0)],
        );
    }

    #[test]
    fn history_is_hidden() {
        let orphan = patch(replica_set(1, 0), json!({"metadata": {"ownerReferences": null}}));
        check(&[orphan], &[]);
    }
}
