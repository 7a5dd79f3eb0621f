//! Services as manifests say them: plain YAML, kustomize directories, what comes on stdin; with the catalog entry beside them.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::{Component, Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value as Json;

use crate::app::App;
use crate::commands::check::about::{AboutService, CheckSubject, KnownTemplates, beside, entity_facts};
use crate::files;
use crate::outcome::advised;
use crate::process::{self, ProcessFailure, ProcessTask};
use crate::readiness::{PlaceFacts, ServiceFacts, WorkloadFacts};
use crate::yaml::{self, YamlLimits};

const MOST: usize = 32 << 20;
/// How far above manifests their catalog entry is looked for.
const FURTHEST: usize = 4;
const KUSTOMIZE: Duration = Duration::from_secs(60);
pub const KUSTOMIZATIONS: &[&str] = &["kustomization.yaml", "kustomization.yml", "Kustomization"];
const ID: &str = "backstage.io/kubernetes-id";

/// Whether a word means manifests.
pub fn is_place(word: &str) -> bool {
    word == "-"
        || word.starts_with(['.', '/', '~'])
        || (word.contains(['/', '.']) && files::exists(Path::new(word)))
        || files::is_dir(Path::new(word))
}

/// What the rules are asked about, for each service that the manifests make.
pub fn subjects(places: &[String], app: &App) -> Result<Vec<CheckSubject>> {
    let mut subjects = Vec::new();
    let templates = KnownTemplates::of(app);
    for place in places {
        let directory = PathBuf::from(place);
        let read = match place.as_str() {
            "-" => vec![objects("stdin", &files::read_stdin(MOST)?)?],
            _ => of_path(&app.env.expand(&directory))?,
        };
        let entries = if place == "-" { Vec::new() } else { entries(&directory, FURTHEST)? };
        let all: usize = read.iter().map(|place| place.workloads.len()).sum();
        if all == 0 && entries.is_empty() {
            bail!("{place} holds no workload and no catalog entry");
        }
        subjects.extend(of_entries(place, read, entries, &templates, app)?);
    }
    Ok(subjects)
}

/// The same of a project that a golden path makes, which lies in a directory of its own.
pub fn of_project(directory: &Path, app: &App) -> Result<Vec<CheckSubject>> {
    let read = of_path(directory)?;
    let entries = entries(directory, 1)?;
    of_entries("project", read, entries, &KnownTemplates::none(app), app)
}

/// A catalog entry, and where it lies.
struct CatalogEntry {
    document: Json,
    file: PathBuf,
    declared: (String, usize, usize),
}

/// Components of the nearest catalog-info.yaml at or above a path, in so many directories.
fn entries(path: &Path, furthest: usize) -> Result<Vec<CatalogEntry>> {
    let whole = files::identity(path);
    let start =
        if files::is_dir(&whole) { whole.clone() } else { whole.parent().unwrap_or(&whole).to_path_buf() };
    let found = start
        .ancestors()
        .take(furthest)
        .map(|above| above.join("catalog-info.yaml"))
        .find(|file| files::exists(file));
    let Some(file) = found else { return Ok(Vec::new()) };
    let shown = file.display().to_string();
    let text = files::read_text(&file, MOST)?;
    let mut entries = Vec::new();
    for document in yaml::documents(&shown, &text) {
        let document = document?;
        if document.value["kind"] == "Component" {
            let place = document.place("/metadata/name");
            entries.push(CatalogEntry {
                declared: (shown.clone(), place.line, place.column),
                file: file.clone(),
                document: document.value,
            });
        }
    }
    Ok(entries)
}

