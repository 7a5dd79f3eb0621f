//! The merging of selectors that lets one question serve many services.

use std::collections::{BTreeMap, BTreeSet};

use crate::selector::Selector;
use crate::selector::requirement::{Operator, Requirement};

/// The fewest questions whose answers hold all that the selectors select: the answers are split again with
/// `matches`. Selectors that name values of the same label become one `key in (...)`, which keeps the
/// requirements all of them share; past `max` values the label's existence is asked instead. Where a
/// selector names several labels, the one with the most values over all selectors is taken, for it tells
/// services apart best. What has no such label is asked as it is, once.
pub fn merge(selectors: &[Selector], max: usize) -> Vec<Selector> {
    let unique: BTreeSet<&Selector> = selectors.iter().filter(|selector| !selector.is_nothing()).collect();
    if unique.iter().any(|selector| selector.is_everything()) {
        return vec![Selector::default()];
    }
    let mut values: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for requirement in unique.iter().flat_map(|selector| named(selector)) {
        values.entry(&requirement.key).or_default().extend(requirement.values.iter().map(String::as_str));
    }
    let mut groups: BTreeMap<&str, Vec<&Selector>> = BTreeMap::new();
    let mut questions: BTreeSet<Selector> = BTreeSet::new();
    for selector in unique {
        match named(selector).max_by_key(|r| (values[r.key.as_str()].len(), std::cmp::Reverse(&r.key))) {
            Some(requirement) => groups.entry(&requirement.key).or_default().push(selector),
            None => {
                questions.insert(selector.clone());
            }
        }
    }
    questions.extend(groups.into_iter().map(|(key, group)| united(key, &group, max)));
    without_covered(questions)
}

/// The requirements that name the values of a label.
fn named(selector: &Selector) -> impl Iterator<Item = &Requirement> {
    selector.requirements.iter().filter(|requirement| requirement.operator == Operator::In)
}

/// One question for selectors that all name values of `key`.
fn united(key: &str, group: &[&Selector], max: usize) -> Selector {
    let first = group[0];
    let mut requirements: Vec<Requirement> = first
        .requirements
        .iter()
        .filter(|requirement| group.iter().all(|selector| selector.requirements.contains(requirement)))
        .cloned()
        .collect();
    let all: BTreeSet<String> = group
        .iter()
        .flat_map(|selector| named(selector).filter(|requirement| requirement.key == key))
        .flat_map(|requirement| requirement.values.iter().cloned())
        .collect();
    let (operator, values) = match all.len() > max {
        true => (Operator::Exists, BTreeSet::new()),
        false => (Operator::In, all),
    };
    requirements.push(Requirement { key: key.to_string(), operator, values });
    Selector::of(requirements)
}

/// Drops a question whose answer another one holds.
fn without_covered(questions: BTreeSet<Selector>) -> Vec<Selector> {
    let all: Vec<Selector> = questions.into_iter().collect();
    let covered = |index: usize| {
        all.iter().enumerate().any(|(other, question)| {
            other != index && question.covers(&all[index]) && (!all[index].covers(question) || other < index)
        })
    };
    (0..all.len()).filter(|index| !covered(*index)).map(|index| all[index].clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::merge;
    use crate::selector::Selector;

    #[track_caller]
    fn check_merge(given: &[&str], max: usize, expect: &[&str]) {
        let selectors: Vec<Selector> =
            given.iter().map(|text| Selector::parse(text).expect("valid")).collect();
        let merged = merge(&selectors, max);
        let texts: Vec<String> = merged.iter().map(Selector::to_string).collect();
        assert_eq!(texts, expect, "{given:?}");
        for selector in &selectors {
            assert!(
                merged.iter().any(|question| question.covers(selector)),
                "{selector} is asked by {texts:?}"
            );
        }
    }

    #[test]
    fn one_question_for_many_services() {
        check_merge(&[], 9, &[]);
        check_merge(&["id=b", "id=a", "id=b", "id in (c,d)"], 9, &["id in (a,b,c,d)"]);
        check_merge(&["id=a", "id=b", "id=c"], 2, &["id"]);
        check_merge(&["id=a", "app=x"], 9, &["app=x", "id=a"]);
        check_merge(&["id=a", "id"], 9, &["id"]);
        check_merge(&["id=a", ""], 9, &[""]);
        assert_eq!(merge(&[Selector::nothing()], 9), []);
        check_merge(&["!id", "!id", "id!=a"], 9, &["id!=a"]);
        check_merge(&["app=a,env=prod", "app=b,env=prod"], 9, &["app in (a,b),env=prod"]);
        check_merge(&["app=a,env=prod", "app=b"], 9, &["app in (a,b)"]);
        check_merge(&["app=a,env=prod"], 9, &["app=a,env=prod"]);
        check_merge(&["app=a,!canary", "app=a,canary"], 9, &["app=a"]);
    }
}
