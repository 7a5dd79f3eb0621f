//! What the catalog, the project's lock and the golden paths say of a service, for the rules.

use std::cell::OnceCell;
use std::path::Path;

use serde_json::Value as Json;

use crate::app::App;
use crate::catalog::{Catalog, DEFAULT_NAMESPACE, Entity, EntityRef};
use crate::files;
use crate::golden_paths::project::LockedProject;
use crate::golden_paths::{self, TemplatePlaces};
use crate::readiness::{EntityFacts, OwnerFact, PathFacts, ServiceFacts};
use crate::scaffold::actions::{SOURCE, VERSION};
use crate::scaffold::drift::{LockedFileState, drifted};
use crate::scaffold::lock::Policy;
use crate::scaffold::template::Template;

/// A service, or what manifests make one.
pub struct CheckSubject {
    pub about: AboutService,
    pub facts: ServiceFacts,
}

/// How it is called and whose it is.
#[derive(Clone, Debug, Default)]
pub struct AboutService {
    pub name: String,
    pub owner: Option<String>,
    pub template: Option<String>,
    /// Where the catalog declares it: file, line, column.
    pub declared: Option<(String, usize, usize)>,
}

/// The golden paths there are, read when the first service names one.
pub struct KnownTemplates<'a> {
    app: &'a App,
    read: OnceCell<Vec<Template>>,
}

impl<'a> KnownTemplates<'a> {
    pub fn of(app: &'a App) -> KnownTemplates<'a> {
        KnownTemplates { app, read: OnceCell::new() }
    }

    /// None are read, where how new a path is does not matter.
    pub fn none(app: &'a App) -> KnownTemplates<'a> {
        KnownTemplates { app, read: OnceCell::from(Vec::new()) }
    }

    fn all(&self) -> &[Template] {
        self.read.get_or_init(|| match golden_paths::all(self.app, &TemplatePlaces::default()) {
            Ok(paths) => paths.into_iter().map(|path| path.template).collect(),
            Err(error) => {
                self.app.ui.warn(&format!("golden paths: {error:#}"));
                Vec::new()
            }
        })
    }

    /// What an entity's annotations say of its golden path.
    pub fn path_of(&self, document: &Json) -> PathFacts {
        let annotation = |key: &str| document["metadata"]["annotations"][key].as_str().map(String::from);
        let Some(source) = annotation(SOURCE) else { return PathFacts::default() };
        let reference = EntityRef::parse(&source, Some("template"), DEFAULT_NAMESPACE)
            .map(|reference| reference.to_string());
        let reference = reference.unwrap_or(source);
        let known = self.all().iter().find(|template| template.entity_ref() == reference);
        let lifecycle = known.map(|template| &template.document.value["spec"]["lifecycle"]);
        PathFacts {
            template: Some(reference),
            version: annotation(VERSION),
            newest: known.and_then(|template| template.version.clone()),
            deprecated: lifecycle.is_some_and(|lifecycle| lifecycle == "deprecated"),
            owned_changed: Vec::new(),
        }
    }
}

/// The entity with what the catalog says about what it names.
pub fn entity_facts(document: Json, catalog: Option<&Catalog>) -> EntityFacts {
    let namespace = document["metadata"]["namespace"].as_str().unwrap_or(DEFAULT_NAMESPACE).to_string();
    let knows = |kind: &str| catalog.is_some_and(|catalog| catalog.of_kind(kind).next().is_some());
    let named = |field: &str, kind: &str| {
        let text = document["spec"][field].as_str()?;
        Some(EntityRef::parse(text, Some(kind), &namespace).map_err(|_| text.to_string()))
    };
    let known = |reference: &EntityRef| catalog.is_some_and(|catalog| catalog.get(reference).is_some());
    let owner = match named("owner", "group") {
        None => OwnerFact::Missing,
        Some(Err(text)) => OwnerFact::Unknown(text),
        Some(Ok(reference)) => match (known(&reference), reference.kind.to_lowercase().as_str()) {
            (true, "group") => OwnerFact::Group,
            (_, "user") => OwnerFact::User,
            (false, _) if !knows("group") => OwnerFact::NobodyKnows(reference.to_string()),
            _ => OwnerFact::Unknown(reference.to_string()),
        },
    };
    let system_known = match named("system", "system") {
        Some(Ok(reference)) if knows("system") => Some(known(&reference)),
        _ => None,
    };
    EntityFacts { document, owner, system_known, has_runbook: false }
}

/// The same for an entity of the catalog.
pub fn of_catalog(entity: &Entity, catalog: &Catalog) -> EntityFacts {
    entity_facts(entity.document().value, Some(catalog))
}

/// What lies beside an entity's file: a runbook, and a lock with the guild's files.
pub fn beside(directory: &Path, entity: &mut EntityFacts, path: &mut PathFacts) {
    entity.has_runbook |= files::exists(&directory.join("docs/runbook.md"));
    let Ok(project) = LockedProject::open(directory) else { return };
    for layer in &project.lock.layers {
        let Ok((now, _)) = project.standing_as_it_is(layer, []) else { continue };
        let changed = drifted(layer, &now, None);
        let owned = changed.iter().filter(|file| {
            file.policy == Policy::Owned
                && !file.pending
                && file.state != LockedFileState::AsWritten
                && file.is_drift()
        });
        path.owned_changed.extend(owned.map(|file| layer.place(file.path)));
    }
}
