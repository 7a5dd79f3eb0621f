//! The members of a Karmada hub, reached through its proxy: the hub impersonates me in each. Its search cache can answer for all of them.

use crate::config::SourceConfig;
use crate::fleet::access::Access;
use crate::fleet::found::Found;
use crate::fleet::hub_cache::{CacheCoverage, HubCache};
use crate::fleet::path::Resource;
use crate::fleet::silence::{Silence, brief};
use crate::fleet::sources::hub::{Hub, InventoryMetadata, labelled};
use serde::Deserialize;
use std::sync::Arc;

pub const CLUSTERS: Resource<'static> =
    Resource { kind: "Cluster", group: "cluster.karmada.io", version: "v1alpha1", plural: "clusters" };

const REGISTRIES: Resource<'static> = Resource {
    kind: "ResourceRegistry",
    group: "search.karmada.io",
    version: "v1alpha1",
    plural: "resourceregistries",
};

const SEARCH: Resource<'static> =
    Resource { kind: "Search", group: "search.karmada.io", version: "v1alpha1", plural: "search" };

#[derive(Default, Deserialize)]
#[serde(default)]
struct Member {
    metadata: InventoryMetadata,
    spec: MemberSpec,
    status: MemberStatus,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct MemberStatus {
    kubernetes_version: Option<String>,
    conditions: Vec<MemberCondition>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct MemberCondition {
    r#type: String,
    status: String,
    reason: String,
    last_transition_time: String,
}

impl MemberStatus {
    /// What the hub says where it does not reach the member: then its cache holds what was there before.
    fn unready(&self) -> Option<Silence> {
        let ready = self.conditions.iter().find(|condition| condition.r#type == "Ready")?;
        let since = &ready.last_transition_time;
        let since = if since.is_empty() { String::new() } else { format!(" since {since}") };
        let text = format!("its hub does not reach it{since} ({})", ready.reason);
        (ready.status != "True").then(|| Silence::Server(brief(&text)))
    }
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct MemberSpec {
    api_endpoint: String,
    provider: String,
    region: String,
    zones: Vec<String>,
}

pub async fn list(
    source: &'static str,
    entry: &SourceConfig,
    known: &Found,
    access: &Access,
) -> Result<Found, Silence> {
    let hub = Hub::of(source, entry, known, access)?;
    let members: Vec<Member> = hub.inventory(CLUSTERS, entry.selector.as_deref()).await?;
    let cache = match entry.via.as_deref() {
        Some("cache") => cache(&hub, access).await?,
        _ => None,
    };
    let mut found = Found::default();
    for Member { metadata, spec, status } in members {
        let name = metadata.name.clone();
        let path = CLUSTERS.part(None, &metadata.name, "proxy")?;
        let mut member = hub.member(&metadata.name, &path);
        let facts = [("region", spec.region), ("provider", spec.provider), ("zone", spec.zones.join(","))];
        member.labels = labelled(metadata.labels, facts);
        member.servers = Some(spec.api_endpoint).filter(|server| !server.is_empty()).into_iter().collect();
        if let Some(cache) = &cache {
            member.cache = Some((cache.clone(), name));
            member.unusable = status.unready();
            member.version = status.kubernetes_version.filter(|version| !version.is_empty());
        }
        found.contexts.push(member);
    }
    Ok(found)
}

/// The search cache with what it holds; nothing where it holds nothing, or does not tell: then each member is asked itself.
async fn cache(hub: &Hub<'_>, access: &Access) -> Result<Option<Arc<HubCache>>, Silence> {
    let registries = match hub.list(REGISTRIES, None, None).await {
        Ok(registries) => registries.unwrap_or_default(),
        Err(Silence::Forbidden(_)) => Vec::new(),
        Err(why) => return Err(why),
    };
    let coverage = CacheCoverage::of(registries);
    if coverage.is_empty() {
        return Ok(None);
    }
    let (endpoint, limit) = hub.below(&SEARCH.named(None, "cache")?, access);
    Ok(Some(Arc::new(HubCache::new(endpoint, limit, coverage))))
}

#[cfg(test)]
mod tests {
    use super::Member;

    #[test]
    fn a_member_that_its_hub_does_not_reach_is_told_with_the_instant() {
        let unready = |conditions: &str| {
            let text = format!(r#"{{"metadata":{{"name":"c1"}},"status":{{"conditions":[{conditions}]}}}}"#);
            let member: Member = serde_json::from_str(&text).expect("a member");
            member.status.unready().map(|why| why.message()).unwrap_or_default()
        };
        assert_eq!(unready(r#"{"type":"Ready","status":"True","reason":"ClusterReady"}"#), "");
        assert_eq!(unready(""), "");
        let down = r#"{"type":"Ready","status":"False","reason":"ClusterNotReachable","lastTransitionTime":"2026-11-23T03:36:50Z"}"#;
        assert_eq!(
            unready(down),
            "its hub does not reach it since 2026-11-23T03:36:50Z (ClusterNotReachable)"
        );
    }
}
