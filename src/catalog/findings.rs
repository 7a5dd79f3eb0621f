//! What is valid and still looks wrong: references to nothing, circles, annotations nobody reads.

use std::collections::{BTreeSet, HashMap, HashSet};

use crate::catalog::Catalog;
use crate::catalog::entity::Entity;
use crate::catalog::envelope::{is_name, is_namespace};
use crate::catalog::kinds::{is_field, kind};
use crate::catalog::refs::EntityRef;
use crate::catalog::relation::Relation;
use crate::catalog::relations::{Mention, mentions};
use crate::catalog::rules::{
    ANNOTATION, DANGLING, GROUP_CYCLE, GROUP_PARENTS, LABEL_VALUE, MEMBERSHIP, NAMELESS_REFERENCE,
    NO_CLUSTER, OWNER_KIND, SELECTOR, SPELLING,
};
use crate::catalog::services::{CLUSTER, FAMILY, KUBERNETES_ID, LABEL_SELECTOR, NAMESPACE, scope, selection};
use crate::text::closest;
use crate::yaml::{Document, LintFinding, LintRule, Place, Problem, step, value_at};

/// The annotations of the prefix `backstage.io/` that something reads.
const KNOWN: [&str; 25] = [
    KUBERNETES_ID,
    LABEL_SELECTOR,
    NAMESPACE,
    CLUSTER,
    "backstage.io/managed-by-location",
    "backstage.io/managed-by-origin-location",
    "backstage.io/orphan",
    "backstage.io/techdocs-ref",
    "backstage.io/techdocs-entity",
    "backstage.io/techdocs-entity-path",
    "backstage.io/view-url",
    "backstage.io/edit-url",
    "backstage.io/source-location",
    "backstage.io/source-template",
    "backstage.io/code-coverage",
    "backstage.io/ldap-rdn",
    "backstage.io/ldap-uuid",
    "backstage.io/ldap-dn",
    "backstage.io/github-actions-id",
    "backstage.io/definition-at-location",
    "backstage.io/linguist",
    "backstage.io/adr-location",
    "backstage.io/todo",
    "backstage.io/pagerduty",
    "backstage.io/time-saved",
];

/// Names that are looked through for the one that was meant.
const MOST_CANDIDATES: usize = 5_000;

impl Catalog {
    /// Findings on top of `problems`, by place. `clusters` are the names of the fleet, where it is known:
    /// placements are checked against it.
    pub fn findings(&self, clusters: Option<&[String]>) -> Vec<LintFinding> {
        let mut check = CatalogCheck::new(self, clusters);
        for entity in self.entities.values() {
            check.entity(entity);
        }
        check.groups();
        let mut found = check.found;
        found.extend(self.remarks.iter().cloned());
        found.sort_by(|one, other| one.problem.cmp(&other.problem));
        found.dedup();
        found
    }
}

struct CatalogCheck<'a> {
    catalog: &'a Catalog,
    fleet: Option<HashSet<&'a str>>,
    /// Every name of the fleet's clusters and of those that the catalog declares.
    cluster_names: HashSet<&'a str>,
    /// References of a kind, as they are shortest: to find the one that was meant.
    shown: HashMap<String, Vec<String>>,
    /// What was told to be lacking, with what was meant: many entities name the same.
    near: HashMap<EntityRef, Option<String>>,
    found: Vec<LintFinding>,
}

