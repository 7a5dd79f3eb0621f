//! What is made of services that were found: valid, safe, and no more certain than what it rests on.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::owner::{GuessedOwner, guess};
use super::{FoundNamespace, FoundService, FoundWorkload, ImportedEntity, PlacementRule, entities};
use crate::catalog::{Catalog, Service, Which};

fn map(pairs: &str) -> BTreeMap<String, String> {
    let pairs = pairs.split(';').filter_map(|pair| pair.split_once('='));
    pairs.map(|(key, value)| (key.to_string(), value.to_string())).collect()
}

/// A workload by labels, annotations and the labels of its namespace.
fn workload(cluster: &str, labels: &str, annotations: &str, of_namespace: &str) -> FoundWorkload {
    FoundWorkload {
        cluster: cluster.to_string(),
        called: "Deployment shop/cart".to_string(),
        labels: map(labels),
        annotations: map(annotations),
        namespace: Arc::new(FoundNamespace {
            name: "shop".to_string(),
            labels: map(of_namespace),
            ..FoundNamespace::default()
        }),
        ..FoundWorkload::default()
    }
}

fn service(value: &str, workloads: Vec<FoundWorkload>) -> FoundService {
    FoundService {
        shown: value.to_string(),
        value: value.to_string(),
        selector: format!("app={value},!k8s-app"),
        namespace: Some("shop".to_string()),
        clusters: vec!["eu".to_string(), "us".to_string()],
        workloads,
        ..FoundService::default()
    }
}

fn catalog(made: &[ImportedEntity]) -> Catalog {
    let texts: Vec<&str> = made.iter().map(|entity| entity.text.as_str()).collect();
    let text = texts.join("---\n");
    let catalog = Catalog::of_text("catalog.yaml", &text);
    assert_eq!(catalog.problems, [], "{text}");
    let clusters = ["eu".to_string(), "us".to_string()];
    assert_eq!(catalog.findings(Some(&clusters)), [], "{text}");
    catalog
}

fn only(catalog: &Catalog) -> Service {
    let mut services = catalog.services(&Which::default()).expect("services");
    assert_eq!(services.len(), 1);
    services.remove(0)
}

#[track_caller]
fn guessed(workloads: Vec<FoundWorkload>, value: &str, why: &str) {
    let GuessedOwner { value: owner, why: told } = guess(&service("cart", workloads));
    assert_eq!((owner.unwrap_or_default(), told.unwrap_or_default()), (value.to_string(), why.to_string()));
}

#[test]
fn an_owner_is_what_most_workloads_say() {
    let one = |labels: &str| workload("eu", labels, "", "team=namespace-team");
    guessed(vec![one("team=a")], "a", "label team of Deployment shop/cart in eu");
    guessed(vec![one("corp.example/owner=a")], "a", "label corp.example/owner of Deployment shop/cart in eu");
    guessed(vec![one("owner=b;team=a")], "a", "label team of Deployment shop/cart in eu");
    guessed(vec![one("Team_Name=a")], "a", "label Team_Name of Deployment shop/cart in eu");
    guessed(
        vec![one("team=b"), one("team=a"), one("team=A")],
        "a",
        "label team of Deployment shop/cart in eu and 1 more; but label team of Deployment shop/cart in eu says b",
    );
    guessed(
        vec![one("team=b"), one("team=a")],
        "",
        "label team of Deployment shop/cart in eu says a, label team of Deployment shop/cart in eu says b",
    );
    guessed(vec![one("tier=x")], "namespace-team", "label team of Namespace shop in eu");
    guessed(
        vec![workload("eu", "", "owner=Team Checkout", "")],
        "Team Checkout",
        "annotation owner of Deployment shop/cart in eu",
    );
    let in_project =
        |project: &str| FoundWorkload { project: Some(project.to_string()), ..workload("eu", "", "", "") };
    guessed(vec![in_project("checkout")], "checkout", "Argo CD project of Deployment shop/cart in eu");
    guessed(vec![in_project("default")], "", "");
}

#[test]
fn what_tools_write_is_nobody() {
    for labels in [
        "app.kubernetes.io/managed-by=Helm",
        "owner=helm",
        "team=true",
        "owner=1234",
        "owner=cart",
        "kubernetes.io/owner=x",
        "argocd.argoproj.io/owner=x",
        "helm.sh/owner=x",
        "teams=x",
        "owner=",
        "team=  ",
        "owner=5f1c2d3e-aaaa-bbbb-cccc-0123456789ab",
        "team=é",
        "olm.owner=x",
    ] {
        guessed(vec![workload("eu", labels, "", "")], "", "");
    }
    guessed(
        vec![workload("eu", "owner=helm;team=a", "", "")],
        "a",
        "label team of Deployment shop/cart in eu",
    );
    guessed(
        vec![workload("eu", "team=helm;owner=a", "", "")],
        "a",
        "label owner of Deployment shop/cart in eu",
    );
}

