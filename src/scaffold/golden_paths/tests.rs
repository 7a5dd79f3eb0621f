//! Every embedded path, rendered for every choice: it lints clean, parses, and its catalog entry finds its workloads.

#![allow(
    clippy::disallowed_methods,
    reason = "the ignored tests write projects and run the tools of their languages"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::{Command, Output};

use serde_json::{Map, Value as Json, json};

use crate::catalog::{Catalog, Service, Which};
use crate::scaffold::actions::{ACTIONS, Effect, World};
use crate::scaffold::coverage::answer_sets;
use crate::scaffold::defaults::filled;
use crate::scaffold::digest::blob_id;
use crate::scaffold::golden_paths::{embedded_template, embedded_templates};
use crate::scaffold::lint::{LintSubject, lint};
use crate::scaffold::parameters::{complaints, missing};
use crate::scaffold::request::{Request, RunOutcome};
use crate::scaffold::run::run;
use crate::scaffold::template::{Template, read};
use crate::tree::{Tree, TreeEntry};
use crate::yaml;

const PATHS: &[(&str, &str)] = &[
    ("full-stack", "group:default/guild-web"),
    ("hook-up", "group:default/guild-platform"),
    ("http-service", "group:default/guild-backend"),
    ("library", "group:default/guild-platform"),
    ("web-site", "group:default/guild-web"),
    ("worker", "group:default/guild-data"),
];

/// What Backstage's own engine made of them: `tests/oracle/render.mjs`, to be run after each change of a golden path.
const BACKSTAGE: &str =
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden-paths/expectations/embedded.json"));

struct NoWorld;

impl World for NoWorld {
    fn fetch(&self, url: &str) -> Result<Tree, String> {
        Err(format!("{url} cannot be fetched offline"))
    }

    fn entity(&self, _: &str) -> Option<Json> {
        None
    }
}

fn text<'a>(tree: &'a Tree, path: &str) -> &'a str {
    let bytes = tree.bytes(path).unwrap_or_else(|| panic!("{path} is there"));
    std::str::from_utf8(bytes).expect("text")
}

fn templates() -> Vec<(Template, Tree)> {
    let template = |(name, tree): (String, Tree)| {
        let file = format!("{name}/template.yaml");
        (read(&file, text(&tree, "template.yaml")).unwrap_or_else(|problems| panic!("{problems:?}")), tree)
    };
    embedded_templates().into_iter().map(template).collect()
}

fn base() -> Map<String, Json> {
    let given = json!({"name": "orders", "owner": "group:default/team-orders"});
    given.as_object().cloned().unwrap_or_default()
}

#[track_caller]
fn rendered(template: &Template, source: &Tree, parameters: &Map<String, Json>) -> RunOutcome {
    assert_eq!(complaints(template, parameters), [], "{} {parameters:?}", template.name);
    let request = Request { parameters: parameters.clone(), ..Request::default() };
    let outcome = run(template, (source, ""), &request, &NoWorld, ACTIONS).expect("nothing needs a server");
    assert_eq!(outcome.failure, None, "{} {parameters:?}", template.name);
    outcome
}

/// Every path with every set of answers: all choices, with and without a system and a repository.
fn every_outcome() -> Vec<(String, Map<String, Json>, RunOutcome)> {
    let mut all = Vec::new();
    for (template, source) in templates() {
        let mut sets = answer_sets(&template, &base());
        let mut full = filled(&template, &base());
        full.insert("repoUrl".into(), json!("github.com?owner=acme&repo=orders"));
        full.insert("description".into(), json!("It's \"all\" orders: #1, {{ and }}"));
        let further = [
            ("system", json!("system:default/shop")),
            ("onCall", json!("https://oncall.example.com/orders")),
            ("clusters", json!(["eu-1", "us-1"])),
            ("domain", json!("shop.example.com")),
        ];
        let asked =
            |name: &str| template.pages.iter().any(|page| page.schema["properties"].get(name).is_some());
        full.extend(
            further.into_iter().filter(|(name, _)| asked(name)).map(|(name, value)| (name.into(), value)),
        );
        sets.push(full);
        for answers in sets {
            let outcome = rendered(&template, &source, &answers);
            all.push((template.name.clone(), answers, outcome));
        }
    }
    all
}

fn services(tree: &Tree) -> Vec<Service> {
    let catalog = Catalog::of_text("catalog-info.yaml", text(tree, "catalog-info.yaml"));
    assert_eq!(catalog.problems, [], "{}", text(tree, "catalog-info.yaml"));
    catalog.services(&Which::default()).expect("all of them")
}

