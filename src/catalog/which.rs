//! Which services a command is about: names, or what they have in common.

use std::collections::BTreeSet;

use crate::catalog::Catalog;
use crate::catalog::entity::Entity;
use crate::catalog::filter::EntityFilter;
use crate::catalog::lookup::NotFound;
use crate::catalog::refs::{EntityRef, Parts};
use crate::catalog::relation::Relation;
use crate::catalog::services::{FAMILY, Service, is_spec, service, service_name};
use crate::text::closest;

/// The choice of services. Several values of one field are alternatives, different fields must all hold; an
/// empty field says nothing.
#[derive(Clone, Debug, Default)]
pub struct Which {
    /// Names or references, compared without regard to case; a name means it in every namespace.
    pub names: Vec<String>,
    /// Groups or users; a group stands for the groups below it too.
    pub owner: Vec<String>,
    pub system: Vec<String>,
    pub domain: Vec<String>,
    pub type_: Vec<String>,
    pub lifecycle: Vec<String>,
    pub tag: Vec<String>,
    pub filter: Vec<EntityFilter>,
    /// Exactly these owners: what `--mine` comes to (`Catalog::owners_of`).
    pub owned_by: Option<Vec<EntityRef>>,
}

impl Catalog {
    /// The services that are meant, by name. A word that no service, owner, system, ... has is an error with
    /// what comes closest; no service in common is an empty list.
    pub fn services(&self, which: &Which) -> Result<Vec<Service>, NotFound> {
        let named = self.named(&which.names)?;
        let owners = self.owners(&which.owner)?;
        let systems = self.wholes("system", &which.system)?;
        let domains = self.wholes("domain", &which.domain)?;
        for (field, words) in [("type", &which.type_), ("lifecycle", &which.lifecycle)] {
            let values = self.candidates().filter_map(|entity| entity.spec(field));
            known(field, words, values.collect())?;
        }
        known(
            "tag",
            &which.tag,
            self.candidates().flat_map(|e| e.tags.iter().map(String::as_str)).collect(),
        )?;
        let mut found: Vec<Service> = self
            .candidates()
            .filter(|entity| named.as_ref().is_none_or(|named| named.contains(&entity.reference)))
            .filter(|entity| any(&which.type_, |word| is_spec(entity, "type", word)))
            .filter(|entity| any(&which.lifecycle, |word| is_spec(entity, "lifecycle", word)))
            .filter(|entity| {
                any(&which.tag, |word| entity.tags.iter().any(|tag| tag.eq_ignore_ascii_case(word)))
            })
            .filter(|entity| any(&which.filter, |filter| filter.matches(entity, &self.relations)))
            .filter(|entity| owners.as_ref().is_none_or(|owners| self.is_owned_by(entity, owners)))
            .filter(|entity| {
                self.is_part_of(entity, systems.as_ref()) && self.is_part_of(entity, domains.as_ref())
            })
            .filter(|entity| {
                let mine = which.owned_by.as_ref().map(|mine| mine.iter().cloned().collect());
                mine.is_none_or(|mine| self.is_owned_by(entity, &mine))
            })
            .map(|entity| service(self, entity))
            .collect();
        found.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(found)
    }

    /// What can be asked for: every Component, and whatever else is annotated as something that runs.
    fn candidates(&self) -> impl Iterator<Item = &Entity> {
        let others = self.entities.values().filter(|entity| {
            let is_other = !matches!(entity.reference.kind.as_str(), "component" | "template" | "location");
            is_other && entity.is_annotated(FAMILY)
        });
        self.of_kind("component").chain(others)
    }

    /// Whether its owner is one of these.
    pub fn is_owned_by(&self, entity: &Entity, owners: &BTreeSet<EntityRef>) -> bool {
        self.relations.from(&entity.reference, Relation::OwnedBy).any(|owner| owners.contains(owner))
    }

    fn is_part_of(&self, entity: &Entity, wholes: Option<&BTreeSet<EntityRef>>) -> bool {
        wholes.is_none_or(|wholes| {
            self.relations
                .above(&entity.reference, Relation::PartOf)
                .iter()
                .any(|whole| wholes.contains(whole))
        })
    }

    /// The Components of some names; nothing if none is given.
    fn named(&self, names: &[String]) -> Result<Option<BTreeSet<EntityRef>>, NotFound> {
        let mut found = BTreeSet::new();
        for name in names {
            let before = found.len();
            let already = found.iter().any(|reference| means(name, reference));
            found.extend(self.candidates().map(|e| &e.reference).filter(|r| means(name, r)).cloned());
            if found.len() == before && !already {
                let shown: Vec<String> = self.candidates().map(service_name).collect();
                let mut error = NotFound::new("service", name, shown.iter().map(String::as_str));
                error.advice = self.other_kind(name);
                return Err(error);
            }
        }
        Ok((!names.is_empty()).then_some(found))
    }

