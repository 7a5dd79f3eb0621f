//! What is known of a run before any answer: steps that always run and will be refused.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use crate::scaffold::actions::{ACTIONS, find};
use crate::scaffold::request::Request;
use crate::scaffold::server_steps::{Refused, misspelt, problem, read_by, writes};
use crate::scaffold::template::{Step, Template};
use crate::tree::{Tree, within};
use crate::yaml::Problem;

/// The files that steps may fetch.
pub struct KnownSource<'a> {
    /// The template's directory, and where that lies in its source.
    pub tree: &'a Tree,
    pub base: &'a str,
    pub beside: &'a dyn Fn(&str) -> Option<Tree>,
    /// Whether an absolute URL may be fetched.
    pub allowed: &'a dyn Fn(&str) -> bool,
}

/// Why a run is refused whatever is answered; of a step with a condition nothing is known.
pub fn refused_before(template: &Template, source: &KnownSource<'_>, request: &Request) -> Vec<Problem> {
    let mut found = Vec::new();
    let mut left_out: BTreeSet<String> = BTreeSet::new();
    for step in &template.steps {
        if request.skip.contains(&step.id) || request.stubs.contains_key(&step.id) {
            continue;
        }
        let always = step.condition.as_ref().is_none_or(|condition| *condition == Json::Bool(true))
            && step.each.is_none();
        let action = find(ACTIONS, &step.action);
        let refused = match action {
            None => match (request.strict, misspelt(&step.action)) {
                (true, None) => Some(Refused::NeedsServer),
                (_, Some(known)) => Some(Refused::Misspelt(known)),
                _ => writes(&step.action).then_some(Refused::Writes),
            },
            Some(action) if !request.lenient && action.writes => {
                read_by(step, &left_out).map(|(id, output)| Refused::Reads(id, output))
            }
            Some(_) => None,
        };
        let reads = action.is_some() && read_by(step, &left_out).is_some();
        if action.is_none() || reads {
            if always {
                left_out.insert(step.id.clone());
            }
        } else {
            left_out.remove(&step.id);
        }
        if !always {
            continue;
        }
        match refused {
            Some(refused) => found.push(problem(template, step, &refused)),
            None if !reads => found.extend(path_problem(template, step, source)),
            None => {}
        }
    }
    found
}

/// A directory or file that a step names and that is not there, or may not be fetched.
fn path_problem(template: &Template, step: &Step, source: &KnownSource<'_>) -> Option<Problem> {
    let url = step.input.get("url").and_then(Json::as_str).filter(|_| step.action.starts_with("fetch:"))?;
    if url.contains("${{") || url.contains("{%") {
        return None;
    }
    let told = |message: String| {
        template.document.problem(&step.pointer, format!("step '{}' ({}): {message}", step.id, step.action))
    };
    if url.contains("://") || url.starts_with("git+") {
        return (!(source.allowed)(url)).then(|| {
            told(format!("{url} lies elsewhere; --allow-fetch HOST lets a template fetch from that host"))
        });
    }
    let path = match url.strip_prefix('/') {
        Some(rest) => within("", rest),
        None => within(source.base, url),
    };
    // What leads out is told where it is fetched, with how far it may go.
    let path = path.ok()?;
    let own = match path.strip_prefix(source.base) {
        Some(rest) if source.base.is_empty() || rest.is_empty() || rest.starts_with('/') => {
            Some(rest.trim_start_matches('/'))
        }
        _ => None,
    };
    let there = match own {
        Some(own) => source.tree.exists(own),
        None => (source.beside)(&path).is_some(),
    };
    (!there).then(|| told(format!("there is no '{url}' beside the template")))
}

#[cfg(test)]
mod tests {
    use super::{KnownSource, refused_before};
    use crate::scaffold::request::Request;
    use crate::scaffold::template::read;
    use crate::tree::{Tree, TreeEntry};

    #[track_caller]
    fn check(steps: &str, expect: &[&str]) {
        let text = format!(
            "apiVersion: scaffolder.backstage.io/v1beta3\nkind: Template\nmetadata: {{name: t}}\nspec:\n  type: x\n  steps:\n{steps}"
        );
        let template = read("t/template.yaml", &text).expect("a template");
        let mut tree = Tree::default();
        tree.insert("s/a", TreeEntry::text("a")).expect("fits");
        let source =
            KnownSource { tree: &tree, base: "", beside: &|_| None, allowed: &|url| url.contains("acme") };
        let told: Vec<String> =
            refused_before(&template, &source, &Request::default()).iter().map(ToString::to_string).collect();
        assert_eq!(told.len(), expect.len(), "{told:?}");
        for (told, expect) in told.iter().zip(expect) {
            assert!(told.contains(expect), "{told}");
        }
    }

    #[test]
    fn what_no_answer_changes_is_known_before_the_first_question() {
        check("  - {action: fetch:plain, input: {url: ./s}}\n", &[]);
        check("  - {action: fetch:plain, input: {url: ./none}}\n", &["there is no './none'"]);
        check("  - {action: fetch:plain, input: {url: './${{ parameters.x }}'}}\n", &[]);
        check("  - {if: '${{ parameters.x }}', action: fetch:plain, input: {url: ./none}}\n", &[]);
        check("  - {action: fetch:plain, input: {url: 'https://other.example/x'}}\n", &["--allow-fetch"]);
        check("  - {action: fetch:plain, input: {url: 'https://acme.example/x'}}\n", &[]);
        check("  - {action: fetch:tempalte, input: {url: ./s}}\n", &["which there is not"]);
        let reads = "  - {id: i, action: 'acme:id'}\n  - {id: f, action: fetch:template, input: {url: ./s, values: {i: '${{ steps.i.output.id }}'}}}\n";
        check(reads, &["makes files by what step"]);
        check(&reads.replace("action: 'acme:id'", "action: 'acme:id', if: '${{ parameters.x }}'"), &[]);
    }
}
