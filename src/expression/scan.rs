//! Cuts a template into text, variables and blocks, with trimming, comments and raw blocks done.

use crate::expression::dialect::Dialect;
use crate::expression::failure::{RenderFailure, SourcePosition};
use crate::expression::lex::{is_space, name_length, opaque_length};

pub enum TemplatePiece {
    Text(String),
    /// The inside of `${{ }}` and where it begins.
    Variable(String, SourcePosition),
    /// The inside of `{% %}`, trimmed, where it begins, and where its tag does.
    Block(String, SourcePosition, SourcePosition),
}

#[derive(Clone, Copy, PartialEq)]
enum Tag {
    Variable,
    Block,
    Comment,
}

pub fn pieces(source: &str, dialect: Dialect<'_>) -> Result<Vec<TemplatePiece>, RenderFailure> {
    let mut scan =
        Scan { source, index: 0, place: SourcePosition::START, text: String::new(), pieces: Vec::new() };
    let variable = if dialect.cookiecutter { "{{" } else { "${{" };
    let mut signs =
        [Sign::new(variable, Tag::Variable), Sign::new("{%", Tag::Block), Sign::new("{#", Tag::Comment)];
    let mut stray = Sign::new("#}", Tag::Comment);
    while scan.index < source.len() {
        let opening = signs
            .iter_mut()
            .filter_map(|sign| Some((sign.next(source, scan.index)?, sign.tag, sign.text)))
            .min_by_key(|(at, ..)| *at);
        if let Some(stray) = stray.next(source, scan.index)
            && opening.is_none_or(|(at, ..)| stray < at)
        {
            let place = scan.place.after(&source[scan.index..stray]);
            return Err(RenderFailure::new("'#}' ends a comment that never began", place));
        }
        let Some((at, tag, sign)) = opening else {
            scan.take_text(source.len() - scan.index);
            break;
        };
        scan.take_text(at - scan.index);
        scan.tag(tag, sign, dialect)?;
    }
    scan.flush();
    Ok(scan.pieces)
}

/// Where a sign comes next; it is not searched for again before it has been passed, so that a scan takes linear time.
struct Sign<'a> {
    text: &'a str,
    tag: Tag,
    at: Option<usize>,
    searched: bool,
}

impl<'a> Sign<'a> {
    fn new(text: &'a str, tag: Tag) -> Self {
        Self { text, tag, at: None, searched: false }
    }

    fn next(&mut self, source: &str, from: usize) -> Option<usize> {
        if !self.searched || self.at.is_some_and(|at| at < from) {
            self.at = source[from..].find(self.text).map(|at| from + at);
            self.searched = true;
        }
        self.at
    }
}

struct Scan<'a> {
    source: &'a str,
    index: usize,
    place: SourcePosition,
    text: String,
    pieces: Vec<TemplatePiece>,
}

