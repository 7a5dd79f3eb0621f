//! `--sort-by`: rows by a field of their objects, compared as kubectl compares.

use std::cmp::Ordering;

use serde_json::Value;

use crate::commands::get::jsonpath::PathTemplate;
use crate::workload::Quantity;

/// So few rows Go sorts by insertion, where equal ones keep their order; kubectl promises none for more.
const FEW: usize = 12;

/// Sorts items by the first value that the path finds in the object of each; an error where it is in none.
pub fn sort<T>(items: &mut Vec<T>, path: &str, object: impl Fn(&T) -> &Value) -> Result<(), String> {
    let template = PathTemplate::of_path(path)?;
    let keys: Vec<Option<Value>> = items
        .iter()
        .map(|item| template.values(object(item)).first().map(|value| (*value).clone()))
        .collect();
    if !items.is_empty() && keys.iter().all(Option::is_none) {
        return Err(format!("couldn't find any field with path \"{}\" in the list of objects", braced(path)));
    }
    if let Some(odd) =
        keys.iter().flatten().find(|value| value.is_array() || value.is_object() || value.is_boolean())
    {
        return Err(format!("{path} leads to what cannot be sorted: {odd}"));
    }
    let mut keyed: Vec<(Option<Value>, T)> = keys.into_iter().zip(items.drain(..)).collect();
    match keyed.len() <= FEW {
        true => {
            for end in 1..keyed.len() {
                let mut at = end;
                while at > 0 && is_less(keyed[at].0.as_ref(), keyed[at - 1].0.as_ref()) {
                    keyed.swap(at, at - 1);
                    at -= 1;
                }
            }
        }
        false => keyed.sort_by(|(one, _), (other, _)| order(one.as_ref(), other.as_ref())),
    }
    items.extend(keyed.into_iter().map(|(_, item)| item));
    Ok(())
}

fn braced(path: &str) -> String {
    let inside = path.trim_start_matches('{').trim_end_matches('}');
    format!("{{.{}}}", inside.trim_start_matches('.'))
}

/// What has no value comes first.
fn is_less(one: Option<&Value>, other: Option<&Value>) -> bool {
    match (one, other) {
        (None, _) => true,
        (_, None) => false,
        (one, other) => order(one, other).is_lt(),
    }
}

fn order(one: Option<&Value>, other: Option<&Value>) -> Ordering {
    let (one, other) = match (one, other) {
        (Some(one), Some(other)) => (one, other),
        (one, other) => return one.is_some().cmp(&other.is_some()),
    };
    match (one, other) {
        (Value::String(one), Value::String(other)) => match (Quantity::parse(one), Quantity::parse(other)) {
            (Some(one), Some(other)) => one.cmp(&other),
            _ => one.cmp(other),
        },
        _ => one.as_f64().partial_cmp(&other.as_f64()).unwrap_or(Ordering::Equal),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::sort;

    #[track_caller]
    fn check(values: Vec<Value>, expect: &[&str]) {
        let mut items: Vec<Value> = values;
        sort(&mut items, ".k", |item| item).expect("sorted");
        let names: Vec<&str> = items.iter().filter_map(|item| item["n"].as_str()).collect();
        assert_eq!(names, expect);
    }

    #[test]
    fn texts_numbers_and_quantities() {
        check(vec![json!({"n": "b", "k": "b"}), json!({"n": "a", "k": "a"})], &["a", "b"]);
        check(vec![json!({"n": "b", "k": 10}), json!({"n": "a", "k": 9})], &["a", "b"]);
        check(
            vec![
                json!({"n": "b", "k": "10Mi"}),
                json!({"n": "a", "k": "9Mi"}),
                json!({"n": "c", "k": "1Gi"}),
            ],
            &["a", "b", "c"],
        );
        check(vec![json!({"n": "b", "k": 1}), json!({"n": "a"})], &["a", "b"]);
    }

    #[test]
    fn a_path_that_leads_nowhere_is_an_error() {
        assert!(
            sort(&mut vec![json!({})], ".k", |item| item)
                .is_err_and(|said| said.contains("couldn't find any field with path \"{.k}\""))
        );
        assert!(sort(&mut vec![json!({"k": {}})], ".k", |item| item).is_err());
        assert!(sort(&mut Vec::<Value>::new(), ".k", |item| item).is_ok());
    }
}
