//! What the commands about single entities share: the entity of a word, and what it is related to.

use anyhow::Result;
use serde::Serialize;

use crate::app::App;
use crate::catalog::{Catalog, Entity, EntityRef, NotFound};
use crate::outcome::advised;

/// The catalog, which such a command cannot do without. Nothing of what is wrong in it is told.
pub fn quiet_catalog(app: &App) -> Result<Catalog> {
    match app.read_catalog(&[])? {
        Some(catalog) => Ok(catalog),
        None => Err(advised(
            anyhow::anyhow!(
                "there is no catalog: neither --catalog, $CALLBOARD_CATALOG, the config file nor ./catalog.yaml names one"
            ),
            "`callboard catalog import` makes a catalog of what runs",
        )),
    }
}

/// The entity of a word; where there is none, what comes closest, and how to find out why.
pub fn entity_called<'a>(catalog: &'a Catalog, word: &str) -> Result<&'a Entity> {
    catalog.entity_called(word).map_err(|error| {
        let why =
            format!("`callboard catalog why {}` tells why it is not there", crate::text::shell_word(word));
        let hint = match (&error.advice, error.hint()) {
            (Some(advice), _) => advice.clone(),
            (None, Some(near)) => format!("{near} {why}"),
            (None, None) => why,
        };
        advised(anyhow::anyhow!("{}", NotFound { closest: Vec::new(), ..error }), hint)
    })
}

/// A relation of an entity.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RelationItem {
    /// Backstage's name for it, from the entity's end.
    pub r#type: &'static str,
    pub target: String,
    /// Whether the catalog has the target.
    pub exists: bool,
}

impl RelationItem {
    pub fn all(catalog: &Catalog, entity: &EntityRef) -> Vec<RelationItem> {
        let item = |(name, target): (&'static str, &EntityRef)| RelationItem {
            r#type: name,
            target: target.to_string(),
            exists: catalog.get(target).is_some(),
        };
        catalog.relations.all(entity).into_iter().map(item).collect()
    }
}
