//! A service that no finding explains: what was asked where, who did not say, and what to type next.

use crate::commands::diagnose::reach::Reach;
use crate::diagnose::{Evidence, EvidenceSource, NextCommand};
use crate::health::Health;
use crate::survey::{ClusterHealth, ClusterRow, ServiceHealth, ServiceQuery, Survey};
use crate::text::{shell_operand, shell_word};

/// Commands for one service, its worst clusters first.
const MOST_COMMANDS: usize = 3;

/// What was asked where, of a service that is not there, and who did not say.
pub fn unseen(outlook: &ServiceHealth, survey: &Survey) -> Vec<Evidence> {
    let rows = survey.rows();
    let doubtful = |health: Health| matches!(health, Health::Missing | Health::Unknown);
    let cells = outlook.cells.iter().filter(|cell| doubtful(cell.summary.health));
    let told = cells.map(|cell| {
        let word = match (cell.summary.health, &rows[cell.cluster]) {
            (Health::Missing, _) => "answered",
            (_, row) if row.is_silent() => "is silent",
            _ => "answered in part",
        };
        format!("{} {word}: {}", survey.clusters[cell.cluster], cell.summary.message)
    });
    let mut said: Vec<String> = told.collect();
    if outlook.cells.is_empty() && outlook.summary.health > Health::Suspended {
        let (silent, answered): (Vec<_>, Vec<_>) = rows.iter().partition(|row| row.is_silent());
        if !answered.is_empty() {
            let names: Vec<&str> = answered.iter().map(|row| row.name.as_str()).collect();
            said.push(format!("asked {}: {}", names.join(", "), outlook.summary.message));
        }
        said.extend(silent.iter().map(|row| {
            let why = row.message.as_deref().unwrap_or("no answer");
            format!("{} is silent: {why}", row.name)
        }));
    }
    said.into_iter().map(|text| Evidence { source: EvidenceSource::Object, text }).collect()
}

/// The commands that look further, each with its context and namespace.
pub fn next(outlook: &ServiceHealth, wanted: &ServiceQuery, survey: &Survey, reach: &Reach) -> Vec<String> {
    let rows = survey.rows();
    let troubled = outlook.cells.iter().filter(|cell| cell.summary.health > Health::Progressing);
    let mut commands = Vec::new();
    for cell in troubled {
        let name = survey.clusters[cell.cluster].as_str();
        let (command, namespace) = command(cell, &rows[cell.cluster], wanted);
        commands.push(command.line(reach.flags(name, &namespace)));
    }
    if outlook.cells.is_empty() && outlook.summary.health > Health::Suspended {
        let silent = rows.iter().filter(|row| row.is_silent()).map(|row| row.name.as_str());
        commands.extend(silent.map(|name| kubectl("version", false).line(reach.flags(name, ""))));
    }
    commands.truncate(MOST_COMMANDS);
    commands
}

/// The command for a cluster, and the namespace it is about.
fn command(cell: &ClusterHealth, row: &ClusterRow, wanted: &ServiceQuery) -> (NextCommand, String) {
    let target = &wanted.target;
    let namespace = target.namespaces.first().cloned().unwrap_or_default();
    match cell.workloads.first() {
        _ if row.is_silent() => (kubectl("version", false), namespace),
        Some((family, _)) => {
            let kind = shell_word(&family.kind.to_lowercase());
            let what = match shell_operand(family.name) {
                Some(name) => format!("describe {kind} {name}"),
                None => format!("describe {kind}"),
            };
            (kubectl(&what, true), family.namespace.to_string())
        }
        None if cell.summary.health == Health::Missing => {
            let everywhere = if namespace.is_empty() { " -A" } else { "" };
            let selector = shell_word(&target.selector.to_string());
            let what = "deployments,statefulsets,daemonsets,cronjobs,jobs,pods";
            (kubectl(&format!("get {what}{everywhere} -l {selector}"), true), namespace)
        }
        None => (kubectl("auth can-i --list", true), namespace),
    }
}

fn kubectl(arguments: &str, namespaced: bool) -> NextCommand {
    NextCommand { arguments: arguments.to_string(), kubectl: true, namespaced }
}
