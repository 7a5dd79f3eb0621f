//! What may be wrong with a rendered tree: files that cannot be read, what a case expects, what differs from the golden tree.

use serde_json::Value as Json;

use crate::tree::Tree;
use crate::yaml;

/// YAML and JSON files that nobody could read.
pub fn unreadable(tree: &Tree) -> Vec<String> {
    let mut wrong = Vec::new();
    for (path, _) in tree.iter() {
        let Some(text) = tree.bytes(path).and_then(|bytes| std::str::from_utf8(bytes).ok()) else { continue };
        if path.ends_with(".yaml") || path.ends_with(".yml") {
            let problems = yaml::documents(path, text).into_iter().filter_map(Result::err);
            wrong.extend(problems.map(|problem| problem.to_string()));
        } else if path.ends_with(".json")
            && let Err(error) = serde_json::from_str::<serde::de::IgnoredAny>(text)
        {
            wrong.push(format!("{path}: {error}"));
        }
    }
    wrong
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
