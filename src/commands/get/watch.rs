//! `get -w`: rows as objects change, of every cluster, taken up again where a connection breaks.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::Result;
use futures::StreamExt;
use futures::future::join_all;
use serde_json::{Value, json};

use crate::app::App;
use crate::commands::get::list_writer::{json_text, sorted};
use crate::commands::get::options::{GetArgs, GetFormat};
use crate::commands::get::print::{ObjectGroup, RowStyle, dress, jsonpath, typed};
use crate::commands::get::query::{ClusterObjects, GetQuery, WatchedScope, get};
use crate::commands::get::table::{Aligner, ObjectTable, TableColumn, merged};
use crate::fleet::discovery::ServedKind;
use crate::fleet::pages::{ObjectForm, PageRequest, PagesEnd, TableChange};
use crate::fleet::{Asked, Backoff, Fleet, Sender, Silence};
use crate::outcome::Outcome;
use crate::survey::SilentWatches;
use crate::text::safe;

/// What has happened to an object that a watch begins with.
const ADDED: &str = "ADDED";

/// A kind of object in a place, from a version on.
#[derive(Clone, Debug)]
pub struct WatchedKind {
    kind: ServedKind,
    scope: WatchedScope,
}

/// What to watch in a cluster; nothing where it has not answered yet.
pub fn watched(objects: &ClusterObjects) -> Vec<WatchedKind> {
    let of_kind = |of_kind: &crate::commands::get::query::KindObjects| {
        let kind = of_kind.kind.clone();
        let each =
            of_kind.watches.iter().map(move |scope| WatchedKind { kind: kind.clone(), scope: scope.clone() });
        each.collect::<Vec<_>>()
    };
    objects.kinds.iter().flat_map(of_kind).collect()
}

/// What a cluster sends.
enum WatchNews {
    Change(Box<ServedKind>, TableChange),
    Silent(String),
    Hears,
}

/// What is known of the tables by the time of a change.
pub struct WatchedTables<'a> {
    app: &'a App,
    args: &'a GetArgs,
    style: RowStyle<'a>,
    aligner: Aligner,
    /// By cluster.
    columns: BTreeMap<usize, Vec<TableColumn>>,
    all: Vec<TableColumn>,
    has_header: bool,
}

