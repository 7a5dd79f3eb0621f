//! `demo`: keeps a demo fleet up, so that kubectl and everything else can be tried on it.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;

use crate::app::App;
use crate::files;
use crate::outcome::Outcome;

/// Keep the demo fleet up and print the KUBECONFIG to export; the real kubectl works against it
///
/// With --demo=DIR the fleet of that directory. The servers stop with Ctrl-C.
#[derive(Args, Debug)]
pub struct DemoArgs {
    /// Where the kubeconfig is written; default: a file in the system's directory for temporary files
    #[arg(long, value_name = "FILE")]
    write: Option<PathBuf>,
}

pub fn run(args: &DemoArgs, app: &App) -> Result<Outcome> {
    let embedded = PathBuf::new();
    let demo = app.start_demo(app.options.demo.as_ref().unwrap_or(&embedded))?;
    let path = match &args.write {
        Some(path) => path.clone(),
        None => app.env.temporary().join(format!("callboard-demo-{}.yaml", std::process::id())),
    };
    files::replace(&path, demo.kubeconfig().as_bytes(), Some(0o600))?;
    app.ui.write(&format!("export KUBECONFIG={}\n", quoted(&path.display().to_string())))?;
    app.ui.hint(
        "in another terminal: paste the line above, then `kubectl config get-contexts`; Ctrl-C ends the demo",
    );
    app.block_on(crate::ui::until_stopped())?;
    files::remove(&path)?;
    Ok(Outcome::Fine)
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
