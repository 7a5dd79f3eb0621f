//! What lint looks at: a template with the files that its steps may fetch.

use crate::scaffold::template::Template;
use crate::tree::Tree;
use crate::yaml::Problem;

/// What is looked at.
pub struct LintSubject<'a> {
    /// The template, or why it cannot be read.
    pub template: Result<Template, Vec<Problem>>,
    /// Its directory.
    pub source: &'a Tree,
    /// Where that lies in its repository, and what lies at a path there.
    pub base: &'a str,
    pub beside: &'a dyn Fn(&str) -> Option<Tree>,
    /// Whether the catalog has an owner; without a catalog none.
    pub known: Option<&'a dyn Fn(&str) -> bool>,
}
