//! Specs of pods, read and held once for all replicas of a template, in whatever cluster: what differs from one to the next is taken
//! out before they are compared.

use std::cell::RefCell;
use std::collections::HashMap;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::Arc;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::shared::SharedText;
use crate::workload::lenient;
use crate::workload::pod_spec::PodSpec;

thread_local! {
    static SPECS: RefCell<SharedSpecs> = RefCell::default();
}

/// The node, and the rest of a pod's spec. A key that comes twice is an error, as it is everywhere in an object.
pub fn read_spec(json: &str) -> serde_json::Result<(SharedText, Arc<PodSpec>)> {
    SPECS.with_borrow_mut(|specs| specs.read(json))
}

/// What is known at most, before it begins anew.
const MOST_KNOWN: usize = 2048;

/// The specs that one thread has read a short while ago.
#[derive(Default)]
struct SharedSpecs {
    known: HashMap<Fingerprint, Arc<PodSpec>>,
    hashers: [RandomState; 2],
}

/// Two hashes of a text under keys that nobody outside knows: alike is equal.
type Fingerprint = [u64; 2];

/// What the scheduler and the controllers write into each pod of one template.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OwnFields<'a> {
    #[serde(borrow)]
    node_name: Option<&'a RawValue>,
    #[serde(borrow)]
    hostname: Option<&'a RawValue>,
}

/// The volume of the service account's token: its name ends in characters that are drawn for each pod. They are no part of what is
/// compared, and a shared spec has those of one of its pods.
const TOKEN: &str = "\"kube-api-access-";

impl SharedSpecs {
    fn read(&mut self, json: &str) -> serde_json::Result<(SharedText, Arc<PodSpec>)> {
        if !json.starts_with('{') {
            return Ok(Default::default());
        }
        let own: OwnFields = serde_json::from_str(json)?;
        let node = own.node_name.map(|raw| lenient::value(raw.get())).transpose()?.unwrap_or_default();
        let fingerprint = self.fingerprint(json, &own);
        if let Some(known) = self.known.get(&fingerprint) {
            return Ok((node, known.clone()));
        }
        let spec: Arc<PodSpec> = lenient::value::<PodSpec>(json)?.into();
        // What holds no number where one belongs is to be noticed in each of the pods.
        if !lenient::has_no_number() {
            if self.known.len() >= MOST_KNOWN {
                self.known.clear();
            }
            self.known.insert(fingerprint, spec.clone());
        }
        Ok((node, spec))
    }

    fn fingerprint(&self, json: &str, own: &OwnFields) -> Fingerprint {
        let at = |raw: &RawValue| raw.get().as_ptr().addr() - json.as_ptr().addr();
        let mut places: Vec<(usize, usize)> = [own.node_name, own.hostname]
            .into_iter()
            .flatten()
            .map(|raw| (at(raw), raw.get().len()))
            .collect();
        places.sort_unstable();
        let mut parts = Vec::new();
        let mut from = 0;
        for (start, length) in places {
            parts.push(&json[from..start]);
            from = start + length;
        }
        parts.push(&json[from..]);
        let token = token(json);
        let hash = |state: &RandomState| {
            let mut hasher = state.build_hasher();
            for part in &parts {
                match token {
                    Some(token) => part.split(token).for_each(|text| hash_text(&mut hasher, text)),
                    None => hash_text(&mut hasher, part),
                }
                hasher.write_u8(0);
            }
            hasher.finish()
        };
        self.hashers.each_ref().map(hash)
    }
}

fn hash_text(hasher: &mut impl Hasher, text: &str) {
    hasher.write(text.as_bytes());
    // No UTF-8 holds this byte.
    hasher.write_u8(0xff);
}

/// The name of the token's volume as it stands in the JSON, with its quotes.
fn token(json: &str) -> Option<&str> {
    let start = json.find(TOKEN)?;
    let drawn = json[start + TOKEN.len()..].find('"')?;
    Some(&json[start..start + TOKEN.len() + drawn + 1])
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{MOST_KNOWN, SharedSpecs};
    use crate::shared::SharedText;
    use crate::workload::{PodSpec, no_number};

    fn read(shared: &mut SharedSpecs, json: &str) -> (SharedText, Arc<PodSpec>) {
        shared.read(json).expect("a spec")
    }

    fn spec(node: &str, token: &str, more: &str) -> String {
        format!(
            r#"{{"hostname":"h-{node}","volumes":[{{"name":"kube-api-access-{token}"}}],"containers":[{{"name":"app","volumeMounts":[
            {{"name":"kube-api-access-{token}","mountPath":"/t"}}]{more}}}],"nodeName":"{node}","nodeSelector":{{"nodeName":"x"}}}}"#
        )
    }

    #[test]
    fn replicas_share_their_spec_and_keep_their_node() {
        let mut shared = SharedSpecs::default();
        let (node, one) = read(&mut shared, &spec("n1", "abcde", ""));
        let (other_node, other) = read(&mut shared, &spec("n2", "fghij", ""));
        assert_eq!((node.as_str(), other_node.as_str()), ("n1", "n2"));
        assert!(Arc::ptr_eq(&one, &other));
        assert_eq!(one.containers[0].name, "app");
        let (_, pending) = read(&mut shared, &spec("", "abcde", ""));
        assert!(Arc::ptr_eq(&one, &pending));
    }

    #[test]
    fn what_is_known_is_bounded() {
        let mut shared = SharedSpecs::default();
        for number in 0..2 * MOST_KNOWN {
            let (node, _) =
                read(&mut shared, &format!(r#"{{"nodeName":"n","priorityClassName":"{number}"}}"#));
            assert_eq!(node, "n");
        }
        assert!(shared.known.len() <= MOST_KNOWN);
    }

    #[test]
    fn whatever_else_differs_is_another_spec() {
        let mut shared = SharedSpecs::default();
        let base = spec("n1", "abcde", "");
        let (_, one) = read(&mut shared, &base);
        for other in [
            spec("n1", "abcde", r#","image":"x:2""#),
            base.replace(r#""nodeName":"x""#, r#""nodeName":"y""#),
            base.replace("/t", "kube-api-access-abcde"),
            base.replace("kube-api-access-abcde\",\"mountPath", "kube-api-access-other\",\"mountPath"),
        ] {
            assert!(!Arc::ptr_eq(&one, &read(&mut shared, &other).1), "{other}");
        }
    }

    #[test]
    fn what_is_no_number_is_noticed_in_each_pod() {
        let odd = r#"{"nodeName":"n","terminationGracePeriodSeconds":"soon"}"#;
        let mut shared = SharedSpecs::default();
        for _ in 0..2 {
            let (_, what) = no_number(|| read(&mut shared, odd));
            assert!(what.is_some());
        }
    }

    #[test]
    fn what_is_no_spec_is_an_empty_one() {
        let mut shared = SharedSpecs::default();
        for odd in ["[]", "null", "\"x\"", "3", r#"{"nodeName":[1],"containers":null}"#] {
            let (node, spec) = read(&mut shared, odd);
            assert_eq!((node.as_str(), spec.containers.len()), ("", 0), "{odd}");
        }
    }

    #[test]
    fn a_key_that_comes_twice_is_an_error() {
        for twice in ["nodeName", "containers"] {
            let json = format!(r#"{{"{twice}":null,"a":1,"{twice}":null}}"#);
            assert!(SharedSpecs::default().read(&json).is_err(), "{twice}");
        }
    }
}
