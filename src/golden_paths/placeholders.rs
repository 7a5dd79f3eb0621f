//! The files that `$yaml`, `$json` and `$text` of a template name: those of its source, and no others.

use std::cell::RefCell;
use std::collections::BTreeMap;

use crate::golden_paths::source::TemplateSource;
use crate::scaffold::digest;
use crate::tree::{TreeEntry, within};
use crate::yaml::{Document, Placeholder, Problem, resolve_placeholders};

/// What became of the placeholders of a document.
#[derive(Debug, PartialEq)]
pub struct ResolvedPlaceholders {
    pub problems: Vec<Problem>,
    /// Digests of what was read, by path of the source.
    pub read: BTreeMap<String, String>,
}

/// Resolves every placeholder of a document whose file lies in the directory `base` of the source.
pub fn resolve(document: &mut Document, source: &TemplateSource) -> ResolvedPlaceholders {
    let seen = RefCell::new(BTreeMap::new());
    let problems =
        resolve_placeholders(document, &|placeholder| read(placeholder, source, &seen).map(Some)).problems;
    ResolvedPlaceholders { problems, read: seen.into_inner() }
}

fn read(
    placeholder: &Placeholder,
    source: &TemplateSource,
    seen: &RefCell<BTreeMap<String, String>>,
) -> anyhow::Result<String> {
    let target = &placeholder.target;
    anyhow::ensure!(!target.contains("://"), "{target}: what lies elsewhere is not fetched");
    let path = match target.strip_prefix('/') {
        Some(rest) => within("", rest),
        None => within(&source.base, target),
    }?;
    let found = source.at(&path)?;
    let name = path.rsplit('/').next().unwrap_or_default();
    let tree = found.ok_or_else(|| anyhow::anyhow!("{target} does not exist"))?;
    seen.borrow_mut().insert(path.clone(), digest::of_tree(&tree));
    match tree.get(name).filter(|_| tree.len() == 1) {
        Some(TreeEntry::File { bytes, .. }) => Ok(String::from_utf8_lossy(bytes).into_owned()),
        _ => anyhow::bail!("{target} is no file"),
    }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use serde_json::json;

    use super::resolve;
    use crate::golden_paths::source::{SourceRoot, TemplateSource};
    use crate::tree::{Tree, TreeEntry};
    use crate::yaml;

    #[test]
    fn placeholders_are_files_of_the_source() {
        let mut tree = Tree::default();
        for (path, text) in
            [("t/steps.yaml", "[{a: 1}]"), ("shared/page.json", "{\"b\": 2}"), ("t/note.md", "hi\n")]
        {
            tree.insert(path, TreeEntry::text(text)).expect("fits");
        }
        let source = TemplateSource { root: SourceRoot::Tree(Rc::new(tree)), base: "t".into(), remote: None };
        let text = "steps: {$yaml: ./steps.yaml}\npage: [{$json: ../shared/page.json}]\nnote: {$text: note.md}\nother: {$ref: x}\n";
        let mut document = yaml::documents("t.yaml", text).remove(0).expect("YAML");
        let resolved = resolve(&mut document, &source);
        assert_eq!(resolved.problems, []);
        let read: Vec<&str> = resolved.read.keys().map(String::as_str).collect();
        assert_eq!(read, ["shared/page.json", "t/note.md", "t/steps.yaml"]);
        assert_eq!(
            document.value,
            json!({"steps": [{"a": 1}], "page": [{"b": 2}], "note": "hi\n", "other": {"$ref": "x"}})
        );
        let text = "a: {$yaml: ../../x}\nb: {$yaml: https://x/y}\nc: {$text: nowhere}\nd: {$json: note.md}\n";
        let mut document = yaml::documents("t.yaml", text).remove(0).expect("YAML");
        let told: Vec<String> =
            resolve(&mut document, &source).problems.iter().map(ToString::to_string).collect();
        assert_eq!(
            told,
            [
                "t.yaml:1:12: $yaml: the path '../../x' leaves its directory",
                "t.yaml:2:12: $yaml: https://x/y: what lies elsewhere is not fetched",
                "t.yaml:3:12: $text: nowhere does not exist",
                "t.yaml:4:12: $json: note.md is no JSON: expected value at line 1 column 1",
            ]
        );
    }
}