fn documents(path: &str, text: &str) -> Vec<Json> {
    let read = |document: Result<yaml::Document, yaml::Problem>| {
        document.unwrap_or_else(|problem| panic!("{problem}\n{text}")).value
    };
    yaml::documents(path, text).into_iter().map(read).collect()
}

#[test]
fn each_path_is_there_and_its_guild_keeps_it() {
    let found: Vec<(String, Option<String>)> =
        templates().into_iter().map(|(template, _)| (template.name, template.owner)).collect();
    let expected: Vec<(String, Option<String>)> =
        PATHS.iter().map(|(name, owner)| ((*name).to_string(), Some((*owner).to_string()))).collect();
    assert_eq!(found, expected);
    assert!(embedded_template("http-service").is_some());
    assert!(embedded_template("http").is_none());
}

#[test]
fn nothing_is_wrong_with_any() {
    for (name, tree) in embedded_templates() {
        let template = read(&format!("{name}/template.yaml"), text(&tree, "template.yaml"));
        let subject = LintSubject { template, source: &tree, base: "", beside: &|_| None, known: None };
        let findings = lint(&subject);
        let told: Vec<String> =
            findings.iter().map(|finding| format!("{} {}", finding.problem, finding.rule.id)).collect();
        assert_eq!(told, Vec::<String>::new());
    }
}

#[test]
fn only_name_and_owner_are_asked_for() {
    for (template, _) in templates() {
        let names: Vec<String> = missing(&template, &filled(&template, &Map::new()))
            .into_iter()
            .map(|property| property.name)
            .collect();
        assert_eq!(names, ["name", "owner"], "{}", template.name);
        for name in ["x y", "Orders", "../x", "-x", "x-", "true", &"x".repeat(53)] {
            let mut answers = filled(&template, &base());
            answers.insert("name".into(), json!(name));
            assert!(!complaints(&template, &answers).is_empty(), "{} lets {name:?} pass", template.name);
        }
    }
}

#[test]
fn the_binary_stays_small() {
    let size = |tree: &Tree| -> usize {
        tree.iter()
            .map(|(_, entry)| if let TreeEntry::File { bytes, .. } = entry { bytes.len() } else { 0 })
            .sum()
    };
    let total: usize = embedded_templates().iter().map(|(_, tree)| size(tree)).sum();
    assert!(total < 210_000, "{total} bytes");
}

#[test]
fn all_yaml_and_json_parses_and_nothing_is_left_unrendered() {
    for (name, answers, outcome) in every_outcome() {
        for (path, entry) in outcome.tree.iter() {
            let TreeEntry::File { bytes, .. } = entry else { panic!("{name}: {path} is no file") };
            let text = std::str::from_utf8(bytes).expect("text");
            // GitHub writes its own expressions the same way.
            let own = ["github.", "secrets.", "steps.", "needs.", "env."];
            let foreign =
                |rest: &str| path.starts_with(".github/") && own.iter().any(|word| rest.starts_with(word));
            let left = text.match_indices("${{ ").any(|(at, found)| !foreign(&text[at + found.len()..]));
            assert!(!path.contains("${{") && !left && !text.contains("{%"), "{name}: {path}\n{text}");
            assert!(text.ends_with('\n') && !text.ends_with("\n\n"), "{name}: the end of {path} {answers:?}");
            if path.ends_with(".yaml") || path.ends_with(".yml") {
                assert!(!documents(path, text).is_empty(), "{name}: {path} is empty");
            }
            if path.ends_with(".json") {
                serde_json::from_str::<Json>(text)
                    .unwrap_or_else(|error| panic!("{name}: {path}: {error}\n{text}"));
            }
        }
    }
}

/// What `kubectl apply -k` would give every object of a base, or its pods: the labels that its kustomization adds.
fn labels(tree: &Tree, directory: &str, of_pods: bool) -> BTreeMap<String, String> {
    let path = format!("{directory}/kustomization.yaml");
    let kustomization = documents(&path, text(tree, &path)).remove(0);
    let mut labels = BTreeMap::new();
    for added in kustomization["labels"].as_array().expect("labels") {
        assert_eq!(added["includeSelectors"], false, "{path}");
        if of_pods && added["includeTemplates"] != true {
            continue;
        }
        for (key, value) in added["pairs"].as_object().expect("pairs") {
            labels.insert(key.clone(), value.as_str().expect("a text").to_string());
        }
    }
    labels
}

