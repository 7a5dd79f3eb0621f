//! `schema`: the JSON Schemas that docs/schema publishes, from inside the binary.

use anyhow::Result;
use clap::Args;

use crate::app::App;
use crate::outcome::{Outcome, misused};
use crate::text::{closest, listed};

/// The JSON Schema of an output, or of the config file
///
/// The kind is the `kind` of a document, such as ServiceStatusList, or Config. Without one, all are listed.
#[derive(Args, Debug)]
#[command(before_help = "callboard schema
callboard schema ServiceStatusList
callboard schema Config > callboard-config.schema.json")]
pub struct SchemaArgs {
    /// The kind of a document
    #[arg(value_name = "KIND")]
    schema: Option<String>,
}

/// Every schema by the kind that it describes, which is its title.
pub const SCHEMAS: &[(&str, &str)] = &[
    ("Adoption", include_str!("../../docs/schema/adoption.json")),
    ("CatalogEntity", include_str!("../../docs/schema/catalog-entity.json")),
    ("CatalogExplanation", include_str!("../../docs/schema/catalog-explanation.json")),
    ("CatalogFindingList", include_str!("../../docs/schema/catalog-findings.json")),
    ("CatalogGraph", include_str!("../../docs/schema/catalog-graph.json")),
    ("ClusterList", include_str!("../../docs/schema/clusters.json")),
    ("Config", include_str!("../../docs/schema/config.json")),
    ("ConfigView", include_str!("../../docs/schema/config-view.json")),
    ("ContextList", include_str!("../../docs/schema/contexts.json")),
    ("DiagnosisList", include_str!("../../docs/schema/diagnosis.json")),
    ("LogLine", include_str!("../../docs/schema/logs.json")),
    ("OwnershipList", include_str!("../../docs/schema/ownership.json")),
    ("PluginList", include_str!("../../docs/schema/plugins.json")),
    ("Project", include_str!("../../docs/schema/project.json")),
    ("ProjectDriftList", include_str!("../../docs/schema/drift.json")),
    ("ProjectUpdateList", include_str!("../../docs/schema/update.json")),
    ("ReadinessList", include_str!("../../docs/schema/readiness.json")),
    ("Resolved", include_str!("../../docs/schema/resolved.json")),
    ("ServiceChangeList", include_str!("../../docs/schema/changes.json")),
    ("ServiceDifferenceList", include_str!("../../docs/schema/compare.json")),
    ("ServiceEventList", include_str!("../../docs/schema/events.json")),
    ("ServiceList", include_str!("../../docs/schema/services.json")),
    ("ServicePageList", include_str!("../../docs/schema/show.json")),
    ("ServiceStatusList", include_str!("../../docs/schema/status.json")),
    ("ServiceStatusTransition", include_str!("../../docs/schema/status-transition.json")),
    ("ServiceUsageList", include_str!("../../docs/schema/top.json")),
    ("Template", include_str!("../../docs/schema/template.json")),
    ("TemplateFindingList", include_str!("../../docs/schema/template-findings.json")),
    ("TemplateList", include_str!("../../docs/schema/templates.json")),
    ("TemplateTestList", include_str!("../../docs/schema/template-tests.json")),
    ("TemplateUsageList", include_str!("../../docs/schema/template-usage.json")),
    ("WaitResult", include_str!("../../docs/schema/wait.json")),
];

pub fn run(args: &SchemaArgs, app: &App) -> Result<Outcome> {
    let kinds = || SCHEMAS.iter().map(|(kind, _)| *kind);
    let Some(wanted) = &args.schema else {
        app.ui.write(&kinds().map(|kind| format!("{kind}\n")).collect::<String>())?;
        return Ok(Outcome::Fine);
    };
    let Some((_, schema)) = SCHEMAS.iter().find(|(kind, _)| kind.eq_ignore_ascii_case(wanted)) else {
        let near = closest(wanted, kinds());
        let hint = match near.is_empty() {
            true => "`callboard schema` lists the kinds".to_string(),
            false => format!("did you mean {}?", listed(&near, 3)),
        };
        return Err(misused(format!("no document is a {wanted:?}"), hint));
    };
    app.ui.write(schema)?;
    Ok(Outcome::Fine)
}
