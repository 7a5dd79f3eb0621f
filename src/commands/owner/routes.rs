//! What serves a host name in a cluster: Ingresses, HTTPRoutes, core Services, and names of the cluster's own DNS.

use serde_json::{Map, Value};

use crate::commands::owner::attribution::{OwnedObject, OwnerEvidence};
use crate::commands::owner::question::object_kind;
use crate::commands::owner::reading::{listed, read_object};
use crate::fleet::{Asked, Gap, Silence};

/// How external-dns is told which names to make.
const EXTERNAL_DNS: &str = "external-dns.alpha.kubernetes.io/hostname";

/// Something that answers for a host, with the pods that it leads to.
pub struct Backend {
    pub object: OwnedObject,
    /// Of a core Service.
    pub selector: Option<Map<String, Value>>,
    pub route: Vec<OwnerEvidence>,
}

/// All that answers for a host, and what the cluster would not say.
pub async fn backends(asked: &Asked, host: &str) -> (Vec<Backend>, Vec<Gap>) {
    let mut gaps = Vec::new();
    let mut routes: Vec<(OwnedObject, Vec<(String, String)>)> = Vec::new();
    for (kind, group, names) in [
        ("Ingress", "networking.k8s.io", ingress as fn(&Value, &str) -> Option<Vec<String>>),
        ("HTTPRoute", "gateway.networking.k8s.io", http_route),
    ] {
        let Some(resource) = object_kind(kind, group).map(|kind| kind.resource()) else { continue };
        let (items, why) = listed(asked, resource, None, None, &|one| names(one, host).is_some()).await;
        gaps.extend(told(asked, resource, why).await);
        for json in items {
            let value: Value = serde_json::from_str(&json).unwrap_or_default();
            let Some(object) = read_object(kind, &json) else { continue };
            let namespace = object.meta.namespace.to_string();
            let services = names(&value, host).unwrap_or_default();
            routes.push((object, services.into_iter().map(|name| (namespace.clone(), name)).collect()));
        }
    }
    let Some(resource) = object_kind("Service", "").map(|kind| kind.resource()) else {
        return (Vec::new(), gaps);
    };
    let inside = cluster_name(host);
    let is_meant = |one: &Value| {
        let id = (one["metadata"]["namespace"].as_str(), one["metadata"]["name"].as_str());
        let is_id = |(namespace, name): &(String, String)| id == (Some(namespace), Some(name));
        routes.iter().flat_map(|(_, services)| services).any(is_id)
            || inside.as_ref().is_some_and(is_id)
            || is_exposed(one, host)
    };
    let (items, why) = listed(asked, resource, None, None, &is_meant).await;
    gaps.extend(told(asked, resource, why).await);
    let mut found = Vec::new();
    for json in items {
        let value: Value = serde_json::from_str(&json).unwrap_or_default();
        let Some(object) = read_object("Service", &json) else { continue };
        let id = (object.meta.namespace.to_string(), object.meta.name.clone());
        let of_routes = routes.iter().filter(|(_, services)| services.contains(&id));
        let mut route: Vec<OwnerEvidence> = of_routes
            .map(|(above, _)| {
                let text =
                    format!("{} has the host {host}, and leads to core Service {}", above.called(), id.1);
                OwnerEvidence::new("route", text)
            })
            .collect();
        if route.is_empty() {
            route.push(OwnerEvidence::new("route", format!("core Service {} is {host}", id.1)));
        }
        let selector = value["spec"]["selector"].as_object().cloned();
        found.push(Backend { object, selector, route });
    }
    found.extend(routes.into_iter().map(|(object, _)| {
        let route = vec![OwnerEvidence::new("route", format!("{} has the host {host}", object.called()))];
        Backend { object, selector: None, route }
    }));
    (found, gaps)
}

/// A refusal of a kind that may not be there at all is a gap only where discovery lists it.
async fn told(asked: &Asked, resource: crate::fleet::Resource<'_>, why: Option<Silence>) -> Option<Gap> {
    let why = why?;
    if matches!(why, Silence::Forbidden(_)) && resource.group.starts_with("gateway.") {
        let known = asked.discovery(&resource).await.ok().flatten();
        known?;
    }
    Some(Gap::kind(resource.plural, why))
}

fn texts<'a>(value: &'a Value, field: &'a str) -> impl Iterator<Item = &'a str> {
    value[field].as_array().into_iter().flatten().filter_map(Value::as_str)
}

fn list<'a>(value: &'a Value, field: &str) -> impl Iterator<Item = &'a Value> {
    value[field].as_array().into_iter().flatten()
}

