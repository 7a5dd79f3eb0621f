//! The rules that templates are checked by, as one list, and what breaks them.

use crate::scaffold::template::Template;
use crate::yaml::Problem;

pub use crate::yaml::{LintFinding, LintLevel, LintRule};

crate::yaml::lint_rules! {
    CASE_COLLISION "case-collision" Warning "Two files are one where case does not count"
    CLOCK_OR_RANDOM "clock-or-random" Error "A template reads the clock or chance, so that no two runs are alike"
    COPY_WITHOUT_RENDER "copy-without-render" Warning "copyWithoutRender is ignored; its files are rendered without notice"
    DASHED_STEP_ID "dashed-step-id" Error "steps.a-b is a subtraction; steps['a-b'] is the step"
    DUPLICATE_STEP_ID "duplicate-step-id" Warning "Two steps of one id can both run; the outputs of the last are read"
    GITHUB_EXPRESSION "github-expression" Error "A GitHub Actions expression in a rendered file is blanked"
    INVALID_INPUT "invalid-input" Error "The input of a step does not fit its action"
    INVALID_PARAMETERS "invalid-parameters" Error "A parameter contradicts itself"
    LARGE_FILE "large-file" Warning "A file of the template is larger than a megabyte"
    NARROWED "narrowed" Error "A minor version takes away what the last one allowed"
    NO_DESCRIPTION "no-description" Warning "The template has no description"
    NO_KUBERNETES_ID "no-kubernetes-id" Warning "Manifests lack the label by which their service is found"
    NO_OWNER "no-owner" Warning "The template has no owner"
    PATH_ESCAPES "path-escapes" Error "A path leaves its directory, or cannot be written on every system"
    SERVER_ACTION "server-action" Warning "A step runs only on a Backstage server"
    SYNTAX "syntax" Error "An expression or block cannot be read"
    TEMPLATE "template" Error "The document is no v1beta3 template"
    UNDEFINED "undefined" Error "A name is read that nothing sets"
    UNDEFINED_IN_COMMENT "undefined-in-comment" Warning "A name that nothing sets is read in a comment"
    UNDEFINED_IN_OUTPUT "undefined-in-output" Warning "A link or text of the output cannot be made, and is left out"
    UNKNOWN_ACTION "unknown-action" Error "There is no such action, and one that is nearly called so"
    UNKNOWN_FILTER "unknown-filter" Error "There is no such filter"
    UNKNOWN_OWNER "unknown-owner" Error "The owner is not in the catalog"
    UNUSED_PARAMETER "unused-parameter" Warning "A parameter is asked for and never read"
}

/// What was found so far.
pub struct Findings(pub Vec<LintFinding>);

impl Findings {
    /// At a place of a file.
    pub fn add(&mut self, rule: &'static LintRule, problem: Problem) {
        self.0.push(LintFinding { rule, problem });
    }

    /// At a JSON pointer of the template.
    pub fn at(
        &mut self,
        rule: &'static LintRule,
        template: &Template,
        pointer: &str,
        message: impl Into<String>,
    ) {
        self.add(rule, template.document.problem(pointer, message));
    }
}