/// The directories of kustomizations below `deploy/` that hold objects of their own.
fn bases(tree: &Tree) -> Vec<String> {
    let is_base = |path: &&str| path.starts_with("deploy/") && !path.contains("/overlays/");
    let paths = tree.iter().map(|(path, _)| path).filter(is_base);
    paths.filter_map(|path| path.strip_suffix("/kustomization.yaml")).map(String::from).collect()
}

#[test]
fn the_catalog_finds_what_is_deployed() {
    for (name, _, outcome) in every_outcome() {
        let services = services(&outcome.tree);
        assert!(services.iter().any(|service| service.name == "orders"), "{name}");
        let mut found = BTreeSet::new();
        for directory in bases(&outcome.tree) {
            let labels = labels(&outcome.tree, &directory, false);
            // What exists may use any label in its selectors, so that it gets none but the id.
            let given = ["name", "instance", "part-of", "managed-by", "component"];
            for key in given.iter().filter(|_| name != "hook-up") {
                assert!(
                    labels.contains_key(&format!("app.kubernetes.io/{key}")),
                    "{name}: {directory} {key}"
                );
            }
            let of_pods = self::labels(&outcome.tree, &directory, true);
            let finds =
                |service: &&Service| service.selector.matches(&labels) && service.selector.matches(&of_pods);
            let service = services.iter().find(finds);
            let service = service.unwrap_or_else(|| panic!("{name}: nobody finds {directory}"));
            assert_eq!(service.problem, None);
            // Each environment has a namespace of its own; what exists has the one that it is in.
            let scope = service.namespace_scope.as_deref().map(<[String]>::to_vec);
            assert_eq!(scope, (name == "hook-up").then(|| vec!["default".to_string()]), "{name}");
            assert_eq!(service.owner.as_ref().map(|owner| owner.display.as_str()), Some("team-orders"));
            found.insert(service.name.clone());
        }
        if outcome.tree.is_directory("deploy") {
            assert_eq!(found.len(), services.len(), "{name}: found {found:?}");
        }
    }
}

/// Another owner or another system is a change of objects, never of the pods that they make.
#[test]
fn pods_do_not_know_whose_they_are() {
    let mut seen = 0;
    for (template, source) in templates().iter().filter(|(template, _)| template.name != "hook-up") {
        let mut answers = filled(template, &base());
        let pods = |answers: &Map<String, Json>| {
            let tree = rendered(template, source, answers).tree;
            let of_base = |directory: String| {
                let objects = tree.below(&directory).filter(|(path, _)| path.ends_with(".yaml"));
                let objects: Vec<Json> = objects
                    .flat_map(|(path, _)| documents(path, text(&tree, &format!("{directory}/{path}"))))
                    .filter_map(|object| {
                        let job = object.pointer("/spec/jobTemplate").cloned();
                        job.or_else(|| object.pointer("/spec/template").cloned())
                    })
                    .collect();
                (labels(&tree, &directory, true), objects)
            };
            bases(&tree).into_iter().map(of_base).collect::<Vec<_>>()
        };
        let before = pods(&answers);
        seen += before.len();
        answers.insert("owner".into(), json!("group:default/others"));
        if template.pages.iter().any(|page| page.schema["properties"].get("system").is_some()) {
            answers.insert("system".into(), json!("system:default/other"));
        }
        assert_eq!(pods(&answers), before, "{}", template.name);
    }
    assert!(seen >= 4, "{seen}");
}

