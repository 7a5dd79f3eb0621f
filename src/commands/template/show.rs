//! `template show`: one golden path, what it asks and what it does.

use anyhow::Result;
use clap::Args;
use serde::Serialize;
use serde_json::{Map, Value as Json};

use crate::app::App;
use crate::args::{OutputArgs, PlacesArgs};
use crate::commands::template::list::{TemplateItem, item};
use crate::golden_paths::{self, GoldenPath};
use crate::outcome::Outcome;
use crate::report::{Block, Cell, Detail, Grid, Line, Page, Report, Tone};
use crate::scaffold::actions::{ACTIONS, find};
use crate::scaffold::defaults::filled;
use crate::scaffold::parameters::asked;
use crate::scaffold::questions::{Widget, question};

/// One golden path: what it asks and what its steps do
#[derive(Args, Debug)]
#[command(before_help = "callboard template show http-service")]
pub struct ShowArgs {
    /// A name of `callboard template list`, a directory, or git+URL//sub@ref
    template: String,

    #[command(flatten)]
    places: PlacesArgs,

    #[command(flatten)]
    output: OutputArgs,
}

pub fn run(args: &ShowArgs, app: &App) -> Result<Outcome> {
    let path = golden_paths::find(app, &args.template, &args.places.places())?;
    app.ui.print(&report(&path), args.output.output, !args.output.no_headers)?;
    Ok(Outcome::Fine)
}

/// `kind: Template`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct TemplateShown {
    #[serde(flatten)]
    item: TemplateItem,
    parameters: Vec<ParameterItem>,
    steps: Vec<StepItem>,
    files: Vec<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ParameterItem {
    name: String,
    title: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    r#type: Option<String>,
    required: bool,
    secret: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    default: Option<Json>,
    choices: Vec<Json>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct StepItem {
    id: String,
    name: String,
    action: String,
    /// Whether it runs here, and not only on a Backstage server.
    local: bool,
    conditional: bool,
}

/// The questions are those that apply to the defaults.
fn report(path: &GoldenPath) -> TemplateShown {
    let template = &path.template;
    let parameters = asked(template, &filled(template, &Map::new())).into_iter().map(|property| {
        let question = question(&property);
        let choices = match &question.widget {
            Widget::Select(options) | Widget::Several(options) => {
                options.iter().map(|(value, _)| value.clone()).collect()
            }
            _ => Vec::new(),
        };
        ParameterItem {
            name: property.name.clone(),
            title: question.title,
            description: question.help,
            r#type: property.schema["type"].as_str().map(String::from),
            required: property.required,
            secret: question.widget == Widget::Secret,
            default: question.default,
            choices,
        }
    });
    let steps = template.steps.iter().map(|step| StepItem {
        id: step.id.clone(),
        name: step.name.clone(),
        action: step.action.clone(),
        local: find(ACTIONS, &step.action).is_some(),
        conditional: step.condition.is_some(),
    });
    TemplateShown {
        item: item(path),
        parameters: parameters.collect(),
        steps: steps.collect(),
        files: path.tree.iter().map(|(path, _)| path.to_string()).collect(),
    }
}

fn shown(value: &Json) -> String {
    value.as_str().map_or_else(|| value.to_string(), String::from)
}

impl Report for TemplateShown {
    const KIND: &'static str = "Template";

    fn page(&self, _: Detail) -> Page {
        let item = &self.item;
        let mut head = vec![Line::new(vec![Cell::toned(
            item.title.clone().unwrap_or_else(|| item.name.clone()),
            Tone::Strong,
        )])];
        head.extend(item.description.iter().flat_map(|text| text.lines()).map(Line::from));
        let facts = [
            ("template", Some(&item.template)),
            ("owner", item.owner.as_ref()),
            ("type", item.r#type.as_ref()),
            ("version", item.version.as_ref()),
            ("source", Some(&item.source)),
            ("commit", item.commit.as_ref()),
        ];
        for (name, value) in facts {
            head.extend(value.map(|value| Line::from(format!("{name}: {value}"))));
        }
        let parameters = self.parameters.iter().map(|parameter| {
            let choices: Vec<String> = parameter.choices.iter().map(shown).collect();
            let kind = match (&parameter.r#type, choices.is_empty()) {
                (_, false) => choices.join("|"),
                (Some(kind), true) => kind.clone(),
                (None, true) => "-".into(),
            };
            let default = match (&parameter.default, parameter.required) {
                (Some(Json::String(text)), _) if text.is_empty() => "\"\"".into(),
                (Some(value), _) => shown(value),
                (None, true) => "(required)".into(),
                (None, false) => "-".into(),
            };
            let about = parameter.description.as_ref().unwrap_or(&parameter.title);
            vec![
                Cell::from(parameter.name.clone()),
                Cell::from(kind),
                Cell::from(default),
                Cell::from(about.split_whitespace().collect::<Vec<_>>().join(" ")),
            ]
        });
        let steps = self.steps.iter().map(|step| {
            let place = match (step.local, step.conditional) {
                (false, _) => Cell::toned("only on a Backstage server", Tone::Doubtful),
                (true, true) => Cell::from("if its condition holds"),
                (true, false) => Cell::from("yes"),
            };
            vec![
                Cell::from(step.id.clone()),
                Cell::from(step.action.clone()),
                place,
                Cell::from(step.name.clone()),
            ]
        });
        let parameters = Grid::of(["PARAMETER", "TYPE", "DEFAULT", "ABOUT"], parameters.collect());
        let steps = Grid::of(["STEP", "ACTION", "RUNS HERE", "NAME"], steps.collect());
        let mut blocks = vec![Block::Lines(head), Block::Lines(vec![Line::from("")])];
        if !parameters.rows.is_empty() {
            blocks.extend([Block::Grid(parameters), Block::Lines(vec![Line::from("")])]);
        }
        blocks.push(Block::Grid(steps));
        Page { blocks }
    }

    fn names(&self) -> Vec<String> {
        vec![self.item.name.clone()]
    }

    fn title(&self) -> String {
        self.item.name.clone()
    }
}
