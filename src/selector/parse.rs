//! The text form of label selectors, word by word.

use crate::selector::{Operator, Requirement, SelectorError, check_key, short};

/// The requirements of a text, in its order.
pub fn requirements(text: &str) -> Result<Vec<Requirement>, SelectorError> {
    Parser { tokens: tokens(text), next: 0 }.selector()
}

/// A word or sign of the text form; `End` stands after the last one.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Word(String),
    Sign(&'static str),
    End,
}

const SIGNS: [&str; 9] = ["==", "!=", "=", "!", "(", ")", ",", ">", "<"];

fn tokens(text: &str) -> Vec<Token> {
    let mut found = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches([' ', '\t', '\r', '\n']);
        if rest.is_empty() {
            return found;
        }
        match SIGNS.into_iter().find(|sign| rest.starts_with(sign)) {
            Some(sign) => {
                found.push(Token::Sign(sign));
                rest = &rest[sign.len()..];
            }
            None => {
                let end = rest
                    .find([' ', '\t', '\r', '\n', '=', '!', '(', ')', ',', '>', '<'])
                    .unwrap_or(rest.len());
                found.push(Token::Word(rest[..end].to_string()));
                rest = &rest[end..];
            }
        }
    }
}

struct Parser {
    tokens: Vec<Token>,
    next: usize,
}

impl Parser {
    fn selector(mut self) -> Result<Vec<Requirement>, SelectorError> {
        let mut requirements = Vec::new();
        loop {
            match self.peek() {
                Token::End => return Ok(requirements),
                Token::Word(_) | Token::Sign("!") => {}
                other => return Err(expected(&other, "!, identifier, or 'end of string'")),
            }
            let requirement = self
                .requirement()
                .map_err(|error| SelectorError(format!("unable to parse requirement: {error}")))?;
            requirements.push(requirement);
            match self.take() {
                Token::End => return Ok(requirements),
                Token::Sign(",") => match self.peek() {
                    Token::Word(_) | Token::Sign("!") => {}
                    other => return Err(expected(&other, "identifier after ','")),
                },
                other => return Err(expected(&other, "',' or 'end of string'")),
            }
        }
    }

    fn requirement(&mut self) -> Result<Requirement, SelectorError> {
        let absent = self.peek() == Token::Sign("!");
        if absent {
            self.take();
        }
        let key = match self.take() {
            Token::Word(key) => key,
            other => return Err(expected(&other, "identifier")),
        };
        check_key(&key)?;
        if absent {
            return Requirement::new(&key, Operator::DoesNotExist, []);
        }
        if matches!(self.peek(), Token::End | Token::Sign(",")) {
            return Requirement::new(&key, Operator::Exists, []);
        }
        let operator = match self.take() {
            Token::Word(word) if word == "in" => return self.listed(&key, Operator::In),
            Token::Word(word) if word == "notin" => return self.listed(&key, Operator::NotIn),
            Token::Sign("=" | "==") => Operator::In,
            Token::Sign("!=") => Operator::NotIn,
            Token::Sign(">") => Operator::Gt,
            Token::Sign("<") => Operator::Lt,
            other => return Err(expected(&other, "in, notin, =, ==, !=, gt, lt")),
        };
        let value = match self.peek() {
            Token::End | Token::Sign(",") => String::new(),
            _ => match self.take() {
                Token::Word(value) => value,
                other => return Err(expected(&other, "identifier")),
            },
        };
        Requirement::new(&key, operator, [value.as_str()])
    }

    /// The values in parentheses; an empty place between commas is the empty value.
    fn listed(&mut self, key: &str, operator: Operator) -> Result<Requirement, SelectorError> {
        match self.take() {
            Token::Sign("(") => {}
            other => return Err(expected(&other, "'('")),
        }
        if self.peek() == Token::Sign(")") {
            self.take();
            return Requirement::new(key, operator, []);
        }
        let mut values: Vec<String> = Vec::new();
        loop {
            match self.peek() {
                Token::Word(value) => {
                    self.take();
                    values.push(value);
                }
                Token::Sign("," | ")") => values.push(String::new()),
                other => return Err(expected(&other, "',', ')' or identifier")),
            }
            match self.take() {
                Token::Sign(",") => {}
                Token::Sign(")") => break,
                other => return Err(expected(&other, "',' or ')'")),
            }
        }
        Requirement::new(key, operator, values.iter().map(String::as_str))
    }

    fn peek(&self) -> Token {
        self.tokens.get(self.next).cloned().unwrap_or(Token::End)
    }

    fn take(&mut self) -> Token {
        let token = self.peek();
        self.next += 1;
        token
    }
}

fn expected(found: &Token, what: &str) -> SelectorError {
    let found = match found {
        Token::Word(word) => short(word),
        Token::Sign(sign) => (*sign).to_string(),
        Token::End => String::new(),
    };
    SelectorError(format!("found '{found}', expected: {what}"))
}
