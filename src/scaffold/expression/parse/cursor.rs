//! The tokens of an expression, and where its parser stands among them.

use std::rc::Rc;

use crate::scaffold::expression::lex::{Token, Word, tokens};
use crate::scaffold::expression::{Failure, MAX_DEPTH, Place};

pub type Parsed<T> = Result<T, Failure>;

/// Names that lead out of plain data in JavaScript and are refused by Backstage's engine.
pub const RESERVED: &[&str] = &["constructor", "prototype", "__proto__"];

pub struct Parser {
    tokens: Vec<Token>,
    index: usize,
    depth: usize,
}

impl Parser {
    pub fn new(source: &str, place: Place) -> Parsed<Self> {
        Ok(Self { tokens: tokens(source, place)?, index: 0, depth: 0 })
    }

    pub fn peek(&self, ahead: usize) -> &Word {
        &self.tokens[(self.index + ahead).min(self.tokens.len() - 1)].word
    }

    pub fn place(&self) -> Place {
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

    pub fn need(&mut self, sign: &str) -> Parsed<()> {
        if self.take(sign) { Ok(()) } else { Err(self.unexpected(&format!("'{sign}'"))) }
    }

    pub fn end(&self) -> Parsed<()> {
        if matches!(self.peek(0), Word::End) {
            Ok(())
        } else {
            Err(self.unexpected("the end of the expression"))
        }
    }

    pub fn unexpected(&self, expected: &str) -> Failure {
        let found = match self.peek(0) {
            Word::Name(name) => format!("'{name}'"),
            Word::Number(_) => "a number".into(),
            Word::Text(_) => "a text".into(),
            Word::Pattern(..) => "a regular expression".into(),
            Word::Sign(sign) => format!("'{sign}'"),
            Word::End => "the end".into(),
        };
        Failure::new(format!("expected {expected}, found {found}"), self.place())
    }

    pub fn nested<T>(&mut self, parse: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(Failure::new("the expression is nested too deeply", self.place()));
        }
        let parsed = parse(self);
        self.depth -= 1;
        parsed
    }

    pub fn name(&mut self) -> Parsed<Rc<str>> {
        let Word::Name(name) = self.peek(0) else { return Err(self.unexpected("a name")) };
        let name = Rc::clone(name);
        self.allowed(&name)?;
        self.index += 1;
        Ok(name)
    }

    pub fn allowed(&self, name: &str) -> Parsed<()> {
        if RESERVED.contains(&name) {
            return Err(Failure::new(format!("the name '{name}' is reserved"), self.place()));
        }
        Ok(())
    }

    pub fn target(&mut self) -> Parsed<Rc<str>> {
        if matches!(self.peek(0), Word::Name(name) if matches!(&**name, "true" | "false" | "null" | "none")) {
            return Err(self.unexpected("a name that can be set"));
        }
        self.name()
    }
}
