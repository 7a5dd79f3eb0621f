//! What a command says, before it is text: pages of grids whose cells have a meaning, not a colour.

use serde::Serialize;

/// A value under the two keys that every JSON document of callboard begins with.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EnvelopedReport<'a, T> {
    api_version: &'static str,
    kind: &'static str,
    #[serde(flatten)]
    content: &'a T,
}

impl<'a, T: Serialize> EnvelopedReport<'a, T> {
    pub fn of(kind: &'static str, content: &'a T) -> EnvelopedReport<'a, T> {
        EnvelopedReport { api_version: "callboard.dev/v1alpha1", kind, content }
    }
}

/// One answer, projected twice: `Serialize` is the JSON contract (without its envelope), `page` is what people read.
pub trait Report: Serialize {
    /// `kind` of the document that it is as JSON.
    const KIND: &'static str;

    /// The answer for stdout.
    fn page(&self, detail: Detail) -> Page;

    /// One line each for `-o name`, in the order of the answer.
    fn names(&self) -> Vec<String>;

    /// What stands under the answer: sums, silent clusters, notes. Stderr for tables, part of a document.
    fn footer(&self) -> Vec<Line> {
        Vec::new()
    }

    /// The title of a document made of this answer (markdown and HTML).
    fn title(&self) -> String;
}

/// How much of the answer is wanted.
#[derive(Clone, Copy, Debug, Default)]
pub struct Detail {
    /// `-o wide`: every column.
    pub wide: bool,
    /// A person reads it: rows that say the same may fold into one. Never in a pipe.
    pub fold: bool,
    /// `-o markdown` and `-o html`: it is kept, and read where nothing can be asked.
    pub document: bool,
}

impl Detail {
    pub const DOCUMENT: Detail = Detail { wide: false, fold: false, document: true };
}

#[derive(Clone, Debug, Default)]
pub struct Page {
    pub blocks: Vec<Block>,
}

#[derive(Clone, Debug)]
pub enum Block {
    Heading(String),
    Grid(Grid),
    Lines(Vec<Line>),
    /// Text that stays as it is: log lines, diffs, manifests.
    Verbatim(Vec<String>),
}

impl From<Grid> for Page {
    fn from(grid: Grid) -> Page {
        Page { blocks: vec![Block::Grid(grid)] }
    }
}

/// A table: a header and rows of as many cells.
#[derive(Clone, Debug, Default)]
pub struct Grid {
    pub header: Vec<Column>,
    pub rows: Vec<Vec<Cell>>,
}

/// A column: its name, and what may happen to it on a terminal that is too narrow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    pub name: &'static str,
    pub fit: Fit,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fit {
    /// A name: cut in its middle, for it is its ends that tell names apart. The last column is cut at its end.
    Name,
    /// A number or a word that the line is about: never cut.
    Whole,
    /// A name that the line can do without: the column goes before another one is cut.
    Spare,
    /// What the line has to say: where little room is left it stands on a line of its own, under its row.
    Sentence,
    /// Values that are told from each other by their ends: as a name, also in the last column.
    Value,
}

impl Column {
    pub const fn whole(name: &'static str) -> Column {
        Column { name, fit: Fit::Whole }
    }

    pub const fn spare(name: &'static str) -> Column {
        Column { name, fit: Fit::Spare }
    }

    pub const fn value(name: &'static str) -> Column {
        Column { name, fit: Fit::Value }
    }

    pub const fn sentence(name: &'static str) -> Column {
        Column { name, fit: Fit::Sentence }
    }
}

impl From<&'static str> for Column {
    fn from(name: &'static str) -> Column {
        Column { name, fit: Fit::Name }
    }
}

impl Grid {
    pub fn of<C: Into<Column>>(header: impl IntoIterator<Item = C>, rows: Vec<Vec<Cell>>) -> Grid {
        Grid { header: header.into_iter().map(Into::into).collect(), rows }
    }

    /// Leaves out the columns named, header and cells.
    pub fn without(mut self, columns: &[&str]) -> Grid {
        let keep: Vec<bool> = self.header.iter().map(|column| !columns.contains(&column.name)).collect();
        let kept = |index: &usize| keep.get(*index).copied().unwrap_or(true);
        self.header = self.header.into_iter().enumerate().filter(|(i, _)| kept(i)).map(|(_, n)| n).collect();
        for row in &mut self.rows {
            *row = std::mem::take(row)
                .into_iter()
                .enumerate()
                .filter(|(i, _)| kept(i))
                .map(|(_, c)| c)
                .collect();
        }
        self
    }
}

#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Cell {
    pub text: String,
    pub tone: Tone,
    /// What tells the same where room is short.
    pub short: Option<String>,
}

impl Cell {
    pub fn toned(text: impl Into<String>, tone: Tone) -> Cell {
        Cell { text: text.into(), tone, short: None }
    }

    /// With a shorter text, for a terminal on which not all of the line fits.
    pub fn or_short(self, short: String) -> Cell {
        let short = Some(short).filter(|short| *short != self.text);
        Cell { short, ..self }
    }

    pub fn muted(text: impl Into<String>) -> Cell {
        Cell::toned(text, Tone::Muted)
    }
}

impl<T: Into<String>> From<T> for Cell {
    fn from(text: T) -> Cell {
        Cell { text: text.into(), tone: Tone::Plain, short: None }
    }
}

/// What a piece of text means; `render` knows the colours. Every tone is also a word in the text.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Tone {
    #[default]
    Plain,
    Good,
    Moving,
    Doubtful,
    Bad,
    Muted,
    Strong,
}

/// A line of running text in one or more tones.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Line {
    pub parts: Vec<Cell>,
    /// Where a terminal is too narrow, the line is broken between words and goes on under this column. 0: it is one
    /// line whatever happens, as a command is that somebody copies.
    pub hang: usize,
}

impl Line {
    pub fn new(parts: Vec<Cell>) -> Line {
        Line { parts, hang: 0 }
    }

    pub fn hanging(self, hang: usize) -> Line {
        Line { hang, ..self }
    }

    pub fn plain(&self) -> String {
        self.parts.iter().map(|part| part.text.as_str()).collect()
    }
}

impl<T: Into<String>> From<T> for Line {
    fn from(text: T) -> Line {
        Line::new(vec![Cell::from(text)])
    }
}
