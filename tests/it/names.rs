//! Names of the code: each type's is declared once, and the glossary knows those that a newcomer meets first.

use std::collections::BTreeMap;
use std::fs;

use crate::source_text::{root, sources};

/// The words of the code in the glossary are types and modules that exist.
#[test]
fn words_of_the_code_exist() {
    let page = fs::read_to_string(root().join("docs/glossary.md")).expect("readable");
    let (_, words) = page.split_once("## Words of the code").expect("the second part");
    let words: Vec<&str> = words
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once('`').map(|(word, _)| word))
        .collect();
    assert!(words.len() > 20, "{words:?}");
    let sources = sources();
    for word in words {
        let declares = |keyword: &str| {
            let declared = format!("{keyword} {word}");
            let is_whole = |text: &str| !text.starts_with(|next: char| next.is_alphanumeric() || next == '_');
            sources.iter().any(|source| {
                source
                    .text
                    .match_indices(&declared)
                    .any(|(at, _)| is_whole(&source.text[at + declared.len()..]))
            })
        };
        assert!(["struct", "enum", "trait", "mod"].iter().any(|keyword| declares(keyword)), "{word} is gone");
    }
}

/// A newcomer who reads a type's name knows which one is meant. Types that an `impl` gives its trait (`type Err`) are
/// the trait's.
#[test]
fn a_type_name_is_declared_once() {
    let declared =
        regex::Regex::new(r"(?m)^ *(?:pub(?:\([a-z: ]+\))? )?(?:struct|enum|trait|union) ([A-Z]\w*)")
            .expect("valid");
    let aliases = regex::Regex::new(r"(?m)^(?:pub(?:\([a-z: ]+\))? )?type ([A-Z]\w*)").expect("valid");
    let mut places: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for source in sources().iter().filter(|source| !source.path.iter().any(|part| part == "golden-paths")) {
        for found in declared.captures_iter(&source.text).chain(aliases.captures_iter(&source.text)) {
            places.entry(found[1].to_string()).or_default().push(source.path.display().to_string());
        }
    }
    assert!(places.len() > 700, "{} types", places.len());
    places.retain(|_, places| places.len() > 1);
    assert!(places.is_empty(), "declared more than once: {places:#?}");
}
