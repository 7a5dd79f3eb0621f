//! The table of filters: nunjucks' own and Backstage's four.

use crate::expression::input::SourceCursor;
use crate::expression::value::{Fallible, Value};
use crate::expression::{backstage, json, number, sequences, texts};

type FilterFn = fn(&SourceCursor<'_>) -> Fallible<Value>;

const FILTERS: &[(&str, FilterFn)] = &[
    ("abs", |input| Ok(Value::Number(input.value.number(input.fuel)?.abs()))),
    ("batch", sequences::batch),
    ("capitalize", texts::capitalize),
    ("center", texts::center),
    ("d", default),
    ("default", default),
    ("dictsort", sequences::dictsort),
    ("dump", dump),
    ("e", texts::escape),
    ("escape", texts::escape),
    ("first", |input| sequences::edge(input, false)),
    ("float", float),
    ("forceescape", texts::force_escape),
    ("groupby", sequences::group_by),
    ("indent", texts::indent),
    ("int", int),
    ("join", sequences::join),
    ("last", |input| sequences::edge(input, true)),
    ("length", sequences::length),
    ("list", sequences::list),
    ("lower", |input| texts::cased(input, str::to_lowercase)),
    ("nl2br", texts::line_breaks),
    ("parseEntityRef", backstage::parse_entity_ref),
    ("parseRepoUrl", backstage::parse_repo_url),
    ("pick", backstage::pick),
    ("projectSlug", backstage::project_slug),
    ("random", |_| Err("'random' would make every run differ; templates here have no randomness".into())),
    ("reject", |input| sequences::select(input, false)),
    ("rejectattr", |input| sequences::select_attribute(input, false)),
    ("replace", texts::replace),
    ("reverse", sequences::reverse),
    ("round", round),
    ("safe", texts::safe),
    ("select", |input| sequences::select(input, true)),
    ("selectattr", |input| sequences::select_attribute(input, true)),
    ("slice", sequences::slice),
    ("sort", sequences::sort),
    ("string", texts::string),
    ("striptags", texts::strip_tags),
    ("sum", sequences::sum),
    ("title", texts::title),
    ("trim", texts::trim),
    ("truncate", texts::truncate),
    ("upper", |input| texts::cased(input, str::to_uppercase)),
    ("urlencode", texts::url_encode),
    ("urlize", texts::urlize),
    ("wordcount", texts::word_count),
];

/// The names of all filters that a template may use, in order.
pub fn filters() -> impl Iterator<Item = &'static str> {
    FILTERS.iter().map(|(name, _)| *name)
}

pub fn find(name: &str) -> Option<FilterFn> {
    FILTERS.iter().find(|(known, _)| *known == name).map(|(_, run)| *run)
}

/// Whether a filter is for values that may be undefined.
pub fn expects_undefined(name: &str) -> bool {
    matches!(name, "default" | "d")
}

fn default(input: &SourceCursor<'_>) -> Fallible<Value> {
    let there =
        if input.argument(1).is_truthy() { input.value.is_truthy() } else { !input.value.is_undefined() };
    Ok(if there { input.value.clone() } else { input.argument(0) })
}

fn dump(input: &SourceCursor<'_>) -> Fallible<Value> {
    let text = json::dump(input.value, &input.argument(0), input.fuel)?;
    Ok(text.map_or(Value::UNDEFINED, Value::text))
}

fn float(input: &SourceCursor<'_>) -> Fallible<Value> {
    let parsed = number::parse_leading(&input.value.string(input.fuel)?);
    Ok(if parsed.is_nan() { input.argument(0) } else { Value::Number(parsed) })
}

fn int(input: &SourceCursor<'_>) -> Fallible<Value> {
    let radix = match input.argument(1) {
        Value::Undefined(_) => 10,
        given => given.number(input.fuel)? as i64,
    };
    let parsed = number::parse_whole(&input.value.string(input.fuel)?, radix);
    Ok(if parsed.is_nan() { input.argument(0) } else { Value::Number(parsed) })
}

fn round(input: &SourceCursor<'_>) -> Fallible<Value> {
    let places = if input.argument(0).is_truthy() { input.argument(0).number(input.fuel)? } else { 0.0 };
    let factor = 10_f64.powf(places);
    let scaled = input.value.number(input.fuel)? * factor;
    let rounded = match input.argument(1).as_text().map(|method| &**method) {
        Some("ceil") => scaled.ceil(),
        Some("floor") => scaled.floor(),
        _ => (scaled + 0.5).floor(),
    };
    Ok(Value::Number(rounded / factor))
}
