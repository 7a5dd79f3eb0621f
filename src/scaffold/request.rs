//! What is asked of a run of a template, and what comes of it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value as Json};

use crate::scaffold::actions::Effect;
use crate::tree::Tree;
use crate::yaml::Problem;

/// What a person or script asks for.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// Answers with defaults filled in (`parameters::filled`), already checked.
    pub parameters: Map<String, Json>,
    pub secrets: Map<String, Json>,
    /// `{ref, entity}` of whoever runs this, if known.
    pub user: Option<Json>,
    /// Ids of steps that are not to run.
    pub skip: BTreeSet<String>,
    /// Outputs of steps that are not to run: id, then output.
    pub stubs: BTreeMap<String, Map<String, Json>>,
    /// Steps whose action needs a server are refused instead of left out.
    pub strict: bool,
    /// What Backstage lets pass is let pass: undefined names, expressions that fail.
    pub lenient: bool,
}

#[derive(Debug)]
pub struct RunOutcome {
    pub tree: Tree,
    pub effects: Vec<Effect>,
    /// `spec.output`, rendered: `links`, `text`, and whatever else it holds.
    pub output: Json,
    pub steps: Vec<StepOutcome>,
    /// What is wrong and stops nothing: names that nothing defines in the output, and in lines that are comments.
    pub warnings: Vec<Problem>,
    /// The first error; what came before it is in the tree all the same.
    pub failure: Option<Problem>,
}

#[derive(Debug)]
pub struct StepOutcome {
    pub id: String,
    pub action: String,
    pub state: StepState,
    /// Of one that was left out: the output that it reads of another, `steps.publish.output.remoteUrl`.
    pub reads: Option<String>,
    pub log: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepState {
    Ran,
    /// Its condition was false, or an earlier step failed.
    Skipped,
    /// The request said so.
    SkippedByRequest,
    /// Its action runs on a server only, or it reads what such a step puts out.
    LeftOut,
    Failed,
}
