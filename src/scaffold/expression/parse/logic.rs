//! Operators that choose, test and compare: from `if` down to `<`.

use std::rc::Rc;

use crate::scaffold::expression::lex::Word;
use crate::scaffold::expression::number::to_text;
use crate::scaffold::expression::parse::cursor::{Parsed, Parser};
use crate::scaffold::expression::syntax::{Arguments, Expression, Node, Operator};
use crate::scaffold::expression::{Failure, Place};

impl Parser {
    pub fn inline_if(&mut self) -> Parsed<Expression> {
        let value = self.or()?;
        if !self.take_name("if") {
            return Ok(value);
        }
        let place = value.place;
        let condition = Box::new(self.or()?);
        let otherwise = if self.take_name("else") { Some(Box::new(self.nested(Self::or)?)) } else { None };
        Ok(Expression { node: Node::When { value: Box::new(value), condition, otherwise }, place })
    }

    pub fn or(&mut self) -> Parsed<Expression> {
        let mut left = self.and()?;
        while self.take_name("or") {
            let right = self.and()?;
            left = pair(Node::Or, left, right);
        }
        Ok(left)
    }

    fn and(&mut self) -> Parsed<Expression> {
        let mut left = self.not()?;
        while self.take_name("and") {
            let right = self.not()?;
            left = pair(Node::And, left, right);
        }
        Ok(left)
    }

    fn not(&mut self) -> Parsed<Expression> {
        let place = self.place();
        if self.take_name("not") {
            let target = self.nested(Self::not)?;
            return Ok(negated(target, place));
        }
        self.membership()
    }

    fn membership(&mut self) -> Parsed<Expression> {
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
            left = pair(Node::In, left, right);
            if not_in {
                left = Expression { node: Node::Not(Box::new(left)), place };
            }
        }
    }

    fn is(&mut self) -> Parsed<Expression> {
        let left = self.equality()?;
        if !self.take_name("is") {
            return Ok(left);
        }
        let negate = self.take_name("not");
        let place = self.place();
        let (name, arguments) = test(self.equality()?);
        if !arguments.named.is_empty() {
            return Err(Failure::new("a test takes no named arguments", place));
        }
        let test = Expression { node: Node::Is(Box::new(left), name, arguments.positional), place };
        Ok(if negate { Expression { node: Node::Not(Box::new(test)), place } } else { test })
    }

    fn equality(&mut self) -> Parsed<Expression> {
        let operators = [
            ("===", Operator::Same),
            ("!==", Operator::NotSame),
            ("==", Operator::Alike),
            ("!=", Operator::Unlike),
        ];
        self.comparison(&operators, Self::relation)
    }

    fn relation(&mut self) -> Parsed<Expression> {
        let operators = [
            ("<", Operator::Less),
            ("<=", Operator::LessOrSame),
            (">", Operator::Greater),
            (">=", Operator::GreaterOrSame),
        ];
        self.comparison(&operators, Self::sum)
    }

    fn comparison(
        &mut self,
        operators: &[(&str, Operator)],
        operand: fn(&mut Self) -> Parsed<Expression>,
    ) -> Parsed<Expression> {
        let left = operand(self)?;
        let mut compared = Vec::new();
        while let Some((_, operator)) = operators.iter().find(|(sign, _)| self.take(sign)) {
            compared.push((*operator, operand(self)?));
        }
        if compared.is_empty() {
            return Ok(left);
        }
        let place = left.place;
        Ok(Expression { node: Node::Compare(Box::new(left), compared), place })
    }
}

/// The test that stands behind `is`, and its arguments. As in nunjucks all of a comparison stands there, and one that
/// is no plain name asks for `undefined`: `x is defined == true` is `x is undefined`.
fn test(right: Expression) -> (Rc<str>, Arguments) {
    let (named, arguments) = match right.node {
        Node::Call(target, arguments) => (target.node, arguments),
        Node::Filter(name, input, mut arguments) => {
            arguments.positional.insert(0, *input);
            (Node::Name(name), arguments)
        }
        other => (other, Arguments::default()),
    };
    let name = match named {
        Node::Name(name) | Node::Text(name) => name,
        Node::Null => Rc::from("null"),
        Node::Bool(flag) => Rc::from(if flag { "true" } else { "false" }),
        Node::Number(number) => Rc::from(to_text(number)),
        _ => Rc::from("undefined"),
    };
    (name, arguments)
}

fn pair(
    make: fn(Box<Expression>, Box<Expression>) -> Node,
    left: Expression,
    right: Expression,
) -> Expression {
    let place = left.place;
    Expression { node: make(Box::new(left), Box::new(right)), place }
}

/// `not` in front of a sum or comparison reaches only its first operand, as nunjucks' generated code has it: `not n == 2`
/// asks whether `(not n) == 2`.
fn negated(target: Expression, place: Place) -> Expression {
    let node = match target.node {
        Node::Binary(operator, left, right) if operator != Operator::Power => {
            Node::Binary(operator, Box::new(negated(*left, place)), right)
        }
        Node::Compare(left, compared) => Node::Compare(Box::new(negated(*left, place)), compared),
        node => Node::Not(Box::new(Expression { node, place: target.place })),
    };
    Expression { node, place }
}
