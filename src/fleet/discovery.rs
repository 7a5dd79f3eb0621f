//! Which kinds a server serves: two calls where it tells all groups at once (1.26 and later), else one for each group and version.

use crate::fleet::asked::Asked;
use crate::fleet::path::Resource;
use crate::fleet::silence::Silence;
use futures::future::join_all;
use kube::core::discovery::v2::{APIGroupDiscovery, APIResourceDiscovery};

/// A kind that a server serves.
#[derive(Clone, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub struct ServedKind {
    /// Empty for the core group.
    pub group: String,
    pub version: String,
    pub kind: String,
    pub plural: String,
    pub singular: String,
    pub short_names: Vec<String>,
    pub categories: Vec<String>,
    pub is_namespaced: bool,
}

impl ServedKind {
    pub fn resource(&self) -> Resource<'_> {
        Resource { kind: &self.kind, group: &self.group, version: &self.version, plural: &self.plural }
    }

    /// `pods`, `deployments.apps`: as error messages of a server have it.
    pub fn full_name(&self) -> String {
        match self.group.as_str() {
            "" => self.plural.clone(),
            group => format!("{}.{group}", self.plural),
        }
    }
}

/// What a server serves, in its order of preference, and how many groups it would not tell.
#[derive(Clone, Debug, Default)]
pub struct ServedKinds {
    pub kinds: Vec<ServedKind>,
    pub untold: usize,
}

impl Asked {
    /// The kinds that can be listed, in the order of groups and versions that the server prefers.
    pub async fn served_kinds(&self) -> Result<ServedKinds, Silence> {
        let client = self.client();
        // Two calls over kube's client: it has no plain form in them, so that an older server refuses.
        let (core, groups) =
            futures::join!(client.list_core_api_versions_aggregated(), client.list_api_groups_aggregated());
        match (core, groups) {
            (Ok(core), Ok(groups)) if !core.items.is_empty() && !groups.items.is_empty() => {
                let all = core.items.iter().chain(&groups.items);
                let untold = all.clone().flat_map(|group| &group.versions);
                let untold = untold.filter(|version| version.freshness.as_deref() == Some("Stale")).count();
                Ok(ServedKinds { kinds: all.flat_map(of_group).collect(), untold })
            }
            _ => self.legacy_kinds().await,
        }
    }

    async fn legacy_kinds(&self) -> Result<ServedKinds, Silence> {
        let client = self.client();
        let core = client.list_core_api_versions().await?;
        let groups = client.list_api_groups().await?;
        let mut asking: Vec<(String, String)> =
            core.versions.into_iter().map(|version| (String::new(), version)).collect();
        for group in groups.groups {
            let preferred = group.preferred_version.map(|version| version.version);
            let mut versions: Vec<String> =
                group.versions.into_iter().map(|version| version.version).collect();
            versions.sort_by_key(|version| Some(version) != preferred.as_ref());
            asking.extend(versions.into_iter().map(|version| (group.name.clone(), version)));
        }
        let ask = |(group, version): &(String, String)| {
            let client = client.clone();
            let (group, version) = (group.clone(), version.clone());
            async move {
                match group.as_str() {
                    "" => client.list_core_api_resources(&version).await,
                    group => client.list_api_group_resources(&format!("{group}/{version}")).await,
                }
            }
        };
        let mut served = ServedKinds::default();
        for ((group, version), told) in asking.iter().zip(join_all(asking.iter().map(ask)).await) {
            let Ok(told) = told else {
                served.untold += 1;
                continue;
            };
            for one in told.resources {
                if one.name.contains('/') || !one.verbs.iter().any(|verb| verb == "list") {
                    continue;
                }
                served.kinds.push(ServedKind {
                    group: one.group.filter(|group| !group.is_empty()).unwrap_or_else(|| group.clone()),
                    version: one.version.filter(|own| !own.is_empty()).unwrap_or_else(|| version.clone()),
                    kind: one.kind,
                    plural: one.name,
                    singular: one.singular_name,
                    short_names: one.short_names.unwrap_or_default(),
                    categories: one.categories.unwrap_or_default(),
                    is_namespaced: one.namespaced,
                });
            }
        }
        Ok(served)
    }
}

fn of_group(group: &APIGroupDiscovery) -> Vec<ServedKind> {
    let name = group.metadata.as_ref().and_then(|metadata| metadata.name.clone()).unwrap_or_default();
    let of_version = |version: &kube::core::discovery::v2::APIVersionDiscovery| {
        let number = version.version.clone().unwrap_or_default();
        let kind = |one: &APIResourceDiscovery| of_resource(&name, &number, one);
        version.resources.iter().filter_map(kind).collect::<Vec<_>>()
    };
    group.versions.iter().flat_map(of_version).collect()
}

fn of_resource(group: &str, version: &str, one: &APIResourceDiscovery) -> Option<ServedKind> {
    let kind = one.response_kind.as_ref()?.kind.clone().filter(|kind| !kind.is_empty())?;
    one.verbs.iter().any(|verb| verb == "list").then_some(())?;
    Some(ServedKind {
        group: group.to_string(),
        version: version.to_string(),
        kind,
        plural: one.resource.clone()?,
        singular: one.singular_resource.clone().unwrap_or_default(),
        short_names: one.short_names.clone(),
        categories: one.categories.clone(),
        is_namespaced: one.scope.as_deref() == Some("Namespaced"),
    })
}