    /// A word that names something else than a service: how to ask for what belongs to it.
    fn other_kind(&self, name: &str) -> Option<String> {
        let entity = self.entities.values().find(|entity| means(name, &entity.reference))?;
        let short = entity.reference.short(&entity.reference.kind);
        match entity.kind.as_str() {
            "System" => Some(format!("{short} is a system: --system {short}")),
            "Domain" => Some(format!("{short} is a domain: --domain {short}")),
            "Group" => Some(format!("{short} is a group: --owner {short}")),
            "User" => Some(format!("{short} is a user: --owner user:{short}")),
            "Resource" | "API" => Some(format!(
                "{short} is of kind {}, and no annotation {FAMILY}* says that it runs",
                entity.kind
            )),
            _ => None,
        }
    }

    /// Groups with those below them, and users. An owner that Components name counts, in the catalog or not.
    fn owners(&self, words: &[String]) -> Result<Option<BTreeSet<EntityRef>>, NotFound> {
        if words.is_empty() {
            return Ok(None);
        }
        let named =
            self.candidates().flat_map(|entity| self.relations.from(&entity.reference, Relation::OwnedBy));
        let groups = || self.of_kind("group");
        let parents = groups().flat_map(|group| self.relations.from(&group.reference, Relation::ChildOf));
        let known: BTreeSet<EntityRef> = groups()
            .chain(self.of_kind("user"))
            .map(|entity| &entity.reference)
            .chain(named)
            .chain(parents)
            .cloned()
            .collect();
        let mut found = BTreeSet::new();
        for reference in chosen("owner", "group", words, &known)? {
            found.extend(self.relations.below(&reference, Relation::ChildOf));
        }
        Ok((!words.is_empty()).then_some(found))
    }

    /// The systems or domains of some names. One that Components name counts, in the catalog or not.
    fn wholes(&self, kind: &str, words: &[String]) -> Result<Option<BTreeSet<EntityRef>>, NotFound> {
        if words.is_empty() {
            return Ok(None);
        }
        let all = self.candidates().flat_map(|e| self.relations.above(&e.reference, Relation::PartOf));
        let known: BTreeSet<EntityRef> = self
            .of_kind(kind)
            .map(|entity| entity.reference.clone())
            .chain(all.filter(|reference| reference.kind == kind))
            .collect();
        let found = chosen(kind, kind, words, &known)?;
        Ok((!words.is_empty()).then(|| found.into_iter().collect()))
    }
}

/// Whether a word a person typed means an entity.
fn means(word: &str, reference: &EntityRef) -> bool {
    Parts::of(word).is_ok_and(|parts| parts.means(reference))
}

fn any<T>(wanted: &[T], fits: impl Fn(&T) -> bool) -> bool {
    wanted.is_empty() || wanted.iter().any(fits)
}

/// The references that some words mean, each word at least one.
fn chosen(
    what: &str,
    usual_kind: &str,
    words: &[String],
    known: &BTreeSet<EntityRef>,
) -> Result<Vec<EntityRef>, NotFound> {
    let mut found = Vec::new();
    for word in words {
        let before = found.len();
        found.extend(known.iter().filter(|reference| means(word, reference)).cloned());
        if found.len() == before {
            let shown: Vec<String> = known.iter().map(|reference| reference.short(usual_kind)).collect();
            let mut missing = NotFound::new(what, word, shown.iter().map(String::as_str));
            if missing.closest.is_empty() {
                // `teem-a` is near `shop/team-a` by its name.
                let near = closest(word, known.iter().map(|reference| reference.name.as_str()));
                let near = known.iter().filter(|reference| near.contains(&reference.name.as_str()));
                missing.closest = near.take(3).map(|reference| reference.short(usual_kind)).collect();
            }
            return Err(missing);
        }
    }
    Ok(found)
}

