//! Which pages of a form are shown: `when` of a page is asked of the answers to the pages before it.

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json};

use crate::expression::{Dialect, render_value};
use crate::scaffold::template::{ParameterPage, Template};

/// How deep schemas may lie in each other.
const DEEPEST: usize = 20;

/// For every page whether it is shown. A condition sees nothing of what hidden pages before it ask for.
pub fn shown(template: &Template, answers: &Map<String, Json>) -> Vec<bool> {
    let mut shown: Vec<bool> = Vec::new();
    for page in &template.pages {
        let holds = match &page.when {
            None => true,
            Some(condition) => holds(condition, &without_hidden(template, &shown, answers)),
        };
        shown.push(holds);
    }
    shown
}

/// The answers without those that only hidden pages ask for.
pub fn of_shown_pages(template: &Template, answers: &Map<String, Json>) -> Map<String, Json> {
    match template.pages.iter().all(|page| page.when.is_none()) {
        true => answers.clone(),
        false => without_hidden(template, &shown(template, answers), answers),
    }
}

/// `shown` may know of the first pages only.
fn without_hidden(template: &Template, shown: &[bool], answers: &Map<String, Json>) -> Map<String, Json> {
    let names = |wanted: bool| -> BTreeSet<&str> {
        let pages = template.pages.iter().zip(shown).filter(|(_, shown)| **shown == wanted);
        let mut names = BTreeSet::new();
        pages.for_each(|(page, _)| top_names(page, &mut names));
        names
    };
    let (asked, hidden) = (names(true), names(false));
    let stays = |name: &str| !hidden.contains(name) || asked.contains(name);
    answers
        .iter()
        .filter(|(name, _)| stays(name))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

/// The properties that a page declares under any condition.
fn top_names<'a>(page: &'a ParameterPage, names: &mut BTreeSet<&'a str>) {
    collect(&page.schema, names, 0);
}

fn collect<'a>(schema: &'a Map<String, Json>, names: &mut BTreeSet<&'a str>, depth: usize) {
    if depth > DEEPEST {
        return;
    }
    let objects = |word: &str| schema.get(word).and_then(Json::as_object);
    names.extend(objects("properties").into_iter().flat_map(|map| map.keys().map(String::as_str)));
    let lists = ["allOf", "oneOf", "anyOf"].into_iter().filter_map(|word| schema.get(word)?.as_array());
    let branches = ["then", "else"].into_iter().filter_map(|word| schema.get(word));
    let dependent = ["dependencies", "dependentSchemas"].into_iter().filter_map(objects);
    let inner = lists.flatten().chain(branches).chain(dependent.flat_map(Map::values));
    for schema in inner.filter_map(Json::as_object) {
        collect(schema, names, depth + 1);
    }
}

/// As Backstage's form has it: the `${{ }}` may be left out, and a condition that fails shows the page.
fn holds(condition: &Json, answers: &Map<String, Json>) -> bool {
    let text = match condition {
        Json::Bool(flag) => return *flag,
        Json::String(text) if !text.trim().is_empty() => text.trim(),
        _ => return true,
    };
    let source = if text.starts_with("${{") { text.to_string() } else { format!("${{{{ {text} }}}}") };
    let context = Map::from_iter([("parameters".to_string(), Json::Object(answers.clone()))]);
    match render_value(&source, &context, Dialect { lenient: true, ..Dialect::default() }) {
        Err(_) => true,
        Ok(None | Some(Json::Null)) => false,
        Ok(Some(Json::Bool(flag))) => flag,
        Ok(Some(Json::Number(number))) => number.as_f64() != Some(0.0),
        Ok(Some(Json::String(text))) => !text.is_empty(),
        Ok(Some(Json::Array(items))) => !items.is_empty(),
        Ok(Some(Json::Object(_))) => true,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::{of_shown_pages, shown};
    use crate::scaffold::template::read;

    #[track_caller]
    fn check(when: [&str; 2], given: Json, expect: [bool; 3], left: &[&str]) {
        let [second, third] = when;
        let text = format!(
            "apiVersion: scaffolder.backstage.io/v1beta3\nkind: Template\nmetadata: {{name: t}}\nspec:\n  type: x\n  steps: []\n  parameters:\n\
             \x20 - properties: {{cloud: {{type: string}}}}\n\
             \x20 - {{when: {second}, properties: {{region: {{type: string}}, cloud: {{}}}}}}\n\
             \x20 - {{when: {third}, properties: {{zone: {{type: string}}}}}}\n"
        );
        let template = read("t.yaml", &text).expect("a template");
        let given = given.as_object().expect("answers");
        assert_eq!(shown(&template, given), expect, "{when:?} {given:?}");
        assert_eq!(of_shown_pages(&template, given).keys().collect::<Vec<_>>(), left);
    }

    #[test]
    fn a_page_is_shown_when_its_condition_holds() {
        let aws = "\"${{ parameters.cloud === 'AWS' }}\"";
        let region = "parameters.region";
        check([aws, region], json!({}), [true, false, false], &[]);
        check([aws, region], json!({"cloud": "AWS"}), [true, true, false], &["cloud"]);
        let given = json!({"cloud": "GCP", "region": "eu", "zone": "a"});
        check([aws, region], given, [true, false, false], &["cloud"]);
        let given = json!({"cloud": "AWS", "region": "eu", "zone": "a"});
        check([aws, region], given, [true, true, true], &["cloud", "region", "zone"]);
        check(["false", "true"], json!({"zone": "a"}), [true, false, true], &["zone"]);
        check(["'${{ 1 +'", "''"], json!({"zone": "a"}), [true, true, true], &["zone"]);
    }
}
