//! Operators that choose, test and compare: from `if` down to `<`.

use std::rc::Rc;

use crate::expression::failure::{RenderFailure, SourcePosition};
use crate::expression::lex::Word;
use crate::expression::number::to_text;
use crate::expression::parse::cursor::{ExpressionParser, ParseResult};
use crate::expression::syntax::{Arguments, Expression, ExpressionOperator, SyntaxNode};

impl ExpressionParser {
    pub fn inline_if(&mut self) -> ParseResult<Expression> {
        let value = self.or()?;
        if !self.take_name("if") {
            return Ok(value);
        }
        let place = value.place;
        let condition = Box::new(self.or()?);
        let otherwise = if self.take_name("else") { Some(Box::new(self.nested(Self::or)?)) } else { None };
        Ok(Expression { node: SyntaxNode::When { value: Box::new(value), condition, otherwise }, place })
    }

    pub fn or(&mut self) -> ParseResult<Expression> {
        let mut left = self.and()?;
        while self.take_name("or") {
            let right = self.and()?;
            left = pair(SyntaxNode::Or, left, right);
        }
        Ok(left)
    }

    fn and(&mut self) -> ParseResult<Expression> {
        let mut left = self.not()?;
        while self.take_name("and") {
            let right = self.not()?;
            left = pair(SyntaxNode::And, left, right);
        }
        Ok(left)
    }

    fn not(&mut self) -> ParseResult<Expression> {
        let place = self.place();
        if self.take_name("not") {
            let target = self.nested(Self::not)?;
            return Ok(negated(target, place));
        }
        self.membership()
    }

    fn membership(&mut self) -> ParseResult<Expression> {
        let mut left = self.is()?;
        loop {
            let not_in = matches!((self.peek(0), self.peek(1)), (Word::Name(a), Word::Name(b)) if &**a == "not" && &**b == "in");
            if not_in {
                self.skip(2);
            } else if !self.take_name("in") {
                return Ok(left);
            }
            let place = left.place;
            let right = self.is()?;
            left = pair(SyntaxNode::In, left, right);
            if not_in {
                left = Expression { node: SyntaxNode::Not(Box::new(left)), place };
            }
        }
    }

    fn is(&mut self) -> ParseResult<Expression> {
        let left = self.equality()?;
        if !self.take_name("is") {
            return Ok(left);
        }
        let negate = self.take_name("not");
        let place = self.place();
        let (name, arguments) = test(self.equality()?);
        if !arguments.named.is_empty() {
            return Err(RenderFailure::new("a test takes no named arguments", place));
        }
        let test = Expression { node: SyntaxNode::Is(Box::new(left), name, arguments.positional), place };
        Ok(if negate { Expression { node: SyntaxNode::Not(Box::new(test)), place } } else { test })
    }

    fn equality(&mut self) -> ParseResult<Expression> {
        let operators = [
            ("===", ExpressionOperator::Same),
            ("!==", ExpressionOperator::NotSame),
            ("==", ExpressionOperator::Alike),
            ("!=", ExpressionOperator::Unlike),
        ];
        self.comparison(&operators, Self::relation)
    }

    fn relation(&mut self) -> ParseResult<Expression> {
        let operators = [
            ("<", ExpressionOperator::Less),
            ("<=", ExpressionOperator::LessOrSame),
            (">", ExpressionOperator::Greater),
            (">=", ExpressionOperator::GreaterOrSame),
        ];
        self.comparison(&operators, Self::sum)
    }

    fn comparison(
        &mut self,
        operators: &[(&str, ExpressionOperator)],
        operand: fn(&mut Self) -> ParseResult<Expression>,
    ) -> ParseResult<Expression> {
        let left = operand(self)?;
        let mut compared = Vec::new();
        while let Some((_, operator)) = operators.iter().find(|(sign, _)| self.take(sign)) {
            compared.push((*operator, operand(self)?));
        }
        if compared.is_empty() {
            return Ok(left);
        }
        let place = left.place;
        Ok(Expression { node: SyntaxNode::Compare(Box::new(left), compared), place })
    }
}

/// The test that stands behind `is`, and its arguments. As in nunjucks all of a comparison stands there, and one that
/// is no plain name asks for `undefined`: `x is defined == true` is `x is undefined`.
fn test(right: Expression) -> (Rc<str>, Arguments) {
    let (named, arguments) = match right.node {
        SyntaxNode::Call(target, arguments) => (target.node, arguments),
        SyntaxNode::Filter(name, input, mut arguments) => {
            arguments.positional.insert(0, *input);
            (SyntaxNode::Name(name), arguments)
        }
        other => (other, Arguments::default()),
    };
    let name = match named {
        SyntaxNode::Name(name) | SyntaxNode::Text(name) => name,
        SyntaxNode::Null => Rc::from("null"),
        SyntaxNode::Bool(flag) => Rc::from(if flag { "true" } else { "false" }),
        SyntaxNode::Number(number) => Rc::from(to_text(number)),
        _ => Rc::from("undefined"),
    };
    (name, arguments)
}

fn pair(
    make: fn(Box<Expression>, Box<Expression>) -> SyntaxNode,
    left: Expression,
    right: Expression,
) -> Expression {
    let place = left.place;
    Expression { node: make(Box::new(left), Box::new(right)), place }
}

/// `not` in front of a sum or comparison reaches only its first operand, as nunjucks' generated code has it: `not n == 2`
/// asks whether `(not n) == 2`.
fn negated(target: Expression, place: SourcePosition) -> Expression {
    let node = match target.node {
        SyntaxNode::Binary(operator, left, right) if operator != ExpressionOperator::Power => {
            SyntaxNode::Binary(operator, Box::new(negated(*left, place)), right)
        }
        SyntaxNode::Compare(left, compared) => SyntaxNode::Compare(Box::new(negated(*left, place)), compared),
        node => SyntaxNode::Not(Box::new(Expression { node, place: target.place })),
    };
    Expression { node, place }
}
