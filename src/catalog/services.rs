//! Services: the Components that callboard can operate, with their owner, selector and placement.

use std::collections::HashMap;

use crate::catalog::Catalog;
use crate::catalog::clusters::{is_cluster, server};
use crate::catalog::entity::{Entity, EntityLink};
use crate::catalog::envelope::is_namespace;
use crate::catalog::refs::{EntityRef, Parts};
use crate::catalog::relation::Relation;
use crate::catalog::relations::mentions;
use crate::selector::{Operator, Requirement, Selector, SelectorError};
use crate::yaml::{Place, Problem};

pub const KUBERNETES_ID: &str = "backstage.io/kubernetes-id";
pub const LABEL_SELECTOR: &str = "backstage.io/kubernetes-label-selector";
pub const NAMESPACE: &str = "backstage.io/kubernetes-namespace";
pub const CLUSTER: &str = "backstage.io/kubernetes-cluster";
/// Any annotation of this family says that the Component runs on Kubernetes.
pub const FAMILY: &str = "backstage.io/kubernetes-";

/// A Component as callboard asks for it, or the objects of a selector given on the command line.
#[derive(Clone, Debug)]
pub struct Service {
    /// Nothing for a selector given on the command line.
    pub entity: Option<EntityRef>,
    /// `metadata.name`, with its namespace where that is not `default`; the selector's text for `-l`.
    pub name: String,
    pub title: Option<String>,
    pub description: Option<String>,
    /// Where the catalog declares it.
    pub declared: Option<Place>,
    pub owner: Option<Owner>,
    pub system: Option<Related>,
    pub domain: Option<Related>,
    pub type_: Option<String>,
    pub lifecycle: Option<String>,
    pub tags: Vec<String>,
    pub links: Vec<EntityLink>,
    /// Selects nothing where `problem` is set: then no cluster may be asked.
    pub selector: Selector,
    /// The selector as it was given, or made of the name.
    pub selector_text: String,
    /// The namespaces its objects are in; all where nothing is said.
    pub namespace_scope: Option<Vec<String>>,
    /// The clusters it should run in; empty where the catalog does not say.
    pub placement: Vec<PlacementName>,
    /// Whether the Component carries a `backstage.io/kubernetes-*` annotation.
    pub annotated: bool,
    /// Why its objects cannot be asked for: a selector or namespace that Kubernetes would refuse.
    pub problem: Option<Problem>,
    /// What a reader should know: an owner that the catalog lacks.
    pub notes: Vec<String>,
    /// Set where no catalog says that there is such a service.
    pub guess: Option<Guess>,
}

/// What a guessed service rests on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guess {
    /// Where something of it was seen; it may run elsewhere, too.
    pub clusters: Vec<String>,
}

/// An entity named by another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Related {
    /// Nothing where the text is no reference.
    pub reference: Option<EntityRef>,
    /// The reference without the usual kind and namespace; the text as written where it is none.
    pub display: String,
    /// The name for people (`spec.profile.displayName`, title), where the entity has one.
    pub title: Option<String>,
    pub exists: bool,
}

/// The Group or User that `spec.owner` names.
pub type Owner = Related;

/// A cluster a service should run in, as the catalog calls it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PlacementName {
    pub name: String,
    /// The server URL, where a cluster Resource of that name tells it.
    pub server: Option<String>,
    /// Of a dependency that the catalog lacks: it counts only if it is a cluster's name.
    pub tentative: bool,
}

impl Service {
    /// The objects of a label selector, in some namespaces or all: the `-l SELECTOR [-n NS]` form.
    pub fn from_selector(text: &str, namespaces: &[String]) -> Result<Service, SelectorError> {
        let selector = Selector::parse(text)?;
        if let Some(wrong) = namespaces.iter().find(|namespace| !is_namespace(namespace)) {
            return Err(SelectorError(format!("{wrong:?} cannot be the name of a namespace")));
        }
        Ok(Service {
            annotated: true,
            ..Service::unlisted(text.to_string(), selector, text.to_string(), namespaces)
        })
    }

