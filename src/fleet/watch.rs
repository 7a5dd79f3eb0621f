//! A list that is kept current: what is there, then every change, over all breaks of the connection.

use crate::fleet::answer::{Wants, refusal};
use crate::fleet::asked::{Asked, Pace};
use crate::fleet::backoff::Backoff;
use crate::fleet::fetch::{ListEnd, ListRequest};
use crate::fleet::path::encoded;
use crate::fleet::silence::Silence;
use anyhow::Result;
use http::StatusCode;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::time::Duration;
use tokio::time::Instant;

/// The server ends a watch after this long; it is then taken up again without a gap.
const SECONDS: u32 = 290;

/// A watch that ends sooner and has told nothing was none.
const BRIEF: Duration = Duration::from_secs(5);

/// What a watch tells.
#[derive(Debug)]
pub enum WatchChange<'a> {
    /// Forget everything: a whole list follows.
    Reset,
    /// An object is there, or is there anew; its JSON.
    Put(&'a str),
    /// The object is no more; its last JSON.
    Gone(&'a str),
    /// What has been told so far is the whole, as of now.
    Current,
    /// The server has taken the watch up: what changes from here on is told.
    Listening,
    /// Nothing is heard at the moment; the watch goes on trying.
    Silent(&'a Silence),
}

/// Receives changes; its error ends the watch.
pub type ReceiveChange<'a> = dyn FnMut(WatchChange<'_>) -> Result<()> + Send + 'a;

#[derive(Deserialize)]
struct WatchEvent<'a> {
    #[serde(rename = "type")]
    kind: std::borrow::Cow<'a, str>,
    #[serde(borrow)]
    object: &'a RawValue,
}

/// What a watch needs of an object, and of the Status that an ERROR holds.
#[derive(Default, Deserialize)]
#[serde(default)]
struct WatchedObject {
    metadata: crate::fleet::items::ListMetadata,
    code: u16,
    message: String,
}

/// Why a round of listing and watching ended.
enum WatchEnd {
    /// The receiver has had enough.
    Stopped(anyhow::Error),
    /// The watch is to be taken up again from this version; `None` begins with a list.
    Again(Option<String>),
    Silent(Option<String>, Silence),
    NotServed,
}

impl Asked {
    /// Lists and watches, for ever: ends when the receiver fails, and at once where the kind is not served. For
    /// `Fleet::follow`; under `Fleet::ask` the cluster's deadline would end it.
    pub async fn watch(&self, request: &ListRequest<'_>, receive: &mut ReceiveChange<'_>) -> Result<()> {
        let mut version = None;
        let mut backoff = Backoff::default();
        loop {
            let begun = Instant::now();
            version = match self.round(request, version.take(), receive).await {
                WatchEnd::Stopped(error) => return Err(error),
                WatchEnd::NotServed => return Ok(()),
                WatchEnd::Again(from) => from,
                WatchEnd::Silent(from, why) => {
                    receive(WatchChange::Silent(&why))?;
                    from
                }
            };
            tokio::time::sleep(backoff.pause(begun.elapsed())).await;
        }
    }

    async fn round(
        &self,
        request: &ListRequest<'_>,
        from: Option<String>,
        receive: &mut ReceiveChange<'_>,
    ) -> WatchEnd {
        let version = match from {
            Some(version) => version,
            None => match self.afresh(request, receive).await {
                Ok(version) => version,
                Err(end) => return end,
            },
        };
        let path = match watch_path(request, &version) {
            Ok(path) => path,
            Err(why) => return WatchEnd::Silent(None, why),
        };
        // An object is at most 1.5 MiB in etcd, so a longer line is no event.
        match self.lines(&path, Wants::Json, Pace::Endless, crate::fleet::items::MAX_ITEM).await {
            Ok(Some(lines)) => match receive(WatchChange::Listening) {
                Ok(()) => changes(lines, version, receive).await,
                Err(error) => WatchEnd::Stopped(error),
            },
            Ok(None) => WatchEnd::NotServed,
            Err(Silence::Gone) => WatchEnd::Again(None),
            Err(why) => WatchEnd::Silent(Some(version), why),
        }
    }

