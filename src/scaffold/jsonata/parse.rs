//! JSONata text as an expression, by the binding powers of its reference implementation.

use std::rc::Rc;

use crate::scaffold::jsonata::lex::{JsonataLexer, JsonataToken};
use crate::scaffold::jsonata::syntax::{
    JsonataExpr, JsonataLambda, JsonataNode, JsonataOperator, JsonataPair, JsonataTransform,
};

type Parsed<T = JsonataExpr> = Result<T, String>;

const MAX_LENGTH: usize = 64 << 10;
const MAX_DEPTH: usize = 60;

pub fn parse(source: &str) -> Parsed {
    if source.len() > MAX_LENGTH {
        return Err("the expression is too long".into());
    }
    let mut parser = JsonataParser { lexer: JsonataLexer::new(source), token: JsonataToken::End, depth: 0 };
    parser.advance(false)?;
    let expression = parser.expression(0)?;
    match &parser.token {
        JsonataToken::End => Ok(expression),
        other => Err(format!("{} is too much", shown(other))),
    }
}

struct JsonataParser<'a> {
    lexer: JsonataLexer<'a>,
    token: JsonataToken,
    depth: usize,
}

/// How strongly a sign binds to what stands before it.
fn power(token: &JsonataToken) -> u8 {
    let JsonataToken::Sign(sign) = token else { return 0 };
    match *sign {
        "." => 75,
        "[" | "(" | "@" | "#" => 80,
        "{" => 70,
        "*" | "/" | "%" => 60,
        "+" | "-" | "&" => 50,
        "=" | "!=" | "<" | "<=" | ">" | ">=" | "^" | "~>" | "in" | "?:" | "??" => 40,
        "and" => 30,
        "or" => 25,
        "?" => 20,
        ":=" => 10,
        _ => 0,
    }
}

fn operator(sign: &str) -> Option<JsonataOperator> {
    Some(match sign {
        "+" => JsonataOperator::Add,
        "-" => JsonataOperator::Subtract,
        "*" => JsonataOperator::Multiply,
        "/" => JsonataOperator::Divide,
        "%" => JsonataOperator::Remainder,
        "&" => JsonataOperator::Join,
        "=" => JsonataOperator::Equal,
        "!=" => JsonataOperator::Unequal,
        "<" => JsonataOperator::Less,
        "<=" => JsonataOperator::LessOrEqual,
        ">" => JsonataOperator::Greater,
        ">=" => JsonataOperator::GreaterOrEqual,
        "and" => JsonataOperator::And,
        "or" => JsonataOperator::Or,
        "in" => JsonataOperator::In,
        "~>" => JsonataOperator::Apply,
        "?:" => JsonataOperator::Else,
        "??" => JsonataOperator::Otherwise,
        _ => return None,
    })
}

fn shown(token: &JsonataToken) -> String {
    match token {
        JsonataToken::Sign(sign) => format!("'{sign}'"),
        JsonataToken::Name(name) => format!("'{name}'"),
        JsonataToken::Variable(name) => format!("'${name}'"),
        JsonataToken::Text(text) => format!("\"{text}\""),
        JsonataToken::Number(number) => format!("'{number}'"),
        JsonataToken::Bool(flag) => format!("'{flag}'"),
        JsonataToken::Null => "'null'".into(),
        JsonataToken::Pattern(pattern) => pattern.to_text(),
        JsonataToken::End => "the end".into(),
    }
}

fn name(text: &Rc<str>) -> JsonataExpr {
    JsonataExpr::new(JsonataNode::Path(vec![JsonataExpr::new(JsonataNode::Name(text.clone()))]))
}

