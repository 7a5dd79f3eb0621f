//! `demo`: keeps a demo fleet up, so that kubectl and everything else can be tried on it.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;

use crate::app::App;
use crate::files;
use crate::outcome::{Outcome, advised};

/// Keep the demo fleet up, for kubectl and whatever else to try
///
/// Prints the KUBECONFIG to export. With --demo=DIR the fleet of that directory. The servers stop with Ctrl-C, and the
/// kubeconfig goes with them: unless something was written to it meanwhile.
#[derive(Args, Debug)]
#[command(before_help = "callboard demo
callboard demo --demo=tests/fleets/shop --write demo.kubeconfig")]
pub struct DemoArgs {
    /// Where the kubeconfig is written, which must not exist yet; default: a file in the system's directory for temporary files
    #[arg(long, value_name = "FILE")]
    write: Option<PathBuf>,
}

pub fn run(args: &DemoArgs, app: &App) -> Result<Outcome> {
    let embedded = PathBuf::new();
    let demo = app.start_demo(app.options.demo.as_ref().unwrap_or(&embedded))?;
    let path = match &args.write {
        Some(path) => path.clone(),
        None => free(app),
    };
    let made = files::make(&path, demo.kubeconfig().as_bytes(), Some(0o600))
        .map_err(|error| advised(error, "nothing was written; --write takes a file that is not there yet"))?;
    app.ui.write(&format!("export KUBECONFIG={}\n", quoted(&path.display().to_string())))?;
    app.ui.hint(
        "in another terminal: paste the line above, then `kubectl config get-contexts`; Ctrl-C ends the demo",
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

/// A word for a shell.
fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '.' | '-' | '_' | ':');
    match text.chars().all(plain) {
        true => text.to_string(),
        false => format!("'{}'", text.replace('\'', r"'\''")),
    }
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn a_path_is_one_word_for_a_shell() {
        assert_eq!(quoted("/tmp/a-1.yaml"), "/tmp/a-1.yaml");
        assert_eq!(quoted("/tmp/a b's"), r"'/tmp/a b'\''s'");
    }
}
