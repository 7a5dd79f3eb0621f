//! What `owner` says: whose each object is and by what that is known, and how the owners are reached.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::catalog::{Catalog, Entity, EntityLink, EntityRef, Service};
use crate::commands::owner::attribution::{Attribution, OwnerEvidence};
use crate::commands::owner::find::OwnedFinding;
use crate::commands::owner::question::OwnerQuestion;
use crate::report::{Block, Cell, Detail, Grid, Line, Page, Report, Tone};
use crate::survey::{ClusterRow, answered, silences};
use crate::text::count;

/// Objects that a row names before it counts the rest.
const MOST_OBJECTS: usize = 2;

/// `kind: OwnershipList`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OwnershipReport {
    pub complete: bool,
    pub notes: Vec<String>,
    pub clusters: Vec<ClusterRow>,
    pub items: Vec<OwnershipItem>,
    pub owners: Vec<OwnerItem>,
}

/// Objects of one cluster that are one service's or one owner's, for one reason.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OwnershipItem {
    asked: String,
    cluster: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    service: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    system: Option<String>,
    /// No selector says it.
    guessed: bool,
    /// Of the first object.
    known_by: Vec<OwnerEvidence>,
    objects: Vec<OwnedName>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct OwnedName {
    kind: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    namespace: Option<String>,
    name: String,
}

/// How an owner is reached.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OwnerItem {
    owner: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    /// Whether the catalog has the group or user.
    in_catalog: bool,
    people: Vec<Person>,
    on_call: Vec<Contact>,
    links: Vec<Contact>,
    services: Vec<String>,
}

#[derive(Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Person {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
}

#[derive(Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Contact {
    title: String,
    /// Whose link it is, where it is a service's.
    #[serde(skip_serializing_if = "Option::is_none")]
    service: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
}

/// The answer of one cluster.
pub struct ClusterFindings {
    pub cluster: String,
    pub found: Vec<OwnedFinding>,
}

/// Rows by question, cluster and what is answered, the certain ones first.
pub fn items(
    all: Vec<ClusterFindings>,
    questions: &[OwnerQuestion],
    services: &[Service],
) -> Vec<OwnershipItem> {
    let mut rows: Vec<(usize, OwnershipItem)> = Vec::new();
    for ClusterFindings { cluster, found } in all {
        for OwnedFinding { question, object, attributions } in found {
            let unknown = if attributions.is_empty() {
                vec![Attribution { is_guess: true, ..Attribution::default() }]
            } else {
                Vec::new()
            };
            for attribution in attributions.into_iter().chain(unknown) {
                let service = attribution.service.map(|index| &services[index]);
                let owner =
                    service.and_then(|service| service.owner.as_ref()).map(|owner| owner.display.clone());
                let owner = owner.or(attribution.owner);
                let name = service.map(|service| service.name.clone());
                let namespace = Some(object.meta.namespace.to_string()).filter(|name| !name.is_empty());
                let named =
                    OwnedName { kind: object.kind.clone(), namespace, name: object.meta.name.clone() };
                let guessed = attribution.is_guess || service.is_some_and(|service| service.guess.is_some());
                let is_row = |(number, row): &&mut (usize, OwnershipItem)| {
                    *number == question
                        && row.cluster == cluster
                        && row.service == name
                        && row.owner == owner
                        && row.guessed == guessed
                };
                match rows.iter_mut().find(is_row) {
                    Some((_, row)) => row.objects.push(named),
                    None => rows.push((
                        question,
                        OwnershipItem {
                            asked: questions[question].text.clone(),
                            cluster: cluster.clone(),
                            service: name,
                            owner,
                            system: service
                                .and_then(|service| service.system.as_ref())
                                .map(|system| system.display.clone()),
                            guessed,
                            known_by: attribution.evidence,
                            objects: vec![named],
                        },
                    )),
                }
            }
        }
    }
    rows.sort_by_key(|(question, row)| (*question, row.guessed, row.service.is_none()));
    rows.into_iter().map(|(_, row)| row).collect()
}

/// The owners of the rows, each once, with the services of the rows that are theirs.
pub fn owners(items: &[OwnershipItem], services: &[Service], catalog: Option<&Catalog>) -> Vec<OwnerItem> {
    let mut owners: Vec<OwnerItem> = Vec::new();
    for item in items {
        let Some(owner) = &item.owner else { continue };
        let service =
            item.service.as_ref().and_then(|name| services.iter().find(|service| service.name == *name));
        let index = owners.iter().position(|known| known.owner == *owner).unwrap_or_else(|| {
            let said =
                service.and_then(|service| service.owner.as_ref()).and_then(|owner| owner.reference.clone());
            let reference = said
                .or_else(|| EntityRef::parse(owner, Some("group"), crate::catalog::DEFAULT_NAMESPACE).ok());
            owners.push(owner_item(owner, reference.as_ref(), catalog));
            owners.len() - 1
        });
        let known = &mut owners[index];
        if let Some(service) = service.filter(|service| !known.services.contains(&service.name)) {
            known.services.push(service.name.clone());
            for link in &service.links {
                add_link(known, link, Some(&service.name));
            }
            let entity = service.entity.as_ref().and_then(|entity| catalog?.get(entity));
            entity.into_iter().flat_map(pagers).for_each(|pager| add(&mut known.on_call, pager));
        }
    }
    owners
}

