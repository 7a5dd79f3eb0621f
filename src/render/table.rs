//! Grids as aligned tables: the only file that knows comfy-table and colours.

use std::collections::BTreeSet;

use anstyle::{AnsiColor, Style};
use comfy_table::{Cell as TableCell, ContentArrangement, Table};

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::render::paper::Paper;
use crate::report::{Cell, Fit, Grid, Tone};
use crate::text::{ShortNames, safe};

/// Spaces between two columns: the last one needs the room.
const GAP: usize = 2;

/// The least that is left of the last column: below it the widest of the others is cut, though never the first.
const LEAST: usize = 12;

/// What a sentence needs to say something.
const COMFORT: usize = 28;

/// On a terminal narrower than this a sentence that would be cut stands under its row.
const NARROW: usize = 100;

/// How a grid is laid out on paper of some width.
struct TableLayout {
    /// The columns that are shown, each with its room.
    columns: Vec<(usize, usize)>,
    /// The column that stands under the rows.
    under: Option<usize>,
}

/// The grid as lines. With a width columns give way as their `Fit` says; without one nothing is cut.
pub fn text(grid: &Grid, paper: Paper) -> String {
    if grid.rows.is_empty() {
        return String::new();
    }
    let short = shortened(grid, paper);
    let grid = short.as_ref().unwrap_or(grid);
    let layout = layout(grid, paper);
    let mut table = Table::new();
    table.load_style(comfy_table::TableStyle::new());
    table.set_content_arrangement(ContentArrangement::Disabled);
    if paper.headers {
        table.set_header(layout.columns.iter().map(|(index, _)| TableCell::new(grid.header[*index].name)));
    }
    let last = grid.header.len().saturating_sub(1);
    for row in &grid.rows {
        table.add_row(layout.columns.iter().filter_map(|(index, room)| {
            let cell = row.get(*index)?;
            let fit = grid.header[*index].fit;
            let text = match fit {
                Fit::Value if !cell.text.starts_with(|first: char| first.is_ascii_digit()) => {
                    cut_in_its_middle(&safe(&cell.text), *room)
                }
                _ if *index == last => cut(&safe(&cell.text), *room),
                Fit::Name | Fit::Spare => cut_in_its_middle(&safe(&cell.text), *room),
                Fit::Whole | Fit::Sentence | Fit::Value => cut(&safe(&cell.text), *room),
            };
            Some(styled(text, cell.tone, paper.color))
        }));
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, GAP as u16));
    }
    table.force_no_tty();
    let mut text = String::new();
    let headers = usize::from(paper.headers);
    for (number, line) in table.lines().enumerate() {
        text += line.trim_end();
        text.push('\n');
        let row = number.checked_sub(headers).and_then(|number| grid.rows.get(number));
        if let Some(cell) = layout.under.and_then(|under| row?.get(under)).filter(|cell| says_something(cell))
        {
            let room = paper.width.unwrap_or(usize::MAX).saturating_sub(GAP);
            let shown = cut(&safe(&cell.text), room);
            text += &format!("{:GAP$}{}\n", "", toned(&shown, cell.tone, paper.color));
        }
    }
    text
}

fn says_something(cell: &Cell) -> bool {
    !matches!(cell.text.as_str(), "" | "-")
}

/// Columns of names of clusters, which may be as long as an ARN.
const OF_CLUSTERS: [&str; 2] = ["CLUSTER", "CLUSTERS"];

/// Gives the cells of a column of clusters the ends by which their names differ, where they say nothing shorter themselves.
fn shorten_clusters(grid: &mut Grid, column: usize) {
    let names = |text: &str| -> Vec<String> {
        let names = text.rsplit_once(" +").map_or(text, |(names, _)| names);
        names.split(',').map(|name| name.trim_start().to_string()).collect()
    };
    let cells = grid.rows.iter().filter_map(|row| row.get(column));
    let names: BTreeSet<String> = cells.flat_map(|cell| names(&cell.text)).collect();
    let short = ShortNames::of(names.iter().map(String::as_str));
    for cell in grid.rows.iter_mut().filter_map(|row| row.get_mut(column)) {
        let text = short.shortened(&cell.text);
        cell.short.get_or_insert(text);
    }
}

/// The grid with the short texts of its cells, where not everything has room.
fn shortened(grid: &Grid, paper: Paper) -> Option<Grid> {
    let width = paper.width?;
    let header = |index: usize| if paper.headers { grid.header[index].name.len() } else { 0 };
    let widest = |index: usize| grid.rows.iter().filter_map(|row| row.get(index)).map(cell_width).max();
    let wished: usize =
        (0..grid.header.len()).map(|index| widest(index).unwrap_or(0).max(header(index)) + GAP).sum();
    if wished <= width + GAP {
        return None;
    }
    let mut grid = grid.clone();
    for index in 0..grid.header.len() {
        if OF_CLUSTERS.contains(&grid.header[index].name) {
            shorten_clusters(&mut grid, index);
        }
    }
    for cell in grid.rows.iter_mut().flatten() {
        if let Some(short) = cell.short.take() {
            cell.text = short;
        }
    }
    Some(grid)
}

