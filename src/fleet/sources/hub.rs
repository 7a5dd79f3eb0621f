//! An API server that tells of clusters: asked once for each list, with my own credential.

use crate::config::SourceConfig;
use crate::fleet::access::Access;
use crate::fleet::answer::{ResponseHead, Wants, head, whole};
use crate::fleet::connect::Deadline;
use crate::fleet::endpoint::{Endpoint, EndpointSetup};
use crate::fleet::fetch::{ListEnd, ListRequest, list};
use crate::fleet::found::{Found, FoundContext, KubectlReach};
use crate::fleet::kubeconfig::Context;
use crate::fleet::members::window;
use crate::fleet::path::Resource;
use crate::fleet::silence::{Silence, brief};
use http::Request;
use kube::client::Body;
use kube::config::{AuthInfo, Cluster};
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::collections::BTreeMap;
use tokio::time::Instant;

/// The largest object that is read.
const MOST_BYTES: usize = 8 << 20;

pub struct Hub<'a> {
    entry: &'a SourceConfig,
    /// The row of the table that asks.
    source: &'static str,
    pub found: &'a FoundContext,
    endpoint: Endpoint,
    limit: Option<std::time::Duration>,
}

/// The context that an entry names as its hub.
pub fn context<'a>(entry: &SourceConfig, known: &'a Found) -> Option<&'a FoundContext> {
    let name = entry.hub.as_ref()?;
    let contexts = || known.contexts.iter();
    contexts()
        .find(|one| one.context.name == *name)
        .or_else(|| contexts().find(|one| one.aliases.contains(name)))
}

/// The credential of the context that an entry names by `user:`.
pub fn user_of(entry: &SourceConfig, known: &Found) -> (AuthInfo, Option<Silence>) {
    let Some(name) = &entry.user else {
        let text = "no context reaches it, and `user:` of its source names none whose credential is meant";
        return (AuthInfo::default(), Some(Silence::credentials(text)));
    };
    match known.contexts.iter().find(|one| one.context.name == *name) {
        Some(one) => (one.context.user.clone(), None),
        None => {
            let text = format!("`user:` of its source names no context: \"{}\"", brief(name));
            (AuthInfo::default(), Some(Silence::credentials(text)))
        }
    }
}

