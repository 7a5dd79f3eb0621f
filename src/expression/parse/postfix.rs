//! What binds tightest: filters, signs, members, subscripts and calls.

use std::rc::Rc;

use crate::expression::failure::RenderFailure;
use crate::expression::lex::Word;
use crate::expression::parse::cursor::{ExpressionParser, ParseResult, RESERVED};
use crate::expression::syntax::{Arguments, Expression, SyntaxNode};

impl ExpressionParser {
    pub fn filtered(&mut self) -> ParseResult<Expression> {
        let mut value = self.unary()?;
        while self.take("|") {
            value = self.filter_on(value)?;
        }
        Ok(value)
    }

    pub fn filter_on(&mut self, input: Expression) -> ParseResult<Expression> {
        let place = self.place();
        let mut name = self.name()?;
        while self.take(".") {
            name = Rc::from(format!("{name}.{}", self.name()?));
        }
        let arguments = if self.take("(") { self.nested(Self::arguments)? } else { Arguments::default() };
        Ok(Expression { node: SyntaxNode::Filter(name, Box::new(input), arguments), place })
    }

    fn unary(&mut self) -> ParseResult<Expression> {
        let place = self.place();
        for (sign, make) in
            [("-", SyntaxNode::Negative as fn(Box<Expression>) -> SyntaxNode), ("+", SyntaxNode::Positive)]
        {
            if self.take(sign) {
                let target = self.nested(Self::unary)?;
                let repeated = matches!(
                    (sign, &target.node),
                    ("-", SyntaxNode::Negative(_)) | ("+", SyntaxNode::Positive(_))
                );
                if repeated {
                    return Err(RenderFailure::new(
                        format!("'{sign}' twice in a row needs parentheses"),
                        target.place,
                    ));
                }
                return Ok(Expression { node: make(Box::new(target)), place });
            }
        }
        self.postfix()
    }

    fn postfix(&mut self) -> ParseResult<Expression> {
        let mut value = self.primary()?;
        loop {
            if self.take(".") {
                let place = self.place();
                let key = Expression { node: SyntaxNode::Text(self.name()?), place };
                value = Expression { node: SyntaxNode::Member(Box::new(value), Box::new(key)), place };
            } else if self.take("[") {
                value = self.nested(|parser| parser.subscript(value))?;
            } else if self.take("(") {
                let place = value.place;
                let arguments = self.nested(Self::arguments)?;
                value = Expression { node: SyntaxNode::Call(Box::new(value), arguments), place };
            } else {
                return Ok(value);
            }
        }
    }

    fn subscript(&mut self, target: Expression) -> ParseResult<Expression> {
        let place = self.place();
        let mut parts: [Option<Expression>; 3] = [None, None, None];
        let mut colons = 0;
        for part in &mut parts {
            if !matches!(self.peek(0), Word::Sign(":" | "]")) {
                *part = Some(self.inline_if()?);
            }
            if !self.take(":") {
                break;
            }
            colons += 1;
        }
        self.need("]")?;
        if colons > 0 {
            return Ok(Expression { node: SyntaxNode::Slice(Box::new(target), Box::new(parts)), place });
        }
        let [Some(key), ..] = parts else {
            return Err(self.unexpected("what to look up between the brackets"));
        };
        if let SyntaxNode::Text(name) = &key.node
            && RESERVED.contains(&&**name)
        {
            return Err(RenderFailure::new(format!("the name '{name}' is reserved"), place));
        }
        Ok(Expression { node: SyntaxNode::Member(Box::new(target), Box::new(key)), place })
    }
}
