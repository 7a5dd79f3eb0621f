//! What a check of documents finds: a rule with a name, and where it is broken.

use std::fmt;

use crate::yaml::problem::Problem;

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LintLevel {
    Error,
    Warning,
}

impl fmt::Display for LintLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if *self == LintLevel::Error { "error" } else { "warning" })
    }
}

/// A kind of finding.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LintRule {
    pub id: &'static str,
    pub level: LintLevel,
    /// What is wrong, in general: for SARIF and the documentation.
    pub title: &'static str,
}

/// A rule that a document breaks, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LintFinding {
    pub rule: &'static LintRule,
    pub problem: Problem,
}

impl LintFinding {
    pub fn new(rule: &'static LintRule, problem: Problem) -> LintFinding {
        LintFinding { rule, problem }
    }
}

impl fmt::Display for LintFinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.problem.fmt(f)
    }
}

/// Declares rules, and the list of them in order of id.
macro_rules! lint_rules {
    ($($name:ident $id:literal $level:ident $title:literal)*) => {
        $(pub static $name: $crate::yaml::LintRule =
            $crate::yaml::LintRule { id: $id, level: $crate::yaml::LintLevel::$level, title: $title };)*
        /// Every rule, in order of id.
        pub static RULES: &[&$crate::yaml::LintRule] = &[$(&$name),*];
    };
}
pub(crate) use lint_rules;