    /// Tells the whole list anew and returns the version that it was true at.
    async fn afresh(
        &self,
        request: &ListRequest<'_>,
        receive: &mut ReceiveChange<'_>,
    ) -> Result<String, WatchEnd> {
        receive(WatchChange::Reset).map_err(WatchEnd::Stopped)?;
        let mut stopped = None;
        let mut put = |item: &str| {
            receive(WatchChange::Put(item)).map_err(|error| {
                stopped = Some(error);
                anyhow::anyhow!("stopped")
            })
        };
        let listed = self.list(request, &mut put).await;
        match (stopped, listed) {
            (Some(error), _) => Err(WatchEnd::Stopped(error)),
            (None, Err(why)) => Err(WatchEnd::Silent(None, why)),
            (None, Ok(ListEnd::NotServed)) => Err(WatchEnd::NotServed),
            (None, Ok(ListEnd::Whole { resource_version, .. })) => {
                receive(WatchChange::Current).map_err(WatchEnd::Stopped)?;
                Ok(resource_version)
            }
        }
    }
}

async fn changes(
    mut lines: crate::fleet::lines::Lines,
    mut version: String,
    receive: &mut ReceiveChange<'_>,
) -> WatchEnd {
    let mut has_begun = false;
    let opened = Instant::now();
    loop {
        let quiet = Duration::from_secs(u64::from(SECONDS) + 30);
        let next = tokio::time::timeout(quiet, lines.next(|line| line.text.to_string())).await;
        let line = match next.unwrap_or(Err(Silence::TimedOut(quiet))) {
            Ok(Some(line)) => line,
            // The server's own time limit, or a balancer's; a watch that ends before it has begun must not spin.
            Ok(None) if has_begun || opened.elapsed() >= BRIEF => return WatchEnd::Again(Some(version)),
            Ok(None) => {
                return WatchEnd::Silent(
                    Some(version),
                    Silence::Protocol("the watch ended at once".to_string()),
                );
            }
            Err(why) => return WatchEnd::Silent(Some(version), why),
        };
        let Ok(event) = serde_json::from_str::<WatchEvent<'_>>(&line) else {
            return WatchEnd::Silent(None, Silence::Protocol("the watch sent what is no event".to_string()));
        };
        let object: WatchedObject = serde_json::from_str(event.object.get()).unwrap_or_default();
        if event.kind == "ERROR" {
            return match object.code {
                410 => WatchEnd::Again(None),
                code => {
                    let status = StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
                    WatchEnd::Silent(None, refusal(status, &object.message))
                }
            };
        }
        has_begun = true;
        version = object.metadata.resource_version.filter(|text| !text.is_empty()).unwrap_or(version);
        let told = match event.kind.as_ref() {
            "ADDED" | "MODIFIED" => receive(WatchChange::Put(event.object.get())),
            "DELETED" => receive(WatchChange::Gone(event.object.get())),
            _ => Ok(()),
        };
        if let Err(error) = told {
            return WatchEnd::Stopped(error);
        }
    }
}

/// Bookmarks keep the version current where nothing changes, so that taking up again seldom means listing again.
fn watch_path(request: &ListRequest<'_>, version: &str) -> Result<String, Silence> {
    let mut path = request.resource.path(request.namespace)?;
    path += &format!(
        "?watch=1&allowWatchBookmarks=true&timeoutSeconds={SECONDS}&resourceVersion={}",
        encoded(version)
    );
    for (name, value) in [("labelSelector", request.selector), ("fieldSelector", request.field_selector)] {
        if let Some(value) = value {
            path += &format!("&{name}={}", encoded(value));
        }
    }
    Ok(path)
}
