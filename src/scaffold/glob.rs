//! The globs of template actions, as globby reads them: `**`, `*`, `?`, `[a-z]`, `{a,b}`, `+(a|b)`, and `!` in front to take away.

use crate::expression::Pattern;
use crate::tree::Tree;

/// Several globs at once.
pub struct Globs {
    wanted: Vec<Pattern>,
    unwanted: Vec<Pattern>,
}

impl Globs {
    /// A glob that names a directory of the tree stands for all it holds.
    pub fn new<'a>(globs: impl IntoIterator<Item = &'a str>, tree: &Tree) -> Result<Self, String> {
        let mut all = Self { wanted: Vec::new(), unwanted: Vec::new() };
        for glob in globs {
            let negated = glob.starts_with('!') && !glob.starts_with("!(");
            let plain = if negated { &glob[1..] } else { glob };
            let plain = plain.strip_prefix("./").unwrap_or(plain);
            let list = if negated { &mut all.unwanted } else { &mut all.wanted };
            list.push(compile(plain)?);
            let directory = plain.trim_end_matches('/');
            if tree.is_directory(directory) {
                list.push(compile(&format!("{}/**", directory))?);
            }
        }
        Ok(all)
    }

    pub fn matches(&self, path: &str) -> bool {
        let any = |patterns: &[Pattern]| patterns.iter().any(|pattern| pattern.occurs(path).unwrap_or(false));
        any(&self.wanted) && !any(&self.unwanted)
    }
}

fn compile(glob: &str) -> Result<Pattern, String> {
    if glob.len() > 1_000 {
        return Err("the glob is too long".into());
    }
    let characters: Vec<char> = glob.chars().collect();
    let mut regex = String::from("^");
    let mut reader = GlobReader { characters: &characters, index: 0 };
    reader.sequence(&mut regex, "", 0);
    regex.push('$');
    Pattern::new(&regex, "").map_err(|_| format!("'{glob}' is no glob"))
}

struct GlobReader<'a> {
    characters: &'a [char],
    index: usize,
}

impl GlobReader<'_> {
    fn peek(&self, ahead: usize) -> Option<char> {
        self.characters.get(self.index + ahead).copied()
    }

    /// Translates up to one of `ends`, which stays.
    fn sequence(&mut self, regex: &mut String, ends: &str, depth: usize) {
        while let Some(c) = self.peek(0) {
            if ends.contains(c) {
                return;
            }
            let opens_group =
                depth < 10 && matches!(c, '?' | '*' | '+' | '@' | '!') && self.peek(1) == Some('(');
            if opens_group {
                self.group(c, regex, depth);
                continue;
            }
            self.index += 1;
            match c {
                '*' if self.peek(0) == Some('*') => self.stars(regex),
                '*' => regex.push_str("[^/]*"),
                '?' => regex.push_str("[^/]"),
                '[' => self.class(regex),
                '{' if depth < 10 => self.braces(regex, depth),
                '\\' => {
                    if let Some(escaped) = self.peek(0) {
                        self.index += 1;
                        literal(escaped, regex);
                    }
                }
                c => literal(c, regex),
            }
        }
    }

    /// `**` as a whole part of the path is any number of parts; elsewhere it is `*`.
    fn stars(&mut self, regex: &mut String) {
        let starts = self.index < 2 || self.characters[self.index - 2] == '/';
        while self.peek(0) == Some('*') {
            self.index += 1;
        }
        match self.peek(0) {
            Some('/') if starts => {
                self.index += 1;
                regex.push_str("(?:.*/)?");
            }
            None if starts => regex.push_str(".*"),
            _ => regex.push_str("[^/]*"),
        }
    }

    fn class(&mut self, regex: &mut String) {
        let Some(length) = self.characters[self.index..].iter().skip(1).position(|c| *c == ']') else {
            return regex.push_str(r"\[");
        };
        let inner = &self.characters[self.index..=self.index + length];
        self.index += length + 2;
        regex.push('[');
        for (position, c) in inner.iter().enumerate() {
            match c {
                '!' | '^' if position == 0 => regex.push_str("^/"),
                '-' => regex.push('-'),
                c => literal(*c, regex),
            }
        }
        regex.push(']');
    }

    fn braces(&mut self, regex: &mut String, depth: usize) {
        let start = self.index;
        let mut options = String::from("(?:");
        let mut commas = 0;
        loop {
            self.sequence(&mut options, ",}", depth + 1);
            match self.peek(0) {
                Some(',') => {
                    commas += 1;
                    options.push('|');
                    self.index += 1;
                }
                Some(_) if commas > 0 => {
                    self.index += 1;
                    options.push(')');
                    return regex.push_str(&options);
                }
                _ => {
                    self.index = start;
                    return regex.push_str(r"\{");
                }
            }
        }
    }

    fn group(&mut self, kind: char, regex: &mut String, depth: usize) {
        let start = self.index;
        self.index += 2;
        let mut options = String::new();
        loop {
            self.sequence(&mut options, "|)", depth + 1);
            match self.peek(0) {
                Some('|') => options.push('|'),
                Some(_) => break,
                None => {
                    self.index = start + 1;
                    return literal(kind, regex);
                }
            }
            self.index += 1;
        }
        self.index += 1;
        match kind {
            '!' => regex.push_str(&format!("(?!(?:{options})(?:/|$))[^/]*")),
            '@' => regex.push_str(&format!("(?:{options})")),
            kind => regex.push_str(&format!("(?:{options}){kind}")),
        }
    }
}

fn literal(c: char, regex: &mut String) {
    if c.is_ascii_punctuation() {
        regex.push('\\');
    }
    regex.push(c);
}

#[cfg(test)]
mod tests {
    use super::Globs;
    use crate::tree::{Tree, TreeEntry};

    #[track_caller]
    fn check(glob: &str, matching: &[&str], others: &[&str]) {
        let mut tree = Tree::default();
        tree.insert("dir/inner/file", TreeEntry::text("")).expect("fits");
        let globs = Globs::new(glob.split(' '), &tree).expect("a glob");
        for path in matching {
            assert!(globs.matches(path), "{glob} should match {path}");
        }
        for path in others {
            assert!(!globs.matches(path), "{glob} should not match {path}");
        }
    }

    #[test]
    fn globs_are_globbys() {
        check("*.md", &["a.md", ".md"], &["b/a.md", "a.mdx"]);
        check("**/*.md", &["a.md", "b/c/a.md", ".x/a.md"], &["a.txt"]);
        check("raw/**", &["raw/a", "raw/b/c"], &["raws/a"]);
        check("**", &["a", "b/.c"], &[]);
        check("dir", &["dir/inner/file"], &["dirt"]);
        check("*.{js,ts}", &["a.js", "a.ts"], &["a.jts", "a.{js,ts}"]);
        check("{a}", &["{a}"], &["a"]);
        check("+(a|b)/x.[0-9]", &["ab/x.1"], &["c/x.1", "a/x.a"]);
        check("!(a).txt", &["b.txt"], &["x/b.txt"]);
        check("*.md !b.md", &["a.md"], &["b.md"]);
        check("[!a].x", &["b.x"], &["a.x"]);
        check("a?c", &["abc"], &["a/c", "ac"]);
        check("[", &["["], &[]);
    }
}
