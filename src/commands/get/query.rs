//! What one cluster is asked, and what it holds of it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use futures::future::join_all;
use serde_json::Value;

use crate::commands::get::kinds::{built_in, found, is_secret};
use crate::fleet::discovery::ServedKind;
use crate::fleet::pages::{ObjectForm, PageRequest, PagesEnd};
use crate::fleet::{Asked, Gap, Silence};

/// What is asked of every cluster.
#[derive(Debug)]
pub struct GetQuery {
    /// The words for kinds, each with the names of objects, none for all.
    pub wanted: Vec<(String, Vec<String>)>,
    /// By cluster, the kinds that are known without asking.
    pub cached: BTreeMap<String, Vec<ServedKind>>,
    /// By cluster, where and by which labels.
    pub scopes: BTreeMap<String, Vec<GetScope>>,
    pub field_selector: Option<String>,
    pub form: ObjectForm,
    /// By cluster, where to look where all namespaces may not be listed at once.
    pub namespaces: BTreeMap<String, BTreeSet<String>>,
}

/// Where to look, and by which labels.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct GetScope {
    /// `None`: all.
    pub namespace: Option<String>,
    pub selector: Option<String>,
}

/// What a cluster has of what was asked.
#[derive(Debug, Default)]
pub struct ClusterObjects {
    pub kinds: Vec<KindObjects>,
    /// Words that mean nothing there, and what could have been meant.
    pub unknown: Vec<String>,
    pub known: Vec<String>,
    pub warnings: Vec<String>,
}

/// The objects of a kind in a cluster.
#[derive(Debug)]
pub struct KindObjects {
    pub kind: ServedKind,
    /// The index of the word that meant it.
    pub word: usize,
    pub pages: Vec<KeptPage>,
    /// Names of which there is no object.
    pub missing: Vec<String>,
    /// What to watch, and from where on.
    pub watches: Vec<WatchedScope>,
}

/// A page as its text, read again when it is printed: values would take ten times the room.
#[derive(Debug)]
pub struct KeptPage {
    text: String,
    pub has_objects: bool,
}

impl KeptPage {
    /// Of a table only what it shows is kept.
    fn of(mut page: Value) -> KeptPage {
        for row in page["rows"].as_array_mut().into_iter().flatten() {
            if let Some(metadata) = row["object"]["metadata"].as_object_mut() {
                metadata.remove("managedFields");
            }
        }
        let is_filled = |field: &str| page[field].as_array().is_some_and(|list| !list.is_empty());
        let has_objects = is_filled("rows") || is_filled("items") || page["metadata"]["name"].is_string();
        KeptPage { text: page.to_string(), has_objects }
    }

    pub fn value(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_default()
    }
}

#[derive(Clone, Debug)]
pub struct WatchedScope {
    pub scope: GetScope,
    pub name: Option<String>,
    pub resource_version: String,
}

pub async fn get(asked: Asked, query: Arc<GetQuery>) -> (ClusterObjects, Vec<Gap>) {
    let mut objects = ClusterObjects::default();
    let mut gaps = Vec::new();
    let scopes = query.scopes.get(&asked.cluster().name).cloned().unwrap_or_default();
    if scopes.is_empty() {
        return (objects, gaps);
    }
    let mut served = None;
    let mut kinds: Vec<(usize, ServedKind)> = Vec::new();
    for (word, (text, _)) in query.wanted.iter().enumerate() {
        if let Some(kind) = built_in(text) {
            kinds.push((word, kind));
            continue;
        }
        let known = query.cached.get(&asked.cluster().name).map(|all| found(text, all)).unwrap_or_default();
        if !known.is_empty() {
            kinds.extend(known.into_iter().map(|kind| (word, kind)));
            continue;
        }
        match discovered(&asked, &mut served).await {
            Ok(all) => {
                let meant = found(text, all);
                if meant.is_empty() {
                    objects.unknown.push(text.clone());
                }
                kinds.extend(meant.into_iter().map(|kind| (word, kind)));
            }
            Err(why) => gaps.push(Gap::kind(text.clone(), why)),
        }
    }
    // Two words, or a word and a category, may mean one kind.
    let mut seen: BTreeSet<(String, String, Vec<String>)> = BTreeSet::new();
    kinds.retain(|(word, kind)| {
        seen.insert((kind.group.clone(), kind.plural.clone(), query.wanted[*word].1.clone()))
    });
    let reads = kinds.iter().map(|(word, kind)| read(&asked, &query, kind, *word, &scopes));
    for ((word, kind), read) in kinds.iter().zip(join_all(reads).await) {
        let mut read = read;
        // It has not always been served in this version: then the server says in which.
        if read.is_unserved {
            match discovered(&asked, &mut served).await.map(|all| found(&query.wanted[*word].0, all)) {
                Ok(meant) if meant.first().is_some_and(|other| other != kind && other.kind == kind.kind) => {
                    read = self::read(&asked, &query, &meant[0], *word, &scopes).await;
                }
                Ok(_) => objects.unknown.push(query.wanted[*word].0.clone()),
                Err(why) => gaps.push(Gap::kind(kind.full_name(), why)),
            }
        }
        gaps.extend(read.gaps);
        objects.warnings.extend(read.warnings);
        if !read.is_unserved {
            objects.kinds.push(read.objects);
        }
    }
    if !objects.unknown.is_empty() {
        let all = served.unwrap_or_default();
        objects.known = all
            .into_iter()
            .flat_map(|kind| [vec![kind.plural, kind.singular], kind.short_names].concat())
            .collect();
    }
    (objects, gaps)
}

