//! Collects what files declare, file by file: which of two declarations counts, and what was left alone.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value;

use crate::catalog::Catalog;
use crate::catalog::clusters::{is_cluster, names_of};
use crate::catalog::entity::Entity;
use crate::catalog::locations::LocationTarget;
use crate::catalog::parallel::{FileOutcome, FileToRead, read_files};
use crate::catalog::reading::{DocumentReading, ReadingContext};
use crate::catalog::refs::EntityRef;
use crate::catalog::relations::Relations;
use crate::catalog::rules::{CONFLICT, REPEATED};
use crate::catalog::standing::Stranger;
use crate::yaml::{LintFinding, Place, Problem};

/// A file that was read, and what led to it.
#[derive(Clone, Debug)]
pub struct CatalogFile {
    pub name: Arc<str>,
    /// Where it lies on this disk.
    pub path: PathBuf,
    /// The target of a Location; nothing where the file, or the directory or pattern it is of, was given.
    pub from: Option<Place>,
}

/// Collects entities and problems.
#[derive(Default)]
pub struct Builder {
    entities: BTreeMap<EntityRef, Entity>,
    problems: Vec<LintFinding>,
    remarks: Vec<LintFinding>,
    notes: Vec<Problem>,
    left: Vec<(Place, Stranger)>,
    lost: Vec<Place>,
    files: Vec<CatalogFile>,
}

impl Builder {
    /// Adds a text that lies on no disk: Locations are not followed, and nothing is put in for placeholders.
    pub fn add_text(&mut self, name: &str, text: &str) {
        let nothing = |_: &Path, _: &str| Ok(None);
        let context = ReadingContext { kinds: &[], include: &nothing, local: &|_, _| None };
        let file = FileToRead { name: name.into(), path: PathBuf::from(name), is_named: true, from: None };
        let read = |_: &Path| Ok(text.as_bytes().to_vec());
        for outcome in read_files(std::slice::from_ref(&file), &read, &context) {
            self.add(&file, outcome);
        }
    }

    /// Adds a file, and returns what its Locations say to load next.
    pub fn add(&mut self, file: &FileToRead, outcome: FileOutcome) -> Vec<LocationTarget> {
        self.files.push(CatalogFile {
            name: file.name.clone(),
            path: file.path.clone(),
            from: file.from.clone(),
        });
        let documents = match outcome {
            Ok(documents) => documents,
            Err(finding) => {
                self.lose(finding);
                return Vec::new();
            }
        };
        // Of two declarations in one file the last one counts, as in Backstage.
        let mut own: BTreeMap<EntityRef, usize> = BTreeMap::new();
        let mut declared: Vec<Option<(Entity, Vec<LocationTarget>)>> = Vec::new();
        for document in documents {
            let DocumentReading { entity, problems, stranger, lost, targets, notes } = document;
            self.problems.extend(problems);
            self.left.extend(stranger);
            self.lost.extend(lost);
            self.notes.extend(notes);
            let Some(entity) = entity else { continue };
            if let Some(before) = own.insert(entity.reference.clone(), declared.len())
                && let Some((replaced, _)) = declared[before].take()
            {
                self.twice(&replaced, &entity);
            }
            declared.push(Some((entity, targets)));
        }
        let mut next = Vec::new();
        for (entity, targets) in declared.into_iter().flatten() {
            if let Some(first) = self.entities.get(&entity.reference).cloned() {
                self.twice(&entity, &first);
                continue;
            }
            next.extend(targets);
            self.entities.insert(entity.reference.clone(), entity);
        }
        next
    }

    /// One entity is declared again: at `other` it does not count.
    fn twice(&mut self, other: &Entity, counts: &Entity) {
        let (document, counting) = (other.document(), counts.document());
        let place = document.place("/metadata/name");
        let hint = format!("the one at {} counts", counting.place("/metadata/name"));
        match difference(&document.value, &counting.value, &mut String::new()) {
            None => {
                let message = format!("{} is declared twice, in the same words", other.reference);
                self.remarks.push(LintFinding::new(&REPEATED, Problem::new(place, message).hint(hint)));
            }
            Some(field) => {
                let message = format!("{} is declared twice, and {field} differs", other.reference);
                self.problems.push(LintFinding::new(&CONFLICT, Problem::new(place, message).hint(hint)));
            }
        }
    }

    /// Something could not be read at all.
    pub fn lose(&mut self, finding: LintFinding) {
        self.lost.push(finding.problem.place.clone());
        self.problems.push(finding);
    }

    /// A path that means nothing; what it should have meant nobody knows.
    pub fn refuse(&mut self, finding: LintFinding) {
        self.lose(finding);
    }

    pub fn build(self) -> Catalog {
        let relations = Relations::of(self.entities.values());
        let Builder { entities, problems, remarks, notes, left, lost, files } = self;
        let mut cluster_names = BTreeMap::new();
        for cluster in entities.values().filter(|entity| is_cluster(entity)) {
            for name in names_of(cluster) {
                cluster_names.entry(name.to_string()).or_insert_with(|| cluster.reference.clone());
            }
        }
        Catalog { entities, problems, remarks, notes, left, lost, files, relations, cluster_names }
    }
}

/// The first field in which two documents differ, as people write it.
fn difference(one: &Value, other: &Value, path: &mut String) -> Option<String> {
    match (one, other) {
        (Value::Object(left), Value::Object(right)) => {
            let keys = left.keys().chain(right.keys().filter(|key| !left.contains_key(*key)));
            for key in keys {
                let length = path.len();
                path.push_str(if path.is_empty() { "" } else { "." });
                path.push_str(key);
                let found = match (left.get(key), right.get(key)) {
                    (Some(one), Some(other)) => difference(one, other, path),
                    _ => Some(path.clone()),
                };
                if found.is_some() {
                    return found;
                }
                path.truncate(length);
            }
            None
        }
        _ => (one != other).then(|| path.clone()),
    }
}
