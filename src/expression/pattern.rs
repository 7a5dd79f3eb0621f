//! Regular expressions as JavaScript writes them (`r/-(\w)/g`, JSON Schema's `pattern`), on an engine that gives up in time.

use std::cell::Cell;

use fancy_regex::{Captures, Regex, RegexBuilder};

/// How much a match may backtrack before it fails; stands between a hostile pattern and an endless run.
const BACKTRACK_LIMIT: usize = 200_000;
const MAX_LENGTH: usize = 16_384;

pub struct Pattern {
    source: String,
    flags: String,
    regex: Regex,
    /// Where the next `test` of a pattern with flag `g` or `y` begins.
    last: Cell<usize>,
}

impl Pattern {
    /// Flags are any of `gimy`, each once.
    pub fn new(source: &str, flags: &str) -> Result<Self, String> {
        if source.len() > MAX_LENGTH {
            return Err("the regular expression is too long".into());
        }
        let mut prefix = String::new();
        for flag in flags.chars().filter(|flag| matches!(flag, 'i' | 'm')) {
            prefix.push(flag);
        }
        let translated = translate(source);
        let text = if prefix.is_empty() { translated } else { format!("(?{prefix}){translated}") };
        let regex = RegexBuilder::new(&text)
            .backtrack_limit(BACKTRACK_LIMIT)
            .build()
            .map_err(|_| format!("the regular expression /{source}/ cannot be used"))?;
        Ok(Self { source: source.into(), flags: flags.into(), regex, last: Cell::new(0) })
    }

    pub fn to_text(&self) -> String {
        let source = if self.source.is_empty() { "(?:)" } else { &self.source };
        format!("/{source}/{}", self.flags)
    }

    /// Whether it occurs anywhere in the text.
    pub fn occurs(&self, text: &str) -> Result<bool, String> {
        self.regex.is_match(text).map_err(gave_up)
    }

    /// `regex.test(text)`: with flag `g` or `y` it goes on where the last one ended.
    pub fn test(&self, text: &str) -> Result<bool, String> {
        if !self.flags.contains(['g', 'y']) {
            return self.occurs(text);
        }
        let start = self.last.get();
        if start > text.len() || !text.is_char_boundary(start) {
            self.last.set(0);
            return Ok(false);
        }
        let found = self.regex.find_from_pos(text, start).map_err(gave_up)?;
        let found = found.filter(|found| !self.flags.contains('y') || found.start() == start);
        self.last.set(found.map_or(0, |found| found.end()));
        Ok(found.is_some())
    }

    /// `text.replace(regex, template)`, with `$1`, `$&`, `$$` and `$<name>`.
    pub fn replace(&self, text: &str, template: &str) -> Result<String, String> {
        let mut output = String::new();
        let mut end = 0;
        for captures in self.regex.captures_iter(text) {
            let captures = captures.map_err(gave_up)?;
            let Some(whole) = captures.get(0) else { break };
            output.push_str(&text[end..whole.start()]);
            expand(template, &captures, text, &mut output);
            end = whole.end();
            if !self.flags.contains('g') {
                break;
            }
        }
        output.push_str(&text[end..]);
        Ok(output)
    }

    /// `text.split(regex)`; captures are part of the result, as in JavaScript.
    pub fn split(&self, text: &str) -> Result<Vec<String>, String> {
        let mut parts = Vec::new();
        let mut end = 0;
        for captures in self.regex.captures_iter(text) {
            let captures = captures.map_err(gave_up)?;
            let Some(whole) = captures.get(0) else { break };
            if whole.end() == end && whole.start() == whole.end() || whole.start() >= text.len() {
                continue;
            }
            parts.push(text[end..whole.start()].to_string());
            parts.extend(
                (1..captures.len()).map(|group| captures.get(group).map_or("", |m| m.as_str()).to_string()),
            );
            end = whole.end();
        }
        parts.push(text[end..].to_string());
        Ok(parts)
    }
}

fn gave_up(_: fancy_regex::Error) -> String {
    "the regular expression takes too long".into()
}