    /// A service that no catalog knows, made of what its label says.
    pub fn guessed(name: String, selector: Selector, namespaces: &[String], guess: Guess) -> Service {
        let text = selector.to_string();
        Service { guess: Some(guess), ..Service::unlisted(name, selector, text, namespaces) }
    }

    /// A service that no catalog describes. No namespaces: all of them.
    fn unlisted(name: String, selector: Selector, selector_text: String, namespaces: &[String]) -> Service {
        Service {
            entity: None,
            name,
            title: None,
            description: None,
            declared: None,
            owner: None,
            system: None,
            domain: None,
            type_: None,
            lifecycle: None,
            tags: Vec::new(),
            links: Vec::new(),
            selector,
            selector_text,
            namespace_scope: (!namespaces.is_empty()).then(|| namespaces.to_vec()),
            placement: Vec::new(),
            annotated: false,
            problem: None,
            notes: Vec::new(),
            guess: None,
        }
    }
}

/// What a service is called: a Component by its name, what else runs with its kind.
pub fn service_name(entity: &Entity) -> String {
    match entity.reference.kind.as_str() {
        "component" => entity.display(),
        kind => format!("{kind}:{}", entity.display()),
    }
}

/// The service of a Component, or of another entity that is annotated as one.
pub fn service(catalog: &Catalog, entity: &Entity) -> Service {
    let reference = &entity.reference;
    let nearest = |kind| catalog.relations.nearest(reference, Relation::PartOf, kind);
    let related = |found: Option<&EntityRef>, kind| found.map(|found| resolved(catalog, found, kind));
    let owner = owner(catalog, entity);
    let (selector_text, selector) = selection(entity);
    let scope = scope(entity);
    let mut problem = scope.as_ref().err().cloned();
    let selector = selector.unwrap_or_else(|error| {
        problem = Some(error);
        Selector::nothing()
    });
    let selector = if problem.is_some() { Selector::nothing() } else { selector };
    Service {
        entity: Some(reference.clone()),
        name: service_name(entity),
        title: entity.title.clone(),
        description: entity.description.clone(),
        declared: Some(entity.source.place()),
        system: related(nearest("system"), "system"),
        domain: related(nearest("domain"), "domain"),
        type_: entity.spec("type").map(str::to_string),
        lifecycle: entity.spec("lifecycle").map(str::to_string),
        tags: entity.tags.clone(),
        links: entity.links.clone(),
        selector,
        selector_text,
        namespace_scope: scope.ok().flatten(),
        placement: placement(catalog, entity),
        annotated: entity.is_annotated(FAMILY),
        notes: owner.as_ref().filter(|owner| !owner.exists).map(lacking).into_iter().collect(),
        owner,
        problem,
        guess: None,
    }
}

fn lacking(owner: &Owner) -> String {
    format!("the owner {} is not in the catalog", owner.display)
}

/// `spec.owner`; what is no reference is shown as it is written.
pub fn owner(catalog: &Catalog, entity: &Entity) -> Option<Owner> {
    let text = entity.spec("owner").or_else(|| entity.specs("owners").next().map(|(_, text)| text))?;
    Some(match entity.refer(text, Some("group")) {
        Ok(reference) => resolved(catalog, &reference, "group"),
        Err(_) => Related { reference: None, display: text.to_string(), title: None, exists: false },
    })
}

fn resolved(catalog: &Catalog, reference: &EntityRef, usual_kind: &str) -> Related {
    let entity = catalog.get(reference);
    Related {
        reference: Some(reference.clone()),
        display: reference.short(usual_kind),
        title: entity.and_then(Entity::shown_name).map(str::to_string),
        exists: entity.is_some(),
    }
}

/// The label selector of a Component by Backstage's rules; beyond them, the id may be a list.
pub fn selection(entity: &Entity) -> (String, Result<Selector, Problem>) {
    if let Some(text) = entity.annotation(LABEL_SELECTOR) {
        let selector = Selector::parse(text).map_err(|error| {
            Problem::new(entity.annotation_place(LABEL_SELECTOR), format!("{LABEL_SELECTOR}: {error}"))
        });
        return (text.to_string(), selector);
    }
    let ids = entity.annotation_list(KUBERNETES_ID);
    let ids = if ids.is_empty() { vec![entity.name.as_str()] } else { ids };
    let text = match ids[..] {
        [id] => format!("{KUBERNETES_ID}={id}"),
        _ => format!("{KUBERNETES_ID} in ({})", ids.join(",")),
    };
    let selector = Requirement::new(KUBERNETES_ID, Operator::In, ids)
        .map(|requirement| Selector::of(vec![requirement]))
        .map_err(|error| Problem::new(entity.annotation_place(KUBERNETES_ID), error.to_string()));
    (text, selector)
}

