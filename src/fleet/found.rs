//! The contexts that there are, from every source, and the sources that would not tell.

use crate::fleet::hub_cache::HubCache;
use crate::fleet::kubeconfig::{Context, KubeconfigProblem, Merged};
use crate::fleet::server_url::normal;
use crate::fleet::silence::Silence;
use kube::config::Cluster;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

/// A context, and what its source says of the cluster beside.
#[derive(Clone)]
pub struct FoundContext {
    /// The id of a row of `sources::SOURCES`.
    pub source: &'static str,
    /// The file, or what the source is called.
    pub origin: String,
    pub context: Context,
    pub labels: BTreeMap<String, String>,
    /// Other names of it.
    pub aliases: Vec<String>,
    /// Further URLs by which others may reach the same cluster.
    pub servers: Vec<String>,
    /// What it is called instead where its name is taken: the first that is free.
    pub apart: Vec<String>,
    /// An inventory tells of it: where an earlier context has one of its servers, it is that cluster.
    pub joins: bool,
    pub optional: bool,
    /// It is no cluster that anything runs in: it is asked only where it is named.
    pub runs_nothing: bool,
    /// The cluster that the credential is made for, where another one leads to this one.
    pub login: Option<Box<Cluster>>,
    /// Why it cannot be asked.
    pub unusable: Option<Silence>,
    pub kubectl: KubectlReach,
    /// What its hub keeps of it, and the name that it has there.
    pub cache: Option<(Arc<HubCache>, String)>,
    /// The server's version, where the source tells it.
    pub version: Option<String>,
    /// The sources that told of it, too.
    pub also_from: Vec<String>,
}

/// How kubectl reaches a cluster.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub enum KubectlReach {
    /// Under its context.
    #[default]
    Context,
    /// In a kubeconfig that kubectl has to be pointed at, under the name that it has there.
    File { path: PathBuf, context: String },
    /// By the credential of another context, which leads to it.
    Through { context: String, reach: Box<KubectlReach>, server: String },
    /// Not by flags.
    Never,
}

impl KubectlReach {
    /// The flags that lead kubectl there, each with its value; `context` is the name here. Nothing where none do.
    pub fn flags(&self, context: &str) -> Option<Vec<(&'static str, String)>> {
        Some(match self {
            KubectlReach::Context => vec![("--context", context.to_string())],
            KubectlReach::File { path, context } => {
                vec![("--kubeconfig", path.display().to_string()), ("--context", context.clone())]
            }
            KubectlReach::Through { context, reach, server } => {
                let mut flags = reach.flags(context)?;
                flags.push(("--server", server.clone()));
                flags
            }
            KubectlReach::Never => return None,
        })
    }
}

/// A source that could not tell its clusters.
#[derive(Clone, Debug)]
pub struct SilentSource {
    pub source: &'static str,
    pub origin: String,
    pub why: Silence,
    pub optional: bool,
}

/// All contexts, in fleet order.
#[derive(Clone, Default)]
pub struct Found {
    pub contexts: Vec<FoundContext>,
    pub current: Option<String>,
    pub problems: Vec<KubeconfigProblem>,
    pub silent: Vec<SilentSource>,
    /// Sources that this run has not asked.
    pub unasked: Vec<String>,
    /// What programs that were started said on stderr.
    pub notes: Vec<String>,
}

impl FoundContext {
    /// A context that nothing more is known of.
    pub fn of(source: &'static str, origin: String, context: Context) -> FoundContext {
        FoundContext {
            source,
            origin,
            context,
            labels: BTreeMap::new(),
            aliases: Vec::new(),
            servers: Vec::new(),
            apart: Vec::new(),
            joins: false,
            optional: false,
            runs_nothing: false,
            login: None,
            unusable: None,
            kubectl: KubectlReach::Context,
            cache: None,
            version: None,
            also_from: Vec::new(),
        }
    }

    /// The URLs by which the cluster may be known, in one form.
    fn addresses(&self) -> impl Iterator<Item = String> {
        self.context.cluster.server.iter().chain(&self.servers).map(|server| normal(server))
    }

    /// Takes over what another source says of the same cluster; what is known stays.
    fn join(&mut self, other: FoundContext) {
        for (key, value) in other.labels {
            self.labels.entry(key).or_insert(value);
        }
        let names = std::iter::once(other.context.name).chain(other.aliases);
        self.aliases.extend(names.filter(|name| *name != self.context.name));
        self.servers.extend(other.servers);
        self.also_from.push(other.origin);
    }
}

impl Found {
    /// The contexts of kubectl's own kubeconfigs.
    pub fn of_kubeconfig(source: &'static str, merged: Merged) -> Found {
        let of = |context: Context| FoundContext::of(source, context.file.display().to_string(), context);
        Found {
            contexts: merged.contexts.into_iter().map(of).collect(),
            current: merged.current,
            problems: merged.problems,
            ..Found::default()
        }
    }

    /// Whether a context reaches the cluster of that URL.
    pub fn reaches(&self, server: &str) -> bool {
        let server = normal(server);
        self.contexts.iter().any(|one| one.addresses().any(|address| address == server))
    }

