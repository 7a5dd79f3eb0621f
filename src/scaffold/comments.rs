//! Which lines of a file are comments, by its name: what stands there may be anything.

use std::collections::BTreeSet;

const HASH: &[&str] = &[
    "yaml",
    "yml",
    "sh",
    "bash",
    "zsh",
    "py",
    "rb",
    "toml",
    "properties",
    "ini",
    "cfg",
    "conf",
    "tf",
    "tfvars",
    "hcl",
    "env",
    "mk",
    "gitignore",
    "dockerignore",
    "editorconfig",
    "npmrc",
    "dockerfile",
    "makefile",
    "gemfile",
    "codeowners",
    "r",
    "pl",
    "ps1",
    "graphql",
];
const SLASHES: &[&str] = &[
    "js",
    "mjs",
    "cjs",
    "ts",
    "tsx",
    "jsx",
    "java",
    "kt",
    "kts",
    "go",
    "rs",
    "c",
    "h",
    "cc",
    "cpp",
    "hpp",
    "cs",
    "groovy",
    "gradle",
    "swift",
    "scala",
    "php",
    "dart",
    "jsonc",
    "proto",
    "jenkinsfile",
    "tf",
    "hcl",
    "scss",
];
const DASHES: &[&str] = &["sql", "lua", "hs"];

/// The numbers of the lines, from 1, that begin with the sign of a comment.
pub fn comment_lines(path: &str, text: &str) -> BTreeSet<u32> {
    let name = path.rsplit('/').next().unwrap_or_default().to_lowercase();
    // `Dockerfile.dev` and `app.yaml.njk` are what the word before says.
    let words: Vec<&str> = name.split('.').collect();
    let is = |list: &[&str]| words.iter().rev().take(2).any(|word| list.contains(word));
    let mut signs: Vec<&str> = vec!["<!--"];
    for (list, sign) in [(HASH, "#"), (SLASHES, "//"), (DASHES, "--")] {
        if is(list) {
            signs.push(sign);
        }
    }
    // `#!` names the interpreter, and is no remark.
    let remark = |line: &str| {
        let line = line.trim_start();
        signs.iter().any(|sign| line.starts_with(sign)) && !line.starts_with("#!")
    };
    let numbered = (1..).zip(text.lines());
    numbered.filter(|(_, line)| remark(line)).map(|(number, _)| number).collect()
}

#[cfg(test)]
mod tests {
    use super::comment_lines;

    #[test]
    fn comments_are_told_by_the_name_of_the_file() {
        let text = "# a\nb # c\n  // d\n-- e\n<!-- f -->\n#!/bin/sh\n";
        for (path, lines) in [
            ("a/b.yaml", vec![1, 5]),
            ("Dockerfile", vec![1, 5]),
            ("Dockerfile.dev", vec![1, 5]),
            (".gitignore", vec![1, 5]),
            ("README.md", vec![5]),
            ("src/Main.java", vec![3, 5]),
            ("x.sql", vec![4, 5]),
            ("main.c", vec![3, 5]),
            ("plain", vec![5]),
        ] {
            assert_eq!(comment_lines(path, text).into_iter().collect::<Vec<_>>(), lines, "{path}");
        }
    }
}
