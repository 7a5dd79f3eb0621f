//! The answers to a template's questions: from a file, variables, flags and the terminal; or a list of those that are missing.

use std::path::{Path, PathBuf};

use anyhow::Result;
use serde_json::{Map, Value as Json};

use crate::app::App;
use crate::commands::new::options::NewArgs;
use crate::commands::new::pickers::reference;
use crate::commands::new::prompts;
use crate::commands::new::prompts::{FormMemory, Typed};
use crate::files;
use crate::golden_paths::make::secrets;
use crate::outcome::misused;
use crate::render::Format;
use crate::scaffold::defaults::filled;
use crate::scaffold::parameters::{Property, asked, complaints, declared, from_text, missing, put, take};
use crate::scaffold::questions::{PromptQuestion, Widget, question, widget};
use crate::scaffold::repo_url::repo_url;
use crate::scaffold::template::Template;
use crate::yaml;

const MOST: usize = 1 << 20;
/// The prefix of variables that answer parameters.
const VARIABLE: &str = "CALLBOARD_ANSWER_";

/// Whether a person can be asked: at a terminal that does not hold the answers.
pub fn can_ask(args: &NewArgs, app: &App) -> bool {
    let terminal = app.env.terminal;
    terminal.stdin && terminal.stderr && args.answers.as_deref() != Some(Path::new("-"))
}

/// Every answer, checked; nothing where the person broke off. `kept` are those of another run or project.
pub fn collect(
    args: &NewArgs,
    template: &Template,
    kept: &Map<String, Json>,
    memory: &mut FormMemory,
    app: &App,
) -> Result<Option<Typed>> {
    let mut answers = kept.clone();
    if let Some(file) = &args.answers {
        answers.extend(read_file(file)?);
    }
    let mut texts = variables(template, app);
    for text in &args.set {
        let Some((key, value)) = text.split_once('=').filter(|(key, _)| !key.is_empty()) else {
            return Err(misused(format!("--set {text}"), "as in --set owner=team-orders"));
        };
        texts.push((key.to_string(), value.to_string()));
    }
    add_texts(template, &mut answers, texts);
    add_name(args, template, &mut answers, app);
    answers.retain(|name, _| !memory.reopened.contains(name));
    let mut asked = false;
    if can_ask(args, app) {
        // What is wrong already is not worth any question.
        refuse_wrong(template, &answers, true)?;
        let Some(typed) = prompts::ask(template, answers, app, memory)? else { return Ok(None) };
        Typed { answers, asked } = typed;
    }
    let given: Vec<String> = answers.keys().cloned().collect();
    let answers = filled(template, &answers);
    for name in given.iter().filter(|name| !answers.contains_key(*name)) {
        app.ui.warn(&format!(
            "'{name}' is not asked for with these answers, so that its answer counts for nothing"
        ));
    }
    refuse_missing(args, template, &answers, app)?;
    refuse_wrong(template, &answers, false)?;
    Ok(Some(Typed { answers, asked }))
}

/// What a project was asked, and what another version of its golden path asks besides: from variables and `set`, at a terminal where `ask`
/// says so. Nothing where the person broke off.
pub fn again(
    template: &Template,
    kept: &Map<String, Json>,
    set: &[String],
    ask: bool,
    app: &App,
) -> Result<Option<Map<String, Json>>> {
    let known = declared(template);
    let mut answers = kept.clone();
    answers.retain(|name, _| known.contains(name));
    let mut texts = variables(template, app);
    texts.retain(|(name, _)| !answers.contains_key(name));
    for text in set {
        let Some((key, value)) = text.split_once('=').filter(|(key, _)| !key.is_empty()) else {
            return Err(misused(format!("--set {text}"), "as in --set owner=team-orders"));
        };
        texts.push((key.to_string(), value.to_string()));
    }
    add_texts(template, &mut answers, texts);
    if ask {
        refuse_wrong(template, &answers, true)?;
        let Some(typed) = prompts::ask(template, answers, app, &mut FormMemory::default())? else {
            return Ok(None);
        };
        answers = typed.answers;
    }
    let answers = filled(template, &answers);
    let missing = missing(template, &answers);
    if let Some(first) = missing.first() {
        let lines: Vec<String> = missing.iter().map(|property| described(&question(property))).collect();
        let version = template.version.as_ref().map(|version| format!(" {version}")).unwrap_or_default();
        let error =
            format!("{}{version} asks what is not answered:\n  {}", template.name, lines.join("\n  "));
        return Err(misused(error, format!("--set {}=VALUE", first.name)));
    }
    refuse_wrong(template, &answers, false)?;
    Ok(Some(answers))
}

