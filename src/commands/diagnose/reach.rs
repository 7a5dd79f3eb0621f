//! How kubectl reaches a cluster of this run: under its context, and in the file that the run was given.

use std::collections::BTreeMap;

use crate::app::App;
use crate::diagnose::KubectlFlags;
use crate::survey::Survey;

pub struct Reach {
    /// What `--kubeconfig` said; empty where it was not given.
    kubeconfig: String,
    /// The clusters' contexts, by name.
    contexts: BTreeMap<String, String>,
}

impl Reach {
    pub fn of(app: &App, survey: &Survey) -> Reach {
        let kubeconfig = app.options.kubeconfig.as_ref();
        Reach {
            kubeconfig: kubeconfig.map(|path| path.display().to_string()).unwrap_or_default(),
            contexts: survey.fleet.clusters().map(|one| (one.name.clone(), one.context.clone())).collect(),
        }
    }

    pub fn flags<'a>(&'a self, cluster: &'a str, namespace: &'a str) -> KubectlFlags<'a> {
        let context = self.contexts.get(cluster).map_or(cluster, String::as_str);
        KubectlFlags { kubeconfig: &self.kubeconfig, context, namespace }
    }
}
