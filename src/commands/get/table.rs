//! The servers' own tables, those of several clusters as one: columns by their names, cells as kubectl prints them.

use serde::Deserialize;
use serde_json::Value;

use crate::text::{age_of, safe};
use jiff::Timestamp;

/// A column as a server defines it.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(default)]
pub struct TableColumn {
    pub name: String,
    #[serde(rename = "type")]
    pub kind: String,
    pub format: String,
    /// Not 0: for `-o wide` alone.
    pub priority: i64,
}

/// One object's cells, with its metadata or all of it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct TableRow {
    pub cells: Vec<Value>,
    pub object: Value,
}

/// What a server says of a kind.
#[derive(Clone, Debug, Default)]
pub struct ObjectTable {
    pub columns: Vec<TableColumn>,
    pub rows: Vec<TableRow>,
}

impl ObjectTable {
    /// Of a Table, or of a list or an object where the server makes none: then name and age, as kubectl has it.
    pub fn of(page: Value, now: Timestamp) -> ObjectTable {
        if page["kind"] == "Table" {
            let columns: Vec<TableColumn> =
                serde_json::from_value(page["columnDefinitions"].clone()).unwrap_or_default();
            let rows = match page {
                Value::Object(mut map) => map.remove("rows").unwrap_or_default(),
                _ => Value::Null,
            };
            return ObjectTable { columns, rows: serde_json::from_value(rows).unwrap_or_default() };
        }
        let column = |name: &str, format: &str| TableColumn {
            name: name.to_string(),
            kind: "string".to_string(),
            format: format.to_string(),
            priority: 0,
        };
        let items = match page {
            Value::Object(mut map) if map.contains_key("items") => map.remove("items").unwrap_or_default(),
            object => Value::Array(vec![object]),
        };
        let row = |object: Value| {
            let metadata = &object["metadata"];
            let created =
                metadata["creationTimestamp"].as_str().and_then(|text| text.parse::<Timestamp>().ok());
            let age = created.map_or("<unknown>".to_string(), |created| age_of(created, now));
            let name = metadata["name"].clone();
            TableRow { cells: vec![name, Value::String(age)], object }
        };
        let rows = match items {
            Value::Array(items) => items.into_iter().map(row).collect(),
            _ => Vec::new(),
        };
        ObjectTable { columns: vec![column("Name", "name"), column("Age", "")], rows }
    }

    /// More rows of the same table: a further page may leave its columns out.
    pub fn extend(&mut self, more: ObjectTable) {
        if self.columns.is_empty() {
            self.columns = more.columns;
        }
        self.rows.extend(more.rows);
    }
}

/// The columns of several clusters as one: a column that only some have stands behind the one before it there.
pub fn merged<'a>(tables: impl Iterator<Item = &'a [TableColumn]>) -> Vec<TableColumn> {
    let mut all: Vec<TableColumn> = Vec::new();
    for columns in tables {
        let mut at = 0;
        for column in columns {
            match all.iter().position(|known| known.name == column.name) {
                Some(known) => at = known + 1,
                None => {
                    all.insert(at.min(all.len()), column.clone());
                    at += 1;
                }
            }
        }
    }
    all
}

/// A row's cells in the order of other columns than its own; nothing in those that its cluster does not have.
pub fn rearranged(row: &TableRow, own: &[TableColumn], all: &[TableColumn]) -> Vec<Option<String>> {
    let cell = |column: &TableColumn| {
        let at = own.iter().position(|known| known.name == column.name)?;
        Some(cell_text(row.cells.get(at).unwrap_or(&Value::Null)))
    };
    all.iter().map(cell).collect()
}

/// A cell on one line: what comes behind the first line end is cut, as kubectl has it.
pub fn cell_text(cell: &Value) -> String {
    let text = match cell {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    };
    match text.find(['\u{c}', '\n', '\r']) {
        Some(at) => format!("{}...", safe(&text[..at])),
        None => safe(&text),
    }
}

