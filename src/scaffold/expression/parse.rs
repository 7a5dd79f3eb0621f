//! Expressions, with the precedence of nunjucks.

use std::rc::Rc;

use crate::scaffold::expression::lex::{Token, Word, tokens};
use crate::scaffold::expression::pattern::Pattern;
use crate::scaffold::expression::syntax::{Arguments, Expression, Macro, Node, Operator};
use crate::scaffold::expression::{Failure, MAX_DEPTH, Place};

type Parsed<T> = Result<T, Failure>;

/// Names that lead out of plain data in JavaScript and are refused by Backstage's engine.
const RESERVED: &[&str] = &["constructor", "prototype", "__proto__"];

pub fn expression(source: &str, place: Place) -> Parsed<Expression> {
    let mut parser = Parser::new(source, place)?;
    let parsed = parser.inline_if()?;
    parser.end()?;
    Ok(parsed)
}

/// `a, b` on the left of `in` and `=`.
pub fn targets(source: &str, place: Place) -> Parsed<Vec<Rc<str>>> {
    let mut parser = Parser::new(source, place)?;
    let mut names = vec![parser.target()?];
    while parser.take(",") {
        names.push(parser.target()?);
    }
    parser.end()?;
    Ok(names)
}

/// The parameters of a macro, `a, b=1`, without the parentheses; its body is still empty.
pub fn parameters(source: &str, place: Place) -> Parsed<Macro> {
    let mut parser = Parser::new(source, place)?;
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
pub fn filter(source: &str, place: Place, input: Expression) -> Parsed<Expression> {
    let mut parser = Parser::new(source, place)?;
    let parsed = parser.filter_on(input)?;
    parser.end()?;
    Ok(parsed)
}

struct Parser {
    tokens: Vec<Token>,
    index: usize,
    depth: usize,
}

impl Parser {
    fn new(source: &str, place: Place) -> Parsed<Self> {
        Ok(Self { tokens: tokens(source, place)?, index: 0, depth: 0 })
    }

    fn peek(&self, ahead: usize) -> &Word {
        &self.tokens[(self.index + ahead).min(self.tokens.len() - 1)].word
    }

    fn place(&self) -> Place {
        self.tokens[self.index.min(self.tokens.len() - 1)].place
    }

    fn take(&mut self, sign: &str) -> bool {
        let found = matches!(self.peek(0), Word::Sign(found) if *found == sign);
        self.index += usize::from(found);
        found
    }

    fn take_name(&mut self, name: &str) -> bool {
        let found = matches!(self.peek(0), Word::Name(found) if &**found == name);
        self.index += usize::from(found);
        found
    }

    fn need(&mut self, sign: &str) -> Parsed<()> {
        if self.take(sign) { Ok(()) } else { Err(self.unexpected(&format!("'{sign}'"))) }
    }

    fn end(&self) -> Parsed<()> {
        if matches!(self.peek(0), Word::End) {
            Ok(())
        } else {
            Err(self.unexpected("the end of the expression"))
        }
    }

    fn unexpected(&self, expected: &str) -> Failure {
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

    fn nested<T>(&mut self, parse: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(Failure::new("the expression is nested too deeply", self.place()));
        }
        let parsed = parse(self);
        self.depth -= 1;
        parsed
    }

    fn name(&mut self) -> Parsed<Rc<str>> {
        let Word::Name(name) = self.peek(0) else { return Err(self.unexpected("a name")) };
        let name = Rc::clone(name);
        self.allowed(&name)?;
        self.index += 1;
        Ok(name)
    }

    fn allowed(&self, name: &str) -> Parsed<()> {
        if RESERVED.contains(&name) {
            return Err(Failure::new(format!("the name '{name}' is reserved"), self.place()));
        }
        Ok(())
    }

    fn target(&mut self) -> Parsed<Rc<str>> {
        if matches!(self.peek(0), Word::Name(name) if matches!(&**name, "true" | "false" | "null" | "none")) {
            return Err(self.unexpected("a name that can be set"));
        }
        self.name()
    }

    fn inline_if(&mut self) -> Parsed<Expression> {
        let value = self.or()?;
        if !self.take_name("if") {
            return Ok(value);
        }
        let place = value.place;
        let condition = Box::new(self.or()?);
        let otherwise = if self.take_name("else") { Some(Box::new(self.nested(Self::or)?)) } else { None };
        Ok(Expression { node: Node::When { value: Box::new(value), condition, otherwise }, place })
    }

    fn or(&mut self) -> Parsed<Expression> {
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
                self.index += 2;
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
        let name = match self.name()? {
            none if &*none == "none" => Rc::from("null"),
            name => name,
        };
        let arguments = if self.take("(") { self.nested(Self::arguments)? } else { Arguments::default() };
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

    fn sum(&mut self) -> Parsed<Expression> {
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

    fn filtered(&mut self) -> Parsed<Expression> {
        let mut value = self.unary()?;
        while self.take("|") {
            value = self.filter_on(value)?;
        }
        Ok(value)
    }

    fn filter_on(&mut self, input: Expression) -> Parsed<Expression> {
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
            let place = self.place();
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
                let _ = place;
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

    fn primary(&mut self) -> Parsed<Expression> {
        let place = self.place();
        let node = match self.peek(0).clone() {
            Word::Number(number) => Node::Number(number),
            Word::Text(text) => Node::Text(text),
            Word::Pattern(source, flags) => {
                let pattern =
                    Pattern::new(&source, &flags).map_err(|message| Failure::new(message, place))?;
                Node::Pattern(Rc::new(pattern))
            }
            Word::Name(name) => match &*name {
                "true" => Node::Bool(true),
                "false" => Node::Bool(false),
                "none" | "null" => Node::Null,
                _ => {
                    self.allowed(&name)?;
                    Node::Name(name)
                }
            },
            _ => return self.bracketed(place),
        };
        self.index += 1;
        Ok(Expression { node, place })
    }

    fn bracketed(&mut self, place: Place) -> Parsed<Expression> {
        let node = if self.take("(") {
            let items = self.nested(|parser| parser.listed(")"))?;
            if items.is_empty() {
                return Err(Failure::new("there is nothing between the parentheses", place));
            }
            Node::Group(items)
        } else if self.take("[") {
            Node::List(self.nested(|parser| parser.listed("]"))?)
        } else if self.take("{") {
            Node::Record(self.nested(Self::record)?)
        } else {
            return Err(self.unexpected("a value"));
        };
        Ok(Expression { node, place })
    }

    fn listed(&mut self, end: &str) -> Parsed<Vec<Expression>> {
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

    fn record(&mut self) -> Parsed<Vec<(Rc<str>, Expression)>> {
        let mut entries = Vec::new();
        if self.take("}") {
            return Ok(entries);
        }
        loop {
            let key = match self.peek(0).clone() {
                Word::Text(text) => {
                    self.allowed(&text)?;
                    self.index += 1;
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

    fn arguments(&mut self) -> Parsed<Arguments> {
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

fn pair(
    make: fn(Box<Expression>, Box<Expression>) -> Node,
    left: Expression,
    right: Expression,
) -> Expression {
    let place = left.place;
    Expression { node: make(Box::new(left), Box::new(right)), place }
}

fn binary(operator: Operator, left: Expression, right: Expression) -> Expression {
    let place = left.place;
    Expression { node: Node::Binary(operator, Box::new(left), Box::new(right)), place }
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
