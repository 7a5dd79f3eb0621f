//! One cluster while it is asked: lists, small reads, and kube's client, all within the cluster's deadline.

use crate::fleet::answer::{ResponseHead, Wants, head, whole};
use crate::fleet::cluster::Cluster;
use crate::fleet::connect::{Deadline, Flow, ResponseBody};
use crate::fleet::fetch::{ListEnd, ListRequest, ReceiveItem, list};
use crate::fleet::lines::Lines;
use crate::fleet::members::FleetMember;
use crate::fleet::path::{Resource, VERSION, is_name};
use crate::fleet::silence::Silence;
use http::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_TYPE, WARNING};
use http::{HeaderValue, Request, Response, StatusCode};
use kube::client::Body;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;
use tokio::time::Instant;
use tower::BoxError;

/// The largest answer that is read whole.
const MAX_WHOLE: usize = 64 << 20;

/// By when a request must be answered.
#[derive(Clone, Copy)]
pub(crate) enum RequestClock {
    /// All requests share one deadline.
    Until(Deadline),
    /// Each has its own, from its start.
    Each(Option<Duration>),
}

/// How a text arrives.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Pace {
    /// Within the time limit.
    Prompt,
    /// As its reader takes it, who may stop for long, with so many bytes on their way.
    Held(u32),
    /// It goes on for ever.
    Endless,
}

/// An object's metadata and nothing else of it; a server that cannot do that refuses.
const METADATA: &str = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";

/// A cluster that a question is put to. Everything it is asked ends at the cluster's deadline by itself, so a
/// question need not watch the clock: it takes note of the silence and returns what it has.
#[derive(Clone)]
pub struct Asked {
    member: Arc<FleetMember>,
    clock: RequestClock,
    /// Whether any object, or a whole list, has come.
    answered: Arc<AtomicBool>,
    held: Arc<Held>,
}

/// What is kept of a cluster's objects: Kubernetes itself is built for 150,000 pods, and memory must have an end.
#[derive(Default)]
struct Held {
    objects: AtomicUsize,
    bytes: AtomicUsize,
}

/// Objects that are kept of one cluster, and the bytes of their JSON.
const MOST_HELD: (usize, usize) = (300_000, 1 << 30);

impl Held {
    fn add(&self, bytes: usize) -> anyhow::Result<()> {
        let objects = self.objects.fetch_add(1, Ordering::Relaxed);
        let bytes = self.bytes.fetch_add(bytes, Ordering::Relaxed) + bytes;
        anyhow::ensure!(objects < MOST_HELD.0, "more than {} objects, and no more are read", MOST_HELD.0);
        anyhow::ensure!(bytes <= MOST_HELD.1, "more than {} MiB, and no more is read", MOST_HELD.1 >> 20);
        Ok(())
    }
}

impl Asked {
    pub(crate) fn new(member: Arc<FleetMember>, clock: RequestClock) -> Asked {
        Asked { member, clock, answered: Arc::default(), held: Arc::default() }
    }

    pub fn cluster(&self) -> &Cluster {
        &self.member.cluster
    }

    /// Lists, handing out each item's JSON as it arrives. After an error the items handed out stay good, but they
    /// are not all: that is a gap.
    pub async fn list(
        &self,
        request: &ListRequest<'_>,
        receive: &mut ReceiveItem<'_>,
    ) -> Result<ListEnd, Silence> {
        let answered = self.answered.clone();
        let mut receive = |item: &str| {
            answered.store(true, Ordering::Relaxed);
            receive(item)
        };
        let end = list(&self.member.endpoint, request, self.deadline(), &mut receive).await?;
        if end != ListEnd::NotServed {
            self.answered.store(true, Ordering::Relaxed);
        }
        Ok(end)
    }

    /// The same of the cache of its hub, where that holds the kind: one question of the hub answers for all its members. It is a little
    /// behind the cluster, and no watch can begin there.
    pub async fn list_of_cache(
        &self,
        request: &ListRequest<'_>,
        receive: &mut ReceiveItem<'_>,
    ) -> Result<ListEnd, Silence> {
        let Some((cache, name)) = &self.member.cache else { return self.list(request, receive).await };
        let Some(items) = cache.items(name, request, self.deadline()).await else {
            return self.list(request, receive).await;
        };
        let items = items?;
        self.answered.store(true, Ordering::Relaxed);
        for item in &items {
            receive(item)
                .map_err(|error| Silence::Protocol(crate::fleet::silence::brief(&format!("{error:#}"))))?;
        }
        Ok(ListEnd::Whole { items: items.len(), resource_version: String::new() })
    }

