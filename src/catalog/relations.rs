//! How entities hang together: every relation once, readable from both ends, safe against circles.

use std::collections::BTreeSet;

use crate::catalog::entity::Entity;
use crate::catalog::kinds::{SpecField, fields_of};
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
    let mut found = Vec::new();
    for field in fields_of(&entity.kind) {
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
    /// Each entity and each target once, sorted; the edges are numbers of these.
    entities: Vec<EntityRef>,
    /// Sorted by relation and then by the entity at the other end.
    outgoing: Vec<Vec<(Relation, u32)>>,
    incoming: Vec<Vec<(Relation, u32)>>,
}

impl Relations {
    pub fn of<'a>(all: impl IntoIterator<Item = &'a Entity>) -> Relations {
        let mut found = Vec::new();
        for entity in all {
            for mention in mentions(entity) {
                let (Some(edge), Ok(target)) = (mention.field.edge, mention.target) else { continue };
                let own = entity.reference.clone();
                let (from, to) = if edge.reversed { (target, own) } else { (own, target) };
                found.push((from, edge.relation, to));
            }
        }
        let mut entities: Vec<EntityRef> =
            found.iter().flat_map(|(from, _, to)| [from, to]).cloned().collect();
        entities.sort_unstable();
        entities.dedup();
        entities.shrink_to_fit();
        let number = |entity: &EntityRef| entities.binary_search(entity).unwrap_or_default();
        let mut outgoing = vec![Vec::new(); entities.len()];
        let mut incoming = vec![Vec::new(); entities.len()];
        let short = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        for (from, relation, to) in &found {
            let (from, to) = (number(from), number(to));
            outgoing[from].push((*relation, short(to)));
            incoming[to].push((*relation, short(from)));
        }
        for edges in outgoing.iter_mut().chain(&mut incoming) {
            edges.sort_unstable();
            edges.dedup();
        }
        Relations { entities, outgoing, incoming }
    }

    /// The edges of an entity in one direction, each with the entity at the other end.
    fn at<'a>(
        &'a self,
        edges: &'a [Vec<(Relation, u32)>],
        entity: &EntityRef,
    ) -> impl Iterator<Item = (Relation, &'a EntityRef)> {
        let number = self.entities.binary_search(entity).ok();
        let edges = number.and_then(|number| edges.get(number)).into_iter().flatten();
        edges.filter_map(|(relation, other)| Some((*relation, self.entities.get(*other as usize)?)))
    }

    /// What an entity points to: its owner, what it depends on, ...
    pub fn from<'a>(&'a self, entity: &EntityRef, relation: Relation) -> impl Iterator<Item = &'a EntityRef> {
        self.at(&self.outgoing, entity).filter(move |(kind, _)| *kind == relation).map(|(_, other)| other)
    }

    /// What points to an entity: what it owns, who depends on it, ...
    pub fn to<'a>(&'a self, entity: &EntityRef, relation: Relation) -> impl Iterator<Item = &'a EntityRef> {
        self.at(&self.incoming, entity).filter(move |(kind, _)| *kind == relation).map(|(_, other)| other)
    }

    /// Every relation of an entity, and whether it has it or is its target.
    pub fn edges(&self, entity: &EntityRef) -> Vec<(Relation, bool, &EntityRef)> {
        let out = self.at(&self.outgoing, entity).map(|(relation, to)| (relation, true, to));
        let back = self.at(&self.incoming, entity).map(|(relation, from)| (relation, false, from));
        out.chain(back).collect()
    }

    /// Every relation of an entity with its name: those it has, then those it is the target of.
    pub fn all(&self, entity: &EntityRef) -> Vec<(&'static str, &EntityRef)> {
        let name = |(relation, is_outgoing, other): (Relation, bool, _)| match is_outgoing {
            true => (relation.name(), other),
            false => (relation.inverse(), other),
        };
        self.edges(entity).into_iter().map(name).collect()
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
            catalog.findings(None).iter().map(|finding| finding.problem.message.clone()).collect();
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