/// What a workflow uses is a commit and no name that may move, and no job runs for ever.
#[test]
fn workflows_are_pinned_and_bounded() {
    let mut deployed = BTreeSet::new();
    for (name, answers, outcome) in every_outcome() {
        let path = ".github/workflows/ci.yaml";
        let Some(bytes) = outcome.tree.bytes(path) else {
            assert_eq!(name, "hook-up");
            continue;
        };
        let text = std::str::from_utf8(bytes).expect("text");
        for line in text.lines().filter_map(|line| line.trim_start_matches(['-', ' ']).strip_prefix("uses: "))
        {
            let (action, version) =
                line.split_once(" # v").unwrap_or_else(|| panic!("{name}: {line} says its version"));
            let (_, commit) = action.split_once('@').expect("a commit");
            let is_commit = commit.len() == 40 && commit.bytes().all(|byte| byte.is_ascii_hexdigit());
            assert!(is_commit && version.split('.').count() == 3, "{name}: {line}");
        }
        let workflow = documents(path, text).remove(0);
        assert_eq!(workflow["permissions"], json!({"contents": "read"}), "{name}");
        let jobs = workflow["jobs"].as_object().expect("jobs");
        for (job, what) in jobs {
            assert!(what["timeout-minutes"].as_i64().is_some_and(|minutes| minutes <= 30), "{name}: {job}");
        }
        if name == "library" {
            continue;
        }
        // One environment after the other, each with what the one before it had.
        let environments: Vec<&str> =
            answers["environments"].as_array().expect("a list").iter().filter_map(Json::as_str).collect();
        let mut before: Option<String> = None;
        for environment in environments {
            let job = &jobs[&format!("deploy-{environment}")];
            assert_eq!(job["environment"], environment, "{name}");
            let needs: Vec<&str> =
                job["needs"].as_array().expect("a list").iter().filter_map(Json::as_str).collect();
            assert!(jobs.contains_key(needs[0]), "{name}: {needs:?}");
            assert_eq!(needs.get(1).copied(), before.as_deref(), "{name}");
            assert!(text.contains(&format!("apply -k deploy/overlays/{environment}\n")), "{name}");
            before = Some(format!("deploy-{environment}"));
            deployed.insert((name.clone(), environment.to_string()));
        }
        assert!(text.contains("kustomize edit set image \"$IMAGE=$IMAGE@$"), "{name}");
    }
    assert_eq!(deployed.len(), 8, "{deployed:?}");
}

/// The version of a language is said in several files of a project, and is the same in all of them.
#[test]
fn a_language_has_one_version() {
    let mut seen = BTreeSet::new();
    for (name, answers, outcome) in every_outcome() {
        for part in ["", "service/", "site/"] {
            let said = |path: &str, before: &str| {
                let text = std::str::from_utf8(outcome.tree.bytes(&format!("{part}{path}"))?).expect("text");
                let line = text.lines().find_map(|line| line.trim_start().strip_prefix(before))?;
                Some(line.trim_matches(['"', ' ']).split(['-', '"']).next().unwrap_or_default().to_string())
            };
            for (language, places) in [
                ("go", [("go.mod", "go "), ("Dockerfile", "FROM golang:")]),
                ("node", [(".node-version", ""), ("Dockerfile", "FROM node:")]),
                ("rust", [("rust-toolchain.toml", "channel = "), ("Dockerfile", "FROM rust:")]),
            ] {
                let found: Vec<String> =
                    places.iter().filter_map(|(path, before)| said(path, before)).collect();
                if found.len() == 2 {
                    assert_eq!(found[0], found[1], "{name} {answers:?}");
                    seen.insert((name.clone(), language));
                }
            }
        }
    }
    let expect = [
        ("full-stack", "go"),
        ("http-service", "go"),
        ("http-service", "node"),
        ("http-service", "rust"),
        ("worker", "go"),
    ];
    assert_eq!(seen, expect.map(|(name, language)| (name.to_string(), language)).into());
}

#[test]
fn selectors_meet_the_pods_they_are_for() {
    for (name, _, outcome) in every_outcome() {
        for directory in bases(&outcome.tree) {
            let files: Vec<(&str, &TreeEntry)> = outcome.tree.below(&directory).collect();
            let objects: Vec<Json> = files
                .iter()
                .filter(|(path, _)| path.ends_with(".yaml") && *path != "kustomization.yaml")
                .flat_map(|(path, _)| documents(path, text(&outcome.tree, &format!("{directory}/{path}"))))
                .collect();
            let path = format!("{directory}/kustomization.yaml");
            let listed = documents(&path, text(&outcome.tree, &path)).remove(0)["resources"]
                .as_array()
                .map_or(0, Vec::len);
            assert_eq!(listed, objects.len(), "{name}: {path} lists its files");
            let pod = objects.iter().find_map(|object| object.pointer("/spec/template"));
            let Some(pod) = pod else { continue };
            for object in &objects {
                let kind = object["kind"].as_str().unwrap_or_default();
                let selector = match kind {
                    "Deployment" | "PodDisruptionBudget" => object.pointer("/spec/selector/matchLabels"),
                    "NetworkPolicy" => object.pointer("/spec/podSelector/matchLabels"),
                    "Service" => object.pointer("/spec/selector"),
                    _ => continue,
                };
                assert_eq!(selector, pod.pointer("/metadata/labels"), "{name}: {kind}");
            }
        }
    }
}

