//! A report in, text out: the formats of docs/output.md, each an arm here.

mod document;
mod paper;
mod table;
mod wrap;

use std::str::FromStr;

use anyhow::{Context, Result};

pub use crate::render::paper::Paper;

use crate::report::{Block, Cell, Detail, EnvelopedReport, Grid, Line, Page, Report, Tone};
use crate::text::{safe, safe_json, safe_lines};

/// `-o`: how the answer is written.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Format {
    #[default]
    Table,
    Wide,
    Json,
    Yaml,
    Name,
    Markdown,
    Html,
}

impl Format {
    pub const NAMES: [(&str, Format); 7] = [
        ("table", Format::Table),
        ("wide", Format::Wide),
        ("json", Format::Json),
        ("yaml", Format::Yaml),
        ("name", Format::Name),
        ("markdown", Format::Markdown),
        ("html", Format::Html),
    ];

    /// Whether notes and sums are part of the text, instead of standing on stderr.
    pub fn is_document(self) -> bool {
        matches!(self, Format::Json | Format::Yaml | Format::Markdown | Format::Html)
    }
}

impl FromStr for Format {
    type Err = String;

    fn from_str(text: &str) -> Result<Format, String> {
        let named = Format::NAMES.iter().find(|(name, _)| *name == text);
        named.map(|(_, format)| *format).ok_or_else(|| {
            let names: Vec<&str> = Format::NAMES.iter().map(|(name, _)| *name).collect();
            format!("expected one of {}", names.join(", "))
        })
    }
}

/// The whole answer as text, ending in a line break unless it is empty.
pub fn text(report: &impl Report, format: Format, paper: Paper) -> Result<String> {
    let detail = Detail { wide: format == Format::Wide, fold: paper.width.is_some(), document: false };
    Ok(match format {
        Format::Table => page(&report.page(detail), paper),
        // Every column, and nothing of it cut.
        Format::Wide => page(&report.page(detail), Paper { width: None, ..paper }),
        Format::Json => {
            let json = serde_json::to_string_pretty(&document(report))
                .context("the report could not be written as JSON")?;
            safe_json(json) + "\n"
        }
        Format::Yaml => {
            let value =
                serde_json::to_value(document(report)).context("the report could not be written as YAML")?;
            crate::yaml::emit(&value)
        }
        Format::Name => report.names().iter().map(|name| safe(name) + "\n").collect(),
        Format::Markdown => document::markdown(report),
        Format::Html => document::html(report),
    })
}

fn document<R: Report>(report: &R) -> EnvelopedReport<'_, R> {
    EnvelopedReport::of(R::KIND, report)
}

/// A table that is not whole yet.
pub fn draft(grid: Grid, paper: Paper) -> String {
    page(&Page::from(grid), paper)
}

fn page(page: &Page, paper: Paper) -> String {
    let mut text = String::new();
    for block in &page.blocks {
        match block {
            Block::Heading(heading) => {
                if !text.is_empty() {
                    text.push('\n');
                }
                text += &table::toned(&safe(heading), Tone::Strong, paper.color);
                text.push('\n');
            }
            Block::Grid(grid) => text += &table::text(grid, paper),
            Block::Lines(lines) => {
                for each in lines.iter().flat_map(|each| wrap::wrapped(each, paper.width)) {
                    text += &line(&each, paper.color);
                    text.push('\n');
                }
            }
            Block::Verbatim(lines) => {
                for each in lines {
                    text += &safe_lines(each);
                    text.push('\n');
                }
            }
        }
    }
    text
}

/// A line of running text, coloured or not, broken between words where it is wider than the terminal.
pub fn lines(line: &Line, width: Option<usize>, color: bool) -> String {
    let lines = wrap::wrapped(line, width);
    lines.iter().map(|each| self::line(each, color)).collect::<Vec<_>>().join("\n")
}

/// The same, whatever its width.
pub fn line(line: &Line, color: bool) -> String {
    line.parts.iter().map(|Cell { text, tone, .. }| table::toned(&safe(text), *tone, color)).collect()
}

/// A text in the colour of a number, where numbers tell things apart: clusters, pods. Safe text only.
pub fn hued(text: &str, number: usize) -> String {
    let style = table::hue(number);
    format!("{style}{text}{style:#}")
}

#[cfg(test)]
mod tests {
    use super::Format;
    use crate::render::table::toned;
    use crate::report::Tone;

    #[test]
    fn every_format_is_found_by_its_name() {
        for (name, format) in Format::NAMES {
            assert_eq!(name.parse(), Ok(format));
        }
        assert!("xml".parse::<Format>().is_err());
    }

    #[test]
    fn colour_only_where_it_is_wanted() {
        assert_eq!(toned("x", Tone::Bad, false), "x");
        assert!(toned("x", Tone::Bad, true).contains("\u{1b}["));
        assert_eq!(toned("x", Tone::Plain, true), "x");
    }
}
