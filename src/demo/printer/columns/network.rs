//! The rows of what leads to pods: services, endpoints, ingresses, policies.

use jiff::Timestamp;
use serde_json::Value;

use crate::demo::printer::columns::cell::{
    created, integer, items, labels, name, selector, some_of, text_or,
};

pub fn service(service: &Value, now: Timestamp) -> Vec<Value> {
    let spec = &service["spec"];
    let cluster_ip =
        spec["clusterIPs"][0].as_str().or(spec["clusterIP"].as_str()).filter(|ip| !ip.is_empty());
    let cluster_ip = cluster_ip.unwrap_or("<none>");
    vec![
        name(service),
        text_or(&spec["type"], "ClusterIP").into(),
        cluster_ip.into(),
        external_ip(service).into(),
        ports(&spec["ports"]).into(),
        created(service, now),
        labels(&spec["selector"]).into(),
    ]
}

fn external_ip(service: &Value) -> String {
    let spec = &service["spec"];
    let external: Vec<&str> = items(&spec["externalIPs"]).iter().filter_map(Value::as_str).collect();
    let joined =
        |texts: Vec<&str>, absent: &str| if texts.is_empty() { absent.to_string() } else { texts.join(",") };
    match spec["type"].as_str() {
        Some("ExternalName") => text_or(&spec["externalName"], ""),
        Some("LoadBalancer") => {
            let balancer = addresses(&service["status"]["loadBalancer"]);
            joined(balancer.into_iter().chain(external).collect(), "<pending>")
        }
        _ => joined(external, "<none>"),
    }
}

/// IPs and host names that a load balancer is reached under.
fn addresses(balancer: &Value) -> Vec<&str> {
    let points = items(&balancer["ingress"]).iter();
    points
        .filter_map(|point| point["ip"].as_str().filter(|ip| !ip.is_empty()).or(point["hostname"].as_str()))
        .collect()
}

fn ports(ports: &Value) -> String {
    let port = |port: &Value| {
        let protocol = text_or(&port["protocol"], "TCP");
        match integer(&port["nodePort"]) {
            0 => format!("{}/{protocol}", integer(&port["port"])),
            node => format!("{}:{node}/{protocol}", integer(&port["port"])),
        }
    };
    let all: Vec<String> = items(ports).iter().map(port).collect();
    if all.is_empty() { "<none>".into() } else { all.join(",") }
}

pub fn endpoints(endpoints: &Value, now: Timestamp) -> Vec<Value> {
    let mut all = Vec::new();
    for subset in items(&endpoints["subsets"]) {
        let ports = items(&subset["ports"]);
        for address in items(&subset["addresses"]) {
            let ip = text_or(&address["ip"], "");
            if ports.is_empty() {
                all.push(ip.clone());
            }
            all.extend(ports.iter().map(|port| format!("{ip}:{}", integer(&port["port"]))));
        }
    }
    let shown = if all.is_empty() { "<none>".to_string() } else { some_of(&all, 3, ",") };
    vec![name(endpoints), shown.into(), created(endpoints, now)]
}

pub fn endpoint_slice(slice: &Value, now: Timestamp) -> Vec<Value> {
    let unset =
        |texts: Vec<String>| if texts.is_empty() { "<unset>".to_string() } else { some_of(&texts, 3, ",") };
    let ports = items(&slice["ports"])
        .iter()
        .map(|port| port["port"].as_i64().map_or_else(|| "*".into(), |port| port.to_string()));
    let addresses = items(&slice["endpoints"]).iter().flat_map(|endpoint| items(&endpoint["addresses"]));
    let addresses: Vec<String> =
        addresses.filter_map(|address| address.as_str().map(str::to_string)).collect();
    vec![
        name(slice),
        text_or(&slice["addressType"], "").into(),
        unset(ports.collect()).into(),
        unset(addresses).into(),
        created(slice, now),
    ]
}

pub fn ingress(ingress: &Value, now: Timestamp) -> Vec<Value> {
    let spec = &ingress["spec"];
    let hosts: Vec<String> = items(&spec["rules"])
        .iter()
        .filter_map(|rule| rule["host"].as_str().filter(|host| !host.is_empty()).map(str::to_string))
        .collect();
    vec![
        name(ingress),
        text_or(&spec["ingressClassName"], "<none>").into(),
        if hosts.is_empty() { "*".into() } else { some_of(&hosts, 3, ",").into() },
        addresses(&ingress["status"]["loadBalancer"]).join(",").into(),
        if items(&spec["tls"]).is_empty() { "80".into() } else { "80, 443".into() },
        created(ingress, now),
    ]
}

pub fn network_policy(policy: &Value, now: Timestamp) -> Vec<Value> {
    vec![name(policy), selector(&policy["spec"]["podSelector"]).into(), created(policy, now)]
}

#[cfg(test)]
mod tests {
    use super::service;
    use serde_json::{Value, json};

    #[test]
    fn services_say_how_they_are_reached() {
        let balancer = json!({"metadata": {"name": "web"}, "spec": {"type": "LoadBalancer", "clusterIP": "10.0.0.1",
            "ports": [{"port": 80, "nodePort": 30080}, {"port": 53, "protocol": "UDP"}], "selector": {"b": "2", "a": "1"}}});
        let cells = service(&balancer, "2026-01-15T10:00:00Z".parse().expect("an instant"));
        let texts: Vec<&str> = cells.iter().filter_map(Value::as_str).collect();
        let expect = "web | LoadBalancer | 10.0.0.1 | <pending> | 80:30080/TCP,53/UDP | <unknown> | a=1,b=2";
        assert_eq!(texts.join(" | "), expect);
    }
}
