//! From a parser's events to a value and the places of its nodes, in one pass and within limits.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use serde_saphyr::granit_parser::{
    ErrorKind, Event, Marker, Parser, ScalarStyle, Span, StrInput, Tag, options,
};

use crate::yaml::document::{Document, YamlLimits};
use crate::yaml::mark::{Inside, Mark, Spot};
use crate::yaml::problem::{Place, Problem};
use crate::yaml::scalar;
use crate::yaml::stream::DocumentText;

/// The documents of one piece of a stream: nearly always one.
/// `nodes` counts those of the whole file.
pub fn documents(
    name: &str,
    piece: &DocumentText<'_>,
    limits: &YamlLimits,
    nodes: &mut usize,
) -> Vec<Result<Document, Problem>> {
    if let Err(problem) = check_characters(name, piece) {
        return vec![Err(problem)];
    }
    let options = options! {
        emit_comments: false,
        flow_nesting_limit: limits.depth + 1,
        block_nesting_limit: limits.depth + 1,
    };
    let mut reader = YamlReader {
        name,
        line: piece.line,
        limits,
        parser: Parser::new_from_str_with_options(piece.text, options),
        anchors: BTreeMap::new(),
        nodes,
        aliases: 0,
        copied_bytes: 0,
    };
    let mut found = Vec::new();
    loop {
        match reader.document() {
            Ok(None) => return found,
            Ok(Some(YamlNode { value: Value::Null, .. })) => {}
            Ok(Some(YamlNode { value, mark, .. })) => {
                found.push(Ok(Document { name: name.to_string(), value, mark }));
            }
            // What was read before belongs to the same broken text.
            Err(problem) => return vec![Err(problem)],
        }
    }
}

/// A NUL or another control character is no text; parsers differ on what follows one.
fn check_characters(name: &str, piece: &DocumentText<'_>) -> Result<(), Problem> {
    // No byte of a longer character is one of these.
    let wrong = |byte: u8| byte.is_ascii_control() && !matches!(byte, b'\t' | b'\n' | b'\r');
    let Some(at) = piece.text.bytes().position(wrong) else { return Ok(()) };
    let before = &piece.text[..at];
    let line = piece.line + before.matches('\n').count();
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    let code = u32::from(piece.text[at..].chars().next().unwrap_or_default());
    Err(Problem::new(
        Place::new(name, line, column),
        format!("the control character U+{code:04X} is not allowed in YAML"),
    ))
}

/// A value, where it stands, and what a copy of it costs.
#[derive(Clone)]
struct YamlNode {
    value: Value,
    mark: Mark,
    nodes: usize,
    bytes: usize,
}

struct YamlReader<'a> {
    name: &'a str,
    /// The line of the file on which the parser's line 1 lies.
    line: usize,
    limits: &'a YamlLimits,
    parser: Parser<'a, StrInput<'a>>,
    anchors: BTreeMap<usize, YamlNode>,
    nodes: &'a mut usize,
    aliases: usize,
    copied_bytes: usize,
}

impl<'a> YamlReader<'a> {
    /// The next document of the stream.
    fn document(&mut self) -> Result<Option<YamlNode>, Problem> {
        loop {
            match self.next()? {
                None | Some((Event::StreamEnd, _)) => return Ok(None),
                Some((Event::StreamStart | Event::DocumentStart(..) | Event::DocumentEnd, _)) => {}
                Some((event, span)) => {
                    self.anchors.clear();
                    return self.node(event, span, 0).map(Some);
                }
            }
        }
    }

    fn next(&mut self) -> Result<Option<(Event<'a>, Span)>, Problem> {
        self.parser.next().transpose().map_err(|error| match error.kind() {
            ErrorKind::RecursionLimitExceeded => self.too_deep(*error.marker()),
            _ => self.problem(*error.marker(), error.info()),
        })
    }

    /// The node that an event begins. The depth is bounded, so that recursion is.
    fn node(&mut self, event: Event<'a>, span: Span, depth: usize) -> Result<YamlNode, Problem> {
        *self.nodes += 1;
        if *self.nodes > self.limits.nodes {
            let message = format!("the file has more than {} nodes", self.limits.nodes);
            return Err(self.problem(span.start, message));
        }
        if depth >= self.limits.depth {
            return Err(self.too_deep(span.start));
        }
        let (node, anchor) = match event {
            Event::Scalar(text, style, anchor, tag) => {
                (self.scalar(&text, style, tag.as_deref(), span)?, anchor)
            }
            Event::SequenceStart(_, anchor, _) => (self.sequence(span, depth)?, anchor),
            Event::MappingStart(_, anchor, _) => (self.mapping(span, depth)?, anchor),
            Event::Alias(anchor) => (self.alias(anchor, span)?, 0),
            _ => return Err(self.problem(span.start, "a value was expected here")),
        };
        if anchor != 0 {
            self.charge(&node, span)?;
            self.anchors.insert(anchor, node.clone());
        }
        Ok(node)
    }

    fn scalar(
        &self,
        text: &str,
        style: ScalarStyle,
        tag: Option<&Tag>,
        span: Span,
    ) -> Result<YamlNode, Problem> {
        let plain = style == ScalarStyle::Plain;
        let value = match tag.map(Tag::core_suffix) {
            None if plain => scalar::plain(text),
            None => Value::String(text.to_string()),
            Some(Some(kind @ ("int" | "float" | "bool" | "null"))) => {
                let value = scalar::plain(text);
                let fits = match kind {
                    "bool" => value.is_boolean(),
                    "null" => value.is_null(),
                    _ => value.is_number(),
                };
                if !fits {
                    return Err(self.problem(span.start, format!("{text:?} is no !!{kind}")));
                }
                value
            }
            Some(_) => Value::String(text.to_string()),
        };
        let mark = Mark { spot: self.spot(span.start), inside: Inside::Nothing };
        Ok(YamlNode { value, mark, nodes: 1, bytes: text.len() })
    }

