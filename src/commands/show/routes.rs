//! What leads to a service's pods in a cluster: core Services, and the Ingresses and HTTPRoutes before them.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use crate::text::count;

/// A core Service that selects the pods.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CoreServiceRow {
    pub namespace: String,
    pub name: String,
    pub r#type: String,
    pub ports: Vec<PortRow>,
    /// Of load balancers and external-dns.
    pub addresses: Vec<String>,
    pub ready_pods: usize,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PortRow {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    port: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    target_port: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    protocol: Option<String>,
}

/// A host name that leads to such a Service.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct HostRow {
    /// `*` where every host leads there.
    pub host: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    pub tls: bool,
    /// `Ingress/web`.
    pub via: String,
    pub service: String,
}

impl CoreServiceRow {
    /// `ready`: how many ready pods carry these labels, in that namespace.
    pub fn of(object: &Value, ready: impl Fn(&BTreeMap<String, String>) -> usize) -> CoreServiceRow {
        let (meta, spec) = (&object["metadata"], &object["spec"]);
        let selector: BTreeMap<String, String> = spec["selector"]
            .as_object()
            .into_iter()
            .flatten()
            .filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_string())))
            .collect();
        let balanced = list(&object["status"]["loadBalancer"], "ingress")
            .filter_map(|one| one["hostname"].as_str().or(one["ip"].as_str()));
        let named = meta["annotations"]["external-dns.alpha.kubernetes.io/hostname"].as_str();
        let named = named.unwrap_or_default().split(',').map(|name| name.trim().trim_end_matches('.'));
        let mut addresses: Vec<String> =
            balanced.chain(named).filter(|name| !name.is_empty()).map(str::to_string).collect();
        addresses.dedup();
        CoreServiceRow {
            namespace: text(&meta["namespace"]),
            name: text(&meta["name"]),
            r#type: spec["type"].as_str().unwrap_or("ClusterIP").to_string(),
            ports: list(spec, "ports").map(PortRow::of).collect(),
            addresses,
            ready_pods: ready(&selector),
        }
    }

    /// `web ClusterIP 80 -> http, 3 ready pods`.
    pub fn shown(&self) -> String {
        let ports: Vec<String> = self.ports.iter().map(PortRow::shown).collect();
        let ready = match self.ready_pods {
            0 => "no ready pod behind it".to_string(),
            ready => count(ready, "ready pod"),
        };
        let at = match self.addresses.is_empty() {
            true => String::new(),
            false => format!(" at {}", self.addresses.join(", ")),
        };
        let ports = if ports.is_empty() { "no port".to_string() } else { ports.join(", ") };
        format!("Service/{} {} {ports}{at}; {ready}", self.name, self.r#type)
    }
}

impl PortRow {
    fn of(port: &Value) -> PortRow {
        let some = |value: &Value| value.as_str().map(str::to_string);
        let target = &port["targetPort"];
        PortRow {
            name: some(&port["name"]),
            port: port["port"].as_i64(),
            target_port: some(target).or_else(|| target.as_i64().map(|number| number.to_string())),
            protocol: some(&port["protocol"]),
        }
    }

    fn shown(&self) -> String {
        let port = self.port.map(|port| port.to_string()).unwrap_or_default();
        let to = self.target_port.as_ref().filter(|to| **to != port);
        let to = to.map(|to| format!(" -> {to}")).unwrap_or_default();
        let protocol = self.protocol.as_deref().filter(|protocol| *protocol != "TCP");
        let protocol = protocol.map(|protocol| format!("/{protocol}")).unwrap_or_default();
        format!("{port}{protocol}{to}")
    }
}

impl HostRow {
    /// `https://shop.example/cart -> Service/cart (Ingress/shop)`.
    pub fn shown(&self) -> String {
        let scheme = if self.tls { "https" } else { "http" };
        let path = self.path.as_deref().filter(|path| *path != "/").unwrap_or_default();
        format!("{scheme}://{}{path} -> Service/{} ({})", self.host, self.service, self.via)
    }
}

fn list<'a>(value: &'a Value, field: &str) -> impl Iterator<Item = &'a Value> {
    value[field].as_array().into_iter().flatten()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_string()
}

