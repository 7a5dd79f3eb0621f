//! A rule: one cause, the words that give it away, and the check that looks for them.

use crate::diagnose::finding::Finding;
use crate::diagnose::needs::Needs;
use crate::diagnose::subject::Subject;
use regex::{Captures, Regex};
use std::collections::HashMap;
use std::sync::{Mutex, OnceLock, PoisonError};

/// One cause. All of it is data but the check, which several rules share.
pub struct Rule {
    /// The id in JSON and the heading in docs/diagnoses.md; never renamed.
    pub code: &'static str,
    pub title: &'static str,
    /// The line for a finding; `{name}` is filled, `[...]` falls away where a name is not known (`fill`).
    pub summary: &'static str,
    pub family: Family,
    /// What is worth asking for, beside the pod and its workload, before this cause is believed.
    pub needs: Needs,
    /// A regular expression over the deciding text, case-insensitive; named groups become facts. Empty where
    /// the check goes by fields alone. Wordings of other versions and runtimes belong here.
    pub words: &'static str,
    /// Commands: kubectl's arguments; `~ ` begins one without a namespace, `! ` one that is not kubectl's.
    pub next: &'static [&'static str],
    pub check: fn(&Subject, &Rule) -> Vec<Finding>,
}

/// The step of the procedure that a rule belongs to (facts/health.md 2.2); it decides what a finding silences.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Family {
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
    /// Matches the rule's words; a rule without words matches nothing.
    pub fn find<'t>(&self, text: &'t str) -> Option<Captures<'t>> {
        if self.words.is_empty() { None } else { regex(self.words).captures(text) }
    }
}

/// A rule's expression, compiled once. A test compiles all of them.
pub fn regex(words: &'static str) -> &'static Regex {
    static COMPILED: OnceLock<Mutex<HashMap<&'static str, &'static Regex>>> = OnceLock::new();
    let mut known = COMPILED.get_or_init(Mutex::default).lock().unwrap_or_else(PoisonError::into_inner);
    known.entry(words).or_insert_with(|| {
        let compiled =
            Regex::new(&format!("(?i){words}")).expect("a test compiles every expression of the tables");
        Box::leak(Box::new(compiled))
    })
}