impl JsonataParser<'_> {
    fn advance(&mut self, after_value: bool) -> Parsed<JsonataToken> {
        let next = self.lexer.next(after_value)?;
        Ok(std::mem::replace(&mut self.token, next))
    }

    fn is(&self, sign: &str) -> bool {
        matches!(&self.token, JsonataToken::Sign(found) if *found == sign)
    }

    fn expect(&mut self, sign: &str, after_value: bool) -> Parsed<()> {
        if !self.is(sign) {
            return Err(format!("'{sign}' was expected before {}", shown(&self.token)));
        }
        self.advance(after_value).map(|_| ())
    }

    fn expression(&mut self, least: u8) -> Parsed {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err("the expression is nested too deeply".into());
        }
        let first = self.advance(true)?;
        let mut left = self.begun(first)?;
        let mut length = 0;
        while least < power(&self.token) {
            length += 1;
            if length > MAX_DEPTH * 4 {
                return Err("the expression is a chain that is too long".into());
            }
            let JsonataToken::Sign(sign) = self.advance(false)? else { break };
            left = self.continued(left, sign)?;
        }
        self.depth -= 1;
        Ok(left)
    }

    /// What begins with a token.
    fn begun(&mut self, token: JsonataToken) -> Parsed {
        let node = match token {
            JsonataToken::Name(text) => return Ok(name(&text)),
            JsonataToken::Variable(text) => JsonataNode::Variable(text),
            JsonataToken::Text(text) => JsonataNode::Text(text),
            JsonataToken::Number(number) => JsonataNode::Number(number),
            JsonataToken::Bool(flag) => JsonataNode::Bool(flag),
            JsonataToken::Null => JsonataNode::Null,
            JsonataToken::Pattern(pattern) => JsonataNode::Pattern(pattern),
            JsonataToken::End => return Err("it ends where a value was expected".into()),
            JsonataToken::Sign(sign) => match sign {
                "*" => JsonataNode::Wildcard,
                "**" => JsonataNode::Descendants,
                "and" | "or" | "in" => return Ok(name(&sign.into())),
                "-" => match self.expression(70)? {
                    JsonataExpr { node: JsonataNode::Number(number), filters, .. } if filters.is_empty() => {
                        JsonataNode::Number(-number)
                    }
                    other => JsonataNode::Negative(Box::new(other)),
                },
                "(" => {
                    let mut parts = Vec::new();
                    while !self.is(")") {
                        parts.push(self.expression(0)?);
                        if !self.is(";") {
                            break;
                        }
                        self.advance(false)?;
                    }
                    self.expect(")", true)?;
                    JsonataNode::Block(parts)
                }
                "[" => {
                    let mut items = Vec::new();
                    while !self.is("]") {
                        let mut item = self.expression(0)?;
                        if self.is("..") {
                            self.advance(false)?;
                            let pair = Box::new((item, self.expression(0)?));
                            item = JsonataExpr::new(JsonataNode::Operation(JsonataOperator::Range, pair));
                        }
                        items.push(item);
                        if !self.is(",") {
                            break;
                        }
                        self.advance(false)?;
                    }
                    self.expect("]", true)?;
                    JsonataNode::List { items, whole: false }
                }
                "{" => JsonataNode::Record(self.pairs()?),
                "|" => {
                    let pattern = self.expression(0)?;
                    self.expect("|", false)?;
                    let update = self.expression(0)?;
                    let delete = match self.is(",") {
                        true => {
                            self.advance(false)?;
                            Some(self.expression(0)?)
                        }
                        false => None,
                    };
                    self.expect("|", true)?;
                    JsonataNode::Transform(Rc::new(JsonataTransform { pattern, update, delete }))
                }
                "%" => return Err("the parent operator % is not known here".into()),
                sign => return Err(format!("a value was expected before '{sign}'")),
            },
        };
        Ok(JsonataExpr::new(node))
    }

    fn pairs(&mut self) -> Parsed<Vec<JsonataPair>> {
        let mut pairs = Vec::new();
        while !self.is("}") {
            let key = self.expression(0)?;
            self.expect(":", false)?;
            pairs.push((key, self.expression(0)?));
            if !self.is(",") {
                break;
            }
            self.advance(false)?;
        }
        self.expect("}", true)?;
        Ok(pairs)
    }

    /// What a sign makes of what stands before it.
    fn continued(&mut self, mut left: JsonataExpr, sign: &'static str) -> Parsed {
        match sign {
            "." => {
                let right = self.expression(power(&JsonataToken::Sign(sign)))?;
                return joined(left, right);
            }
            "[" if self.is("]") => {
                left.keep = true;
                self.advance(true)?;
                return Ok(left);
            }
            "[" => {
                let filter = self.expression(0)?;
                self.expect("]", true)?;
                if left.group.is_some() {
                    return Err("a filter cannot follow a grouping".into());
                }
                let filters = match &mut left.node {
                    JsonataNode::Path(steps) => steps.last_mut().map(|last| &mut last.filters),
                    _ => Some(&mut left.filters),
                };
                if let Some(filters) = filters {
                    filters.push(filter);
                }
                return Ok(left);
            }
            "{" => {
                if left.group.is_some() {
                    return Err("there is one grouping only".into());
                }
                left.group = Some(self.pairs()?);
                return Ok(left);
            }
            "(" => return self.called(left),
            "^" => return self.sorted(left),
            "?" => {
                let then = self.expression(0)?;
                let other = match self.is(":") {
                    true => {
                        self.advance(false)?;
                        Some(Box::new(self.expression(0)?))
                    }
                    false => None,
                };
                return Ok(JsonataExpr::new(JsonataNode::Choice(Box::new((left, then)), other)));
            }
            ":=" => {
                let JsonataNode::Variable(name) = left.node else {
                    return Err("what stands before := must be a variable".into());
                };
                let value = self.expression(power(&JsonataToken::Sign(sign)) - 1)?;
                return Ok(JsonataExpr::new(JsonataNode::Binding(name, Box::new(value))));
            }
            "@" | "#" => return Err(format!("the binding {sign} is not known here")),
            _ => {}
        }
        let Some(operator) = operator(sign) else { return Err(format!("'{sign}' means nothing here")) };
        let right = self.expression(power(&JsonataToken::Sign(sign)))?;
        Ok(JsonataExpr::new(JsonataNode::Operation(operator, Box::new((left, right)))))
    }

    fn sorted(&mut self, left: JsonataExpr) -> Parsed {
        self.expect("(", false)?;
        let mut terms = Vec::new();
        loop {
            let descending = self.is(">");
            if descending || self.is("<") {
                self.advance(false)?;
            }
            terms.push((descending, self.expression(0)?));
            if !self.is(",") {
                break;
            }
            self.advance(false)?;
        }
        self.expect(")", true)?;
        let (mut steps, group, keep) = left.into_path();
        steps.push(JsonataExpr::new(JsonataNode::Sort(terms)));
        Ok(JsonataExpr { group, keep, ..JsonataExpr::new(JsonataNode::Path(steps)) })
    }

    /// A call, or the function that `function(...)` defines.
    fn called(&mut self, left: JsonataExpr) -> Parsed {
        let mut arguments = Vec::new();
        while !self.is(")") {
            if self.is("?") {
                self.advance(true)?;
                arguments.push(None);
            } else {
                arguments.push(Some(self.expression(0)?));
            }
            if !self.is(",") {
                break;
            }
            self.advance(false)?;
        }
        self.expect(")", true)?;
        let defines = match &left.node {
            JsonataNode::Path(steps) => match steps.as_slice() {
                [JsonataExpr { node: JsonataNode::Name(name), filters, .. }] => {
                    filters.is_empty() && matches!(&**name, "function" | "λ")
                }
                _ => false,
            },
            _ => false,
        };
        if !defines {
            return Ok(JsonataExpr::new(JsonataNode::Call(Box::new(left), arguments)));
        }
        let parameter = |argument: Option<JsonataExpr>| match argument.map(|argument| argument.node) {
            Some(JsonataNode::Variable(name)) => Ok(name),
            _ => Err("the parameters of a function are variables".to_string()),
        };
        let parameters = arguments.into_iter().map(parameter).collect::<Parsed<Vec<_>>>()?;
        // A signature says what the arguments are; it is no more than that.
        if self.is("<") {
            let mut depth = 0;
            loop {
                depth += i32::from(self.is("<")) - i32::from(self.is(">"));
                if matches!(self.token, JsonataToken::End) {
                    return Err("the signature of a function has no end".into());
                }
                self.advance(true)?;
                if depth == 0 {
                    break;
                }
            }
        }
        self.expect("{", false)?;
        let body = self.expression(0)?;
        self.expect("}", true)?;
        Ok(JsonataExpr::new(JsonataNode::Lambda(Rc::new(JsonataLambda { parameters, body }))))
    }
}

/// The steps of both sides of a dot as one path.
fn joined(left: JsonataExpr, right: JsonataExpr) -> Parsed {
    let (mut steps, group, keep) = left.into_path();
    let (more, _, kept) = right.into_path();
    steps.extend(more);
    for step in &mut steps {
        match &step.node {
            JsonataNode::Number(_) | JsonataNode::Bool(_) | JsonataNode::Null => {
                return Err("a number, true, false or null is no step of a path".into());
            }
            JsonataNode::Text(text) => step.node = JsonataNode::Name(text.clone()),
            _ => {}
        }
    }
    mark_whole(steps.first_mut());
    mark_whole(steps.last_mut());
    Ok(JsonataExpr { group, keep: keep || kept, ..JsonataExpr::new(JsonataNode::Path(steps)) })
}

fn mark_whole(step: Option<&mut JsonataExpr>) {
    if let Some(JsonataExpr { node: JsonataNode::List { whole, .. }, .. }) = step {
        *whole = true;
    }
}
