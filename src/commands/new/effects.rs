//! What a template asks to be done about the written project: a git repository, and commands for the person to run.

use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::app::App;
use crate::commands::new::{proposal, repository};
use crate::files;
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
    pub commands: Vec<DirectoryCommands>,
}

/// Commands that belong into one directory.
#[derive(Debug, Default, PartialEq)]
pub struct DirectoryCommands {
    /// Below the project, or from the root on; empty is the project's own.
    pub directory: PathBuf,
    pub commands: Vec<String>,
}

impl EffectsDone {
    fn add(&mut self, directory: &Path, commands: impl IntoIterator<Item = String>) {
        let known = self.commands.iter_mut().find(|group| group.directory == directory);
        match known {
            Some(group) => group.commands.extend(commands),
            None => self.commands.push(DirectoryCommands {
                directory: directory.to_path_buf(),
                commands: commands.into_iter().collect(),
            }),
        }
    }
}

/// What a person would run, as far as it is known before anything is done.
pub fn expected(project: &Project) -> EffectsDone {
    let mut done = EffectsDone::default();
    for effect in &project.effects {
        match effect {
            Effect::Publish(publish) => {
                done.add(Path::new(&publish.directory), publish.commands.iter().cloned());
            }
            Effect::Command(command) => done.add(Path::new(""), [command.clone()]),
            Effect::Register { .. } => {}
        }
    }
    done
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
        let publish = match effect {
            Effect::Publish(publish) => publish,
            Effect::Command(command) => {
                done.add(Path::new(""), [command.clone()]);
                continue;
            }
            Effect::Register { .. } => continue,
        };
        if let Some(pull) = &publish.pull {
            let proposed = match into {
                Some(clone) => proposed_in(clone, publish, pull, app, &mut done),
                None => proposed_as_patch(directory, publish, pull, app, &mut done),
            };
            if let Err(error) = proposed {
                app.ui.warn(&format!("the branch {} was not made: {error:#}", pull.branch));
            }
            continue;
        }
        let place = Path::new(&publish.directory);
        match repository::made(directory, publish, project, app) {
            Ok(made) => {
                done.repositories.push(made);
                if let Err(error) = repository::commit(&directory.join(place), publish) {
                    app.ui.warn(&format!("nothing was committed: {error:#}"));
                    done.add(place, [format!("git commit -m {}", shell_word(&publish.message))]);
                }
            }
            Err(error) => app.ui.warn(&format!("no git repository was made: {error:#}")),
        }
        done.add(place, publish.commands.iter().cloned());
    }
    done
}

fn proposed_in(
    clone: &Path,
    publish: &Publish,
    pull: &Pull,
    app: &App,
    done: &mut EffectsDone,
) -> Result<()> {
    done.repositories.push(proposal::branch(clone, publish, pull, app)?);
    done.add(&files::absolute(clone), publish.commands.iter().cloned());
    Ok(())
}

fn proposed_as_patch(
    directory: &Path,
    publish: &Publish,
    pull: &Pull,
    app: &App,
    done: &mut EffectsDone,
) -> Result<()> {
    let patch = proposal::patch(directory, publish, pull, app)?;
    let patch = shell_word(&patch.display().to_string());
    let start = pull.target.as_ref().map(|target| format!(" {}", shell_word(target))).unwrap_or_default();
    let commands = [
        format!(
            "git clone {} and go there; --into CLONE does what follows, up to the push",
            shell_word(&publish.remote)
        ),
        format!("git switch -c {}{start}", shell_word(&pull.branch)),
        format!("git apply --index {patch}"),
        format!("git commit -m {}", shell_word(&publish.message)),
    ];
    done.add(Path::new(""), commands.into_iter().chain(publish.commands.iter().cloned()));
    Ok(())
}
