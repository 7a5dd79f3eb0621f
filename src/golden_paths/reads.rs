//! What a template reads of its source beyond its own directory, so that the lock's digest covers all that the project was made of.

use std::cell::RefCell;
use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::scaffold::actions::World;
use crate::scaffold::digest;
use crate::tree::Tree;

/// A world that remembers what was taken from it.
pub struct WatchedWorld<'a> {
    pub world: &'a dyn World,
    /// Digests, by path of the source or by URL.
    pub read: RefCell<BTreeMap<String, String>>,
}

impl WatchedWorld<'_> {
    fn remember(&self, place: &str, tree: &Tree) {
        self.read.borrow_mut().insert(place.to_string(), digest::of_tree(tree));
    }
}

impl World for WatchedWorld<'_> {
    fn fetch(&self, url: &str) -> Result<Tree, String> {
        let tree = self.world.fetch(url)?;
        self.remember(url, &tree);
        Ok(tree)
    }

    fn beside(&self, path: &str) -> Result<Option<Tree>, String> {
        let found = self.world.beside(path)?;
        found.iter().for_each(|tree| self.remember(path, tree));
        Ok(found)
    }

    fn entity(&self, entity_ref: &str) -> Option<Json> {
        self.world.entity(entity_ref)
    }
}