impl<'a> CatalogCheck<'a> {
    fn new(catalog: &'a Catalog, clusters: Option<&'a [String]>) -> CatalogCheck<'a> {
        let fleet: Option<HashSet<&str>> = clusters.map(|names| names.iter().map(String::as_str).collect());
        let mut cluster_names = fleet.clone().unwrap_or_default();
        cluster_names.extend(catalog.cluster_names.keys().map(String::as_str));
        CatalogCheck {
            catalog,
            fleet,
            cluster_names,
            shown: HashMap::new(),
            near: HashMap::new(),
            found: Vec::new(),
        }
    }

    fn tell(&mut self, rule: &'static LintRule, problem: Problem) {
        self.found.push(LintFinding::new(rule, problem));
    }

    fn entity(&mut self, entity: &Entity) {
        let document = entity.document();
        for mention in mentions(entity) {
            self.mention(&document, &mention);
        }
        self.fields(entity, &document);
        self.annotations(entity, &document);
        if entity.reference.kind == "component" || entity.is_annotated(FAMILY) {
            self.service(entity, &document);
        }
    }

    /// A reference should lead to something.
    fn mention(&mut self, document: &Document, mention: &Mention<'_>) {
        let field = mention.field.name;
        // What is no reference at all is a problem, told when it was read.
        let Ok(target) = &mention.target else { return };
        let place = document.place(&mention.pointer);
        if !is_name(&target.name) || !is_namespace(&target.namespace) {
            let message = format!("spec.{field}: {:?} cannot be the name of an entity", mention.text);
            return self.tell(&NAMELESS_REFERENCE, Problem::new(place, message));
        }
        let is_cluster = self.fleet.as_ref().is_some_and(|fleet| fleet.contains(target.name.as_str()));
        if self.catalog.get(target).is_none() && !(target.kind == "resource" && is_cluster) {
            let usual = mention.field.edge.and_then(|edge| edge.kind).unwrap_or_default();
            let message = format!("spec.{field} names {target}, which the catalog lacks");
            let problem = Problem::new(place.clone(), message);
            let problem = match self.near(target, usual) {
                Some(near) => problem.hint(format!("did you mean {near}?")),
                None => problem,
            };
            self.tell(&DANGLING, problem);
        }
        if (field == "owner" || field == "owners") && target.kind != "group" && target.kind != "user" {
            let message = format!("spec.{field} names a {}: an owner is a Group or a User", target.kind);
            self.tell(&OWNER_KIND, Problem::new(place, message));
        }
    }

    /// The reference that was meant by one that leads to nothing.
    fn near(&mut self, target: &EntityRef, usual: &str) -> Option<String> {
        if let Some(known) = self.near.get(target) {
            return known.clone();
        }
        let shown = self.shown.entry(format!("{} {usual}", target.kind)).or_insert_with(|| {
            self.catalog.of_kind(&target.kind).map(|other| other.reference.short(usual)).collect()
        });
        let few = shown.len() * (self.near.len() + 1) < MOST_CANDIDATES * 100;
        let near = few.then(|| closest(&target.short(usual), shown.iter().map(String::as_str)));
        let near = near.and_then(|near| near.first().map(|near| near.to_string()));
        self.near.insert(target.clone(), near.clone());
        near
    }

    fn service(&mut self, entity: &Entity, document: &Document) {
        if let Err(problem) = selection(entity).1 {
            let rule = if entity.annotation(LABEL_SELECTOR).is_some() { &SELECTOR } else { &LABEL_VALUE };
            self.tell(rule, problem);
        }
        if let Err(problem) = scope(entity) {
            self.tell(&LABEL_VALUE, problem);
        }
        if self.fleet.is_none() {
            return;
        }
        for name in entity.annotation_list(CLUSTER) {
            if self.cluster_names.contains(name) {
                continue;
            }
            let place = document.place(&annotation_pointer(CLUSTER));
            let problem = Problem::new(place, format!("{CLUSTER}: no cluster is called {name:?}"));
            let problem = match closest(name, self.cluster_names.iter().copied()).first() {
                Some(near) => problem.hint(format!("did you mean {near}?")),
                None => problem,
            };
            self.tell(&NO_CLUSTER, problem);
        }
    }

    /// A group above itself, parents and children that disagree, members that say they are none.
    fn groups(&mut self) {
        let catalog = self.catalog;
        for group in catalog.of_kind("group") {
            let parents: BTreeSet<_> = catalog.relations.from(&group.reference, Relation::ChildOf).collect();
            let place = || first_place(group, &["/spec/parent", "/spec/children", "/spec"]);
            let loops =
                |parent| catalog.relations.above(parent, Relation::ChildOf).contains(&group.reference);
            if parents.iter().any(|parent| loops(parent)) {
                let message = format!("{} is a group below itself", group.reference.short("group"));
                self.tell(&GROUP_CYCLE, Problem::new(place(), message));
            } else if parents.len() > 1 {
                let names: Vec<String> = parents.iter().map(|parent| parent.short("group")).collect();
                let message = format!("{} has several parents: {}", group.display(), names.join(", "));
                let hint = "spec.parent here and spec.children of the others must agree";
                self.tell(&GROUP_PARENTS, Problem::new(place(), message).hint(hint));
            }
            self.members(group);
        }
    }

    /// Members whose own `memberOf` names other groups, but not this one. One that names none at all leaves it to the group.
    fn members(&mut self, group: &Entity) {
        let named: Vec<(String, &str)> = group.specs("members").collect();
        if named.is_empty() {
            return;
        }
        let document = group.document();
        for (pointer, text) in named {
            let Ok(member) = group.refer(text, Some("user")) else { continue };
            let Some(user) = self.catalog.get(&member) else { continue };
            let groups: Vec<EntityRef> =
                user.specs("memberOf").filter_map(|(_, text)| user.refer(text, Some("group")).ok()).collect();
            if groups.is_empty() || groups.contains(&group.reference) {
                continue;
            }
            let own: Vec<String> = groups.iter().map(|group| group.short("group")).collect();
            let message = format!(
                "{} has the member {}, whose memberOf names {} and not this group",
                group.reference.short("group"),
                member.short("user"),
                own.join(", ")
            );
            let hint = format!(
                "both count; add {} to memberOf, or take it out here",
                group.reference.short("group")
            );
            self.tell(&MEMBERSHIP, Problem::new(document.place(&pointer), message).hint(hint));
        }
    }

    /// A field nobody knows that is nearly one that exists.
    fn fields(&mut self, entity: &Entity, document: &Document) {
        let Some(kind) = kind(&entity.kind) else { return };
        let Some(spec) = document.value.get("spec").and_then(|spec| spec.as_object()) else { return };
        for key in spec.keys().filter(|key| !is_field(kind, key)) {
            let free = kind.fields.iter().map(|field| field.name).filter(|name| !spec.contains_key(*name));
            if let Some(near) = free.into_iter().find(|name| is_misspelt(key, name)) {
                let place = document.key_place(&format!("/spec/{}", step(key)));
                let message = format!("spec.{key} is no field of a {}", kind.name);
                self.tell(&SPELLING, Problem::new(place, message).hint(format!("did you mean {near}?")));
            }
        }
    }

    fn annotations(&mut self, entity: &Entity, document: &Document) {
        for (key, _) in entity.annotations.iter().filter(|(key, _)| key.starts_with("backstage.io/")) {
            if KNOWN.contains(&key.as_str()) {
                continue;
            }
            let near = KNOWN.iter().find(|known| is_misspelt(key, known)).copied();
            if near.is_none() && !key.starts_with(FAMILY) {
                continue;
            }
            let place = document.key_place(&annotation_pointer(key));
            let problem = Problem::new(place, format!("nothing reads the annotation {key}"));
            let near = near.or_else(|| closest(key, KNOWN).first().copied());
            let problem = match near {
                Some(near) => problem.hint(format!("did you mean {near}?")),
                None => problem,
            };
            self.tell(&ANNOTATION, problem);
        }
    }
}

