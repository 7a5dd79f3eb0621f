//! The fleets behind real API servers: callboard says the same of them, and the simulation told the truth.

use std::path::Path;

use serde_json::Value;

use crate::fleets::{self, Fleet};
use crate::kube::{ControlPlane, User};
use crate::support::Board;

/// Starts a server for each cluster of a fleet and puts its objects behind it. Who may not list everything asks as
/// the narrow user, everybody else as the viewer.
fn serve(fleet: &Fleet) -> ControlPlane {
    let names: Vec<&str> = fleet.clusters.iter().map(|cluster| cluster.name.as_str()).collect();
    let plane = ControlPlane::start(&names);
    for cluster in &fleet.clusters {
        plane.load(&cluster.name, cluster);
        if let Some(limits) = &cluster.limits {
            plane.limit(&cluster.name, limits);
        }
    }
    plane
}

fn kubeconfig(plane: &ControlPlane, fleet: &Fleet) -> std::path::PathBuf {
    let limited =
        |name: &str| fleet.clusters.iter().any(|cluster| cluster.name == name && cluster.limits.is_some());
    plane.kubeconfig(|name| if limited(name) { User::Narrow } else { User::Viewer })
}

/// Arguments and variables that give a run what `--demo=DIR` gives: the servers, the catalog, the config.
fn against_real(fleet: &Fleet, kubeconfig: &Path, words: &str) -> crate::support::Output {
    let mut board = Board::empty();
    if let Some(config) = fleet.config() {
        board = board.variable("CALLBOARD_CONFIG", config.display().to_string());
    }
    let mut all = vec!["--kubeconfig".to_string(), kubeconfig.display().to_string()];
    if let Some(catalog) = fleet.catalog() {
        all.extend(["--catalog".to_string(), catalog.display().to_string()]);
    }
    all.extend(words.split_whitespace().map(str::to_string));
    board.run_words(all)
}

/// Every field that the fleets write is served as it is written. A field that the server drops or changes is a
/// mistake in the fleet: no real cluster would ever show it.
#[test]
#[ignore = "needs KUBEBUILDER_ASSETS: kube-apiserver and etcd"]
fn fleets_are_served_as_they_are_written() {
    let mut wrong = Vec::new();
    for fleet in real_fleets() {
        let plane = serve(&fleet);
        for cluster in &fleet.clusters {
            let served = plane.objects(&cluster.name, cluster);
            for (written, served) in cluster.objects.iter().zip(served) {
                // Definitions go through the API, which gives them times of their own.
                if written["kind"] == "CustomResourceDefinition" {
                    continue;
                }
                let place = format!(
                    "{}/{} {} {}",
                    fleet.name(),
                    cluster.name,
                    written["kind"],
                    written["metadata"]["name"]
                );
                missing(&place, written, &served, &mut wrong);
            }
        }
    }
    assert!(wrong.is_empty(), "{} fields are served otherwise:\n{}", wrong.len(), wrong.join("\n"));
}

fn real_fleets() -> Vec<Fleet> {
    let fleets: Vec<Fleet> = fleets::all().into_iter().filter(|fleet| !fleet.is_simulated_only()).collect();
    assert!(fleets.len() >= 3, "where are the fleets?");
    fleets
}

/// Collects where `served` lacks, or contradicts, what is written. A null and an empty list or map count as absent.
fn missing(place: &str, written: &Value, served: &Value, wrong: &mut Vec<String>) {
    let empty = |value: &Value| match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        _ => false,
    };
    match (written, served) {
        (Value::Object(written), Value::Object(served)) => {
            for (name, value) in written {
                missing(&format!("{place}.{name}"), value, served.get(name).unwrap_or(&Value::Null), wrong);
            }
        }
        (Value::Array(written), Value::Array(served)) if written.len() == served.len() => {
            for (index, (written, served)) in written.iter().zip(served).enumerate() {
                missing(&format!("{place}[{index}]"), written, served, wrong);
            }
        }
        _ if written == served || (empty(written) && empty(served)) => {}
        _ => wrong.push(format!("{place}: written {written}, served {served}")),
    }
}
