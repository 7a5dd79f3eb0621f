//! Templates among the files of a tree: any YAML file may hold one or several, whatever it is called.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::rc::Rc;

use serde_json::Value as Json;

use crate::golden_paths::placeholders::{self, ResolvedPlaceholders};
use crate::golden_paths::source::{SourceRoot, TemplateSource};
use crate::scaffold::digest;
use crate::scaffold::lock::Origin;
use crate::scaffold::template::{self, Template};
use crate::tree::{Tree, joined, within};
use crate::yaml::{self, Problem};

/// A template with its directory.
#[derive(Clone, Debug)]
pub struct GoldenPath {
    pub template: Template,
    /// All that lies beside the template's file, itself included.
    pub tree: Rc<Tree>,
    /// What the directory lies in.
    pub source: TemplateSource,
    pub origin: Origin,
    /// Where it lies on this machine's disk, if it does.
    pub directory: Option<PathBuf>,
    /// Digests of the files that its placeholders stand for, by path of the source.
    pub placeholders: BTreeMap<String, String>,
}

/// One template, read or unreadable.
#[derive(Clone)]
pub struct FoundTemplate {
    /// As messages name the file.
    pub file: String,
    /// Its name, or what its file or directory is called where it cannot be read.
    pub called: String,
    pub text: String,
    /// Which of the Templates of the file it is.
    pub number: usize,
    pub tree: Rc<Tree>,
    pub source: TemplateSource,
    pub origin: Origin,
    pub directory: Option<PathBuf>,
}

impl FoundTemplate {
    /// The template, with what its placeholders stand for.
    pub fn template(&self) -> Result<Template, Vec<Problem>> {
        self.resolved().map(|(template, _)| template)
    }

    fn resolved(&self) -> Result<(Template, BTreeMap<String, String>), Vec<Problem>> {
        let mut document = template::document(&self.file, &self.text, self.number)?;
        let ResolvedPlaceholders { problems, read } = placeholders::resolve(&mut document, &self.source);
        match problems.is_empty() {
            true => Ok((template::of_document(document, &self.text)?, read)),
            false => Err(problems),
        }
    }

    pub fn read(self) -> Result<GoldenPath, Vec<Problem>> {
        let (template, placeholders) = self.resolved()?;
        let FoundTemplate { tree, source, origin, directory, .. } = self;
        Ok(GoldenPath { template, tree, source, origin, directory, placeholders })
    }
}

/// How deep below a source templates are looked for.
const DEEPEST: usize = 8;
/// The usual names: what bears one is meant to be a template, even where it cannot be read.
const USUAL: &[&str] = &["template.yaml", "template.yml"];
/// Longer files are no templates.
const MOST_TEXT: usize = 1 << 20;

/// Where templates are looked for.
pub struct SearchedTree<'a> {
    pub tree: &'a Tree,
    pub root: SourceRoot,
    pub remote: Option<String>,
    /// Where the tree lies below the root.
    pub at: &'a str,
    /// As messages name it.
    pub shown: &'a str,
    /// One file of it that is meant, instead of all.
    pub only: Option<&'a str>,
}

/// Whether a file is YAML by its name, however that is written.
pub fn is_yaml(path: &str) -> bool {
    let extension = path.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase());
    matches!(extension.as_deref(), Some("yaml" | "yml"))
}