/// Which columns are shown, and how wide each may be for the lines to fit.
fn layout(grid: &Grid, paper: Paper) -> TableLayout {
    let header = |index: usize| if paper.headers { grid.header[index].name.len() } else { 1 };
    let wish = |index: usize| {
        let cells = grid.rows.iter().filter_map(|row| row.get(index)).map(cell_width);
        cells.max().unwrap_or(0).max(header(index))
    };
    let mut columns: Vec<(usize, usize)> = (0..grid.header.len()).map(|index| (index, wish(index))).collect();
    let (Some(width), Some(&(last, sentence))) = (paper.width, columns.last()) else {
        return TableLayout { columns, under: None };
    };
    let total = |columns: &[(usize, usize)]| {
        columns.iter().map(|(_, room)| room).sum::<usize>() + GAP * columns.len().saturating_sub(1)
    };
    // A column that the line can do without goes before the last one gets too little to be read.
    let (comfort, is_sentence) = match grid.header[last].fit {
        Fit::Sentence => (COMFORT.min(sentence), true),
        _ => (LEAST.min(sentence), false),
    };
    while total(&columns) - sentence + comfort > width {
        let Some(spare) = columns.iter().position(|(index, _)| grid.header[*index].fit == Fit::Spare) else {
            break;
        };
        columns.remove(spare);
    }
    let mut under = None;
    if is_sentence && width < NARROW && total(&columns) > width {
        columns.pop();
        under = Some(last);
    }
    let least = if under.is_some() { 0 } else { LEAST.min(sentence) };
    let flexible = columns.len() - usize::from(under.is_none());
    let fixed =
        |columns: &[(usize, usize)]| total(&columns[..flexible]) + if under.is_none() { GAP } else { 0 };
    while fixed(&columns) + least > width {
        let may_shrink = |at: &usize| {
            let (index, room) = columns[*at];
            let is_name = matches!(grid.header[index].fit, Fit::Name | Fit::Spare);
            room > header(index).max(LEAST_NAME) && is_name && !is_toned(grid, index)
        };
        let first = usize::from(under.is_none());
        let widest = (first..flexible).filter(may_shrink).max_by_key(|at| columns[*at].1);
        let Some(widest) = widest else { break };
        columns[widest].1 -= 1;
    }
    if under.is_none()
        && let Some((_, room)) = columns.last_mut()
    {
        *room = 0;
        let before = total(&columns);
        if let Some((_, room)) = columns.last_mut() {
            *room = width.saturating_sub(before).max(least);
        }
    }
    TableLayout { columns, under }
}

/// A name is not cut further than this.
const LEAST_NAME: usize = 5;

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
    format!("{}…", start(text, room.saturating_sub(1)).trim_end())
}

/// As `cut`, with the ellipsis in the middle. How many others there are (`eu-west-1 +2`, `4 clusters`) is not cut.
fn cut_in_its_middle(text: &str, room: usize) -> String {
    if text.width() <= room || text.starts_with(|first: char| first.is_ascii_digit()) {
        return text.to_string();
    }
    let (name, others) = match text.rfind(" +") {
        Some(at) if text[at + 2..].bytes().all(|byte| byte.is_ascii_digit()) => text.split_at(at),
        _ => (text, ""),
    };
    let room = room.saturating_sub(others.width() + 1);
    let head = start(name, room.div_ceil(2));
    let tail: String = start(&name.chars().rev().collect::<String>(), room / 2).chars().rev().collect();
    format!("{head}…{tail}{others}")
}

/// The beginning of a text that takes at most so many columns.
fn start(text: &str, room: usize) -> String {
    let mut left = room;
    let fits = |c: &char| match left.checked_sub(c.width().unwrap_or(0)) {
        Some(rest) => {
            left = rest;
            true
        }
        None => false,
    };
    text.chars().take_while(fits).collect()
}

/// A text in the colour of its tone.
pub fn toned(text: &str, tone: Tone, color: bool) -> String {
    match style(tone) {
        Some(style) if color && !text.is_empty() => format!("{style}{text}{style:#}"),
        _ => text.to_string(),
    }
}

