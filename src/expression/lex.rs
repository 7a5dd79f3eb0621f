//! The words of an expression: names, numbers, texts, regular expressions and signs, each with its place.

use std::rc::Rc;

use crate::expression::failure::{RenderFailure, SourcePosition};

#[derive(Clone, Debug, PartialEq)]
pub enum Word {
    Name(Rc<str>),
    Number(f64),
    Text(Rc<str>),
    /// Source and flags of `r/source/flags`.
    Pattern(Rc<str>, Rc<str>),
    Sign(&'static str),
    End,
}

#[derive(Clone, Debug)]
pub struct ExpressionToken {
    pub word: Word,
    pub place: SourcePosition,
}

const SIGNS: &[&str] = &[
    "===", "!==", "**", "//", "==", "!=", "<=", ">=", "(", ")", "[", "]", "{", "}", ".", ",", ":", "|", "~",
    "+", "-", "*", "/", "%", "<", ">", "=",
];

/// More words than any real expression has; bounds the height of its tree.
const MAX_WORDS: usize = 4_000;

pub fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r' | '\u{a0}')
}

/// Splits an expression that begins at `place`.
pub fn tokens(source: &str, place: SourcePosition) -> Result<Vec<ExpressionToken>, RenderFailure> {
    let mut tokens: Vec<ExpressionToken> = Vec::new();
    let mut place = place;
    let mut rest = source;
    while let Some(first) = rest.chars().next() {
        let length = if is_space(first) {
            first.len_utf8()
        } else {
            let (word, length) = word(rest, tokens.last().map(|token| &token.word), place)?;
            tokens.push(ExpressionToken { word, place });
            length
        };
        if tokens.len() > MAX_WORDS {
            return Err(RenderFailure::new("the expression is too long", place));
        }
        place = place.after(&rest[..length]);
        rest = &rest[length..];
    }
    tokens.push(ExpressionToken { word: Word::End, place });
    Ok(tokens)
}

fn word(rest: &str, before: Option<&Word>, place: SourcePosition) -> Result<(Word, usize), RenderFailure> {
    let after_point = matches!(before, Some(Word::Sign(".")));
    if let Some(length) = name_length(rest, after_point) {
        let name = &rest[..length];
        if name == "r" && rest[length..].starts_with('/') {
            let (source, flags, length) =
                pattern(rest).map_err(|message| RenderFailure::new(message, place))?;
            return Ok((Word::Pattern(source, flags), length));
        }
        return Ok((Word::Name(Rc::from(name)), length));
    }
    let first = rest.chars().next().unwrap_or(' ');
    let digit_follows = rest[first.len_utf8()..].starts_with(|c: char| c.is_ascii_digit());
    if first == '.' && digit_follows && !ends_operand(before) {
        return Err(RenderFailure::new("a number needs a digit before its point", place));
    }
    if first.is_ascii_digit() {
        return number(rest, place);
    }
    if first == '"' || first == '\'' {
        let (text, length) =
            text(rest, first).ok_or_else(|| RenderFailure::new("the text has no closing quote", place))?;
        return Ok((Word::Text(text), length));
    }
    match SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
        Some(sign) => Ok((Word::Sign(sign), sign.len())),
        None => Err(unknown_sign(rest, first, place)),
    }
}

fn unknown_sign(rest: &str, first: char, place: SourcePosition) -> RenderFailure {
    let instead = match first {
        '&' if rest.starts_with("&&") => Some("write `and` instead of `&&`"),
        '!' => Some("write `not` instead of `!`"),
        '?' => Some("write `a if condition else b` instead of `condition ? a : b`"),
        _ => None,
    };
    let failure = RenderFailure::new(format!("'{first}' means nothing here"), place);
    match instead {
        Some(hint) => failure.with_hint(hint),
        None => failure,
    }
}

fn ends_operand(word: Option<&Word>) -> bool {
    match word {
        Some(Word::Sign(sign)) => matches!(*sign, ")" | "]" | "}"),
        Some(Word::End) | None => false,
        Some(_) => true,
    }
}

/// The length of the name that a text begins with; after a point it may begin with digits.
pub fn name_length(text: &str, digits_first: bool) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut start = 0;
    while digits_first && bytes.get(start).is_some_and(u8::is_ascii_digit) {
        start += 1;
    }
    bytes.get(start).filter(|byte| **byte == b'_' || byte.is_ascii_alphabetic())?;
    let rest = bytes[start..].iter().take_while(|byte| **byte == b'_' || byte.is_ascii_alphanumeric());
    Some(start + rest.count())
}

fn number(rest: &str, place: SourcePosition) -> Result<(Word, usize), RenderFailure> {
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let mut length = digits(rest);
    if rest[length..].starts_with('.') {
        length += 1 + digits(&rest[length + 1..]);
    }
    if rest[length..].starts_with(|c: char| c == '_' || c.is_ascii_alphabetic()) {
        return Err(RenderFailure::new("this is no number", place));
    }
    Ok((Word::Number(rest[..length].trim_end_matches('.').parse().unwrap_or(f64::NAN)), length))
}

/// The text that a quote opens, its escapes resolved, and its length in the source.
fn text(rest: &str, quote: char) -> Option<(Rc<str>, usize)> {
    let mut value = String::new();
    let mut characters = rest.char_indices().skip(1);
    while let Some((index, c)) = characters.next() {
        match c {
            '\\' => value.push(match characters.next()?.1 {
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                other => other,
            }),
            c if c == quote => return Some((Rc::from(value), index + 1)),
            c => value.push(c),
        }
    }
    None
}

/// The parts of `r/source/flags` and its length; a `/` inside is escaped by an odd number of backslashes.
pub fn pattern(rest: &str) -> Result<(Rc<str>, Rc<str>, usize), String> {
    let body = &rest[2..];
    let mut escaped = false;
    for (index, c) in body.char_indices() {
        match c {
            '\\' => escaped = !escaped,
            '/' if !escaped => {
                let flags: String = body[index + 1..].chars().take_while(char::is_ascii_alphabetic).collect();
                let known = |flag: char| "gimy".contains(flag) && flags.matches(flag).count() == 1;
                if !flags.chars().all(known) {
                    return Err("a regular expression takes the flags g, i, m and y, each once".into());
                }
                let length = 2 + index + 1 + flags.len();
                return Ok((Rc::from(&body[..index]), Rc::from(flags), length));
            }
            _ => escaped = false,
        }
    }
    Err("the regular expression has no closing '/'".into())
}

/// The length of a word whose inside must not be searched for delimiters: a text, a name, a number or a pattern.
pub fn opaque_length(rest: &str) -> Option<usize> {
    let first = rest.chars().next()?;
    if first == '"' || first == '\'' {
        return Some(text(rest, first).map_or(rest.len(), |(_, length)| length));
    }
    if let Some(length) = name_length(rest, true) {
        if &rest[..length] == "r" && rest[length..].starts_with('/') {
            return Some(pattern(rest).map_or(length, |(_, _, length)| length));
        }
        return Some(length);
    }
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    (digits > 0).then_some(digits)
}