    fn sequence(&mut self, span: Span, depth: usize) -> Result<YamlNode, Problem> {
        let (mut items, mut marks, mut nodes, mut bytes) = (Vec::new(), Vec::new(), 1, 0);
        loop {
            match self.next()? {
                None => return Err(self.problem(span.start, "the list has no end")),
                Some((Event::SequenceEnd, _)) => break,
                Some((event, span)) => {
                    let node = self.node(event, span, depth + 1)?;
                    items.push(node.value);
                    marks.push(node.mark);
                    nodes += node.nodes;
                    bytes += node.bytes;
                }
            }
        }
        let mark = Mark { spot: self.spot(span.start), inside: Inside::Items(marks) };
        Ok(YamlNode { value: Value::Array(items), mark, nodes, bytes })
    }

    fn mapping(&mut self, span: Span, depth: usize) -> Result<YamlNode, Problem> {
        let (mut map, mut marks, mut nodes, mut bytes) = (Map::new(), Vec::new(), 1, 0);
        loop {
            let (key, key_span) = match self.next()? {
                None => return Err(self.problem(span.start, "the map has no end")),
                Some((Event::MappingEnd, _)) => break,
                Some((event, key_span)) => (self.key(event, key_span, depth)?, key_span),
            };
            if map.contains_key(&key) {
                let message = format!("the key {:?} stands twice in this map", short(&key));
                return Err(self.problem(key_span.start, message));
            }
            let Some((event, value_span)) = self.next()? else {
                return Err(self.problem(key_span.start, "the key has no value"));
            };
            let empty = matches!(event, Event::Scalar(..)) && value_span.start == value_span.end;
            let mut node = self.node(event, value_span, depth + 1)?;
            if empty {
                node.mark.spot = self.spot(key_span.start);
            }
            nodes += node.nodes + 1;
            bytes += node.bytes + key.len();
            map.insert(key, node.value);
            marks.push((self.spot(key_span.start), node.mark));
        }
        let mark = Mark { spot: self.spot(span.start), inside: Inside::Fields(marks) };
        Ok(YamlNode { value: Value::Object(map), mark, nodes, bytes })
    }

    /// A key is the text it was written as: `8080:` is the key "8080".
    fn key(&mut self, event: Event<'a>, span: Span, depth: usize) -> Result<String, Problem> {
        if let Event::Scalar(text, _, 0, None) = &event {
            *self.nodes += 1;
            return Ok(text.to_string());
        }
        match self.node(event, span, depth + 1)?.value {
            Value::String(text) => Ok(text),
            Value::Null => Ok(String::new()),
            // Backstage's reader makes a text of it, too: `{{ host }}` without quotes is common in templates.
            other => Ok(flow(&other)),
        }
    }

    fn alias(&mut self, anchor: usize, span: Span) -> Result<YamlNode, Problem> {
        let Some(mut copy) = self.anchors.get(&anchor).cloned() else {
            return Err(self.problem(span.start, "the alias stands inside what it names"));
        };
        self.aliases += 1;
        self.charge(&copy, span)?;
        copy.mark.spot = self.spot(span.start);
        Ok(copy)
    }

    /// A copy costs what the original did; both the keeping of an anchor and each alias are copies.
    fn charge(&mut self, copy: &YamlNode, span: Span) -> Result<(), Problem> {
        *self.nodes += copy.nodes;
        self.copied_bytes += copy.bytes;
        let YamlLimits { aliases, nodes, copied_bytes, .. } = *self.limits;
        if self.aliases > aliases || *self.nodes > nodes || self.copied_bytes > copied_bytes {
            return Err(self.problem(span.start, "the aliases of this document repeat too much"));
        }
        Ok(())
    }

    fn too_deep(&self, marker: Marker) -> Problem {
        self.problem(marker, format!("the document is nested more than {} levels deep", self.limits.depth))
    }

    fn spot(&self, marker: Marker) -> Spot {
        let line = self.line + marker.line().max(1) - 1;
        Spot {
            line: u32::try_from(line).unwrap_or(u32::MAX),
            column: u32::try_from(marker.col() + 1).unwrap_or(u32::MAX),
        }
    }

    fn problem(&self, marker: Marker, message: impl Into<String>) -> Problem {
        let spot = self.spot(marker);
        Problem::new(Place::new(self.name, spot.line as usize, spot.column as usize), message)
    }
}

/// A value as it is written on one line, which is what a list or a map comes to as a key.
fn flow(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) if items.is_empty() => "[]".to_string(),
        Value::Array(items) => format!("[ {} ]", items.iter().map(flow).collect::<Vec<_>>().join(", ")),
        Value::Object(map) if map.is_empty() => "{}".to_string(),
        Value::Object(map) => {
            let field = |(key, value): (&String, &Value)| match value {
                Value::Null => key.clone(),
                value => format!("{key}: {}", flow(value)),
            };
            format!("{{ {} }}", map.iter().map(field).collect::<Vec<_>>().join(", "))
        }
        other => other.to_string(),
    }
}

/// A mistaken key may be a page of text; a message quotes its beginning.
fn short(text: &str) -> String {
    match text.char_indices().nth(60) {
        Some((at, _)) => format!("{}...", &text[..at]),
        None => text.to_string(),
    }
}
