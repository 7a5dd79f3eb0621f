//! What binds tightest: filters, signs, members, subscripts and calls.

use std::rc::Rc;

use crate::scaffold::expression::Failure;
use crate::scaffold::expression::lex::Word;
use crate::scaffold::expression::parse::cursor::{Parsed, Parser, RESERVED};
use crate::scaffold::expression::syntax::{Arguments, Expression, Node};

impl Parser {
    pub fn filtered(&mut self) -> Parsed<Expression> {
        let mut value = self.unary()?;
        while self.take("|") {
            value = self.filter_on(value)?;
        }
        Ok(value)
    }

    pub fn filter_on(&mut self, input: Expression) -> Parsed<Expression> {
        let place = self.place();
        let mut name = self.name()?;
        while self.take(".") {
            name = Rc::from(format!("{name}.{}", self.name()?));
        }
        let arguments = if self.take("(") { self.nested(Self::arguments)? } else { Arguments::default() };
        Ok(Expression { node: Node::Filter(name, Box::new(input), arguments), place })
    }

    fn unary(&mut self) -> Parsed<Expression> {
        let place = self.place();
        for (sign, make) in [("-", Node::Negative as fn(Box<Expression>) -> Node), ("+", Node::Positive)] {
            if self.take(sign) {
                let target = self.nested(Self::unary)?;
                let repeated =
                    matches!((sign, &target.node), ("-", Node::Negative(_)) | ("+", Node::Positive(_)));
                if repeated {
                    return Err(Failure::new(
                        format!("'{sign}' twice in a row needs parentheses"),
                        target.place,
                    ));
                }
                return Ok(Expression { node: make(Box::new(target)), place });
            }
        }
        self.postfix()
    }

    fn postfix(&mut self) -> Parsed<Expression> {
        let mut value = self.primary()?;
        loop {
            if self.take(".") {
                let place = self.place();
                let key = Expression { node: Node::Text(self.name()?), place };
                value = Expression { node: Node::Member(Box::new(value), Box::new(key)), place };
            } else if self.take("[") {
                value = self.nested(|parser| parser.subscript(value))?;
            } else if self.take("(") {
                let place = value.place;
                let arguments = self.nested(Self::arguments)?;
                value = Expression { node: Node::Call(Box::new(value), arguments), place };
            } else {
                return Ok(value);
            }
        }
    }

    fn subscript(&mut self, target: Expression) -> Parsed<Expression> {
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
            return Ok(Expression { node: Node::Slice(Box::new(target), Box::new(parts)), place });
        }
        let [Some(key), ..] = parts else {
            return Err(self.unexpected("what to look up between the brackets"));
        };
        if let Node::Text(name) = &key.node
            && RESERVED.contains(&&**name)
        {
            return Err(Failure::new(format!("the name '{name}' is reserved"), place));
        }
        Ok(Expression { node: Node::Member(Box::new(target), Box::new(key)), place })
    }
}
