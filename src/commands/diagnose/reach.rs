//! How kubectl reaches a cluster of this run: under its context, in the file that the run was given, or by what its source says.

use std::collections::BTreeMap;

use crate::app::App;
use crate::diagnose::KubectlFlags;
use crate::fleet::Cluster;
use crate::survey::Survey;

pub struct Reach {
    /// What `--kubeconfig` said; empty where it was not given.
    kubeconfig: String,
    /// By the clusters' names.
    clusters: BTreeMap<String, ClusterReach>,
}

struct ClusterReach {
    context: String,
    /// The flags that lead kubectl there, each with its value.
    flags: Vec<(&'static str, String)>,
}

impl Reach {
    pub fn of(app: &App, survey: &Survey) -> Reach {
        let kubeconfig = app.options.kubeconfig.as_ref();
        let of = |one: &Cluster| {
            // Where no flags lead kubectl, a context that it does not know keeps it from asking another cluster.
            let flags = one.kubectl_flags(&one.context).unwrap_or_default();
            (one.name.clone(), ClusterReach { context: one.context.clone(), flags })
        };
        Reach {
            kubeconfig: kubeconfig.map(|path| path.display().to_string()).unwrap_or_default(),
            clusters: survey.fleet.clusters().map(of).collect(),
        }
    }

    pub fn flags<'a>(&'a self, cluster: &'a str, namespace: &'a str) -> KubectlFlags<'a> {
        let known = self.clusters.get(cluster);
        let of = |name: &str| {
            let flags = known.map(|known| known.flags.as_slice()).unwrap_or_default();
            flags.iter().find(|(flag, _)| *flag == name).map(|(_, value)| value.as_str())
        };
        let context = known.map_or(cluster, |known| known.context.as_str());
        KubectlFlags {
            kubeconfig: of("--kubeconfig").unwrap_or(&self.kubeconfig),
            context: of("--context").unwrap_or(context),
            server: of("--server").unwrap_or_default(),
            namespace,
        }
    }
}
