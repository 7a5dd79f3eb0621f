//! Discovery: which groups, versions and kinds there are, one document each or all in one (aggregated).

use std::hash::{DefaultHasher, Hash, Hasher};

use http::{HeaderValue, StatusCode, header};
use serde_json::{Map, Value, json};

use crate::demo::api::refusal;
use crate::demo::api::reply::Reply;
use crate::demo::api::request::{Call, RequestTarget};
use crate::demo::state::resource::ServedResource;
use crate::demo::timeline::content::ClusterContent;

/// The versions of the aggregated document and the first server that knows them.
const AGGREGATED: &[(&str, u32)] = &[("v2", 30), ("v2beta1", 26)];

pub fn answer(cluster: &ClusterContent, call: &Call) -> Result<Reply, Reply> {
    let resources = &cluster.store.resources;
    let body = match &call.target {
        RequestTarget::Groups { core } => {
            if let Some(version) = aggregated_version(call, cluster.minor())? {
                return Ok(aggregated(resources, *core, version, call));
            }
            groups_document(resources, *core)
        }
        RequestTarget::Group(name) => {
            let mut group = group(resources, name).ok_or_else(refusal::no_such_path)?;
            let head = json!({"kind": "APIGroup", "apiVersion": "v1"});
            let fields = head
                .as_object()
                .cloned()
                .into_iter()
                .flatten()
                .chain(group.as_object_mut().map(std::mem::take).into_iter().flatten());
            Value::Object(fields.collect())
        }
        RequestTarget::Version { group, version } => resource_list(resources, group, version)?,
        _ => return Err(refusal::no_such_path()),
    };
    Ok(Reply::json(StatusCode::OK, &body))
}

/// Which aggregated form the client would rather have than the plain one; an old server asked for nothing else is at a loss.
fn aggregated_version(call: &Call, minor: u32) -> Result<Option<&'static str>, Reply> {
    for form in &call.accept {
        if form.contains("as=APIGroupDiscoveryList") {
            let known = AGGREGATED.iter().find(|(version, since)| {
                minor >= *since && form.split(';').any(|part| part == format!("v={version}"))
            });
            if let Some((version, _)) = known {
                return Ok(Some(version));
            }
        } else if ["application/json", "*/*", "application/*"].iter().any(|plain| form.starts_with(plain)) {
            return Ok(None);
        }
    }
    if call.accept.is_empty() { Ok(None) } else { Err(refusal::not_acceptable()) }
}

fn groups_document(resources: &[ServedResource], core: bool) -> Value {
    if core {
        return json!({"kind": "APIVersions", "versions": ["v1"],
            "serverAddressByClientCIDRs": [{"clientCIDR": "0.0.0.0/0", "serverAddress": "10.0.0.1:443"}]});
    }
    let groups: Vec<Value> =
        group_names(resources).into_iter().filter_map(|name| group(resources, name)).collect();
    json!({"kind": "APIGroupList", "apiVersion": "v1", "groups": groups})
}

/// The named groups in the order of discovery.
fn group_names(resources: &[ServedResource]) -> Vec<&str> {
    let (mut built_in, mut custom) = (Vec::new(), Vec::new());
    for resource in resources.iter().filter(|resource| !resource.group.is_empty()) {
        let names = if resource.custom { &mut custom } else { &mut built_in };
        if !names.contains(&resource.group.as_str()) {
            names.push(resource.group.as_str());
        }
    }
    custom.sort_unstable();
    built_in.extend(custom);
    built_in
}

fn versions<'a>(resources: &'a [ServedResource], group: &str) -> Vec<&'a str> {
    let mut versions = Vec::new();
    for resource in resources.iter().filter(|resource| resource.group == group) {
        if !versions.contains(&resource.version.as_str()) {
            versions.push(resource.version.as_str());
        }
    }
    versions
}

fn group(resources: &[ServedResource], name: &str) -> Option<Value> {
    let version = |version: &&str| json!({"groupVersion": format!("{name}/{version}"), "version": version});
    let versions: Vec<Value> = versions(resources, name).iter().map(version).collect();
    let preferred = versions.first()?.clone();
    Some(json!({"name": name, "versions": versions, "preferredVersion": preferred}))
}

fn resource_list(resources: &[ServedResource], group: &str, version: &str) -> Result<Value, Reply> {
    let found = of_version(resources, group, version);
    if found.is_empty() {
        let group_is_known = resources.iter().any(|resource| resource.group == group);
        return Err(if group_is_known { refusal::no_such_resource() } else { refusal::no_such_path() });
    }
    let mut list = Vec::new();
    for resource in found {
        let mut entry = json!({"name": resource.plural, "singularName": resource.singular, "namespaced": resource.namespaced,
            "kind": resource.kind, "verbs": resource.verbs()});
        describe(&mut entry, resource);
        list.push(entry);
        for name in &resource.subresources {
            let (kind, verbs) = subresource(resource, name);
            let mut entry = json!({"name": format!("{}/{name}", resource.plural), "singularName": "", "namespaced": resource.namespaced});
            if let Some((group, version)) = kind.1 {
                entry["group"] = group.into();
                entry["version"] = version.into();
            }
            entry["kind"] = kind.0.into();
            entry["verbs"] = json!(verbs);
            list.push(entry);
        }
    }
    let group_version = if group.is_empty() { version.to_string() } else { format!("{group}/{version}") };
    let mut document = json!({"kind": "APIResourceList"});
    if !group.is_empty() {
        document["apiVersion"] = "v1".into();
    }
    document["groupVersion"] = group_version.into();
    document["resources"] = list.into();
    Ok(document)
}

