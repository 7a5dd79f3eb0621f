//! What a template asks to be done about the written project: a git repository, and commands for the person to run.

use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::app::App;
use crate::files;
use crate::golden_paths::git::git;
use crate::golden_paths::make::Project;
use crate::scaffold::actions::{Effect, Publish};
use crate::text::shell_word;

#[derive(Default)]
pub struct Done {
    /// The catalog file that knows the project now.
    pub registered: Option<PathBuf>,
    /// `on main, origin https://...`
    pub repositories: Vec<String>,
    /// For the person to run, in order.
    pub commands: Vec<String>,
}

/// What a person would run, as far as it is known before anything is done.
pub fn commands(project: &Project) -> Vec<String> {
    let publishes = project.effects.iter().filter_map(|effect| match effect {
        Effect::Publish(publish) => Some(publish),
        Effect::Register { .. } => None,
    });
    publishes.flat_map(|publish| publish.commands.clone()).collect()
}

/// The project is there by now: what fails here is told, and left to the person.
pub fn carry_out(directory: &Path, project: &Project, app: &App) -> Done {
    let mut done = Done::default();
    for effect in &project.effects {
        let Effect::Publish(publish) = effect else { continue };
        if let Some(pull) = &publish.pull {
            let into = if pull.into.is_empty() { ".".to_string() } else { pull.into.clone() };
            done.commands.push(format!(
                "in a clone of {}, on a new branch {}: copy these files to {into}",
                publish.remote,
                shell_word(&pull.branch)
            ));
        } else {
            let place = directory.join(&publish.directory);
            match repository(&place, publish) {
                Ok(made) => {
                    done.repositories.push(made);
                    if let Err(error) = commit(&place, publish) {
                        app.ui.warn(&format!("nothing was committed: {error:#}"));
                        done.commands.push(format!("git commit -m {}", shell_word(&publish.message)));
                    }
                }
                Err(error) => app.ui.warn(&format!("no git repository was made: {error:#}")),
            }
        }
        done.commands.extend(publish.commands.iter().cloned());
    }
    done
}

fn repository(directory: &Path, publish: &Publish) -> Result<String> {
    anyhow::ensure!(!files::exists(&directory.join(".git")), "{} is one already", directory.display());
    let branch = format!("--initial-branch={}", publish.branch);
    git(directory, &["init", "--quiet", &branch])?;
    git(directory, &["remote", "add", "origin", "--", &publish.remote])
        .or_else(|_| git(directory, &["remote", "add", "origin", &publish.remote]))?;
    git(directory, &["add", "--all"])?;
    Ok(format!("on {}, origin {}", publish.branch, publish.remote))
}

/// As whoever git says the person is; without a name nothing is committed.
fn commit(directory: &Path, publish: &Publish) -> Result<String> {
    git(directory, &["commit", "--quiet", "--message", &publish.message])
}
