//! What a golden path makes, before anybody deploys it: the same rules over the files in memory.

use anyhow::{Result, anyhow};
use serde_json::Value as Json;

use crate::app::App;
use crate::commands::check::manifests::{KUSTOMIZATIONS, of_project};
use crate::commands::check::rows::ServiceCheck;
use crate::files;
use crate::process;
use crate::readiness::{BEYOND_MANIFESTS, ReadinessLevel, RuleState, checked};
use crate::tree::{Tree, within};
use crate::yaml;

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
    // kubectl would fetch what is not there from wherever it says, and no template has anything fetched by being tested.
    if let Some(problem) = foreign_part(tree) {
        return Err(anyhow!("{problem}"));
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

/// The first part of a kustomization that the project does not hold itself.
fn foreign_part(tree: &Tree) -> Option<String> {
    const PARTS: &[&str] =
        &["resources", "bases", "components", "crds", "generators", "transformers", "validators"];
    for (path, _) in tree.iter() {
        let (directory, name) = path.rsplit_once('/').unwrap_or(("", path));
        if !KUSTOMIZATIONS.contains(&name) {
            continue;
        }
        let text = String::from_utf8_lossy(tree.bytes(path).unwrap_or_default());
        for document in yaml::documents(path, &text).into_iter().flatten() {
            let parts = PARTS.iter().flat_map(|key| document.value[*key].as_array().into_iter().flatten());
            // Several lines are an object that is written out in its place.
            for part in parts.filter_map(Json::as_str).filter(|part| !part.contains('\n')) {
                if !within(directory, part).is_ok_and(|place| tree.exists(&place)) {
                    return Some(format!("{path} names {part}, which the project does not hold"));
                }
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::foreign_part;
    use crate::tree::{Tree, TreeEntry};

    #[test]
    fn a_kustomization_is_made_of_what_the_project_holds() {
        let check = |resources: &str| {
            let mut tree = Tree::default();
            let files = [
                ("deploy/base/kustomization.yaml", "resources: [web.yaml]\n"),
                ("deploy/base/web.yaml", "a: b\n"),
                ("deploy/prod/kustomization.yaml", resources),
            ];
            files
                .into_iter()
                .for_each(|(path, text)| tree.insert(path, TreeEntry::text(text)).expect("fits"));
            foreign_part(&tree)
        };
        assert_eq!(check("resources: [../base]\n"), None);
        for far in [
            "https://example.com/base",
            "github.com/acme/base?ref=v1",
            "../../../etc",
            "../bases",
            "git@example.com:a/b",
        ] {
            let told = check(&format!("resources: ['{far}']\n"));
            assert!(told.as_ref().is_some_and(|told| told.contains(far)), "{far}: {told:?}");
        }
        assert!(check("components: [https://example.com/c]\n").is_some());
    }
}
