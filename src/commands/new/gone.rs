//! Entries of a catalog file for projects that are gone.

use std::path::Path;

use anyhow::Result;
use serde_json::Value as Json;

use crate::app::App;
use crate::files;
use crate::text::count;
use crate::ui::Ask;
use crate::yaml;

const MOST: usize = 16 << 20;

/// Takes out the Locations of which nothing is there any more, if the person agrees; off a terminal they are only told of.
pub fn offer(file: &Path, can_ask: bool, app: &App) -> Result<()> {
    if files::is_dir(file) {
        return Ok(());
    }
    let text = files::read_text(file, MOST)?;
    let names = gone(file, &text);
    if names.is_empty() {
        return Ok(());
    }
    let what = format!("{} of {} ({})", count(names.len(), "project"), file.display(), names.join(", "));
    if !can_ask {
        app.ui.hint(&format!("{what}: nothing of it is there any more; its Location can be taken out"));
        return Ok(());
    }
    let title = format!("{what} is gone; take it out of the catalog?");
    if app.ui.ask_yes(Ask { title: &title, ..Ask::default() }, false)? == Some(true) {
        files::exclusively(file, || files::replace(file, without(file, &text).as_bytes(), None))?;
    }
    Ok(())
}

/// Whether a document is a Location all of whose targets are files that are not there.
fn is_gone(file: &Path, document: &Json) -> bool {
    let spec = &document["spec"];
    let targets: Vec<&str> = spec["targets"]
        .as_array()
        .into_iter()
        .flatten()
        .chain([&spec["target"]])
        .filter_map(Json::as_str)
        .collect();
    let directory = file.parent().unwrap_or(Path::new(""));
    let missing = |target: &&str| {
        !target.contains("://") && !target.contains('*') && !files::exists(&directory.join(target))
    };
    document["kind"] == "Location" && !targets.is_empty() && targets.iter().all(missing)
}

fn gone(file: &Path, text: &str) -> Vec<String> {
    let documents = yaml::documents("", text).into_iter().flatten();
    let gone = documents.filter(|document| is_gone(file, &document.value));
    gone.map(|document| {
        document.value["metadata"]["name"].as_str().unwrap_or("one without a name").to_string()
    })
    .collect()
}

/// The text without such documents; all others keep every character.
fn without(file: &Path, text: &str) -> String {
    let mut parts: Vec<String> = vec![String::new()];
    for line in text.split_inclusive('\n') {
        if line.trim_end() == "---" {
            parts.push(String::new());
        }
        parts.last_mut().expect("there is one").push_str(line);
    }
    let stays = |part: &String| {
        let mut documents = yaml::documents("", part).into_iter();
        !matches!((documents.next(), documents.next()), (Some(Ok(document)), None) if is_gone(file, &document.value))
    };
    parts.iter().filter(|part| stays(part)).map(String::as_str).collect()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{gone, without};

    #[test]
    fn only_what_is_gone_is_taken_out() {
        let file = Path::new("/nowhere/catalog.yaml");
        let location = |name: &str, target: &str| {
            format!("kind: Location\nmetadata: {{name: {name}}}\nspec: {{targets: [{target}]}}\n")
        };
        let text = format!(
            "# mine\n{}---\n{}---\n{}---\nkind: Group\nmetadata: {{name: g}}\n",
            location("here", "/"),
            location("away", "./away/catalog-info.yaml"),
            location("far", "https://x/y.yaml"),
        );
        assert_eq!(gone(file, &text), ["away"]);
        let left = without(file, &text);
        assert_eq!(left, text.replace(&format!("---\n{}", location("away", "./away/catalog-info.yaml")), ""));
    }
}
