//! Lists of any size from one server: paged or not, item by item as they arrive, never a short list taken for whole.

use crate::fleet::answer::{ResponseHead, Wants, head};
use crate::fleet::connect::{Deadline, ResponseBody};
use crate::fleet::endpoint::Endpoint;
use crate::fleet::inflate::Inflate;
use crate::fleet::items::{Broken, Envelope, ItemScanner};
use crate::fleet::path::{Resource, encoded};
use crate::fleet::silence::{Silence, brief};
use http::header::ACCEPT_ENCODING;
use http::{HeaderValue, Request, Response};
use http_body_util::BodyExt;
use kube::client::Body;
use serde::Deserialize;
use std::collections::{BTreeSet, HashSet};
use std::hash::BuildHasher;

/// kubectl's `--chunk-size`: kind to the server, and this decoder does not mind.
const PAGE: usize = 500;
/// No list has more pages; a server that goes on for ever is lying.
const MAX_PAGES: usize = 10_000;
/// So many pages one after the other with nothing new lead nowhere: a server that gives the same ones under new tokens.
const MAX_BARREN: usize = 3;
/// Decoded bytes of one page; memory does not grow with it.
const MAX_BODY: u64 = 2 << 30;
/// Bytes held back while the list has not said its kind: custom resources say it after their items.
const MAX_HELD: usize = 64 << 20;

/// One list.
#[derive(Clone, Copy, Debug)]
pub struct ListRequest<'a> {
    pub resource: Resource<'a>,
    /// `None` is all namespaces, and right for kinds that have none.
    pub namespace: Option<&'a str>,
    pub selector: Option<&'a str>,
    pub field_selector: Option<&'a str>,
}

/// How a list ended that was read to its end.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ListEnd {
    /// Every item was handed out. `resource_version` is where a watch may begin.
    Whole { items: usize, resource_version: String },
    /// The server does not serve this kind (404).
    NotServed,
}

/// Receives one item's JSON. Its error ends the list as a protocol silence.
pub type ReceiveItem<'a> = dyn FnMut(&str) -> anyhow::Result<()> + Send + 'a;

impl Resource<'_> {
    /// Whether a list of this kind may call itself so. A custom resource may name its list kind freely, in its own
    /// group and version.
    fn fits(&self, list: &Envelope) -> bool {
        let is_custom = self.group.contains('.') && !self.group.ends_with(".k8s.io");
        let is_ours = list.api_version.is_empty() || list.api_version == self.api_version();
        list.kind
            .strip_suffix("List")
            .is_some_and(|kind| kind == self.kind || kind.is_empty() || (is_custom && is_ours))
    }
}

impl ListRequest<'_> {
    /// A selective list is asked of the server's cache (`resourceVersion=0`): on old servers a consistent one reads
    /// every object out of etcd (393 ms instead of 16), and `limit` is ignored there. A whole list is large and goes
    /// page by page, which only a consistent read can do.
    fn path(&self, next: Option<&str>) -> Result<String, Silence> {
        let mut query = Vec::new();
        match self.is_paged() {
            true => query.push(format!("limit={PAGE}")),
            false => query.push("resourceVersion=0".to_string()),
        }
        query.extend(self.selector.map(|selector| format!("labelSelector={}", encoded(selector))));
        query.extend(self.field_selector.map(|selector| format!("fieldSelector={}", encoded(selector))));
        query.extend(next.map(|next| format!("continue={}", encoded(next))));
        Ok(format!("{}?{}", self.resource.path(self.namespace)?, query.join("&")))
    }

    fn is_paged(&self) -> bool {
        self.selector.is_none() && self.field_selector.is_none()
    }
}

/// Lists, handing out each item once. After an error the items handed out stay good, but they are not all.
pub async fn list(
    endpoint: &Endpoint,
    request: &ListRequest<'_>,
    deadline: Deadline,
    receive: &mut ReceiveItem<'_>,
) -> Result<ListEnd, Silence> {
    let seen = request.is_paged().then(BTreeSet::new);
    let mut gate = Gate {
        resource: request.resource,
        receive,
        held: Vec::new(),
        held_bytes: 0,
        held_version: String::new(),
        seen,
        texts: HashSet::new(),
        count: 0,
    };
    let mut next: Option<String> = None;
    let mut restarted = false;
    let (mut count, mut barren, mut patience) = (0, 0, MAX_BARREN);
    for page in 0..MAX_PAGES {
        let mut asking = Request::get(request.path(next.as_deref())?);
        if endpoint.compresses() {
            asking = asking.header(ACCEPT_ENCODING, HeaderValue::from_static("gzip"));
        }
        let asking = asking.body(Body::empty()).map_err(|_| Silence::Protocol("no such path".to_string()))?;
        let envelope = match head(endpoint, asking, Wants::Json, deadline).await? {
            ResponseHead::Good(answer) => read_page(answer, &mut gate).await?,
            ResponseHead::NotFound if next.is_none() && !request.resource.group.is_empty() => {
                return Ok(ListEnd::NotServed);
            }
            ResponseHead::NotFound => {
                return Err(Silence::Protocol("404: no Kubernetes API at this URL".to_string()));
            }
            ResponseHead::Gone(_) if restarted => {
                return Err(Silence::Protocol(
                    "the list expired twice while it was read in pages".to_string(),
                ));
            }
            // The server's own token goes on behind the last item; without one the list starts again, and what
            // has been handed out is left out by its uid.
            ResponseHead::Gone(resume) => {
                (restarted, next) = (true, resume);
                patience += page;
                continue;
            }
        };
        let following = envelope.metadata.next.filter(|token| !token.is_empty());
        if following.is_none() {
            let resource_version = envelope.metadata.resource_version.unwrap_or_default();
            return Ok(ListEnd::Whole { items: gate.count, resource_version });
        }
        barren = if gate.count > count { 0 } else { barren + 1 };
        count = gate.count;
        if following == next || barren >= patience {
            return Err(Silence::Protocol("the same page came again and again".to_string()));
        }
        next = following;
    }
    Err(Silence::Protocol("the list has no end".to_string()))
}

