//! `template test`: renders a golden path with every choice of its form, and compares with what it is known to give.

mod cases;
mod checks;
mod invented;
mod promise;
mod sample;

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use serde::Serialize;
use serde_json::{Map, Value as Json};

use crate::app::App;
use crate::args::{OutputArgs, PlacesArgs};
use crate::commands::check::WantedLevel;
use crate::commands::new::read_answers;
use crate::commands::template::lint::chosen;
use crate::commands::template::test::cases::{RenderCase, cases};
use crate::commands::template::test::checks::{differences, unexpected, unreadable};
use crate::commands::template::test::invented::InventedCatalog;
use crate::commands::template::test::promise::{ReachedLevel, promised, reached};
use crate::files;
use crate::golden_paths::make::{make, request};
use crate::golden_paths::{GoldenPath, Outside};
use crate::outcome::{Outcome, advised};
use crate::readiness::ReadinessLevel;
use crate::report::{Cell, Detail, Grid, Line, Page, Report, Tone};
use crate::scaffold::lock;
use crate::scaffold::parameters::complaints;
use crate::scaffold::request::StepState;
use crate::text::count;
use crate::tree::{Tree, TreeEntry};
use crate::yaml::Problem;

/// Render golden paths with every choice, against golden trees
///
/// Every value of an enum and every boolean is tried at least once, on top of made-up answers for what has no default, or those of
/// --answers or of tests/answers.yaml beside the template. Each result must render without an undefined name, hold only YAML and JSON that can be
/// read, and be what tests/golden/CASE holds. A file tests/CASE.yaml adds a case: `answers`, and the paths that are there (`files`), are not
/// (`absent`), or hold a text (`contains`). What runs is looked at by the rules of `callboard check`, but for those about what only an organisation
/// knows, and must reach the level that the template promises (the annotation callboard.dev/level) or --level asks for; kustomize directories need
/// kubectl for that. Exit code 3 where one fails.
#[derive(Args, Debug)]
#[command(before_help = "callboard template test ./golden-paths")]
pub struct TestArgs {
    /// Names, directories or git+URL//sub@ref; default: every golden path of the places
    templates: Vec<String>,

    /// A YAML file of answers that the cases build on
    #[arg(long, value_name = "FILE")]
    answers: Option<PathBuf>,

    /// Ask for this level of every golden path: bronze, silver or gold
    #[arg(long, value_name = "LEVEL", value_enum)]
    level: Option<WantedLevel>,

    /// Write tests/golden anew from what the templates give now
    #[arg(long)]
    update_golden: bool,

    #[command(flatten)]
    places: PlacesArgs,

    #[command(flatten)]
    output: OutputArgs,
}

pub fn run(args: &TestArgs, app: &App) -> Result<Outcome> {
    let catalog = app.catalog_if_readable()?;
    let given = match &args.answers {
        Some(file) => read_answers(file)?,
        None => Map::new(),
    };
    let mut items = Vec::new();
    for candidate in chosen(&args.templates, app, &args.places.places())? {
        let called = candidate.called.clone();
        match candidate.read() {
            Ok(path) => {
                let world = Outside { app, source: &path.source, catalog, hosts: &[] };
                let wanted = args.level.map(WantedLevel::level);
                items.extend(tested(&path, &given, (args.update_golden, wanted), &world)?);
            }
            Err(problems) => {
                let problems = problems.iter().map(Problem::to_string).collect();
                let unread = (problems, Vec::new(), ReachedLevel::default());
                items.push(CaseItem::new(&called, "template.yaml", Map::new(), unread));
            }
        }
    }
    let report = TestReport { items };
    app.ui.print(&report, args.output.output, !args.output.no_headers)?;
    Ok(if report.items.iter().all(|item| item.passed) { Outcome::Fine } else { Outcome::Findings })
}

fn tested(
    path: &GoldenPath,
    given: &Map<String, Json>,
    (update, wanted): (bool, Option<ReadinessLevel>),
    world: &Outside,
) -> Result<Vec<CaseItem>> {
    let promise = promised(&path.template, wanted)?;
    let golden = path.tree.subtree("tests/golden");
    let mut items = Vec::new();
    let mut now = Tree::default();
    for Rendered { case, tree, mut wrong, left_out } in rendered(path, given, world)? {
        if let (false, Some(golden), false) = (update, &golden, tree.is_empty()) {
            wrong.extend(differences(&golden.subtree(&case.name), &tree));
        }
        put_case(&mut now, &case.name, &tree)?;
        let level = reached(&tree, &promise, &mut wrong, world.app);
        items.push(CaseItem::new(&path.template.name, &case.name, case.answers, (wrong, left_out, level)));
    }
    if update {
        let Some(directory) = &path.directory else {
            let name = &path.template.name;
            let error =
                anyhow::anyhow!("the golden trees of {name} cannot be written: it lies in no directory");
            return Err(advised(error, format!("callboard template eject {name} --owner GROUP")));
        };
        if items.iter().all(|item| item.passed) {
            // What lies beside the cases (a README) is nothing that this wrote.
            for (file, entry) in golden.iter().flat_map(Tree::iter).filter(|(file, _)| !file.contains('/')) {
                if *entry != TreeEntry::Directory {
                    now.insert(file, entry.clone())?;
                }
            }
            let busy = world.app.busy();
            files::replace_tree(&directory.join("tests/golden"), &now)?;
            drop(busy);
        }
    }
    Ok(items)
}

