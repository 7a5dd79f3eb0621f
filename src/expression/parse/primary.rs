//! Literals, names, what stands in brackets, and arguments.

use std::rc::Rc;

use crate::expression::failure::{RenderFailure, SourcePosition};
use crate::expression::lex::Word;
use crate::expression::parse::cursor::{ExpressionParser, ParseResult};
use crate::expression::pattern::Pattern;
use crate::expression::syntax::{Arguments, Expression, SyntaxNode};

impl ExpressionParser {
    pub fn primary(&mut self) -> ParseResult<Expression> {
        let place = self.place();
        let node = match self.peek(0).clone() {
            Word::Number(number) => SyntaxNode::Number(number),
            Word::Text(text) => SyntaxNode::Text(text),
            Word::Pattern(source, flags) => {
                let pattern =
                    Pattern::new(&source, &flags).map_err(|message| RenderFailure::new(message, place))?;
                SyntaxNode::Pattern(Rc::new(pattern))
            }
            Word::Name(name) => match &*name {
                "true" => SyntaxNode::Bool(true),
                "false" => SyntaxNode::Bool(false),
                "none" | "null" => SyntaxNode::Null,
                _ => {
                    self.allowed(&name)?;
                    SyntaxNode::Name(name)
                }
            },
            _ => return self.bracketed(place),
        };
        self.skip(1);
        Ok(Expression { node, place })
    }

    fn bracketed(&mut self, place: SourcePosition) -> ParseResult<Expression> {
        let node = if self.take("(") {
            let items = self.nested(|parser| parser.listed(")"))?;
            if items.is_empty() {
                return Err(RenderFailure::new("there is nothing between the parentheses", place));
            }
            SyntaxNode::Group(items)
        } else if self.take("[") {
            SyntaxNode::List(self.nested(|parser| parser.listed("]"))?)
        } else if self.take("{") {
            SyntaxNode::Record(self.nested(Self::record)?)
        } else {
            return Err(self.unexpected("a value"));
        };
        Ok(Expression { node, place })
    }

    fn listed(&mut self, end: &str) -> ParseResult<Vec<Expression>> {
        let mut items = Vec::new();
        if self.take(end) {
            return Ok(items);
        }
        loop {
            items.push(self.inline_if()?);
            if !self.take(",") {
                break;
            }
        }
        self.need(end)?;
        Ok(items)
    }

    fn record(&mut self) -> ParseResult<Vec<(Rc<str>, Expression)>> {
        let mut entries = Vec::new();
        if self.take("}") {
            return Ok(entries);
        }
        loop {
            let key = match self.peek(0).clone() {
                Word::Text(text) => {
                    self.allowed(&text)?;
                    self.skip(1);
                    text
                }
                _ => self.target()?,
            };
            self.need(":")?;
            entries.push((key, self.inline_if()?));
            if !self.take(",") {
                break;
            }
        }
        self.need("}")?;
        Ok(entries)
    }

    pub fn arguments(&mut self) -> ParseResult<Arguments> {
        let mut arguments = Arguments::default();
        if self.take(")") {
            return Ok(arguments);
        }
        loop {
            let named = matches!((self.peek(0), self.peek(1)), (Word::Name(_), Word::Sign("=")));
            if named {
                let name = self.name()?;
                self.need("=")?;
                arguments.named.push((name, self.inline_if()?));
            } else {
                arguments.positional.push(self.inline_if()?);
            }
            if !self.take(",") {
                break;
            }
        }
        self.need(")")?;
        Ok(arguments)
    }
}
