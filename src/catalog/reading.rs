//! One document at a time: what it declares, what is wrong with it, and whether it is meant for the catalog at all.

use std::path::Path;

use crate::catalog::entity::Entity;
use crate::catalog::kinds::{CustomKind, kind};
use crate::catalog::locations::{LocalFile, LocationTarget, targets};
use crate::catalog::relations::mentions;
use crate::catalog::rules::{PLACEHOLDER, REFERENCE, TOO_LARGE, YAML};
use crate::catalog::services::FAMILY;
use crate::catalog::source::{EntitySource, FileText};
use crate::catalog::standing::{Stranger, broken_stranger, stranger};
use crate::catalog::{envelope, spec};
use crate::text::closest;
use crate::yaml::{
    Document, DocumentText, LintFinding, PLACEHOLDERS, Place, Placeholder, Problem, YamlLimits, documents_of,
    resolve_placeholders, value_at,
};

/// A definition is read by nobody here, and may be long: that its file is there is enough.
const DEFINITION: &str = "/spec/definition";

/// What reading a document needs beside its words.
pub struct ReadingContext<'a> {
    /// Kinds that the configuration adds.
    pub kinds: &'a [CustomKind],
    /// The text of another file that a file names; nothing for a URL.
    pub include: &'a (dyn Fn(&Path, &str) -> anyhow::Result<Option<String>> + Sync),
    /// The file of this repository that a URL means.
    pub local: &'a (dyn Fn(&Path, &str) -> Option<std::path::PathBuf> + Sync),
}

/// A file that is read, and whether a person or a Location named it: then each of its documents is meant for the catalog.
pub struct FileReading<'a> {
    pub text: &'a FileText,
    pub path: &'a Path,
    pub is_named: bool,
}

/// What one document comes to.
#[derive(Debug, Default)]
pub struct DocumentReading {
    pub entity: Option<Entity>,
    pub problems: Vec<LintFinding>,
    pub stranger: Option<(Place, Stranger)>,
    /// Where something stands that could not be read and may be a service.
    pub lost: Option<Place>,
    /// What a Location leads to, and what it does not.
    pub targets: Vec<LocationTarget>,
    pub notes: Vec<Problem>,
}

/// What a piece of a file holds: nearly always one document.
pub fn read_piece(
    file: &FileReading<'_>,
    piece: &DocumentText<'_>,
    start: usize,
    context: &ReadingContext<'_>,
) -> Vec<DocumentReading> {
    let limits = YamlLimits::for_catalogs();
    let read = documents_of(&file.text.file, piece, &limits);
    let is_alone = read.len() == 1;
    let mut found = Vec::new();
    for document in read {
        found.push(match document {
            Err(problem) => broken(file, piece, problem),
            Ok(document) => {
                let source = |document: &Document, is_plain: bool| {
                    EntitySource::of(file.text, piece, start, document, is_alone && is_plain)
                };
                read_document(file, document, piece.text, &source, context)
            }
        });
    }
    found
}

fn broken(file: &FileReading<'_>, piece: &DocumentText<'_>, problem: Problem) -> DocumentReading {
    let stranger = if file.is_named { None } else { broken_stranger(piece.text) };
    match stranger {
        Some(stranger) => {
            DocumentReading { stranger: Some((problem.place, stranger)), ..DocumentReading::default() }
        }
        None => {
            let rule = if problem.message.contains("that are read") { &TOO_LARGE } else { &YAML };
            DocumentReading {
                lost: Some(problem.place.clone()),
                problems: vec![LintFinding::new(rule, problem)],
                ..DocumentReading::default()
            }
        }
    }
}

fn read_document(
    file: &FileReading<'_>,
    mut document: Document,
    words: &str,
    source: &dyn Fn(&Document, bool) -> EntitySource,
    context: &ReadingContext<'_>,
) -> DocumentReading {
    let accepts = |version: &str, kind: &str| context.kinds.iter().any(|custom| custom.is(version, kind));
    let mut found = DocumentReading::default();
    let standing = stranger(&document.value, &accepts);
    if let Some(stranger) = standing.filter(|_| !file.is_named) {
        found.stranger = Some((document.place(""), stranger));
        return found;
    }
    let is_versioned = document
        .value
        .get("apiVersion")
        .is_some_and(|version| version.as_str().is_some_and(|text| !text.is_empty()));
    if standing == Some(Stranger::Foreign) && is_versioned {
        found.problems.push(envelope::foreign(&document));
        return found;
    }
    let include = |placeholder: &Placeholder| {
        let text = (context.include)(file.path, &placeholder.target)?;
        let is_definition = placeholder.pointer == DEFINITION && placeholder.key == "$text";
        Ok(text.filter(|_| !is_definition))
    };
    // Few documents have any, and all of one would have to be walked to see that.
    let may_have = words.contains('$') && PLACEHOLDERS.iter().any(|word| words.contains(word));
    let mut is_plain = true;
    if may_have {
        let read = resolve_placeholders(&mut document, &include);
        is_plain = !read.is_changed;
        found
            .problems
            .extend(read.problems.into_iter().map(|problem| LintFinding::new(&PLACEHOLDER, problem)));
    }
    let known = envelope::check(&document, context.kinds, &mut found.problems);
    if let Some(kind) = known.as_deref().and_then(kind) {
        spec::check(&document, kind, &mut found.problems);
    }
    let is_custom = |name: &str| context.kinds.iter().any(|custom| custom.kind == name);
    let is_misspelt = known.as_deref().is_some_and(|known| kind(known).is_none() && !is_custom(known));
    found.entity = known.and_then(|kind| Entity::of(&document, &kind, source(&document, is_plain)));
    if may_be_service(&document) && (found.entity.is_none() || is_misspelt) {
        found.lost = Some(document.place(""));
    }
    let Some(entity) = &found.entity else { return found };
    for mention in mentions(entity) {
        // That a text is empty the rule of its field tells.
        if let Err(error) = &mention.target
            && !mention.text.is_empty()
        {
            let field = mention.field.name;
            let problem = document.problem(&mention.pointer, format!("spec.{field}: {error}"));
            let problem = match mention.text.trim_matches([':', '/']) {
                "" => problem,
                text if text.contains("://") => {
                    problem.hint("a reference names an entity, such as component:default/name")
                }
                text if mention.field.edge.is_some_and(|edge| edge.kind.is_none()) => {
                    problem.hint(format!("name the kind: component:{text} or resource:{text}"))
                }
                text => problem.hint(format!("did you mean {text}?")),
            };
            found.problems.push(LintFinding::new(&REFERENCE, problem));
        }
    }
    if entity.kind == "Location" {
        let local: &LocalFile<'_> = context.local;
        (found.targets, found.notes) = targets(entity, &document, file.path, local);
    }
    found
}

/// Whether a document that is no entity as it stands was meant to be a service: nearly a Component, or one with an annotation of
/// Kubernetes'. What says that it is another kind, or no part of the catalog, is none.
fn may_be_service(document: &Document) -> bool {
    let value = &document.value;
    let text = |pointer: &str| value_at(value, pointer).and_then(|text| text.as_str()).unwrap_or_default();
    let (version, written) = (text("/apiVersion"), text("/kind"));
    let is_foreign = !version.is_empty() && !version.contains("backstage");
    let annotations = value_at(value, "/metadata/annotations").and_then(|all| all.as_object());
    let is_annotated = annotations.is_some_and(|all| all.keys().any(|key| key.starts_with(FAMILY)));
    let is_component = written.is_empty() || !closest(written, ["Component"]).is_empty();
    !is_foreign && (is_annotated || is_component)
}