    /// Takes note of an object that is kept, by its JSON; refuses what would be too much of one cluster. For the receivers
    /// of lists, whose error ends the list as a gap.
    pub fn keep(&self, item: &str) -> anyhow::Result<()> {
        self.held.add(item.len())
    }

    /// Reads one object; `None` where there is none, or where nothing can be called so. What comes must be what was asked.
    pub async fn object(
        &self,
        resource: &Resource<'_>,
        namespace: Option<&str>,
        name: &str,
    ) -> Result<Option<String>, Silence> {
        if !is_name(name) || namespace.is_some_and(|namespace| !is_name(namespace)) {
            return Ok(None);
        }
        let text = self.get(&resource.named(namespace, name)?, None).await?;
        self.answered.fetch_or(text.is_some(), Ordering::Relaxed);
        text.map(|text| expect_object(&text, resource, name).map(|()| text)).transpose()
    }

    /// Reads one object's metadata and nothing else of it; `None` where there is none.
    pub async fn metadata(
        &self,
        resource: &Resource<'_>,
        namespace: &str,
        name: &str,
    ) -> Result<Option<String>, Silence> {
        if !is_name(name) || !is_name(namespace) {
            return Ok(None);
        }
        let text = self.get(&resource.named(Some(namespace), name)?, Some(METADATA)).await?;
        self.answered.fetch_or(text.is_some(), Ordering::Relaxed);
        let partial = Resource { kind: "PartialObjectMetadata", group: "meta.k8s.io", ..*resource };
        text.map(|text| expect_object(&text, &partial, name).map(|()| text)).transpose()
    }

    /// What discovery tells of a kind's group in its version; `None` where that is not served. It says nothing about objects: who may
    /// see the kinds may still see none of them.
    pub async fn discovery(&self, resource: &Resource<'_>) -> Result<Option<String>, Silence> {
        self.get(&resource.root()?, None).await
    }

    /// Reads a JSON document of at most 64 MiB by its path and query; `None` is 404. `accept` is for Tables,
    /// metadata only, or aggregated discovery.
    pub(in crate::fleet) async fn get(
        &self,
        path: &str,
        accept: Option<&str>,
    ) -> Result<Option<String>, Silence> {
        let mut request = Request::get(path).header(ACCEPT, accept.unwrap_or("application/json"));
        if self.member.endpoint.compresses() {
            request = request.header(ACCEPT_ENCODING, HeaderValue::from_static("gzip"));
        }
        self.exchange(request.body(Body::empty())).await
    }

