//! The catalog: Backstage entities, their references and relations, and the services among them.

mod clusters;
mod entity;
mod envelope;
mod filter;
mod findings;
pub mod import;
mod kinds;
mod load;
mod locations;
mod lookup;
mod refs;
mod relation;
mod relations;
mod services;
mod spec;
mod which;

use std::collections::BTreeMap;
use std::path::Path;

pub use crate::catalog::clusters::ClusterResource;
pub use crate::catalog::entity::{Entity, EntityLink};
pub use crate::catalog::envelope::is_name;
pub use crate::catalog::kinds::is_known_kind;
pub use crate::catalog::load::{Builder, Disk, load};
pub use crate::catalog::lookup::NotFound;
pub use crate::catalog::refs::{DEFAULT_NAMESPACE, EntityRef, Parts};
pub use crate::catalog::relations::Relations;
pub use crate::catalog::services::{Guess, PlacementName, Service};
pub use crate::catalog::which::Which;
/// What is wrong in a catalog is told like what is wrong in any document.
use crate::yaml::Place;
pub use crate::yaml::Problem;

/// Every entity that could be read, and what is wrong with the documents.
#[derive(Clone, Debug, Default)]
pub struct Catalog {
    pub entities: BTreeMap<EntityRef, Entity>,
    /// In the order of reading; a document with a problem may still be an entity.
    pub problems: Vec<Problem>,
    /// What is right and was not read: targets behind a URL.
    pub notes: Vec<Problem>,
    /// Where something stands that could not be read and may be a service: which, nobody knows.
    pub lost: Vec<Place>,
    pub relations: Relations,
}

impl Catalog {
    /// The catalog of one text, as a test or an embedded catalog has it; Locations are not followed.
    #[cfg_attr(not(test), expect(dead_code, reason = "for tests"))]
    pub fn of_text(name: &str, text: &str) -> Catalog {
        let mut builder = Builder::default();
        drop(builder.add_file(name, Path::new(name), text));
        builder.build()
    }

    pub fn get(&self, reference: &EntityRef) -> Option<&Entity> {
        self.entities.get(reference)
    }

    /// The entities of a kind, by reference. References sort by kind first, so that only these are visited.
    pub fn of_kind(&self, kind: &str) -> impl Iterator<Item = &Entity> {
        let first = EntityRef::new(kind, "", "");
        let kind = first.kind.clone();
        self.entities
            .range(first..)
            .map(|(_, entity)| entity)
            .take_while(move |entity| entity.reference.kind == kind)
    }
}