/// The templates of a tree, by path; not those that are part of another one's skeleton. `origin` is asked with a directory.
pub fn templates(searched: &SearchedTree<'_>, origin: &dyn Fn(&str) -> Origin) -> Vec<FoundTemplate> {
    let mut files: Vec<(&str, String, Vec<Json>)> = Vec::new();
    for (path, _) in searched.tree.iter() {
        let named = match searched.only {
            Some(only) => path == only,
            None => is_yaml(path) && path.matches('/').count() <= DEEPEST,
        };
        let Some(bytes) = searched.tree.bytes(path).filter(|bytes| named && bytes.len() <= MOST_TEXT) else {
            continue;
        };
        let text = String::from_utf8_lossy(bytes).into_owned();
        if let Some(documents) = holds(path, &text, searched.only.is_some()) {
            files.push((path, text, documents));
        }
    }
    let skeletons: Vec<String> =
        files.iter().flat_map(|(path, _, documents)| skeletons(path, documents)).collect();
    files.retain(|(path, ..)| {
        searched.only.is_some() || !skeletons.iter().any(|skeleton| path.starts_with(&format!("{skeleton}/")))
    });
    let mut found = Vec::new();
    for (path, text, documents) in files {
        let directory = path.rsplit_once('/').map_or("", |(directory, _)| directory);
        let Some(tree) = searched.tree.subtree(directory).map(Rc::new) else { continue };
        let mut origin = origin(directory);
        origin.digest = digest::of_tree(&tree);
        for (number, document) in documents.iter().enumerate() {
            let name = document["metadata"]["name"].as_str().filter(|name| !name.is_empty());
            found.push(FoundTemplate {
                file: joined(searched.shown, path),
                called: name.map_or_else(|| called(searched.shown, path), String::from),
                text: text.clone(),
                number,
                tree: Rc::clone(&tree),
                source: TemplateSource {
                    root: searched.root.clone(),
                    base: joined(searched.at, directory),
                    remote: searched.remote.clone(),
                },
                origin: origin.clone(),
                directory: None,
            });
        }
    }
    found
}

/// The Template documents of a file; one that is nothing where the file is meant to hold one and does not. None where it holds none.
fn holds(path: &str, text: &str, named: bool) -> Option<Vec<Json>> {
    let name = path.rsplit('/').next().unwrap_or_default().to_lowercase();
    let usual = USUAL.contains(&name.as_str());
    // A quick look, for a repository holds many files of YAML.
    let mentions = text.contains("scaffolder.backstage.io") || text.contains("backstage.io/v1beta2");
    if !mentions && !usual && !named {
        return None;
    }
    let documents = yaml::documents(path, text);
    let readable = documents.iter().flatten();
    let templates: Vec<Json> = readable
        .filter(|document| {
            document.value["kind"] == "Template" && is_backstages(&document.value, named || usual)
        })
        .map(|document| document.value.clone())
        .collect();
    if !templates.is_empty() {
        return Some(templates);
    }
    let meant = |value: &Json| {
        let near = value["kind"].as_str().is_some_and(|kind| strsim::osa_distance(kind, "Template") <= 2);
        near && is_backstages(value, true)
            || value["apiVersion"].as_str().is_some_and(|version| version.contains("scaffolder"))
    };
    let broken = documents.iter().any(Result::is_err)
        && (named || text.lines().any(|line| line.trim_end() == "kind: Template"));
    let other = documents.iter().flatten().any(|document| document.value["kind"] == "Location");
    let wrong = documents.iter().flatten().any(|document| meant(&document.value));
    (broken || wrong || named && !other).then(|| vec![Json::Null])
}

/// OpenShift has a kind of that name too.
fn is_backstages(value: &Json, meant: bool) -> bool {
    match value["apiVersion"].as_str() {
        Some(version) => {
            version.contains("backstage.io") || meant && !version.contains("openshift") && version != "v1"
        }
        None => meant,
    }
}

/// Directories whose files are rendered or copied by the templates of a file, and its tests: what looks like a template there is
/// part of a project to be.
fn skeletons(path: &str, documents: &[Json]) -> Vec<String> {
    let directory = path.rsplit_once('/').map_or("", |(directory, _)| directory);
    let mut found = vec![joined(directory, "tests")];
    let steps = documents.iter().filter_map(|document| document["spec"]["steps"].as_array()).flatten();
    for url in steps.filter_map(|step| step["input"]["url"].as_str()).filter(|url| !url.contains("://")) {
        // Up to the first part that an expression decides.
        let (literal, rest) = url.split_once("${{").unwrap_or((url, ""));
        let literal =
            if rest.is_empty() { literal } else { literal.rsplit_once('/').map_or("", |(whole, _)| whole) };
        let Ok(path) = within(directory, literal) else { continue };
        // The directory of the template itself, or one above, holds more than a skeleton.
        if !path.is_empty() && path != directory && !directory.starts_with(&format!("{path}/")) {
            found.push(path);
        }
    }
    found
}

