//! Which containers of a pod have lines that are wanted.

use std::sync::{Arc, OnceLock};

use wildmatch::WildMatch;

use crate::commands::logs::life::Life;
use crate::workload::Pod;

/// Where lines come from.
#[derive(Debug)]
pub struct LogSource {
    /// By its number in the fleet.
    pub cluster: usize,
    pub namespace: String,
    pub pod: String,
    pub container: String,
    /// Its pod has no other container.
    pub alone: bool,
    /// What stands before each of its lines, made with the first one.
    pub head: OnceLock<String>,
}

/// A container as it is to be read.
#[derive(Clone, Debug)]
pub struct Stream {
    pub source: Arc<LogSource>,
    pub life: Life,
}

/// `-c`: names that are wanted, and those that are not.
#[derive(Clone, Debug, Default)]
pub struct ContainerGlobs {
    wanted: Vec<WildMatch>,
    unwanted: Vec<WildMatch>,
}

impl ContainerGlobs {
    pub fn new(globs: &[String]) -> ContainerGlobs {
        let (unwanted, wanted): (Vec<&String>, Vec<&String>) =
            globs.iter().partition(|glob| glob.starts_with('!'));
        ContainerGlobs {
            wanted: wanted.into_iter().map(|glob| WildMatch::new(glob)).collect(),
            unwanted: unwanted.into_iter().map(|glob| WildMatch::new(&glob[1..])).collect(),
        }
    }

    pub fn is_all(&self) -> bool {
        self.wanted.is_empty() && self.unwanted.is_empty()
    }

    pub fn wants(&self, name: &str) -> bool {
        let matches = |glob: &WildMatch| glob.matches(name);
        (self.wanted.is_empty() || self.wanted.iter().any(matches)) && !self.unwanted.iter().any(matches)
    }
}

/// The containers of a pod that are wanted, init and ephemeral ones too, in the order in which they start.
pub fn streams(cluster: usize, pod: &Pod, globs: &ContainerGlobs) -> Vec<Stream> {
    let containers = pod.containers();
    let alone = containers.len() == 1;
    let wanted = containers.iter().filter(|container| globs.wants(container.name));
    let stream = wanted.map(|container| Stream {
        source: Arc::new(LogSource {
            cluster,
            namespace: pod.meta.namespace.to_string(),
            pod: pod.meta.name.clone(),
            container: container.name.to_string(),
            alone,
            head: OnceLock::new(),
        }),
        life: Life::of(container),
    });
    stream.collect()
}

#[cfg(test)]
mod tests {
    use super::{ContainerGlobs, streams};
    use crate::workload::{Object, kind};

    const POD: &str = r#"{"metadata":{"namespace":"shop","name":"p"},"spec":{"initContainers":[{"name":"migrate"}],
        "containers":[{"name":"app"},{"name":"istio-proxy"}],"ephemeralContainers":[{"name":"debugger-1"}]}}"#;

    #[track_caller]
    fn check(globs: &[&str], expect: &[&str]) {
        let Object::Pod(pod) = kind("Pod").expect("a kind").observe(POD).expect("a pod") else {
            panic!("no pod")
        };
        let globs: Vec<String> = globs.iter().map(|glob| glob.to_string()).collect();
        let streams = streams(0, &pod, &ContainerGlobs::new(&globs));
        let names: Vec<&str> = streams.iter().map(|stream| stream.source.container.as_str()).collect();
        assert_eq!(names, expect, "{globs:?}");
    }

    #[test]
    fn containers_are_chosen_by_globs() {
        check(&[], &["migrate", "app", "istio-proxy", "debugger-1"]);
        check(&["app"], &["app"]);
        check(&["a*", "mig?ate"], &["migrate", "app"]);
        check(&["!istio-*"], &["migrate", "app", "debugger-1"]);
        check(&["*-*", "!debug*"], &["istio-proxy"]);
        check(&["nope"], &[]);
    }
}