#[test]
fn a_service_is_written_with_its_guesses_marked() {
    let found =
        [service("cart", vec![workload("eu", "team=checkout;app.kubernetes.io/part-of=shop", "", "")])];
    let made = entities(&found, None, PlacementRule::Certain);
    let kinds: Vec<String> = made.iter().map(|entity| format!("{} {}", entity.kind, entity.name)).collect();
    assert_eq!(kinds, ["Group checkout", "System shop", "Component cart"]);
    assert_eq!(
        made[2].text,
        "apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: cart
  annotations:
    backstage.io/kubernetes-label-selector: app=cart,!k8s-app
    backstage.io/kubernetes-namespace: shop
    backstage.io/kubernetes-cluster: eu,us  # where it ran when this was written; every cluster told all it has
    callboard.dev/owner-guess: label team of Deployment shop/cart in eu
spec:
  type: service  # a guess
  lifecycle: unknown  # production, experimental or deprecated
  owner: checkout  # a guess: label team of Deployment shop/cart in eu
  system: shop  # a guess: label app.kubernetes.io/part-of
"
    );
    let catalog = catalog(&made);
    let service = only(&catalog);
    assert_eq!(
        service.selector.to_string(),
        crate::selector::Selector::parse("app=cart,!k8s-app").expect("valid").to_string()
    );
    assert_eq!(service.namespace_scope, Some(vec!["shop".to_string()]));
    assert_eq!(service.placement.iter().map(|one| one.name.as_str()).collect::<Vec<_>>(), ["eu", "us"]);
    assert_eq!(service.owner.expect("an owner").display, "checkout");
    assert_eq!(service.system.expect("a system").display, "shop");
}

#[test]
fn where_it_runs_is_written_only_where_it_is_certain() {
    let mut found = [service("cart", vec![workload("eu", "", "", "")])];
    let of = |found: &[FoundService], rule| only(&catalog(&entities(found, None, rule))).placement.len();
    assert_eq!(of(&found, PlacementRule::Certain), 2);
    assert_eq!(of(&found, PlacementRule::Uncertain), 0);
    let text = entities(&found, None, PlacementRule::Uncertain).pop().expect("a component").text;
    assert!(text.contains("  # seen in eu, us; it may run elsewhere, too\n"), "{text}");
    found[0].clusters.push("a,b".to_string());
    assert_eq!(of(&found, PlacementRule::Certain), 0, "the name would be two");
}

#[test]
fn owners_are_groups_users_or_unknown() {
    for (team, owner, entity) in [
        ("a", "a", "group:default/a"),
        ("Team Checkout", "team-checkout", "group:default/team-checkout"),
        ("group:default/a", "a", "group:default/a"),
        ("user:ida", "user:ida", "user:default/ida"),
        ("jane.doe@example.com", "user:jane.doe", "user:default/jane.doe"),
        ("component:x", "component-x", "group:default/component-x"),
        ("other/team", "other-team", "group:default/other-team"),
        ("", "unknown-owner", "group:default/unknown-owner"),
    ] {
        let found = [service("cart", vec![workload("eu", "", &format!("team={team}"), "")])];
        let made = entities(&found, None, PlacementRule::Certain);
        let catalog = catalog(&made);
        let found = only(&catalog).owner.expect("an owner");
        assert_eq!((found.display.as_str(), found.exists), (owner, true), "{team}");
        assert_eq!(found.reference.expect("a reference").to_string(), entity);
    }
    let people = ["jane@a.example", "jane@b.example", "Jane@A.example"];
    let found: Vec<FoundService> = people
        .iter()
        .enumerate()
        .map(|(index, mail)| {
            service(&format!("s{index}"), vec![workload("eu", "", &format!("owner={mail}"), "")])
        })
        .collect();
    let made = entities(&found, None, PlacementRule::Certain);
    let owners: Vec<String> = made.iter().filter_map(|one| Some(one.owner.clone()?.0)).collect();
    assert_eq!(owners, ["user:jane", "user:jane-2", "user:jane"]);
    assert!(catalog(&made).user_by_email("jane@b.example").is_some());
}