/// How the owner of a service is reached, with what the service says itself: its pager and its links.
pub fn owner_of(service: &Service, catalog: Option<&Catalog>) -> Option<OwnerItem> {
    let owner = service.owner.as_ref()?;
    let mut item = owner_item(&owner.display, owner.reference.as_ref(), catalog);
    item.services.push(service.name.clone());
    service.links.iter().for_each(|link| add_link(&mut item, link, Some(&service.name)));
    let entity = service.entity.as_ref().and_then(|entity| catalog?.get(entity));
    entity.into_iter().flat_map(pagers).for_each(|pager| add(&mut item.on_call, pager));
    Some(item)
}

fn owner_item(owner: &str, reference: Option<&EntityRef>, catalog: Option<&Catalog>) -> OwnerItem {
    let entity = reference.and_then(|reference| catalog?.get(reference));
    let mut item = OwnerItem {
        owner: owner.to_string(),
        title: entity.and_then(Entity::shown_name).map(str::to_string),
        email: entity.and_then(Entity::email).map(str::to_string),
        in_catalog: entity.is_some(),
        people: people(reference, catalog),
        on_call: Vec::new(),
        links: Vec::new(),
        services: Vec::new(),
    };
    if let Some(entity) = entity {
        entity.links.iter().for_each(|link| add_link(&mut item, link, None));
        item.on_call.extend(pagers(entity));
    }
    item
}

fn people(owner: Option<&EntityRef>, catalog: Option<&Catalog>) -> Vec<Person> {
    let (Some(owner), Some(catalog)) = (owner, catalog) else { return Vec::new() };
    let people: BTreeSet<EntityRef> = catalog.people(owner);
    let person = |reference: EntityRef| {
        let entity = catalog.get(&reference);
        Person {
            name: reference.short("user"),
            title: entity.and_then(Entity::shown_name).map(str::to_string),
            email: entity.and_then(Entity::email).map(str::to_string),
        }
    };
    people.into_iter().filter(|one| one != owner || catalog.get(one).is_some()).map(person).collect()
}

fn add_link(item: &mut OwnerItem, link: &EntityLink, service: Option<&String>) {
    let title = link.title.clone().unwrap_or_else(|| link.url.clone());
    let contact = Contact { title, service: service.cloned(), url: Some(link.url.clone()) };
    let words = [link.title.as_deref(), link.kind.as_deref(), link.icon.as_deref()];
    let is_pager = words.into_iter().flatten().any(|word| {
        let word: String = word.to_lowercase().chars().filter(char::is_ascii_alphanumeric).collect();
        ["oncall", "pager", "opsgenie", "incident", "escalation"].iter().any(|known| word.contains(known))
    });
    add(if is_pager { &mut item.on_call } else { &mut item.links }, contact);
}

fn add(list: &mut Vec<Contact>, contact: Contact) {
    if !list.iter().any(|known| known.url.is_some() && known.url == contact.url || *known == contact) {
        list.push(contact);
    }
}

/// Annotations by which Backstage's plugins find the pager. An integration key lets whoever has it page people, so it is not told.
fn pagers(entity: &Entity) -> Vec<Contact> {
    let named = [
        ("pagerduty.com/service-id", "PagerDuty service"),
        ("opsgenie.com/team", "Opsgenie team"),
        ("opsgenie.com/component-selector", "Opsgenie"),
        ("victorops.com/team", "Splunk On-Call team"),
        ("grafana/oncall-team", "Grafana OnCall team"),
    ];
    let said = |(key, what): (&str, &str)| {
        Some(Contact { title: format!("{what} {}", entity.annotation(key)?), service: None, url: None })
    };
    named.into_iter().filter_map(said).collect()
}

impl OwnershipItem {
    /// `pod/shop/web-1, pod/shop/web-2 and 4 more`.
    fn shown(&self) -> String {
        let name = |one: &OwnedName| match &one.namespace {
            Some(namespace) => format!("{}/{namespace}/{}", one.kind.to_lowercase(), one.name),
            None => format!("{}/{}", one.kind.to_lowercase(), one.name),
        };
        let shown: Vec<String> = self.objects.iter().take(MOST_OBJECTS).map(name).collect();
        match self.objects.len().saturating_sub(MOST_OBJECTS) {
            0 => shown.join(", "),
            more => format!("{} +{more}", shown.join(", ")),
        }
    }