/// Lines of cells, aligned as kubectl aligns them: each column as wide as its widest cell and three more, never under six.
#[derive(Clone, Debug, Default)]
pub struct Aligner {
    widths: Vec<usize>,
}

const LEAST: usize = 6;
const GAP: usize = 3;

impl Aligner {
    /// The lines of a block. Widths are remembered, so that what follows in a watch stands under it.
    pub fn lines(&mut self, rows: &[Vec<String>]) -> String {
        for row in rows {
            // The last cell ends the line and needs no width.
            for (column, cell) in row.iter().enumerate().take(row.len().saturating_sub(1)) {
                if self.widths.len() <= column {
                    self.widths.push(LEAST);
                }
                self.widths[column] = self.widths[column].max(cell.chars().count() + GAP);
            }
        }
        let mut text = String::new();
        for row in rows {
            for (column, cell) in row.iter().enumerate() {
                text.push_str(cell);
                if column + 1 < row.len() {
                    let width = self.widths.get(column).copied().unwrap_or(LEAST);
                    text.extend(std::iter::repeat_n(' ', width.saturating_sub(cell.chars().count())));
                }
            }
            text.push('\n');
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::{Aligner, ObjectTable, TableColumn, cell_text, merged, rearranged};
    use serde_json::json;

    fn columns(names: &[&str]) -> Vec<TableColumn> {
        names.iter().map(|name| TableColumn { name: name.to_string(), ..TableColumn::default() }).collect()
    }

    #[test]
    fn columns_of_different_versions_meet_by_name() {
        let (old, new) =
            (columns(&["Name", "Ready", "Age", "IP"]), columns(&["Name", "Ready", "Last", "Age", "Extra"]));
        let all = merged([old.as_slice(), &new].into_iter());
        let names: Vec<&str> = all.iter().map(|column| column.name.as_str()).collect();
        assert_eq!(names, ["Name", "Ready", "Last", "Age", "Extra", "IP"]);
        let table = ObjectTable::of(
            json!({"kind": "Table", "rows": [{"cells": ["a", 1, "3d", "x"]}]}),
            jiff::Timestamp::UNIX_EPOCH,
        );
        let row = rearranged(&table.rows[0], &old, &all);
        let cells: Vec<Option<&str>> = row.iter().map(Option::as_deref).collect();
        assert_eq!(cells, [Some("a"), Some("1"), None, Some("3d"), None, Some("x")]);
    }

    #[test]
    fn cells_stay_on_their_line_and_steer_nothing() {
        assert_eq!(cell_text(&json!("one\ntwo")), "one...");
        assert_eq!(cell_text(&json!(null)), "");
        assert_eq!(cell_text(&json!(true)), "true");
        assert_eq!(cell_text(&json!("\u{1b}[2J")), "\u{fffd}[2J");
    }

    #[test]
    fn widths_are_kubectls_and_remembered() {
        let row = |cells: &[&str]| cells.iter().map(|cell| cell.to_string()).collect::<Vec<_>>();
        let mut aligner = Aligner::default();
        let first = aligner.lines(&[row(&["NAME", "A", "AGE"]), row(&["a-long-name", "", "3d"])]);
        assert_eq!(first, "NAME          A     AGE\na-long-name         3d\n");
        assert_eq!(aligner.lines(&[row(&["b", "x", "1s"])]), "b             x     1s\n");
    }

    #[test]
    fn what_is_no_table_has_a_name_and_an_age() {
        let now: jiff::Timestamp = "2026-01-15T10:00:00Z".parse().expect("an instant");
        let list = json!({"kind": "WidgetList", "items": [{"metadata": {"name": "a", "creationTimestamp": "2026-01-15T09:00:00Z"}}, {"metadata": {"name": "b"}}]});
        let table = ObjectTable::of(list, now);
        assert_eq!(table.rows[0].cells, [json!("a"), json!("60m")]);
        assert_eq!(table.rows[1].cells, [json!("b"), json!("<unknown>")]);
        assert_eq!(ObjectTable::of(json!({"metadata": {"name": "x"}}), now).rows.len(), 1);
    }
}
