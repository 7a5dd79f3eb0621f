//! `demo`: keeps a demo fleet up, so that kubectl and everything else can be tried on it.

use std::ffi::OsString;
use std::path::PathBuf;

use anyhow::Result;
use clap::{Args, ValueHint};

use crate::app::App;
use crate::files;
use crate::outcome::{Outcome, advised};
use crate::process::ProcessTask;
use crate::text::shell_word;

/// Keep the demo fleet up, for kubectl and whatever else to try
///
/// Prints the variables to export. With --demo=DIR the fleet of that directory. The servers stop with Ctrl-C, and the
/// kubeconfig goes with them: unless something was written to it meanwhile. With a command behind -- that is run instead, with
/// the variables set, and its exit code is passed on.
#[derive(Args, Debug)]
#[command(before_help = "callboard demo
callboard demo -- kubectl --context us-east-1 -n shop get pods
callboard demo --demo=tests/fleets/shop --write demo.kubeconfig")]
pub struct DemoArgs {
    /// Where the kubeconfig is written, which must not exist yet; default: a file in the system's directory for temporary files
    #[arg(long, value_name = "FILE")]
    write: Option<PathBuf>,

    /// What to run while the fleet is up
    #[arg(last = true, value_name = "COMMAND", value_hint = ValueHint::CommandWithArguments, conflicts_with = "write")]
    command: Vec<OsString>,
}

pub fn run(args: &DemoArgs, app: &App) -> Result<Outcome> {
    let embedded = PathBuf::new();
    let demo = app.start_demo(app.options.demo.as_ref().unwrap_or(&embedded))?;
    let exported = app.export_demo(&demo)?;
    if let Some((program, arguments)) = args.command.split_first() {
        let program = program.to_string_lossy().into_owned();
        let environment = exported.variables.clone();
        let arguments = arguments.to_vec();
        return app.hand_over(ProcessTask { program, arguments, environment, ..ProcessTask::default() });
    }
    let path = match &args.write {
        Some(path) => path.clone(),
        None => free(app),
    };
    let made = files::make(&path, demo.kubeconfig().as_bytes(), Some(0o600))
        .map_err(|error| advised(error, "nothing was written; --write takes a file that is not there yet"))?;
    let mut lines = format!("export KUBECONFIG={}\n", shell_word(&path.display().to_string()));
    for (variable, value) in exported.variables.iter().filter(|(variable, _)| *variable != "KUBECONFIG") {
        lines += &format!("export {variable}={}\n", shell_word(value));
    }
    app.ui.write(&lines)?;
    app.ui.hint(
        "in another terminal: paste the lines above, then `kubectl config get-contexts`; Ctrl-C ends the demo",
    );
    app.block_on(crate::ui::interrupted())?;
    if !made.remove()? {
        app.ui.warn(&format!("{} is no longer what was written, so it stays", path.display()));
    }
    Ok(Outcome::Interrupted)
}

/// A name in the system's directory that nothing has: an earlier run may have left its own behind.
fn free(app: &App) -> PathBuf {
    let id = std::process::id();
    let name = |tail: String| app.env.temporary().join(format!("callboard-demo-{id}{tail}.yaml"));
    let more = (2..100).map(|number| name(format!("-{number}")));
    let mut names = std::iter::once(name(String::new())).chain(more);
    names.find(|path| !files::exists(path)).unwrap_or_else(|| name(String::new()))
}