impl<'a> Scan<'a> {
    fn rest(&self) -> &'a str {
        &self.source[self.index..]
    }

    fn skip(&mut self, length: usize) {
        self.place = self.place.after(&self.rest()[..length]);
        self.index += length;
    }

    fn take_text(&mut self, length: usize) {
        self.text.push_str(&self.rest()[..length]);
        self.skip(length);
    }

    fn flush(&mut self) {
        if !self.text.is_empty() {
            self.pieces.push(TemplatePiece::Text(std::mem::take(&mut self.text)));
        }
    }

    fn tag(&mut self, tag: Tag, sign: &str, dialect: Dialect<'_>) -> Result<(), RenderFailure> {
        let start = self.place;
        if tag == Tag::Block && dialect.lstrip_blocks {
            self.strip_indent();
        }
        let trims_left = self.rest()[sign.len()..].starts_with('-');
        if trims_left {
            self.text.truncate(self.text.trim_end().len());
        }
        self.flush();
        self.skip(sign.len() + usize::from(trims_left));
        let close = match tag {
            Tag::Variable => "}}",
            Tag::Block => "%}",
            Tag::Comment => "#}",
        };
        let rest = self.rest();
        let end = if tag == Tag::Comment { rest.find(close) } else { terminator(rest, close) };
        let Some(end) = end else { return Err(unterminated(tag, self.source, start)) };
        let trims_right = rest[..end].ends_with('-');
        let content = &rest[..end - usize::from(trims_right)];
        let inner = content.trim_start_matches(is_space);
        let place = self.place.after(&content[..content.len() - inner.len()]);
        self.skip(end + close.len());
        match tag {
            Tag::Variable => self.pieces.push(TemplatePiece::Variable(inner.into(), place)),
            Tag::Block => {
                let inner = inner.trim_end_matches(is_space);
                if matches!(tag_name(inner), "raw" | "verbatim") {
                    return self.raw(inner, start, dialect, trims_right);
                }
                self.pieces.push(TemplatePiece::Block(inner.into(), place, start));
            }
            Tag::Comment => {}
        }
        self.after_tag(tag, trims_right, dialect);
        Ok(())
    }

    fn after_tag(&mut self, tag: Tag, trims: bool, dialect: Dialect<'_>) {
        if trims {
            let rest = self.rest();
            self.skip(rest.len() - rest.trim_start().len());
        } else if tag == Tag::Block && dialect.trim_blocks {
            self.skip_line_break();
        }
    }

    fn skip_line_break(&mut self) {
        let rest = self.rest();
        let length = if rest.starts_with("\r\n") { 2 } else { usize::from(rest.starts_with('\n')) };
        self.skip(length);
    }

    /// Drops the blanks that stand alone between the start of the line and a block tag.
    fn strip_indent(&mut self) {
        let line = self.source[..self.index].rsplit('\n').next().unwrap_or_default();
        if line.chars().all(char::is_whitespace) {
            let kept = self.text.rfind('\n').map_or(0, |at| at + 1);
            if self.text[kept..].chars().all(char::is_whitespace) {
                self.text.truncate(kept);
            }
        }
    }

    fn raw(
        &mut self,
        inner: &str,
        start: SourcePosition,
        dialect: Dialect<'_>,
        trims: bool,
    ) -> Result<(), RenderFailure> {
        let name = tag_name(inner);
        if inner != name {
            return Err(RenderFailure::new(format!("'{name}' takes nothing behind it"), start));
        }
        if dialect.trim_blocks {
            self.skip_line_break();
        }
        let Some((from, to)) = raw_end(self.rest(), name) else {
            return Err(RenderFailure::new(format!("'{name}' has no 'end{name}'"), start));
        };
        self.take_text(from);
        self.skip(to - from);
        if trims {
            let rest = self.rest();
            self.skip(rest.len() - rest.trim_start().len());
        }
        Ok(())
    }
}

/// Where the `{% endraw %}` that belongs to an open `{% raw %}` begins and ends.
fn raw_end(source: &str, name: &str) -> Option<(usize, usize)> {
    let mut depth = 1;
    let mut index = 0;
    while let Some(at) = source[index..].find("{%") {
        let start = index + at;
        let inner = source[start + 2..].trim_start();
        let (closes, after) = match (
            inner.strip_prefix("end").and_then(|rest| rest.strip_prefix(name)),
            inner.strip_prefix(name),
        ) {
            (Some(after), _) => (true, after),
            (None, Some(after)) => (false, after),
            (None, None) => {
                index = start + 2;
                continue;
            }
        };
        let Some(after) = after.trim_start().strip_prefix("%}") else {
            index = start + 2;
            continue;
        };
        index = source.len() - after.len();
        depth = if closes { depth - 1 } else { depth + 1 };
        if depth == 0 {
            return Some((start, index));
        }
    }
    None
}

fn unterminated(tag: Tag, source: &str, start: SourcePosition) -> RenderFailure {
    match tag {
        Tag::Variable => RenderFailure::new("this '${{' has no '}}'", start),
        Tag::Block => RenderFailure::new("this '{%' has no '%}'", start),
        Tag::Comment => {
            let failure = RenderFailure::new("this '{#' begins a comment that never ends", start);
            if source.contains("${#") {
                return failure.with_hint("shell's ${#name} begins a comment here: put the file under copyWithoutTemplating, or the line between {% raw %} and {% endraw %}");
            }
            failure
        }
    }
}

/// Where a delimiter stands outside texts and names.
fn terminator(source: &str, close: &str) -> Option<usize> {
    let mut index = 0;
    while index < source.len() {
        let rest = &source[index..];
        if let Some(length) = opaque_length(rest) {
            index += length;
        } else if rest.starts_with(close) {
            return Some(index);
        } else {
            index += rest.chars().next().map_or(1, char::len_utf8);
        }
    }
    None
}

/// The first word of a block tag.
pub fn tag_name(inner: &str) -> &str {
    &inner[..name_length(inner, false).unwrap_or(0)]
}
