//! Objects of any kind as `get` shows them: page by page, as the server's own tables or as they are, and the changes of a table.

use crate::fleet::answer::Wants;
use crate::fleet::asked::{Asked, Pace};
use crate::fleet::flow::Sender;
use crate::fleet::path::{Resource, encoded, is_name};
use crate::fleet::silence::{Silence, brief};
use serde::Deserialize;
use serde_json::Value;

/// kubectl's `--chunk-size`.
const PAGE: usize = 500;
/// No list has more pages; a server that goes on for ever is lying.
const MAX_PAGES: usize = 10_000;
/// A watch is taken up again after that many seconds.
const SECONDS: u32 = 290;

const TABLE: &str = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json";

/// What to read of a kind.
#[derive(Clone, Copy, Debug)]
pub struct PageRequest<'a> {
    pub resource: Resource<'a>,
    /// `None` is all namespaces, and right for kinds that have none.
    pub namespace: Option<&'a str>,
    /// One object alone.
    pub name: Option<&'a str>,
    pub selector: Option<&'a str>,
    pub field_selector: Option<&'a str>,
    pub form: ObjectForm,
}

/// How objects come.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ObjectForm {
    /// The server's table, with the metadata of each row's object.
    Table,
    /// The same with whole objects.
    TableOfObjects,
    Objects,
}

/// How reading ended that came to its end.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum PagesEnd {
    Whole {
        resource_version: String,
    },
    /// 404: the kind is not served, or there is no object of that name.
    NotFound,
}

/// Receives a page (a Table, a list, or an object) with the server's warnings. Its error ends the reading.
pub type ReceivePage<'a> = dyn FnMut(Value, Vec<String>) -> anyhow::Result<()> + Send + 'a;

/// A change that a watched table tells.
#[derive(Debug)]
pub struct TableChange {
    /// `ADDED`, `MODIFIED`, `DELETED`.
    pub kind: String,
    pub object: Value,
}

impl PageRequest<'_> {
    fn path(&self, next: Option<&str>) -> Result<String, Silence> {
        let mut query: Vec<String> = Vec::new();
        if self.form == ObjectForm::TableOfObjects {
            query.push("includeObject=Object".to_string());
        }
        let path = match self.name {
            Some(name) => self.resource.named(self.namespace, name)?,
            None => {
                query.push(format!("limit={PAGE}"));
                query.extend(self.selectors());
                query.extend(next.map(|next| format!("continue={}", encoded(next))));
                self.resource.path(self.namespace)?
            }
        };
        Ok(if query.is_empty() { path } else { format!("{path}?{}", query.join("&")) })
    }

    fn selectors(&self) -> impl Iterator<Item = String> {
        let labels = self.selector.map(|selector| format!("labelSelector={}", encoded(selector)));
        let fields = self.field_selector.map(|selector| format!("fieldSelector={}", encoded(selector)));
        labels.into_iter().chain(fields)
    }

    fn accept(&self) -> &'static str {
        if self.form == ObjectForm::Objects { "application/json" } else { TABLE }
    }

    /// What came must be what was asked: behind a gateway that resolves names in its own way it may be something else.
    fn check(&self, page: &Value) -> Result<(), Silence> {
        let text = |field: &str| page[field].as_str().unwrap_or_default();
        let (kind, version) = (text("kind"), text("apiVersion"));
        let is_table = kind == "Table" && version.starts_with("meta.k8s.io/");
        let is_ours = match self.name {
            _ if is_table => self.form != ObjectForm::Objects && self.has_name(page),
            Some(name) => {
                kind == self.resource.kind
                    && version == self.resource.api_version()
                    && page["metadata"]["name"] == *name
            }
            None => {
                page["items"].is_array()
                    && kind.ends_with("List")
                    && (version == self.resource.api_version() || version == "v1")
            }
        };
        match is_ours {
            true => Ok(()),
            false => {
                let came = brief(&format!("{version} {kind}"));
                Err(Silence::Protocol(format!("{} came where {} was asked", came.trim(), self.resource.kind)))
            }
        }
    }

    fn has_name(&self, table: &Value) -> bool {
        let Some(name) = self.name else { return true };
        let mut rows = table["rows"].as_array().into_iter().flatten();
        rows.all(|row| row["object"]["metadata"]["name"].as_str().is_none_or(|own| own == name))
    }
}