/// The core Services behind a host, where an Ingress has it.
fn ingress(one: &Value, host: &str) -> Option<Vec<String>> {
    let spec = &one["spec"];
    let rules: Vec<&Value> = list(spec, "rules")
        .filter(|rule| rule["host"].as_str().is_some_and(|own| covers(own, host)))
        .collect();
    let is_certified = list(spec, "tls").any(|tls| texts(tls, "hosts").any(|own| covers(own, host)));
    if rules.is_empty() && !is_certified {
        return None;
    }
    let paths = rules.iter().flat_map(|rule| list(&rule["http"], "paths"));
    let backends = paths.map(|path| &path["backend"]).chain([&spec["defaultBackend"]]);
    Some(backends.filter_map(|backend| backend["service"]["name"].as_str()).map(str::to_string).collect())
}

fn http_route(one: &Value, host: &str) -> Option<Vec<String>> {
    let spec = &one["spec"];
    texts(spec, "hostnames").any(|own| covers(own, host)).then_some(())?;
    let backends = list(spec, "rules").flat_map(|rule| list(rule, "backendRefs"));
    let is_service = |backend: &&Value| backend["kind"].as_str().is_none_or(|kind| kind == "Service");
    Some(
        backends
            .filter(is_service)
            .filter_map(|backend| backend["name"].as_str())
            .map(str::to_string)
            .collect(),
    )
}

/// Whether a host as an object has it, which may begin with `*.` for one more name, means a host.
fn covers(own: &str, host: &str) -> bool {
    let own = own.to_lowercase();
    match own.strip_prefix("*.") {
        Some(rest) => host.split_once('.').is_some_and(|(first, tail)| !first.is_empty() && tail == rest),
        None => own == host,
    }
}

/// Namespace and name of a core Service in the cluster's own DNS: `web.shop.svc.cluster.local`, `web.shop.svc`.
fn cluster_name(host: &str) -> Option<(String, String)> {
    let mut parts = host.split('.');
    let (name, namespace) = (parts.next()?, parts.next()?);
    (parts.next()? == "svc").then(|| (namespace.to_string(), name.to_string()))
}

/// A load balancer's name, or one that external-dns is told to make.
fn is_exposed(service: &Value, host: &str) -> bool {
    let annotated = service["metadata"]["annotations"][EXTERNAL_DNS].as_str().unwrap_or_default();
    let mut balanced =
        list(&service["status"]["loadBalancer"], "ingress").filter_map(|one| one["hostname"].as_str());
    balanced.any(|own| own.eq_ignore_ascii_case(host))
        || annotated.split(',').any(|own| covers(own.trim().trim_end_matches('.'), host))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{cluster_name, covers, http_route, ingress, is_exposed};

    #[test]
    fn a_host_is_covered_by_itself_and_by_one_star() {
        assert!(covers("Shop.example", "shop.example") && covers("*.shop.example", "a.shop.example"));
        assert!(!covers("*.shop.example", "a.b.shop.example") && !covers("*.shop.example", "shop.example"));
    }

    #[test]
    fn what_a_host_leads_to() {
        let one = json!({"spec": {"defaultBackend": {"service": {"name": "all"}}, "rules": [
            {"host": "a.example", "http": {"paths": [{"backend": {"service": {"name": "web"}}}]}},
            {"host": "b.example", "http": {"paths": [{"backend": {"service": {"name": "api"}}}]}}]}});
        assert_eq!(ingress(&one, "a.example"), Some(vec!["web".to_string(), "all".to_string()]));
        assert_eq!(ingress(&one, "c.example"), None);
        let route = json!({"spec": {"hostnames": ["*.example"], "rules": [{"backendRefs": [{"name": "web"}, {"kind": "Other", "name": "x"}]}]}});
        assert_eq!(http_route(&route, "a.example"), Some(vec!["web".to_string()]));
        assert_eq!(http_route(&json!({"spec": 3}), "a.example"), None);
    }

    #[test]
    fn names_of_core_services() {
        assert_eq!(cluster_name("web.shop.svc.cluster.local"), Some(("shop".to_string(), "web".to_string())));
        assert_eq!(cluster_name("web.shop.example"), None);
        let service = json!({"metadata": {"annotations": {"external-dns.alpha.kubernetes.io/hostname": "x.example., y.example"}},
            "status": {"loadBalancer": {"ingress": [{"hostname": "lb.example"}]}}});
        assert!(
            is_exposed(&service, "y.example")
                && is_exposed(&service, "lb.example")
                && !is_exposed(&service, "z.example")
        );
    }
}
