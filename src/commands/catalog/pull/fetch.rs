//! All entities that a running Backstage shows, page by page, each once; what does not end is ended.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::catalog::EntityRef;
use crate::fleet::{Silence, Site};

/// Entities of a page. Backstage gives 20 where nobody says.
const PAGE: &str = "500";
const PAGE_SIZE: usize = 500;
/// No catalog has more; a server that goes on for ever is lying.
const MOST_ENTITIES: usize = 200_000;
/// Bytes of all pages together.
const MOST_BYTES: usize = 512 << 20;

/// Below the URL of the backend.
const BY_QUERY: &str = "api/catalog/entities/by-query";
const ENTITIES: &str = "api/catalog/entities";

/// What came of a whole catalog.
#[derive(Debug, Default)]
pub struct FetchedCatalog {
    pub entities: BTreeMap<EntityRef, Value>,
    /// What was in the lists and is no entity.
    pub strange: usize,
    /// How many the server says there are, where it says so.
    pub total: Option<usize>,
    bytes: usize,
}

/// Why there is no catalog.
#[derive(Debug)]
pub enum FetchError {
    Silence(Silence),
    /// Neither the endpoint of today nor that of old is there.
    NoCatalog,
    /// What came is not what Backstage would say.
    Strange(String),
}

impl From<Silence> for FetchError {
    fn from(why: Silence) -> FetchError {
        FetchError::Silence(why)
    }
}

/// Reads every page. Versions before 1.13 have no endpoint with cursors, and are asked by offset.
pub async fn fetch(site: &Site, filters: &[String]) -> Result<FetchedCatalog, FetchError> {
    let mut found = FetchedCatalog::default();
    let filters: Vec<(&str, &str)> = filters.iter().map(|filter| ("filter", filter.as_str())).collect();
    let mut query = vec![("limit", PAGE)];
    query.extend(&filters);
    let Some(first) = site.get(BY_QUERY, &query).await? else {
        return by_offset(site, &filters).await;
    };
    let mut cursors = BTreeSet::new();
    let mut text = first;
    loop {
        let page: Value = found.page(&text)?;
        let items = page.get("items").and_then(Value::as_array);
        let items = items.ok_or_else(|| strange("the answer has no items"))?;
        let new = found.add(items)?;
        found.total = page
            .get("totalItems")
            .and_then(Value::as_u64)
            .and_then(|total| usize::try_from(total).ok())
            .or(found.total);
        let next =
            page.pointer("/pageInfo/nextCursor").and_then(Value::as_str).filter(|cursor| !cursor.is_empty());
        let Some(next) = next else { return Ok(found) };
        if new == 0 || !cursors.insert(next.to_string()) {
            return Err(strange("its pages go round in a circle: a cursor leads to nothing new"));
        }
        let answer = site.get(BY_QUERY, &[("limit", PAGE), ("cursor", next)]).await?;
        text = answer.ok_or_else(|| strange("a page in the middle is not there (404)"))?;
    }
}

/// The old endpoint: a list, with offset and limit; the oldest know neither and give everything at once.
async fn by_offset(site: &Site, filters: &[(&str, &str)]) -> Result<FetchedCatalog, FetchError> {
    let mut found = FetchedCatalog::default();
    let mut offset = 0;
    loop {
        let start = offset.to_string();
        let mut query = vec![("limit", PAGE), ("offset", start.as_str())];
        query.extend(filters);
        let text = match site.get(ENTITIES, &query).await? {
            Some(text) => text,
            None if offset == 0 => return Err(FetchError::NoCatalog),
            None => return Err(strange("a page in the middle is not there (404)")),
        };
        let page = found.page(&text)?;
        let items = page.as_array().ok_or_else(|| strange("the answer is no list"))?;
        let new = found.add(items)?;
        if items.len() != PAGE_SIZE || (new == 0 && offset > 0) {
            return Ok(found);
        }
        offset += items.len();
    }
}

impl FetchedCatalog {
    fn page(&mut self, text: &str) -> Result<Value, FetchError> {
        self.bytes += text.len();
        if self.bytes > MOST_BYTES {
            return Err(strange(&format!("more than {} MiB came, and no more is read", MOST_BYTES >> 20)));
        }
        serde_json::from_str(text).map_err(|_| strange("the answer is not JSON"))
    }

    /// Takes in a page; how many of it are new.
    fn add(&mut self, items: &[Value]) -> Result<usize, FetchError> {
        let before = self.entities.len();
        for item in items {
            let text =
                |pointer: &str| item.pointer(pointer).and_then(Value::as_str).filter(|text| !text.is_empty());
            let (Some(kind), Some(name)) = (text("/kind"), text("/metadata/name")) else {
                self.strange += 1;
                continue;
            };
            let namespace = text("/metadata/namespace").unwrap_or(crate::catalog::DEFAULT_NAMESPACE);
            self.entities.insert(EntityRef::new(kind, namespace, name), item.clone());
        }
        match self.entities.len() > MOST_ENTITIES {
            true => Err(strange(&format!("more than {MOST_ENTITIES} entities came, and no more are read"))),
            false => Ok(self.entities.len() - before),
        }
    }
}

fn strange(text: &str) -> FetchError {
    FetchError::Strange(text.to_string())
}
