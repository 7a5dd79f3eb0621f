//! What this run knows before it asks any cluster, for a plugin to read: docs/schema/resolved.json.

use std::collections::BTreeMap;

use anyhow::Result;
use serde::Serialize;

use crate::app::{App, Exported, name_of_place};
use crate::catalog::{Service, Which};
use crate::commands::services::{ServiceItem, items};

/// `kind: Resolved`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Resolved {
    catalog: Vec<String>,
    clusters: Vec<ResolvedCluster>,
    services: Vec<ServiceItem>,
    /// Why a list is empty that should not be.
    problems: Vec<String>,
}

/// A cluster that this run would ask.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ResolvedCluster {
    name: String,
    context: String,
    server: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    namespace: Option<String>,
    labels: BTreeMap<String, String>,
    optional: bool,
}

impl Resolved {
    pub const KIND: &'static str = "Resolved";

    /// A plugin may need none of it: what cannot be resolved is a problem in the file, and stops nothing.
    pub fn of(app: &App, exported: &Exported) -> Resolved {
        let mut problems = Vec::new();
        let clusters = clusters(app).unwrap_or_else(|error| {
            problems.push(format!("{error:#}"));
            Vec::new()
        });
        let services = services(app).unwrap_or_else(|error| {
            problems.push(format!("{error:#}"));
            Vec::new()
        });
        let catalog = match exported.variables.get("CALLBOARD_CATALOG") {
            Some(paths) => std::env::split_paths(paths).map(|path| path.display().to_string()).collect(),
            None => app.catalog_paths().unwrap_or_default().iter().map(|path| name_of_place(path)).collect(),
        };
        Resolved { catalog, clusters, services: items(&services, app), problems }
    }
}

fn clusters(app: &App) -> Result<Vec<ResolvedCluster>> {
    let fleet = app.fleet()?;
    let of = |cluster: &crate::fleet::Cluster| ResolvedCluster {
        name: cluster.name.clone(),
        context: cluster.context.clone(),
        server: cluster.server.clone(),
        namespace: cluster.namespace.clone(),
        labels: cluster.labels.clone(),
        optional: cluster.optional,
    };
    Ok(fleet.clusters().map(of).collect())
}

fn services(app: &App) -> Result<Vec<Service>> {
    let Some(catalog) = app.catalog()? else { return Ok(Vec::new()) };
    catalog.services(&Which::default()).map_err(|error| anyhow::anyhow!("{error}"))
}