/// The namespaces of the annotation. They become part of a path, so that one which is no name is refused.
pub fn scope(entity: &Entity) -> Result<Option<Vec<String>>, Problem> {
    let names = entity.annotation_list(NAMESPACE);
    if let Some(wrong) = names.iter().find(|name| !is_namespace(name)) {
        let message = format!("{NAMESPACE}: {wrong:?} cannot be the name of a namespace");
        return Err(Problem::new(entity.annotation_place(NAMESPACE), message));
    }
    let names: Vec<String> = names.into_iter().map(str::to_string).collect();
    Ok((!names.is_empty()).then_some(names))
}

/// The clusters of the annotation and of the dependencies, each name once, in the order they are written.
fn placement(catalog: &Catalog, entity: &Entity) -> Vec<PlacementName> {
    let mut found: Vec<PlacementName> = Vec::new();
    let mut known: HashMap<String, usize> = HashMap::new();
    let mut add = |name: &str, server: Option<String>, tentative: bool| match known.get(name) {
        Some(known) => {
            let placed = &mut found[*known];
            placed.server = placed.server.take().or(server);
            placed.tentative &= tentative;
        }
        None => {
            known.insert(name.to_string(), found.len());
            found.push(PlacementName { name: name.to_string(), server, tentative });
        }
    };
    for name in entity.annotation_list(CLUSTER) {
        add(name, catalog.cluster_called(name).and_then(server), false);
    }
    for target in catalog.relations.from(&entity.reference, Relation::DependsOn) {
        if let Some(cluster) = catalog.get(target).filter(|target| is_cluster(target)) {
            add(&cluster.name, server(cluster), false);
        }
    }
    for mention in mentions(entity).into_iter().filter(|mention| mention.field.name == "dependsOn") {
        let lacking =
            mention.target.is_ok_and(|target| target.kind == "resource" && catalog.get(&target).is_none());
        if let (true, Ok(parts)) = (lacking, Parts::of(mention.text)) {
            add(parts.name, None, true);
        }
    }
    found
}

/// Whether a spec field of an entity has a value, compared without regard to case.
pub fn is_spec(entity: &Entity, field: &str, wanted: &str) -> bool {
    entity.spec(field).is_some_and(|value| value.eq_ignore_ascii_case(wanted))
}

#[cfg(test)]
mod tests {
    use super::{PlacementName, Service};
    use crate::catalog::{Catalog, Which};

    const EXAMPLE: &str = include_str!("../../catalog.example.yaml");

    fn service(text: &str, name: &str) -> Service {
        let which = Which { names: vec![name.to_string()], ..Which::default() };
        Catalog::of_text("a.yaml", text).services(&which).expect("found").remove(0)
    }

    fn component(metadata: &str, spec: &str) -> Service {
        let head = "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata:\n  name: x\n";
        service(&format!("{head}  {metadata}\nspec:\n  {spec}\n"), "x")
    }

    #[test]
    fn the_example_has_no_problem_and_no_finding() {
        let catalog = Catalog::of_text("catalog.example.yaml", EXAMPLE);
        assert_eq!(catalog.problems, []);
        assert_eq!(catalog.findings(Some(&["eu-west-1".to_string(), "us-east-1".to_string()])), []);
        assert_eq!(catalog.findings(None), []);
        assert_eq!(catalog.services(&Which::default()).expect("services").len(), 5);
        assert_eq!(catalog.clusters().len(), 2);
        assert_eq!(catalog.clusters()[0].aliases, ["prod-eu", "dublin"]);
    }

