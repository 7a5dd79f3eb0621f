//! Expressions, with the precedence of nunjucks.

mod arithmetic;
mod cursor;
mod logic;
mod postfix;
mod primary;

use std::rc::Rc;

use crate::expression::failure::SourcePosition;
use crate::expression::lex::Word;
use crate::expression::parse::cursor::{ExpressionParser, ParseResult};
use crate::expression::syntax::{Expression, Macro};

pub fn expression(source: &str, place: SourcePosition) -> ParseResult<Expression> {
    let mut parser = ExpressionParser::new(source, place)?;
    let parsed = parser.inline_if()?;
    parser.end()?;
    Ok(parsed)
}

/// `a, b` on the left of `in` and `=`.
pub fn targets(source: &str, place: SourcePosition) -> ParseResult<Vec<Rc<str>>> {
    let mut parser = ExpressionParser::new(source, place)?;
    let mut names = vec![parser.target()?];
    while parser.take(",") {
        names.push(parser.target()?);
    }
    parser.end()?;
    Ok(names)
}

/// The parameters of a macro, `a, b=1`, without the parentheses; its body is still empty.
pub fn parameters(source: &str, place: SourcePosition) -> ParseResult<Macro> {
    let mut parser = ExpressionParser::new(source, place)?;
    let mut signature = Macro { parameters: Vec::new(), defaults: Vec::new(), body: Vec::new() };
    while !matches!(parser.peek(0), Word::End) {
        let name = parser.target()?;
        if parser.take("=") {
            signature.defaults.push((name, parser.inline_if()?));
        } else {
            signature.parameters.push(name);
        }
        if !parser.take(",") {
            break;
        }
    }
    parser.end()?;
    Ok(signature)
}

/// The rest of `{% filter name(arguments) %}`, applied to what the block renders to.
pub fn filter(source: &str, place: SourcePosition, input: Expression) -> ParseResult<Expression> {
    let mut parser = ExpressionParser::new(source, place)?;
    let parsed = parser.filter_on(input)?;
    parser.end()?;
    Ok(parsed)
}