/// `name` is the directory's own, unless it is answered or has a default; one that cannot be a name is asked for where somebody can be.
fn add_name(args: &NewArgs, template: &Template, answers: &mut Map<String, Json>, app: &App) {
    if answers.contains_key("name") || !declared(template).contains("name") {
        return;
    }
    // A default that the template has for it is the template's will.
    let own =
        asked(template, &filled(template, answers)).into_iter().find(|property| property.name == "name");
    if own.is_some_and(|own| own.schema.get("default").is_some()) {
        return;
    }
    let named = args.dir.as_deref().and_then(|dir| Some(settled(dir).file_name()?.to_str()?.to_string()));
    let Some(name) = named else { return };
    answers.insert("name".into(), Json::String(name));
    if can_ask(args, app) && complaints(template, answers).iter().any(|complaint| complaint.name == "name") {
        answers.remove("name");
    }
}

/// A path from the root on, in which `..` is gone: of a directory that exists its real name.
fn settled(directory: &Path) -> PathBuf {
    if files::is_dir(directory) {
        return files::identity(directory);
    }
    let mut settled = PathBuf::new();
    for part in files::absolute(directory).components() {
        match part {
            std::path::Component::ParentDir => _ = settled.pop(),
            part => settled.push(part),
        }
    }
    settled
}

/// A file of answers, one document, an object; `-` is stdin. What is null there has no answer.
pub fn read_file(file: &Path) -> Result<Map<String, Json>> {
    let (name, text) = match file == Path::new("-") {
        true => ("stdin".to_string(), files::read_stdin(MOST)?),
        false => (file.display().to_string(), files::read_text_or_pipe(file, MOST)?),
    };
    let Some(document) = yaml::documents(&name, &text).into_iter().next() else { return Ok(Map::new()) };
    match document?.value {
        Json::Object(answers) => Ok(answered(answers)),
        Json::Null => Ok(Map::new()),
        _ => anyhow::bail!("{name}: answers are written as `name: value`"),
    }
}

/// Without what is left open, inside objects too.
fn answered(answers: Map<String, Json>) -> Map<String, Json> {
    let value = |value: Json| match value {
        Json::Object(inner) => Json::Object(answered(inner)),
        value => value,
    };
    answers
        .into_iter()
        .filter(|(_, value)| !value.is_null())
        .map(|(name, inner)| (name, value(inner)))
        .collect()
}

/// `$CALLBOARD_ANSWER_REPO_URL` answers `repoUrl`, `repo_url` and `repo.url` alike.
fn variables(template: &Template, app: &App) -> Vec<(String, String)> {
    let plain =
        |text: &str| text.chars().filter(|c| c.is_ascii_alphanumeric()).collect::<String>().to_lowercase();
    let mut found = Vec::new();
    for name in declared(template) {
        let given = app
            .env
            .variables()
            .iter()
            .find(|(key, _)| key.strip_prefix(VARIABLE).is_some_and(|key| plain(key) == plain(&name)));
        found.extend(given.map(|(_, value)| (name, value.clone())));
    }
    found
}

