//! docs/reliability.md: its tables are those of the tests.

use std::path::Path;

use crate::contract::generated;
use crate::matrix::table::{Known, ROWS};
use crate::matrix::{machine, plugins, signals, watching};

/// A row of the other tables: what happens, and the exit codes, as the page says it. The tests look their codes up here.
pub struct Told {
    pub fault: &'static str,
    pub happens: &'static str,
    pub codes: &'static [i32],
}

/// What the page says of a fault; a test that is about none of it is about nothing.
#[track_caller]
pub fn told<'a>(table: &'a [Told], fault: &str) -> &'a Told {
    table
        .iter()
        .find(|row| row.fault == fault)
        .unwrap_or_else(|| panic!("the page says nothing of {fault:?}"))
}

fn clusters() -> String {
    let mut text =
        "| fault | the cluster | reason | what is said of it | exit code |\n|---|---|---|---|---|\n"
            .to_string();
    for row in ROWS {
        let known = match row.known {
            Known::Nothing => "silent",
            Known::Part => "partial",
            Known::All => "answered",
        };
        let code = |text: &str| if text.is_empty() { "-".to_string() } else { format!("`{text}`") };
        let says = if row.says.is_empty() { "-" } else { row.says };
        text += &format!("| {} | {known} | {} | {says} | {} |\n", row.fault, code(row.reason), row.codes());
    }
    text
}

fn others(table: &[Told]) -> String {
    let mut text = "| fault | what happens | exit code |\n|---|---|---|\n".to_string();
    for row in table {
        let codes: Vec<String> = row.codes.iter().map(i32::to_string).collect();
        text += &format!("| {} | {} | {} |\n", row.fault, row.happens, codes.join(", "));
    }
    text
}

#[test]
fn the_page_is_the_table() {
    let path = "docs/reliability.md";
    let page = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).expect("read");
    let tables = [
        ("clusters", clusters()),
        ("watching", others(watching::TABLE)),
        ("plugins", others(plugins::TABLE)),
        ("machine", others(machine::TABLE)),
        ("signals", others(signals::TABLE)),
    ];
    let mut text = page;
    for (name, table) in tables {
        let opening = format!("<!-- {name} -->\n");
        let start = text.find(&opening).unwrap_or_else(|| panic!("{path} has no {opening}")) + opening.len();
        let end = start + text[start..].find("<!-- end -->").expect("it ends");
        text = format!("{}\n{table}\n{}", &text[..start], &text[end..]);
    }
    generated(path, &text);
}