async fn discovered<'a>(
    asked: &Asked,
    known: &'a mut Option<Vec<ServedKind>>,
) -> Result<&'a [ServedKind], Silence> {
    if known.is_none() {
        *known = Some(asked.served_kinds().await?.kinds);
    }
    Ok(known.as_deref().unwrap_or_default())
}

struct ReadKind {
    objects: KindObjects,
    gaps: Vec<Gap>,
    warnings: Vec<String>,
    /// 404 on a list: the server does not know the kind in this version.
    is_unserved: bool,
}

async fn read(
    asked: &Asked,
    query: &GetQuery,
    kind: &ServedKind,
    word: usize,
    scopes: &[GetScope],
) -> ReadKind {
    let objects =
        KindObjects { kind: kind.clone(), word, pages: Vec::new(), missing: Vec::new(), watches: Vec::new() };
    let mut read = ReadKind { objects, gaps: Vec::new(), warnings: Vec::new(), is_unserved: false };
    let mut done: Vec<GetScope> = Vec::new();
    for scope in scopes {
        let namespace = scope.namespace.clone().filter(|_| kind.is_namespaced);
        let scope = GetScope { namespace, selector: scope.selector.clone() };
        // Of a kind without namespaces several scopes may be one.
        if done.contains(&scope) {
            continue;
        }
        done.push(scope.clone());
        let names = &query.wanted[word].1;
        let each: Vec<Option<&String>> =
            if names.is_empty() { vec![None] } else { names.iter().map(Some).collect() };
        for name in each {
            let end = read_pages(asked, query, kind, &scope, name, &mut read).await;
            let is_wide = scope.namespace.is_none() && kind.is_namespaced && name.is_none();
            if let Err(Silence::Forbidden(_)) = &end
                && is_wide
            {
                for namespace in query.namespaces.get(&asked.cluster().name).into_iter().flatten() {
                    let one = GetScope { namespace: Some(namespace.clone()), ..scope.clone() };
                    // The refusal of all of them is told already.
                    let _ = read_pages(asked, query, kind, &one, None, &mut read).await;
                }
            }
            if let Err(why) = end {
                read.gaps.push(Gap::kind(kind.full_name(), why));
            }
        }
    }
    read
}

async fn read_pages(
    asked: &Asked,
    query: &GetQuery,
    kind: &ServedKind,
    scope: &GetScope,
    name: Option<&String>,
    read: &mut ReadKind,
) -> Result<(), Silence> {
    // What a Secret holds is read only where it is to be printed as it is.
    let form = match query.form {
        ObjectForm::TableOfObjects if is_secret(kind) => ObjectForm::Table,
        form => form,
    };
    let request = PageRequest {
        resource: kind.resource(),
        namespace: scope.namespace.as_deref(),
        name: name.map(String::as_str),
        selector: scope.selector.as_deref(),
        field_selector: query.field_selector.as_deref(),
        form,
    };
    let (pages, warnings) = (&mut read.objects.pages, &mut read.warnings);
    let end = asked
        .pages(&request, &mut |page, said| {
            let page = KeptPage::of(page);
            asked.keep(&page.text)?;
            pages.push(page);
            warnings.extend(said);
            Ok(())
        })
        .await?;
    match (end, name) {
        (PagesEnd::Whole { resource_version }, _) => {
            let (scope, name) = (scope.clone(), name.cloned());
            read.objects.watches.push(WatchedScope { scope, name, resource_version });
        }
        (PagesEnd::NotFound, Some(name)) => read.objects.missing.push(name.clone()),
        (PagesEnd::NotFound, None) => read.is_unserved = true,
    }
    Ok(())
}
