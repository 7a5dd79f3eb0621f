//! The text form of label selectors, word by word.

use crate::selector::requirement::{Operator, Requirement, SelectorError, check_key, short};

/// The requirements of a text, in its order.
pub fn requirements(text: &str) -> Result<Vec<Requirement>, SelectorError> {
    SelectorParser { tokens: tokens(text), next: 0 }.selector()
}

/// A word or sign of the text form; `End` stands after the last one.
#[derive(Clone, Debug, PartialEq, Eq)]
enum SelectorToken {
    Word(String),
    Sign(&'static str),
    End,
}

const SIGNS: [&str; 9] = ["==", "!=", "=", "!", "(", ")", ",", ">", "<"];

fn tokens(text: &str) -> Vec<SelectorToken> {
    let mut found = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches([' ', '\t', '\r', '\n']);
        if rest.is_empty() {
            return found;
        }
        match SIGNS.into_iter().find(|sign| rest.starts_with(sign)) {
            Some(sign) => {
                found.push(SelectorToken::Sign(sign));
                rest = &rest[sign.len()..];
            }
            None => {
                let end = rest
                    .find([' ', '\t', '\r', '\n', '=', '!', '(', ')', ',', '>', '<'])
                    .unwrap_or(rest.len());
                found.push(SelectorToken::Word(rest[..end].to_string()));
                rest = &rest[end..];
            }
        }
    }
}

struct SelectorParser {
    tokens: Vec<SelectorToken>,
    next: usize,
}

impl SelectorParser {
    fn selector(mut self) -> Result<Vec<Requirement>, SelectorError> {
        let mut requirements = Vec::new();
        loop {
            match self.peek() {
                SelectorToken::End => return Ok(requirements),
                SelectorToken::Word(_) | SelectorToken::Sign("!") => {}
                other => return Err(expected(&other, "!, identifier, or 'end of string'")),
            }
            let requirement = self
                .requirement()
                .map_err(|error| SelectorError(format!("unable to parse requirement: {error}")))?;
            requirements.push(requirement);
            match self.take() {
                SelectorToken::End => return Ok(requirements),
                SelectorToken::Sign(",") => match self.peek() {
                    SelectorToken::Word(_) | SelectorToken::Sign("!") => {}
                    other => return Err(expected(&other, "identifier after ','")),
                },
                other => return Err(expected(&other, "',' or 'end of string'")),
            }
        }
    }

    fn requirement(&mut self) -> Result<Requirement, SelectorError> {
        let absent = self.peek() == SelectorToken::Sign("!");
        if absent {
            self.take();
        }
        let key = match self.take() {
            SelectorToken::Word(key) => key,
            other => return Err(expected(&other, "identifier")),
        };
        check_key(&key)?;
        if absent {
            return Requirement::new(&key, Operator::DoesNotExist, []);
        }
        if matches!(self.peek(), SelectorToken::End | SelectorToken::Sign(",")) {
            return Requirement::new(&key, Operator::Exists, []);
        }
        let operator = match self.take() {
            SelectorToken::Word(word) if word == "in" => return self.listed(&key, Operator::In),
            SelectorToken::Word(word) if word == "notin" => return self.listed(&key, Operator::NotIn),
            SelectorToken::Sign("=" | "==") => Operator::In,
            SelectorToken::Sign("!=") => Operator::NotIn,
            SelectorToken::Sign(">") => Operator::Gt,
            SelectorToken::Sign("<") => Operator::Lt,
            other => return Err(expected(&other, "in, notin, =, ==, !=, gt, lt")),
        };
        let value = match self.peek() {
            SelectorToken::End | SelectorToken::Sign(",") => String::new(),
            _ => match self.take() {
                SelectorToken::Word(value) => value,
                other => return Err(expected(&other, "identifier")),
            },
        };
        Requirement::new(&key, operator, [value.as_str()])
    }

    /// The values in parentheses; an empty place between commas is the empty value.
    fn listed(&mut self, key: &str, operator: Operator) -> Result<Requirement, SelectorError> {
        match self.take() {
            SelectorToken::Sign("(") => {}
            other => return Err(expected(&other, "'('")),
        }
        if self.peek() == SelectorToken::Sign(")") {
            self.take();
            return Requirement::new(key, operator, []);
        }
        let mut values: Vec<String> = Vec::new();
        loop {
            match self.peek() {
                SelectorToken::Word(value) => {
                    self.take();
                    values.push(value);
                }
                SelectorToken::Sign("," | ")") => values.push(String::new()),
                other => return Err(expected(&other, "',', ')' or identifier")),
            }
            match self.take() {
                SelectorToken::Sign(",") => {}
                SelectorToken::Sign(")") => break,
                other => return Err(expected(&other, "',' or ')'")),
            }
        }
        Requirement::new(key, operator, values.iter().map(String::as_str))
    }

    fn peek(&self) -> SelectorToken {
        self.tokens.get(self.next).cloned().unwrap_or(SelectorToken::End)
    }

    fn take(&mut self) -> SelectorToken {
        let token = self.peek();
        self.next += 1;
        token
    }
}

fn expected(found: &SelectorToken, what: &str) -> SelectorError {
    let found = match found {
        SelectorToken::Word(word) => short(word),
        SelectorToken::Sign(sign) => (*sign).to_string(),
        SelectorToken::End => String::new(),
    };
    SelectorError(format!("found '{found}', expected: {what}"))
}
