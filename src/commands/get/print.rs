//! What clusters hold, as text: one table for each kind, kubectl's other formats, and nothing of a Secret in a table.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::commands::get::jsonpath::shown;
use crate::commands::get::options::{GetArgs, GetFormat};
use crate::commands::get::query::{ClusterObjects, KindObjects};
use crate::commands::get::sort::sort;
use crate::commands::get::table::{Aligner, ObjectTable, TableColumn, TableRow, merged, rearranged};
use crate::fleet::discovery::ServedKind;
use crate::text::{safe, safe_lines};

/// The annotation that says where an item of a list is from.
pub const CLUSTER: &str = "callboard.dev/cluster";

/// A kind with its rows in every cluster.
pub struct ObjectGroup {
    pub kind: ServedKind,
    /// By cluster, with its index.
    pub tables: Vec<(usize, ObjectTable)>,
}

/// The kinds in the order in which they were asked for, and in which servers have them.
pub fn groups(found: Vec<(usize, ClusterObjects)>, now: Timestamp) -> Vec<ObjectGroup> {
    let mut groups: Vec<(usize, ObjectGroup)> = Vec::new();
    for (cluster, objects) in found {
        for of_kind in objects.kinds {
            let mut table = ObjectTable::default();
            for page in of_kind.pages {
                table.extend(ObjectTable::of(page.value(), now));
            }
            // What two services select is one object.
            let mut seen = BTreeSet::new();
            table.rows.retain(|row| {
                let uid = row.object["metadata"]["uid"].as_str();
                uid.is_none_or(|uid| seen.insert(uid.to_string()))
            });
            let is_same = |group: &ObjectGroup| {
                group.kind.group == of_kind.kind.group && group.kind.plural == of_kind.kind.plural
            };
            match groups.iter_mut().find(|(word, group)| *word == of_kind.word && is_same(group)) {
                Some((_, group)) => group.tables.push((cluster, table)),
                None => groups
                    .push((of_kind.word, ObjectGroup { kind: of_kind.kind, tables: vec![(cluster, table)] })),
            }
        }
    }
    groups.sort_by_key(|(word, _)| *word);
    groups.into_iter().map(|(_, group)| group).collect()
}

/// How rows become lines.
pub struct RowStyle<'a> {
    pub clusters: &'a [String],
    /// More than one cluster was asked.
    pub with_cluster: bool,
    pub with_namespace: bool,
    pub with_kind: bool,
    pub wide: bool,
    pub headers: bool,
    pub label_columns: &'a [String],
    pub show_labels: bool,
}

impl<'a> RowStyle<'a> {
    pub fn new(
        args: &'a GetArgs,
        clusters: &'a [String],
        with_namespace: bool,
        kinds: usize,
    ) -> RowStyle<'a> {
        RowStyle {
            clusters,
            with_cluster: clusters.len() > 1,
            with_namespace,
            with_kind: args.show_kind || kinds > 1,
            wide: args.output == GetFormat::Wide,
            headers: !args.no_headers,
            label_columns: &args.label_columns,
            show_labels: args.show_labels,
        }
    }

    pub fn header(&self, kind: &ServedKind, columns: &[TableColumn]) -> Vec<String> {
        let mut cells = Vec::new();
        if self.with_cluster {
            cells.push("CLUSTER".to_string());
        }
        if self.with_namespace && kind.is_namespaced {
            cells.push("NAMESPACE".to_string());
        }
        cells.extend(self.shown(columns).map(|(_, column)| safe(&column.name).to_uppercase()));
        let last = |label: &String| label.rsplit('/').next().unwrap_or_default().to_uppercase();
        cells.extend(self.label_columns.iter().map(last));
        if self.show_labels {
            cells.push("LABELS".to_string());
        }
        cells
    }

    pub fn row(
        &self,
        kind: &ServedKind,
        cluster: usize,
        row: &TableRow,
        own: &[TableColumn],
        all: &[TableColumn],
    ) -> Vec<String> {
        let metadata = &row.object["metadata"];
        let mut cells = Vec::new();
        if self.with_cluster {
            cells.push(safe(&self.clusters[cluster]));
        }
        if self.with_namespace && kind.is_namespaced {
            cells.push(safe(metadata["namespace"].as_str().unwrap_or_default()));
        }
        let arranged = rearranged(row, own, all);
        let named = all.iter().position(|column| column.format == "name" && column.kind == "string");
        for (at, _) in self.shown(all) {
            let cell = arranged.get(at).cloned().flatten();
            // A cell that a cluster's version does not have; kubectl has no such thing.
            let cell = cell.unwrap_or_else(|| "-".to_string());
            cells.push(match self.with_kind && named == Some(at) {
                true => format!("{}/{cell}", typed(kind)),
                false => cell,
            });
        }
        let labels = metadata["labels"].as_object();
        for label in self.label_columns {
            let value = labels.and_then(|labels| labels.get(label)).and_then(Value::as_str);
            // kubectl leaves it empty; over several clusters every cell is filled.
            let none = if self.with_cluster { "<none>" } else { "" };
            cells.push(value.map_or(none.to_string(), safe));
        }
        if self.show_labels {
            let pair =
                |(key, value): (&String, &Value)| format!("{key}={}", value.as_str().unwrap_or_default());
            let mut pairs: Vec<String> = labels.into_iter().flatten().map(pair).collect();
            pairs.sort();
            cells.push(if pairs.is_empty() { "<none>".to_string() } else { safe(&pairs.join(",")) });
        }
        cells
    }

    fn shown<'c>(&self, columns: &'c [TableColumn]) -> impl Iterator<Item = (usize, &'c TableColumn)> {
        let wide = self.wide;
        columns.iter().enumerate().filter(move |(_, column)| wide || column.priority == 0)
    }
}

