//! A program of the user's that prints its clusters: a kubeconfig, or a list of ClusterProfiles.

use crate::config::SourceConfig;
use crate::fleet::found::{Found, FoundContext, KubectlReach};
use crate::fleet::kubeconfig::{Context, KubeconfigText, merge};
use crate::fleet::silence::{Silence, brief};
use crate::fleet::sources::profiles::Profile;
use crate::process::{ProcessFailure, ProcessInput, ProcessTask, run};
use crate::text::time_limit;
use serde::Deserialize;
use std::ffi::OsString;
use std::time::Duration;

/// A thousand contexts are about 3 MB.
const MOST_BYTES: usize = 64 << 20;
const LIMIT: Duration = Duration::from_secs(30);

/// Starts it, without a terminal, and reads what it prints. Only a whole answer counts.
pub async fn list(source: &'static str, entry: &SourceConfig) -> Result<Found, Silence> {
    let limit = match &entry.timeout {
        None => LIMIT,
        Some(text) => {
            time_limit(text).map_err(|why| Silence::Protocol(format!("timeout is {text:?}: {why}")))?
        }
    };
    let Some((program, arguments)) = entry.command.split_first() else { return Ok(Found::default()) };
    let short = brief(program.rsplit(['/', '\\']).next().unwrap_or(program));
    let task = ProcessTask {
        program: program.clone(),
        arguments: arguments.iter().map(OsString::from).collect(),
        input: ProcessInput::Nothing,
        limit: Some(limit),
        most: MOST_BYTES,
        ..ProcessTask::default()
    };
    let done = run(task).await.map_err(|failure| match failure {
        ProcessFailure::TimedOut { .. } => Silence::TimedOut(limit),
        other => Silence::credentials(format!("{short} {other}")),
    })?;
    let said = String::from_utf8_lossy(&done.stderr);
    let said: Vec<&str> = said.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    if done.code != 0 {
        let last = said.last().copied().unwrap_or("nothing on stderr");
        return Err(Silence::credentials(format!(
            "{short} ended with exit code {}: {}",
            done.code,
            brief(last)
        )));
    }
    let text = String::from_utf8(done.stdout)
        .map_err(|_| Silence::Protocol(format!("{short} printed what is no text")))?;
    let mut found = printed(source, entry, text)?;
    if found.contexts.is_empty()
        && let Some(problem) = found.problems.first()
    {
        return Err(Silence::Protocol(format!("{short} printed {}", brief(&problem.text))));
    }
    found.notes = said.iter().map(|line| format!("{}: {}", entry.called(), brief(line))).collect();
    Ok(found)
}

/// A list of ClusterProfiles as an API server would give it.
#[derive(Default, Deserialize)]
#[serde(default)]
struct ProfileList {
    kind: String,
    items: Vec<Profile>,
}

fn printed(source: &'static str, entry: &SourceConfig, text: String) -> Result<Found, Silence> {
    let called = entry.called();
    if let Ok(list) = serde_saphyr::from_str::<ProfileList>(&text)
        && list.kind == "ClusterProfileList"
    {
        return Ok(Found { contexts: profiles(source, entry, list.items), ..Found::default() });
    }
    // Relative paths in it lie beside the configuration that names the program.
    let path = entry.directory.join("printed");
    let merged = merge(vec![KubeconfigText { path, text: Ok(text) }]);
    let mut found = Found { current: None, ..Found::of_kubeconfig(source, merged) };
    for one in &mut found.contexts {
        one.apart = vec![format!("{called}/{}", one.context.name)];
        one.origin = called.clone();
        one.context.file = called.clone().into();
        one.kubectl = KubectlReach::Never;
    }
    found.problems.iter_mut().for_each(|problem| problem.file = called.clone().into());
    Ok(found)
}

fn profiles(source: &'static str, entry: &SourceConfig, profiles: Vec<Profile>) -> Vec<FoundContext> {
    let called = entry.called();
    let make = |name: &str, cluster, user| {
        let (name, cluster_name, file) = (name.to_string(), name.to_string(), called.clone().into());
        let apart = vec![format!("{called}/{name}")];
        let context = Context { name, cluster_name, cluster, user, namespace: None, file };
        FoundContext {
            apart,
            joins: true,
            kubectl: KubectlReach::Never,
            ..FoundContext::of(source, called.clone(), context)
        }
    };
    profiles.into_iter().map(|profile| profile.found(entry, make)).collect()
}
