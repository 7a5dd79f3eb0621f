//! A template of `scaffolder.backstage.io/v1beta3`, read from its document with the place of everything.

use serde_json::{Map, Value as Json};

use crate::expression::RenderFailure;
use crate::scaffold::spelling;
use crate::yaml::{self, Document, Place, Problem};

pub const API_VERSION: &str = "scaffolder.backstage.io/v1beta3";
/// The annotation of a template that says which version of the path it is.
pub const VERSION: &str = "callboard.dev/version";

#[derive(Clone, Debug)]
pub struct Template {
    pub name: String,
    pub namespace: String,
    pub title: Option<String>,
    pub description: Option<String>,
    /// `spec.owner`: the guild.
    pub owner: Option<String>,
    /// `spec.type`: what it makes.
    pub kind: Option<String>,
    pub version: Option<String>,
    pub tags: Vec<String>,
    /// The pages of the form, in order; each is a JSON Schema of an object. The last asks for what `spec.secrets` declares beyond them.
    pub pages: Vec<ParameterPage>,
    pub steps: Vec<Step>,
    /// `spec.output`, unrendered.
    pub output: Json,
    pub document: Document,
    /// The text of the file, in which expressions have their place.
    pub text: String,
}

/// Where a template declares secrets.
pub const SECRETS: &str = "/spec/secrets/schema";

#[derive(Clone, Debug)]
pub struct ParameterPage {
    pub title: Option<String>,
    pub description: Option<String>,
    pub schema: Map<String, Json>,
    /// `when`: the page is shown only where this holds of the answers so far.
    pub when: Option<Json>,
    /// Where the schema stands in the document.
    pub pointer: String,
}

#[derive(Clone, Debug)]
pub struct Step {
    pub id: String,
    pub name: String,
    pub action: String,
    pub input: Json,
    /// `if`: a text to render, or a boolean.
    pub condition: Option<Json>,
    pub each: Option<Json>,
    /// Where the step stands in the document: `/spec/steps/0`.
    pub pointer: String,
}

/// Reads the first Template among the documents of a file, or says everything that is wrong with it.
pub fn read(file: &str, text: &str) -> Result<Template, Vec<Problem>> {
    of_document(document(file, text, 0)?, text)
}

/// One of the Templates among the documents of a file, by its number among them.
pub fn document(file: &str, text: &str, number: usize) -> Result<Document, Vec<Problem>> {
    let (mut problems, mut found) = (Vec::new(), 0);
    for document in yaml::documents(file, text) {
        match document {
            Ok(document) if document.value["kind"] == "Template" => {
                if found == number {
                    return Ok(document);
                }
                found += 1;
            }
            Ok(_) => {}
            Err(problem) => problems.push(problem),
        }
    }
    if problems.is_empty() {
        problems.push(Problem::new(Place::new(file, 1, 1), "there is no document of kind Template here"));
    }
    Err(problems)
}

/// The template that a document is, or everything that is wrong with it; `text` is that of the whole file.
pub fn of_document(document: Document, text: &str) -> Result<Template, Vec<Problem>> {
    let reader = TemplateReader { document: &document };
    let mut problems = Vec::new();
    let found = &document.value;
    if found["apiVersion"] != API_VERSION {
        problems.push(document.problem("/apiVersion", format!("a template has apiVersion {API_VERSION}")));
    }
    let name = reader.text("/metadata/name", &mut problems);
    if name.is_none() {
        problems.push(document.problem("/metadata", "a template has a metadata.name"));
    }
    let kind = reader.text("/spec/type", &mut problems);
    if kind.is_none() && found["spec"].is_object() {
        problems.push(document.problem("/spec", "a template has a spec.type, such as service"));
    }
    let (mut pages, steps) = (reader.pages(&mut problems), reader.steps(&mut problems));
    pages.extend(reader.secrets(&pages));
    let tags = found["metadata"]["tags"]
        .as_array()
        .map(|tags| tags.iter().filter_map(|tag| Some(tag.as_str()?.into())).collect());
    let annotations = &found["metadata"]["annotations"];
    let template = Template {
        name: name.unwrap_or_default(),
        namespace: reader.text("/metadata/namespace", &mut problems).unwrap_or_else(|| "default".into()),
        title: reader.text("/metadata/title", &mut problems),
        description: reader.text("/metadata/description", &mut problems),
        owner: reader.text("/spec/owner", &mut problems),
        kind,
        version: annotations[VERSION].as_str().map(String::from),
        tags: tags.unwrap_or_default(),
        pages,
        steps,
        output: found.pointer("/spec/output").cloned().unwrap_or_else(|| Json::Object(Map::new())),
        text: text.into(),
        document: document.clone(),
    };
    problems.sort();
    if problems.is_empty() { Ok(template) } else { Err(problems) }
}

impl Template {
    /// `template:default/http-service`
    pub fn entity_ref(&self) -> String {
        format!("template:{}/{}", self.namespace.to_lowercase(), self.name.to_lowercase())
    }

    /// The step of an id.
    pub fn step(&self, id: &str) -> Option<&Step> {
        self.steps.iter().find(|step| step.id == id)
    }

    /// A problem in the expression that stands at a pointer, at its own line and column.
    pub fn problem(&self, pointer: &str, failure: &RenderFailure) -> Problem {
        let mut place = self.document.place(pointer);
        let at = (failure.place.line as usize, failure.place.column as usize);
        let value = self.document.value.pointer(pointer).and_then(Json::as_str).unwrap_or_default();
        // What cannot be laid beside its source keeps the place where it begins.
        if let Some(found) = spelling::place(&self.text, (place.line, place.column), value, at) {
            (place.line, place.column) = found;
        }
        let problem = Problem::new(place, failure.message.clone());
        match &failure.hint {
            Some(hint) => problem.hint(hint.clone()),
            None => problem,
        }
    }
}

