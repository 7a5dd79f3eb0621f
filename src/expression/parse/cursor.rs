//! The tokens of an expression, and where its parser stands among them.

use std::rc::Rc;

use crate::expression::dialect::MAX_DEPTH;
use crate::expression::failure::{RenderFailure, SourcePosition};
use crate::expression::lex::{ExpressionToken, Word, tokens};

pub type ParseResult<T> = Result<T, RenderFailure>;

/// Names that lead out of plain data in JavaScript and are refused by Backstage's engine.
pub const RESERVED: &[&str] = &["constructor", "prototype", "__proto__"];

pub struct ExpressionParser {
    tokens: Vec<ExpressionToken>,
    index: usize,
    depth: usize,
}

impl ExpressionParser {
    pub fn new(source: &str, place: SourcePosition) -> ParseResult<Self> {
        Ok(Self { tokens: tokens(source, place)?, index: 0, depth: 0 })
    }

    pub fn peek(&self, ahead: usize) -> &Word {
        &self.tokens[(self.index + ahead).min(self.tokens.len() - 1)].word
    }

    pub fn place(&self) -> SourcePosition {
        self.tokens[self.index.min(self.tokens.len() - 1)].place
    }

    pub fn take(&mut self, sign: &str) -> bool {
        let found = matches!(self.peek(0), Word::Sign(found) if *found == sign);
        self.index += usize::from(found);
        found
    }

    pub fn take_name(&mut self, name: &str) -> bool {
        let found = matches!(self.peek(0), Word::Name(found) if &**found == name);
        self.index += usize::from(found);
        found
    }

    pub fn skip(&mut self, count: usize) {
        self.index += count;
    }

    pub fn need(&mut self, sign: &str) -> ParseResult<()> {
        if self.take(sign) { Ok(()) } else { Err(self.unexpected(&format!("'{sign}'"))) }
    }

    pub fn end(&self) -> ParseResult<()> {
        if matches!(self.peek(0), Word::End) {
            Ok(())
        } else {
            Err(self.unexpected("the end of the expression"))
        }
    }

    pub fn unexpected(&self, expected: &str) -> RenderFailure {
        let found = match self.peek(0) {
            Word::Name(name) => format!("'{name}'"),
            Word::Number(_) => "a number".into(),
            Word::Text(_) => "a text".into(),
            Word::Pattern(..) => "a regular expression".into(),
            Word::Sign(sign) => format!("'{sign}'"),
            Word::End => "the end".into(),
        };
        let failure = RenderFailure::new(format!("expected {expected}, found {found}"), self.place());
        let pipe = |word: Option<&ExpressionToken>| {
            matches!(word, Some(ExpressionToken { word: Word::Sign("|"), .. }))
        };
        match pipe(self.tokens.get(self.index)) && self.index > 0 && pipe(self.tokens.get(self.index - 1)) {
            true => failure.with_hint("write `or` instead of `||`"),
            false => failure,
        }
    }

    pub fn nested<T>(&mut self, parse: impl FnOnce(&mut Self) -> ParseResult<T>) -> ParseResult<T> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(RenderFailure::new("the expression is nested too deeply", self.place()));
        }
        let parsed = parse(self);
        self.depth -= 1;
        parsed
    }

    pub fn name(&mut self) -> ParseResult<Rc<str>> {
        let Word::Name(name) = self.peek(0) else { return Err(self.unexpected("a name")) };
        let name = Rc::clone(name);
        self.allowed(&name)?;
        self.index += 1;
        Ok(name)
    }

    pub fn allowed(&self, name: &str) -> ParseResult<()> {
        if RESERVED.contains(&name) {
            return Err(RenderFailure::new(format!("the name '{name}' is reserved"), self.place()));
        }
        Ok(())
    }

    pub fn target(&mut self) -> ParseResult<Rc<str>> {
        if matches!(self.peek(0), Word::Name(name) if matches!(&**name, "true" | "false" | "null" | "none")) {
            return Err(self.unexpected("a name that can be set"));
        }
        self.name()
    }
}