/// `pod`, `deployment.apps`.
pub fn typed(kind: &ServedKind) -> String {
    let name = kind.kind.to_lowercase();
    if kind.group.is_empty() { name } else { format!("{name}.{}", kind.group) }
}

/// The tables, an empty line between two kinds. Empty where there is no object.
pub fn tables(
    groups: Vec<ObjectGroup>,
    style: &RowStyle<'_>,
    sort_by: Option<&str>,
) -> Result<String, String> {
    let mut text = String::new();
    for group in groups {
        let all = merged(group.tables.iter().map(|(_, table)| table.columns.as_slice()));
        let columns: Vec<(usize, Vec<TableColumn>)> =
            group.tables.iter().map(|(cluster, table)| (*cluster, table.columns.clone())).collect();
        let mut rows: Vec<(usize, TableRow)> = Vec::new();
        for (cluster, table) in group.tables {
            rows.extend(table.rows.into_iter().map(|row| (cluster, row)));
        }
        if let Some(path) = sort_by {
            sort(&mut rows, path, |(_, row)| &row.object)?;
        }
        if rows.is_empty() {
            continue;
        }
        let mut lines = Vec::new();
        if style.headers {
            if !text.is_empty() {
                text.push('\n');
            }
            lines.push(style.header(&group.kind, &all));
        }
        for (cluster, row) in &rows {
            let own = columns.iter().find(|(one, _)| one == cluster).map(|(_, own)| own.as_slice());
            lines.push(style.row(&group.kind, *cluster, row, own.unwrap_or_default(), &all));
        }
        text += &Aligner::default().lines(&lines);
    }
    Ok(text)
}

/// `-o name`. Of a list the names come as servers keep objects, by namespace and name: a table may have an order of its own, as that of
/// FlowSchemas has.
pub fn names(groups: &[ObjectGroup], is_list: bool) -> String {
    let mut text = String::new();
    for group in groups {
        for (_, table) in &group.tables {
            let field = |row: &TableRow, name: &str| {
                row.object["metadata"][name].as_str().unwrap_or_default().to_string()
            };
            let mut rows: Vec<&TableRow> = table.rows.iter().collect();
            if is_list {
                rows.sort_by_cached_key(|row| format!("{}/{}", field(row, "namespace"), field(row, "name")));
            }
            for row in rows {
                text += &format!("{}/{}\n", typed(&group.kind), safe(&field(row, "name")));
            }
        }
    }
    text
}

/// All objects, in the order of the tables, each with its cluster and without what nobody asked to see.
pub fn objects(
    found: Vec<(usize, ClusterObjects)>,
    args: &GetArgs,
    clusters: &[String],
) -> Result<Vec<Value>, String> {
    let mut all = Vec::new();
    let gathered = each_object(found, args, clusters, |object| {
        all.push(object);
        Ok(())
    });
    gathered.map_err(|error| error.to_string())?;
    if let Some(path) = &args.sort_by {
        sort(&mut all, path, |object| object)?;
    }
    Ok(all)
}

/// Hands over every object, one at a time: a cluster may have more of them than there is room for at once.
pub fn each_object(
    found: Vec<(usize, ClusterObjects)>,
    args: &GetArgs,
    clusters: &[String],
    mut take: impl FnMut(Value) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let mut kinds: Vec<(usize, KindObjects)> = found
        .into_iter()
        .flat_map(|(cluster, all)| all.kinds.into_iter().map(move |one| (cluster, one)))
        .collect();
    kinds.sort_by_key(|(_, of_kind)| of_kind.word);
    let mut seen = BTreeSet::new();
    for (cluster, of_kind) in kinds {
        for page in of_kind.pages {
            for mut object in items(page.value(), &of_kind.kind) {
                let uid = object["metadata"]["uid"].as_str();
                if uid.is_some_and(|uid| !seen.insert((cluster, uid.to_string()))) {
                    continue;
                }
                dress(&mut object, &clusters[cluster], args.show_managed_fields);
                take(object)?;
            }
        }
    }
    Ok(())
}

