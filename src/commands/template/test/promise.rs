//! How ready for production a golden path promises its projects to be, and how ready they are.

use anyhow::{Result, bail};

use crate::app::App;
use crate::commands::check::{RenderedReadiness, readiness_of};
use crate::readiness::ReadinessLevel;
use crate::scaffold::template::Template;
use crate::tree::Tree;

/// The annotation of a template that promises a level.
const LEVEL: &str = "callboard.dev/level";

/// What a project must reach, and whether the command line said so.
pub struct PromisedLevel {
    level: Option<ReadinessLevel>,
    is_asked: bool,
}

/// What came of looking.
#[derive(Debug, Default)]
pub struct ReachedLevel {
    pub level: Option<ReadinessLevel>,
    pub unchecked: Option<String>,
}

/// The level of the command line, else of the template's annotation.
pub fn promised(template: &Template, asked: Option<ReadinessLevel>) -> Result<PromisedLevel> {
    let said = template.document.value["metadata"]["annotations"][LEVEL].as_str();
    let level = match said.map(ReadinessLevel::parse) {
        Some(None) => bail!("{}: {LEVEL} is bronze, silver or gold", template.document.name),
        Some(Some(level)) => Some(level),
        None => None,
    };
    Ok(PromisedLevel { level: asked.or(level), is_asked: asked.is_some() })
}

/// How ready a project is, where its golden path promises something; what keeps it from that is wrong with it.
pub fn reached(tree: &Tree, promise: &PromisedLevel, wrong: &mut Vec<String>, app: &App) -> ReachedLevel {
    let Some(promised) = promise.level.filter(|_| !tree.is_empty()) else { return ReachedLevel::default() };
    match readiness_of(tree, app) {
        Ok(RenderedReadiness { level, failures, unchecked }) => {
            let counted = failures.into_iter().filter(|(level, _)| *level <= promised);
            wrong.extend(counted.map(|(_, told)| told));
            // Whoever asks for a level is told that it was not proven.
            if let (true, Some(why)) = (promise.is_asked, &unchecked) {
                wrong.push(format!("how ready it is was not looked at: {why}"));
            }
            ReachedLevel { level, unchecked }
        }
        Err(error) => {
            wrong.push(format!("{error:#}"));
            ReachedLevel::default()
        }
    }
}
