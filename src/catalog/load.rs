//! From paths to a catalog: reads documents, follows Locations, tells what is wrong, keeps what is right.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::{Path, PathBuf};

use crate::catalog::Catalog;
use crate::catalog::entity::Entity;
use crate::catalog::kinds::kind;
use crate::catalog::locations::{LocationTarget, targets};
use crate::catalog::refs::EntityRef;
use crate::catalog::relations::Relations;
use crate::catalog::services::FAMILY;
use crate::catalog::{envelope, spec};
use crate::text::closest;
use crate::yaml::{Document, Place, Problem, documents};

/// What loading needs of the disk, handed in so that this stays a function of values.
pub struct Disk<'a> {
    /// The files that a path or pattern means, sorted; none if nothing is there.
    pub expand: &'a dyn Fn(&Path) -> anyhow::Result<Vec<PathBuf>>,
    /// The text of a file.
    pub read: &'a dyn Fn(&Path) -> anyhow::Result<String>,
    /// The one name of a file, so that none is read twice.
    pub identity: &'a dyn Fn(&Path) -> PathBuf,
}

/// Loads the catalog of some paths (files, directories, patterns). A path that means no file is an error;
/// whatever else is wrong is one of the catalog's problems.
pub fn load(paths: &[PathBuf], disk: &Disk<'_>) -> anyhow::Result<Catalog> {
    let mut builder = Builder::default();
    let mut seen = BTreeSet::new();
    let mut open = VecDeque::new();
    for path in paths {
        let files = (disk.expand)(path)?;
        anyhow::ensure!(!files.is_empty(), "no catalog at {}: there is no YAML file", path.display());
        open.extend(files);
    }
    while let Some(file) = open.pop_front() {
        if !seen.insert((disk.identity)(&file)) {
            continue;
        }
        let name = file.display().to_string();
        match (disk.read)(&file) {
            Err(error) => {
                let place = Place::new(&name, 1, 1);
                builder.lose(Problem::new(place, format!("{error:#}")));
            }
            Ok(text) => {
                for target in builder.add_file(&name, &file, &text) {
                    open.extend(follow(&target, disk, &mut builder));
                }
            }
        }
    }
    Ok(builder.build())
}

/// The files of a Location's target.
fn follow(target: &LocationTarget, disk: &Disk<'_>, builder: &mut Builder) -> Vec<PathBuf> {
    match (disk.expand)(&target.path) {
        Ok(files) if files.is_empty() && target.required => {
            let message = format!("{} does not exist", target.path.display());
            let problem = Problem::new(target.place.clone(), message);
            builder.lose(problem.hint("presence: optional allows that"));
            files
        }
        Ok(files) => files,
        Err(error) => {
            builder.lose(Problem::new(target.place.clone(), format!("{error:#}")));
            Vec::new()
        }
    }
}

/// Collects entities and problems, document by document.
#[derive(Default)]
pub struct Builder {
    entities: BTreeMap<EntityRef, Entity>,
    problems: Vec<Problem>,
    notes: Vec<Problem>,
    lost: Vec<Place>,
}

impl Builder {
    /// Reads one file, and returns what its Locations say to load next.
    pub fn add_file(&mut self, name: &str, path: &Path, text: &str) -> Vec<LocationTarget> {
        let mut next = Vec::new();
        for document in documents(name, text) {
            match document {
                Err(problem) => self.lose(problem),
                Ok(document) => next.extend(self.add(document, path)),
            }
        }
        next
    }

    fn add(&mut self, document: Document, path: &Path) -> Vec<LocationTarget> {
        let known = envelope::check(&document, &mut self.problems);
        if let Some(kind) = known.as_deref().and_then(kind) {
            spec::check(&document, kind, &mut self.problems);
        }
        let (may_be_service, place) = (may_be_service(&document), document.place(""));
        let is_misspelt = known.as_deref().is_some_and(|known| kind(known).is_none());
        let entity = known.and_then(|kind| Entity::of(document, &kind));
        if may_be_service && (entity.is_none() || is_misspelt) {
            self.lost.push(place);
        }
        let Some(entity) = entity else { return Vec::new() };
        if let Some(first) = self.entities.get(&entity.reference) {
            let place = entity.document.place("/metadata/name");
            let message = format!("{} is declared twice", entity.reference);
            let hint = format!("the one at {} counts", first.document.place("/metadata/name"));
            self.problems.push(Problem::new(place, message).hint(hint));
            return Vec::new();
        }
        let (found, notes) = match entity.kind.as_str() {
            "Location" => targets(&entity, path),
            _ => (Vec::new(), Vec::new()),
        };
        self.notes.extend(notes);
        self.entities.insert(entity.reference.clone(), entity);
        found
    }

