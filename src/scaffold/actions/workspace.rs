//! What an action works on, and how it fails.

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json};

use crate::expression::{Fuel, RenderFailure};
use crate::scaffold::actions::effect::Effect;
use crate::scaffold::template::Template;
use crate::tree::{PathProblem, Tree, TreeEntry, tidied};
use crate::yaml::{Place, Problem};

/// An action's outputs, or why it failed.
pub type ActionResult = Result<Map<String, Json>, ActionTrouble>;

/// What an action does: from its input to its outputs.
pub type ActionFn = fn(&mut Workspace<'_>, &Map<String, Json>) -> Result<Map<String, Json>, ActionTrouble>;

/// What lies outside the template; scaffold asks it and never looks itself.
pub trait World {
    /// The tree of files behind an absolute URL, or the file itself under its own name.
    fn fetch(&self, url: &str) -> Result<Tree, String>;
    /// What lies at a path of the source that holds the template's directory: a directory, or a file alone under its own name.
    fn beside(&self, _path: &str) -> Result<Option<Tree>, String> {
        Ok(None)
    }
    /// The entity of a full reference (`component:default/orders`, lower case), as its document has it.
    fn entity(&self, entity_ref: &str) -> Option<Json>;
}

/// What a run works on: the tree that becomes the project, and what is to be done about it afterwards.
pub struct Workspace<'a> {
    pub tree: Tree,
    /// The directory of the template, `template.yaml` included.
    pub source: &'a Tree,
    /// Where that directory lies in its repository or other source; empty where it is all of it.
    pub base: &'a str,
    pub template: &'a Template,
    pub world: &'a dyn World,
    /// Names that are not found are undefined instead of errors.
    pub lenient: bool,
    /// Dotted paths of the step's input that had no value: `values.docs`.
    pub absent: BTreeSet<String>,
    pub log: Vec<String>,
    pub effects: Vec<Effect>,
    /// Names that nothing defines, in lines that are comments.
    pub warnings: Vec<Problem>,
    /// The work that is left to all steps.
    pub fuel: Fuel,
    /// Bytes that the steps have written so far.
    pub written: usize,
}

/// Work units of all steps of a run together; one rendering has a part of it.
pub const RUN_FUEL: u64 = 4_000_000;
/// Bytes that the steps of a run write, and files that they leave: no more could be read again.
const MOST_WRITTEN: usize = 256 << 20;
const MOST_FILES: usize = 50_000;

impl Workspace<'_> {
    /// Puts an entry into the tree, as far as all that the steps write together has room.
    pub fn put(&mut self, path: &str, entry: TreeEntry) -> Result<(), ActionTrouble> {
        if let TreeEntry::File { bytes, .. } = &entry {
            self.written += bytes.len();
        }
        if self.written > MOST_WRITTEN {
            let most = MOST_WRITTEN >> 20;
            return Err(ActionTrouble::new(format!(
                "the steps write more than {most} MiB together, at '{path}'"
            )));
        }
        self.tree.insert(path, entry)?;
        if self.tree.len() > MOST_FILES {
            return Err(ActionTrouble::new(format!(
                "the steps make more than {MOST_FILES} files, at '{path}'"
            )));
        }
        Ok(())
    }
}

/// Why an action failed.
#[derive(Debug)]
pub enum ActionTrouble {
    /// A mistake in a file of the template, at its place.
    InFile(Problem),
    /// Anything else; the step adds its own place.
    Plain { message: String, hint: Option<String> },
}

impl ActionTrouble {
    pub fn new(message: impl Into<String>) -> Self {
        ActionTrouble::Plain { message: message.into(), hint: None }
    }

    pub fn hint(self, hint: impl Into<String>) -> Self {
        match self {
            ActionTrouble::Plain { message, .. } => ActionTrouble::Plain { message, hint: Some(hint.into()) },
            other => other,
        }
    }

    /// A failure inside a file of the template's directory.
    pub fn in_file(template: &Template, path: &str, failure: RenderFailure) -> Self {
        let directory = template.document.name.rsplit_once('/').map_or("", |(directory, _)| directory);
        let file = match path.contains("://") || directory.is_empty() {
            true => path.to_string(),
            false => tidied(&format!("{directory}/{path}")),
        };
        let place = Place::new(&file, failure.place.line as usize, failure.place.column as usize);
        let problem = Problem::new(place, failure.message);
        ActionTrouble::InFile(match failure.hint {
            Some(hint) => problem.hint(hint),
            None => problem,
        })
    }
}

impl From<PathProblem> for ActionTrouble {
    fn from(problem: PathProblem) -> Self {
        ActionTrouble::new(problem.to_string())
    }
}

/// A text of the input; the schema has checked that it is one.
pub fn text<'a>(input: &'a Map<String, Json>, key: &str) -> Option<&'a str> {
    input.get(key).and_then(Json::as_str)
}

/// Whether the input says so.
pub fn flag(input: &Map<String, Json>, key: &str) -> bool {
    input.get(key) == Some(&Json::Bool(true))
}