/// Writes a replacement; `$` before anything else stays as it is.
fn expand(template: &str, captures: &Captures<'_, str>, text: &str, output: &mut String) {
    let group = |index: usize| captures.get(index).map_or("", |found| found.as_str());
    let (start, end) = captures.get(0).map_or((0, 0), |found| (found.start(), found.end()));
    let mut rest = template;
    while let Some(at) = rest.find('$') {
        output.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        let digits = after.bytes().take(2).take_while(u8::is_ascii_digit).count();
        let number =
            |count: usize| after[..count].parse::<usize>().ok().filter(|n| (1..captures.len()).contains(n));
        let (used, piece) = match after.chars().next() {
            Some('$') => (1, "$"),
            Some('&') => (1, group(0)),
            Some('`') => (1, &text[..start]),
            Some('\'') => (1, &text[end..]),
            _ => match (digits >= 2).then(|| number(2)).flatten() {
                Some(index) => (2, group(index)),
                None => match (digits >= 1).then(|| number(1)).flatten() {
                    Some(index) => (1, group(index)),
                    None => (0, "$"),
                },
            },
        };
        output.push_str(piece);
        rest = &after[used..];
    }
    output.push_str(rest);
}

/// Rewrites what the two dialects spell differently: `\d` and `\w` are ASCII in JavaScript, `[` needs no escape in a
/// class, `[^]` is any character, `/` may be escaped, and `\uXXXX` names a character.
fn translate(source: &str) -> String {
    let mut output = String::new();
    let mut class = false;
    let characters: Vec<char> = source.chars().collect();
    let mut index = 0;
    while index < characters.len() {
        let c = characters[index];
        let next = characters.get(index + 1).copied();
        match (c, next) {
            ('\\', Some(escaped)) => {
                index += 2;
                index += escape(escaped, &characters[index..], class, &mut output);
                continue;
            }
            ('[', Some('^')) if !class && characters.get(index + 2) == Some(&']') => {
                output.push_str(r"[\s\S]");
                index += 3;
                continue;
            }
            ('[', _) if class => output.push_str(r"\["),
            ('[', _) => {
                class = true;
                output.push('[');
            }
            (']', _) => {
                class = false;
                output.push(']');
            }
            // Doubled, these are operators in a class here and plain characters there.
            ('&' | '~' | '-', _) if class && next == Some(c) => {
                output.push('\\');
                output.push(c);
            }
            _ => output.push(c),
        }
        index += 1;
    }
    output
}

/// Writes one escape; the number of further characters that it took.
fn escape(escaped: char, rest: &[char], class: bool, output: &mut String) -> usize {
    let inner = |set: &str| if class { set.to_string() } else { format!("[{set}]") };
    match escaped {
        'd' => output.push_str(&inner("0-9")),
        'w' => output.push_str(&inner("0-9A-Za-z_")),
        'D' => output.push_str("[^0-9]"),
        'W' => output.push_str("[^0-9A-Za-z_]"),
        '/' => output.push('/'),
        'u' | 'x' => {
            let count = if escaped == 'u' { 4 } else { 2 };
            let digits: String = rest.iter().take(count).collect();
            if digits.len() == count && digits.chars().all(|c| c.is_ascii_hexdigit()) {
                output.push_str(&format!("\\x{{{digits}}}"));
                return count;
            }
            output.push(escaped);
        }
        other => {
            output.push('\\');
            output.push(other);
        }
    }
    0
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::Pattern;

    #[track_caller]
    fn check(source: &str, flags: &str, text: &str, with: &str, expect: &str) {
        assert_eq!(Pattern::new(source, flags).unwrap().replace(text, with).unwrap(), expect);
    }

    #[test]
    fn replacements_are_javascripts() {
        check(r"-(\w)", "g", "a-b-c", "_$1", "a_b_c");
        check("-", "", "a-b-c", "", "ab-c");
        check("(a)(b)", "", "ab", "$2$1$$$&$9", "ba$ab$9");
        check(r"[[\]]", "g", "[x]", "", "x");
        check("HELLO", "i", "hello", "$`|$'", "|");
    }

    #[test]
    fn look_ahead_works_and_a_hostile_pattern_ends() {
        assert!(Pattern::new(r"^(?!-)[a-z-]+$", "").unwrap().occurs("ab-c").unwrap());
        assert!(!Pattern::new(r"^(?!-)[a-z-]+$", "").unwrap().occurs("-ab").unwrap());
        let hostile = Pattern::new(r"^(?=(a+)+$)x", "").unwrap();
        assert!(
            hostile.occurs(&"a".repeat(40)).is_ok_and(|found| !found)
                || hostile.occurs(&"a".repeat(40)).is_err()
        );
        assert!(Pattern::new("(", "").is_err());
    }
}