/// Adds answers given as text, each read by the type of its parameter. A parameter that only an answer brings up is known once
/// that answer is in; what no parameter is called keeps its own YAML type, for `complaints` to name.
fn add_texts(template: &Template, answers: &mut Map<String, Json>, mut texts: Vec<(String, String)>) {
    while !texts.is_empty() {
        let properties = asked(template, &filled(template, answers));
        let schema = |key: &str| {
            let mut words = key.split('.');
            let first =
                properties.iter().find(|property| property.name == key).map(|property| &property.schema);
            first.map(|schema| (true, schema)).or_else(|| {
                let first = words.next()?;
                let property = properties.iter().find(|property| property.name == first)?;
                Some((false, words.fold(&property.schema, |schema, word| &schema["properties"][word])))
            })
        };
        let (known, later): (Vec<_>, Vec<_>) = texts.into_iter().partition(|(key, _)| schema(key).is_some());
        for (key, text) in &known {
            let (whole, schema) = schema(key).expect("it was just found");
            insert(answers, key, whole, value(schema, text));
        }
        if known.is_empty() {
            for (key, text) in &later {
                insert(answers, key, false, yaml::scalar(text));
            }
            break;
        }
        texts = later;
    }
}

fn value(schema: &Json, text: &str) -> Json {
    if let Widget::Repository { hosts, owners } = widget(schema)
        && let Ok(url) = repo_url(text, &hosts, &owners)
    {
        return Json::String(url);
    }
    if let Widget::Entity(picker) = widget(schema)
        && !picker.several
    {
        // As typed into the form; what is no reference stays, for the schema to judge.
        return Json::String(reference(&picker, text).unwrap_or_else(|_| text.to_string()));
    }
    if let Ok(value) = from_text(schema, text) {
        return value;
    }
    let written =
        yaml::documents("", text).into_iter().next().and_then(Result::ok).map(|document| document.value);
    written.filter(|value| value.is_array() || value.is_object()).unwrap_or_else(|| yaml::scalar(text))
}

fn insert(answers: &mut Map<String, Json>, key: &str, whole: bool, value: Json) {
    match key.split_once('.').filter(|_| !whole) {
        None => _ = answers.insert(key.into(), value),
        Some((first, rest)) => {
            let inner = answers.entry(first).or_insert_with(|| Json::Object(Map::new()));
            if !inner.is_object() {
                *inner = Json::Object(Map::new());
            }
            if let Json::Object(inner) = inner {
                insert(inner, rest, false, value);
            }
        }
    }
}

/// Lists what is missing on stderr, and prints a file to fill in on stdout.
fn refuse_missing(args: &NewArgs, template: &Template, answers: &Map<String, Json>, app: &App) -> Result<()> {
    let missing = missing(template, answers);
    if missing.is_empty() {
        return Ok(());
    }
    let lines: Vec<String> = missing.iter().map(|property| described(&question(property))).collect();
    let file = answers_file(args, template, answers, &missing);
    app.ui.write(&if args.output == Format::Json { as_json(&file)? } else { file })?;
    // A name that was mistyped is often why another is missing.
    let wrong = complaints(template, answers);
    let given = |name: &str| answers.contains_key(name.split('.').next().unwrap_or_default());
    let missing_too = |name: &str| missing.iter().any(|property| property.name == name);
    let wrong = wrong.iter().filter(|complaint| given(&complaint.name) && !missing_too(&complaint.name));
    let wrong: Vec<String> =
        wrong.map(|complaint| format!("\n  {} {}", complaint.name, complaint.message)).collect();
    let wrong =
        if wrong.is_empty() { String::new() } else { format!("\nand these do not fit:{}", wrong.concat()) };
    let (verb, what) = if lines.len() == 1 { ("is", "answer") } else { ("are", "answers") };
    Err(misused(
        format!(
            "{} {what} of {} {verb} missing:\n  {}{wrong}",
            lines.len(),
            template.name,
            lines.join("\n  ")
        ),
        format!(
            "--set {}=VALUE; or save what stdout holds, fill it in and pass it with --answers FILE",
            missing[0].name
        ),
    ))
}

/// `owner: Owner of the service (one of a, b)`
fn described(question: &PromptQuestion) -> String {
    let mut text = question.name.clone();
    if question.title != question.name {
        text.push_str(&format!(": {}", question.title));
    }
    if let Some(help) = &question.help {
        text.push_str(&format!(" - {help}"));
    }
    text + &choices(question)
}

