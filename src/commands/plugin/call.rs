//! `callboard foo`, where that is a plugin.

use std::ffi::OsString;

use anyhow::{Context, Result};

use crate::app::App;
use crate::commands::plugin::found::{PREFIX, found};
use crate::commands::plugin::resolved::Resolved;
use crate::outcome::Outcome;
use crate::process::ProcessTask;
use crate::report::EnvelopedReport;

/// The variable that names the file with what this run resolved.
const VARIABLE: &str = "CALLBOARD_RESOLVED";

/// A plugin and its arguments, as they were typed.
#[derive(Debug)]
pub struct PluginCall {
    program: String,
    arguments: Vec<OsString>,
}

impl PluginCall {
    /// The plugin of that name, if there is one.
    pub fn of(name: &str, arguments: Vec<OsString>) -> Option<PluginCall> {
        let is_there = found().iter().any(|(found, one)| found == name && one.executable);
        is_there.then(|| PluginCall { program: format!("{PREFIX}{name}"), arguments })
    }
}

/// Runs it with what this run resolved.
pub fn call(call: PluginCall, app: &App) -> Result<Outcome> {
    let exported = app.export()?;
    let resolved = Resolved::of(app, &exported);
    let text = serde_json::to_string_pretty(&EnvelopedReport::of(Resolved::KIND, &resolved))
        .context("what was resolved cannot be written")?;
    let file = exported.write("resolved.json", text.as_bytes())?;
    let mut environment = exported.variables.clone();
    environment.insert(VARIABLE.to_string(), file.display().to_string());
    app.hand_over(ProcessTask {
        program: call.program,
        arguments: call.arguments,
        environment,
        ..ProcessTask::default()
    })
}