/// A word must be one that some Component has: else it is a typo.
fn known(what: &str, words: &[String], values: Vec<&str>) -> Result<(), NotFound> {
    match words.iter().find(|word| !values.iter().any(|value| value.eq_ignore_ascii_case(word))) {
        Some(unknown) => Err(NotFound::new(what, unknown, values)),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::Which;
    use crate::catalog::filter::EntityFilter;
    use crate::catalog::{Catalog, EntityRef};

    const EXAMPLE: &str = include_str!("../../catalog.example.yaml");

    fn words(text: &str) -> Vec<String> {
        text.split_whitespace().map(str::to_string).collect()
    }

    /// The names of the services meant, or the error with its hint.
    #[track_caller]
    fn check(which: &Which, expect: &str) {
        let extra = "\n---\napiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {name: cart, namespace: lab}\nspec: {type: website, lifecycle: production, owner: default/team-checkout, subcomponentOf: component:default/checkout}\n";
        let catalog = Catalog::of_text("a", &format!("{EXAMPLE}{extra}"));
        assert_eq!(catalog.problems, []);
        let got = match catalog.services(which) {
            Ok(services) => services.iter().map(|service| service.name.clone()).collect::<Vec<_>>().join(" "),
            Err(error) => format!("{error}; {}", error.hint().unwrap_or_default()),
        };
        assert_eq!(got, expect, "{which:?}");
    }

    #[test]
    fn names_and_references() {
        let named = |text| Which { names: words(text), ..Which::default() };
        check(&named(""), "cart checkout lab/cart money payments search");
        check(&named("checkout"), "checkout");
        check(&named("CheckOut component:default/SEARCH"), "checkout search");
        check(&named("cart"), "cart lab/cart");
        check(&named("cart cart lab/cart"), "cart lab/cart");
        check(&named("default/cart"), "cart");
        check(&named("chekout"), "the catalog has no service \"chekout\"; did you mean checkout?");
        check(&named("shop"), "the catalog has no service \"shop\"; shop is a system: --system shop");
        let known = "there are cart, checkout, lab/cart, money, payments, search.";
        check(&named(":x"), &format!("the catalog has no service \":x\"; {known}"));
    }

    #[test]
    fn flags_narrow_and_their_values_widen() {
        let owner = |text| Which { owner: words(text), ..Which::default() };
        check(&owner("team-checkout"), "cart checkout lab/cart");
        check(&owner("retail"), "cart checkout lab/cart money payments");
        check(&owner("team-payments ines"), "money payments search");
        check(&owner("user:default/ines"), "search");
        check(&owner("platform"), "");
        check(
            &owner("team-chekout"),
            "the catalog has no owner \"team-chekout\"; did you mean team-checkout or team-payments?",
        );
        let which = Which {
            owner: words("retail"),
            lifecycle: words("production"),
            type_: words("SERVICE"),
            ..Which::default()
        };
        check(&which, "cart checkout payments");
        check(&Which { system: words("shop"), ..Which::default() }, "cart checkout lab/cart search");
        check(
            &Which { domain: words("commerce"), tag: words("pci java"), ..Which::default() },
            "cart payments",
        );
        check(
            &Which { type_: words("servce"), ..Which::default() },
            "the catalog has no type \"servce\"; did you mean service?",
        );
        check(
            &Which { system: words("spop"), ..Which::default() },
            "the catalog has no system \"spop\"; did you mean shop?",
        );
        let filter =
            |text| Which { filter: vec![EntityFilter::parse(text).expect("valid")], ..Which::default() };
        check(&filter("spec.type=service,metadata.tags=GO"), "checkout payments");
        check(&filter("metadata.annotations.backstage.io/kubernetes-cluster"), "checkout payments");
        check(&filter("relations.dependsOn=resource:default/eu-west-1,metadata.tags.pci=true"), "payments");
        check(&filter("relations.ownedby=user:default/ines"), "search");
        check(&filter("{spec.type: Service, metadata.tags: {$contains: GO}}"), "checkout payments");
        check(&filter("{metadata.tags: {$in: [pci, nothing]}}"), "payments");
        check(&filter("{$all: [{kind: component}, {$not: {spec.type: service}}]}"), "lab/cart money");
        check(&filter("{$any: [{metadata.name: search}, {metadata.namespace: lab}]}"), "lab/cart search");
        check(&filter("{metadata.namespace: {$exists: true}}"), "lab/cart");
        check(
            &filter("{metadata.annotations.backstage.io/kubernetes-cluster: {$exists: true}}"),
            "checkout payments",
        );
        check(&filter("{metadata.name: {$hasPrefix: PAY}}"), "payments");
        check(&filter("{relations.ownedBy: 'user:default/ines'}"), "search");
        check(&filter("{relations: {$contains: {type: ownedBy, targetRef: 'user:default/ines'}}}"), "search");
        for (text, told) in [
            ("{$or: []}", "$or is no operator"),
            ("{$all: [], kind: x}", "$all stands alone"),
            ("{$all: {}}", "$all takes a list"),
            ("{$in: [a]}", "$in stands behind a path"),
            ("{kind: {$in: a}}", "kind: $in takes a list"),
            ("{kind: {$exists: yes}}", "kind: $exists takes true or false"),
            ("{kind: {$like: a}}", "kind: $like is no operator"),
            ("{kind: [a]}", "kind: a text, a number or a map"),
            ("{$any: [a]}", "\"a\" is no predicate"),
            ("{kind: a", "cannot be read"),
        ] {
            let error = EntityFilter::parse(text).expect_err(text);
            assert!(error.contains(told), "{text}: {error}");
        }
        assert!(EntityFilter::parse("=a").is_err() && EntityFilter::parse(" , ").is_err());
    }

    #[test]
    fn what_is_mine_is_my_groups_too() {
        let catalog = Catalog::of_text("a", EXAMPLE);
        let me = &catalog.user_by_email("Ines@Example.com").expect("known").reference;
        assert_eq!(me, &EntityRef::new("user", "default", "ines"));
        let which = Which { owned_by: Some(catalog.owners_of(me)), ..Which::default() };
        check(&which, "money payments search");
    }
}
