//! Which lines are wanted, by what they say.

use std::borrow::Cow;

use regex::Regex;

/// `--grep` and `--exclude`.
#[derive(Clone, Debug, Default)]
pub struct LineFilter {
    pub grep: Vec<Regex>,
    pub exclude: Vec<Regex>,
}

impl LineFilter {
    pub fn is_empty(&self) -> bool {
        self.grep.is_empty() && self.exclude.is_empty()
    }

    /// Colours in a line do not come between a pattern and its words.
    pub fn wants(&self, line: &str) -> bool {
        if self.is_empty() {
            return true;
        }
        let plain = plain(line);
        let matches = |pattern: &Regex| pattern.is_match(&plain);
        (self.grep.is_empty() || self.grep.iter().any(matches)) && !self.exclude.iter().any(matches)
    }
}

/// A line without the escapes that only set colours (`ESC [ 31 m`): programs write them, and they say nothing.
/// All other control characters stay, for `text::safe_lines` to mark.
pub fn plain(line: &str) -> Cow<'_, str> {
    if !line.contains('\u{1b}') {
        return Cow::Borrowed(line);
    }
    let mut text = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(start) = rest.find('\u{1b}') {
        let (before, escape) = rest.split_at(start);
        text += before;
        let length = color_escape(escape);
        if length == 0 {
            text.push('\u{1b}');
        }
        rest = &escape[length.max(1)..];
    }
    text += rest;
    Cow::Owned(text)
}

/// The bytes of the colour escape that a text begins with; 0 where it is none.
fn color_escape(text: &str) -> usize {
    let Some(parameters) = text.strip_prefix("\u{1b}[") else { return 0 };
    let end = parameters.find(|c: char| !matches!(c, '0'..='9' | ';' | ':')).unwrap_or(parameters.len());
    if parameters[end..].starts_with('m') { 2 + end + 1 } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::{LineFilter, plain};
    use regex::Regex;

    #[track_caller]
    fn check(grep: &[&str], exclude: &[&str], line: &str, expect: bool) {
        let patterns = |texts: &[&str]| texts.iter().map(|text| Regex::new(text).expect("a regex")).collect();
        let filter = LineFilter { grep: patterns(grep), exclude: patterns(exclude) };
        assert_eq!(filter.wants(line), expect, "{grep:?} {exclude:?} {line}");
    }

    #[test]
    fn any_pattern_keeps_and_any_exclusion_drops() {
        check(&[], &[], "x", true);
        check(&["a", "b"], &[], "b", true);
        check(&["a", "b"], &[], "c", false);
        check(&["a"], &["b"], "ab", false);
        check(&[], &["b"], "a", true);
        check(&["^ERROR"], &[], "\u{1b}[31mERROR\u{1b}[0m", true);
    }

    #[test]
    fn only_colours_are_taken_out() {
        assert_eq!(plain("\u{1b}[1;31mred\u{1b}[m"), "red");
        assert_eq!(plain("\u{1b}[2Jx\u{1b}]0;t\u{7}"), "\u{1b}[2Jx\u{1b}]0;t\u{7}");
        assert_eq!(plain("end\u{1b}"), "end\u{1b}");
        assert_eq!(plain("end\u{1b}[31"), "end\u{1b}[31");
        assert_eq!(plain("\u{1b}é\u{1b}[é"), "\u{1b}é\u{1b}[é");
    }
}
