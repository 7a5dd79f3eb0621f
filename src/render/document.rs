//! Reports as documents to paste into an incident: markdown, and HTML that stands alone.

use crate::report::{Block, Cell, Column, Detail, Grid, Report, Tone};
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

/// Light and dark as the reader has it; a table wider than a phone scrolls by itself.
const STYLE: &str = ":root{color-scheme:light dark;--bad:#b3261e;--good:#1b6e33;--moving:#0b57d0;--doubt:#8a5a00;--muted:#5f6368;--line:#c4c7c5}\
@media(prefers-color-scheme:dark){:root{--bad:#ff897d;--good:#7fd99a;--moving:#a8c7fa;--doubt:#fbc02d;--muted:#a8abad;--line:#4a4d50}}\
body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:75rem;padding:0 1rem;overflow-wrap:anywhere}\
h2{font-size:1.1rem;margin:1.6rem 0 .3rem}.table{overflow-x:auto}table{border-collapse:collapse}\
th,td{text-align:left;padding:.2rem .9rem .2rem 0;vertical-align:top;overflow-wrap:normal}th{border-bottom:1px solid var(--line)}\
pre{overflow:auto;padding:.6rem;border:1px solid var(--line)}ul{list-style:none;padding:0;margin:.3rem 0}\
.bad{color:var(--bad);font-weight:600}.good{color:var(--good)}.moving{color:var(--moving)}.doubt{color:var(--doubt)}.muted,footer{color:var(--muted)}\
.strong{font-weight:600}footer{margin-top:1.6rem}@media(max-width:40rem){body{margin:1rem auto;font-size:14px}}";

pub fn html(report: &impl Report) -> String {
    let title = in_html(&report.title());
    let mut text = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><title>{title}</title><style>{STYLE}</style></head>\n<body>\n<h1>{title}</h1>\n"
    );
    for block in report.page(Detail::DOCUMENT).blocks {
        match block {
            Block::Heading(heading) => text += &format!("<h2>{}</h2>\n", in_html(&heading)),
            Block::Grid(grid) => text += &html_table(&grid),
            Block::Lines(lines) => {
                text += "<ul>\n";
                for line in lines {
                    let parts: String = line.parts.iter().map(cell_in_html).collect();
                    text += &format!("<li>{parts}</li>\n");
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
    let mut text = "<div class=\"table\"><table>\n<thead><tr>".to_string();
    for Column { name, .. } in &grid.header {
        text += &format!("<th>{}</th>", in_html(name));
    }
    text += "</tr></thead>\n<tbody>\n";
    for row in &grid.rows {
        let cells: String = row.iter().map(|cell| format!("<td>{}</td>", cell_in_html(cell))).collect();
        text += &format!("<tr>{cells}</tr>\n");
    }
    text + "</tbody>\n</table></div>\n"
}

/// In the colour of its meaning, its addresses as links.
fn cell_in_html(cell: &Cell) -> String {
    let class = match cell.tone {
        Tone::Plain => return linked(&cell.text),
        Tone::Good => "good",
        Tone::Moving => "moving",
        Tone::Doubtful => "doubt",
        Tone::Bad => "bad",
        Tone::Muted => "muted",
        Tone::Strong => "strong",
    };
    format!("<span class=\"{class}\">{}</span>", linked(&cell.text))
}

/// Only http and https are followed: nothing that a cluster says becomes a script.
fn linked(text: &str) -> String {
    let word = |word: &str| {
        let is_address = word.starts_with("https://") || word.starts_with("http://");
        let shown = in_html(word);
        let end = word.trim_end_matches([',', ';', ')', '.']);
        match is_address && end == word && !word.contains('*') {
            true => format!("<a href=\"{shown}\" rel=\"noreferrer\">{shown}</a>"),
            false => shown,
        }
    };
    text.split(' ').map(word).collect::<Vec<_>>().join(" ")
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
    use super::{cell_in_html, in_html, in_markdown, linked, longest_run};
    use crate::report::{Cell, Tone};

    #[test]
    fn markup_in_a_message_stays_text() {
        assert_eq!(in_markdown("a|b `c` <i>"), "a\\|b \\`c\\` \\<i\\>");
        assert_eq!(in_html("<script>&\"\u{1b}"), "&lt;script&gt;&amp;&quot;\u{fffd}");
        assert_eq!(longest_run("a ``` b ``", '`'), 3);
    }

    #[test]
    fn addresses_are_links_and_nothing_else_is() {
        assert_eq!(
            linked("see https://a.example/?q=\"x\" now"),
            "see <a href=\"https://a.example/?q=&quot;x&quot;\" rel=\"noreferrer\">https://a.example/?q=&quot;x&quot;</a> now"
        );
        for text in ["javascript:alert(1)", "https://*", "http//a", "xhttps://a"] {
            assert_eq!(linked(text), text);
        }
        assert_eq!(cell_in_html(&Cell::toned("<b>", Tone::Bad)), "<span class=\"bad\">&lt;b&gt;</span>");
    }
}
