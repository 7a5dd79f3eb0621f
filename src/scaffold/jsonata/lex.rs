//! The words of a JSONata expression.

use std::rc::Rc;

use crate::expression::Pattern;

#[derive(Clone)]
pub enum JsonataToken {
    Sign(&'static str),
    Name(Rc<str>),
    Variable(Rc<str>),
    Text(Rc<str>),
    Number(f64),
    Bool(bool),
    Null,
    Pattern(Rc<Pattern>),
    End,
}

const PAIRS: [&str; 9] = ["..", ":=", "!=", ">=", "<=", "**", "~>", "?:", "??"];
const SIGNS: [&str; 24] = [
    ".", "[", "]", "{", "}", "(", ")", ",", "@", "#", ";", ":", "?", "+", "-", "*", "/", "%", "|", "=", "<",
    ">", "^", "&",
];
const WORDS: [&str; 3] = ["and", "or", "in"];

pub struct JsonataLexer<'a> {
    source: &'a str,
    at: usize,
}

impl<'a> JsonataLexer<'a> {
    pub fn new(source: &'a str) -> JsonataLexer<'a> {
        JsonataLexer { source, at: 0 }
    }

    fn rest(&self) -> &'a str {
        &self.source[self.at..]
    }

    fn taken(&mut self, length: usize) -> &'a str {
        let word = &self.rest()[..length];
        self.at += length;
        word
    }

    /// The next token; a `/` divides where an operator may stand, and begins a regular expression elsewhere.
    pub fn next(&mut self, after_value: bool) -> Result<JsonataToken, String> {
        self.blanks()?;
        let rest = self.rest();
        let Some(first) = rest.chars().next() else { return Ok(JsonataToken::End) };
        if first == '/' && !after_value {
            return self.pattern();
        }
        for sign in PAIRS.iter().chain(&SIGNS) {
            if rest.starts_with(sign) {
                self.at += sign.len();
                return Ok(JsonataToken::Sign(sign));
            }
        }
        match first {
            '"' | '\'' => self.text(first),
            '`' => {
                let Some(end) = rest[1..].find('`') else { return Err("a name in ` has no end".into()) };
                let name = self.taken(end + 2);
                Ok(JsonataToken::Name(name.trim_matches('`').into()))
            }
            '0'..='9' => self.number(),
            _ => {
                let ends = |c: char| {
                    matches!(c, ' ' | '\t' | '\n' | '\r' | '\u{b}' | '!' | '~')
                        || SIGNS.iter().any(|sign| sign.starts_with(c))
                };
                let length = rest.find(ends).unwrap_or(rest.len());
                if length == 0 {
                    return Err(format!("'{first}' means nothing here"));
                }
                let word = self.taken(length);
                Ok(match word {
                    "true" => JsonataToken::Bool(true),
                    "false" => JsonataToken::Bool(false),
                    "null" => JsonataToken::Null,
                    _ => match (word.strip_prefix('$'), WORDS.iter().find(|known| **known == word)) {
                        (Some(name), _) => JsonataToken::Variable(name.into()),
                        (_, Some(known)) => JsonataToken::Sign(known),
                        _ => JsonataToken::Name(word.into()),
                    },
                })
            }
        }
    }

    /// Blanks and comments.
    fn blanks(&mut self) -> Result<(), String> {
        loop {
            let rest = self.rest();
            let trimmed = rest.trim_start_matches([' ', '\t', '\n', '\r', '\u{b}']);
            self.at += rest.len() - trimmed.len();
            let Some(comment) = trimmed.strip_prefix("/*") else { return Ok(()) };
            let Some(end) = comment.find("*/") else { return Err("a comment has no end".into()) };
            self.at += end + 4;
        }
    }

    fn number(&mut self) -> Result<JsonataToken, String> {
        let bytes = self.rest().as_bytes();
        let digits = |from: usize| bytes[from..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        let mut end = if bytes[0] == b'0' { 1 } else { digits(0) };
        if bytes.get(end) == Some(&b'.') && digits(end + 1) > 0 {
            end += 1 + digits(end + 1);
        }
        if matches!(bytes.get(end), Some(b'e' | b'E')) {
            let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
            let count = digits((end + 1 + sign).min(bytes.len()));
            if count > 0 {
                end += 1 + sign + count;
            }
        }
        let word = self.taken(end);
        match word.parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(JsonataToken::Number(number)),
            _ => Err(format!("'{word}' is no number")),
        }
    }

    fn text(&mut self, quote: char) -> Result<JsonataToken, String> {
        let mut text = String::new();
        let mut characters = self.rest().char_indices().skip(1);
        while let Some((at, c)) = characters.next() {
            if c == quote {
                self.at += at + 1;
                return Ok(JsonataToken::Text(text.into()));
            }
            if c != '\\' {
                text.push(c);
                continue;
            }
            match characters.next().map(|(_, escaped)| escaped) {
                Some(same @ ('"' | '\'' | '\\' | '/')) => text.push(same),
                Some('b') => text.push('\u{8}'),
                Some('f') => text.push('\u{c}'),
                Some('n') => text.push('\n'),
                Some('r') => text.push('\r'),
                Some('t') => text.push('\t'),
                Some('u') => {
                    let digits: String = characters.by_ref().take(4).map(|(_, digit)| digit).collect();
                    let Some(unit) = u16::from_str_radix(&digits, 16).ok().filter(|_| digits.len() == 4)
                    else {
                        return Err(format!("\\u{digits} is no character"));
                    };
                    text.push(char::from_u32(unit.into()).unwrap_or(char::REPLACEMENT_CHARACTER));
                }
                other => {
                    let other = other.map(String::from).unwrap_or_default();
                    return Err(format!("\\{other} is no escape in a text"));
                }
            }
        }
        Err("a text has no end".into())
    }

    fn pattern(&mut self) -> Result<JsonataToken, String> {
        let (mut depth, mut escaped) = (0_i32, false);
        let rest = self.rest();
        for (at, c) in rest.char_indices().skip(1) {
            match c {
                _ if escaped => {
                    escaped = false;
                    continue;
                }
                '\\' => escaped = true,
                '(' | '[' | '{' => depth += 1,
                ')' | ']' | '}' => depth -= 1,
                '/' if depth == 0 => {
                    let source = &rest[1..at];
                    if source.is_empty() {
                        break;
                    }
                    let flags = rest[at + 1..].find(|c| !matches!(c, 'i' | 'm'));
                    let flags = &rest[at + 1..flags.map_or(rest.len(), |length| at + 1 + length)];
                    self.at += at + 1 + flags.len();
                    let pattern = Pattern::new(source, &format!("g{flags}"))?;
                    return Ok(JsonataToken::Pattern(Rc::new(pattern)));
                }
                _ => {}
            }
        }
        Err("a regular expression has no end".into())
    }
}
