//! Services of a fleet without a catalog: guessed from the labels of what runs.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::{Guess, Service};
use crate::selector::{Operator, Requirement, Selector};
use crate::survey::gather::Snapshot;
use crate::survey::split::{families, meta};
use crate::workload::{Meta, Object};

/// The labels that may name a service, the one that counts first.
pub const GUESSED_BY: [&str; 5] =
    ["backstage.io/kubernetes-id", "app.kubernetes.io/instance", "app.kubernetes.io/name", "app", "k8s-app"];

/// Namespaces that belong to Kubernetes or what came with it. A name that merely ends in `-system` may be a company's own.
const SYSTEM_PREFIXES: [&str; 4] = ["kube-", "openshift-", "gke-", "gmp-"];
const SYSTEM_NAMES: [&str; 10] = [
    "openshift",
    "calico-system",
    "tigera-operator",
    "cattle-system",
    "cattle-fleet-system",
    "istio-system",
    "longhorn-system",
    "metallb-system",
    "flux-system",
    "gatekeeper-system",
];

/// What tells two guessed services apart. An application of another namespace that has the same label is another one; only
/// Backstage's own id means one service wherever it stands.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct LabelIdentity {
    pub value: String,
    pub namespace: Option<String>,
    /// By index in `GUESSED_BY`.
    pub key: usize,
}

/// What the labels of a fleet speak of.
#[derive(Debug, Default)]
pub struct Discovery {
    /// The clusters that each was seen in, in fleet order.
    found: BTreeMap<LabelIdentity, Vec<String>>,
    /// Those of system namespaces.
    system: BTreeSet<LabelIdentity>,
    /// What runs without any of the labels, as `Kind namespace/name`.
    pub unlabelled: BTreeSet<String>,
}

impl Discovery {
    /// Takes in what a cluster holds.
    pub fn add(&mut self, cluster: &str, snapshot: &Snapshot) {
        self.add_and_tell(cluster, snapshot, |_, _, _| ());
    }

    /// The same, and tells of each family what it is called, which objects it has, by index, and those at its top.
    pub fn add_and_tell(
        &mut self,
        cluster: &str,
        snapshot: &Snapshot,
        mut tell: impl FnMut(&LabelIdentity, &[usize], &[&Object]),
    ) {
        for family in families(&snapshot.objects) {
            let objects: Vec<&Object> = family.iter().map(|index| &snapshot.objects[*index]).collect();
            let (identities, top) = self.add_family(cluster, &objects);
            identities.iter().for_each(|identity| tell(identity, &family, &top));
        }
    }

    /// The top of a family names it: what stands below may be left over from an earlier template.
    fn add_family<'a>(
        &mut self,
        cluster: &str,
        objects: &[&'a Object],
    ) -> (Vec<LabelIdentity>, Vec<&'a Object>) {
        let uids: BTreeSet<&str> = objects.iter().map(|object| meta(object).uid.as_str()).collect();
        let is_below = |object: &Object| {
            meta(object).controller().is_some_and(|owner| uids.contains(owner.uid.as_str()))
        };
        let (below, top): (Vec<&Object>, Vec<&Object>) = objects.iter().partition(|object| is_below(object));
        let mut identities: BTreeSet<(bool, LabelIdentity)> =
            top.iter().filter_map(|o| identity(o)).collect();
        if identities.is_empty() {
            identities = below.iter().filter_map(|object| identity(object)).collect();
        }
        if identities.is_empty() {
            let unnamed = top.iter().filter(|object| !is_system(&meta(object).namespace));
            self.unlabelled.extend(unnamed.map(|object| called(object)));
        }
        for (is_system, identity) in &identities {
            if *is_system {
                self.system.insert(identity.clone());
            }
            let clusters = self.found.entry(identity.clone()).or_default();
            if clusters.last().is_none_or(|last| last != cluster) {
                clusters.push(cluster.to_string());
            }
        }
        (identities.into_iter().map(|(_, identity)| identity).collect(), top)
    }

    /// Each service that is no system's, with what tells it apart.
    pub fn identified(&self) -> Vec<(&LabelIdentity, Service)> {
        let own = self.named().filter(|(_, identity)| !self.system.contains(*identity));
        own.map(|(name, identity)| (identity, self.service((name, identity)))).collect()
    }

    /// The same of those that a word means, a system's too.
    pub fn identified_as(&self, word: &str) -> Vec<(&LabelIdentity, Service)> {
        let meant: BTreeSet<String> = self.meant(word).into_iter().map(|service| service.name).collect();
        let named = self.named().filter(|(name, _)| meant.contains(name));
        named.map(|(name, identity)| (identity, self.service((name, identity)))).collect()
    }

    /// All services but those of system namespaces, by name.
    pub fn services(&self) -> Vec<Service> {
        self.named()
            .filter(|(_, identity)| !self.system.contains(*identity))
            .map(|one| self.service(one))
            .collect()
    }