/// The colour is part of the text, so that it ends before the padding: a coloured blank at the end of a line would be
/// kept, and break it on a terminal.
fn styled(text: String, tone: Tone, color: bool) -> TableCell {
    TableCell::new(toned(&text, tone, color))
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
    use crate::render::paper::Paper;
    use crate::report::{Cell, Column, Grid, Tone};

    fn grid() -> Grid {
        Grid::of(
            ["SERVICE", "WHY"],
            vec![
                vec!["checkout".into(), Cell::toned("app exits 1, 38 restarts, in back-off", Tone::Bad)],
                vec!["a".into(), "\u{1b}[2Jevil".into()],
            ],
        )
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
        let wide = Grid::of(
            ["A", "OWNER", "WHY"],
            vec![vec!["cart".into(), "team-of-the-very-long-name".into(), "app exits 1, often".into()]],
        );
        let paper = Paper { headers: true, width: Some(32), color: false };
        assert_eq!(text(&wide, paper), "A     OWNER         WHY\ncart  team-o…-name  app exits 1…\n");
        assert_eq!(cut("abc", 3), "abc");
        assert_eq!(cut("abcd", 3), "ab…");
        assert_eq!(cut("漢字漢字", 5), "漢字…");
    }

    #[test]
    fn clusters_are_told_apart_by_the_ends_of_their_names() {
        let arn = |name: &str| format!("arn:aws:eks:eu-west-1:111122223333:cluster/{name}");
        let row = |clusters: String| vec!["cart".into(), clusters.into()];
        let grid = Grid::of(
            ["SERVICE", "CLUSTERS"],
            vec![row(arn("a")), row(format!("{}, {} +3", arn("a"), arn("b")))],
        );
        let paper = Paper { headers: false, width: Some(60), color: false };
        assert_eq!(text(&grid, paper), "cart  …a\ncart  …a, …b +3\n");
        let wide = text(&grid, Paper { width: Some(200), ..paper });
        assert!(wide.contains(&arn("b")), "{wide}");
    }

    /// Images are told apart by their tags, wherever they stand.
    #[test]
    fn values_keep_the_end_that_differs() {
        let row = |value: &str| vec!["app image".into(), value.into()];
        let header = [Column::from("WHAT"), Column::value("VALUE")];
        let grid = Grid::of(header, vec![row("…/checkout:v3.7.2"), row("2026-11-25T19:00:00Z")]);
        let paper = Paper { headers: false, width: Some(26), color: false };
        assert_eq!(text(&grid, paper), "app image  …/check…:v3.7.2\napp image  2026-11-25T19:…\n");
    }

    #[test]
    fn where_room_is_short_owners_go_and_sentences_stand_under_their_rows() {
        let header = [
            Column::from("SERVICE"),
            Column::spare("OWNER"),
            Column::from("CLUSTER"),
            Column::whole("HEALTH"),
            Column::sentence("WHY"),
        ];
        let why = "app exits 1, 38 restarts, in back-off (CrashLoopBackOff)";
        let row = |cluster: &str, why: &str| {
            vec![
                "checkout".into(),
                "team-checkout".into(),
                cluster.into(),
                Cell::toned("Degraded", Tone::Bad),
                why.into(),
            ]
        };
        let rows = vec![row("us-east-1", why), row("a-very-long-name-of-a-cluster +2", "")];
        let grid = Grid::of(header, rows);
        let shown = |width| text(&grid, Paper { headers: true, width: Some(width), color: false });
        assert_eq!(
            shown(60),
            "SERVICE   CLUSTER                           HEALTH\n\
             checkout  us-east-1                         Degraded\n  app exits 1, 38 restarts, in back-off (CrashLoopBackOff)\n\
             checkout  a-very-long-name-of-a-cluster +2  Degraded\n"
        );
        assert_eq!(
            shown(40),
            "SERVICE   CLUSTER               HEALTH\n\
             checkout  us-east-1             Degraded\n  app exits 1, 38 restarts, in back-off…\n\
             checkout  a-very-l…-cluster +2  Degraded\n"
        );
        assert!(shown(97).contains("team-checkout") && !shown(96).contains("team-checkout"));
    }

    #[test]
    fn a_shorter_text_stands_where_the_line_would_not_fit() {
        let name = Cell::from("arn:aws:eks:eu:1:cluster/prod +2").or_short("…prod +2".to_string());
        let grid = Grid::of(["CLUSTER", "WHY"], vec![vec![name, "app exits 1".into()]]);
        let shown = |width| text(&grid, Paper { headers: false, width, color: false });
        assert_eq!(shown(None), "arn:aws:eks:eu:1:cluster/prod +2  app exits 1\n");
        assert_eq!(shown(Some(45)), "arn:aws:eks:eu:1:cluster/prod +2  app exits 1\n");
        assert_eq!(shown(Some(44)), "…prod +2  app exits 1\n");
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
