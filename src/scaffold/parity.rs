//! Every case of tests/golden-paths gives the tree, the inputs and the output that Backstage's own runner gave.

use std::cell::RefCell;
use std::collections::BTreeMap;

use base64::Engine;
use include_dir::{Dir, include_dir};
use serde_json::{Map, Value as Json, json};

use crate::scaffold::actions::{ACTIONS, Action, ActionTrouble, Workspace, World};
use crate::scaffold::request::Request;
use crate::scaffold::run::run;
use crate::scaffold::template;
use crate::tree::{Tree, TreeEntry};
use crate::yaml;

static CASES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/tests/golden-paths/cases");
static EXPECTED: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/tests/golden-paths/expectations");

/// Cases in which callboard means to differ, and why.
const DIFFERENT: &[(&str, &str)] = &[
    ("plain-file-new-directory", "the directory of the target is made, where Backstage fails"),
    ("template-utf16", "text in UTF-16 is copied, where Backstage spoils it"),
];

thread_local! {
    /// What each `oracle:echo` was given; the action hands it back as its output.
    static ECHOED: RefCell<Vec<Json>> = const { RefCell::new(Vec::new()) };
}

fn echo(_: &mut Workspace<'_>, input: &Map<String, Json>) -> Result<Map<String, Json>, ActionTrouble> {
    ECHOED.with_borrow_mut(|echoed| echoed.push(Json::Object(input.clone())));
    Ok(input.clone())
}

struct ParityCatalog(Vec<Json>);

impl World for ParityCatalog {
    fn fetch(&self, url: &str) -> Result<Tree, String> {
        Err(format!("{url} cannot be fetched"))
    }

    fn entity(&self, entity_ref: &str) -> Option<Json> {
        let reference = |entity: &Json| {
            let text = |value: &Json| value.as_str().unwrap_or_default().to_lowercase();
            format!("{}:default/{}", text(&entity["kind"]), text(&entity["metadata"]["name"]))
        };
        self.0.iter().find(|entity| reference(entity) == entity_ref).cloned()
    }
}

fn entry(described: &Json) -> TreeEntry {
    let text = |key: &str| described[key].as_str();
    let executable = text("mode") == Some("755") || described["executable"] == true;
    let bytes = |bytes: Vec<u8>| TreeEntry::File { bytes, executable };
    match (described.as_str().or(text("text")), text("base64"), text("link")) {
        (Some(text), ..) => bytes(text.as_bytes().to_vec()),
        (_, Some(base64), _) => {
            bytes(base64::engine::general_purpose::STANDARD.decode(base64).expect("base64"))
        }
        (.., Some(link)) => TreeEntry::Link { target: link.into() },
        _ => TreeEntry::Directory,
    }
}

fn tree(described: &Json) -> Tree {
    let mut tree = Tree::default();
    for (path, described) in described.as_object().into_iter().flatten() {
        tree.insert(path, entry(described)).expect("a path that fits");
    }
    tree
}

/// What differs from the expectation, if anything.
fn difference(case: &Json, expected: &Json) -> Option<String> {
    let template = match template::read("template.yaml", case["template"].as_str().expect("a template")) {
        Ok(template) => template,
        Err(problems) => return Some(format!("unreadable: {problems:?}")),
    };
    let map = |key: &str| case[key].as_object().cloned().unwrap_or_default();
    let request = Request {
        parameters: map("parameters"),
        secrets: map("secrets"),
        user: case.get("user").cloned(),
        lenient: true,
        ..Request::default()
    };
    let catalog = ParityCatalog(case["catalog"].as_array().cloned().unwrap_or_default());
    let mut actions: Vec<Action> = ACTIONS
        .iter()
        .map(|known| Action {
            id: known.id,
            schema: known.schema,
            outputs: known.outputs,
            writes: known.writes,
            run: known.run,
        })
        .collect();
    actions.push(Action { id: "oracle:echo", schema: "{}", outputs: &[], writes: false, run: echo });
    ECHOED.with_borrow_mut(Vec::clear);
    let outcome = match run(&template, (&tree(&case["files"]), ""), &request, &catalog, &actions) {
        Ok(outcome) => outcome,
        Err(problems) => return expected.get("error").is_none().then(|| format!("refused: {problems:?}")),
    };
    let wrong = match (&outcome.failure, expected.get("error")) {
        (Some(failure), None) => return Some(format!("failed: {failure}")),
        (None, Some(error)) => return Some(format!("did not fail with {error}")),
        (Some(_), Some(_)) => None,
        (None, None) => (outcome.output != expected["output"])
            .then(|| format!("output {}, not {}", outcome.output, expected["output"])),
    };
    let echoed: Vec<Json> = expected["steps"]
        .as_object()
        .into_iter()
        .flatten()
        .flat_map(|(_, inputs)| inputs.as_array().cloned().unwrap_or_default())
        .collect();
    let found = ECHOED.with_borrow(Clone::clone);
    let wrong = wrong
        .or_else(|| (found != echoed).then(|| format!("inputs {}\n    not {}", json!(found), json!(echoed))));
    // A failing action may have written some of its files before; where it stops is not the same.
    let tree_counts = outcome.failure.is_none();
    wrong.or_else(|| if tree_counts { compare(&outcome.tree, &tree(&expected["tree"])) } else { None })
}

fn compare(found: &Tree, expected: &Tree) -> Option<String> {
    let paths = |tree: &Tree| {
        tree.iter().map(|(path, entry)| (path.to_string(), entry.clone())).collect::<BTreeMap<_, _>>()
    };
    let (found, expected) = (paths(found), paths(expected));
    let lines: Vec<String> = found
        .iter()
        .filter(|(path, entry)| expected.get(*path) != Some(entry))
        .map(|(path, entry)| format!("    + {path} {entry:?}"))
        .chain(
            expected
                .iter()
                .filter(|(path, entry)| found.get(*path) != Some(entry))
                .map(|(path, entry)| format!("    - {path} {entry:?}")),
        )
        .collect();
    (!lines.is_empty()).then(|| format!("tree\n{}", lines.join("\n")))
}

#[test]
fn cases_are_backstages() {
    let mut differences = Vec::new();
    let mut count = 0;
    for file in CASES.files() {
        let name = file.path().file_stem().and_then(|name| name.to_str()).expect("a name");
        let text = file.contents_utf8().expect("text");
        let case = yaml::documents(name, text).remove(0).expect("a case").value;
        let expected = EXPECTED.get_file(format!("{name}.json")).expect("run tests/oracle/render.mjs");
        let expected: Json = serde_json::from_slice(expected.contents()).expect("JSON");
        count += 1;
        if DIFFERENT.iter().all(|(different, _)| *different != name)
            && let Some(difference) = difference(&case, &expected)
        {
            differences.push(format!("{name}: {difference}"));
        }
    }
    assert!(count >= 25, "{count} cases");
    assert!(differences.is_empty(), "{} of {count} differ:\n{}", differences.len(), differences.join("\n"));
}
