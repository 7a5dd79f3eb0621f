//! The catalog: Backstage entities, their references and relations, and the services among them.

mod builder;
mod clusters;
mod entity;
mod envelope;
mod filter;
mod findings;
mod graph;
pub mod import;
mod kinds;
mod load;
mod locations;
mod lookup;
#[cfg(test)]
mod oracle;
mod parallel;
mod predicate;
mod reading;
mod refs;
mod relation;
mod relations;
mod rules;
mod schema;
mod services;
mod source;
mod spec;
mod standing;
mod summary;
mod template_spec;
mod which;

use std::collections::BTreeMap;

pub use crate::catalog::builder::{Builder, CatalogFile};
pub use crate::catalog::clusters::ClusterResource;
pub use crate::catalog::entity::{Entity, EntityLink};
pub use crate::catalog::envelope::is_name;
pub use crate::catalog::filter::EntityFilter;
pub use crate::catalog::graph::{EntityGraph, GraphDirection, GraphQuery};
pub use crate::catalog::kinds::{CustomKind, is_known_kind};
pub use crate::catalog::load::{Disk, FileIdentity, LoadRequest, PathMeaning, load};
pub use crate::catalog::lookup::NotFound;
pub use crate::catalog::refs::{DEFAULT_NAMESPACE, EntityRef, Parts};
pub use crate::catalog::relation::Relation;
pub use crate::catalog::relations::Relations;
pub use crate::catalog::rules::RULES;
/// The rule of files that nothing leads to; which those are only the disk tells.
pub const UNREACHED: &crate::yaml::LintRule = &rules::UNREACHED;
pub use crate::catalog::schema::schema;
pub use crate::catalog::services::{Guess, KUBERNETES_ID, PlacementName, Service, service};
pub use crate::catalog::standing::Stranger;
pub use crate::catalog::which::Which;
pub use crate::yaml::Problem;
/// What is wrong in a catalog is told like what is wrong in any document.
use crate::yaml::{LintFinding, Place};

/// Every entity that could be read, and what is wrong with the documents.
#[derive(Clone, Debug, Default)]
pub struct Catalog {
    pub entities: BTreeMap<EntityRef, Entity>,
    /// In the order of reading; a document with a problem may still be an entity.
    pub problems: Vec<LintFinding>,
    /// What is valid, looks wrong, and is known as soon as it is read.
    pub remarks: Vec<LintFinding>,
    /// What is right and was not read: targets behind a URL.
    pub notes: Vec<Problem>,
    /// Documents in directories and patterns that are no part of the catalog.
    pub left: Vec<(Place, Stranger)>,
    /// The files that were read, in order.
    pub files: Vec<CatalogFile>,
    /// Where something stands that could not be read and may be a service: which, nobody knows.
    pub lost: Vec<Place>,
    pub relations: Relations,
    /// The cluster Resources by each of their names.
    pub cluster_names: BTreeMap<String, EntityRef>,
}

impl Catalog {
    /// The catalog of one text, as a test or an embedded catalog has it; Locations are not followed.
    #[cfg_attr(not(test), expect(dead_code, reason = "for tests"))]
    pub fn of_text(name: &str, text: &str) -> Catalog {
        let mut builder = Builder::default();
        builder.add_text(name, text);
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
