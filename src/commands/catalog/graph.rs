//! `catalog graph`: how entities hang together, as a tree for people or for the programs that draw.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use clap::{Args, ValueEnum};
use serde::Serialize;

use crate::app::App;
use crate::catalog::{Catalog, EntityGraph, EntityRef, GraphDirection, GraphQuery};
use crate::commands::catalog::entity::{entity_called, quiet_catalog};
use crate::outcome::Outcome;
use crate::report::EnvelopedReport;
use crate::text::{safe, safe_json};

/// Which relations are followed.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum DirectionChoice {
    /// What it has: its owner, what it depends on
    Out,
    /// What leads to it: what it owns, who depends on it
    In,
    /// Both
    Both,
}

/// How a graph is written.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum GraphFormat {
    /// A tree
    Text,
    /// For Markdown
    Mermaid,
    /// For Graphviz
    Dot,
    Json,
}

/// How entities hang together, as text, mermaid or dot
///
/// With an entity, what is related to it as far as --depth says. Without one, the whole catalog: as text its domains, systems and what is
/// part of them.
#[derive(Args, Debug)]
#[command(before_help = "callboard catalog graph checkout
callboard catalog graph checkout --depth 3 --direction out --kind component,resource
callboard catalog graph system:shop -o mermaid
callboard catalog graph -o dot | dot -Tsvg > catalog.svg")]
pub struct GraphArgs {
    /// A name or an entity ref; default: everything
    #[arg(value_name = "REF")]
    entity: Option<String>,

    /// How far from the entity
    #[arg(long, value_name = "N", default_value_t = 2)]
    depth: usize,

    /// Which relations are followed
    #[arg(long, value_name = "WAY", value_enum, default_value_t = DirectionChoice::Both)]
    direction: DirectionChoice,

    /// Only these kinds (repeatable, or separated by commas)
    #[arg(id = "of_kind", long = "kind", value_name = "KIND", value_delimiter = ',')]
    kinds: Vec<String>,

    /// How the graph is written
    #[arg(id = "graph_format", short = 'o', long = "output", value_name = "FORMAT", value_enum, default_value_t = GraphFormat::Text)]
    output: GraphFormat,
}

pub fn run(args: &GraphArgs, app: &App) -> Result<Outcome> {
    let catalog = quiet_catalog(app)?;
    let start = args.entity.as_ref().map(|word| entity_called(&catalog, word)).transpose()?;
    let start = start.map(|entity| &entity.reference);
    let direction = match args.direction {
        DirectionChoice::Out => GraphDirection::Out,
        DirectionChoice::In => GraphDirection::In,
        DirectionChoice::Both => GraphDirection::Both,
    };
    let kinds = args.kinds.iter().map(|kind| kind.trim().to_lowercase()).collect();
    let graph = catalog.graph(start, &GraphQuery { depth: args.depth, direction, kinds });
    app.ui.write(&match args.output {
        GraphFormat::Text => text(&catalog, &graph, start),
        GraphFormat::Mermaid => mermaid(&catalog, &graph),
        GraphFormat::Dot => dot(&catalog, &graph),
        GraphFormat::Json => {
            let report = GraphReport::of(&catalog, &graph);
            safe_json(serde_json::to_string_pretty(&EnvelopedReport::of("CatalogGraph", &report))?) + "\n"
        }
    })?;
    Ok(Outcome::Fine)
}

/// `kind: CatalogGraph`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct GraphReport {
    nodes: Vec<GraphNode>,
    edges: Vec<GraphEdge>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct GraphNode {
    entity: String,
    exists: bool,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct GraphEdge {
    from: String,
    r#type: &'static str,
    to: String,
}

impl GraphReport {
    fn of(catalog: &Catalog, graph: &EntityGraph) -> GraphReport {
        let node = |entity: &EntityRef| GraphNode {
            entity: entity.to_string(),
            exists: catalog.get(entity).is_some(),
        };
        let edges = graph.edges.iter().map(|(from, relation, to)| GraphEdge {
            from: from.to_string(),
            r#type: relation.name(),
            to: to.to_string(),
        });
        GraphReport { nodes: graph.nodes.keys().map(node).collect(), edges: edges.collect() }
    }
}

/// A branch that is still to be written.
struct Branch<'a> {
    relation: Option<&'static str>,
    node: &'a EntityRef,
    /// What stands before it on its line, and before those below it.
    lead: String,
    below: String,
}