fn put_case(all: &mut Tree, name: &str, tree: &Tree) -> Result<()> {
    for (file, entry) in tree.iter() {
        all.insert(&format!("{name}/{file}"), entry.clone())?;
    }
    Ok(())
}

/// The golden trees that a template gives now: what `tests/golden` would hold.
pub fn golden_trees(path: &GoldenPath, world: &Outside) -> Result<Tree> {
    let mut all = Tree::default();
    for Rendered { case, tree, wrong, .. } in rendered(path, &Map::new(), world)? {
        anyhow::ensure!(wrong.is_empty(), "{} {}: {}", path.template.name, case.name, wrong.join("; "));
        put_case(&mut all, &case.name, &tree)?;
    }
    Ok(all)
}

/// One case, and what came of it.
struct Rendered {
    case: RenderCase,
    tree: Tree,
    wrong: Vec<String>,
    /// Steps that a server would have done.
    left_out: Vec<String>,
}

fn rendered(path: &GoldenPath, given: &Map<String, Json>, world: &Outside) -> Result<Vec<Rendered>> {
    let template = &path.template;
    let mut all = Vec::new();
    for case in cases(path, given)? {
        let complaints = complaints(template, &case.answers);
        let mut wrong: Vec<String> = complaints
            .iter()
            .map(|complaint| format!("{} {}", complaint.name, complaint.message).trim().to_string())
            .collect();
        let wanted = request(template, case.answers.clone());
        let (mut tree, mut left_out) = (Tree::default(), Vec::new());
        match make(path, &wanted, &InventedCatalog { world }) {
            Err(error) => wrong.push(format!("{error:#}")),
            Ok(project) => {
                let left = project.steps.iter().filter(|step| step.state == StepState::LeftOut);
                left_out = left.map(|step| format!("{} ({})", step.id, step.action)).collect();
                tree = project.tree;
                // The lock says where the template lies, which is no part of what it gives.
                tree.remove(lock::PATH);
                tree.remove(".callboard");
                wrong.extend(unreadable(&tree));
                wrong.extend(unexpected(&case.expect, &tree));
            }
        }
        all.push(Rendered { case, tree, wrong, left_out });
    }
    Ok(all)
}

/// `kind: TemplateTestList`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct TestReport {
    items: Vec<CaseItem>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct CaseItem {
    template: String,
    case: String,
    passed: bool,
    problems: Vec<String>,
    /// Steps that need a server, with what reads them: nothing is known of what they would do.
    left_out: Vec<String>,
    /// Of all that runs of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    level: Option<&'static str>,
    /// Why nobody looked how ready it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    unchecked: Option<String>,
    answers: Map<String, Json>,
}

impl CaseItem {
    fn new(
        template: &str,
        case: &str,
        answers: Map<String, Json>,
        (problems, left_out, level): (Vec<String>, Vec<String>, ReachedLevel),
    ) -> CaseItem {
        CaseItem {
            left_out,
            level: level.level.map(ReadinessLevel::word),
            unchecked: level.unchecked,
            template: template.into(),
            case: case.into(),
            passed: problems.is_empty(),
            problems,
            answers,
        }
    }
}

impl Report for TestReport {
    const KIND: &'static str = "TemplateTestList";

    fn page(&self, _: Detail) -> Page {
        let mut rows = Vec::new();
        for item in &self.items {
            let result =
                if item.passed { Cell::toned("ok", Tone::Good) } else { Cell::toned("failed", Tone::Bad) };
            let first = match (item.problems.first(), item.left_out.is_empty()) {
                (Some(problem), _) => Cell::from(problem.replace('\n', "; ")),
                (None, false) => {
                    Cell::muted(format!("without {}, which a server does", item.left_out.join(", ")))
                }
                (None, true) => match &item.unchecked {
                    Some(why) => Cell::muted(format!("how ready it is was not looked at: {why}")),
                    None => Cell::default(),
                },
            };
            let level = Cell::from(item.level.unwrap_or("-"));
            let (template, case) = (Cell::from(item.template.clone()), Cell::from(item.case.clone()));
            rows.push(vec![template, case, result, level, first]);
            for problem in item.problems.iter().skip(1) {
                rows.push(vec![
                    Cell::default(),
                    Cell::default(),
                    Cell::default(),
                    Cell::default(),
                    Cell::from(problem.replace('\n', "; ")),
                ]);
            }
        }
        Grid::of(["TEMPLATE", "CASE", "RESULT", "LEVEL", "PROBLEM"], rows).into()
    }

    fn names(&self) -> Vec<String> {
        self.items.iter().map(|item| format!("{}/{}", item.template, item.case)).collect()
    }

    fn footer(&self) -> Vec<Line> {
        let failed = self.items.iter().filter(|item| !item.passed).count();
        vec![Line::from(format!("{}, {failed} failed.", count(self.items.len(), "case")))]
    }

    fn title(&self) -> String {
        "Tests of golden paths".to_string()
    }
}