#[test]
fn what_the_catalog_has_is_named_and_not_written_again() {
    let known = Catalog::of_text(
        "known.yaml",
        "apiVersion: backstage.io/v1alpha1\nkind: Group\nmetadata: {name: team-a, title: Alpha}\nspec: {type: team, children: []}\n---\n\
         apiVersion: backstage.io/v1alpha1\nkind: User\nmetadata: {name: ida}\nspec: {memberOf: [], profile: {email: ida@example.com}}\n---\n\
         apiVersion: backstage.io/v1alpha1\nkind: System\nmetadata: {name: shop}\nspec: {owner: team-a}\n---\n\
         apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {name: Cart}\nspec: {type: service, lifecycle: x, owner: team-a}\n",
    );
    assert_eq!(known.problems, []);
    let part = ";app.kubernetes.io/part-of=shop";
    for (team, owner) in
        [("TEAM-A", "team-a"), ("alpha", "team-a"), ("ida@example.com", "user:ida"), ("user:ida", "user:ida")]
    {
        let found =
            [service("cart", vec![workload("eu", &format!("app=x{part}"), &format!("team={team}"), "")])];
        let made = entities(&found, Some(&known), PlacementRule::Certain);
        assert_eq!(made.len(), 1, "{made:?}");
        assert_eq!(
            (made[0].name.as_str(), made[0].owner.as_ref().expect("an owner").0.as_str()),
            ("shop-cart", owner)
        );
    }
}

#[test]
fn a_system_is_what_several_are_a_part_of() {
    let part = |name: &str, part: &str, team: &str| {
        service(name, vec![workload("eu", &format!("app.kubernetes.io/part-of={part};team={team}"), "", "")])
    };
    let made = |found: &[FoundService]| {
        let made = entities(found, None, PlacementRule::Certain);
        catalog(&made);
        let systems = made.iter().filter(|one| one.kind == "System");
        systems.map(|one| one.text.clone()).collect::<Vec<String>>()
    };
    assert!(made(&[part("cart", "cart", "a")]).is_empty(), "a part of itself");
    let two = made(&[part("cart", "Shop", "a"), part("web", "shop", "a")]);
    assert_eq!(two.len(), 1);
    assert!(
        two[0].contains("name: Shop\n")
            && two[0].contains("  owner: a  # a guess: the owner of its components\n"),
        "{two:?}"
    );
    let divided = made(&[part("cart", "shop", "a"), part("web", "shop", "b")]);
    assert!(
        divided[0].contains("  owner: unknown-owner  # to fill in: its components have several\n"),
        "{divided:?}"
    );
    let unknown = made(&[part("cart", "shop", ""), part("web", "shop", "")]);
    assert!(
        unknown[0].contains("  owner: unknown-owner  # to fill in, as those of its components\n"),
        "{unknown:?}"
    );
}

/// Whatever clusters say, each entity is valid, and holds no sign that steers a terminal.
#[test]
fn hostile_text_is_neutral() {
    let hostile = [
        "x\u{1b}[31m",
        "a: b",
        "a\nkind: Secret",
        "- x",
        "'",
        "\"",
        "# c",
        "{{ x }}",
        "*a",
        "&a",
        "!t",
        "%",
        "|",
        ">",
        "no",
        "0777",
        "a\u{202e}b",
        "\u{0}",
        "é: ü",
        "a #b",
        "---",
        "x\r\ny",
        "null",
    ];
    for text in hostile {
        let mut one = workload("eu", "", "", "");
        one.annotations.insert("team".to_string(), format!("team {text}"));
        one.annotations.insert(format!("{text}/owner"), "x".to_string());
        one.labels.insert("app.kubernetes.io/part-of".to_string(), text.to_string());
        one.called = format!("Deployment shop/{text}");
        one.cluster = text.to_string();
        one.project = Some(text.to_string());
        let mut found = service("cart", vec![one]);
        found.shown = text.to_string();
        found.is_id = true;
        found.namespace = None;
        let made = entities(&[found, service("web", Vec::new())], None, PlacementRule::Uncertain);
        let all: String = made.iter().map(|entity| format!("{}---\n", entity.text)).collect();
        assert!(
            all.chars().all(|c| c == '\n' || crate::text::safe(&c.to_string()) == c.to_string()),
            "{all:?}"
        );
        let read = Catalog::of_text("a.yaml", &all);
        assert_eq!(read.problems, [], "{all}");
        assert_eq!(read.entities.len(), made.len(), "{all}");
        assert_eq!(read.services(&Which::default()).expect("services").len(), 2);
    }
}

#[test]
fn every_pattern_compiles() {
    assert!(super::owner::patterns().iter().all(|pattern| !pattern.is_match("checkout team")));
}
