//! Operators that reckon: from `+` and `~` down to `**`.

use crate::scaffold::expression::parse::cursor::{Parsed, Parser};
use crate::scaffold::expression::syntax::{Expression, Node, Operator};

impl Parser {
    pub fn sum(&mut self) -> Parsed<Expression> {
        let mut left = self.product()?;
        loop {
            let operator = if self.take("+") {
                Operator::Add
            } else if self.take("-") {
                Operator::Subtract
            } else if self.take("~") {
                Operator::Join
            } else {
                return Ok(left);
            };
            let right = self.product()?;
            left = binary(operator, left, right);
        }
    }

    fn product(&mut self) -> Parsed<Expression> {
        let parts = self.multiplied()?;
        Ok(parts.folded())
    }

    /// nunjucks parses `*`, `/`, `//` and `%` on four levels but evaluates them from left to right; `//` alone ends a run.
    fn multiplied(&mut self) -> Parsed<Run> {
        let mut run = self.divided()?;
        while self.take("*") {
            let next = self.divided()?;
            run.append(Operator::Multiply, next);
        }
        Ok(run)
    }

    fn divided(&mut self) -> Parsed<Run> {
        let mut run = self.floored()?;
        while self.take("/") {
            let next = self.floored()?;
            run.append(Operator::Divide, next);
        }
        Ok(run)
    }

    fn floored(&mut self) -> Parsed<Run> {
        let mut run = self.remainders()?;
        while self.take("//") {
            let next = self.remainders()?;
            run.append(Operator::Divide, next);
            let quotient = run.folded();
            let place = quotient.place;
            let floor = Expression { node: Node::Floor(Box::new(quotient)), place };
            run = Run { first: floor, rest: Vec::new() };
        }
        Ok(run)
    }

    fn remainders(&mut self) -> Parsed<Run> {
        let mut run = Run { first: self.power()?, rest: Vec::new() };
        while self.take("%") {
            let next = self.power()?;
            run.rest.push((Operator::Remainder, next));
        }
        Ok(run)
    }

    fn power(&mut self) -> Parsed<Expression> {
        let mut left = self.filtered()?;
        while self.take("**") {
            let right = self.filtered()?;
            left = binary(Operator::Power, left, right);
        }
        Ok(left)
    }
}

/// Operands of one precedence and what stands between them.
struct Run {
    first: Expression,
    rest: Vec<(Operator, Expression)>,
}

impl Run {
    fn append(&mut self, operator: Operator, next: Run) {
        self.rest.push((operator, next.first));
        self.rest.extend(next.rest);
    }

    fn folded(self) -> Expression {
        self.rest.into_iter().fold(self.first, |left, (operator, right)| binary(operator, left, right))
    }
}

fn binary(operator: Operator, left: Expression, right: Expression) -> Expression {
    let place = left.place;
    Expression { node: Node::Binary(operator, Box::new(left), Box::new(right)), place }
}
