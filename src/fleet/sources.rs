//! Where clusters come from: one row a source. Sources are read, never written.

mod catalog;
mod command;
mod files;
mod hub;
mod karmada;
mod managed;
mod profiles;
mod secrets;

use crate::catalog::ClusterResource;
use crate::config::SourceConfig;
use crate::fleet::access::Access;
use crate::fleet::found::{Found, FoundContext, SilentSource};
use crate::fleet::kubeconfig::{self, KubeconfigText};
use crate::fleet::silence::Silence;
use futures::FutureExt;
use futures::future::BoxFuture;

/// A source of clusters.
pub struct ClusterSource {
    /// As `clusters` shows it, and the `type` of its entries in the configuration.
    pub id: &'static str,
    /// Keys of an entry that it does not do without.
    pub needs: &'static [&'static str],
    /// Keys that an entry may have beside.
    pub takes: &'static [&'static str],
    /// Its hub holds templates of what runs in the clusters, and runs nothing itself.
    pub hub_runs_nothing: bool,
    pub read: SourceReader,
}

/// How the clusters of an entry are found.
pub enum SourceReader {
    /// In files: nobody is asked.
    Files(fn(&'static str, &SourceConfig) -> Found),
    /// In the catalog; with the contexts that are known already.
    Catalog(fn(&'static str, &SourceConfig, &[ClusterResource], &Found) -> Found),
    /// By a program that is started, or by asking a server; with the contexts that are known without asking.
    Asked(for<'a> fn(&'static str, &'a SourceConfig, &'a Found, &'a Access) -> SourceListing<'a>),
}

type SourceListing<'a> = BoxFuture<'a, Result<Found, Silence>>;

/// Every source, in the order in which it is told of them.
pub const SOURCES: &[ClusterSource] = &[
    ClusterSource {
        id: KUBECONFIG,
        needs: &["paths"],
        takes: &[],
        hub_runs_nothing: false,
        read: SourceReader::Files(files::read),
    },
    ClusterSource {
        id: CATALOG,
        needs: &[],
        takes: &["user"],
        hub_runs_nothing: false,
        read: SourceReader::Catalog(catalog::read),
    },
    ClusterSource {
        id: "command",
        needs: &["command"],
        takes: &["timeout", "providers"],
        hub_runs_nothing: false,
        read: SourceReader::Asked(|id, entry, _, _| command::list(id, entry).boxed()),
    },
    ClusterSource {
        id: "cluster-profiles",
        needs: &["hub"],
        takes: &["providers", "namespaces", "selector"],
        hub_runs_nothing: false,
        read: SourceReader::Asked(|id, entry, known, access| {
            profiles::list(id, entry, known, access).boxed()
        }),
    },
    ClusterSource {
        id: "karmada",
        needs: &["hub"],
        takes: &["selector", "via"],
        hub_runs_nothing: true,
        read: SourceReader::Asked(|id, entry, known, access| karmada::list(id, entry, known, access).boxed()),
    },
    ClusterSource {
        id: "open-cluster-management",
        needs: &["hub"],
        takes: &["proxy", "user", "selector"],
        hub_runs_nothing: false,
        read: SourceReader::Asked(|id, entry, known, access| managed::list(id, entry, known, access).boxed()),
    },
    ClusterSource {
        id: "cluster-api",
        needs: &["hub"],
        takes: &["namespaces", "selector"],
        hub_runs_nothing: false,
        read: SourceReader::Asked(|id, entry, known, access| {
            secrets::cluster_api(id, entry, known, access).boxed()
        }),
    },
    ClusterSource {
        id: "argo-cd",
        needs: &["hub"],
        takes: &["namespaces", "selector"],
        hub_runs_nothing: false,
        read: SourceReader::Asked(|id, entry, known, access| {
            secrets::argo_cd(id, entry, known, access).boxed()
        }),
    },
];

/// kubectl's own kubeconfigs are a source without an entry, too.
const KUBECONFIG: &str = "kubeconfig";
const CATALOG: &str = "catalog";

/// The contexts of kubectl's own kubeconfigs.
pub fn of_kubeconfigs(documents: Vec<KubeconfigText>) -> Found {
    Found::of_kubeconfig(KUBECONFIG, kubeconfig::merge(documents))
}

/// What is wrong with an entry of the configuration.
pub fn check(entry: &SourceConfig) -> Result<&'static ClusterSource, String> {
    let ids = || SOURCES.iter().map(|source| source.id);
    let Some(source) = SOURCES.iter().find(|source| source.id == entry.r#type) else {
        let close = crate::text::closest(&entry.r#type, ids());
        return Err(match (entry.r#type.is_empty(), close.first()) {
            (true, _) => format!("a source needs a type: one of {}", ids().collect::<Vec<_>>().join(", ")),
            (false, Some(close)) => {
                format!("the type \"{}\" is not known; did you mean {close}?", entry.r#type)
            }
            (false, None) => {
                format!("the type \"{}\" is none of {}", entry.r#type, ids().collect::<Vec<_>>().join(", "))
            }
        });
    };
    let given = given(entry);
    if let Some(missing) = source.needs.iter().find(|key| !given.contains(key)) {
        return Err(format!("a source of type {} needs `{missing}:`", source.id));
    }
    let fits = |key: &&str| source.needs.contains(key) || source.takes.contains(key);
    if let Some(via) = entry.via.as_deref().filter(|via| !["proxy", "cache"].contains(via)) {
        return Err(format!("`via: {via}` is neither proxy nor cache"));
    }
    match given.iter().find(|key| !fits(key)) {
        Some(key) => Err(format!("a source of type {} does not know `{key}:`", source.id)),
        None => Ok(source),
    }
}

/// The keys of an entry that say something, but for those that every source knows.
fn given(entry: &SourceConfig) -> Vec<&'static str> {
    let SourceConfig {
        r#type: _,
        name: _,
        optional: _,
        directory: _,
        paths,
        command,
        timeout,
        hub,
        user,
        proxy,
        via,
        namespaces,
        selector,
        providers,
    } = entry;
    let keys = [
        ("paths", !paths.is_empty()),
        ("command", !command.is_empty()),
        ("timeout", timeout.is_some()),
        ("hub", hub.is_some()),
        ("user", user.is_some()),
        ("proxy", proxy.is_some()),
        ("via", via.is_some()),
        ("namespaces", !namespaces.is_empty()),
        ("selector", selector.is_some()),
        ("providers", !providers.is_empty()),
    ];
    keys.into_iter().filter(|(_, is_given)| *is_given).map(|(key, _)| key).collect()
}

/// What entries tell that need nobody asked. What the others would tell is not asked for: their names are kept.
pub fn read(entries: &[SourceConfig], kubeconfigs: Found, clusters: &[ClusterResource]) -> Found {
    let mut found = kubeconfigs;
    for entry in entries {
        // Who reads the configuration has told of one that cannot be used.
        let Ok(source) = check(entry) else { continue };
        match source.read {
            SourceReader::Files(read) => found.add(marked(read(source.id, entry), entry)),
            SourceReader::Catalog(read) => {
                let told = read(source.id, entry, clusters, &found);
                found.add(marked(told, entry));
            }
            SourceReader::Asked(_) => found.unasked.push(entry.called()),
        }
    }
    for entry in entries.iter().filter(|entry| check(entry).is_ok_and(|source| source.hub_runs_nothing)) {
        let hub = hub::context(entry, &found).map(|hub| hub.context.cluster.server.clone());
        let is_hub = |one: &&mut FoundContext| hub.as_ref() == Some(&one.context.cluster.server);
        found.contexts.iter_mut().filter(is_hub).for_each(|one| one.runs_nothing = true);
    }
    found
}

/// Whether an entry's clusters are in the catalog.
pub fn is_of_catalog(entry: &SourceConfig) -> bool {
    entry.r#type == CATALOG
}

/// Whether a source of that id tells its clusters only when it is asked.
pub fn is_asked(id: &str) -> bool {
    SOURCES.iter().any(|source| source.id == id && matches!(source.read, SourceReader::Asked(_)))
}

/// The same with what those tell that are asked, all at once. One that does not tell is silent.
pub async fn ask(entries: &[SourceConfig], known: Found, access: &Access) -> Found {
    let asking = entries.iter().filter_map(|entry| match check(entry) {
        Ok(source @ ClusterSource { read: SourceReader::Asked(list), .. }) => {
            Some(list(source.id, entry, &known, access).map(move |told| (entry, source, told)))
        }
        Ok(_) | Err(_) => None,
    });
    let told = futures::future::join_all(asking).await;
    let mut found = known.clone();
    found.unasked.clear();
    for (entry, source, told) in told {
        found.add(match told {
            Ok(told) => marked(told, entry),
            Err(why) => {
                let (source, origin) = (source.id, entry.called());
                let silent = vec![SilentSource { source, origin, why, optional: entry.optional }];
                Found { silent, ..Found::default() }
            }
        });
    }
    found
}

fn marked(mut found: Found, entry: &SourceConfig) -> Found {
    found.contexts.iter_mut().for_each(|context| context.optional |= entry.optional);
    found
}

#[cfg(test)]
mod tests {
    use super::{SOURCES, check};
    use crate::config::SourceConfig;
    use std::collections::BTreeSet;

    #[test]
    fn ids_are_unique() {
        let ids: BTreeSet<&str> = SOURCES.iter().map(|source| source.id).collect();
        assert_eq!(ids.len(), SOURCES.len());
    }

    #[test]
    fn an_entry_has_the_keys_of_its_type() {
        let entry = |kind: &str| SourceConfig { r#type: kind.to_string(), ..SourceConfig::default() };
        let wrong = |entry: &SourceConfig| check(entry).err();
        let files = SourceConfig { paths: vec!["a".into()], ..entry("kubeconfig") };
        assert_eq!(wrong(&files), None);
        assert_eq!(
            wrong(&entry("kubeconfig")).as_deref(),
            Some("a source of type kubeconfig needs `paths:`")
        );
        assert_eq!(
            wrong(&entry("kubeconfigs")).as_deref(),
            Some("the type \"kubeconfigs\" is not known; did you mean kubeconfig?")
        );
        assert!(
            wrong(&entry(""))
                .is_some_and(|told| told.starts_with("a source needs a type: one of kubeconfig, "))
        );
        assert_eq!(
            wrong(&SourceConfig { hub: Some("eu".to_string()), ..files }).as_deref(),
            Some("a source of type kubeconfig does not know `hub:`")
        );
    }
}