    /// Posts a review of ourselves (SelfSubjectReview and its like: the only requests that are no reads); `None`
    /// where the server does not know it.
    pub async fn review(
        &self,
        resource: &Resource<'_>,
        body: &serde_json::Value,
    ) -> Result<Option<String>, Silence> {
        let request = Request::post(resource.path(None)?)
            .header(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let text = self.exchange(request.body(Body::from(body.to_string().into_bytes()))).await?;
        if let Some(text) = &text {
            expect_kind(text, body["kind"].as_str().unwrap_or_default())?;
        }
        self.answered.fetch_or(text.is_some(), Ordering::Relaxed);
        Ok(text)
    }

    /// kube's client over this connection, for what is small (`Api`, discovery). Its errors end in a `Silence`.
    pub fn client(&self) -> kube::Client {
        let (member, clock) = (self.member.clone(), self.clock);
        let service = tower::service_fn(move |request: Request<Body>| {
            let member = member.clone();
            async move {
                let answer: Result<Response<ResponseBody>, Silence> =
                    member.endpoint.send(request, clock.deadline()).await;
                answer.map_err(BoxError::from)
            }
        });
        kube::Client::new(service, self.cluster().namespace.clone().unwrap_or_else(|| "default".to_string()))
    }

    /// As `get` with a form of the answer that is wanted, which counts as one; with the server's warnings.
    pub(in crate::fleet) async fn get_with_warnings(
        &self,
        path: &str,
        accept: &str,
    ) -> Result<Option<(String, Vec<String>)>, Silence> {
        let mut request = Request::get(path).header(ACCEPT, accept);
        if self.member.endpoint.compresses() {
            request = request.header(ACCEPT_ENCODING, HeaderValue::from_static("gzip"));
        }
        let request = request.body(Body::empty()).map_err(|_| unsendable())?;
        match head(&self.member.endpoint, request, Wants::Json, self.deadline()).await? {
            ResponseHead::Good(answer) => {
                let said = answer.headers().get_all(WARNING).iter();
                let warnings = said.filter_map(|one| one.to_str().ok()).filter_map(warning).collect();
                let text = whole(answer, MAX_WHOLE).await?;
                self.answered.store(true, Ordering::Relaxed);
                Ok(Some((text, warnings)))
            }
            ResponseHead::NotFound => Ok(None),
            ResponseHead::Gone(_) => Err(Silence::Gone),
        }
    }

    /// Takes note that no object of a name is an answer, too.
    pub(in crate::fleet) fn has_told_nothing(&self) {
        self.answered.store(true, Ordering::Relaxed);
    }

    /// Opens a text that arrives line by line, of at most `most` bytes a line. Only of a prompt one the time limit counts
    /// for more than the head. `None` is 404, or that there is nothing yet (204).
    pub(crate) async fn lines(
        &self,
        path: &str,
        wants: Wants,
        pace: Pace,
        most: usize,
    ) -> Result<Option<Lines>, Silence> {
        self.lines_as(path, "*/*", wants, pace, most).await
    }

    /// The same, in a form that is wanted.
    pub(in crate::fleet) async fn lines_as(
        &self,
        path: &str,
        accept: &str,
        wants: Wants,
        pace: Pace,
        most: usize,
    ) -> Result<Option<Lines>, Silence> {
        let request = Request::get(path).header(ACCEPT, accept).body(Body::empty());
        let mut request = request.map_err(|_| unsendable())?;
        match pace {
            Pace::Prompt => None,
            Pace::Held(window) => request.extensions_mut().insert(Flow::Held(window)),
            Pace::Endless => request.extensions_mut().insert(Flow::Endless),
        };
        match head(&self.member.endpoint, request, wants, self.deadline()).await? {
            ResponseHead::Good(answer) if answer.status() == StatusCode::NO_CONTENT => Ok(None),
            ResponseHead::Good(answer) => {
                let body = answer.into_body();
                Ok(Some(Lines::new(if pace == Pace::Prompt { body } else { body.without_deadline() }, most)))
            }
            ResponseHead::NotFound => Ok(None),
            ResponseHead::Gone(_) => Err(Silence::Gone),
        }
    }

    fn deadline(&self) -> Deadline {
        self.clock.deadline()
    }

    /// The server's `gitVersion`, asked once in a run; that it is not told is no silence.
    pub(crate) async fn version(&self) -> Option<String> {
        if let Some(known) = self.member.version.get() {
            return Some(known.clone());
        }
        let text = self.get(VERSION, None).await.ok()??;
        let version: serde_json::Value = serde_json::from_str(&text).ok()?;
        let told = crate::fleet::silence::brief(version.get("gitVersion")?.as_str()?);
        Some(self.member.version.get_or_init(|| told).clone())
    }

    /// Whether a Kubernetes API is here at all: none is without its version. Who may not read it may still be answered.
    pub async fn is_api(&self) -> bool {
        !matches!(self.get(VERSION, None).await, Ok(None))
    }

    /// The UID of the namespace kube-system, which no two clusters have in common; asked once in a run, and only where
    /// others reach the same server as other users.
    pub(crate) async fn uid(&self) -> Option<String> {
        self.cluster().shared_server?;
        if let Some(known) = self.member.uid.get() {
            return Some(known.clone());
        }
        let namespaces = Resource { kind: "Namespace", group: "", version: "v1", plural: "namespaces" };
        let request = Request::get(namespaces.named(None, "kube-system").ok()?)
            .header(ACCEPT, format!("{METADATA},application/json"));
        let text = self.exchange(request.body(Body::empty())).await.ok()??;
        let namespace: serde_json::Value = serde_json::from_str(&text).ok()?;
        let uid = namespace["metadata"]["uid"].as_str().filter(|uid| !uid.is_empty())?.to_string();
        Some(self.member.uid.get_or_init(|| uid).clone())
    }

    /// Takes note that the cluster has answered something earlier in this run: then it is not silent, whatever it refuses now.
    pub fn has_said_something(&self) {
        self.answered.store(true, Ordering::Relaxed);
    }

    pub(crate) fn has_answered(&self) -> bool {
        self.answered.load(Ordering::Relaxed)
    }

    async fn exchange(&self, request: http::Result<Request<Body>>) -> Result<Option<String>, Silence> {
        let request = request.map_err(|_| unsendable())?;
        match head(&self.member.endpoint, request, Wants::Json, self.deadline()).await? {
            ResponseHead::Good(answer) => whole(answer, MAX_WHOLE).await.map(Some),
            ResponseHead::NotFound => Ok(None),
            ResponseHead::Gone(_) => Err(Silence::Gone),
        }
    }
}

impl RequestClock {
    fn deadline(self) -> Deadline {
        match self {
            RequestClock::Until(deadline) => deadline,
            RequestClock::Each(limit) => limit.map(|limit| (Instant::now() + limit, limit)),
        }
    }
}

/// A document that says it is something else than what was asked is no answer.
fn expect_kind(text: &str, kind: &str) -> Result<(), Silence> {
    let document: serde_json::Value = serde_json::from_str(text).unwrap_or_default();
    match document["kind"].as_str() {
        Some(came) if !kind.is_empty() && came != kind => {
            let came = crate::fleet::silence::brief(came);
            Err(Silence::Protocol(format!("a {came} came where a {kind} was asked")))
        }
        _ => Ok(()),
    }
}

/// An object must say what it is: behind a gateway that resolves names in its own way it may be another one.
fn expect_object(text: &str, resource: &Resource<'_>, name: &str) -> Result<(), Silence> {
    #[derive(Default, serde::Deserialize)]
    #[serde(default)]
    struct Named {
        name: String,
    }
    #[derive(Default, serde::Deserialize)]
    #[serde(default, rename_all = "camelCase")]
    struct NamedObject {
        kind: String,
        api_version: String,
        metadata: Option<Named>,
    }
    let object: NamedObject = serde_json::from_str(text).unwrap_or_default();
    let came = object.metadata.unwrap_or_default().name;
    let is_it = object.kind == resource.kind && object.api_version == resource.api_version() && came == name;
    if is_it {
        return Ok(());
    }
    let came = crate::fleet::silence::brief(&format!("{} {} {came}", object.api_version, object.kind));
    Err(Silence::Protocol(format!("{} came where a {} was asked", came.trim(), resource.kind)))
}

/// The text of a `Warning: 299 - "text"`.
fn warning(header: &str) -> Option<String> {
    let quoted = header.trim().strip_prefix("299 ")?.split_once('"')?.1;
    let mut text = String::new();
    let mut chars = quoted.chars();
    loop {
        match chars.next()? {
            '"' => return Some(crate::fleet::silence::brief(&text)),
            '\\' => text.extend(chars.next()),
            c => text.push(c),
        }
    }
}

fn unsendable() -> Silence {
    Silence::Protocol("the request's path cannot be sent".to_string())
}

#[cfg(test)]
mod tests {
    use super::{Held, MOST_HELD, warning};

    #[test]
    fn a_warning_is_its_text() {
        let told = |header: &str| warning(header);
        assert_eq!(told("299 - \"old \\\"x\\\" is going\"").as_deref(), Some("old \"x\" is going"));
        assert_eq!(told("299 - \"two\" \"Wed, 21 Oct 2015\"").as_deref(), Some("two"));
        for header in ["", "299", "110 anderson \"stale\"", "299 - \"open"] {
            assert_eq!(told(header), None, "{header}");
        }
    }

    #[test]
    fn what_is_kept_of_a_cluster_has_an_end() {
        let held = Held::default();
        assert!((0..MOST_HELD.0).all(|_| held.add(100).is_ok()));
        assert!(held.add(100).is_err_and(|error| error.to_string().contains("300000 objects")));
        let held = Held::default();
        assert!(held.add(MOST_HELD.1).is_ok());
        assert!(held.add(1).is_err_and(|error| error.to_string().contains("1024 MiB")));
    }
}