fn of_version<'a>(resources: &'a [ServedResource], group: &str, version: &str) -> Vec<&'a ServedResource> {
    resources.iter().filter(|resource| resource.group == group && resource.version == version).collect()
}

fn describe(entry: &mut Value, resource: &ServedResource) {
    if !resource.short_names.is_empty() {
        entry["shortNames"] = json!(resource.short_names);
    }
    if !resource.categories.is_empty() {
        entry["categories"] = json!(resource.categories);
    }
}

type SubresourceKind<'a> = (&'a str, Option<(&'static str, &'static str)>);

/// The kind of a subresource, with its group and version where they are not those of the resource, and its verbs.
fn subresource<'a>(
    resource: &'a ServedResource,
    name: &str,
) -> (SubresourceKind<'a>, &'static [&'static str]) {
    match name {
        "scale" => (("Scale", Some(("autoscaling", "v1"))), &["get", "patch", "update"]),
        "eviction" => (("Eviction", Some(("policy", "v1"))), &["create"]),
        "token" => (("TokenRequest", Some(("authentication.k8s.io", "v1"))), &["create"]),
        "attach" => (("PodAttachOptions", None), &["create", "get"]),
        "exec" => (("PodExecOptions", None), &["create", "get"]),
        "portforward" => (("PodPortForwardOptions", None), &["create", "get"]),
        "binding" => (("Binding", None), &["create"]),
        "proxy" => {
            let kind = match resource.kind.as_str() {
                "Pod" => "PodProxyOptions",
                "Node" => "NodeProxyOptions",
                _ => "ServiceProxyOptions",
            };
            ((kind, None), &["create", "delete", "get", "patch", "update"])
        }
        "log" => ((&resource.kind, None), &["get"]),
        "finalize" => ((&resource.kind, None), &["update"]),
        _ => ((&resource.kind, None), &["get", "patch", "update"]),
    }
}

fn aggregated(resources: &[ServedResource], core: bool, version: &'static str, call: &Call) -> Reply {
    let groups = if core { vec![""] } else { group_names(resources) };
    let items: Vec<Value> = groups.into_iter().map(|group| aggregated_group(resources, group)).collect();
    let document = json!({"kind": "APIGroupDiscoveryList", "apiVersion": format!("apidiscovery.k8s.io/{version}"), "metadata": {}, "items": items});
    let mut hasher = DefaultHasher::new();
    document.to_string().hash(&mut hasher);
    let etag = format!("\"{:016X}\"", hasher.finish());
    let mut reply = match &call.if_none_match {
        Some(known) if *known == etag => Reply::empty(StatusCode::NOT_MODIFIED),
        _ => Reply::json(StatusCode::OK, &document),
    };
    if reply.status == StatusCode::OK {
        let content_type = if version == "v2" {
            "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
        } else {
            "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList"
        };
        reply.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    }
    reply.headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public"));
    reply.headers.insert(header::VARY, HeaderValue::from_static("Accept"));
    if let Ok(etag) = HeaderValue::from_str(&etag) {
        reply.headers.insert(header::ETAG, etag);
    }
    reply
}

fn aggregated_group(resources: &[ServedResource], group: &str) -> Value {
    let mut metadata = Map::new();
    if !group.is_empty() {
        metadata.insert("name".into(), group.into());
    }
    let version = |version: &&str| {
        let resources: Vec<Value> =
            of_version(resources, group, version).into_iter().map(aggregated_resource).collect();
        json!({"version": version, "resources": resources, "freshness": "Current"})
    };
    let versions: Vec<Value> = versions(resources, group).iter().map(version).collect();
    json!({"metadata": metadata, "versions": versions})
}

fn aggregated_resource(resource: &ServedResource) -> Value {
    // A custom kind names its group and version; of a built-in one they are empty and mean those around it.
    let own = if resource.custom { (resource.group.as_str(), resource.version.as_str()) } else { ("", "") };
    let scope = if resource.namespaced { "Namespaced" } else { "Cluster" };
    let mut entry = json!({"resource": resource.plural,
        "responseKind": {"group": own.0, "version": own.1, "kind": resource.kind},
        "scope": scope, "singularResource": resource.singular, "verbs": resource.verbs()});
    describe(&mut entry, resource);
    let subresources = resource.subresources.iter().map(|name| {
        let (kind, verbs) = subresource(resource, name);
        let (group, version) = kind.1.unwrap_or(own);
        json!({"subresource": name, "responseKind": {"group": group, "version": version, "kind": kind.0}, "verbs": verbs})
    });
    let subresources: Vec<Value> = subresources.collect();
    if !subresources.is_empty() {
        entry["subresources"] = subresources.into();
    }
    entry
}