fn choices(question: &PromptQuestion) -> String {
    match &question.widget {
        Widget::Select(options) | Widget::Several(options) => {
            let values: Vec<String> = options
                .iter()
                .map(|(value, _)| value.as_str().map_or_else(|| value.to_string(), String::from))
                .collect();
            format!(" (one of {})", values.join(", ")).replace(
                "one of",
                if matches!(question.widget, Widget::Several(_)) { "any of" } else { "one of" },
            )
        }
        Widget::Boolean => " (true or false)".into(),
        Widget::Entity(picker) if !picker.kinds.is_empty() => format!(" (a {})", picker.kinds.join(" or ")),
        Widget::Repository { .. } => " (as in github.com?owner=acme&repo=orders)".into(),
        _ => String::new(),
    }
}

/// A file for `--answers` with every question that applies; what is missing is left open.
fn answers_file(
    args: &NewArgs,
    template: &Template,
    answers: &Map<String, Json>,
    missing: &[Property],
) -> String {
    let mut answers = answers.clone();
    for secret in secrets(template, &answers) {
        take(&mut answers, &secret.path);
    }
    let is_secret = |property: &Property| question(property).widget == Widget::Secret;
    let nested = missing.iter().filter(|property| property.name.contains('.'));
    let (secret, open): (Vec<&Property>, Vec<&Property>) = nested.partition(|property| is_secret(property));
    for property in open {
        let path: Vec<String> = property.name.split('.').map(String::from).collect();
        put(&mut answers, &path, Json::Null);
    }
    let answers = &answers;
    let directory = args.dir.as_ref().map(|dir| format!(" {}", dir.display())).unwrap_or_default();
    let name = args.template.as_deref().unwrap_or(&template.name);
    let mut text = format!("# callboard new {name}{directory} --answers FILE\n");
    for property in asked(template, answers) {
        let question = question(&property);
        if question.widget == Widget::Hidden && !answers.contains_key(&property.name) {
            continue;
        }
        if question.widget == Widget::Secret {
            text.push_str(&kept_out(&property.name));
            continue;
        }
        let needed = if property.required { "" } else { " - optional" };
        for line in format!("{}{}{needed}", question.title, choices(&question)).lines() {
            text.push_str(&format!("# {line}\n"));
        }
        match answers.get(&property.name) {
            Some(value) => {
                let entry = Json::Object(Map::from_iter([(property.name.clone(), value.clone())]));
                text.push_str(&yaml::emit(&entry).replace(": null\n", ":\n"));
            }
            None if property.required => text.push_str(&format!("{}:\n", property.name)),
            None => text.push_str(&format!("# {}:\n", property.name)),
        }
    }
    secret.iter().for_each(|property| text.push_str(&kept_out(&property.name)));
    crate::text::safe_lines(&text)
}

/// The same file for callers who asked for JSON: what is open is null.
fn as_json(file: &str) -> Result<String> {
    let document = yaml::documents("answers", file).into_iter().next().transpose()?;
    let answers = document.map(|document| document.value).filter(Json::is_object);
    let answers = answers.unwrap_or_else(|| Json::Object(Map::new()));
    Ok(crate::text::safe_json(serde_json::to_string_pretty(&answers)?) + "\n")
}

fn kept_out(name: &str) -> String {
    let variable: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' }).collect();
    format!("# {name}: a secret; ${VARIABLE}{variable} keeps it out of files\n")
}

/// With `given`, only what was answered can be wrong, not what is still to be asked.
fn refuse_wrong(template: &Template, answers: &Map<String, Json>, given: bool) -> Result<()> {
    let mut wrong = complaints(template, answers);
    wrong.retain(|complaint| !given || answers.contains_key(&complaint.name));
    if wrong.is_empty() {
        return Ok(());
    }
    let lines: Vec<String> = wrong
        .iter()
        .map(|complaint| format!("{} {}", complaint.name, complaint.message).trim().to_string())
        .collect();
    let mut hint = format!("`callboard template show {}` lists its parameters", template.name);
    if wrong.iter().any(|complaint| complaint.name == "name") {
        hint.push_str("; --set name=NAME calls the project otherwise than its directory");
    }
    Err(misused(format!("the answers do not fit {}:\n  {}", template.name, lines.join("\n  ")), hint))
}