#[test]
fn publishing_and_a_system_are_followed_through() {
    for (template, source) in
        templates().iter().filter(|(template, _)| template.kind.as_deref() != Some("overlay"))
    {
        let mut answers = filled(template, &base());
        answers.insert("repoUrl".into(), json!("github.com?owner=acme&repo=orders"));
        let outcome = rendered(template, source, &answers);
        let [Effect::Publish(publish), Effect::Register { path, .. }] = outcome.effects.as_slice() else {
            panic!("{}: {:?}", template.name, outcome.effects)
        };
        assert_eq!(publish.remote, "https://github.com/acme/orders.git");
        assert_eq!(path.as_deref(), Some("catalog-info.yaml"));
        let service =
            services(&outcome.tree).into_iter().find(|service| service.name == "orders").expect("orders");
        assert!(
            service
                .links
                .iter()
                .all(|link| link.url.starts_with("https://github.com/acme/orders/blob/main/"))
        );
        assert!(outcome.output["links"].as_array().is_some_and(|links| links.len() == 2));
        answers.remove("repoUrl");
        let outcome = rendered(template, source, &filled(template, &answers));
        assert!(outcome.effects.is_empty() && outcome.output["links"] == json!([]), "{:?}", outcome.output);
    }
}

/// The annotations on which drift and update stand.
#[test]
fn every_component_says_which_path_made_it() {
    for (name, _, outcome) in every_outcome() {
        for document in documents("catalog-info.yaml", text(&outcome.tree, "catalog-info.yaml")) {
            let annotations = &document["metadata"]["annotations"];
            assert_eq!(annotations["backstage.io/source-template"], format!("template:default/{name}"));
            let version = templates()
                .into_iter()
                .find(|(template, _)| template.name == name)
                .and_then(|(template, _)| template.version);
            assert_eq!(annotations["backstage.io/template-version"].as_str(), version.as_deref(), "{name}");
        }
    }
}

fn write(tree: &Tree, directory: &Path) {
    for (path, entry) in tree.iter() {
        let TreeEntry::File { bytes, .. } = entry else { continue };
        let path = directory.join(path);
        std::fs::create_dir_all(path.parent().expect("in a directory")).expect("created");
        std::fs::write(path, bytes).expect("written");
    }
}

fn ran(directory: &Path, command: &[&str]) -> Option<Output> {
    Command::new(command[0])
        .args(&command[1..])
        .current_dir(directory)
        // The toolchain that is here, and not the one that the project names; what Rust builds is built once for all of them.
        .env("RUSTUP_TOOLCHAIN", "stable")
        .env("CARGO_TARGET_DIR", concat!(env!("CARGO_MANIFEST_DIR"), "/target/golden-paths"))
        .output()
        .ok()
}

/// Which commands prove what lies in a directory, by the files that are there.
fn proofs(directory: &Path) -> Vec<Vec<&'static str>> {
    let mut commands: Vec<Vec<&str>> = Vec::new();
    if directory.join("go.mod").exists() {
        commands.push(vec!["go", "vet", "./..."]);
        commands.push(vec!["go", "test", "./..."]);
        commands.push(vec!["sh", "-c", "test -z \"$(gofmt -l .)\""]);
    }
    if directory.join("package.json").exists() {
        commands.push(vec!["npm", "ci", "--offline", "--no-audit", "--no-fund"]);
        commands.push(vec!["npm", "test"]);
    }
    if directory.join("Cargo.toml").exists() {
        let locked = directory.join("Cargo.lock").exists();
        let locked = if locked { "--locked" } else { "--offline" };
        commands.push(vec!["cargo", "test", "--quiet", locked]);
        commands.push(vec!["cargo", "clippy", "--quiet", locked, "--all-targets", "--", "-D", "warnings"]);
        commands.push(vec!["cargo", "fmt", "--check"]);
    }
    commands
}

