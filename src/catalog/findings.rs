//! What is valid and still looks wrong: references to nothing, circles, annotations nobody reads.

use std::collections::BTreeSet;

use crate::catalog::Catalog;
use crate::catalog::clusters::{is_called, is_cluster};
use crate::catalog::entity::Entity;
use crate::catalog::envelope::{is_name, is_namespace};
use crate::catalog::kinds::kind;
use crate::catalog::relation::Relation;
use crate::catalog::relations::{Mention, mentions};
use crate::catalog::services::{CLUSTER, FAMILY, KUBERNETES_ID, LABEL_SELECTOR, NAMESPACE, scope, selection};
use crate::catalog::spec::is_field;
use crate::text::closest;
use crate::yaml::{Place, Problem, step};

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

impl Catalog {
    /// Findings on top of `problems`, by place. `clusters` are the names of the fleet, where it is known:
    /// placements are checked against it.
    pub fn findings(&self, clusters: Option<&[String]>) -> Vec<Problem> {
        let mut found = Vec::new();
        for entity in self.entities.values() {
            for mention in mentions(entity) {
                self.check_mention(entity, &mention, clusters, &mut found);
            }
            check_fields(entity, &mut found);
            check_annotations(entity, &mut found);
            if entity.kind == "Component" {
                self.check_service(entity, clusters, &mut found);
            }
        }
        self.check_groups(&mut found);
        found.sort();
        found.dedup();
        found
    }

    /// A reference must be one, and should lead to something.
    fn check_mention(
        &self,
        entity: &Entity,
        mention: &Mention<'_>,
        clusters: Option<&[String]>,
        found: &mut Vec<Problem>,
    ) {
        let field = mention.field.name;
        let place = entity.document.place(&mention.pointer);
        let target = match &mention.target {
            Err(error) => return found.push(Problem::new(place, format!("spec.{field}: {error}"))),
            Ok(target) => target,
        };
        if !is_name(&target.name) || !is_namespace(&target.namespace) {
            let message = format!("spec.{field}: {:?} cannot be the name of an entity", mention.text);
            return found.push(Problem::new(place, message));
        }
        let is_cluster = clusters.is_some_and(|clusters| clusters.contains(&target.name));
        if self.get(target).is_none() && !(target.kind == "resource" && is_cluster) {
            let usual = mention.field.edge.and_then(|edge| edge.kind).unwrap_or_default();
            let others = self.of_kind(&target.kind).map(|other| other.reference.short(usual));
            let others: Vec<String> = others.collect();
            let message = format!("spec.{field} names {target}, which the catalog lacks");
            let near = closest(&target.short(usual), others.iter().map(String::as_str));
            let problem = Problem::new(place.clone(), message);
            found.push(match near.first() {
                Some(near) => problem.hint(format!("did you mean {near}?")),
                None => problem,
            });
        }
        if field == "owner" && target.kind != "group" && target.kind != "user" {
            let message = format!("spec.owner names a {}: an owner is a Group or a User", target.kind);
            found.push(Problem::new(place, message));
        }
    }

    fn check_service(&self, entity: &Entity, clusters: Option<&[String]>, found: &mut Vec<Problem>) {
        found.extend(selection(entity).1.err());
        found.extend(scope(entity).err());
        let Some(fleet) = clusters else { return };
        for name in entity.annotation_list(CLUSTER) {
            let in_catalog =
                self.of_kind("resource").any(|other| is_cluster(other) && is_called(other, name));
            if in_catalog || fleet.iter().any(|cluster| cluster == name) {
                continue;
            }
            let problem = Problem::new(
                entity.annotation_place(CLUSTER),
                format!("{CLUSTER}: no cluster is called {name:?}"),
            );
            found.push(match closest(name, fleet.iter().map(String::as_str)).first() {
                Some(near) => problem.hint(format!("did you mean {near}?")),
                None => problem,
            });
        }
    }

    /// A group above itself, and parents and children that disagree.
    fn check_groups(&self, found: &mut Vec<Problem>) {
        for group in self.of_kind("group") {
            let parents: BTreeSet<_> = self.relations.from(&group.reference, Relation::ChildOf).collect();
            let place = || first_place(group, &["/spec/parent", "/spec/children", "/spec"]);
            let loops = |parent| self.relations.above(parent, Relation::ChildOf).contains(&group.reference);
            if parents.iter().any(|parent| loops(parent)) {
                let message = format!("{} is a group below itself", group.reference.short("group"));
                found.push(Problem::new(place(), message));
            } else if parents.len() > 1 {
                let names: Vec<String> = parents.iter().map(|parent| parent.short("group")).collect();
                let message = format!("{} has several parents: {}", group.display(), names.join(", "));
                let hint = "spec.parent here and spec.children of the others must agree";
                found.push(Problem::new(place(), message).hint(hint));
            }
        }
    }
}

fn first_place(entity: &Entity, pointers: &[&str]) -> Place {
    let pointer = pointers.iter().find(|pointer| entity.document.value.pointer(pointer).is_some());
    entity.document.place(pointer.copied().unwrap_or_default())
}

/// A field nobody knows that is nearly one that exists.
fn check_fields(entity: &Entity, found: &mut Vec<Problem>) {
    let Some(kind) = kind(&entity.kind) else { return };
    let spec = entity.document.value.get("spec").and_then(|spec| spec.as_object());
    for key in spec.into_iter().flat_map(|spec| spec.keys()).filter(|key| !is_field(kind, key)) {
        let mut free = kind.fields.iter().map(|field| field.name).filter(|name| entity.value(name).is_none());
        let near = free.find(|name| is_misspelt(key, name));
        if let Some(near) = near {
            let place = entity.document.key_place(&format!("/spec/{}", step(key)));
            let message = format!("spec.{key} is no field of a {}", kind.name);
            found.push(Problem::new(place, message).hint(format!("did you mean {near}?")));
        }
    }
}

fn check_annotations(entity: &Entity, found: &mut Vec<Problem>) {
    for key in entity.annotations.keys().filter(|key| key.starts_with("backstage.io/")) {
        if KNOWN.contains(&key.as_str()) {
            continue;
        }
        let near = KNOWN.iter().find(|known| is_misspelt(key, known)).copied();
        if near.is_none() && !key.starts_with(FAMILY) {
            continue;
        }
        let place = entity.document.key_place(&format!("/metadata/annotations/{}", step(key)));
        let problem = Problem::new(place, format!("nothing reads the annotation {key}"));
        let near = near.or_else(|| closest(key, KNOWN).first().copied());
        found.push(match near {
            Some(near) => problem.hint(format!("did you mean {near}?")),
            None => problem,
        });
    }
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
        assert_eq!(catalog.problems, []);
        let told: Vec<String> = catalog
            .findings(clusters)
            .iter()
            .map(|problem| match &problem.hint {
                Some(hint) => format!("{problem} -> {hint}"),
                None => problem.to_string(),
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
            &component("", "owner: taem, dependsOn: [x, 'component:x', 'resource:eu']"),
            None,
            &[
                "a:4:38: spec.owner names group:default/taem, which the catalog lacks -> did you mean team?",
                "a:4:56: spec.dependsOn: Entity reference \"x\" had missing or empty kind (e.g. did not start with \"component:\" or similar)",
                "a:4:74: spec.dependsOn names resource:default/eu, which the catalog lacks",
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
        assert!(catalog.problems.iter().all(|problem| problem.message.len() < 1500));
        assert_eq!(catalog.findings(None), []);
    }
}
