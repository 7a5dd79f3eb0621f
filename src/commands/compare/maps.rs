//! The ConfigMaps that a service's pods refer to, by name; Secrets are never read.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use futures::future::join_all;
use serde::Deserialize;

use crate::fleet::{Asked, Gap, Resource, Silence};
use crate::health::{WorkloadFamily, families};
use crate::survey::Snapshot;
use crate::workload::{Container, Object, PodSpec, kind};

/// Each ConfigMap by namespace and name; `None` is one that is not there.
pub type Maps = BTreeMap<(String, String), Option<BTreeMap<String, String>>>;

/// More than this a service does not refer to; the rest would cost a request each.
const MOST: usize = 64;

/// Reads the ConfigMaps that the services in a cluster refer to.
pub async fn config_maps(asked: &Asked, snapshot: &Snapshot) -> (Maps, Vec<Gap>) {
    let mut names = BTreeSet::new();
    for members in &snapshot.members {
        for family in families(members.iter().map(|member| &snapshot.objects[*member])) {
            let refers = pod_spec(&family).map(|spec| references(&spec)).unwrap_or_default();
            names.extend(refers.into_iter().map(|name| (family.namespace.to_string(), name)));
        }
    }
    let all = names.len();
    let names: Vec<(String, String)> = names.into_iter().take(MOST).collect();
    let reads = join_all(names.iter().map(|(namespace, name)| read(asked, namespace, name)));
    let mut maps = Maps::new();
    let mut gaps = Vec::new();
    for (name, read) in names.iter().zip(reads.await) {
        match read {
            Ok(map) => drop(maps.insert(name.clone(), map)),
            Err(why) => gaps.push(Gap::kind("configmaps", why)),
        }
    }
    gaps.truncate(1);
    if all > MOST {
        let why = format!("{MOST} of {all} were read, and no more are");
        gaps.push(Gap::kind("configmaps", Silence::Protocol(why)));
    }
    (maps, gaps)
}

/// The pod spec that a family's template asks for; a pod's own where no template is known.
pub fn pod_spec(family: &WorkloadFamily) -> Option<Arc<PodSpec>> {
    let raw = family.workload.and_then(|workload| workload.template().raw.as_ref());
    if let Some(raw) = raw
        && let Some(Ok(Object::Pod(pod))) = kind("Pod").map(|kind| kind.observe(raw.text()))
    {
        return Some(pod.spec);
    }
    family.pods.first().map(|pod| pod.spec.clone())
}

/// The names of the ConfigMaps that a pod mounts or takes its environment from. Every namespace's own CA bundle is
/// another one in each cluster, and is left out.
pub fn references(spec: &PodSpec) -> BTreeSet<String> {
    let containers = spec.init_containers.iter().chain(&spec.containers);
    let mut names: BTreeSet<&str> = containers.flat_map(of_container).collect();
    for volume in &spec.volumes {
        names.extend(volume.config_map.iter().map(|map| map.name.as_str()));
        let sources = volume.projected.iter().flat_map(|projected| &projected.sources);
        names.extend(sources.filter_map(|source| Some(source.config_map.as_ref()?.name.as_str())));
    }
    let own = |name: &&str| !name.is_empty() && *name != "kube-root-ca.crt";
    names.into_iter().filter(own).map(str::to_string).collect()
}

fn of_container(container: &Container) -> impl Iterator<Item = &str> {
    let whole =
        container.env_from.iter().filter_map(|from| Some(from.config_map_ref.as_ref()?.name.as_str()));
    let keys = container.env.iter();
    whole.chain(keys.filter_map(|one| Some(one.value_from.config_map_key_ref.as_ref()?.name.as_str())))
}

async fn read(
    asked: &Asked,
    namespace: &str,
    name: &str,
) -> Result<Option<BTreeMap<String, String>>, Silence> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct ConfigMap {
        #[serde(default)]
        data: Option<BTreeMap<String, String>>,
        #[serde(default)]
        binary_data: Option<BTreeMap<String, String>>,
    }
    let resource = Resource { kind: "ConfigMap", group: "", version: "v1", plural: "configmaps" };
    let text = asked.object(&resource, Some(namespace), name).await?;
    let Some(text) = text else { return Ok(None) };
    let map: ConfigMap =
        serde_json::from_str(&text).map_err(|_| Silence::Protocol("a ConfigMap that is none".to_string()))?;
    let mut data = map.data.unwrap_or_default();
    let binary = map.binary_data.unwrap_or_default().into_iter();
    data.extend(binary.map(|(key, value)| (key, format!("binary, {}", checksum(&value)))));
    Ok(Some(data))
}

/// How long a value is that is no text, and a sum (FNV-1a) by which two of a length are told apart.
fn checksum(base64: &str) -> String {
    let sum = base64
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |sum, byte| (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    let length = base64.trim_end_matches('=').len() * 3 / 4;
    format!("{length} bytes, checksum {sum:016x}")
}

#[cfg(test)]
mod tests {
    use super::{checksum, references};
    use crate::workload::{Object, kind};

    #[test]
    fn binary_values_are_told_apart() {
        assert!(checksum("AAEC").starts_with("3 bytes, "), "{}", checksum("AAEC"));
        assert!(checksum("AAE=").starts_with("2 bytes, ") && checksum("AA==").starts_with("1 bytes, "));
        assert_eq!(checksum("AAEC"), checksum("AAEC"));
        assert_ne!(checksum("AAEC"), checksum("AAED"));
    }

    #[test]
    fn every_way_to_refer_to_a_config_map_counts() {
        let json = r#"{"spec":{"initContainers":[{"name":"i","envFrom":[{"configMapRef":{"name":"a"}},{"secretRef":{"name":"s"}}]}],
            "containers":[{"name":"c","env":[{"name":"X","valueFrom":{"configMapKeyRef":{"name":"b","key":"k"}}},{"name":"Y","value":"v"}]}],
            "volumes":[{"name":"v","configMap":{"name":"c"}},{"name":"w","secret":{"secretName":"t"}},
              {"name":"p","projected":{"sources":[{"configMap":{"name":"d"}},{"configMap":{"name":"kube-root-ca.crt"}},{"secret":{"name":"u"}}]}}]}}"#;
        let Ok(Object::Pod(pod)) = kind("Pod").expect("a row").observe(json) else { panic!("no pod") };
        assert_eq!(references(&pod.spec).into_iter().collect::<Vec<_>>(), ["a", "b", "c", "d"]);
    }
}