/// Lets items through once it is sure that they are of the kind that was asked.
struct Gate<'a, 'r> {
    resource: Resource<'a>,
    receive: &'a mut ReceiveItem<'r>,
    held: Vec<String>,
    held_bytes: usize,
    held_version: String,
    /// The uids handed out so far, where the list may have to start again.
    seen: Option<BTreeSet<String>>,
    /// The items handed out of a list that is not asked in pages, as hashes of their texts: a server that goes on all the same
    /// may do it for ever.
    texts: HashSet<u64>,
    count: usize,
}

impl Gate<'_, '_> {
    fn item(&mut self, envelope: &Envelope, item: &str) -> Result<(), Broken> {
        if !envelope.kind.is_empty() {
            self.check(envelope)?;
            return self.hand_out(item);
        }
        self.held_bytes += item.len();
        if self.held_bytes > MAX_HELD {
            return Err(Broken::TooLarge);
        }
        self.held_version.clone_from(&envelope.api_version);
        self.held.push(item.to_string());
        Ok(())
    }

    fn check(&self, envelope: &Envelope) -> Result<(), Broken> {
        if self.resource.fits(envelope) {
            return Ok(());
        }
        let text = format!("a {} came where a {}List was asked", envelope.kind, self.resource.kind);
        Err(Broken::Refused(text))
    }

    /// Lets go what is held of a list that was cut by the deadline, if it is at least of the group and version asked.
    fn release_early(&mut self) -> Result<(), Broken> {
        match self.held_version == self.resource.api_version() {
            true => self.release(),
            false => Ok(()),
        }
    }

    fn release(&mut self) -> Result<(), Broken> {
        self.held_bytes = 0;
        std::mem::take(&mut self.held).iter().try_for_each(|item| self.hand_out(item))
    }

    fn hand_out(&mut self, item: &str) -> Result<(), Broken> {
        if let Some(seen) = &mut self.seen
            && let Some(uid) = uid(item)
            && !seen.insert(uid)
        {
            return Ok(());
        }
        if self.seen.is_none() && !self.texts.insert(self.texts.hasher().hash_one(item)) {
            return Ok(());
        }
        self.count += 1;
        (self.receive)(item).map_err(|error| Broken::Refused(format!("{}: {error:#}", self.resource.kind)))
    }
}

fn uid(item: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct UniqueObject {
        metadata: Metadata,
    }
    #[derive(Deserialize)]
    struct Metadata {
        uid: Option<String>,
    }
    serde_json::from_str::<UniqueObject>(item).ok()?.metadata.uid
}

async fn read_page(answer: Response<ResponseBody>, gate: &mut Gate<'_, '_>) -> Result<Envelope, Silence> {
    let mut inflate = Inflate::new(answer.headers())?;
    let mut items = ItemScanner::default();
    let mut body = answer.into_body();
    let mut total = 0;
    while let Some(frame) = body.frame().await {
        let frame = match frame {
            Ok(frame) => frame,
            Err(why @ Silence::TimedOut(_)) => {
                // What has arrived by the deadline is kept, though the list is cut and may not have said its kind.
                items.finish(&mut |envelope, item| gate.item(envelope, item)).ok();
                gate.release_early().map_err(broken)?;
                return Err(why);
            }
            Err(why) => return Err(why),
        };
        let Some(data) = frame.data_ref() else { continue };
        inflate.feed(data, |plain| {
            total += plain.len() as u64;
            if total > MAX_BODY {
                return Err(broken(Broken::TooLarge));
            }
            items.feed(plain, &mut |envelope, item| gate.item(envelope, item)).map_err(broken)
        })?;
    }
    let rest = inflate.finish()?;
    items.feed(&rest, &mut |envelope, item| gate.item(envelope, item)).map_err(broken)?;
    let envelope = items.finish(&mut |envelope, item| gate.item(envelope, item)).map_err(broken)?;
    gate.check(&envelope).and_then(|()| gate.release()).map_err(broken)?;
    Ok(envelope)
}

fn broken(broken: Broken) -> Silence {
    Silence::Protocol(match broken {
        Broken::Json(text) => text,
        Broken::Truncated => "the body ended too early".to_string(),
        Broken::TooLarge => "an item or body too large for Kubernetes".to_string(),
        Broken::Refused(text) => brief(&text),
    })
}
