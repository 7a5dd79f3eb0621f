//! The catalog of a test: entities that made-up answers name are there, whatever the real catalog holds.

use serde_json::{Value as Json, json};

use crate::golden_paths::Outside;
use crate::scaffold::actions::World;
use crate::tree::Tree;

/// The name that made-up references have.
pub const INVENTED: &str = "example";

pub struct InventedCatalog<'a> {
    pub world: &'a Outside<'a>,
}

impl World for InventedCatalog<'_> {
    fn fetch(&self, url: &str) -> Result<Tree, String> {
        self.world.fetch(url)
    }

    fn beside(&self, path: &str) -> Result<Option<Tree>, String> {
        self.world.beside(path)
    }

    fn entity(&self, entity_ref: &str) -> Option<Json> {
        self.world.entity(entity_ref).or_else(|| invented(entity_ref))
    }
}

/// An entity with what most have.
fn invented(entity_ref: &str) -> Option<Json> {
    let (kind, rest) = entity_ref.split_once(':')?;
    let (namespace, name) = rest.split_once('/')?;
    let mut letters = kind.chars();
    let kind: String = letters.next()?.to_uppercase().chain(letters).collect();
    (name == INVENTED).then(|| {
        json!({
            "apiVersion": "backstage.io/v1alpha1",
            "kind": kind,
            "metadata": {"name": name, "namespace": namespace, "title": "Example", "annotations": {}, "labels": {}},
            "spec": {"type": "service", "lifecycle": "production", "owner": "group:default/example", "system": "example", "profile": {}},
        })
    })
}