/// What a template is called that cannot be read: as its directory, or as its file.
fn called(shown: &str, path: &str) -> String {
    let whole = joined(shown.trim_end_matches('/'), path);
    let mut words = whole.rsplit('/');
    let file = words.next().unwrap_or_default();
    match words.next().filter(|word| !matches!(*word, "" | "." | "..")) {
        Some(directory) if USUAL.contains(&file.to_lowercase().as_str()) => directory.to_string(),
        _ => file.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use super::{SearchedTree, templates};
    use crate::golden_paths::source::SourceRoot;
    use crate::scaffold::lock::Origin;
    use crate::tree::{Tree, TreeEntry};

    fn template(name: &str, url: &str) -> String {
        format!(
            "apiVersion: scaffolder.backstage.io/v1beta3\nkind: Template\nmetadata: {{name: {name}}}\nspec: {{type: x, steps: [{{action: fetch:template, input: {{url: \"{url}\"}}}}]}}\n"
        )
    }

    #[track_caller]
    fn check(files: &[(&str, String)], expect: &[&str]) {
        let mut tree = Tree::default();
        files
            .iter()
            .for_each(|(path, text)| tree.insert(path, TreeEntry::text(text.as_str())).expect("fits"));
        let root = SourceRoot::Tree(Rc::new(tree.clone()));
        let searched = SearchedTree { tree: &tree, root, remote: None, at: "", shown: "s", only: None };
        let found = templates(&searched, &|_| Origin::default());
        let found: Vec<String> = found.iter().map(|each| format!("{} {}", each.file, each.called)).collect();
        assert_eq!(found, expect);
    }

    #[test]
    fn a_template_is_found_in_any_file() {
        let one = template("one", "./skeleton");
        check(&[("my-template.yaml", one.clone())], &["s/my-template.yaml one"]);
        check(&[("a/b/c/d/e/template.yml", one.clone())], &["s/a/b/c/d/e/template.yml one"]);
        check(&[("Template.YAML", one.clone())], &["s/Template.YAML one"]);
        let two = format!("kind: Location\n---\n{one}---\n{}", template("two", "./skeleton"));
        check(&[("all.yaml", two)], &["s/all.yaml one", "s/all.yaml two"]);
        let location = "apiVersion: backstage.io/v1alpha1\nkind: Location\nmetadata: {name: l}\nspec: {targets: [./a/template.yaml]}\n";
        check(
            &[("template.yaml", location.into()), ("a/template.yaml", one.clone())],
            &["s/a/template.yaml one"],
        );
        check(&[("template.yaml", "kind: Tmplate\n".into())], &["s/template.yaml s"]);
        check(&[("web/template.yaml", "kind: Template\nmetadata: [\n".into())], &["s/web/template.yaml web"]);
    }

    #[test]
    fn what_only_looks_like_one_is_none() {
        let openshift = "apiVersion: template.openshift.io/v1\nkind: Template\nmetadata: {name: o}\n";
        check(&[("template.yaml", openshift.into()), ("other.yaml", "kind: Template\n".into())], &[]);
        let one = template("one", "./skeleton");
        let files =
            [("template.yaml", one.clone()), ("skeleton/template.yaml", one.clone()), ("more/x.yaml", one)];
        check(&files, &["s/more/x.yaml one", "s/template.yaml one"]);
        let by_choice = template("one", "./${{ parameters.kind }}/x");
        check(&[("t/template.yaml", by_choice)], &["s/t/template.yaml one"]);
        let shared = template("one", "../shared/app");
        check(
            &[("a/template.yaml", shared.clone()), ("shared/app/template.yaml", shared)],
            &["s/a/template.yaml one"],
        );
    }
}