/// Shares the workloads out among the entries, by the id that they carry; without entries they are one service.
fn of_entries(
    place: &str,
    read: Vec<PlaceFacts>,
    entries: Vec<CatalogEntry>,
    templates: &KnownTemplates<'_>,
    app: &App,
) -> Result<Vec<CheckSubject>> {
    if entries.is_empty() {
        let about = AboutService { name: place.to_string(), ..AboutService::default() };
        return Ok(vec![CheckSubject {
            about,
            facts: ServiceFacts { places: read, ..ServiceFacts::default() },
        }]);
    }
    let catalog = app.catalog_if_readable()?;
    let one = entries.len() == 1;
    let mut subjects: Vec<CheckSubject> = Vec::new();
    for entry in entries {
        let mut facts = ServiceFacts::default();
        let mut entity = entity_facts(entry.document, catalog);
        facts.path = templates.path_of(&entity.document);
        if let Some(directory) = entry.file.parent() {
            beside(directory, &mut entity, &mut facts.path);
        }
        let text = |field: &Json| field.as_str().map(String::from);
        let name = text(&entity.document["metadata"]["name"]).unwrap_or_default();
        let about = AboutService {
            name,
            owner: text(&entity.document["spec"]["owner"]),
            template: facts.path.template.clone(),
            declared: Some(entry.declared),
        };
        facts.entity = Some(entity);
        subjects.push(CheckSubject { about, facts });
    }
    for mut place in read {
        let mut workloads: BTreeMap<usize, Vec<WorkloadFacts>> = BTreeMap::new();
        for workload in std::mem::take(&mut place.workloads) {
            let labels = workload.labels();
            let own = &workload.object["metadata"]["labels"][ID];
            let id = labels.get(ID).map(String::as_str).or(own.as_str());
            let is = |subject: &CheckSubject| {
                id.is_some() && subject.facts.id() == id || subject.facts.id() == Some(workload.name.as_str())
            };
            let index = subjects.iter().position(is).or(one.then_some(0)).unwrap_or(0);
            workloads.entry(index).or_default().push(workload);
        }
        for (index, workloads) in workloads {
            let here = PlaceFacts {
                workloads,
                services: place.services.clone(),
                autoscalers: place.autoscalers.clone(),
                budgets: place.budgets.clone(),
                ..PlaceFacts::default()
            };
            subjects[index].facts.places.push(here);
        }
    }
    Ok(subjects)
}

fn of_path(path: &Path) -> Result<Vec<PlaceFacts>> {
    ensure!(files::exists(path), "there is no file or directory {}", path.display());
    if !files::is_dir(path) {
        return Ok(vec![objects(&path.display().to_string(), &files::read_text_or_pipe(path, MOST)?)?]);
    }
    if is_kustomization(path) {
        return Ok(vec![kustomized(path)?]);
    }
    let named = |file: &Path| {
        file.file_name().and_then(|name| name.to_str()).is_some_and(|name| KUSTOMIZATIONS.contains(&name))
    };
    let found = files::list(path, &named)?;
    let directories: Vec<&Path> = found.iter().filter_map(|file| file.parent()).collect();
    // What is deployed is made of the others.
    let included = included(&found)?;
    let is_part = |directory: &&Path| {
        let below = directory.strip_prefix(path).unwrap_or(directory);
        let named = below
            .iter()
            .any(|part| matches!(part.to_str(), Some("base" | "bases" | "components" | "component")));
        named || included.contains(&tidied(directory))
    };
    let whole: Vec<&Path> = directories.iter().copied().filter(|directory| !is_part(directory)).collect();
    let chosen = if whole.is_empty() { directories } else { whole };
    if !chosen.is_empty() {
        return chosen.into_iter().map(kustomized).collect();
    }
    let yaml = |file: &Path| {
        file.extension()
            .is_some_and(|extension| extension == "yaml" || extension == "yml" || extension == "json")
    };
    let mut place = PlaceFacts::default();
    for file in files::list(path, &yaml)? {
        let text = files::read_text(&file, MOST)?;
        // Much of a repository is YAML; what is no manifest is not looked at.
        if text.contains("apiVersion") {
            add(&mut place, &file.display().to_string(), &text)?;
        }
    }
    Ok(vec![place])
}

