//! An entity: a Backstage document whose head could be read, with the place of everything in it.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::catalog::refs::{DEFAULT_NAMESPACE, EntityRef, RefError};
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
    pub labels: BTreeMap<String, String>,
    pub annotations: BTreeMap<String, String>,
    pub tags: Vec<String>,
    pub links: Vec<EntityLink>,
    pub document: Document,
}

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
    pub fn of(document: Document, kind: &str) -> Option<Entity> {
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
            name,
            namespace,
            document,
        })
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
        self.value(field).and_then(Value::as_str).filter(|text| !text.is_empty())
    }

    /// The texts of a list of the spec, each with its JSON pointer; a single text counts as a list of one.
    pub fn specs(&self, field: &str) -> Vec<(String, &str)> {
        let pointer = format!("/spec/{}", step(field));
        match self.value(field) {
            Some(Value::String(text)) => vec![(pointer, text)],
            Some(Value::Array(items)) => {
                let texts =
                    items.iter().enumerate().filter_map(|(index, item)| Some((index, item.as_str()?)));
                texts.map(|(index, text)| (format!("{pointer}/{index}"), text)).collect()
            }
            _ => Vec::new(),
        }
    }

    pub fn value(&self, field: &str) -> Option<&Value> {
        self.document.value.get("spec").and_then(|spec| spec.get(field))
    }

    /// An annotation that is not empty: an empty one counts as absent in Backstage.
    pub fn annotation(&self, key: &str) -> Option<&str> {
        self.annotations.get(key).map(String::as_str).filter(|text| !text.is_empty())
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
        let profile = self.value("profile").and_then(|profile| profile.get("displayName"));
        profile.and_then(Value::as_str).or(self.title.as_deref())
    }

    /// The e-mail address of a User or Group.
    pub fn email(&self) -> Option<&str> {
        self.value("profile").and_then(|profile| profile.get("email")).and_then(Value::as_str)
    }

    pub fn annotation_place(&self, key: &str) -> Place {
        self.document.place(&format!("/metadata/annotations/{}", step(key)))
    }
}

fn list(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    value.and_then(Value::as_array).into_iter().flatten()
}

/// A map of texts; a number or truth value that should have been quoted is taken as it was meant.
fn texts_of(value: Option<&Value>) -> BTreeMap<String, String> {
    let fields = value.and_then(Value::as_object).into_iter().flatten();
    let texts = fields.filter_map(|(key, value)| match value {
        Value::String(text) => Some((key.clone(), text.clone())),
        Value::Number(_) | Value::Bool(_) => Some((key.clone(), value.to_string())),
        _ => None,
    });
    texts.collect()
}

fn link(value: &Value) -> Option<EntityLink> {
    let text = |field: &str| value.get(field).and_then(Value::as_str).map(str::to_string);
    Some(EntityLink { url: text("url")?, title: text("title"), icon: text("icon"), kind: text("type") })
}
