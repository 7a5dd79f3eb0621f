//! Where services run: the namespaces that hold something of them, and those that the catalog names where a cluster does not say.

use std::collections::BTreeMap;

use crate::survey::overview::Survey;
use crate::survey::split::meta;

/// A namespace of a cluster that a service runs in.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ServicePlace {
    pub service: String,
    /// The cluster's index in the fleet of the survey.
    pub cluster: usize,
    pub namespace: String,
    /// Something of it was seen there; else only the catalog says so, and the cluster did not answer.
    pub seen: bool,
}

impl Survey {
    /// By service, cluster and namespace, in the order of the services and of the fleet.
    pub fn places(&self) -> Vec<ServicePlace> {
        let mut places = Vec::new();
        for (number, wanted) in self.placed.wanted.iter().enumerate() {
            for (cluster, answer) in self.collected.answers.iter().enumerate() {
                if !wanted.is_told_by(cluster) || wanted.refused.is_some() {
                    continue;
                }
                let mut namespaces: BTreeMap<&str, bool> = BTreeMap::new();
                let is_placed = wanted.placement.is_some();
                let is_whole = answer
                    .as_ref()
                    .is_some_and(|answer| answer.silence().is_none() && answer.value.unread.is_empty());
                if is_placed && !is_whole {
                    namespaces.extend(wanted.target.namespaces.iter().map(|name| (name.as_str(), false)));
                }
                let snapshot = answer.as_ref().map(|answer| &answer.value);
                let members = snapshot.and_then(|snapshot| Some((snapshot, snapshot.members.get(number)?)));
                if let Some((snapshot, members)) = members {
                    let found = members.iter().map(|member| &*meta(&snapshot.objects[*member]).namespace);
                    namespaces.extend(found.map(|namespace| (namespace, true)));
                }
                places.extend(namespaces.into_iter().map(|(namespace, seen)| ServicePlace {
                    service: wanted.name.clone(),
                    cluster,
                    namespace: namespace.to_string(),
                    seen,
                }));
            }
        }
        places
    }
}
