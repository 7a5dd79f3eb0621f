//! What the steps of a template can do, as one table; an action changes the workspace and never the world.

mod catalog;
mod debug;
mod fetch;
mod files;
mod publish;
mod render;
mod schemas;

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json};

pub use crate::scaffold::actions::catalog::{SOURCE, VERSION};
pub use crate::scaffold::actions::publish::{Publish, Pull};

use crate::expression::{Fuel, RenderFailure};
use crate::scaffold::template::Template;
use crate::tree::{PathProblem, Tree, TreeEntry};
use crate::yaml::{Place, Problem};

/// An action's outputs, or why it failed.
pub type ActionResult = Result<Map<String, Json>, ActionTrouble>;

/// What an action does: from its input to its outputs.
pub type ActionFn = fn(&mut Workspace<'_>, &Map<String, Json>) -> Result<Map<String, Json>, ActionTrouble>;

/// One kind of step.
pub struct Action {
    pub id: &'static str,
    /// The JSON Schema of its input.
    pub schema: &'static str,
    /// What later steps can read of it.
    pub outputs: &'static [&'static str],
    pub run: ActionFn,
}

/// What lies outside the template; scaffold asks it and never looks itself.
pub trait World {
    /// The tree of files behind an absolute URL, or the file itself under its own name.
    fn fetch(&self, url: &str) -> Result<Tree, String>;
    /// The entity of a full reference (`component:default/orders`, lower case), as its document has it.
    fn entity(&self, entity_ref: &str) -> Option<Json>;
}

/// What a run works on: the tree that becomes the project, and what is to be done about it afterwards.
pub struct Workspace<'a> {
    pub tree: Tree,
    /// The directory of the template, `template.yaml` included.
    pub source: &'a Tree,
    pub template: &'a Template,
    pub world: &'a dyn World,
    /// Names that are not found are undefined instead of errors.
    pub lenient: bool,
    /// Dotted paths of the step's input that had no value: `values.docs`.
    pub absent: BTreeSet<String>,
    pub log: Vec<String>,
    pub effects: Vec<Effect>,
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

/// What is to be done once the tree is written, by whoever may touch the world.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// A catalog file is to be added to the catalog's locations: a path in the tree, or the URL of one elsewhere.
    Register { path: Option<String>, url: String },
    /// The project is to become a git repository that knows where it will live.
    Publish(Publish),
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
    fn in_file(template: &Template, path: &str, failure: RenderFailure) -> Self {
        let directory = template.document.name.rsplit_once('/').map_or("", |(directory, _)| directory);
        let file = if directory.is_empty() { path.to_string() } else { format!("{directory}/{path}") };
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

const fn action(
    id: &'static str,
    schema: &'static str,
    outputs: &'static [&'static str],
    run: ActionFn,
) -> Action {
    Action { id, schema, outputs, run }
}

/// Every action that runs here, by id. Those of `publish:` become effects; anything that is not listed needs a server.
pub const ACTIONS: &[Action] = &[
    action("catalog:fetch", schemas::CATALOG_FETCH, &["entity", "entities"], catalog::fetch),
    action(
        "catalog:register",
        schemas::CATALOG_REGISTER,
        &["entityRef", "catalogInfoUrl"],
        catalog::register,
    ),
    action("catalog:write", schemas::CATALOG_WRITE, &[], catalog::write),
    action("debug:log", schemas::DEBUG_LOG, &[], debug::log),
    action("debug:wait", schemas::DEBUG_WAIT, &[], debug::wait),
    action("fetch:cookiecutter", schemas::FETCH_COOKIECUTTER, &[], fetch::cookiecutter),
    action("fetch:plain", schemas::FETCH_PLAIN, &[], fetch::plain),
    action("fetch:plain:file", schemas::FETCH_PLAIN_FILE, &[], fetch::plain_file),
    action("fetch:template", schemas::FETCH_TEMPLATE, &[], fetch::template),
    action("fetch:template:file", schemas::FETCH_TEMPLATE_FILE, &[], fetch::template_file),
    action("fs:delete", schemas::FS_DELETE, &[], files::delete),
    action("fs:readdir", schemas::FS_READDIR, &["files", "folders"], files::readdir),
    action("fs:rename", schemas::FS_RENAME, &[], files::rename),
    action("publish:azure", schemas::PUBLISH, publish::OUTPUTS, publish::azure),
    action("publish:bitbucket", schemas::PUBLISH, publish::OUTPUTS, publish::bitbucket),
    action("publish:bitbucketCloud", schemas::PUBLISH, publish::OUTPUTS, publish::bitbucket),
    action(
        "publish:bitbucketCloud:pull-request",
        schemas::PULL,
        publish::PULL_OUTPUTS,
        publish::pull_request,
    ),
    action("publish:bitbucketServer", schemas::PUBLISH, publish::OUTPUTS, publish::bitbucket_server),
    action(
        "publish:bitbucketServer:pull-request",
        schemas::PULL,
        publish::PULL_OUTPUTS,
        publish::pull_request,
    ),
    action("publish:gerrit", schemas::PUBLISH, publish::OUTPUTS, publish::gerrit),
    action("publish:gitea", schemas::PUBLISH, publish::OUTPUTS, publish::gitea),
    action("publish:github", schemas::PUBLISH, publish::OUTPUTS, publish::github),
    action("publish:github:pull-request", schemas::PULL, publish::PULL_OUTPUTS, publish::pull_request),
    action("publish:gitlab", schemas::PUBLISH, publish::OUTPUTS, publish::gitlab),
    action("publish:gitlab:merge-request", schemas::PULL, publish::PULL_OUTPUTS, publish::pull_request),
    action("workspace:template", schemas::WORKSPACE_TEMPLATE, &[], fetch::workspace_template),
    action("workspace:template:file", schemas::WORKSPACE_TEMPLATE_FILE, &[], fetch::workspace_template_file),
];

/// The action of an id.
pub fn find<'a>(actions: &'a [Action], id: &str) -> Option<&'a Action> {
    actions.iter().find(|action| action.id == id)
}

/// A text of the input; the schema has checked that it is one.
fn text<'a>(input: &'a Map<String, Json>, key: &str) -> Option<&'a str> {
    input.get(key).and_then(Json::as_str)
}

fn flag(input: &Map<String, Json>, key: &str) -> bool {
    input.get(key) == Some(&Json::Bool(true))
}

#[cfg(test)]
mod tests {
    use serde_json::Value as Json;

    use super::ACTIONS;

    #[test]
    fn every_action_is_listed_once_and_has_a_schema() {
        let ids: Vec<&str> = ACTIONS.iter().map(|action| action.id).collect();
        let mut sorted = ids.clone();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(ids, sorted);
        for action in ACTIONS {
            let schema: Json = serde_json::from_str(action.schema).expect("a schema is JSON");
            assert!(schema["type"] == "object", "{}", action.id);
        }
    }
}
