//! An entity: a Backstage document whose head could be read, with the place of everything in it.

use serde_json::Value;

use crate::catalog::kinds::{SpecField, fields_of};
use crate::catalog::refs::{DEFAULT_NAMESPACE, EntityRef, RefError};
use crate::catalog::source::EntitySource;
use crate::yaml::{Document, Place, step};

/// A document of the catalog. What is wrong with it is told once, when it is read; here a field that does
/// not fit its schema is as good as absent.
#[derive(Clone, Debug)]
pub struct Entity {
    pub reference: EntityRef,
    /// `Component`, `API`, ...; as Backstage spells it where the kind is known.
    pub kind: String,
    /// As written; the reference has them in lower case.
    pub name: String,
    pub namespace: String,
    pub title: Option<String>,
    pub description: Option<String>,
    /// By key, as are the annotations.
    pub labels: Vec<(String, String)>,
    pub annotations: Vec<(String, String)>,
    pub tags: Vec<String>,
    pub links: Vec<EntityLink>,
    /// What its spec says in the fields that mean something, in their order.
    texts: Vec<SpecText>,
    pub source: EntitySource,
}

/// One text of a field; of a list each item.
#[derive(Clone, Debug)]
struct SpecText {
    field: &'static str,
    index: Option<u32>,
    text: Box<str>,
}

/// The fields of `spec.profile`, as `texts` calls them.
const EMAIL: &str = "profile.email";
const DISPLAY_NAME: &str = "profile.displayName";

/// A link that people follow: a runbook, a dashboard, the on-call page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntityLink {
    pub url: String,
    pub title: Option<String>,
    pub icon: Option<String>,
    pub kind: Option<String>,
}

impl Entity {
    /// The entity of a document that has a kind and a name.
    pub fn of(document: &Document, kind: &str, source: EntitySource) -> Option<Entity> {
        let metadata = document.value.get("metadata")?;
        let text = |field: &str| metadata.get(field).and_then(Value::as_str).map(str::to_string);
        let name = text("name")?;
        let namespace = text("namespace").unwrap_or_else(|| DEFAULT_NAMESPACE.to_string());
        Some(Entity {
            reference: EntityRef::new(kind, &namespace, &name),
            kind: kind.to_string(),
            title: text("title"),
            description: text("description").map(|text| text.trim().to_string()),
            labels: texts_of(metadata.get("labels")),
            annotations: texts_of(metadata.get("annotations")),
            tags: list(metadata.get("tags")).filter_map(Value::as_str).map(str::to_string).collect(),
            links: list(metadata.get("links")).filter_map(link).collect(),
            texts: spec_texts(document, fields_of(kind)),
            name,
            namespace,
            source,
        })
    }

    /// The document it was read from, read anew: for what is asked of few entities.
    pub fn document(&self) -> Document {
        self.source.document()
    }

    /// The name of the file that declares it.
    pub fn file(&self) -> &str {
        self.source.file()
    }

    /// The name people know it by: with its namespace where that is not the default one.
    pub fn display(&self) -> String {
        match self.reference.namespace.as_str() {
            DEFAULT_NAMESPACE => self.name.clone(),
            _ => format!("{}/{}", self.namespace, self.name),
        }
    }

    /// A text of the spec that is not empty.
    pub fn spec(&self, field: &str) -> Option<&str> {
        let found = self.texts.iter().find(|text| text.field == field && text.index.is_none());
        found.map(|text| &*text.text).filter(|text| !text.is_empty())
    }

    /// The texts of a list of the spec, each with its JSON pointer; a single text counts as a list of one.
    pub fn specs<'a>(&'a self, field: &'a str) -> impl Iterator<Item = (String, &'a str)> {
        self.texts.iter().filter(move |text| text.field == field).map(|text| {
            let pointer = format!("/spec/{}", step(text.field));
            let pointer = text.index.map_or(pointer.clone(), |index| format!("{pointer}/{index}"));
            (pointer, &*text.text)
        })
    }

    /// An annotation that is not empty: an empty one counts as absent in Backstage.
    pub fn annotation(&self, key: &str) -> Option<&str> {
        let found = self.annotations.iter().find(|(known, _)| known == key);
        found.map(|(_, text)| text.as_str()).filter(|text| !text.is_empty())
    }

    /// The values of an annotation that may hold several, separated by commas.
    pub fn annotation_list(&self, key: &str) -> Vec<&str> {
        let text = self.annotation(key).unwrap_or_default();
        text.split(',').map(str::trim).filter(|part| !part.is_empty()).collect()
    }

    /// A reference as this entity writes it: what it leaves out is this entity's namespace and a usual kind.
    pub fn refer(&self, text: &str, kind: Option<&str>) -> Result<EntityRef, RefError> {
        EntityRef::parse(text, kind, &self.namespace)
    }

    /// The person's or team's name for people: `spec.profile.displayName`, else the title.
    pub fn shown_name(&self) -> Option<&str> {
        self.spec(DISPLAY_NAME).or(self.title.as_deref())
    }

    /// The e-mail address of a User or Group.
    pub fn email(&self) -> Option<&str> {
        self.spec(EMAIL)
    }

    /// Whether it has an annotation of a family.
    pub fn is_annotated(&self, prefix: &str) -> bool {
        self.annotations.iter().any(|(key, _)| key.starts_with(prefix))
    }

    pub fn annotation_place(&self, key: &str) -> Place {
        self.document().place(&format!("/metadata/annotations/{}", step(key)))
    }
}

fn list(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    value.and_then(Value::as_array).into_iter().flatten()
}

/// A map of texts; a number or truth value that should have been quoted is taken as it was meant.
fn texts_of(value: Option<&Value>) -> Vec<(String, String)> {
    let fields = value.and_then(Value::as_object).into_iter().flatten();
    let texts = fields.filter_map(|(key, value)| match value {
        Value::String(text) => Some((key.clone(), text.clone())),
        Value::Number(_) | Value::Bool(_) => Some((key.clone(), value.to_string())),
        _ => None,
    });
    let mut texts: Vec<(String, String)> = texts.collect();
    texts.sort();
    texts
}

/// The texts of the fields that mean something, and of the profile.
fn spec_texts(document: &Document, fields: &[SpecField]) -> Vec<SpecText> {
    let Some(spec) = document.value.get("spec") else { return Vec::new() };
    let mut found = Vec::new();
    for field in fields {
        match spec.get(field.name) {
            Some(Value::String(text)) => {
                found.push(SpecText { field: field.name, index: None, text: text.as_str().into() });
            }
            Some(Value::Array(items)) => {
                found.extend(items.iter().enumerate().filter_map(|(index, item)| {
                    let text = item.as_str()?.into();
                    Some(SpecText { field: field.name, index: u32::try_from(index).ok(), text })
                }))
            }
            Some(Value::Object(profile)) if field.name == "profile" => {
                for (name, field) in [("email", EMAIL), ("displayName", DISPLAY_NAME)] {
                    if let Some(text) = profile.get(name).and_then(Value::as_str) {
                        found.push(SpecText { field, index: None, text: text.into() });
                    }
                }
            }
            _ => {}
        }
    }
    found.shrink_to_fit();
    found
}

fn link(value: &Value) -> Option<EntityLink> {
    let text = |field: &str| value.get(field).and_then(Value::as_str).map(str::to_string);
    Some(EntityLink { url: text("url")?, title: text("title"), icon: text("icon"), kind: text("type") })
}
