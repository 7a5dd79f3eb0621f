//! Entities for services that run and that no catalog knows yet: what is certain, and what is a guess marked as one.

mod found;
mod naming;
mod owner;
mod text;

use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::Catalog;
use crate::catalog::import::naming::{TakenNames, valid_name};
use crate::catalog::import::owner::{GuessedOwner, guess};
use crate::catalog::import::text::EntityText;
use crate::catalog::refs::{DEFAULT_NAMESPACE, EntityRef};
use crate::catalog::services::{CLUSTER, KUBERNETES_ID, LABEL_SELECTOR, NAMESPACE};

pub use crate::catalog::import::found::{FoundNamespace, FoundService, FoundWorkload};
pub use crate::catalog::import::owner::guess as guessed_owner;

/// What a service belongs to of which nobody knows the owner: `--owner unknown-owner` lists what is left to fill in.
pub const UNKNOWN_OWNER: &str = "unknown-owner";
/// Marks an owner that was guessed.
pub const OWNER_GUESS: &str = "callboard.dev/owner-guess";
const PART_OF: &str = "app.kubernetes.io/part-of";

/// An entity to be written.
#[derive(Clone, Debug)]
pub struct ImportedEntity {
    pub kind: &'static str,
    pub name: String,
    /// One YAML document with comments.
    pub text: String,
    /// Of a Component: its owner, and what that rests on.
    pub owner: Option<(String, Option<String>)>,
}

/// What is written of the clusters that a service was seen in.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum PlacementRule {
    /// Every cluster told all it has: where it was seen is where it runs.
    Certain,
    /// It may run elsewhere, too.
    Uncertain,
}

/// Groups and Users, Systems, Components: what `known` has already is named, and not written again.
pub fn entities(found: &[FoundService], known: Option<&Catalog>, rule: PlacementRule) -> Vec<ImportedEntity> {
    let mut import = Import::new(known, rule);
    let owners: Vec<GuessedOwner> = found.iter().map(guess).collect();
    let owner_refs: Vec<String> = owners.iter().map(|owner| import.owner(owner)).collect();
    let systems = import.systems(found, &owner_refs);
    let names = import.component_names(found);
    for (index, service) in found.iter().enumerate() {
        let (owner, guessed) = (&owner_refs[index], &owners[index]);
        let text = import.component(service, &names[index], (owner, guessed), systems[index].as_deref());
        import.components.push(ImportedEntity {
            kind: "Component",
            name: names[index].clone(),
            text,
            owner: Some((owner.clone(), guessed.why.clone().filter(|_| guessed.value.is_some()))),
        });
    }
    let Import { owners, systems, mut components, .. } = import;
    components.sort_by(|one, other| one.name.cmp(&other.name));
    owners.into_iter().chain(systems).chain(components).collect()
}

struct Import<'a> {
    known: Option<&'a Catalog>,
    rule: PlacementRule,
    owners: Vec<ImportedEntity>,
    systems: Vec<ImportedEntity>,
    components: Vec<ImportedEntity>,
    written: BTreeSet<EntityRef>,
    /// The name of the User of each e-mail.
    users: BTreeMap<String, String>,
}

