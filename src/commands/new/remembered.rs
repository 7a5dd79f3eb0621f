//! The last answers to each template, kept in the cache: a refusal, a slip or a project that is made again costs no typing.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::{Map, Value as Json, json};

use crate::app::App;
use crate::commands::new::options::NewArgs;
use crate::files;
use crate::golden_paths::GoldenPath;
use crate::golden_paths::make::secrets;
use crate::outcome::advised;
use crate::scaffold::digest::blob_id;
use crate::scaffold::lock::{self, Lock};
use crate::scaffold::parameters::take;
use crate::yaml;

const MOST: usize = 1 << 20;
/// Only for whoever answered.
const MODE: u32 = 0o600;

/// A run that can be taken up again.
pub struct LastRun {
    pub template: String,
    pub from: Vec<String>,
    pub directory: Option<PathBuf>,
}

fn directory(app: &App) -> Option<PathBuf> {
    Some(app.cache()?.join("forms"))
}

/// The file of one template, by its name and where it comes from.
fn file(path: &GoldenPath, app: &App) -> Option<PathBuf> {
    let plain = |c: char| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' };
    let name: String = path.template.name.chars().map(plain).take(60).collect();
    let source =
        format!("{}\0{}", lock::without_credentials(&path.origin.source), path.template.entity_ref());
    Some(directory(app)?.join(format!("{name}-{}.yaml", &blob_id(source.as_bytes())[..8])))
}

/// Keeps answers, without secrets; returns where. What cannot be kept is no reason to fail.
pub fn keep(args: &NewArgs, path: &GoldenPath, answers: &Map<String, Json>, app: &App) -> Option<PathBuf> {
    let mut kept = answers.clone();
    for secret in secrets(&path.template, answers) {
        take(&mut kept, &secret.path);
    }
    let file = file(path, app)?;
    let run = json!({"template": args.template, "from": args.places.from, "directory": args.dir});
    let written = (|| -> Result<()> {
        let directory = file.parent().context("it has a directory")?;
        files::create_dir(directory)?;
        let head = format!("# answers to {}, for `callboard new --again` or --answers\n", path.template.name);
        files::replace(&file, (head + &yaml::emit(&Json::Object(kept))).as_bytes(), Some(MODE))?;
        files::replace(&directory.join("last.yaml"), yaml::emit(&run).as_bytes(), Some(MODE))
    })();
    match written {
        Ok(()) => Some(file),
        Err(error) => {
            app.ui.detail(&format!("the answers could not be kept: {error:#}"));
            None
        }
    }
}

/// The answers that were given last to a template.
pub fn recalled(path: &GoldenPath, app: &App) -> Result<Map<String, Json>> {
    let none = || {
        let error = anyhow::anyhow!("no answers to {} are kept", path.template.name);
        advised(
            error,
            "--again goes on with those of the last run; without it everything is asked".to_string(),
        )
    };
    let file = file(path, app).ok_or_else(none)?;
    let text = files::read_text_if_exists(&file, MOST)?.ok_or_else(none)?;
    let document = yaml::documents(&file.display().to_string(), &text).into_iter().next().transpose()?;
    Ok(document.and_then(|document| document.value.as_object().cloned()).unwrap_or_default())
}

/// The run that was left or refused last, whatever its template.
pub fn last(app: &App) -> Result<Option<LastRun>> {
    let Some(directory) = directory(app) else { return Ok(None) };
    let file = directory.join("last.yaml");
    let Some(text) = files::read_text_if_exists(&file, MOST)? else { return Ok(None) };
    let Some(document) = yaml::documents(&file.display().to_string(), &text).into_iter().next() else {
        return Ok(None);
    };
    let run = document?.value;
    let texts = run["from"].as_array().into_iter().flatten();
    Ok(run["template"].as_str().map(|template| LastRun {
        template: template.to_string(),
        from: texts.filter_map(|text| Some(text.as_str()?.to_string())).collect(),
        directory: run["directory"].as_str().map(PathBuf::from),
    }))
}

/// The answers that another project was made from, with the template of its first layer, or of the one called `wanted`. What is its
/// own alone, its name and its repository, is left away.
pub fn of_project(directory: &Path, wanted: Option<&str>) -> Result<(String, Map<String, Json>)> {
    let file = directory.join(lock::PATH);
    let text = files::read_text_if_exists(&file, MOST)?;
    let text = text.with_context(|| {
        format!("{} was not made by callboard: it has no {}", directory.display(), lock::PATH)
    })?;
    let read =
        Lock::read(&file.display().to_string(), &text).map_err(|problem| anyhow::anyhow!("{problem}"))?;
    let fits = |id: &str| wanted.is_none_or(|wanted| wanted.rsplit(['/', ':']).next() == Some(id));
    let layer = read.layers.iter().find(|layer| fits(&layer.id)).or(read.layers.first());
    let layer = layer.with_context(|| format!("{} names no template", file.display()))?;
    let mut answers = layer.answers.clone();
    for own in ["name", "repoUrl"] {
        answers.shift_remove(own);
    }
    let template = match layer.source.split_once(':') {
        Some(("embedded", name)) => name.to_string(),
        _ if layer.source.starts_with("git+") => match &layer.commit {
            Some(commit) => format!("{}@{commit}", layer.source),
            None => layer.source.clone(),
        },
        _ => layer.source.clone(),
    };
    Ok((template, answers))
}
