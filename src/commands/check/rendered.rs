//! What a golden path makes, before anybody deploys it: the same rules over the files in memory.

use anyhow::Result;

use crate::app::App;
use crate::commands::check::manifests::{KUSTOMIZATIONS, of_project};
use crate::commands::check::rows::ServiceCheck;
use crate::files;
use crate::process;
use crate::readiness::{BEYOND_MANIFESTS, ReadinessLevel, RuleState, checked};
use crate::tree::Tree;

/// How ready a project is.
#[derive(Debug, Default)]
pub struct RenderedReadiness {
    /// The level that all of its services have reached; nothing where nothing of it runs, or they have reached none.
    pub level: Option<ReadinessLevel>,
    /// What keeps them from a level, with that level.
    pub failures: Vec<(ReadinessLevel, String)>,
    /// Why nobody looked.
    pub unchecked: Option<String>,
}

/// Looks at a project by all rules but those about what only the organisation can say.
pub fn readiness_of(tree: &Tree, app: &App) -> Result<RenderedReadiness> {
    let kustomized =
        tree.iter().any(|(path, _)| KUSTOMIZATIONS.contains(&path.rsplit('/').next().unwrap_or_default()));
    if let (true, Err(failure)) = (kustomized, process::find("kubectl")) {
        let unchecked = Some(format!("kubectl {failure}"));
        return Ok(RenderedReadiness { unchecked, ..RenderedReadiness::default() });
    }
    let temporary = files::temporary_directory(app.env.temporary())?;
    let directory = temporary.path().join("project");
    files::write_tree(&directory, tree)?;
    let today = app.now().to_zoned(jiff::tz::TimeZone::UTC).date();
    let mut readiness = RenderedReadiness::default();
    let mut levels = Vec::new();
    for subject in of_project(&directory, app)? {
        if subject.facts.workloads().next().is_none() {
            continue;
        }
        let mut rules = checked(&subject.facts, today);
        rules.retain(|(rule, _)| !BEYOND_MANIFESTS.contains(&rule.id));
        for (rule, verdicts) in &rules {
            let failed = verdicts.iter().filter(|verdict| verdict.state >= RuleState::Unknown);
            let told = failed.map(|verdict| {
                let message = if verdict.message.is_empty() { rule.title } else { &verdict.message };
                let text = format!(
                    "{} {} {}: {} is {}: {message}",
                    rule.level.word(),
                    rule.id,
                    verdict.object,
                    verdict.path,
                    verdict.seen
                );
                (rule.level, text)
            });
            readiness.failures.extend(told);
        }
        levels.push(ServiceCheck::of(&subject.about, rules, ReadinessLevel::Gold).reached);
    }
    readiness.failures.dedup();
    readiness.level = levels.into_iter().min().flatten();
    Ok(readiness)
}
