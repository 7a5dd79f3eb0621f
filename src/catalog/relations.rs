//! How entities hang together: every relation once, readable from both ends, safe against circles.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::entity::Entity;
use crate::catalog::kinds::{Field, Shape, kind};
use crate::catalog::refs::EntityRef;

/// A relation in one direction; each has a name for the way back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Relation {
    OwnedBy,
    PartOf,
    ProvidesApi,
    ConsumesApi,
    DependsOn,
    ChildOf,
    MemberOf,
}

impl Relation {
    /// Backstage's name for it.
    pub fn name(self) -> &'static str {
        match self {
            Relation::OwnedBy => "ownedBy",
            Relation::PartOf => "partOf",
            Relation::ProvidesApi => "providesApi",
            Relation::ConsumesApi => "consumesApi",
            Relation::DependsOn => "dependsOn",
            Relation::ChildOf => "childOf",
            Relation::MemberOf => "memberOf",
        }
    }

    /// Backstage's name for it, seen from the other end.
    pub fn inverse(self) -> &'static str {
        match self {
            Relation::OwnedBy => "ownerOf",
            Relation::PartOf => "hasPart",
            Relation::ProvidesApi => "apiProvidedBy",
            Relation::ConsumesApi => "apiConsumedBy",
            Relation::DependsOn => "dependencyOf",
            Relation::ChildOf => "parentOf",
            Relation::MemberOf => "hasMember",
        }
    }
}

/// A reference that an entity's spec makes: where it stands, and what it means if it can be read.
pub struct Mention<'a> {
    pub field: &'static Field,
    pub text: &'a str,
    /// The JSON pointer of the text.
    pub pointer: String,
    pub target: Result<EntityRef, String>,
}

/// Every reference in the spec of an entity of a known kind, in the order of its fields.
pub fn mentions(entity: &Entity) -> Vec<Mention<'_>> {
    let fields = kind(&entity.kind).map_or(&[][..], |kind| kind.fields);
    let mut found = Vec::new();
    for field in fields {
        let Some(edge) = field.edge else { continue };
        for (index, text) in entity.specs(field.name).into_iter().enumerate() {
            let in_list =
                field.shape == Shape::Texts && entity.value(field.name).is_some_and(|v| v.is_array());
            let index = if in_list { format!("/{index}") } else { String::new() };
            let target = entity.refer(text, edge.kind).map_err(|error| error.to_string());
            found.push(Mention { field, text, pointer: format!("/spec/{}{index}", field.name), target });
        }
    }
    found
}

/// The relations of a catalog. A target need not exist.
#[derive(Clone, Debug, Default)]
pub struct Relations {
    outgoing: BTreeMap<EntityRef, BTreeSet<(Relation, EntityRef)>>,
    incoming: BTreeMap<EntityRef, BTreeSet<(Relation, EntityRef)>>,
}

impl Relations {
    pub fn of<'a>(entities: impl IntoIterator<Item = &'a Entity>) -> Relations {
        let mut relations = Relations::default();
        for entity in entities {
            for mention in mentions(entity) {
                let (Some(edge), Ok(target)) = (mention.field.edge, mention.target) else { continue };
                let (from, to) = match edge.reversed {
                    true => (target, entity.reference.clone()),
                    false => (entity.reference.clone(), target),
                };
                relations.outgoing.entry(from.clone()).or_default().insert((edge.relation, to.clone()));
                relations.incoming.entry(to).or_default().insert((edge.relation, from));
            }
        }
        relations
    }

    /// What an entity points to: its owner, what it depends on, ...
    pub fn from<'a>(&'a self, entity: &EntityRef, relation: Relation) -> impl Iterator<Item = &'a EntityRef> {
        related(self.outgoing.get(entity), relation)
    }

    /// What points to an entity: what it owns, who depends on it, ...
    pub fn to<'a>(&'a self, entity: &EntityRef, relation: Relation) -> impl Iterator<Item = &'a EntityRef> {
        related(self.incoming.get(entity), relation)
    }

    /// Every relation of an entity with its name: those it has, then those it is the target of.
    pub fn all(&self, entity: &EntityRef) -> Vec<(&'static str, &EntityRef)> {
        let out = self.outgoing.get(entity).into_iter().flatten().map(|(r, to)| (r.name(), to));
        let back = self.incoming.get(entity).into_iter().flatten().map(|(r, from)| (r.inverse(), from));
        out.chain(back).collect()
    }

    /// The entity and everything that reaches it by one relation: a group and the groups below it.
    pub fn below(&self, entity: &EntityRef, relation: Relation) -> BTreeSet<EntityRef> {
        self.reach(entity, &|at| self.to(at, relation).cloned().collect())
    }

    /// The entity and everything it reaches by one relation: a group and the groups above it.
    pub fn above(&self, entity: &EntityRef, relation: Relation) -> BTreeSet<EntityRef> {
        self.reach(entity, &|at| self.from(at, relation).cloned().collect())
    }

    /// The nearest entity of a kind on the way up by one relation: the system of a component's component.
    pub fn nearest(&self, start: &EntityRef, relation: Relation, kind: &str) -> Option<&EntityRef> {
        let mut seen = BTreeSet::from([start]);
        let mut level: Vec<&EntityRef> = self.from(start, relation).collect();
        while !level.is_empty() {
            if let Some(found) = level.iter().find(|entity| entity.kind == kind) {
                return Some(found);
            }
            level.retain(|entity| seen.insert(entity));
            level = level.into_iter().flat_map(|entity| self.from(entity, relation)).collect();
        }
        None
    }

    fn reach(&self, start: &EntityRef, next: &dyn Fn(&EntityRef) -> Vec<EntityRef>) -> BTreeSet<EntityRef> {
        let mut seen = BTreeSet::from([start.clone()]);
        let mut open = vec![start.clone()];
        while let Some(at) = open.pop() {
            open.extend(next(&at).into_iter().filter(|entity| seen.insert(entity.clone())));
        }
        seen
    }
}

fn related<'a>(
    edges: Option<&'a BTreeSet<(Relation, EntityRef)>>,
    relation: Relation,
) -> impl Iterator<Item = &'a EntityRef> {
    edges.into_iter().flatten().filter(move |(kind, _)| *kind == relation).map(|(_, entity)| entity)
}
