//! The clusters that Open Cluster Management looks after: through its proxy, or at their own URL, with a credential of mine.

use crate::config::SourceConfig;
use crate::fleet::access::Access;
use crate::fleet::endpoint::parse_server;
use crate::fleet::found::Found;
use crate::fleet::path::{Resource, is_name};
use crate::fleet::silence::Silence;
use crate::fleet::sources::hub::{Hub, InventoryMetadata, labelled};
use kube::config::Cluster;
use serde::Deserialize;

const CLUSTERS: Resource<'static> = Resource {
    kind: "ManagedCluster",
    group: "cluster.open-cluster-management.io",
    version: "v1",
    plural: "managedclusters",
};

#[derive(Default, Deserialize)]
#[serde(default)]
struct Managed {
    metadata: InventoryMetadata,
    spec: ManagedSpec,
    status: ManagedStatus,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ManagedSpec {
    managed_cluster_client_configs: Vec<ClientConfig>,
    hub_accepts_client: Option<bool>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ClientConfig {
    url: String,
    ca_bundle: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ManagedStatus {
    cluster_claims: Vec<ClusterClaim>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ClusterClaim {
    name: String,
    value: String,
}

pub async fn list(
    source: &'static str,
    entry: &SourceConfig,
    known: &Found,
    access: &Access,
) -> Result<Found, Silence> {
    let hub = Hub::of(source, entry, known, access)?;
    let proxy = entry.proxy.as_deref().map(|proxy| through(proxy, &hub.found.context.cluster)).transpose()?;
    let managed: Vec<Managed> = hub.inventory(CLUSTERS, entry.selector.as_deref()).await?;
    let mut found = Found::default();
    // Whom the hub does not accept it does not look after.
    for one in managed.into_iter().filter(|one| one.spec.hub_accepts_client != Some(false)) {
        let Managed { metadata, spec, status } = one;
        let name = &metadata.name;
        let own = spec.managed_cluster_client_configs.first();
        let mut member = match (&proxy, own) {
            (Some(proxy), _) if is_name(name) => {
                let server = proxy.server.as_deref().unwrap_or_default();
                let server = Some(format!("{}/{name}", server.trim_end_matches('/')));
                let mut member =
                    hub.cluster(name, Cluster { server, ..proxy.clone() }, hub.found.context.user.clone());
                member.login = Some(Box::new(hub.found.context.cluster.clone()));
                member
            }
            (_, own) => {
                let cluster = Cluster {
                    server: own.map(|own| own.url.clone()),
                    certificate_authority_data: own.and_then(|own| own.ca_bundle.clone()),
                    ..Cluster::default()
                };
                let (user, unusable) = hub.user(known);
                let mut member = hub.cluster(name, cluster, user);
                member.unusable = unusable.or_else(|| {
                    own.is_none().then(|| Silence::Protocol("its ManagedCluster names no URL".to_string()))
                });
                member
            }
        };
        let claim = |name: &str| {
            let claims = status.cluster_claims.iter();
            claims
                .filter(|claim| claim.name == name)
                .map(|claim| claim.value.clone())
                .next()
                .unwrap_or_default()
        };
        let facts = [
            ("region", claim("region.open-cluster-management.io")),
            ("provider", claim("platform.open-cluster-management.io")),
        ];
        member.servers = spec.managed_cluster_client_configs.iter().map(|own| own.url.clone()).collect();
        if metadata.labels.get("local-cluster").is_some_and(|is| is == "true") {
            member.servers.extend(hub.found.context.cluster.server.clone());
        }
        member.labels = labelled(metadata.labels, facts);
        found.contexts.push(member);
    }
    Ok(found)
}

/// The proxy as a cluster: it is trusted as the hub is where it is on the hub's own host, else by this machine's authorities. My token
/// is not sent there in the clear.
fn through(proxy: &str, hub: &Cluster) -> Result<Cluster, Silence> {
    let (route, _) = parse_server(proxy)?;
    let is_loopback =
        route.host == "localhost" || route.host.parse().is_ok_and(|ip: std::net::IpAddr| ip.is_loopback());
    if !route.tls && !is_loopback {
        return Err(Silence::credentials(
            "the token would be sent in the clear: `proxy:` must begin with https://",
        ));
    }
    let of_hub = parse_server(hub.server.as_deref().unwrap_or_default());
    let is_hubs = of_hub.is_ok_and(|(of_hub, _)| of_hub.host == route.host);
    let trusted = if is_hubs { hub.clone() } else { Cluster::default() };
    Ok(Cluster { server: Some(proxy.to_string()), ..trusted })
}

#[cfg(test)]
mod tests {
    use super::through;
    use kube::config::Cluster;

    #[test]
    fn a_proxy_is_trusted_as_the_hub_only_on_its_host() {
        let hub = Cluster {
            server: Some("https://hub.corp:6443".to_string()),
            certificate_authority_data: Some("QQ==".to_string()),
            ..Cluster::default()
        };
        let authority =
            |proxy: &str| through(proxy, &hub).map(|cluster| cluster.certificate_authority_data.is_some());
        assert_eq!(authority("https://hub.corp/proxy"), Ok(true));
        assert_eq!(authority("https://proxy.corp"), Ok(false));
        assert_eq!(authority("http://127.0.0.1:9092"), Ok(false));
        assert!(authority("http://proxy.corp:9092").is_err_and(|why| why.message().contains("in the clear")));
    }
}
