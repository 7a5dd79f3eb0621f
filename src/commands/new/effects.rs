//! What a template asks to be done about the written project: a git repository, and commands for the person to run.

use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::app::App;
use crate::commands::new::proposal;
use crate::files;
use crate::golden_paths::git::git;
use crate::golden_paths::make::Project;
use crate::scaffold::actions::{Effect, Publish, Pull};
use crate::text::shell_word;

#[derive(Default)]
pub struct EffectsDone {
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
/// `into` is a clone of the repository that a pull request goes to.
pub fn carry_out(directory: &Path, project: &Project, into: Option<&Path>, app: &App) -> EffectsDone {
    let mut done = EffectsDone::default();
    let pulls = |effect: &Effect| matches!(effect, Effect::Publish(publish) if publish.pull.is_some());
    if into.is_some() && !project.effects.iter().any(pulls) {
        app.ui.warn("no step of this golden path makes a pull request: --into has no effect");
    }
    for effect in &project.effects {
        let Effect::Publish(publish) = effect else { continue };
        if let Some(pull) = &publish.pull {
            let proposed = match into {
                Some(clone) => proposed_in(clone, project, publish, pull, app, &mut done),
                None => proposed_as_patch(directory, project, publish, pull, app, &mut done),
            };
            if let Err(error) = proposed {
                app.ui.warn(&format!("the branch {} was not made: {error:#}", pull.branch));
                continue;
            }
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

fn proposed_in(
    clone: &Path,
    project: &Project,
    publish: &Publish,
    pull: &Pull,
    app: &App,
    done: &mut EffectsDone,
) -> Result<()> {
    done.repositories.push(proposal::branch(clone, &project.tree, publish, pull, app)?);
    done.commands.push(format!("cd {}", shell_word(&files::absolute(clone).display().to_string())));
    Ok(())
}

fn proposed_as_patch(
    directory: &Path,
    project: &Project,
    publish: &Publish,
    pull: &Pull,
    app: &App,
    done: &mut EffectsDone,
) -> Result<()> {
    let patch = proposal::patch(directory, &project.tree, publish, pull, app)?;
    let patch = shell_word(&patch.display().to_string());
    let start = pull.target.as_ref().map(|target| format!(" {}", shell_word(target))).unwrap_or_default();
    done.commands.extend([
        format!(
            "git clone {} and go there; --into CLONE does what follows, up to the push",
            shell_word(&publish.remote)
        ),
        format!("git switch -c {}{start}", shell_word(&pull.branch)),
        format!("git apply --index {patch}"),
        format!("git commit -m {}", shell_word(&publish.message)),
    ]);
    Ok(())
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
