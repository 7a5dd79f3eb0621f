//! Where a character of a YAML text stands in its file: escapes, folded lines and indents make the two differ.

/// A line and a column, both from 1, columns in characters.
pub type LineAndColumn = (usize, usize);

/// The place in `source` of what stands at `at` in `value`, the text that begins at `start` there. None where the two
/// cannot be laid beside each other, as behind a tag.
pub fn place(source: &str, start: LineAndColumn, value: &str, at: LineAndColumn) -> Option<LineAndColumn> {
    let mut walk = SpellingWalk::begin(source, start)?;
    let value: Vec<char> = value.chars().collect();
    let target = offset(&value, at);
    let mut index = 0;
    while index < target {
        let c = value[index];
        if walk.escaped() {
            index += 1;
        } else if walk.at_line_end() && matches!(c, ' ' | '\n') {
            let run = value[index..target].iter().take_while(|c| **c == '\n').count();
            index += run.max(1);
            walk.next_line();
        } else if walk.peek() == Some(c) {
            walk.step();
            index += 1;
        } else if c.is_whitespace() {
            index += 1;
        } else if walk.peek().is_some_and(char::is_whitespace) {
            walk.step();
        } else {
            return None;
        }
    }
    walk.skip_continuation();
    // An error behind the last word of a line belongs to that line.
    Some((walk.line, walk.column))
}

fn offset(value: &[char], (line, column): LineAndColumn) -> usize {
    let breaks = value.iter().enumerate().filter(|(_, c)| **c == '\n').map(|(index, _)| index + 1);
    let begin = std::iter::once(0).chain(breaks).nth(line.saturating_sub(1)).unwrap_or(value.len());
    (begin + column.saturating_sub(1)).min(value.len())
}

#[derive(Clone, Copy, PartialEq)]
enum ScalarStyle {
    Plain,
    Single,
    Double,
    /// With the indent of its lines.
    Block(usize),
}

struct SpellingWalk {
    source: Vec<char>,
    index: usize,
    line: usize,
    column: usize,
    style: ScalarStyle,
}

impl SpellingWalk {
    fn begin(source: &str, (line, column): LineAndColumn) -> Option<Self> {
        let before: Vec<&str> = source.split('\n').take(line).collect();
        let own = before.get(line.checked_sub(1)?)?;
        let lead: usize = before[..line - 1].iter().map(|line| line.chars().count() + 1).sum();
        let index = lead + column.checked_sub(1)?;
        let mut walk =
            Self { source: source.chars().collect(), index, line, column, style: ScalarStyle::Plain };
        let under_sign = own.chars().take(column - 1).all(|c| c == ' ')
            && before[..line - 1]
                .iter()
                .rev()
                .find(|line| !line.trim().is_empty())
                .is_some_and(|line| opens_block(line));
        walk.style = match walk.peek()? {
            _ if under_sign => ScalarStyle::Block(column - 1),
            '"' => ScalarStyle::Double,
            '\'' => ScalarStyle::Single,
            '|' | '>' => ScalarStyle::Block(0),
            _ => ScalarStyle::Plain,
        };
        match walk.style {
            ScalarStyle::Double | ScalarStyle::Single => walk.step(),
            ScalarStyle::Block(0) if !under_sign => {
                while walk.peek()? != '\n' {
                    walk.step();
                }
                walk.next_line();
                let indent = walk.source[walk.index..].iter().take_while(|c| **c == ' ').count();
                walk.style = ScalarStyle::Block(indent);
                (0..indent).for_each(|_| walk.step());
            }
            _ => {}
        }
        Some(walk)
    }

    fn peek(&self) -> Option<char> {
        self.source.get(self.index).copied()
    }

    fn step(&mut self) {
        match self.peek() {
            Some('\n') => (self.line, self.column) = (self.line + 1, 1),
            _ => self.column += 1,
        }
        self.index += 1;
    }

