//! The picture of the README: what a run prints on a terminal, its colours included, as SVG. `SNAPSHOTS=overwrite` draws it anew.

use std::fmt::Write;

use unicode_width::UnicodeWidthChar;

use crate::contract::generated;
use crate::support::Board;
use crate::terminal;

const FONT: f64 = 14.0;
/// How wide a character is, and how high a line.
const CELL: (f64, f64) = (8.43, 20.0);
const MARGIN: f64 = 16.0;

/// What an SGR code does to the text behind it.
fn style(code: &str) -> Option<&'static str> {
    Some(match code {
        "1" => "font-weight=\"bold\"",
        "2" => "opacity=\"0.65\"",
        "31" => "fill=\"#ff7b72\"",
        "32" => "fill=\"#7ee787\"",
        "33" => "fill=\"#f2cc60\"",
        "36" => "fill=\"#79c0ff\"",
        _ => return None,
    })
}

/// A text in one style, and the column that it begins in.
struct Piece {
    column: usize,
    text: String,
    styles: Vec<&'static str>,
}

/// The pieces of a line; of what steers a terminal only colours are understood.
fn pieces(line: &str) -> (Vec<Piece>, usize) {
    let (mut pieces, mut styles, mut column) = (Vec::<Piece>::new(), Vec::new(), 0);
    let mut rest = line;
    while !rest.is_empty() {
        if let Some(sequence) = rest.strip_prefix("\u{1b}[") {
            let end = sequence.find('m').expect("a colour");
            for code in sequence[..end].split(';') {
                match code {
                    "0" | "" => styles.clear(),
                    code => {
                        styles.extend(Some(style(code).unwrap_or_else(|| panic!("SGR {code} has no style"))))
                    }
                }
            }
            rest = &sequence[end + 1..];
            continue;
        }
        let end = rest.find('\u{1b}').unwrap_or(rest.len());
        // Blanks between columns need no text of their own, and each column keeps its place whatever the font is.
        let (text, behind) = rest.split_at(end);
        let mut from = 0;
        while from < text.len() {
            let word = text[from..].find("  ").map_or(text.len(), |at| from + at);
            if word > from {
                pieces.push(Piece { column, text: text[from..word].to_string(), styles: styles.clone() });
                column += text[from..word].chars().filter_map(UnicodeWidthChar::width).sum::<usize>();
            }
            let blanks = text[word..].len() - text[word..].trim_start_matches(' ').len();
            column += blanks;
            from = word + blanks;
        }
        rest = behind;
    }
    (pieces, column)
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn svg(command: &str, printed: &str) -> String {
    let lines: Vec<(Vec<Piece>, usize)> = std::iter::once(format!("\u{1b}[2m$\u{1b}[0m {command}").as_str())
        .chain(printed.lines())
        .map(pieces)
        .collect();
    let columns = lines.iter().map(|(_, columns)| *columns).max().unwrap_or_default();
    let width = (2.0 * MARGIN + CELL.0 * columns as f64).ceil();
    let height = 2.0 * MARGIN + CELL.1 * lines.len() as f64;
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" role=\"img\">\n\
         <title>{}</title>\n<rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"#0d1117\"/>\n\
         <g font-family=\"ui-monospace, SFMono-Regular, Menlo, Consolas, monospace\" font-size=\"{FONT}\" fill=\"#e6edf3\">\n",
        escaped(command)
    );
    for (number, (pieces, _)) in lines.iter().enumerate() {
        let y = MARGIN + CELL.1 * (number as f64 + 0.75);
        for Piece { column, text: piece, styles } in pieces {
            let x = MARGIN + CELL.0 * *column as f64;
            let styles: String = styles.iter().map(|style| format!(" {style}")).collect();
            let shown = escaped(piece);
            writeln!(text, "<text x=\"{x:.1}\" y=\"{y:.0}\"{styles} xml:space=\"preserve\">{shown}</text>")
                .expect("a text");
        }
    }
    text + "</g>\n</svg>\n"
}

#[test]
fn the_picture_shows_what_a_run_prints() {
    let board = Board::demo().variable("CLICOLOR_FORCE", "1");
    let words = "status checkout payments notifications search cart";
    let output = terminal::run(&board, 110, words);
    assert_eq!(output.code, 3, "{output}");
    let printed = format!("{}{}", output.stdout, output.stderr).replace("in [TIME]", "in 1.3s");
    assert!(printed.contains("\u{1b}[31m"), "it has no colour: {printed:?}");
    let drawn = svg(&format!("callboard --demo {words}"), &printed);
    assert!(drawn.len() < 20_000, "{} bytes", drawn.len());
    generated("docs/status.svg", &drawn);
}

#[test]
fn colours_and_columns_are_kept() {
    let (pieces, columns) = pieces("a b  \u{1b}[1m\u{1b}[31mdown\u{1b}[0m   \u{1b}[2m…x\u{1b}[0m");
    let told: Vec<(usize, &str, usize)> =
        pieces.iter().map(|piece| (piece.column, piece.text.as_str(), piece.styles.len())).collect();
    assert_eq!(told, [(0, "a b", 0), (5, "down", 2), (12, "…x", 1)]);
    assert_eq!(columns, 14);
    assert!(svg("x <y>", "").contains("x &lt;y&gt;"));
}
