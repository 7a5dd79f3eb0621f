//! How entities hang together: every relation once, readable from both ends, safe against circles.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::entity::Entity;
use crate::catalog::kinds::{SpecField, kind};
use crate::catalog::refs::EntityRef;
use crate::catalog::relation::Relation;

/// A reference that an entity's spec makes: where it stands, and what it means if it can be read.
pub struct Mention<'a> {
    pub field: &'static SpecField,
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
        for (pointer, text) in entity.specs(field.name) {
            let target = entity.refer(text, edge.kind).map_err(|error| error.to_string());
            found.push(Mention { field, text, pointer, target });
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

fn related(
    edges: Option<&BTreeSet<(Relation, EntityRef)>>,
    relation: Relation,
) -> impl Iterator<Item = &EntityRef> {
    edges.into_iter().flatten().filter(move |(kind, _)| *kind == relation).map(|(_, entity)| entity)
}

#[cfg(test)]
mod tests {
    use super::Relation;
    use crate::catalog::{Catalog, EntityRef};

    fn group(name: &str, spec: &str) -> String {
        format!(
            "---\napiVersion: backstage.io/v1alpha1\nkind: Group\nmetadata: {{name: {name}}}\nspec: {{type: t, {spec}}}\n"
        )
    }

    fn names<'a>(entities: impl IntoIterator<Item = &'a EntityRef>) -> Vec<&'a str> {
        entities.into_iter().map(|entity| entity.name.as_str()).collect()
    }

    #[test]
    fn parents_and_children_say_the_same_and_circles_end() {
        let text = [
            group("top", "children: [left], members: [boss]"),
            group("left", "children: [leaf]"),
            group("right", "children: [], parent: top"),
            group("leaf", "children: [], members: [u]"),
            group("a", "children: [b]"),
            group("b", "children: [a]"),
            group("self", "children: [self]"),
        ];
        let catalog = Catalog::of_text("g", &text.concat());
        let at = |name: &str| EntityRef::new("group", "default", name);
        let below = |name: &str| catalog.relations.below(&at(name), Relation::ChildOf);
        assert_eq!(names(&below("top")), ["leaf", "left", "right", "top"]);
        assert_eq!(names(&below("a")), ["a", "b"]);
        assert_eq!(names(&below("self")), ["self"]);
        assert_eq!(names(&catalog.relations.above(&at("leaf"), Relation::ChildOf)), ["leaf", "left", "top"]);
        assert_eq!(names(&catalog.people(&at("top"))), ["boss", "u"]);
        assert_eq!(catalog.relations.nearest(&at("a"), Relation::ChildOf, "none"), None);
        let told: Vec<String> =
            catalog.findings(None).iter().map(|problem| problem.message.clone()).collect();
        let circles: Vec<&String> = told.iter().filter(|message| message.contains("below itself")).collect();
        assert_eq!(
            circles,
            ["a is a group below itself", "b is a group below itself", "self is a group below itself"]
        );
    }

    #[test]
    fn a_long_chain_of_groups_is_walked_without_recursion() {
        let text: String =
            (0..5000).map(|n| group(&format!("g{n}"), &format!("children: [g{}]", n + 1))).collect();
        let catalog = Catalog::of_text("g", &text);
        let first = EntityRef::new("group", "default", "g0");
        assert_eq!(catalog.relations.below(&first, Relation::ChildOf).len(), 5001);
    }
}