impl<'a> Import<'a> {
    fn new(known: Option<&'a Catalog>, rule: PlacementRule) -> Import<'a> {
        Import {
            known,
            rule,
            owners: Vec::new(),
            systems: Vec::new(),
            components: Vec::new(),
            written: BTreeSet::new(),
            users: BTreeMap::new(),
        }
    }

    /// Whether an entity is still to be written; then it is taken for written.
    fn is_new(&mut self, kind: &str, name: &str) -> bool {
        let reference = EntityRef::new(kind, DEFAULT_NAMESPACE, name);
        let is_known = self.known.is_some_and(|catalog| catalog.get(&reference).is_some());
        !is_known && self.written.insert(reference)
    }

    /// What `spec.owner` says; the Group or User is written where the catalog lacks it.
    fn owner(&mut self, guessed: &GuessedOwner) -> String {
        let Some(value) = &guessed.value else {
            if self.is_new("group", UNKNOWN_OWNER) {
                let mut text = EntityText::new("Group", UNKNOWN_OWNER);
                text.title("Nobody known yet");
                text.spec("type", "team", "");
                text.empty_list("children");
                self.push_owner("Group", UNKNOWN_OWNER, text);
            }
            return UNKNOWN_OWNER.to_string();
        };
        if let Some(known) = self.known.and_then(|catalog| owner::known(catalog, value)) {
            return known;
        }
        if let Some(email) = owner::email(value) {
            return self.user(email);
        }
        let Some((kind, name)) = owner::named(value) else { return self.owner(&GuessedOwner::default()) };
        let (kind, short) = match kind {
            "user" => ("User", format!("user:{name}")),
            _ => ("Group", name.clone()),
        };
        if self.is_new(kind, &name) {
            let mut text = EntityText::new(kind, &name);
            let is_reference = value.eq_ignore_ascii_case(&short) || value.contains(':');
            if *value != name && !is_reference {
                text.title(value);
            }
            match kind {
                "User" => text.empty_list("memberOf"),
                _ => {
                    text.spec("type", "team", "a guess");
                    text.empty_list("children");
                }
            }
            self.push_owner(kind, &name, text);
        }
        short
    }

    /// The User of an e-mail address.
    fn user(&mut self, email: &str) -> String {
        if let Some(user) = self.known.and_then(|catalog| catalog.user_by_email(email)) {
            return user.reference.short("group");
        }
        let name =
            valid_name(email.split('@').next().unwrap_or_default()).unwrap_or_else(|| "somebody".to_string());
        // Two people of one name at two domains are two.
        let is_other = |reference: &EntityRef| {
            self.written.contains(reference) || self.known.is_some_and(|known| known.get(reference).is_some())
        };
        if let Some(name) = self.users.get(&email.to_lowercase()) {
            return format!("user:{name}");
        }
        let free = (1..).map(|n| if n == 1 { name.clone() } else { format!("{name}-{n}") });
        let name = free
            .take(10_000)
            .find(|name| !is_other(&EntityRef::new("user", DEFAULT_NAMESPACE, name)))
            .unwrap_or(name);
        self.users.insert(email.to_lowercase(), name.clone());
        if self.is_new("user", &name) {
            let mut text = EntityText::new("User", &name);
            text.profile("email", email);
            text.empty_list("memberOf");
            self.push_owner("User", &name, text);
        }
        format!("user:{name}")
    }

    fn push_owner(&mut self, kind: &'static str, name: &str, text: EntityText) {
        let entity = ImportedEntity { kind, name: name.to_string(), text: text.finish(), owner: None };
        self.owners.push(entity);
    }

    /// The system of each service, from what its workloads say they are a part of. A system of one service that is called the same
    /// says nothing.
    fn systems(&mut self, found: &[FoundService], owners: &[String]) -> Vec<Option<String>> {
        let names: Vec<Option<String>> = found.iter().map(part_of).collect();
        let mut members: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (index, name) in names.iter().enumerate() {
            name.iter().for_each(|name| members.entry(name.to_lowercase()).or_default().push(index));
        }
        members.retain(|name, members| members.len() > 1 || found[members[0]].value.to_lowercase() != *name);
        for indices in members.values() {
            let Some(name) = names[indices[0]].clone() else { continue };
            if !self.is_new("system", &name) {
                continue;
            }
            let theirs: BTreeSet<&String> = indices.iter().map(|index| &owners[*index]).collect();
            let (owner, note) = match theirs.len() {
                1 if owners[indices[0]] != UNKNOWN_OWNER => {
                    (owners[indices[0]].clone(), "a guess: the owner of its components")
                }
                1 => (UNKNOWN_OWNER.to_string(), "to fill in, as those of its components"),
                _ => (self.owner(&GuessedOwner::default()), "to fill in: its components have several"),
            };
            let mut text = EntityText::new("System", &name);
            text.spec("owner", &owner, note);
            let text = text.finish();
            self.systems.push(ImportedEntity { kind: "System", name, text, owner: None });
        }
        let is_kept = |name: &String| members.contains_key(&name.to_lowercase());
        names.into_iter().map(|name| name.filter(is_kept)).collect()
    }

    /// A name for each, by Backstage's rules and each once: the label's value, with its namespace where that is taken.
    fn component_names(&self, found: &[FoundService]) -> Vec<String> {
        let taken = self.known.into_iter().flat_map(|catalog| catalog.of_kind("component"));
        let here = taken.filter(|entity| entity.reference.namespace == DEFAULT_NAMESPACE);
        let mut names = TakenNames::new(here.map(|entity| entity.reference.name.clone()));
        let wanted: Vec<(String, Option<String>)> =
            found.iter().map(|service| (service.value.clone(), service.namespace.clone())).collect();
        names.of_all(&wanted)
    }

    fn component(
        &self,
        service: &FoundService,
        name: &str,
        (owner, guessed): (&str, &GuessedOwner),
        system: Option<&str>,
    ) -> String {
        let mut text = EntityText::new("Component", name);
        if service.shown != name {
            text.title(&service.shown);
        }
        match service.is_id {
            true => text.annotation(KUBERNETES_ID, &service.value, ""),
            false => text.annotation(LABEL_SELECTOR, &service.selector, ""),
        }
        if let Some(namespace) = &service.namespace {
            text.annotation(NAMESPACE, namespace, "");
        }
        // A list is split at commas.
        let is_listable = |cluster: &String| !cluster.contains(',') && cluster.trim() == cluster;
        match self.rule {
            PlacementRule::Certain if service.clusters.iter().all(is_listable) => {
                text.annotation(
                    CLUSTER,
                    &service.clusters.join(","),
                    "where it ran when this was written; every cluster told all it has",
                );
            }
            _ => text.comment(&format!("seen in {}; it may run elsewhere, too", service.clusters.join(", "))),
        }
        if let (Some(_), Some(why)) = (&guessed.value, &guessed.why) {
            text.annotation(OWNER_GUESS, why, "");
        }
        text.spec("type", "service", "a guess");
        text.spec("lifecycle", "unknown", "production, experimental or deprecated");
        let note = match (&guessed.value, &guessed.why) {
            (Some(_), Some(why)) => format!("a guess: {why}"),
            (None, Some(why)) => format!("to fill in: {why}"),
            _ => "to fill in: no label or annotation tells it".to_string(),
        };
        text.spec("owner", owner, &note);
        if let Some(system) = system {
            text.spec("system", system, &format!("a guess: label {PART_OF}"));
        }
        text.finish()
    }
}

/// What most of the workloads of a service say they are a part of; nothing where as many say something else.
fn part_of(service: &FoundService) -> Option<String> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for workload in &service.workloads {
        let said = workload.labels.get(PART_OF).or_else(|| workload.pod_labels.get(PART_OF));
        said.iter().for_each(|said| *counts.entry(said.as_str()).or_default() += 1);
    }
    let most = counts.values().copied().max()?;
    let mut first = counts.into_iter().filter(|(_, count)| *count == most);
    let (name, _) = first.next()?;
    if first.next().is_some() { None } else { valid_name(name) }
}

#[cfg(test)]
mod tests;
