//! Every regular expression that the code writes down compiles: one that does not would panic on the first log or
//! message that reaches it.

use std::path::Path;

use regex::{Regex, RegexBuilder};

/// The expressions handed to `regex!(..)` and `LazyRegex::new(..)`, written as raw texts.
fn expressions(text: &str) -> Vec<String> {
    let raw =
        Regex::new(r##"(?s)\b(?:regex!|LazyRegex::new)\(\s*(?:r#"(.*?)"#|r"([^"]*)"|"((?:[^"\\]|\\.)*)")"##)
            .expect("an expression");
    let found = raw.captures_iter(text).filter_map(|words| {
        let plain = words.get(3).map(|text| text.as_str().replace("\\\\", "\\").replace("\\\"", "\""));
        words.get(1).or(words.get(2)).map(|text| text.as_str().to_string()).or(plain)
    });
    found.collect()
}

fn walk(directory: &Path, check: &mut impl FnMut(&Path)) {
    for entry in std::fs::read_dir(directory).expect("readable") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            walk(&path, check);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            check(&path);
        }
    }
}

#[test]
fn every_expression_compiles() {
    let (mut count, mut wrong) = (0, Vec::new());
    walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut |path| {
        let text = std::fs::read_to_string(path).expect("readable");
        for expression in expressions(&text) {
            count += 1;
            let built = RegexBuilder::new(&expression).case_insensitive(true).size_limit(64 << 20).build();
            if let Err(error) = built {
                wrong.push(format!("{}: {expression}: {error}", path.display()));
            }
        }
    });
    assert!(count > 150, "only {count} expressions were found");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
