//! A part of the catalog as a graph: what hangs together with an entity, as far and in the direction that is asked.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::catalog::Catalog;
use crate::catalog::refs::EntityRef;
use crate::catalog::relation::Relation;

/// Which relations are followed from an entity.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum GraphDirection {
    /// Those that it has: its owner, what it depends on.
    Out,
    /// Those that lead to it: what it owns, who depends on it.
    In,
    Both,
}

/// What is asked of a graph.
#[derive(Clone, Debug)]
pub struct GraphQuery {
    pub depth: usize,
    pub direction: GraphDirection,
    /// Kinds in lower case; all where there is none.
    pub kinds: Vec<String>,
}

/// Entities, whether the catalog has them or not, and the relations among them, each once and in its own direction.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct EntityGraph {
    /// How far each is from the entity that was asked for.
    pub nodes: BTreeMap<EntityRef, usize>,
    pub edges: BTreeSet<(EntityRef, Relation, EntityRef)>,
}

impl Catalog {
    /// What hangs together with an entity; without one, the whole catalog.
    pub fn graph(&self, start: Option<&EntityRef>, query: &GraphQuery) -> EntityGraph {
        let fits = |entity: &EntityRef| query.kinds.is_empty() || query.kinds.contains(&entity.kind);
        let mut graph = EntityGraph::default();
        let mut open: VecDeque<(EntityRef, usize)> = match start {
            Some(start) => VecDeque::from([(start.clone(), 0)]),
            None => {
                self.entities.keys().filter(|entity| fits(entity)).map(|entity| (entity.clone(), 0)).collect()
            }
        };
        graph.nodes.extend(open.iter().cloned());
        while let Some((at, distance)) = open.pop_front() {
            if start.is_some() && distance >= query.depth {
                continue;
            }
            for (relation, is_outgoing, other) in self.relations.edges(&at) {
                let is_followed = start.is_none()
                    || match query.direction {
                        GraphDirection::Out => is_outgoing,
                        GraphDirection::In => !is_outgoing,
                        GraphDirection::Both => true,
                    };
                if !is_followed || !fits(other) {
                    continue;
                }
                let (from, to) = if is_outgoing { (&at, other) } else { (other, &at) };
                graph.edges.insert((from.clone(), relation, to.clone()));
                if !graph.nodes.contains_key(other) {
                    graph.nodes.insert(other.clone(), distance + 1);
                    open.push_back((other.clone(), distance + 1));
                }
            }
        }
        graph
    }
}

impl EntityGraph {
    /// What each node is related to, by the relation's name from its end.
    pub fn neighbours(&self) -> BTreeMap<&EntityRef, Vec<(&'static str, &EntityRef)>> {
        let mut found: BTreeMap<&EntityRef, Vec<(&'static str, &EntityRef)>> = BTreeMap::new();
        for (from, relation, to) in &self.edges {
            found.entry(from).or_default().push((relation.name(), to));
        }
        for (from, relation, to) in self.edges.iter().filter(|(from, _, to)| from != to) {
            found.entry(to).or_default().push((relation.inverse(), from));
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::{GraphDirection, GraphQuery};
    use crate::catalog::{Catalog, EntityRef};

    const EXAMPLE: &str = include_str!("../../catalog.example.yaml");

    #[track_caller]
    fn check(depth: usize, direction: GraphDirection, kinds: &[&str], expect: &[&str]) {
        let catalog = Catalog::of_text("a", EXAMPLE);
        let start = EntityRef::new("component", "default", "checkout");
        let query = GraphQuery { depth, direction, kinds: kinds.iter().map(ToString::to_string).collect() };
        let graph = catalog.graph(Some(&start), &query);
        assert_eq!(graph.nodes.keys().map(ToString::to_string).collect::<Vec<_>>(), expect);
    }

    #[test]
    fn depth_direction_and_kinds_bound_it() {
        check(0, GraphDirection::Both, &[], &["component:default/checkout"]);
        check(
            1,
            GraphDirection::Out,
            &["component", "resource"],
            &["component:default/checkout", "component:default/payments", "resource:default/orders-db"],
        );
        check(
            1,
            GraphDirection::Out,
            &["group"],
            &["component:default/checkout", "group:default/team-checkout"],
        );
        let catalog = Catalog::of_text("a", EXAMPLE);
        let all =
            catalog.graph(None, &GraphQuery { depth: 9, direction: GraphDirection::Both, kinds: Vec::new() });
        assert!(all.nodes.len() >= catalog.entities.len() && all.edges.len() > 10);
    }
}