/// The items of a list, which do not say what they are, or the object itself.
fn items(page: Value, kind: &ServedKind) -> Vec<Value> {
    let Value::Object(mut map) = page else { return Vec::new() };
    match map.remove("items") {
        Some(Value::Array(items)) => {
            let typed = |mut item: Value| {
                if let Value::Object(map) = &mut item {
                    map.entry("apiVersion").or_insert_with(|| kind.resource().api_version().into());
                    map.entry("kind").or_insert_with(|| kind.kind.clone().into());
                }
                item
            };
            items.into_iter().map(typed).collect()
        }
        _ => vec![Value::Object(map)],
    }
}

/// Says in an object where it is from.
pub fn dress(object: &mut Value, cluster: &str, managed_fields: bool) {
    let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut) else { return };
    if !managed_fields {
        metadata.remove("managedFields");
    }
    let annotations = metadata.entry("annotations").or_insert_with(|| json!({}));
    if let Some(annotations) = annotations.as_object_mut() {
        annotations.insert(CLUSTER.to_string(), cluster.into());
    }
}

/// kubectl's List of objects, its keys in kubectl's order.
pub fn list(objects: Vec<Value>) -> Value {
    json!({"apiVersion": "v1", "items": objects, "kind": "List", "metadata": {"resourceVersion": ""}})
}

/// `-o custom-columns`, with the cluster where several were asked.
pub fn custom_columns(
    objects: &[Value],
    columns: &[(String, crate::commands::get::jsonpath::PathTemplate)],
    style: &RowStyle<'_>,
) -> String {
    let mut lines = Vec::new();
    let cluster = style.with_cluster.then(|| "CLUSTER".to_string());
    if style.headers {
        lines.push(cluster.into_iter().chain(columns.iter().map(|(header, _)| safe(header))).collect());
    }
    for object in objects {
        let cluster = object["metadata"]["annotations"][CLUSTER].as_str().map(safe);
        let cell = |(_, path): &(String, crate::commands::get::jsonpath::PathTemplate)| {
            let values: Vec<String> = path.values(object).into_iter().map(go_text).collect();
            if values.is_empty() { "<none>".to_string() } else { safe(&values.join(",")) }
        };
        lines.push(
            cluster.filter(|_| style.with_cluster).into_iter().chain(columns.iter().map(cell)).collect(),
        );
    }
    Aligner::default().lines(&lines)
}

/// A value as Go's `fmt` writes it: `map[a:b]`, `[a b]`.
fn go_text(value: &Value) -> String {
    match value {
        Value::Null => "<nil>".to_string(),
        Value::Array(items) => format!("[{}]", items.iter().map(go_text).collect::<Vec<_>>().join(" ")),
        Value::Object(map) => {
            let mut fields: Vec<String> =
                map.iter().map(|(key, value)| format!("{key}:{}", go_text(value))).collect();
            fields.sort();
            format!("map[{}]", fields.join(" "))
        }
        other => shown(other),
    }
}

/// `-o jsonpath`: a text without an end of line, as kubectl has it, and nothing in it that steers a terminal.
pub fn jsonpath(template: &crate::commands::get::jsonpath::PathTemplate, value: &Value) -> String {
    let text = template.text(value);
    text.split('\t').map(safe_lines).collect::<Vec<_>>().join("\t")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{dress, go_text, list, typed};
    use crate::commands::get::list_writer::json_text;
    use crate::fleet::discovery::ServedKind;

    #[test]
    fn a_list_is_kubectls() {
        let mut object =
            json!({"kind": "Pod", "metadata": {"name": "a", "managedFields": [1]}, "apiVersion": "v1"});
        dress(&mut object, "eu", false);
        let text = json_text(list(vec![object])).expect("text");
        assert!(text.starts_with("{\n    \"apiVersion\": \"v1\",\n    \"items\": [\n        {\n            \"apiVersion\": \"v1\",\n            \"kind\": \"Pod\","), "{text}");
        assert!(
            text.contains("\"callboard.dev/cluster\": \"eu\"") && !text.contains("managedFields"),
            "{text}"
        );
        assert!(text.ends_with("    ],\n    \"kind\": \"List\",\n    \"metadata\": {\n        \"resourceVersion\": \"\"\n    }\n}\n"), "{text}");
    }

    #[test]
    fn values_and_types_are_written_as_go_writes_them() {
        assert_eq!(go_text(&json!({"b": [1, "x"], "a": null})), "map[a:<nil> b:[1 x]]");
        let kind =
            ServedKind { kind: "Deployment".to_string(), group: "apps".to_string(), ..ServedKind::default() };
        assert_eq!(typed(&kind), "deployment.apps");
    }
}
