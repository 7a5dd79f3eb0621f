//! Operators that reckon: from `+` and `~` down to `**`.

use crate::expression::parse::cursor::{ExpressionParser, ParseResult};
use crate::expression::syntax::{Expression, ExpressionOperator, SyntaxNode};

impl ExpressionParser {
    pub fn sum(&mut self) -> ParseResult<Expression> {
        let mut left = self.product()?;
        loop {
            let operator = if self.take("+") {
                ExpressionOperator::Add
            } else if self.take("-") {
                ExpressionOperator::Subtract
            } else if self.take("~") {
                ExpressionOperator::Join
            } else {
                return Ok(left);
            };
            let right = self.product()?;
            left = binary(operator, left, right);
        }
    }

    fn product(&mut self) -> ParseResult<Expression> {
        let parts = self.multiplied()?;
        Ok(parts.folded())
    }

    /// nunjucks parses `*`, `/`, `//` and `%` on four levels but evaluates them from left to right; `//` alone ends a run.
    fn multiplied(&mut self) -> ParseResult<OperandRun> {
        let mut run = self.divided()?;
        while self.take("*") {
            let next = self.divided()?;
            run.append(ExpressionOperator::Multiply, next);
        }
        Ok(run)
    }

    fn divided(&mut self) -> ParseResult<OperandRun> {
        let mut run = self.floored()?;
        while self.take("/") {
            let next = self.floored()?;
            run.append(ExpressionOperator::Divide, next);
        }
        Ok(run)
    }

    fn floored(&mut self) -> ParseResult<OperandRun> {
        let mut run = self.remainders()?;
        while self.take("//") {
            let next = self.remainders()?;
            run.append(ExpressionOperator::Divide, next);
            let quotient = run.folded();
            let place = quotient.place;
            let floor = Expression { node: SyntaxNode::Floor(Box::new(quotient)), place };
            run = OperandRun { first: floor, rest: Vec::new() };
        }
        Ok(run)
    }

    fn remainders(&mut self) -> ParseResult<OperandRun> {
        let mut run = OperandRun { first: self.power()?, rest: Vec::new() };
        while self.take("%") {
            let next = self.power()?;
            run.rest.push((ExpressionOperator::Remainder, next));
        }
        Ok(run)
    }

    fn power(&mut self) -> ParseResult<Expression> {
        let mut left = self.filtered()?;
        while self.take("**") {
            let right = self.filtered()?;
            left = binary(ExpressionOperator::Power, left, right);
        }
        Ok(left)
    }
}

/// Operands of one precedence and what stands between them.
struct OperandRun {
    first: Expression,
    rest: Vec<(ExpressionOperator, Expression)>,
}

impl OperandRun {
    fn append(&mut self, operator: ExpressionOperator, next: OperandRun) {
        self.rest.push((operator, next.first));
        self.rest.extend(next.rest);
    }

    fn folded(self) -> Expression {
        self.rest.into_iter().fold(self.first, |left, (operator, right)| binary(operator, left, right))
    }
}

fn binary(operator: ExpressionOperator, left: Expression, right: Expression) -> Expression {
    let place = left.place;
    Expression { node: SyntaxNode::Binary(operator, Box::new(left), Box::new(right)), place }
}