impl<'a> WatchedTables<'a> {
    pub fn new(app: &'a App, args: &'a GetArgs, style: RowStyle<'a>) -> WatchedTables<'a> {
        let has_header = !style.headers;
        WatchedTables {
            app,
            args,
            style,
            aligner: Aligner::default(),
            columns: BTreeMap::new(),
            all: Vec::new(),
            has_header,
        }
    }

    /// Prints what is there at the beginning.
    pub fn begin(&mut self, groups: Vec<ObjectGroup>) -> Result<()> {
        for group in groups {
            for (cluster, table) in &group.tables {
                self.learn(*cluster, &table.columns);
            }
            for (cluster, table) in group.tables {
                self.rows(&group.kind, cluster, table, ADDED)?;
            }
        }
        Ok(())
    }

    fn learn(&mut self, cluster: usize, columns: &[TableColumn]) {
        if !columns.is_empty() {
            self.columns.insert(cluster, columns.to_vec());
            self.all = merged(std::iter::once(self.all.as_slice()).chain([columns]));
        }
    }

    /// Prints objects that are there at the beginning, whole ones.
    pub fn begin_whole(&mut self, objects: Vec<Value>) -> Result<()> {
        objects.into_iter().try_for_each(|object| self.whole(object, ADDED))
    }

    fn rows(&mut self, kind: &ServedKind, cluster: usize, table: ObjectTable, event: &str) -> Result<()> {
        let own = self.columns.get(&cluster).cloned().unwrap_or_default();
        let mut lines = Vec::new();
        let before = |word: &str| self.args.output_watch_events.then(|| safe(word));
        if !self.has_header && !table.rows.is_empty() {
            lines.push(before("EVENT").into_iter().chain(self.style.header(kind, &self.all)).collect());
            self.has_header = true;
        }
        for row in &table.rows {
            let cells = self.style.row(kind, cluster, row, &own, &self.all);
            lines.push(before(event).into_iter().chain(cells).collect());
        }
        self.app.ui.write(&self.aligner.lines(&lines))
    }

    fn whole(&self, object: Value, event: &str) -> Result<()> {
        let events = self.args.output_watch_events;
        let text = match &self.args.output {
            GetFormat::Yaml if events => {
                let object = json!({"type": event, "object": object});
                format!("---\n{}", crate::yaml::emit(&sorted(object)))
            }
            GetFormat::Yaml => format!("---\n{}", crate::yaml::emit(&sorted(object))),
            GetFormat::JsonPath(template) => jsonpath(template, &object),
            _ if events => {
                let (event, object) = (Value::from(event), json_text(object)?);
                let object = object.trim_end().replace('\n', "\n    ");
                format!("{{\n    \"type\": {event},\n    \"object\": {object}\n}}\n")
            }
            _ => json_text(object)?,
        };
        self.app.ui.write(&text)
    }

    fn change(&mut self, kind: &ServedKind, cluster: usize, change: TableChange) -> Result<()> {
        let TableChange { kind: event, object: mut change } = change;
        match &self.args.output {
            GetFormat::Table | GetFormat::Wide => {
                let table = ObjectTable::of(change, self.app.now());
                self.learn(cluster, &table.columns);
                self.rows(kind, cluster, table, &event)
            }
            GetFormat::Name => {
                let table = ObjectTable::of(change, self.app.now());
                let name = |row: &crate::commands::get::table::TableRow| {
                    format!(
                        "{}/{}\n",
                        typed(kind),
                        safe(row.object["metadata"]["name"].as_str().unwrap_or_default())
                    )
                };
                self.app.ui.write(&table.rows.iter().map(name).collect::<String>())
            }
            _ => {
                dress(&mut change, &self.style.clusters[cluster], self.args.show_managed_fields);
                self.whole(change, &event)
            }
        }
    }

    /// Goes on until Ctrl-C.
    pub fn follow(
        mut self,
        fleet: &Fleet,
        query: Arc<GetQuery>,
        first: BTreeMap<String, Vec<WatchedKind>>,
    ) -> Result<Outcome> {
        let app = self.app;
        let first = Mutex::new(first);
        app.block_on(async {
            let news = fleet.follow(|asked, sender| {
                let known = first.lock().ok().and_then(|mut first| first.remove(&asked.cluster().name));
                let query = query.clone();
                async move { watch(&asked, query, known, &sender).await }
            });
            let mut news = std::pin::pin!(news);
            let mut interrupt = std::pin::pin!(crate::ui::interrupted());
            let mut silent = SilentWatches::default();
            loop {
                let next = tokio::select! {
                    next = news.next() => next,
                    () = &mut interrupt => return Ok(Outcome::Interrupted),
                };
                let Some((cluster, news)) = next else { return Ok(Outcome::Incomplete) };
                let Some(index) = self.style.clusters.iter().position(|name| *name == cluster) else {
                    continue;
                };
                match news {
                    WatchNews::Change(kind, change) => self.change(&kind, index, change)?,
                    WatchNews::Silent(why) => silent.silent(&cluster, &why.to_string(), &app.ui),
                    WatchNews::Hears => silent.heard(&cluster, &app.ui),
                }
            }
        })?
    }
}

/// One cluster for ever: one that has not answered is asked until it does.
async fn watch(
    asked: &Asked,
    query: Arc<GetQuery>,
    known: Option<Vec<WatchedKind>>,
    sender: &Sender<WatchNews>,
) {
    let mut backoff = Backoff::default();
    let mut known = known.unwrap_or_default();
    while known.is_empty() {
        tokio::time::sleep(backoff.pause(Duration::ZERO)).await;
        let (objects, gaps) = get(asked.clone(), query.clone()).await;
        known = watched(&objects);
        for of_kind in objects.kinds {
            for page in of_kind.pages {
                let page = page.value();
                let changes = if query.form == ObjectForm::Objects { one_by_one(page) } else { vec![page] };
                for object in changes {
                    let change = TableChange { kind: ADDED.to_string(), object };
                    if !sender.send(WatchNews::Change(of_kind.kind.clone().into(), change)).await {
                        return;
                    }
                }
            }
        }
        let told = match (known.is_empty(), gaps.first()) {
            (false, _) => WatchNews::Hears,
            (true, Some(gap)) => WatchNews::Silent(gap.why.message()),
            // It answers, and does not know the kind.
            (true, None) => return,
        };
        if !sender.send(told).await {
            return;
        }
    }
    join_all(known.into_iter().map(|one| watch_one(asked, &query, one, sender))).await;
}

fn one_by_one(page: Value) -> Vec<Value> {
    match page {
        Value::Object(mut map) if map.contains_key("items") => match map.remove("items") {
            Some(Value::Array(items)) => items,
            _ => Vec::new(),
        },
        object => vec![object],
    }
}

async fn watch_one(asked: &Asked, query: &GetQuery, watched: WatchedKind, sender: &Sender<WatchNews>) {
    let WatchedKind { kind, scope: WatchedScope { scope, name, resource_version } } = watched;
    let request = PageRequest {
        resource: kind.resource(),
        namespace: scope.namespace.as_deref(),
        name: name.as_deref(),
        selector: scope.selector.as_deref(),
        field_selector: query.field_selector.as_deref(),
        form: query.form,
    };
    let make = |change| WatchNews::Change(kind.clone().into(), change);
    let mut version = Some(resource_version);
    let mut backoff = Backoff::default();
    loop {
        let begun = tokio::time::Instant::now();
        let end = match &version {
            Some(version) => asked.changes(&request, version, sender, &make).await,
            None => afresh(asked, &request, sender, &make).await,
        };
        match end {
            Ok(None) => return,
            Ok(from) => {
                version = from;
                if !sender.send(WatchNews::Hears).await {
                    return;
                }
            }
            Err(Silence::Gone) => version = None,
            Err(why) => {
                if !sender.send(WatchNews::Silent(why.message())).await {
                    return;
                }
            }
        }
        tokio::time::sleep(backoff.pause(begun.elapsed())).await;
    }
}

/// All of it once more, where what came between is not kept any longer.
async fn afresh(
    asked: &Asked,
    request: &PageRequest<'_>,
    sender: &Sender<WatchNews>,
    make: &(impl Fn(TableChange) -> WatchNews + Sync),
) -> Result<Option<String>, Silence> {
    let mut pages = Vec::new();
    let end = asked
        .pages(request, &mut |page, _| {
            pages.push(page);
            Ok(())
        })
        .await?;
    for page in pages {
        let objects = if request.form == ObjectForm::Objects { one_by_one(page) } else { vec![page] };
        for object in objects {
            if !sender.send(make(TableChange { kind: ADDED.to_string(), object })).await {
                return Ok(None);
            }
        }
    }
    match end {
        PagesEnd::Whole { resource_version } => Ok(Some(resource_version)),
        PagesEnd::NotFound => Err(Silence::Protocol("404: not there any more".to_string())),
    }
}
