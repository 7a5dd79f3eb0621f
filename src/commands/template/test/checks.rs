//! What may be wrong with a rendered tree: files that cannot be read, what a case expects, what differs from the golden tree.

use serde_json::Value as Json;

use crate::tree::Tree;
use crate::yaml;

/// YAML and JSON files that nobody could read. Templates of a Helm chart are no YAML, JSON may have comments where its readers take
/// them, and a file of JSON lines is one.
pub fn unreadable(tree: &Tree) -> Vec<String> {
    let mut wrong = Vec::new();
    for (path, _) in tree.iter() {
        let Some(text) = tree.bytes(path).and_then(|bytes| std::str::from_utf8(bytes).ok()) else { continue };
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        if path.ends_with(".yaml") || path.ends_with(".yml") {
            if !is_of_chart(tree, path) {
                let problems = yaml::documents(path, text).into_iter().filter_map(Result::err);
                wrong.extend(problems.map(|problem| problem.to_string()));
            }
        } else if path.ends_with(".json")
            && let Err(error) = read_json(path, text)
        {
            wrong.push(format!("{path}: {error}"));
        }
    }
    wrong
}

/// Whether a file is a template of a Helm chart: below `templates/` beside a `Chart.yaml`.
fn is_of_chart(tree: &Tree, path: &str) -> bool {
    let places = path.match_indices("templates/").map(|(at, _)| &path[..at]);
    places
        .into_iter()
        .any(|above| (above.is_empty() || above.ends_with('/')) && tree.exists(&format!("{above}Chart.yaml")))
}

fn read_json(path: &str, text: &str) -> Result<(), serde_json::Error> {
    let read = |text: &str| serde_json::from_str::<serde::de::IgnoredAny>(text).map(drop);
    let Err(error) = read(text) else { return Ok(()) };
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    if lines.len() > 1 && lines.iter().all(|line| read(line).is_ok()) {
        return Ok(());
    }
    let name = path.rsplit('/').next().unwrap_or_default();
    let commented =
        ["tsconfig", "jsconfig", ".eslintrc", "devcontainer", "tslint", "api-extractor", ".swcrc"];
    let directory = [".vscode/", ".devcontainer/"].iter().any(|part| path.contains(part));
    match directory || commented.iter().any(|word| name.starts_with(word)) {
        true => read(&plain_json(text)),
        false => Err(error),
    }
}

/// JSON without its comments and the commas before a closing bracket.
fn plain_json(text: &str) -> String {
    let (mut plain, mut characters, mut quoted) = (String::new(), text.chars().peekable(), false);
    while let Some(c) = characters.next() {
        match (quoted, c, characters.peek()) {
            (true, '\\', _) => {
                plain.push(c);
                plain.extend(characters.next());
            }
            (_, '"', _) => {
                quoted = !quoted;
                plain.push(c);
            }
            (false, '/', Some('/')) => while characters.next_if(|c| *c != '\n').is_some() {},
            (false, '/', Some('*')) => {
                let mut before = ' ';
                for c in characters.by_ref().skip(1) {
                    if before == '*' && c == '/' {
                        break;
                    }
                    before = c;
                }
            }
            (false, ']' | '}', _) => {
                let kept = plain.trim_end().trim_end_matches(',').len();
                plain.truncate(kept);
                plain.push(c);
            }
            _ => plain.push(c),
        }
    }
    plain
}

/// What a case file expects and the tree does not hold.
pub fn unexpected(expect: &Json, tree: &Tree) -> Vec<String> {
    let texts = |value: &Json| -> Vec<String> {
        let one = value.as_str().map(String::from);
        let many = value.as_array().into_iter().flatten().filter_map(|text| Some(text.as_str()?.to_string()));
        one.into_iter().chain(many).collect()
    };
    let mut wrong = Vec::new();
    wrong.extend(
        texts(&expect["files"])
            .iter()
            .filter(|path| !tree.exists(path))
            .map(|path| format!("{path} is missing")),
    );
    wrong.extend(
        texts(&expect["absent"])
            .iter()
            .filter(|path| tree.exists(path))
            .map(|path| format!("{path} is there")),
    );
    for (path, wanted) in expect["contains"].as_object().into_iter().flatten() {
        let content = tree.bytes(path).map(String::from_utf8_lossy).unwrap_or_default();
        let missing = texts(wanted).into_iter().filter(|text| !content.contains(text));
        wrong.extend(missing.map(|text| format!("{path} does not hold {text:?}")));
    }
    wrong
}

pub fn differences(golden: &Option<Tree>, tree: &Tree) -> Vec<String> {
    let Some(golden) = golden else {
        return vec!["there is no golden tree for this case; --update-golden writes it".into()];
    };
    let mut wrong = Vec::new();
    for (path, entry) in tree.iter() {
        match golden.get(path) {
            None => wrong.push(format!("{path} is new")),
            Some(known) if known == entry => {}
            Some(_) => wrong.push(changed(path, golden.bytes(path), tree.bytes(path))),
        }
    }
    wrong.extend(
        golden.iter().filter(|(path, _)| tree.get(path).is_none()).map(|(path, _)| format!("{path} is gone")),
    );
    wrong
}

/// The first line that differs.
fn changed(path: &str, was: Option<&[u8]>, is: Option<&[u8]>) -> String {
    let text = |bytes: Option<&[u8]>| {
        bytes.map(|bytes| String::from_utf8_lossy(bytes).into_owned()).unwrap_or_default()
    };
    let (was, is) = (text(was), text(is));
    if was == is {
        return format!("{path}: its mode is another");
    }
    let same = was.lines().zip(is.lines()).take_while(|(was, is)| was == is).count();
    let line = |text: &str| {
        text.lines().nth(same).map_or_else(|| "(the end)".to_string(), |line| format!("{line:?}"))
    };
    format!("{path}:{}: was {}, is {}", same + 1, line(&was), line(&is))
}

#[cfg(test)]
mod tests {
    use super::unreadable;
    use crate::tree::{Tree, TreeEntry};

    #[track_caller]
    fn check(files: &[(&str, &str)], expect: &[&str]) {
        let mut tree = Tree::default();
        files.iter().for_each(|(path, text)| tree.insert(path, TreeEntry::text(*text)).expect("fits"));
        let found = unreadable(&tree);
        assert_eq!(found.len(), expect.len(), "{found:?}");
        assert!(found.iter().zip(expect).all(|(found, expect)| found.starts_with(expect)), "{found:?}");
    }

    #[test]
    fn files_are_taken_for_what_they_are() {
        let chart = "{{- if .Values.x }}\na: {{ .Values.y }}\n{{- end }}\n";
        check(&[("chart/Chart.yaml", "name: c\n"), ("chart/templates/a/b.yaml", chart)], &[]);
        check(&[("templates/b.yaml", chart)], &["templates/b.yaml:"]);
        check(&[("tsconfig.json", "{ // why\n \"a\": [1, /* two */ 2,], \"b\": \"//x\",\n}\n")], &[]);
        check(&[("package.json", "{ // why\n}\n")], &["package.json: "]);
        check(&[(".vscode/settings.json", "{\"a\": 1,}")], &[]);
        check(&[("data.json", "{\"a\": 1}\n{\"a\": 2}\n"), ("bom.json", "\u{feff}{}")], &[]);
        check(&[("a.json", "{\"a\": 1"), ("b.yaml", "a: 1\na: 2\n")], &["a.json: ", "b.yaml:"]);
    }
}
