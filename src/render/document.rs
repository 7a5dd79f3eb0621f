//! Reports as documents to paste into an incident: markdown, and HTML that stands alone.

use crate::report::{Block, Column, Detail, Grid, Report};
use crate::text::{safe, safe_lines};

pub fn markdown(report: &impl Report) -> String {
    let mut text = format!("# {}\n", in_markdown(&report.title()));
    for block in report.page(Detail::DOCUMENT).blocks {
        text.push('\n');
        match block {
            Block::Heading(heading) => text += &format!("## {}\n", in_markdown(&heading)),
            Block::Grid(grid) => text += &markdown_table(&grid),
            Block::Lines(lines) => {
                for line in lines {
                    text += &format!("- {}\n", in_markdown(&line.plain()));
                }
            }
            Block::Verbatim(lines) => {
                let body: Vec<String> = lines.iter().map(|line| safe_lines(line)).collect();
                let fence = "`".repeat(longest_run(&body.join("\n"), '`').max(2) + 1);
                text += &format!("{fence}\n{}\n{fence}\n", body.join("\n"));
            }
        }
    }
    let footer = report.footer();
    if !footer.is_empty() {
        text.push('\n');
        for line in footer {
            text += &format!("{}  \n", in_markdown(&line.plain()));
        }
    }
    text
}

fn markdown_table(grid: &Grid) -> String {
    let row = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    let mut text = row(grid.header.iter().map(|column| column.name.to_string()).collect());
    text += &row(grid.header.iter().map(|_| "---".to_string()).collect());
    for cells in &grid.rows {
        text += &row(cells.iter().map(|cell| in_markdown(&cell.text)).collect());
    }
    text
}

/// Text that no markdown reader takes for markup.
fn in_markdown(text: &str) -> String {
    let mut escaped = String::new();
    for c in safe(text).chars() {
        if matches!(c, '\\' | '`' | '*' | '_' | '<' | '>' | '|' | '[' | ']' | '#') {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

fn longest_run(text: &str, wanted: char) -> usize {
    let runs = text.split(|c| c != wanted).map(str::len);
    runs.max().unwrap_or(0)
}

const STYLE: &str = "body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:75rem;padding:0 1rem}\
table{border-collapse:collapse}th,td{text-align:left;padding:.2rem .9rem .2rem 0;vertical-align:top}\
th{border-bottom:1px solid}pre{overflow:auto;padding:.6rem;border:1px solid}footer{margin-top:1rem}";

pub fn html(report: &impl Report) -> String {
    let title = in_html(&report.title());
    let mut text = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><title>{title}</title><style>{STYLE}</style></head>\n<body>\n<h1>{title}</h1>\n"
    );
    for block in report.page(Detail::DOCUMENT).blocks {
        match block {
            Block::Heading(heading) => text += &format!("<h2>{}</h2>\n", in_html(&heading)),
            Block::Grid(grid) => text += &html_table(&grid),
            Block::Lines(lines) => {
                text += "<ul>\n";
                for line in lines {
                    text += &format!("<li>{}</li>\n", in_html(&line.plain()));
                }
                text += "</ul>\n";
            }
            Block::Verbatim(lines) => {
                let body: Vec<String> = lines.iter().map(|line| in_html_block(line)).collect();
                text += &format!("<pre>{}</pre>\n", body.join("\n"));
            }
        }
    }
    text += "<footer>\n";
    for line in report.footer() {
        text += &format!("<p>{}</p>\n", in_html(&line.plain()));
    }
    text + "</footer>\n</body>\n</html>\n"
}

fn html_table(grid: &Grid) -> String {
    let mut text = "<table>\n<thead><tr>".to_string();
    for Column { name, .. } in &grid.header {
        text += &format!("<th>{}</th>", in_html(name));
    }
    text += "</tr></thead>\n<tbody>\n";
    for row in &grid.rows {
        let cells: String = row.iter().map(|cell| format!("<td>{}</td>", in_html(&cell.text))).collect();
        text += &format!("<tr>{cells}</tr>\n");
    }
    text + "</tbody>\n</table>\n"
}

fn in_html(text: &str) -> String {
    escaped(&safe(text))
}

fn in_html_block(text: &str) -> String {
    escaped(&safe_lines(text))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::{in_html, in_markdown, longest_run};

    #[test]
    fn markup_in_a_message_stays_text() {
        assert_eq!(in_markdown("a|b `c` <i>"), "a\\|b \\`c\\` \\<i\\>");
        assert_eq!(in_html("<script>&\"\u{1b}"), "&lt;script&gt;&amp;&quot;\u{fffd}");
        assert_eq!(longest_run("a ``` b ``", '`'), 3);
    }
}
