//! Templates: text, variables and the block tags of nunjucks, as a tree.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::expression::dialect::{Dialect, MAX_DEPTH};
use crate::expression::failure::{RenderFailure, SourcePosition};
use crate::expression::lex::{is_space, name_length, opaque_length};
use crate::expression::parse as words;
use crate::expression::scan::{TemplatePiece, pieces, tag_name};
use crate::expression::suggest::nearest;
use crate::expression::syntax::{Expression, Macro, Statement, Statements, SyntaxNode};

type StatementResult<T> = Result<T, RenderFailure>;

const TAGS: &[&str] = &["if", "for", "set", "macro", "call", "filter", "block", "switch", "raw"];
const PARTS: &[&str] = &[
    "elif",
    "elseif",
    "else",
    "endif",
    "endfor",
    "endset",
    "endmacro",
    "endcall",
    "endfilter",
    "endblock",
    "case",
    "default",
    "endswitch",
];

pub fn parse(source: &str, dialect: Dialect<'_>) -> StatementResult<Statements> {
    let mut parser = StatementParser {
        pieces: pieces(source, dialect)?.into_iter(),
        depth: 0,
        blocks: BTreeMap::new(),
        macros: 0,
    };
    let (body, _) = parser.body(&[], SourcePosition::START)?;
    Ok(body)
}

/// A block tag that ended a body.
struct Stop {
    name: String,
    rest: String,
    place: SourcePosition,
}

struct StatementParser {
    pieces: std::vec::IntoIter<TemplatePiece>,
    depth: usize,
    /// Where each named block begins.
    blocks: BTreeMap<String, SourcePosition>,
    /// How many macros have been read.
    macros: usize,
}