    /// The names of those of system namespaces.
    pub fn system(&self) -> Vec<String> {
        self.named().filter(|(_, identity)| self.system.contains(*identity)).map(|(name, _)| name).collect()
    }

    /// All that a word means: by the name that is shown, by the label's value, or by that in a namespace.
    pub fn meant(&self, word: &str) -> Vec<Service> {
        let is_meant = |name: &str, identity: &LabelIdentity| {
            let within =
                identity.namespace.as_ref().map(|namespace| format!("{namespace}/{}", identity.value));
            name == word || identity.value == word || within.is_some_and(|within| within == word)
        };
        self.named()
            .filter(|(name, identity)| is_meant(name, identity))
            .map(|one| self.service(one))
            .collect()
    }

    /// Every name that is shown.
    pub fn names(&self) -> Vec<String> {
        self.named().map(|(name, _)| name).collect()
    }

    /// The value names a service as long as nothing else has it; then its namespace comes before, and last the label.
    fn named(&self) -> impl Iterator<Item = (String, &LabelIdentity)> {
        self.found.keys().map(|identity| {
            let same = || self.found.keys().filter(|other| other.value == identity.value);
            let beside = same().filter(|other| other.namespace == identity.namespace).count();
            let value = match beside {
                1 => identity.value.clone(),
                _ => format!("{}={}", GUESSED_BY[identity.key], identity.value),
            };
            let name = match &identity.namespace {
                Some(namespace) if same().any(|other| other.namespace != identity.namespace) => {
                    format!("{namespace}/{value}")
                }
                _ => value,
            };
            (name, identity)
        })
    }

    fn service(&self, (name, identity): (String, &LabelIdentity)) -> Service {
        let clusters = self.found.get(identity).cloned().unwrap_or_default();
        let namespaces: Vec<String> = identity.namespace.iter().cloned().collect();
        Service::guessed(name, selector(identity), &namespaces, Guess { clusters })
    }
}

/// What carries the label, and none that counts before it: that would make it another service.
fn selector(identity: &LabelIdentity) -> Selector {
    let named = Requirement::new(GUESSED_BY[identity.key], Operator::In, [identity.value.as_str()]);
    let before =
        GUESSED_BY[..identity.key].iter().map(|key| Requirement::new(key, Operator::DoesNotExist, []));
    match std::iter::once(named).chain(before).collect() {
        Ok(requirements) => Selector::of(requirements),
        Err(_) => Selector::nothing(),
    }
}

/// The service that an object's own labels name, else those of its pods; and whether its namespace is a system's.
fn identity(object: &Object) -> Option<(bool, LabelIdentity)> {
    let meta = meta(object);
    let own = named_by(meta, &meta.labels);
    let named = match object {
        Object::Workload(workload) => own.or_else(|| named_by(meta, &workload.template().labels)),
        Object::Pod(_) => own,
    };
    named.map(|identity| (is_system(&meta.namespace), identity))
}

/// The first of the labels counts, also where its value is none that could be asked for: then nothing is named.
fn named_by(meta: &Meta, labels: &BTreeMap<String, String>) -> Option<LabelIdentity> {
    let (key, value) =
        GUESSED_BY.iter().enumerate().find_map(|(index, key)| Some((index, labels.get(*key)?)))?;
    let is_asked = Requirement::new(GUESSED_BY[key], Operator::In, [value.as_str()]).is_ok();
    let namespace = (key > 0).then(|| meta.namespace.to_string());
    (is_asked && !value.is_empty()).then(|| LabelIdentity { value: value.clone(), namespace, key })
}

fn is_system(namespace: &str) -> bool {
    SYSTEM_PREFIXES.iter().any(|prefix| namespace.starts_with(prefix)) || SYSTEM_NAMES.contains(&namespace)
}

fn called(object: &Object) -> String {
    let (kind, meta) = match object {
        Object::Pod(pod) => ("Pod", &pod.meta),
        Object::Workload(workload) => (workload.kind, &workload.meta),
    };
    format!("{kind} {}/{}", meta.namespace, meta.name)
}

#[cfg(test)]
mod tests {
    use super::Discovery;
    use crate::survey::gather::Snapshot;
    use crate::workload::kind;

    /// A cluster's objects: kind, namespace, name, labels, and the name of the controller in front of which they stand.
    fn snapshot(objects: &[(&str, &str, &str, &str, &str)]) -> Snapshot {
        let objects = objects.iter().map(|(kind_name, namespace, name, labels, owner)| {
            let owners = match *owner {
                "" => String::new(),
                owner => format!(
                    r#","ownerReferences":[{{"kind":"X","name":"{owner}","uid":"{namespace}-{owner}","controller":true}}]"#
                ),
            };
            let json = format!(
                r#"{{"metadata":{{"namespace":"{namespace}","name":"{name}","uid":"{namespace}-{name}","labels":{{{labels}}}{owners}}}}}"#
            );
            kind(kind_name).expect("a kind").observe(&json).expect("an object")
        });
        Snapshot { objects: objects.collect(), ..Snapshot::default() }
    }