    #[test]
    fn a_service_knows_what_its_component_says() {
        let checkout = service(EXAMPLE, "checkout");
        assert_eq!(checkout.selector.to_string(), "backstage.io/kubernetes-id=checkout");
        assert_eq!(checkout.namespace_scope, Some(vec!["shop".to_string()]));
        let owner = checkout.owner.expect("an owner");
        assert_eq!(
            (owner.display.as_str(), owner.title.as_deref(), owner.exists),
            ("team-checkout", Some("Team Checkout"), true)
        );
        assert_eq!(checkout.system.expect("a system").display, "shop");
        assert_eq!(checkout.domain.expect("a domain").display, "commerce");
        assert!(checkout.annotated && checkout.problem.is_none() && checkout.links.len() == 3);
        assert_eq!(service(EXAMPLE, "search").owner.expect("an owner").display, "user:ines");
    }

    #[test]
    fn placements_of_annotation_and_dependencies_are_united() {
        let names = |service: &Service| service.placement.iter().map(|p| p.name.clone()).collect::<Vec<_>>();
        let payments = service(EXAMPLE, "payments");
        let server = Some("https://eu-west-1.k8s.example.com".to_string());
        assert_eq!(
            payments.placement,
            [PlacementName { name: "eu-west-1".to_string(), server, tentative: false }]
        );
        assert_eq!(names(&service(EXAMPLE, "cart")), ["eu-west-1", "us-east-1"]);
        let tentative = component(
            "annotations: {backstage.io/kubernetes-cluster: 'a, b'}",
            "dependsOn: [resource:B2, resource:b]",
        );
        assert_eq!(names(&tentative), ["a", "b", "B2"]);
        assert_eq!(tentative.placement.iter().map(|p| p.tentative).collect::<Vec<_>>(), [false, false, true]);
    }

    #[test]
    fn selection_is_backstages() {
        for (annotations, expect) in [
            ("", "backstage.io/kubernetes-id=x"),
            ("backstage.io/kubernetes-id: ''", "backstage.io/kubernetes-id=x"),
            ("backstage.io/kubernetes-id: y", "backstage.io/kubernetes-id=y"),
            ("backstage.io/kubernetes-id: 'y, z'", "backstage.io/kubernetes-id in (y,z)"),
            (
                "backstage.io/kubernetes-id: y, backstage.io/kubernetes-label-selector: 'a=b,c in (x,y),!d'",
                "a=b,c in (x,y),!d",
            ),
            (
                "backstage.io/kubernetes-label-selector: '', backstage.io/kubernetes-id: y",
                "backstage.io/kubernetes-id=y",
            ),
        ] {
            let service = component(&format!("annotations: {{{annotations}}}"), "type: service");
            assert_eq!(service.selector.to_string(), expect, "{annotations}");
            assert_eq!(service.annotated, !annotations.is_empty());
        }
    }

    #[test]
    fn what_kubernetes_would_refuse_is_never_asked() {
        for annotation in [
            "backstage.io/kubernetes-label-selector: 'a==='",
            "backstage.io/kubernetes-id: 'not a label'",
            "backstage.io/kubernetes-namespace: '../secrets'",
        ] {
            let service = component(&format!("annotations: {{{annotation}}}"), "type: service");
            assert!(service.selector.is_nothing(), "{annotation}");
            let problem = service.problem.expect("a problem").to_string();
            assert!(problem.starts_with("a.yaml:5:"), "{problem}");
        }
    }

    #[test]
    fn missing_and_unresolved_owners_are_shown_as_written() {
        assert_eq!(component("title: y", "type: service").owner, None);
        let lost = component("title: y", "owner: Team-A");
        assert_eq!(
            lost.owner.as_ref().map(|owner| (owner.display.as_str(), owner.exists)),
            Some(("team-a", false))
        );
        assert_eq!(lost.notes, ["the owner team-a is not in the catalog"]);
        assert_eq!(component("title: y", "owner: ':a'").owner.expect("shown").display, ":a");
    }

    #[test]
    fn a_selector_alone_is_a_service() {
        let service = Service::from_selector("app in (a,b)", &["shop".to_string()]).expect("valid");
        assert_eq!((service.name.as_str(), service.entity), ("app in (a,b)", None));
        assert!(Service::from_selector("a b", &[]).is_err());
        assert!(Service::from_selector("a", &["A/b".to_string()]).is_err());
    }
}
