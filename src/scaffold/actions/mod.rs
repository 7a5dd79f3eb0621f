//! What the steps of a template can do, as one table; an action changes the workspace and never the world.

mod catalog;
mod debug;
mod effect;
mod fetch;
mod files;
mod jsonata;
mod merge;
mod publish;
mod render;
mod schemas;
mod utilities;
mod workspace;

pub use crate::scaffold::actions::catalog::{SOURCE, VERSION};
pub use crate::scaffold::actions::effect::{Effect, Publish, Pull};
pub use crate::scaffold::actions::workspace::{ActionTrouble, RUN_FUEL, Workspace, World};

use crate::scaffold::actions::workspace::ActionFn;

/// One kind of step.
pub struct Action {
    pub id: &'static str,
    /// The JSON Schema of its input.
    pub schema: &'static str,
    /// What later steps can read of it.
    pub outputs: &'static [&'static str],
    /// Whether it decides what files the project has, and what is in them.
    pub writes: bool,
    pub run: ActionFn,
}

const fn writing(
    id: &'static str,
    schema: &'static str,
    outputs: &'static [&'static str],
    run: ActionFn,
) -> Action {
    Action { id, schema, outputs, writes: true, run }
}

const fn action(
    id: &'static str,
    schema: &'static str,
    outputs: &'static [&'static str],
    run: ActionFn,
) -> Action {
    Action { id, schema, outputs, writes: false, run }
}

/// Every action that runs here, by id. Those of `publish:` become effects; anything that is not listed needs a server.
pub const ACTIONS: &[Action] = &[
    writing("catalog:annotate", schemas::CATALOG_ANNOTATE, &["annotatedObject"], catalog::annotate),
    action("catalog:fetch", schemas::CATALOG_FETCH, &["entity", "entities"], catalog::fetch),
    action(
        "catalog:register",
        schemas::CATALOG_REGISTER,
        &["entityRef", "catalogInfoUrl"],
        catalog::register,
    ),
    writing(
        "catalog:scaffolded-from",
        schemas::CATALOG_ANNOTATE,
        &["annotatedObject"],
        catalog::scaffolded_from,
    ),
    writing(
        "catalog:template:version",
        schemas::CATALOG_ANNOTATE,
        &["annotatedObject"],
        catalog::template_version,
    ),
    writing("catalog:write", schemas::CATALOG_WRITE, &[], catalog::write),
    action("debug:log", schemas::DEBUG_LOG, &[], debug::log),
    action("debug:wait", schemas::DEBUG_WAIT, &[], debug::wait),
    writing("fetch:cookiecutter", schemas::FETCH_COOKIECUTTER, &[], fetch::cookiecutter),
    writing("fetch:plain", schemas::FETCH_PLAIN, &[], fetch::plain),
    writing("fetch:plain:file", schemas::FETCH_PLAIN_FILE, &[], fetch::plain_file),
    writing("fetch:template", schemas::FETCH_TEMPLATE, &[], fetch::template),
    writing("fetch:template:file", schemas::FETCH_TEMPLATE_FILE, &[], fetch::template_file),
    writing("fs:delete", schemas::FS_DELETE, &[], files::delete),
    action("fs:readdir", schemas::FS_READDIR, &["files", "folders"], files::readdir),
    writing("fs:rename", schemas::FS_RENAME, &[], files::rename),
    action("github:repo:create", schemas::PUBLISH, publish::OUTPUTS, publish::github_create),
    action("github:repo:push", schemas::PUBLISH, publish::OUTPUTS, publish::github_push),
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
    writing("roadiehq:utils:fs:append", schemas::FS_WRITE, &["path"], utilities::append),
    action("roadiehq:utils:fs:parse", schemas::FS_PARSE, &["content"], utilities::parse),
    writing("roadiehq:utils:fs:replace", schemas::FS_REPLACE, &[], utilities::replace),
    writing("roadiehq:utils:fs:write", schemas::FS_WRITE, &["path"], utilities::write),
    writing("roadiehq:utils:json:merge", schemas::MERGE, &["path"], merge::into_json),
    action("roadiehq:utils:jsonata", schemas::JSONATA, &["result"], jsonata::of_data),
    action(
        "roadiehq:utils:jsonata:json:transform",
        schemas::JSONATA_FILE,
        &["result"],
        jsonata::of_json_file,
    ),
    action(
        "roadiehq:utils:jsonata:yaml:transform",
        schemas::JSONATA_FILE,
        &["result"],
        jsonata::of_yaml_file,
    ),
    writing("roadiehq:utils:merge", schemas::MERGE, &["path"], merge::any),
    action("roadiehq:utils:serialize:json", schemas::SERIALIZE, &["serialized"], utilities::serialize_json),
    action("roadiehq:utils:serialize:yaml", schemas::SERIALIZE, &["serialized"], utilities::serialize_yaml),
    action("roadiehq:utils:sleep", schemas::SLEEP, &[], utilities::sleep),
    writing("roadiehq:utils:zip", schemas::ZIP, &["outputPath"], utilities::zip),
    writing("workspace:template", schemas::WORKSPACE_TEMPLATE, &[], fetch::workspace_template),
    writing("workspace:template:file", schemas::WORKSPACE_TEMPLATE_FILE, &[], fetch::workspace_template_file),
];

/// The action of an id.
pub fn find<'a>(actions: &'a [Action], id: &str) -> Option<&'a Action> {
    actions.iter().find(|action| action.id == id)
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
