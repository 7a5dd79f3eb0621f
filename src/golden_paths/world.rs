//! What the steps of a template may see of the world: the catalog, and the hosts that the user allows.

use serde_json::Value as Json;

use crate::app::App;
use crate::catalog::{Catalog, DEFAULT_NAMESPACE, EntityRef};
use crate::golden_paths::git::{self, Address};
use crate::scaffold::actions::World;
use crate::tree::Tree;

pub struct Outside<'a> {
    pub app: &'a App,
    pub catalog: Option<&'a Catalog>,
    /// Hosts that a step may fetch from.
    pub hosts: &'a [String],
    pub offline: bool,
}

impl World for Outside<'_> {
    fn fetch(&self, url: &str) -> Result<Tree, String> {
        let text = if url.starts_with("git+") { url.to_string() } else { format!("git+{url}") };
        let Ok(address) = Address::parse(&text) else {
            return Err(format!("{url} is no address of a git repository"));
        };
        if !address.is_at(self.hosts) {
            return Err(format!(
                "{url} lies elsewhere; --allow-fetch HOST lets a template fetch from that host"
            ));
        }
        git::fetch(self.app, &address, self.offline)
            .map(|fetched| fetched.tree)
            .map_err(|error| format!("{error:#}"))
    }

    fn entity(&self, entity_ref: &str) -> Option<Json> {
        let reference = EntityRef::parse(entity_ref, None, DEFAULT_NAMESPACE).ok()?;
        Some(self.catalog?.get(&reference)?.document().value)
    }
}
