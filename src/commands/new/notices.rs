//! What the catalog knows about answers that no schema forbids: a name that is taken, an owner that there is not.

use std::path::Path;

use anyhow::Result;
use serde_json::{Map, Value as Json};

use crate::app::App;
use crate::catalog::{Catalog, EntityRef};
use crate::commands::new::pickers::taken;
use crate::files;
use crate::scaffold::parameters::asked;
use crate::scaffold::questions::{Widget, question};
use crate::scaffold::template::Template;
use crate::text::closest;

/// Warns of both, however the answers were given.
pub fn tell(template: &Template, answers: &Map<String, Json>, directory: &Path, app: &App) -> Result<()> {
    let Some(catalog) = app.catalog_if_readable()? else { return Ok(()) };
    for property in asked(template, answers) {
        let Some(answer) = answers.get(&property.name).and_then(Json::as_str) else { continue };
        let widget = question(&property).widget;
        if widget == Widget::EntityName || property.name == "name" {
            name(catalog, answer, directory, app);
        }
        if let Widget::Entity(_) = widget {
            owner(catalog, &property.name, answer, app);
        }
    }
    Ok(())
}

/// A component of that name is another one, unless it lies where the project goes.
fn name(catalog: &Catalog, name: &str, directory: &Path, app: &App) {
    let Some(known) = taken(catalog, name) else { return };
    let reference = EntityRef::new("component", crate::catalog::DEFAULT_NAMESPACE, name);
    let file = catalog.get(&reference).map(|entity| entity.file().to_string()).unwrap_or_default();
    if !files::identity(Path::new(&file)).starts_with(files::identity(directory)) {
        app.ui.warn(&format!("{known} is in the catalog already ({file}): one of the two would be hidden"));
    }
}

fn owner(catalog: &Catalog, parameter: &str, answer: &str, app: &App) {
    let Ok(reference) = EntityRef::parse(answer, None, crate::catalog::DEFAULT_NAMESPACE) else { return };
    let kind = reference.kind.to_lowercase();
    // A catalog without any says nothing about them.
    let names: Vec<&str> = catalog.of_kind(&kind).map(|entity| entity.name.as_str()).collect();
    if !matches!(kind.as_str(), "group" | "user") || names.is_empty() || catalog.get(&reference).is_some() {
        return;
    }
    let near =
        closest(&reference.name, names.iter().copied()).first().map(|near| format!("; did you mean {near}?"));
    app.ui.warn(&format!("{parameter}: {answer} is not in the catalog{}", near.unwrap_or_default()));
}