impl<'a> Hub<'a> {
    pub fn of(
        source: &'static str,
        entry: &'a SourceConfig,
        known: &'a Found,
        access: &Access,
    ) -> Result<Hub<'a>, Silence> {
        let found = context(entry, known).ok_or_else(|| {
            let name = entry.hub.clone().unwrap_or_default();
            let names = known.contexts.iter().map(|one| one.context.name.as_str());
            let near =
                crate::text::closest(&name, names).first().map(|near| format!("; did you mean {near}?"));
            Silence::Protocol(brief(&format!("no context \"{name}\"{}", near.unwrap_or_default())))
        })?;
        let setup = EndpointSetup {
            context: found.context.name.clone(),
            cluster: found.context.cluster.clone(),
            user: found.context.user.clone(),
            login: found.login.clone(),
            unusable: found.unusable.clone(),
            window: window(1),
        };
        let endpoint = Endpoint::new(setup, access.shared.clone());
        Ok(Hub { entry, source, found, endpoint, limit: access.limits.cluster })
    }

    /// All objects of a kind; nothing where the kind is not served.
    pub async fn list<T: DeserializeOwned + Send>(
        &self,
        resource: Resource<'_>,
        namespace: Option<&str>,
        selector: Option<&str>,
    ) -> Result<Option<Vec<T>>, Silence> {
        self.endpoint.open().await?;
        let deadline: Deadline = self.limit.map(|limit| (Instant::now() + limit, limit));
        let request = ListRequest { resource, namespace, selector, field_selector: None };
        let mut objects = Vec::new();
        let mut receive = |item: &str| {
            objects.push(read(item).ok_or_else(|| anyhow::anyhow!("one came that cannot be read"))?);
            Ok(())
        };
        match list(&self.endpoint, &request, deadline, &mut receive).await? {
            ListEnd::Whole { .. } => Ok(Some(objects)),
            ListEnd::NotServed => Ok(None),
        }
    }

    /// The same, where the kind is what makes it a hub.
    pub async fn inventory<T: DeserializeOwned + Send>(
        &self,
        resource: Resource<'_>,
        selector: Option<&str>,
    ) -> Result<Vec<T>, Silence> {
        let mut objects = Vec::new();
        let namespaces: Vec<Option<&str>> = match self.entry.namespaces.as_slice() {
            [] => vec![None],
            some => some.iter().map(|namespace| Some(namespace.as_str())).collect(),
        };
        for namespace in namespaces {
            let came = self.list(resource, namespace, selector).await?;
            objects.extend(came.ok_or_else(|| {
                let Resource { plural, group, .. } = resource;
                Silence::Protocol(format!("404: {plural}.{group} is not served there"))
            })?);
        }
        Ok(objects)
    }

    /// One object; nothing where there is none of the name.
    pub async fn object<T: DeserializeOwned>(
        &self,
        resource: Resource<'_>,
        namespace: &str,
        name: &str,
    ) -> Result<Option<T>, Silence> {
        let unfit = || Silence::Protocol(format!("a {} came that cannot be read", resource.kind));
        let request = Request::get(resource.named(Some(namespace), name)?).body(Body::empty());
        let request =
            request.map_err(|_| Silence::Protocol("the request's path cannot be sent".to_string()))?;
        let deadline: Deadline = self.limit.map(|limit| (Instant::now() + limit, limit));
        match head(&self.endpoint, request, Wants::Json, deadline).await? {
            ResponseHead::Good(answer) => read(&whole(answer, MOST_BYTES).await?).map(Some).ok_or_else(unfit),
            ResponseHead::NotFound => Ok(None),
            ResponseHead::Gone(_) => Err(Silence::Gone),
        }
    }

    /// The hub at a path below its URL, and how long it may take.
    pub fn below(&self, path: &str, access: &Access) -> (Endpoint, Option<std::time::Duration>) {
        let own = self.member("", path).context;
        let setup = EndpointSetup {
            context: self.found.context.name.clone(),
            cluster: own.cluster,
            user: own.user,
            login: Some(
                self.found.login.clone().unwrap_or_else(|| Box::new(self.found.context.cluster.clone())),
            ),
            unusable: None,
            window: window(1),
        };
        (Endpoint::new(setup, access.shared.clone()), self.limit)
    }

    /// The credential of the context that the entry names by `user:`.
    pub fn user(&self, known: &Found) -> (AuthInfo, Option<Silence>) {
        user_of(self.entry, known)
    }

    /// A cluster that the hub tells of, which has a server and a credential of its own.
    pub fn cluster(&self, name: &str, cluster: Cluster, user: AuthInfo) -> FoundContext {
        let hub = &self.found.context.name;
        let context = Context {
            name: name.to_string(),
            cluster_name: name.to_string(),
            cluster,
            user,
            namespace: None,
            file: self.found.context.file.clone(),
        };
        FoundContext {
            apart: vec![format!("{hub}/{name}")],
            joins: true,
            kubectl: KubectlReach::Never,
            ..FoundContext::of(self.source, self.entry.called(), context)
        }
    }

    /// A cluster that the hub leads to, by a path below its own URL and with my own credential.
    pub fn member(&self, name: &str, path: &str) -> FoundContext {
        let own = &self.found.context;
        let server =
            format!("{}{path}", own.cluster.server.as_deref().unwrap_or_default().trim_end_matches('/'));
        let cluster = Cluster { server: Some(server.clone()), ..own.cluster.clone() };
        let reach = Box::new(self.found.kubectl.clone());
        FoundContext {
            login: Some(self.found.login.clone().unwrap_or_else(|| Box::new(own.cluster.clone()))),
            kubectl: KubectlReach::Through { context: own.name.clone(), reach, server },
            ..self.cluster(name, cluster, own.user.clone())
        }
    }
}

/// An object, in which null is as if nothing were said.
fn read<T: DeserializeOwned>(item: &str) -> Option<T> {
    let mut object: Value = serde_json::from_str(item).ok()?;
    drop_nulls(&mut object);
    serde_json::from_value(object).ok()
}

fn drop_nulls(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.retain(|_, value| !value.is_null());
            map.values_mut().for_each(drop_nulls);
        }
        Value::Array(items) => items.iter_mut().for_each(drop_nulls),
        _ => {}
    }
}

/// What is told of an object in every inventory.
#[derive(Default, serde::Deserialize)]
#[serde(default)]
pub struct InventoryMetadata {
    pub name: String,
    pub namespace: String,
    pub labels: BTreeMap<String, String>,
    pub annotations: BTreeMap<String, String>,
}

/// Labels with further facts, where no label says so already.
pub fn labelled(
    mut labels: BTreeMap<String, String>,
    facts: impl IntoIterator<Item = (&'static str, String)>,
) -> BTreeMap<String, String> {
    for (key, value) in facts.into_iter().filter(|(_, value)| !value.is_empty()) {
        labels.entry(key.to_string()).or_insert(value);
    }
    labels
}