    /// Passes what stands for one character and is written with several.
    fn escaped(&mut self) -> bool {
        self.skip_continuation();
        let next = self.source.get(self.index + 1).copied();
        let length = match (self.style, self.peek(), next) {
            (ScalarStyle::Single, Some('\''), Some('\'')) => 2,
            (ScalarStyle::Double, Some('\\'), Some('x')) => 4,
            (ScalarStyle::Double, Some('\\'), Some('u')) => 6,
            (ScalarStyle::Double, Some('\\'), Some('U')) => 10,
            (ScalarStyle::Double, Some('\\'), Some(_)) => 2,
            _ => return false,
        };
        (0..length).for_each(|_| self.step());
        true
    }

    /// Passes a line break that a backslash takes out of a quoted text.
    fn skip_continuation(&mut self) {
        while self.style == ScalarStyle::Double
            && self.source[self.index.min(self.source.len())..].starts_with(&['\\', '\n'])
        {
            self.step();
            self.next_line();
        }
    }

    /// Whether only blanks follow on this line.
    fn at_line_end(&self) -> bool {
        let rest = &self.source[self.index.min(self.source.len())..];
        rest.iter().find(|c| !matches!(c, ' ' | '\t' | '\r')).is_none_or(|c| *c == '\n')
    }

    /// Goes to where the next line with words begins, behind its indent.
    fn next_line(&mut self) {
        while self.index < self.source.len() && self.at_line_end() {
            while self.peek().is_some_and(|c| c != '\n') {
                self.step();
            }
            self.step();
        }
        let mut passed = 0;
        while matches!(self.peek(), Some(' ' | '\t'))
            && !matches!(self.style, ScalarStyle::Block(indent) if passed >= indent)
        {
            self.step();
            passed += 1;
        }
    }
}

/// Whether a line ends in the sign of a block, as `|`, `>-` and `|2` are.
fn opens_block(line: &str) -> bool {
    let line = line.split(" #").next().unwrap_or_default().trim_end();
    let head = line.trim_end_matches(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-'));
    head.strip_suffix(['|', '>']).is_some_and(|before| before.is_empty() || before.ends_with([' ', ':', '-']))
}

#[cfg(test)]
mod tests {
    use super::place;
    use crate::yaml;

    /// Where the `^` of the value of `k` stands in the file.
    #[track_caller]
    fn check(text: &str, line: usize, column: usize) {
        let document = yaml::documents("t", text).remove(0).expect("YAML");
        let value = document.value["k"].as_str().expect("a text");
        let start = document.place("/k");
        let before = &value[..value.find('^').expect("a mark")];
        let last = before.rsplit('\n').next().unwrap_or_default();
        let at = (before.matches('\n').count() + 1, last.chars().count() + 1);
        assert_eq!(place(text, (start.line, start.column), value, at), Some((line, column)), "{value:?}");
    }

    #[test]
    fn every_style_leads_back_to_its_file() {
        check("k: a ^\n", 1, 6);
        check("k: a\n  b ^\n", 2, 5);
        check("k: 'it''s ^'\n", 1, 11);
        check("k: 'a\n  b\n\n  ^'\n", 4, 3);
        check("k: \"a\\tb \\u00e9 \\\"q\\\" ^\"\n", 1, 23);
        check("k: \"a \\\n   b ^\"\n", 2, 6);
        check("k: \"a \\\n   ^\"\n", 2, 4);
        check("k: |\n  a\n   b ^\n", 3, 6);
        check("k: |\n  a\n\n   \n  b ^\n", 5, 5);
        check("k: |2-\n    a\n  b ^\n", 3, 5);
        check("k: |2-\n    a ^\n  b\n", 2, 7);
        check("k: >- # why\n  a\n  b ^\n\n  c\n", 3, 5);
        check("k: >\n  a\n\n  b\n    c ^\n  d\n", 5, 7);
        check("k: &x |\n  naïve 😀 ^\n", 2, 11);
        check("{j: 1, k: \"ü\n x ^\"}\n", 2, 4);
    }
}
