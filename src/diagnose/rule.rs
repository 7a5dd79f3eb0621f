//! A rule: one cause, the words that give it away, and the check that looks for them.

use crate::diagnose::blamed::Blamed;
use crate::diagnose::command::NextCommand;
use crate::diagnose::examination::Examination;
use crate::diagnose::failed_container::FailedContainer;
use crate::diagnose::fill::{Placeholders, fill};
use crate::diagnose::finding::{Confidence, EvidenceSource, Finding};
use crate::diagnose::need::Needs;
use crate::pattern::LazyRegex;
use regex::Captures;

/// One cause. All of it is data but the check, which several rules share.
#[derive(Clone, Copy)]
pub struct Rule {
    /// The id in JSON and the heading in docs/diagnoses.md; never renamed.
    pub code: &'static str,
    pub title: &'static str,
    /// The line for a finding; `{name}` is filled, `[...]` falls away where a name is not known (`fill`).
    pub summary: &'static str,
    pub family: RuleFamily,
    /// What is worth asking for, beside the pod and its workload, before this cause is believed.
    pub needs: Needs,
    /// A regular expression over the deciding text, case-insensitive; named groups become facts. Empty where
    /// the check goes by fields alone. Wordings of other versions and runtimes belong here.
    pub words: Option<&'static LazyRegex>,
    /// Commands: kubectl's arguments; `~ ` begins one without a namespace, `! ` one that is not kubectl's.
    pub next: &'static [&'static str],
    pub check: Check,
}

/// How a rule looks for its cause.
#[derive(Clone, Copy)]
pub enum Check {
    Alone(fn(&Examination, &Rule) -> Vec<Finding>),
    /// Where it matters which row of the table is the first to fit.
    Among(fn(&Examination, &Rule, &[Rule]) -> Vec<Finding>),
}

/// The group that a rule belongs to; it decides what a finding silences (docs/diagnoses.md, how a cause is found).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RuleFamily {
    /// The whole pod has ended, or should have: the first such finding stands alone.
    End,
    /// No pod was created.
    Creation,
    Schedule,
    /// On a node, no container yet.
    Creating,
    Image,
    /// Configured, created, started: or not.
    Start,
    /// The process ended: who ended it.
    Exit,
    /// The process ended by itself: what it said.
    Log,
    /// It runs, but is not Ready.
    Ready,
    /// A controller's own: stands only where nothing else explains the trouble.
    Controller,
    /// Stands beside any other.
    Apart,
}

impl Rule {
    /// What the rule finds in a subject; the table is the one in which it stands.
    pub fn findings(&self, subject: &Examination, table: &[Rule]) -> Vec<Finding> {
        match self.check {
            Check::Alone(check) => check(subject, self),
            Check::Among(check) => check(subject, self, table),
        }
    }

    /// A finding of this rule, its summary and commands filled with the facts.
    pub fn finding(&self, confidence: Confidence, facts: &Placeholders) -> Finding {
        let next = self.next.iter().filter_map(|template| NextCommand::filled(template, facts)).collect();
        Finding {
            cause: self.code.to_string(),
            owner: None,
            runbook: None,
            confidence,
            summary: fill(self.summary, facts).unwrap_or_else(|| self.title.to_string()),
            container: None,
            evidence: Vec::new(),
            next,
            alternatives: Vec::new(),
            blames: Blamed::by(self.code, facts),
            signature: String::new(),
            since: None,
        }
    }

    /// A finding of this rule that blames a container.
    pub fn blame(&self, failed: &FailedContainer, confidence: Confidence, facts: &Placeholders) -> Finding {
        let finding = self.finding(confidence, facts).container(failed.name());
        finding.signed_like(failed.name(), "").since(failed.end.and_then(|end| end.finished_at))
    }

    /// As `blame`, the end of the last run being the evidence.
    pub fn blame_end(
        &self,
        failed: &FailedContainer,
        confidence: Confidence,
        facts: &Placeholders,
    ) -> Finding {
        self.blame(failed, confidence, facts).because(EvidenceSource::Status, &failed.ended())
    }

    /// Matches the rule's words; a rule without words matches nothing.
    pub fn find<'t>(&self, text: &'t str) -> Option<Captures<'t>> {
        self.words?.captures(text)
    }
}