    /// Something could not be read at all.
    fn lose(&mut self, problem: Problem) {
        self.lost.push(problem.place.clone());
        self.problems.push(problem);
    }

    pub fn build(self) -> Catalog {
        let relations = Relations::of(self.entities.values());
        let Builder { entities, problems, notes, lost } = self;
        Catalog { entities, problems, notes, lost, relations }
    }
}

/// Whether a document that is no entity as it stands was meant to be a service: nearly a Component, or one with an annotation of
/// Kubernetes'. What says that it is another kind, or no part of the catalog, is none.
fn may_be_service(document: &Document) -> bool {
    let value = &document.value;
    let text = |pointer: &str| value.pointer(pointer).and_then(|text| text.as_str()).unwrap_or_default();
    let (version, written) = (text("/apiVersion"), text("/kind"));
    let is_foreign = !version.is_empty() && !version.contains("backstage");
    let annotations = value.pointer("/metadata/annotations").and_then(|all| all.as_object());
    let is_annotated = annotations.is_some_and(|all| all.keys().any(|key| key.starts_with(FAMILY)));
    let is_component = written.is_empty() || !closest(written, ["Component"]).is_empty();
    !is_foreign && (is_annotated || is_component)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::path::{Path, PathBuf};

    use super::{Disk, load};
    use crate::catalog::{Catalog, Which};

    /// Loads `root.yaml` from files in memory; a pattern is a prefix and a star.
    fn load_from(files: &[(&str, &str)]) -> anyhow::Result<Catalog> {
        let files: BTreeMap<PathBuf, String> =
            files.iter().map(|(path, text)| (PathBuf::from(path), (*text).to_string())).collect();
        let expand = |path: &Path| {
            let pattern = path.display().to_string();
            let (prefix, any) = pattern.strip_suffix('*').map_or((pattern.as_str(), false), |p| (p, true));
            let fits = |file: &&PathBuf| {
                let file = file.display().to_string();
                if any { file.starts_with(prefix) } else { file == prefix }
            };
            Ok(files.keys().filter(fits).cloned().collect())
        };
        let read = |path: &Path| match files.get(path) {
            Some(text) if text == "unreadable" => anyhow::bail!("{} is not UTF-8 text", path.display()),
            Some(text) => Ok(text.clone()),
            None => anyhow::bail!("gone"),
        };
        let identity = |path: &Path| path.to_path_buf();
        load(&[PathBuf::from("root.yaml")], &Disk { expand: &expand, read: &read, identity: &identity })
    }

    fn location(spec: &str) -> String {
        format!("apiVersion: backstage.io/v1alpha1\nkind: Location\nmetadata: {{name: all}}\nspec: {spec}\n")
    }

    fn user(name: &str) -> String {
        format!(
            "apiVersion: backstage.io/v1alpha1\nkind: User\nmetadata: {{name: {name}}}\nspec: {{memberOf: []}}\n"
        )
    }

    #[track_caller]
    fn check(files: &[(&str, &str)], entities: &[&str], problems: &[&str]) {
        let catalog = load_from(files).expect("loaded");
        assert_eq!(catalog.entities.keys().map(ToString::to_string).collect::<Vec<_>>(), entities);
        assert_eq!(catalog.problems.iter().map(ToString::to_string).collect::<Vec<_>>(), problems);
    }

    /// Where something is lost that may be a service.
    #[track_caller]
    fn check_lost(text: &str, expect: &[usize]) {
        let catalog = Catalog::of_text("c.yaml", text);
        assert_eq!(catalog.lost.iter().map(|place| place.line).collect::<Vec<_>>(), expect, "{text}");
    }

    #[test]
    fn what_may_be_a_service_is_not_lost_silently() {
        let head = "apiVersion: backstage.io/v1alpha1\n";
        check_lost(&format!("{}---\na: [\n", user("a")), &[6]);
        check_lost(&format!("{head}kind: Component\nmetadata: {{name: 'a b'}}\nspec: {{}}\n"), &[1]);
        check_lost(&format!("{head}kind: Componnet\nmetadata: {{name: a}}\nspec: {{}}\n"), &[1]);
        check_lost(&format!("{head}metadata: {{name: a}}\nspec: {{}}\n"), &[1]);
        check_lost(&format!("{head}kind: User\nmetadata: {{name: 'a b'}}\nspec: {{memberOf: []}}\n"), &[]);
        check_lost("apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: 'a b'}\n", &[]);
        check_lost(
            &format!(
                "{head}kind: Resource\nmetadata: {{name: 'a b', annotations: {{backstage.io/kubernetes-id: x}}}}\nspec: {{}}\n"
            ),
            &[1],
        );
        check_lost(&user("a"), &[]);
    }

    #[test]
    fn locations_are_followed_each_file_once() {
        check(
            &[
                ("root.yaml", &location("{targets: [./sub/*, root.yaml, sub/a.yaml]}")),
                ("sub/a.yaml", &location("{target: ./b.yaml}").replace("name: all", "name: sub")),
                ("sub/b.yaml", &user("b")),
            ],
            &["location:default/all", "location:default/sub", "user:default/b"],
            &[],
        );
    }

    #[test]
    fn what_cannot_be_followed_is_told_at_its_place() {
        check(
            &[
                ("root.yaml", &location("{targets: [none.yaml, 'https://x/y.yaml', bad.yaml]}")),
                ("bad.yaml", "unreadable"),
            ],
            &["location:default/all"],
            &["root.yaml:4:18: none.yaml does not exist", "bad.yaml:1:1: bad.yaml is not UTF-8 text"],
        );
        check(
            &[("root.yaml", &location("{target: none.yaml, presence: optional}"))],
            &["location:default/all"],
            &[],
        );
        assert!(load_from(&[]).expect_err("no root").to_string().contains("root.yaml"));
    }

    #[test]
    fn one_bad_document_or_duplicate_costs_only_itself() {
        let text = format!("{}---\na: [\n---\n{}---\n{}", user("a"), user("b"), user("A"));
        check(
            &[("root.yaml", &text)],
            &["user:default/a", "user:default/b"],
            &["root.yaml:6:4: unclosed bracket '['", "root.yaml:15:18: user:default/a is declared twice"],
        );
        let catalog = load_from(&[("root.yaml", &text)]).expect("loaded");
        assert_eq!(catalog.problems[1].hint.as_deref(), Some("the one at root.yaml:3:18 counts"));
    }

    #[test]
    fn no_mutation_of_a_catalog_panics() {
        const EXAMPLE: &str = include_str!("../../catalog.example.yaml");
        let mut state = 0x853c_49e6_748f_ea9b_u64;
        let mut random = |below: usize| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            usize::try_from(state % below as u64).expect("small")
        };
        let documents: Vec<&str> = EXAMPLE.split("---\n").collect();
        for _ in 0..300 {
            let mut lines: Vec<String> = (0..4)
                .flat_map(|_| ["---"].into_iter().chain(documents[random(documents.len())].lines()))
                .map(str::to_string)
                .collect();
            for _ in 0..3 {
                let (from, to) = (random(lines.len()), random(lines.len()));
                match random(3) {
                    0 => lines.swap(from, to),
                    1 => drop(lines.remove(from)),
                    _ => {
                        lines[from] =
                            lines[from].replace(": ", [": [", ": 1", ": :", ": *", ": /"][random(5)])
                    }
                }
            }
            let catalog = Catalog::of_text("m", &lines.join("\n"));
            let services = catalog.services(&Which::default()).expect("no word was given");
            assert!(services.len() <= 4 && catalog.findings(Some(&[])).len() < 1000);
        }
    }
}
