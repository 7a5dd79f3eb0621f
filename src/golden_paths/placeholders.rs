//! `$yaml`, `$json` and `$text` in a template: what lies in another file of the source takes their place, as Backstage's catalog has it.

use serde_json::{Map, Value as Json};

use crate::golden_paths::source::TemplateSource;
use crate::tree::{TreeEntry, within};
use crate::yaml::{self, Document, Problem, step};

/// More files than any template is put together from.
const MOST: usize = 200;

/// Resolves every placeholder of a document whose file lies in the directory `base` of the source.
pub fn resolve(document: &mut Document, source: &TemplateSource) -> Vec<Problem> {
    let mut value = document.value.take();
    let mut resolver = PlaceholderResolver { source, left: MOST, found: Vec::new() };
    resolver.resolve(&mut value, "");
    document.value = value;
    let problem = |(pointer, message): (String, String)| document.problem(&pointer, message);
    resolver.found.into_iter().map(problem).collect()
}

struct PlaceholderResolver<'a> {
    source: &'a TemplateSource,
    left: usize,
    /// Pointers and what is wrong there.
    found: Vec<(String, String)>,
}

impl PlaceholderResolver<'_> {
    fn resolve(&mut self, value: &mut Json, pointer: &str) {
        match value {
            Json::Array(items) => {
                for (index, item) in items.iter_mut().enumerate() {
                    self.resolve(item, &format!("{pointer}/{index}"));
                }
            }
            Json::Object(map) => match placeholder(map) {
                None => {
                    for (key, item) in map.iter_mut() {
                        self.resolve(item, &format!("{pointer}/{}", step(key)));
                    }
                }
                Some((kind, target)) => match self.read(kind, &target) {
                    Ok(read) => *value = read,
                    Err(why) => self.found.push((pointer.to_string(), format!("{kind}: {target}: {why}"))),
                },
            },
            _ => {}
        }
    }

    /// What a placeholder stands for. Backstage resolves none inside what it brings.
    fn read(&mut self, kind: &str, target: &str) -> Result<Json, String> {
        self.left =
            self.left.checked_sub(1).ok_or_else(|| format!("there are more than {MOST} placeholders"))?;
        if target.contains("://") {
            return Err("what lies elsewhere is not fetched".into());
        }
        let path = match target.strip_prefix('/') {
            Some(rest) => within("", rest),
            None => within(&self.source.base, target),
        };
        let path = path.map_err(|problem| problem.to_string())?;
        let found = self.source.at(&path).map_err(|error| format!("{error:#}"))?;
        let name = path.rsplit('/').next().unwrap_or_default();
        let tree = found.ok_or("there is no such file")?;
        let Some(TreeEntry::File { bytes, .. }) = tree.get(name).filter(|_| tree.len() == 1) else {
            return Err("this is no file".into());
        };
        let text = String::from_utf8_lossy(bytes).into_owned();
        match kind {
            "$text" => Ok(Json::String(text)),
            "$json" => serde_json::from_str(&text).map_err(|error| error.to_string()),
            _ => match yaml::documents(target, &text).into_iter().next() {
                None => Ok(Json::Null),
                Some(Ok(document)) => Ok(document.value),
                Some(Err(problem)) => Err(problem.to_string()),
            },
        }
    }
}

/// The kind and the target, where an object is nothing but a placeholder.
fn placeholder(map: &Map<String, Json>) -> Option<(&'static str, String)> {
    let (key, value) = map.iter().next().filter(|_| map.len() == 1)?;
    let kind = ["$yaml", "$json", "$text"].into_iter().find(|kind| kind == key)?;
    Some((kind, value.as_str()?.to_string()))
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
        assert_eq!(resolve(&mut document, &source), []);
        assert_eq!(
            document.value,
            json!({"steps": [{"a": 1}], "page": [{"b": 2}], "note": "hi\n", "other": {"$ref": "x"}})
        );
        let text = "a: {$yaml: ../../x}\nb: {$yaml: https://x/y}\nc: {$text: nowhere}\nd: {$json: note.md}\n";
        let mut document = yaml::documents("t.yaml", text).remove(0).expect("YAML");
        let told: Vec<String> = resolve(&mut document, &source).iter().map(ToString::to_string).collect();
        assert_eq!(told.len(), 4, "{told:?}");
        assert!(told[0].starts_with("t.yaml:1:4: $yaml: ../../x: "), "{told:?}");
    }
}