    /// Adds what a further source tells: a cluster that is known already is not another one, and a name that is taken is told apart.
    pub fn add(&mut self, further: Found) {
        let Found { contexts, current: _, problems, silent, unasked, notes } = further;
        let mut known: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        let mut names: BTreeSet<String> = BTreeSet::new();
        for (index, found) in self.contexts.iter().enumerate() {
            found.addresses().for_each(|address| known.entry(address).or_default().push(index));
            names.insert(found.context.name.clone());
        }
        for mut found in contexts {
            let same: BTreeSet<usize> = match found.joins {
                true => {
                    found.addresses().filter_map(|address| known.get(&address)).flatten().copied().collect()
                }
                false => BTreeSet::new(),
            };
            if !same.is_empty() {
                same.into_iter().for_each(|index| self.contexts[index].join(found.clone()));
                continue;
            }
            if names.contains(&found.context.name) {
                let last = found.apart.last().unwrap_or(&found.context.name).clone();
                let numbered = (2..).map(|number| format!("{last}-{number}"));
                let mut apart = found.apart.clone().into_iter().chain(numbered);
                found.context.name = apart.find(|name| !names.contains(name)).unwrap_or(last);
            }
            names.insert(found.context.name.clone());
            self.contexts.push(found);
        }
        self.problems.extend(problems);
        self.silent.extend(silent);
        self.unasked.extend(unasked);
        self.notes.extend(notes);
    }
}

#[cfg(test)]
mod tests {
    use super::{Found, FoundContext, KubectlReach};
    use crate::fleet::kubeconfig::Context;
    use kube::config::{AuthInfo, Cluster};

    fn context(name: &str, server: &str) -> FoundContext {
        let cluster = Cluster { server: Some(server.to_string()), ..Cluster::default() };
        let (name, user) = (name.to_string(), AuthInfo::default());
        let context =
            Context { cluster_name: name.clone(), name, cluster, user, namespace: None, file: "f".into() };
        FoundContext::of("kubeconfig", "f".to_string(), context)
    }

    fn all(contexts: Vec<FoundContext>) -> Found {
        Found { contexts, ..Found::default() }
    }

    fn names(found: &Found) -> Vec<&str> {
        found.contexts.iter().map(|one| one.context.name.as_str()).collect()
    }

    #[test]
    fn kubectl_is_led_by_flags() {
        let flags = |reach: &KubectlReach| {
            let flags = reach.flags("here")?;
            Some(flags.iter().map(|(flag, value)| format!("{flag} {value}")).collect::<Vec<_>>().join(" "))
        };
        let file = KubectlReach::File { path: "/c/eu.yaml".into(), context: "admin".to_string() };
        let through = |reach: KubectlReach| KubectlReach::Through {
            context: "hub".to_string(),
            reach: Box::new(reach),
            server: "https://hub/eu".to_string(),
        };
        assert_eq!(flags(&KubectlReach::Context).as_deref(), Some("--context here"));
        assert_eq!(flags(&file).as_deref(), Some("--kubeconfig /c/eu.yaml --context admin"));
        let plain = through(KubectlReach::Context);
        assert_eq!(flags(&plain).as_deref(), Some("--context hub --server https://hub/eu"));
        let deep = "--kubeconfig /c/eu.yaml --context admin --server https://hub/eu";
        assert_eq!(flags(&through(file)).as_deref(), Some(deep));
        assert_eq!(flags(&through(KubectlReach::Never)), None);
    }

    #[test]
    fn a_name_that_is_taken_is_told_apart() {
        let apart = |name: &str, apart: &[&str]| FoundContext {
            apart: apart.iter().map(|name| name.to_string()).collect(),
            ..context(name, "https://b")
        };
        let mut found = all(vec![context("admin", "https://a")]);
        found.add(all(vec![apart("admin", &["eu", "eu/admin"]), apart("us", &["x"])]));
        found.add(all(vec![apart("admin", &["eu", "eu/admin"]), apart("admin", &["eu/admin"])]));
        assert_eq!(names(&found), ["admin", "eu", "us", "eu/admin", "eu/admin-2"]);
    }

    #[test]
    fn what_an_inventory_tells_of_a_known_server_is_no_other_cluster() {
        let member = |name: &str, servers: &[&str]| FoundContext {
            joins: true,
            origin: "karmada:hub".to_string(),
            servers: servers.iter().map(|server| server.to_string()).collect(),
            labels: [("region".to_string(), "eu".to_string())].into(),
            ..context(name, &format!("https://hub/{name}"))
        };
        let mut found = all(vec![context("arn:eu-1", "https://API.eu-1:443/"), context("b", "https://b")]);
        found.add(all(vec![member("eu-1", &["https://api.eu-1"]), member("b", &["https://elsewhere"])]));
        assert_eq!(names(&found), ["arn:eu-1", "b", "b-2"]);
        let known = &found.contexts[0];
        assert_eq!(
            (known.aliases.as_slice(), &known.labels["region"]),
            (&["eu-1".to_string()][..], &"eu".to_string())
        );
        assert_eq!(known.also_from, ["karmada:hub"]);
        // Two contexts of one server may be two clusters: only an inventory says that they are one.
        found.add(all(vec![context("again", "https://b")]));
        assert_eq!(found.contexts.len(), 4);
    }
}