/// A tree; what stands in it already is not unfolded again.
fn text(catalog: &Catalog, graph: &EntityGraph, start: Option<&EntityRef>) -> String {
    let neighbours = graph.neighbours();
    let mut seen = BTreeSet::new();
    let mut out = String::new();
    let root = |node| Branch { relation: None, node, lead: String::new(), below: String::new() };
    let is_whole = |name: &str| matches!(name, "hasPart" | "parentOf");
    let mut open: Vec<Branch<'_>> = match start {
        Some(start) => vec![root(start)],
        // What is part of nothing stands at the left.
        None => {
            let is_part = |node: &&EntityRef| {
                let related = neighbours.get(*node).into_iter().flatten();
                related.into_iter().any(|(name, _)| matches!(*name, "partOf" | "childOf"))
            };
            let roots = graph.nodes.keys().filter(|node| !is_part(node)).map(root);
            roots.collect::<Vec<_>>().into_iter().rev().collect()
        }
    };
    while let Some(branch) = open.pop() {
        let is_new = seen.insert(branch.node);
        let relation = branch.relation.map(|name| format!("{name} ")).unwrap_or_default();
        let lacking = if catalog.get(branch.node).is_none() { " (not in the catalog)" } else { "" };
        let mut children = neighbours.get(branch.node).cloned().unwrap_or_default();
        children.retain(|(name, node)| match start {
            Some(_) => !seen.contains(node) || graph.nodes[*node] > graph.nodes[branch.node],
            None => is_whole(name),
        });
        let again = if !is_new && !children.is_empty() { " (see above)" } else { "" };
        out.push_str(&safe(&format!("{}{relation}{}{lacking}{again}", branch.lead, branch.node)));
        out.push('\n');
        if !is_new {
            continue;
        }
        let last = children.len().saturating_sub(1);
        for (index, (name, node)) in children.into_iter().enumerate().rev() {
            let (turn, rest) = if index == last { ("└─ ", "   ") } else { ("├─ ", "│  ") };
            let (lead, below) = (format!("{}{turn}", branch.below), format!("{}{rest}", branch.below));
            open.push(Branch { relation: Some(name), node, lead, below });
        }
    }
    out
}

fn mermaid(catalog: &Catalog, graph: &EntityGraph) -> String {
    let numbers: BTreeMap<&EntityRef, usize> =
        graph.nodes.keys().enumerate().map(|(index, node)| (node, index)).collect();
    let quoted = |text: String| safe(&text).replace('#', "#35;").replace('"', "#quot;").replace('<', "#lt;");
    let mut out = "graph LR\n".to_string();
    for (index, node) in graph.nodes.keys().enumerate() {
        out.push_str(&format!("  n{index}[\"{}\"]\n", quoted(node.to_string())));
        if catalog.get(node).is_none() {
            out.push_str(&format!("  style n{index} stroke-dasharray: 4\n"));
        }
    }
    for (from, relation, to) in &graph.edges {
        out.push_str(&format!("  n{} -->|{}| n{}\n", numbers[from], relation.name(), numbers[to]));
    }
    out
}

fn dot(catalog: &Catalog, graph: &EntityGraph) -> String {
    let quoted = |node: &EntityRef| safe(&node.to_string()).replace('\\', "\\\\").replace('"', "\\\"");
    let mut out = "digraph catalog {\n  rankdir=LR;\n  node [shape=box];\n".to_string();
    for node in graph.nodes.keys() {
        let style = if catalog.get(node).is_none() { " [style=dashed]" } else { "" };
        out.push_str(&format!("  \"{}\"{style};\n", quoted(node)));
    }
    for (from, relation, to) in &graph.edges {
        out.push_str(&format!(
            "  \"{}\" -> \"{}\" [label=\"{}\"];\n",
            quoted(from),
            quoted(to),
            relation.name()
        ));
    }
    out + "}\n"
}

#[cfg(test)]
mod tests {
    use super::{dot, mermaid, text};
    use crate::catalog::{Catalog, EntityRef, GraphDirection, GraphQuery};

    fn entity(kind: &str, name: &str, spec: &str) -> String {
        format!(
            "---\napiVersion: backstage.io/v1alpha1\nkind: {kind}\nmetadata: {{name: {name}}}\nspec: {{{spec}}}\n"
        )
    }

    #[test]
    fn a_tree_a_mermaid_graph_and_a_dot_file() {
        let catalog = Catalog::of_text(
            "a",
            &[
                entity("Domain", "d", "owner: g"),
                entity("System", "s", "owner: g, domain: d"),
                entity(
                    "Component",
                    "a",
                    "type: t, lifecycle: l, owner: g, system: s, dependsOn: ['component:b']",
                ),
                entity("Component", "b", "type: t, lifecycle: l, owner: 'x\"y', dependsOn: ['component:a']"),
            ]
            .concat(),
        );
        let all =
            catalog.graph(None, &GraphQuery { depth: 1, direction: GraphDirection::Both, kinds: Vec::new() });
        assert_eq!(
            text(&catalog, &all, None),
            "component:default/b\ndomain:default/d\n└─ hasPart system:default/s\n   └─ hasPart component:default/a\n\
             group:default/g (not in the catalog)\ngroup:default/x\"y (not in the catalog)\n"
        );
        let start = EntityRef::new("component", "default", "a");
        let kinds = vec!["component".to_string(), "system".to_string()];
        let near =
            catalog.graph(Some(&start), &GraphQuery { depth: 2, direction: GraphDirection::Out, kinds });
        assert_eq!(
            text(&catalog, &near, Some(&start)),
            "component:default/a\n├─ partOf system:default/s\n├─ dependsOn component:default/b\n└─ dependencyOf component:default/b\n"
        );
        assert!(mermaid(&catalog, &all).contains("[\"group:default/x#quot;y\"]\n"));
        assert!(dot(&catalog, &all).contains("\"group:default/x\\\"y\" [style=dashed];\n"));
        assert!(
            dot(&catalog, &near)
                .contains("\"component:default/a\" -> \"system:default/s\" [label=\"partOf\"];\n")
        );
    }
}
