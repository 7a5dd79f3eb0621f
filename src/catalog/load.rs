//! From paths to a catalog: reads documents, follows Locations, tells what is wrong, keeps what is right.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::{Path, PathBuf};

use crate::catalog::Catalog;
use crate::catalog::entity::Entity;
use crate::catalog::kinds::kind;
use crate::catalog::locations::{Target, targets};
use crate::catalog::refs::EntityRef;
use crate::catalog::relations::Relations;
use crate::catalog::{envelope, spec};
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
        anyhow::ensure!(!files.is_empty(), "no catalog at {}: there is no such file", path.display());
        open.extend(files);
    }
    while let Some(file) = open.pop_front() {
        if !seen.insert((disk.identity)(&file)) {
            continue;
        }
        let name = file.display().to_string();
        match (disk.read)(&file) {
            Err(error) => builder.problems.push(Problem::new(Place::new(&name, 1, 1), format!("{error:#}"))),
            Ok(text) => {
                for target in builder.add_file(&name, &file, &text) {
                    open.extend(follow(&target, disk, &mut builder.problems));
                }
            }
        }
    }
    Ok(builder.build())
}

/// The files of a Location's target.
fn follow(target: &Target, disk: &Disk<'_>, problems: &mut Vec<Problem>) -> Vec<PathBuf> {
    match (disk.expand)(&target.path) {
        Ok(files) if files.is_empty() && target.required => {
            let message = format!("{} does not exist", target.path.display());
            let problem = Problem::new(target.place.clone(), message);
            problems.push(problem.hint("presence: optional allows that"));
            files
        }
        Ok(files) => files,
        Err(error) => {
            problems.push(Problem::new(target.place.clone(), format!("{error:#}")));
            Vec::new()
        }
    }
}

/// Collects entities and problems, document by document.
#[derive(Default)]
pub struct Builder {
    entities: BTreeMap<EntityRef, Entity>,
    problems: Vec<Problem>,
}

impl Builder {
    /// Reads one file, and returns what its Locations say to load next.
    pub fn add_file(&mut self, name: &str, path: &Path, text: &str) -> Vec<Target> {
        let mut next = Vec::new();
        for document in documents(name, text) {
            match document {
                Err(problem) => self.problems.push(problem),
                Ok(document) => next.extend(self.add(document, path)),
            }
        }
        next
    }

    fn add(&mut self, document: Document, path: &Path) -> Vec<Target> {
        let known = envelope::check(&document, &mut self.problems);
        if let Some(kind) = known.as_deref().and_then(kind) {
            spec::check(&document, kind, &mut self.problems);
        }
        let Some(entity) = known.and_then(|kind| Entity::of(document, &kind)) else { return Vec::new() };
        if let Some(first) = self.entities.get(&entity.reference) {
            let place = entity.document.place("/metadata/name");
            let message = format!("{} is declared twice", entity.reference);
            let hint = format!("the one at {} counts", first.document.place("/metadata/name"));
            self.problems.push(Problem::new(place, message).hint(hint));
            return Vec::new();
        }
        let (found, problems) = match entity.kind.as_str() {
            "Location" => targets(&entity, path),
            _ => (Vec::new(), Vec::new()),
        };
        self.problems.extend(problems);
        self.entities.insert(entity.reference.clone(), entity);
        found
    }

    pub fn build(self) -> Catalog {
        let relations = Relations::of(self.entities.values());
        Catalog { entities: self.entities, problems: self.problems, relations }
    }
}