    fn discovery(clusters: &[(&str, &Snapshot)]) -> Discovery {
        let mut found = Discovery::default();
        clusters.iter().for_each(|(name, snapshot)| found.add(name, snapshot));
        found
    }

    /// Name, selector, namespaces and clusters of each service.
    #[track_caller]
    fn check(found: &Discovery, expect: &[(&str, &str, &str, &str)]) {
        let services: Vec<(String, String, String, String)> = found
            .services()
            .into_iter()
            .map(|service| {
                let namespaces = service.namespace_scope.unwrap_or_default().join(",");
                let clusters = service.guess.expect("a guess").clusters.join(",");
                (service.name, service.selector_text, namespaces, clusters)
            })
            .collect();
        let expect: Vec<_> = expect
            .iter()
            .map(|(a, b, c, d)| (a.to_string(), b.to_string(), c.to_string(), d.to_string()))
            .collect();
        assert_eq!(services, expect);
    }

    #[test]
    fn one_label_in_two_namespaces_is_two_services_and_in_two_clusters_one() {
        let one = snapshot(&[
            ("Deployment", "shop", "web", r#""app":"web""#, ""),
            ("Deployment", "blog", "web", r#""app":"web""#, ""),
            ("Deployment", "shop", "cart", r#""app":"cart""#, ""),
        ]);
        let two = snapshot(&[("Deployment", "shop", "cart", r#""app":"cart""#, "")]);
        let before = "!app.kubernetes.io/instance,!app.kubernetes.io/name,!backstage.io/kubernetes-id";
        let selector = |value: &str| {
            let mut parts: Vec<String> = before.split(',').map(str::to_string).collect();
            parts.push(format!("app={value}"));
            crate::selector::Selector::parse(&parts.join(",")).expect("valid").to_string()
        };
        let found = discovery(&[("eu", &one), ("us", &two)]);
        check(
            &found,
            &[
                ("cart", &selector("cart"), "shop", "eu,us"),
                ("blog/web", &selector("web"), "blog", "eu"),
                ("shop/web", &selector("web"), "shop", "eu"),
            ],
        );
        assert_eq!(found.meant("web").len(), 2);
        assert_eq!(found.meant("shop/web").len(), 1);
        assert_eq!(found.meant("shop/cart").len(), 1);
        assert!(found.meant("ca").is_empty());
    }

    #[test]
    fn two_labels_of_one_value_stay_apart_and_the_first_of_an_object_counts() {
        let labels = r#""app.kubernetes.io/instance":"web","app.kubernetes.io/name":"nginx","app":"x""#;
        let found = discovery(&[(
            "eu",
            &snapshot(&[
                ("Deployment", "shop", "web", labels, ""),
                ("Deployment", "shop", "old", r#""k8s-app":"web""#, ""),
                ("Deployment", "shop", "ids", r#""backstage.io/kubernetes-id":"ids","app":"web""#, ""),
                ("Deployment", "pay", "ids", r#""backstage.io/kubernetes-id":"ids""#, ""),
            ]),
        )]);
        let names: Vec<String> = found.names();
        assert_eq!(names, ["ids", "app.kubernetes.io/instance=web", "k8s-app=web"]);
        assert_eq!(found.meant("web").len(), 2);
        assert_eq!(found.meant("ids")[0].namespace_scope, None);
    }

    #[test]
    fn the_top_of_a_family_names_it() {
        let found = discovery(&[(
            "eu",
            &snapshot(&[
                ("Deployment", "shop", "web", r#""app":"web""#, ""),
                ("ReplicaSet", "shop", "old", r#""app":"former""#, "web"),
                ("Pod", "shop", "p", r#""app.kubernetes.io/name":"other""#, "old"),
                ("StatefulSet", "shop", "db", "", ""),
                ("Pod", "shop", "db-0", r#""app":"db""#, "db"),
                ("Deployment", "shop", "bare", r#""tier":"x""#, ""),
                ("Deployment", "shop", "odd", r#""app":"""#, ""),
                ("Pod", "kube-system", "etcd", "", ""),
                ("DaemonSet", "kube-system", "proxy", r#""k8s-app":"kube-proxy""#, ""),
                ("Deployment", "billing-system", "bill", r#""app":"bill""#, ""),
            ]),
        )]);
        let names: Vec<String> = found.services().into_iter().map(|service| service.name).collect();
        assert_eq!(names, ["bill", "db", "web"]);
        assert_eq!(found.system(), ["kube-proxy"]);
        assert_eq!(found.meant("kube-proxy").len(), 1);
        let unlabelled: Vec<&String> = found.unlabelled.iter().collect();
        assert_eq!(unlabelled, ["Deployment shop/bare", "Deployment shop/odd"]);
    }
}