fn annotation_pointer(key: &str) -> String {
    format!("/metadata/annotations/{}", step(key))
}

fn first_place(entity: &Entity, pointers: &[&str]) -> Place {
    let document = entity.document();
    let pointer = pointers.iter().find(|pointer| value_at(&document.value, pointer).is_some());
    document.place(pointer.copied().unwrap_or_default())
}

/// Two words that differ in case or in one letter or two.
fn is_misspelt(word: &str, known: &str) -> bool {
    word != known && strsim::damerau_levenshtein(&word.to_lowercase(), &known.to_lowercase()) <= 2
}

#[cfg(test)]
mod tests {
    use crate::catalog::Catalog;

    #[track_caller]
    fn check(text: &str, clusters: Option<&[String]>, expect: &[&str]) {
        let catalog = Catalog::of_text("a", text);
        let told: Vec<String> = catalog
            .findings(clusters)
            .iter()
            .map(|finding| match &finding.problem.hint {
                Some(hint) => format!("{finding} -> {hint}"),
                None => finding.to_string(),
            })
            .collect();
        assert_eq!(told, expect, "{text}");
    }

    fn component(annotations: &str, spec: &str) -> String {
        format!(
            "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {{name: x, annotations: {{{annotations}}}}}\nspec: {{type: a, lifecycle: b, {spec}}}\n---\napiVersion: backstage.io/v1alpha1\nkind: Group\nmetadata: {{name: team}}\nspec: {{type: team, children: []}}\n"
        )
    }

    #[test]
    fn references_to_nothing() {
        check(&component("", "owner: team"), None, &[]);
        check(
            &component("", "owner: taem, dependsOn: ['component:x', 'resource:eu']"),
            None,
            &[
                "a:4:38: spec.owner names group:default/taem, which the catalog lacks -> did you mean team?",
                "a:4:71: spec.dependsOn names resource:default/eu, which the catalog lacks",
            ],
        );
        check(&component("", "owner: team, dependsOn: ['resource:eu']"), Some(&["eu".to_string()]), &[]);
        check(
            &component("", "owner: 'component:x', system: 'a b'"),
            None,
            &[
                "a:4:38: spec.owner names a component: an owner is a Group or a User",
                "a:4:61: spec.system: \"a b\" cannot be the name of an entity",
            ],
        );
    }

    #[test]
    fn annotations_and_fields_nobody_reads() {
        check(
            &component(
                "backstage.io/kubernetes-idd: a, backstage.io/kubernetes-cluster: 'eu, us', backstage.io/own: x",
                "owner: team, dependson: []",
            ),
            Some(&["eu".to_string()]),
            &[
                "a:3:35: nothing reads the annotation backstage.io/kubernetes-idd -> did you mean backstage.io/kubernetes-id?",
                "a:3:100: backstage.io/kubernetes-cluster: no cluster is called \"us\"",
                "a:4:44: spec.dependson is no field of a Component -> did you mean dependsOn?",
            ],
        );
        check(
            &component(
                "backstage.io/kubernetes-label-selector: 'a=b=c', backstage.io/kubernetes-namespace: A",
                "owner: team",
            ),
            None,
            &[
                "a:3:75: backstage.io/kubernetes-label-selector: found '=', expected: ',' or 'end of string'",
                "a:3:119: backstage.io/kubernetes-namespace: \"A\" cannot be the name of a namespace",
            ],
        );
    }

    #[test]
    fn hostile_catalogs_end() {
        let huge = "k".repeat(1000);
        let bomb =
            format!("{}\n---\n{huge}: {huge}\n---\n{}", "[".repeat(20_000), component("", "owner: team"));
        let catalog = Catalog::of_text("a", &bomb);
        assert_eq!(catalog.entities.len(), 2);
        assert!(catalog.problems.iter().all(|finding| finding.problem.message.len() < 1500));
        assert_eq!(catalog.findings(None), []);
    }
}
