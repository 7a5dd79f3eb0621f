//! Grids as aligned tables: the only file that knows comfy-table and colours.

use anstyle::{AnsiColor, Style};
use comfy_table::{Cell as TableCell, ContentArrangement, Table};

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::render::Paper;
use crate::report::{Cell, Grid, Tone};
use crate::text::safe;

/// Spaces between two columns: the last one needs the room.
const GAP: usize = 2;

/// The least that is left of the last column: below it the widest of the others is cut, though never the first.
const LEAST: usize = 12;

/// The grid as lines. With a width the last column is cut with an ellipsis; without one nothing is.
pub fn text(grid: &Grid, paper: Paper) -> String {
    if grid.rows.is_empty() {
        return String::new();
    }
    let room = paper.width.map(|width| room(grid, width, paper.headers));
    let mut table = Table::new();
    table.load_style(comfy_table::TableStyle::new());
    table.set_content_arrangement(ContentArrangement::Disabled);
    if paper.headers {
        table.set_header(grid.header.iter().map(|name| TableCell::new(*name)));
    }
    for row in &grid.rows {
        table.add_row(row.iter().enumerate().map(|(index, cell)| {
            let text = safe(&cell.text);
            let text = match room.as_ref().and_then(|room| room.get(index)) {
                Some(room) => cut(&text, *room),
                None => text,
            };
            styled(text, cell.tone, paper.color)
        }));
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, GAP as u16));
    }
    table.force_no_tty();
    let mut text = String::new();
    for line in table.lines() {
        text += line.trim_end();
        text.push('\n');
    }
    text
}

/// How wide each column may be for the lines to fit.
fn room(grid: &Grid, width: usize, headers: bool) -> Vec<usize> {
    let columns = grid.header.len();
    let wish = |index: usize| {
        let header = if headers { grid.header[index].len() } else { 0 };
        let cells = grid.rows.iter().filter_map(|row| row.get(index)).map(cell_width);
        cells.max().unwrap_or(0).max(header)
    };
    let mut room: Vec<usize> = (0..columns).map(wish).collect();
    let Some(last) = columns.checked_sub(1) else { return room };
    let gaps = GAP * last;
    let least = LEAST.min(room[last]);
    while room[..last].iter().sum::<usize>() + gaps + least > width {
        let header = |index: usize| if headers { grid.header[index].len() } else { 1 };
        let may_shrink = |index: &usize| room[*index] > header(*index) && !is_toned(grid, *index);
        let widest = (1..last).filter(may_shrink).max_by_key(|index| room[*index]);
        let Some(widest) = widest else { break };
        room[widest] -= 1;
    }
    let before = room[..last].iter().sum::<usize>() + gaps;
    room[last] = width.saturating_sub(before).max(least);
    room
}

/// A word with a tone is what the line is about: it is never cut.
fn is_toned(grid: &Grid, index: usize) -> bool {
    let mut cells = grid.rows.iter().filter_map(|row| row.get(index));
    cells.any(|cell| !matches!(cell.tone, Tone::Plain | Tone::Muted))
}

fn cell_width(cell: &Cell) -> usize {
    safe(&cell.text).width()
}

/// At most `room` columns, the last of them an ellipsis where something was left out.
fn cut(text: &str, room: usize) -> String {
    if text.width() <= room {
        return text.to_string();
    }
    let mut left = room.saturating_sub(1);
    let kept: String = text
        .chars()
        .take_while(|c| match left.checked_sub(c.width().unwrap_or(0)) {
            Some(rest) => {
                left = rest;
                true
            }
            None => false,
        })
        .collect();
    format!("{}…", kept.trim_end())
}

/// The colour is part of the text, so that it ends before the padding: a coloured blank at the end of a line would be
/// kept, and break it on a terminal.
fn styled(text: String, tone: Tone, color: bool) -> TableCell {
    match style(tone) {
        Some(style) if color && !text.is_empty() => TableCell::new(format!("{style}{text}{style:#}")),
        _ => TableCell::new(text),
    }
}

/// Colours that only tell things apart; red is none of them, it means trouble.
pub fn hue(number: usize) -> Style {
    const HUES: [AnsiColor; 8] = [
        AnsiColor::Cyan,
        AnsiColor::Green,
        AnsiColor::Magenta,
        AnsiColor::Yellow,
        AnsiColor::Blue,
        AnsiColor::BrightCyan,
        AnsiColor::BrightGreen,
        AnsiColor::BrightMagenta,
    ];
    Style::new().fg_color(Some(HUES[number % HUES.len()].into()))
}

/// The same colours for running text.
pub fn style(tone: Tone) -> Option<Style> {
    let colored = |color: AnsiColor| Style::new().fg_color(Some(color.into()));
    match tone {
        Tone::Plain => None,
        Tone::Good => Some(colored(AnsiColor::Green)),
        Tone::Moving => Some(colored(AnsiColor::Cyan)),
        Tone::Doubtful => Some(colored(AnsiColor::Yellow)),
        Tone::Bad => Some(colored(AnsiColor::Red).bold()),
        Tone::Muted => Some(Style::new().dimmed()),
        Tone::Strong => Some(Style::new().bold()),
    }
}

#[cfg(test)]
mod tests {
    use super::{cut, text};
    use crate::render::Paper;
    use crate::report::{Cell, Grid, Tone};

    fn grid() -> Grid {
        Grid {
            header: vec!["SERVICE", "WHY"],
            rows: vec![
                vec!["checkout".into(), Cell::toned("app exits 1, 38 restarts, in back-off", Tone::Bad)],
                vec!["a".into(), "\u{1b}[2Jevil".into()],
            ],
        }
    }

    #[test]
    fn columns_align_and_nothing_is_cut_without_a_width() {
        let paper = Paper { headers: true, ..Paper::default() };
        assert_eq!(
            text(&grid(), paper),
            "SERVICE   WHY\ncheckout  app exits 1, 38 restarts, in back-off\na         \u{fffd}[2Jevil\n"
        );
    }

    #[test]
    fn the_last_column_is_cut_to_the_terminal() {
        let paper = Paper { headers: false, width: Some(30), color: false };
        assert_eq!(text(&grid(), paper), "checkout  app exits 1, 38 res…\na         \u{fffd}[2Jevil\n");
        let wide = Grid {
            header: vec!["A", "OWNER", "WHY"],
            rows: vec![vec!["cart".into(), "team-of-the-very-long-name".into(), "app exits 1, often".into()]],
        };
        let paper = Paper { headers: true, width: Some(32), color: false };
        assert_eq!(text(&wide, paper), "A     OWNER         WHY\ncart  team-of-the…  app exits 1…\n");
        assert_eq!(cut("abc", 3), "abc");
        assert_eq!(cut("abcd", 3), "ab…");
        assert_eq!(cut("漢字漢字", 5), "漢字…");
    }

    #[test]
    fn colour_wraps_words_and_not_the_padding() {
        let paper = Paper { headers: false, width: None, color: true };
        let text = text(&grid(), paper);
        assert_eq!(
            text,
            "checkout  \u{1b}[1m\u{1b}[31mapp exits 1, 38 restarts, in back-off\u{1b}[0m\na         \u{fffd}[2Jevil\n"
        );
    }
}
