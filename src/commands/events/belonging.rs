//! Which events are a service's: those about its objects, and about objects that its controllers made and that are gone.

use std::collections::BTreeSet;

use crate::workload::{About, Meta, Object, Pod};

/// Kubernetes writes random parts of names in these characters alone: no vowels, nothing that looks like another.
const SAFE: &str = "bcdfghjklmnpqrstvwxz2456789";
/// A pod's own part of its name, behind that of what made it.
const POD_SUFFIX: usize = 5;

/// The objects of a service in one cluster, by kind, namespace and name.
#[derive(Clone, Debug, Default)]
pub struct Belonging {
    names: BTreeSet<(String, String, String)>,
}

impl Belonging {
    /// The objects, the owners that they name, and the claims that the pods mount.
    pub fn of<'a>(objects: impl IntoIterator<Item = &'a Object>) -> Belonging {
        let mut belonging = Belonging::default();
        for object in objects {
            belonging.learn(object);
        }
        belonging
    }

    /// One more object, with its owner and claims; false where all of that was known.
    pub fn learn(&mut self, object: &Object) -> bool {
        let before = self.names.len();
        match object {
            Object::Pod(pod) => {
                self.add_with_owner("Pod", &pod.meta);
                for claim in claims(pod) {
                    self.add("PersistentVolumeClaim", &pod.meta.namespace, claim);
                }
            }
            Object::Workload(workload) => self.add_with_owner(workload.kind, &workload.meta),
        }
        self.names.len() > before
    }

    pub fn add(&mut self, kind: &str, namespace: &str, name: &str) {
        self.names.insert((kind.to_string(), namespace.to_string(), name.to_string()));
    }

    fn add_with_owner(&mut self, kind: &str, meta: &Meta) {
        self.add(kind, &meta.namespace, &meta.name);
        if let Some(owner) = meta.controller() {
            self.add(&owner.kind, &meta.namespace, &owner.name);
        }
    }

    /// The namespaces that the objects are in.
    pub fn namespaces(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(|(_, namespace, _)| namespace.as_str())
    }

    /// By name and not by UID: what was made anew under its old name is the service's as well.
    pub fn has(&self, about: &About) -> bool {
        self.knows(&about.kind, &about.namespace, &about.name) || self.made(about)
    }

    pub fn knows(&self, kind: &str, namespace: &str, name: &str) -> bool {
        self.names.contains(&(kind.to_string(), namespace.to_string(), name.to_string()))
    }

    /// Whether a controller that is here names what it makes so: then the object was one of its own.
    fn made(&self, about: &About) -> bool {
        let by = |kind: &str, name: &str| self.knows(kind, &about.namespace, name);
        match about.kind.as_str() {
            "Pod" => made_pod(&about.name, &by),
            "ReplicaSet" => made_replica_set(&about.name, &by),
            "Job" => made_job(&about.name, &by),
            _ => false,
        }
    }
}

fn claims(pod: &Pod) -> impl Iterator<Item = &str> {
    pod.spec
        .volumes
        .iter()
        .filter_map(|volume| Some(volume.persistent_volume_claim.as_ref()?.claim_name.as_str()))
}

fn made_pod(name: &str, by: &dyn Fn(&str, &str) -> bool) -> bool {
    let Some((maker, suffix)) = name.rsplit_once('-') else { return false };
    if is_number(suffix) && by("StatefulSet", maker) {
        return true;
    }
    if !is_random(suffix, POD_SUFFIX..=POD_SUFFIX) {
        return false;
    }
    let indexed = maker.rsplit_once('-').is_some_and(|(job, index)| is_number(index) && by("Job", job));
    let direct = by("ReplicaSet", maker) || by("DaemonSet", maker) || by("Job", maker);
    direct || indexed || made_replica_set(maker, by) || made_job(maker, by)
}

fn made_replica_set(name: &str, by: &dyn Fn(&str, &str) -> bool) -> bool {
    let Some((maker, hash)) = name.rsplit_once('-') else { return false };
    is_random(hash, 5..=10) && (by("Deployment", maker) || by("Rollout", maker))
}

/// A CronJob's Jobs carry the minute that they were meant for.
fn made_job(name: &str, by: &dyn Fn(&str, &str) -> bool) -> bool {
    name.rsplit_once('-').is_some_and(|(maker, minute)| is_number(minute) && by("CronJob", maker))
}

fn is_random(text: &str, lengths: std::ops::RangeInclusive<usize>) -> bool {
    lengths.contains(&text.len()) && text.chars().all(|c| SAFE.contains(c))
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::Belonging;
    use crate::workload::{About, kind};

    #[track_caller]
    fn check(known: &[(&str, &str)], about: (&str, &str), expect: bool) {
        let mut belonging = Belonging::default();
        for (kind, name) in known {
            belonging.add(kind, "shop", name);
        }
        let about = About {
            kind: about.0.to_string(),
            namespace: "shop".to_string(),
            name: about.1.to_string(),
            ..About::default()
        };
        assert_eq!(belonging.has(&about), expect, "{about:?}");
    }

    #[test]
    fn what_controllers_made_is_known_by_its_name() {
        let deployment = [("Deployment", "cart")];
        check(&deployment, ("Deployment", "cart"), true);
        check(&deployment, ("ReplicaSet", "cart-6d5f7c9b8d"), true);
        check(&deployment, ("Pod", "cart-6d5f7c9b8d-x2k4z"), true);
        check(&deployment, ("Service", "cart"), false);
        check(&deployment, ("ReplicaSet", "cart-api-6d5f7c9b8d"), false);
        check(&deployment, ("Pod", "cart-api-x2k4z"), false);
        check(&deployment, ("Pod", "cart"), false);
        check(&[("StatefulSet", "db")], ("Pod", "db-0"), true);
        check(&[("StatefulSet", "db")], ("Pod", "db-x"), false);
        check(&[("DaemonSet", "log")], ("Pod", "log-x2k4z"), true);
        check(&[("CronJob", "night")], ("Job", "night-29474640"), true);
        check(&[("CronJob", "night")], ("Pod", "night-29474640-x2k4z"), true);
        check(&[("Job", "once")], ("Pod", "once-3-x2k4z"), true);
        check(&[("Rollout", "web")], ("Pod", "web-6d5f7c9b8d-x2k4z"), true);
        check(&[], ("Pod", ""), false);
    }

    #[test]
    fn other_namespaces_are_others() {
        let mut belonging = Belonging::default();
        belonging.add("Pod", "shop", "cart");
        let about = About {
            kind: "Pod".to_string(),
            namespace: "pay".to_string(),
            name: "cart".to_string(),
            ..About::default()
        };
        assert!(!belonging.has(&about));
    }

    #[test]
    fn owners_and_claims_belong() {
        let pod = r#"{"metadata":{"namespace":"shop","name":"db-0","ownerReferences":[{"kind":"StatefulSet","name":"db","controller":true}]},
            "spec":{"volumes":[{"name":"data","persistentVolumeClaim":{"claimName":"data-db-0"}}]}}"#;
        let pod = kind("Pod").expect("a row").observe(pod).expect("a pod");
        let belonging = Belonging::of([&pod]);
        assert!(belonging.knows("StatefulSet", "shop", "db"));
        assert!(belonging.knows("PersistentVolumeClaim", "shop", "data-db-0"));
        assert!(belonging.namespaces().all(|namespace| namespace == "shop"));
    }
}