    fn evidence(&self) -> String {
        let said: Vec<&str> = self.known_by.iter().map(|one| one.text.as_str()).collect();
        let said = said.join("; ");
        match (self.guessed, said.is_empty()) {
            (_, true) => "nothing says whose it is".to_string(),
            (true, false) => format!("guess: {said}"),
            (false, false) => said,
        }
    }
}

impl OwnerItem {
    /// `team-checkout (Team Checkout)`.
    pub fn heading(&self) -> String {
        match self.title.as_ref().filter(|title| **title != self.owner) {
            Some(title) => format!("{} ({title})", self.owner),
            None => self.owner.clone(),
        }
    }

    pub fn lines(&self) -> Vec<Line> {
        let mut lines = Vec::new();
        let mut say = |what: &str, text: String| {
            lines.push(Line::new(vec![Cell::muted(format!("  {what:<9}")), Cell::from(text)]).hanging(11));
        };
        let mail =
            |email: &Option<String>| email.as_ref().map(|email| format!(" <{email}>")).unwrap_or_default();
        if let Some(email) = &self.email {
            say("e-mail", email.clone());
        }
        if !self.in_catalog {
            say("note", "the catalog has no such group or user".to_string());
        }
        let person =
            |one: &Person| format!("{}{}", one.title.as_ref().unwrap_or(&one.name), mail(&one.email));
        if !self.people.is_empty() {
            say("people", self.people.iter().map(person).collect::<Vec<_>>().join(", "));
        }
        for contact in &self.on_call {
            say("on call", contact.shown(false));
        }
        for contact in &self.links {
            say("link", contact.shown(self.services.len() > 1));
        }
        lines
    }
}

impl Contact {
    fn shown(&self, with_service: bool) -> String {
        let service = self.service.as_ref().filter(|_| with_service).map(|name| format!(" of {name}"));
        let title = format!("{}{}", self.title, service.unwrap_or_default());
        match &self.url {
            Some(url) if *url != self.title => format!("{title}: {url}"),
            _ => title,
        }
    }
}

impl Report for OwnershipReport {
    const KIND: &'static str = "OwnershipList";

    fn page(&self, detail: Detail) -> Page {
        let filled = |text: &Option<String>| Cell::from(text.clone().unwrap_or_else(|| "-".to_string()));
        let row = |item: &OwnershipItem| {
            let tone = if item.guessed { Tone::Doubtful } else { Tone::Plain };
            vec![
                Cell::from(item.asked.clone()),
                filled(&item.owner),
                filled(&item.service),
                filled(&item.system),
                Cell::from(item.cluster.clone()),
                Cell::from(item.shown()),
                Cell::toned(item.evidence(), tone),
            ]
        };
        let rows: Vec<Vec<Cell>> = self.items.iter().map(row).collect();
        let header = ["ASKED", "OWNER", "SERVICE", "SYSTEM", "CLUSTER", "OBJECT", "KNOWN BY"];
        let mut grid = Grid::of(header, rows);
        let asked: BTreeSet<&str> = self.items.iter().map(|item| item.asked.as_str()).collect();
        if asked.len() < 2 {
            grid = grid.without(&["ASKED"]);
        }
        if !detail.wide {
            grid = grid.without(&["SYSTEM"]);
        }
        let mut blocks = vec![Block::Grid(grid)];
        for owner in &self.owners {
            blocks.push(Block::Heading(owner.heading()));
            blocks.push(Block::Lines(owner.lines()));
        }
        Page { blocks }
    }

    fn names(&self) -> Vec<String> {
        self.owners.iter().map(|owner| owner.owner.clone()).collect()
    }

    fn footer(&self) -> Vec<Line> {
        let unknown: usize =
            self.items.iter().filter(|item| item.owner.is_none()).map(|item| item.objects.len()).sum();
        let mut sum = format!("{}. {}", count(self.owners.len(), "owner"), answered(&self.clusters));
        if unknown > 0 {
            sum = format!(
                "{}, nobody known for {}. {}",
                count(self.owners.len(), "owner"),
                count(unknown, "object"),
                answered(&self.clusters)
            );
        }
        let notes = self.notes.iter().map(|note| Line::new(vec![Cell::muted(format!("note: {note}"))]));
        std::iter::once(Line::from(sum)).chain(silences(&self.clusters)).chain(notes).collect()
    }

    fn title(&self) -> String {
        "Owners".to_string()
    }
}
