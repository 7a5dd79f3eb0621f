//! What docs/expressions.md says is true: every row is rendered, every filter is named.

use serde_json::{Map, Value, json};

use crate::expression::{Dialect, RenderFailure, filters, render};

const PAGE: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/expressions.md"));

fn rendered(template: &str) -> Result<String, RenderFailure> {
    let values = json!({"name": "orders", "port": 8080, "tags": ["a", "b"], "owner": {"team": "pay"}});
    render(template, &Map::from_iter([("values".to_string(), values)]), Dialect::default())
}

/// The rows of the table under a heading of columns: an expression, and what the page says of it.
fn rows(heading: &str) -> Vec<(String, String)> {
    let (_, table) = PAGE.split_once(heading).expect("the table is there");
    let rows = table.lines().skip(2).take_while(|line| line.starts_with('|'));
    let cells = rows.map(|line| {
        let line = line.replace("\\|", "\0");
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let text = |cell: &str| cell.trim_matches('`').replace('\0', "|");
        (text(cells[0]), text(cells[1]))
    });
    cells.collect()
}

#[test]
fn every_documented_expression_gives_what_the_page_says() {
    let rows = rows("| expression | gives |");
    assert!(rows.len() > 10, "{rows:?}");
    for (template, expected) in rows {
        assert_eq!(rendered(&template), Ok(expected), "{template}");
    }
}

#[test]
fn every_documented_refusal_is_one() {
    let rows = rows("| expression | is refused with |");
    assert!(rows.len() > 3, "{rows:?}");
    for (template, word) in rows {
        let failure = rendered(&template).expect_err(&template);
        assert!(failure.message.contains(&word), "{template}: {failure}");
    }
}

#[test]
fn every_filter_is_documented() {
    let (_, list) = PAGE.split_once("## Filters").expect("the list of filters");
    let named: Vec<Value> =
        list.lines().filter_map(|line| Some(line.strip_prefix('`')?.strip_suffix('`')?.into())).collect();
    assert_eq!(named, filters().map(Value::from).collect::<Vec<_>>());
}
