//! `template eject`: a golden path copied out, for a guild to make its own.

use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::Args;

use crate::app::App;
use crate::args::PlacesArgs;
use crate::catalog::{DEFAULT_NAMESPACE, EntityRef};
use crate::commands::template::test::golden_trees;
use crate::files;
use crate::golden_paths::{self, GoldenPath, Outside, error_of};
use crate::outcome::{Outcome, advised, misused};
use crate::scaffold::template;
use crate::text::{count, safe};
use crate::tree::{Tree, TreeEntry};
use crate::yaml;

/// Copy a golden path out, for a guild to make its own
#[derive(Args, Debug)]
#[command(before_help = "callboard template eject http-service golden-paths/http-service --owner guild-web")]
pub struct EjectArgs {
    /// A name of `callboard template list`, a directory, or git+URL//sub@ref
    template: String,

    /// Where it goes; default: a directory of the template's name
    dir: Option<PathBuf>,

    /// The guild that owns the copy
    #[arg(long, value_name = "GROUP")]
    owner: String,

    #[command(flatten)]
    places: PlacesArgs,
}

pub fn run(args: &EjectArgs, app: &App) -> Result<Outcome> {
    let path = golden_paths::find(app, &args.template, &args.places.places())?;
    let owner = EntityRef::parse(&args.owner, Some("group"), DEFAULT_NAMESPACE).map_err(|error| {
        misused(format!("--owner {}: {error}", args.owner), "as in --owner group:default/web")
    })?;
    let mut tree = owned_by(&path, &owner.to_string())?;
    // What it gives today, so that `template test` says what a change of the copy changes.
    let files = tree.len();
    let mut cases = 0;
    if !tree.exists("tests/golden") {
        let world = Outside { app, source: &path.source, catalog: None, hosts: &[] };
        match golden_trees(&path, &world) {
            Ok(golden) => {
                cases = golden.directories().iter().filter(|path| !path.contains('/')).count();
                for (file, entry) in golden.iter() {
                    tree.insert(&format!("tests/golden/{file}"), entry.clone())?;
                }
            }
            Err(error) => app.ui.detail(&format!("no golden trees go with it: {error:#}")),
        }
    }
    let directory = args.dir.clone().unwrap_or_else(|| PathBuf::from(&path.template.name));
    let obstacles = files::obstacles(&directory, &tree);
    if let Some(first) = obstacles.first() {
        let error = anyhow::anyhow!("{} is not empty: {first} would be overwritten", directory.display());
        return Err(advised(error, "nothing was written; name another directory"));
    }
    let busy = app.busy();
    files::write_tree(&directory, &tree)?;
    drop(busy);
    app.ui.write(&safe_line(&directory, (files, cases), &path.template.name, &owner.to_string()))?;
    app.ui.hint(&format!(
        "`callboard template lint {0}` and `callboard template test {0}` check it; `templates: [{1}]` in the config file puts it first",
        shown(&directory),
        files::absolute(&directory).display()
    ));
    Ok(Outcome::Fine)
}

/// As a word that is taken for a directory.
fn shown(directory: &Path) -> String {
    let text = directory.display().to_string();
    let text = if text.starts_with(['/', '.']) { text } else { format!("./{text}") };
    crate::text::shell_word(&text)
}

fn safe_line(directory: &Path, (files, cases): (usize, usize), name: &str, owner: &str) -> String {
    let golden = if cases == 0 { String::new() } else { format!(", with {}", count(cases, "golden tree")) };
    safe(&format!("{}: {} of {name}, owned by {owner}{golden}", directory.display(), count(files, "file")))
        + "\n"
}

/// The template's files with another owner; only that line of `template.yaml` changes.
fn owned_by(path: &GoldenPath, owner: &str) -> Result<Tree> {
    let template = &path.template;
    let value = yaml::emit(&serde_json::Value::String(owner.into())).trim_end().to_string();
    let mut lines: Vec<String> = template.text.lines().map(String::from).collect();
    let spec = template.document.key_place("/spec");
    match template.owner.is_some().then(|| template.document.key_place("/spec/owner")) {
        Some(place) if place.line > spec.line => {
            let indent = " ".repeat(place.column - 1);
            lines[place.line - 1] = format!("{indent}owner: {value}");
        }
        Some(_) => {
            anyhow::bail!("{}: spec.owner does not stand on a line of its own", template.document.name)
        }
        None => lines.insert(spec.line, format!("  owner: {value}")),
    }
    let text = lines.join("\n") + "\n";
    let read = template::read(&template.document.name, &text).map_err(|problems| error_of(&problems))?;
    anyhow::ensure!(
        read.owner.as_deref() == Some(owner),
        "the owner of {} could not be changed",
        template.name
    );
    let mut tree = Tree::clone(&path.tree);
    let file = template.document.name.rsplit('/').next().unwrap_or("template.yaml");
    tree.insert(file, TreeEntry::text(text))?;
    Ok(tree)
}
