//! Adds a new project to the catalog: a Location in the first catalog file that can be written, else in one of the user's own.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::json;

use crate::app::App;
use crate::commands::new::gone;
use crate::files;
use crate::golden_paths::make::Project;
use crate::yaml;

const MOST: usize = 16 << 20;
/// The file that a directory of catalog files gets.
const OWN: &str = "callboard-projects.yaml";

/// The file that knows the project now; a failure is told, since the project is there all the same.
/// Entries of projects that are gone are offered for removal, to a person who can be asked.
pub fn register(directory: &Path, project: &Project, can_ask: bool, app: &App) -> Option<PathBuf> {
    if project.catalog_files.is_empty() {
        return None;
    }
    match added(directory, project, app) {
        Ok(Some(file)) => {
            if let Err(error) = gone::offer(&file, can_ask, app) {
                app.ui.detail(&format!("{error:#}"));
            }
            Some(file)
        }
        Ok(None) => None,
        Err(error) => {
            app.ui.warn(&format!("the project could not be added to the catalog: {error:#}"));
            None
        }
    }
}

/// Names of the Components of the project's catalog files that run somewhere: a library never does.
pub fn services(project: &Project) -> Vec<String> {
    let mut names = Vec::new();
    for file in &project.catalog_files {
        let text = project.tree.bytes(file).map(String::from_utf8_lossy).unwrap_or_default();
        let documents = yaml::documents(file, &text).into_iter().flatten();
        let runs = |kind: &str| !matches!(kind, "library" | "documentation" | "template");
        let components = documents.filter(|document| {
            document.value["kind"] == "Component" && document.value["spec"]["type"].as_str().is_none_or(runs)
        });
        names.extend(
            components.filter_map(|document| Some(document.value["metadata"]["name"].as_str()?.to_string())),
        );
    }
    names
}

fn added(directory: &Path, project: &Project, app: &App) -> Result<Option<PathBuf>> {
    let root = files::identity(directory);
    let targets: Vec<PathBuf> = project.catalog_files.iter().map(|file| root.join(file)).collect();
    let paths = app.catalog_paths()?;
    for path in &paths {
        // A catalog that is a directory reads what lies in it anyway.
        if files::is_dir(path) && root.starts_with(files::identity(path)) {
            return Ok(Some(path.clone()));
        }
    }
    // A pattern stands for the files that it matches today; a new one beside them need not match.
    let files = paths.iter().flat_map(|path| match files::exists(path) {
        true => vec![path.clone()],
        false => files::expand(path).unwrap_or_default().files,
    });
    for file in files.filter_map(|path| writable(&path)) {
        // Whether a directory takes a file shows only when one is written.
        match add_to(&file, &root, &targets) {
            Ok(()) => return Ok(Some(file)),
            Err(error) => app.ui.detail(&format!("{error:#}")),
        }
    }
    if app.options.demo.is_some() {
        app.ui.detail("the catalog of a demo fleet is not written to");
        return Ok(None);
    }
    let own = app.env.config_directory.as_ref().context("there is no config directory")?;
    files::create_dir(own)?;
    let file = own.join("catalog.yaml");
    if !paths.is_empty() {
        app.ui.warn(&format!(
            "no catalog file can be written; {} is not read unless --catalog names it",
            file.display()
        ));
    }
    let is_new = !files::exists(&file);
    add_to(&file, &root, &targets)?;
    if is_new {
        app.ui.hint(&format!(
            "{} is a new catalog: from now on every command reads it where no other one is found; --no-register founds none",
            file.display()
        ));
    }
    Ok(Some(file))
}

/// Adds a Location of the targets that a catalog file does not name yet.
fn add_to(file: &Path, root: &Path, targets: &[PathBuf]) -> Result<()> {
    files::exclusively(file, || add_alone(file, root, targets))
}

fn add_alone(file: &Path, root: &Path, targets: &[PathBuf]) -> Result<()> {
    let before = files::read_text_if_exists(file, MOST)?.unwrap_or_default();
    let whole = files::absolute(file);
    let directory = files::identity(whole.parent().unwrap_or(Path::new("/")));
    let targets: Vec<String> = targets
        .iter()
        .map(|target| match target.strip_prefix(&directory) {
            Ok(below) => format!("./{}", below.display()),
            Err(_) => target.display().to_string(),
        })
        .filter(|target| !names(&before, target))
        .collect();
    match targets.is_empty() {
        true => Ok(()),
        false => files::replace(file, with_location(&before, root, &targets).as_bytes(), None),
    }
}

/// The file to write to for one path of the catalog. The `catalog-info.yaml` of a project is about that project only.
fn writable(path: &Path) -> Option<PathBuf> {
    if files::is_dir(path) {
        let own = path.join(OWN);
        return (!files::exists(&own) || files::is_writable(&own)).then_some(own);
    }
    let project = path.file_name().is_some_and(|name| name == "catalog-info.yaml");
    (!project && files::is_writable(path)).then(|| path.to_path_buf())
}

/// Whether a catalog file names a target already.
fn names(text: &str, target: &str) -> bool {
    yaml::documents("", text).into_iter().flatten().any(|document| {
        let spec = &document.value["spec"];
        spec["target"] == target
            || spec["targets"].as_array().is_some_and(|targets| targets.iter().any(|known| known == target))
    })
}

fn with_location(before: &str, root: &Path, targets: &[String]) -> String {
    let name = root.file_name().map(|name| name.to_string_lossy().to_lowercase()).unwrap_or_default();
    let name: String = name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    let name = name.trim_matches('-').to_string();
    let name = if name.is_empty() { "project".to_string() } else { name };
    let taken = |name: &str| {
        yaml::documents("", before).into_iter().flatten().any(|document| {
            document.value["kind"] == "Location" && document.value["metadata"]["name"] == name
        })
    };
    let name = match taken(&name) {
        true => (2..).map(|number| format!("{name}-{number}")).find(|name| !taken(name)).unwrap_or(name),
        false => name,
    };
    let location = yaml::emit(&json!({
        "apiVersion": "backstage.io/v1alpha1",
        "kind": "Location",
        "metadata": {"name": name},
        "spec": {"presence": "optional", "targets": targets},
    }));
    if before.trim().is_empty() {
        return location;
    }
    let line = if before.ends_with('\n') { "" } else { "\n" };
    format!("{before}{line}---\n{location}")
}