/// The directories that kustomizations are made of.
fn included(kustomizations: &[PathBuf]) -> Result<BTreeSet<PathBuf>> {
    let mut included = BTreeSet::new();
    for file in kustomizations {
        let directory = file.parent().unwrap_or(Path::new("."));
        let text = files::read_text(file, MOST)?;
        // What is no YAML is for kustomize to refuse.
        for document in yaml::documents(&file.display().to_string(), &text).into_iter().flatten() {
            for key in ["resources", "bases", "components"] {
                let parts = document.value[key].as_array().into_iter().flatten();
                included.extend(parts.filter_map(Json::as_str).map(|part| tidied(&directory.join(part))));
            }
        }
    }
    Ok(included)
}

/// A path without `.`, and without `..` where that can be told by the words alone.
fn tidied(path: &Path) -> PathBuf {
    let mut tidied = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if tidied.file_name().is_some() => _ = tidied.pop(),
            other => tidied.push(other),
        }
    }
    tidied
}

fn is_kustomization(directory: &Path) -> bool {
    KUSTOMIZATIONS.iter().any(|name| files::exists(&directory.join(name)))
}

/// The manifests that `kubectl kustomize` makes of a directory.
fn kustomized(directory: &Path) -> Result<PlaceFacts> {
    let arguments = [OsString::from("kustomize"), directory.as_os_str().to_owned()].to_vec();
    let task = ProcessTask {
        program: "kubectl".into(),
        arguments,
        limit: Some(KUSTOMIZE),
        most: MOST,
        ..ProcessTask::default()
    };
    let told = || format!("kubectl kustomize {}", directory.display());
    let done = match process::run_blocking(task) {
        Ok(done) => done,
        Err(ProcessFailure::NotFound) => {
            let error =
                anyhow::anyhow!("{} is made by kustomize, and kubectl is not installed", directory.display());
            return Err(advised(
                error,
                "install kubectl, or pass what kustomize prints: kustomize build . | callboard check -",
            ));
        }
        Err(failure) => return Err(failure).with_context(told),
    };
    if done.code != 0 {
        bail!("{}: {}", told(), String::from_utf8_lossy(&done.stderr).trim());
    }
    objects(&directory.display().to_string(), &String::from_utf8_lossy(&done.stdout))
}

fn objects(name: &str, text: &str) -> Result<PlaceFacts> {
    let mut place = PlaceFacts::default();
    add(&mut place, name, text)?;
    Ok(place)
}

fn add(place: &mut PlaceFacts, name: &str, text: &str) -> Result<()> {
    for document in yaml::documents_within(name, text, &YamlLimits::for_objects()) {
        let document = document?;
        let at = document.place("");
        let at = (at.file.clone(), at.line.max(1), at.column.max(1));
        match document.value["items"]
            .as_array()
            .filter(|_| document.value["kind"].as_str().is_some_and(|kind| kind.ends_with("List")))
        {
            Some(items) => items.iter().for_each(|item| add_object(place, item.clone(), &at)),
            None => add_object(place, document.value.clone(), &at),
        }
    }
    Ok(())
}

fn add_object(place: &mut PlaceFacts, object: Json, at: &(String, usize, usize)) {
    let text = |value: &Json| value.as_str().unwrap_or_default().to_string();
    let (kind, group) = (text(&object["kind"]), text(&object["apiVersion"]));
    let into = |list: &mut Result<Vec<Json>, String>, object: Json| {
        if let Ok(list) = list {
            list.push(object);
        }
    };
    match kind.as_str() {
        "Service" if group == "v1" => into(&mut place.services, object),
        "HorizontalPodAutoscaler" => into(&mut place.autoscalers, object),
        "PodDisruptionBudget" => into(&mut place.budgets, object),
        "Deployment" | "StatefulSet" | "DaemonSet" | "CronJob" | "Rollout" => {
            place.workloads.push(WorkloadFacts {
                namespace: text(&object["metadata"]["namespace"]),
                name: text(&object["metadata"]["name"]),
                kind,
                pods: None,
                place: Some(at.clone()),
                object,
            })
        }
        _ => {}
    }
}