impl Asked {
    /// Reads all pages, each as it comes.
    pub async fn pages(
        &self,
        request: &PageRequest<'_>,
        receive: &mut ReceivePage<'_>,
    ) -> Result<PagesEnd, Silence> {
        if request.name.is_some_and(|name| !is_name(name))
            || request.namespace.is_some_and(|name| !is_name(name))
        {
            return Ok(PagesEnd::NotFound);
        }
        let mut next: Option<String> = None;
        for _ in 0..MAX_PAGES {
            let came = self.get_with_warnings(&request.path(next.as_deref())?, request.accept()).await?;
            let Some((text, warnings)) = came else {
                if request.name.is_some() {
                    self.has_told_nothing();
                }
                return Ok(PagesEnd::NotFound);
            };
            let page: Value = serde_json::from_str(&text)
                .map_err(|_| Silence::Protocol("the answer is not JSON".to_string()))?;
            request.check(&page)?;
            let metadata = |field: &str| {
                page["metadata"][field].as_str().filter(|text| !text.is_empty()).map(str::to_string)
            };
            let (following, version) = (metadata("continue"), metadata("resourceVersion"));
            receive(page, warnings).map_err(|error| Silence::Protocol(brief(&format!("{error:#}"))))?;
            if following.is_none() || request.name.is_some() {
                return Ok(PagesEnd::Whole { resource_version: version.unwrap_or_default() });
            }
            if following == next {
                return Err(Silence::Protocol("the same page came again and again".to_string()));
            }
            next = following;
        }
        Err(Silence::Protocol("the list has no end".to_string()))
    }

    /// Sends the changes from a version on, until the server ends the watch or nobody takes them; gives back the version to go on from. `Silence::Gone` where that is too old.
    pub async fn changes<T: Send>(
        &self,
        request: &PageRequest<'_>,
        from: &str,
        sender: &Sender<T>,
        make: &(impl Fn(TableChange) -> T + Sync),
    ) -> Result<Option<String>, Silence> {
        let mut query = vec![
            "watch=1".to_string(),
            "allowWatchBookmarks=true".to_string(),
            format!("resourceVersion={}", encoded(from)),
            format!("timeoutSeconds={SECONDS}"),
        ];
        if request.form == ObjectForm::TableOfObjects {
            query.push("includeObject=Object".to_string());
        }
        query.extend(request.selectors());
        query.extend(request.name.map(|name| {
            format!("fieldSelector={}", encoded(&crate::fleet::path::field("metadata.name", name)))
        }));
        let path = format!("{}?{}", request.resource.path(request.namespace)?, query.join("&"));
        let opened = self
            .lines_as(&path, request.accept(), Wants::Json, Pace::Endless, crate::fleet::items::MAX_ITEM)
            .await?;
        let Some(mut lines) = opened else {
            return Err(Silence::Protocol("404: not served any more".to_string()));
        };
        let mut version = from.to_string();
        while let Some(line) = lines.next(|line| line.text.to_string()).await? {
            let event: WatchedTable = serde_json::from_str(&line)
                .map_err(|_| Silence::Protocol("the watch sent what is no event".to_string()))?;
            if event.kind == "ERROR" {
                return match event.object["code"].as_u64() {
                    Some(410) => Err(Silence::Gone),
                    _ => Err(Silence::Server(brief(
                        event.object["message"].as_str().unwrap_or("the watch failed"),
                    ))),
                };
            }
            let own = |value: &Value| value["metadata"]["resourceVersion"].as_str().map(str::to_string);
            let of_row = event.object["rows"].get(0).and_then(|row| own(&row["object"]));
            version = of_row.or_else(|| own(&event.object)).filter(|own| !own.is_empty()).unwrap_or(version);
            let change = TableChange { kind: event.kind, object: event.object };
            if change.kind != "BOOKMARK" && !sender.send(make(change)).await {
                return Ok(None);
            }
        }
        Ok(Some(version))
    }
}

#[derive(Deserialize)]
struct WatchedTable {
    #[serde(rename = "type")]
    kind: String,
    object: Value,
}
