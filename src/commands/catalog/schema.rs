//! `catalog schema`: the JSON Schema of catalog files, for editors.

use anyhow::Result;
use clap::Args;

use crate::app::App;
use crate::catalog::schema;
use crate::outcome::Outcome;

/// The JSON Schema of catalog files, for editors
///
/// Kinds of your own stand in it where the configuration names them under kinds. An editor that speaks to yaml-language-server checks a
/// file while it is written: `# yaml-language-server: $schema=catalog.schema.json` as its first line.
#[derive(Args, Debug)]
#[command(before_help = "callboard catalog schema > catalog.schema.json")]
pub struct CatalogSchemaArgs {}

pub fn run(_: &CatalogSchemaArgs, app: &App) -> Result<Outcome> {
    app.ui.write(&(serde_json::to_string_pretty(&schema(&app.custom_kinds()?))? + "\n"))?;
    Ok(Outcome::Fine)
}

#[cfg(test)]
mod tests {
    use crate::catalog::schema;
    use crate::scaffold::schema::violations;
    use crate::yaml::documents;

    #[test]
    fn the_example_is_of_the_schema_and_what_is_wrong_is_not() {
        let schema = schema(&[]);
        let wrong = |text: &str| {
            let all = documents("a", text).into_iter();
            all.map(|document| violations(&schema, &document.expect("valid").value).len()).sum::<usize>()
        };
        assert_eq!(wrong(include_str!("../../../catalog.example.yaml")), 0);
        let head = "apiVersion: backstage.io/v1alpha1\nmetadata: {name: a}\n";
        assert_ne!(wrong(&format!("{head}kind: Component\nspec: {{type: a, lifecycle: b}}\n")), 0);
        assert_ne!(wrong(&format!("{head}kind: Componnet\nspec: {{}}\n")), 0);
    }
}