impl StatementParser {
    /// Reads until one of `stops`; `start` is where the tag stands that needs it.
    fn body(&mut self, stops: &[&str], start: SourcePosition) -> StatementResult<(Statements, Option<Stop>)> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(RenderFailure::new("blocks are nested too deeply", start));
        }
        let mut body = Vec::new();
        while let Some(piece) = self.pieces.next() {
            match piece {
                TemplatePiece::Text(text) => body.push(Statement::Text(Rc::from(text))),
                TemplatePiece::Variable(source, place) => {
                    body.push(Statement::Print(words::expression(&source, place)?))
                }
                TemplatePiece::Block(source, place, start) => {
                    let name = tag_name(&source).to_string();
                    let rest = source[name.len()..].trim_start_matches(is_space);
                    let at = place.after(&source[..source.len() - rest.len()]);
                    if stops.contains(&name.as_str()) {
                        self.depth -= 1;
                        return Ok((body, Some(Stop { name, rest: rest.into(), place: at })));
                    }
                    body.push(self.statement(&name, rest, at, start)?);
                }
            }
        }
        if let Some(end) = stops.last() {
            return Err(RenderFailure::new(format!("this block has no '{end}'"), start));
        }
        Ok((body, None))
    }

    /// A body that must end with one of `stops`.
    fn until(&mut self, stops: &[&str], start: SourcePosition) -> StatementResult<(Statements, Stop)> {
        match self.body(stops, start)? {
            (body, Some(stop)) => {
                let takes_words = matches!(stop.name.as_str(), "elif" | "elseif" | "case" | "endblock");
                if !takes_words && !stop.rest.is_empty() {
                    return Err(RenderFailure::new(
                        format!("'{}' takes nothing behind it", stop.name),
                        stop.place,
                    ));
                }
                Ok((body, stop))
            }
            (_, None) => Err(RenderFailure::new("this block never ends", start)),
        }
    }

    fn statement(
        &mut self,
        name: &str,
        rest: &str,
        at: SourcePosition,
        start: SourcePosition,
    ) -> StatementResult<Statement> {
        match name {
            "if" => self.if_(rest, at, start),
            "for" => self.for_(rest, at, start),
            "set" => self.set(rest, at, start),
            "macro" => self.macro_(rest, at, start),
            "call" => self.call(rest, at, start),
            "filter" => {
                let body = self.captured("endfilter", start)?;
                let input = Expression { node: SyntaxNode::Capture(Rc::new(body)), place: start };
                Ok(Statement::Print(words::filter(rest, at, input)?))
            }
            "block" => self.block(rest, start),
            "switch" => self.switch(rest, at, start),
            "include" | "import" | "from" | "extends" => Err(RenderFailure::new(
                format!("'{name}' would read another template, which none here may"),
                start,
            )),
            part if PARTS.contains(&part) => {
                Err(RenderFailure::new(format!("'{part}' has nothing to belong to"), start))
            }
            "" => Err(RenderFailure::new("this block tag is empty", start)),
            unknown => {
                let failure = RenderFailure::new(format!("there is no block tag '{unknown}'"), start);
                Err(match nearest(unknown, TAGS.iter().copied()) {
                    Some(tag) => failure.with_hint(format!("did you mean '{tag}'?")),
                    None => failure,
                })
            }
        }
    }

    /// A body whose text is put to use elsewhere; it cannot define macros.
    fn captured(&mut self, end: &str, start: SourcePosition) -> StatementResult<Statements> {
        let before = self.macros;
        let (body, _) = self.until(&[end], start)?;
        if self.macros > before {
            return Err(RenderFailure::new("no macro can be defined inside this block", start));
        }
        Ok(body)
    }

    fn block(&mut self, name: &str, start: SourcePosition) -> StatementResult<Statement> {
        if name_length(name, false) != Some(name.len()) {
            return Err(RenderFailure::new("a block reads `block NAME`", start));
        }
        if let Some(first) = self.blocks.insert(name.into(), start) {
            let message = format!("the block '{name}' is there already, in line {}", first.line);
            return Err(RenderFailure::new(message, start));
        }
        let (body, stop) = self.until(&["endblock"], start)?;
        if !stop.rest.is_empty() && stop.rest != name {
            return Err(RenderFailure::new(
                format!("this ends the block '{name}', not '{}'", stop.rest),
                stop.place,
            ));
        }
        Ok(Statement::Block(body))
    }

    fn if_(&mut self, rest: &str, at: SourcePosition, start: SourcePosition) -> StatementResult<Statement> {
        let mut branches = Vec::new();
        let mut condition = words::expression(rest, at)?;
        loop {
            let (body, stop) = self.until(&["elif", "elseif", "else", "endif"], start)?;
            branches.push((condition, body));
            match stop.name.as_str() {
                "elif" | "elseif" => condition = words::expression(&stop.rest, stop.place)?,
                "else" => {
                    let (body, _) = self.until(&["endif"], start)?;
                    return Ok(Statement::If { branches, otherwise: Some(body) });
                }
                _ => return Ok(Statement::If { branches, otherwise: None }),
            }
        }
    }

    fn for_(&mut self, rest: &str, at: SourcePosition, start: SourcePosition) -> StatementResult<Statement> {
        let Some((left, right)) = split_in(rest) else {
            return Err(RenderFailure::new("a loop reads `for NAME in VALUE`", start));
        };
        let targets = words::targets(left, at)?;
        let over = words::expression(right, at.after(&rest[..rest.len() - right.len()]))?;
        let (body, stop) = self.until(&["else", "endfor"], start)?;
        let otherwise = if stop.name == "else" { Some(self.until(&["endfor"], start)?.0) } else { None };
        Ok(Statement::For { targets, over, body, otherwise })
    }

    fn set(&mut self, rest: &str, at: SourcePosition, start: SourcePosition) -> StatementResult<Statement> {
        if let Some(equals) = top_level(rest, '=') {
            let targets = words::targets(&rest[..equals], at)?;
            let value = words::expression(&rest[equals + 1..], at.after(&rest[..=equals]))?;
            return Ok(Statement::Set { targets, value });
        }
        let targets = words::targets(rest, at)?;
        let body = self.captured("endset", start)?;
        let value = Expression { node: SyntaxNode::Capture(Rc::new(body)), place: start };
        Ok(Statement::Set { targets, value })
    }

    fn macro_(
        &mut self,
        rest: &str,
        at: SourcePosition,
        start: SourcePosition,
    ) -> StatementResult<Statement> {
        let wrong = || RenderFailure::new("a macro reads `macro NAME(PARAMETER, PARAMETER=DEFAULT)`", start);
        let length = name_length(rest, false).ok_or_else(wrong)?;
        let inside =
            rest[length..].trim_matches(is_space).strip_prefix('(').and_then(|text| text.strip_suffix(')'));
        let signature = words::parameters(inside.ok_or_else(wrong)?, at.after(&rest[..length]))?;
        self.macros += 1;
        let (body, _) = self.until(&["endmacro"], start)?;
        Ok(Statement::Macro { name: Rc::from(&rest[..length]), macro_: Rc::new(Macro { body, ..signature }) })
    }

    fn call(&mut self, rest: &str, at: SourcePosition, start: SourcePosition) -> StatementResult<Statement> {
        let (inside, call) = match rest.strip_prefix('(').map(|text| (text, top_level(text, ')'))) {
            Some((text, Some(end))) => (&text[..end], text[end + 1..].trim_start_matches(is_space)),
            Some((_, None)) => return Err(RenderFailure::new("the parentheses are not closed", at)),
            None => ("", rest),
        };
        let signature = words::parameters(inside, at)?;
        let called = words::expression(call, at.after(&rest[..rest.len() - call.len()]))?;
        let SyntaxNode::Call(target, arguments) = called.node else {
            return Err(RenderFailure::new("a call block reads `call MACRO(ARGUMENTS)`", start));
        };
        let (body, _) = self.until(&["endcall"], start)?;
        let caller = Rc::new(Macro { body, ..signature });
        Ok(Statement::Call { target: *target, arguments, caller, place: start })
    }

    fn switch(
        &mut self,
        rest: &str,
        at: SourcePosition,
        start: SourcePosition,
    ) -> StatementResult<Statement> {
        let value = words::expression(rest, at)?;
        let mut cases = Vec::new();
        let (before, mut stop) = self.until(&["case", "default", "endswitch"], start)?;
        if !before.is_empty() {
            return Err(RenderFailure::new("nothing may stand between 'switch' and its first 'case'", start)
                .with_hint("write `{% switch VALUE -%}`, so that the line break behind it is dropped"));
        }
        while stop.name == "case" {
            let condition = words::expression(&stop.rest, stop.place)?;
            let (body, next) = self.until(&["case", "default", "endswitch"], start)?;
            cases.push((condition, body));
            stop = next;
        }
        let otherwise =
            if stop.name == "default" { Some(self.until(&["endswitch"], start)?.0) } else { None };
        if cases.is_empty() && otherwise.is_none() {
            return Err(RenderFailure::new("a switch needs a 'case' or a 'default'", start));
        }
        Ok(Statement::Switch { value, cases, otherwise })
    }
}

/// Where a character stands outside brackets, texts and names.
fn top_level(source: &str, wanted: char) -> Option<usize> {
    let mut depth = 0_usize;
    let mut index = 0;
    while let Some(c) = source[index..].chars().next() {
        if let Some(length) = opaque_length(&source[index..]) {
            index += length;
            continue;
        }
        match c {
            c if depth == 0 && c == wanted => return Some(index),
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        index += c.len_utf8();
    }
    None
}

/// Splits `a, b in value` at the word `in`.
fn split_in(source: &str) -> Option<(&str, &str)> {
    let mut index = 0;
    while let Some(c) = source[index..].chars().next() {
        let Some(length) = opaque_length(&source[index..]) else {
            index += c.len_utf8();
            continue;
        };
        if &source[index..index + length] == "in" {
            let right = source[index + length..].trim_start_matches(is_space);
            return Some((source[..index].trim_end_matches(is_space), right));
        }
        index += length;
    }
    None
}