struct TemplateReader<'a> {
    document: &'a Document,
}

impl TemplateReader<'_> {
    fn text(&self, pointer: &str, problems: &mut Vec<Problem>) -> Option<String> {
        match self.document.value.pointer(pointer)? {
            Json::String(text) if !text.is_empty() => Some(text.clone()),
            Json::Null => None,
            _ => {
                let field = pointer.trim_start_matches('/').replace('/', ".");
                problems.push(
                    self.document.problem(pointer, format!("{field} must be a text that is not empty")),
                );
                None
            }
        }
    }

    fn pages(&self, problems: &mut Vec<Problem>) -> Vec<ParameterPage> {
        let pointer = "/spec/parameters";
        let found = match self.document.value.pointer(pointer) {
            None | Some(Json::Null) => return Vec::new(),
            Some(Json::Array(pages)) => {
                pages.iter().enumerate().map(|(index, page)| (format!("{pointer}/{index}"), page)).collect()
            }
            Some(page) => vec![(pointer.to_string(), page)],
        };
        let mut pages = Vec::new();
        for (pointer, page) in found {
            let Json::Object(schema) = page else {
                problems.push(self.document.problem(&pointer, "a page of parameters is a JSON Schema"));
                continue;
            };
            let text = |key: &str| schema.get(key).and_then(Json::as_str).map(String::from);
            pages.push(ParameterPage {
                title: text("title"),
                description: text("description"),
                schema: schema.clone(),
                when: schema.get("when").filter(|when| when.is_string() || when.is_boolean()).cloned(),
                pointer,
            });
        }
        pages
    }

    /// What Backstage's server demands beside the form: every property a field `Secret`, but for those that a page asks for.
    fn secrets(&self, pages: &[ParameterPage]) -> Option<ParameterPage> {
        let mut schema = self.document.value.pointer(SECRETS)?.as_object()?.clone();
        // The answers to the other pages are no secrets too many.
        schema.shift_remove("additionalProperties");
        let asked = |name: &str| {
            pages
                .iter()
                .any(|page| page.schema.get("properties").is_some_and(|known| known.get(name).is_some()))
        };
        if let Some(Json::Object(properties)) = schema.get_mut("properties") {
            properties.retain(|name, _| !asked(name));
            for property in properties.values_mut().filter_map(Json::as_object_mut) {
                property.insert("ui:field".into(), "Secret".into());
            }
        }
        Some(ParameterPage { title: None, description: None, schema, when: None, pointer: SECRETS.into() })
    }

    fn steps(&self, problems: &mut Vec<Problem>) -> Vec<Step> {
        let Some(Json::Array(found)) = self.document.value.pointer("/spec/steps") else {
            problems.push(self.document.problem("/spec", "a template has spec.steps, a list"));
            return Vec::new();
        };
        let mut steps: Vec<Step> = Vec::new();
        for (index, step) in found.iter().enumerate() {
            let pointer = format!("/spec/steps/{index}");
            let Json::Object(step) = step else {
                problems.push(self.document.problem(&pointer, "a step is an object with an action"));
                continue;
            };
            let Some(action) = self.text(&format!("{pointer}/action"), problems) else {
                problems
                    .push(self.document.problem(&pointer, "a step has an action, such as fetch:template"));
                continue;
            };
            let input = step.get("input").cloned().filter(|input| !input.is_null());
            let input = input.unwrap_or_else(|| Json::Object(Map::new()));
            if !input.is_object() {
                problems.push(
                    self.document.problem(&format!("{pointer}/input"), "the input of a step is an object"),
                );
            }
            if step.get("if").is_some_and(|condition| !condition.is_string() && !condition.is_boolean()) {
                problems.push(
                    self.document.problem(&format!("{pointer}/if"), "a condition is a text or a boolean"),
                );
            }
            let id = self.text(&format!("{pointer}/id"), problems);
            let id = id.unwrap_or_else(|| format!("step-{}", index + 1));
            let name = self.text(&format!("{pointer}/name"), problems).unwrap_or_else(|| action.clone());
            let each = step.get("each").cloned();
            steps.push(Step { id, name, action, input, condition: step.get("if").cloned(), each, pointer });
        }
        steps
    }
}

#[cfg(test)]
mod tests {
    use super::read;

    /// A template that is nearly right is read, or all that is wrong with it has a place.
    #[test]
    fn a_mutated_template_is_read_or_told() {
        let good = [
            include_str!("golden-paths/library/template.yaml"),
            "apiVersion: scaffolder.backstage.io/v1beta3\nkind: Template\nmetadata: {name: small}\nspec:\n  type: service\n  owner: guild\n  parameters: {required: [name], properties: {name: {type: string}}}\n  steps:\n  - {id: make, each: '${{ parameters.list }}', if: true, action: 'fetch:template', input: {url: ./skeleton, values: {name: '${{ parameters.name }}'}}}\n  output: {links: [{url: 'https://x', title: y}]}\n",
        ];
        crate::mutation::each(&good, |text| {
            for problem in read("template.yaml", text).err().unwrap_or_default() {
                let told = problem.to_string();
                assert!(told.starts_with("template.yaml:") && told.len() < 4_000, "{told}");
            }
        });
    }
}