/// The hosts of an Ingress that lead to one of these core Services of its namespace.
pub fn of_ingress(object: &Value, is_own: &impl Fn(&str) -> bool) -> Vec<HostRow> {
    let spec = &object["spec"];
    let via = format!("Ingress/{}", text(&object["metadata"]["name"]));
    let certified: Vec<&str> =
        list(spec, "tls").flat_map(|tls| list(tls, "hosts")).filter_map(Value::as_str).collect();
    let row = |host: &str, path: Option<&str>, backend: &Value| {
        let service = backend["service"]["name"].as_str().filter(|name| is_own(name))?;
        Some(HostRow {
            host: host.to_string(),
            path: path.map(str::to_string),
            tls: certified.contains(&host),
            via: via.clone(),
            service: service.to_string(),
        })
    };
    let ruled = list(spec, "rules").flat_map(|rule| {
        let host = rule["host"].as_str().unwrap_or("*");
        list(&rule["http"], "paths").map(move |path| (host, path["path"].as_str(), &path["backend"]))
    });
    let all = ruled.chain([("*", None, &spec["defaultBackend"])]);
    all.filter_map(|(host, path, backend)| row(host, path, backend)).collect()
}

/// The same of an HTTPRoute. Whether it is encrypted is its Gateway's business: most are.
pub fn of_http_route(object: &Value, is_own: &impl Fn(&str) -> bool) -> Vec<HostRow> {
    let spec = &object["spec"];
    let via = format!("HTTPRoute/{}", text(&object["metadata"]["name"]));
    let mut hosts: Vec<&str> = list(spec, "hostnames").filter_map(Value::as_str).collect();
    if hosts.is_empty() {
        hosts.push("*");
    }
    let mut rows = Vec::new();
    for rule in list(spec, "rules") {
        let path = list(rule, "matches").find_map(|one| one["path"]["value"].as_str());
        let is_service = |one: &&Value| one["kind"].as_str().is_none_or(|kind| kind == "Service");
        let backends = list(rule, "backendRefs").filter(is_service);
        for service in backends.filter_map(|one| one["name"].as_str()).filter(|name| is_own(name)) {
            rows.extend(hosts.iter().map(|host| HostRow {
                host: host.to_string(),
                path: path.map(str::to_string),
                tls: true,
                via: via.clone(),
                service: service.to_string(),
            }));
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{CoreServiceRow, of_http_route, of_ingress};

    #[test]
    fn hosts_of_ingresses_and_routes() {
        let one = json!({"metadata": {"name": "shop"}, "spec": {"tls": [{"hosts": ["a.example"]}],
            "defaultBackend": {"service": {"name": "other"}}, "rules": [
            {"host": "a.example", "http": {"paths": [{"path": "/cart", "backend": {"service": {"name": "web"}}},
                {"path": "/", "backend": {"service": {"name": "other"}}}]}},
            {"http": {"paths": [{"path": "/", "backend": {"service": {"name": "web"}}}]}}]}});
        let shown = |rows: Vec<super::HostRow>| rows.iter().map(super::HostRow::shown).collect::<Vec<_>>();
        assert_eq!(
            shown(of_ingress(&one, &|name| name == "web")),
            [
                "https://a.example/cart -> Service/web (Ingress/shop)",
                "http://* -> Service/web (Ingress/shop)"
            ]
        );
        let route = json!({"metadata": {"name": "r"}, "spec": {"hostnames": ["b.example"], "rules": [
            {"matches": [{"path": {"value": "/v2"}}], "backendRefs": [{"name": "web"}, {"kind": "Other", "name": "web"}]}]}});
        assert_eq!(
            shown(of_http_route(&route, &|name| name == "web")),
            ["https://b.example/v2 -> Service/web (HTTPRoute/r)"]
        );
        assert_eq!(of_ingress(&json!({"spec": 3}), &|_| true), []);
        assert_eq!(of_http_route(&json!({}), &|_| true), []);
    }

    #[test]
    fn ports_of_core_services() {
        let one = json!({"metadata": {"name": "web", "namespace": "shop"}, "spec": {"selector": {"app": "web"},
            "ports": [{"port": 80, "targetPort": "http"}, {"port": 53, "protocol": "UDP", "targetPort": 53}]},
            "status": {"loadBalancer": {"ingress": [{"ip": "203.0.113.7"}]}}});
        let shown = CoreServiceRow::of(&one, |labels| labels.len()).shown();
        assert_eq!(shown, "Service/web ClusterIP 80 -> http, 53/UDP at 203.0.113.7; 1 ready pod");
        let none = CoreServiceRow::of(&json!({}), |_| 0).shown();
        assert_eq!(none, "Service/ ClusterIP no port; no ready pod behind it");
    }
}