#[test]
#[ignore = "runs go, node and cargo, where they are"]
fn what_is_made_passes_its_own_tests() {
    for (name, answers, outcome) in every_outcome() {
        let directory = tempfile::tempdir().expect("a directory");
        write(&outcome.tree, directory.path());
        for part in ["", "service", "site"] {
            let part = directory.path().join(part);
            for command in proofs(&part) {
                let Some(output) = ran(&part, &command) else { continue };
                let (out, err) =
                    (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
                assert!(output.status.success(), "{name} {answers:?}: {command:?}\n{out}{err}");
            }
        }
    }
}

#[test]
#[ignore = "runs kubectl, where it is"]
fn every_overlay_builds_with_the_label_on_every_pod() {
    for (name, _, outcome) in every_outcome() {
        let directory = tempfile::tempdir().expect("a directory");
        write(&outcome.tree, directory.path());
        let overlays: BTreeSet<String> = outcome
            .tree
            .iter()
            .filter(|(path, _)| path.starts_with("deploy/overlays/"))
            .filter_map(|(path, _)| path.rsplit_once('/').map(|(overlay, _)| overlay.to_string()))
            .collect();
        for overlay in overlays {
            let Some(output) = ran(directory.path(), &["kubectl", "kustomize", &overlay]) else { return };
            let error = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success() && error.is_empty(), "{name}: {error}");
            for object in documents(&overlay, &String::from_utf8_lossy(&output.stdout)) {
                let id = &object["metadata"]["labels"]["backstage.io/kubernetes-id"];
                assert!(id.is_string(), "{name}: {object}");
                let environment = overlay.rsplit('/').next().unwrap_or_default();
                assert_eq!(
                    object["metadata"]["namespace"],
                    format!("orders-{environment}"),
                    "{name}: {object}"
                );
                if object["kind"] == "HorizontalPodAutoscaler" {
                    let least = if environment == "production" { 3 } else { 2 };
                    assert_eq!(object["spec"]["minReplicas"], least, "{name}: {environment}");
                }
                for pod in ["/spec/template", "/spec/jobTemplate", "/spec/jobTemplate/spec/template"] {
                    if let Some(pod) = object.pointer(pod) {
                        assert_eq!(
                            &pod["metadata"]["labels"]["backstage.io/kubernetes-id"], id,
                            "{name}: {object}"
                        );
                    }
                }
            }
        }
    }
}

#[test]
fn what_exists_is_hooked_up_by_a_label_of_its_own_or_by_those_it_has() {
    let source = embedded_template("hook-up").expect("is there");
    let template = read("hook-up/template.yaml", text(&source, "template.yaml")).expect("a template");
    let mut answers = filled(&template, &base());
    let outcome = rendered(&template, &source, &answers);
    let paths =
        |outcome: &RunOutcome| outcome.tree.iter().map(|(path, _)| path.to_string()).collect::<Vec<_>>();
    assert_eq!(paths(&outcome), ["catalog-info.yaml", "deploy/labels/kustomization.yaml", "docs/runbook.md"]);
    assert_eq!(services(&outcome.tree)[0].selector_text, "backstage.io/kubernetes-id=orders");
    answers.insert("selector".into(), json!("app=orders"));
    answers.insert("repoUrl".into(), json!("github.com?owner=acme&repo=orders"));
    let outcome = rendered(&template, &source, &answers);
    assert_eq!(paths(&outcome), ["catalog-info.yaml", "docs/runbook.md"]);
    assert_eq!(services(&outcome.tree)[0].selector_text, "app=orders");
    let [Effect::Publish(publish)] = outcome.effects.as_slice() else { panic!("{:?}", outcome.effects) };
    assert!(publish.pull.is_some());
}

#[test]
fn a_backstage_server_makes_the_same_of_them() {
    let expected: Vec<Json> = serde_json::from_str(BACKSTAGE).expect("the oracle writes JSON");
    let mut seen = BTreeSet::new();
    for expected in expected {
        let name = expected["template"].as_str().expect("a name");
        seen.insert(name.to_string());
        let source = embedded_template(name).expect("is there");
        let template =
            read(&format!("{name}/template.yaml"), text(&source, "template.yaml")).expect("a template");
        let parameters = expected["parameters"].as_object().expect("answers");
        assert_eq!(&filled(&template, parameters), parameters, "{name}: the oracle is given every default");
        let outcome = rendered(&template, &source, parameters);
        assert_eq!(outcome.output, expected["output"], "{name}");
        assert!(
            !expected.to_string().contains("${{"),
            "{name}: Backstage leaves what it cannot render as it is"
        );
        let id = |(path, _): (&str, &TreeEntry)| {
            // Backstage does not write which version of a template it was.
            let lines = text(&outcome.tree, path).split_inclusive('\n');
            let kept = lines.filter(|line| !line.trim_start().starts_with("backstage.io/template-version:"));
            (path.to_string(), blob_id(kept.collect::<String>().as_bytes()))
        };
        let made: BTreeMap<String, String> = outcome.tree.iter().map(id).collect();
        let files = serde_json::from_value(expected["files"].clone()).expect("ids");
        assert_eq!(made, files, "{name} {parameters:?}: run tests/oracle/render.mjs");
    }
    assert_eq!(seen.len(), PATHS.len());
}
