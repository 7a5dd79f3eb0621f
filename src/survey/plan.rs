//! Which questions a cluster is asked: as few as there can be, however many services.

use std::collections::BTreeSet;

use crate::selector::{self, Selector};
use crate::survey::split::ServiceTarget;

/// One list request for each kind: everywhere, or in one namespace.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Question {
    pub namespace: Option<String>,
    pub selector: Selector,
}

/// Values of one label in one question; past it the label's existence is asked. A selector of 200 values of
/// 20 characters is a URL of 5 KB, which proxies still take; at that point most of a cluster is wanted anyway.
const MOST_VALUES: usize = 200;

/// Namespaces asked one by one before a cluster-wide question is cheaper: a consistent list costs a server
/// about as much in one namespace as in all, so this stays small.
const MOST_NAMESPACES: usize = 4;

/// The questions for the targets: cluster-wide, unless all of them live in a few namespaces.
pub fn questions(targets: &[ServiceTarget]) -> Vec<Question> {
    let namespaces: BTreeSet<&String> = targets.iter().flat_map(|target| &target.namespaces).collect();
    let anywhere = targets.iter().any(|target| target.namespaces.is_empty());
    if anywhere || namespaces.len() > MOST_NAMESPACES {
        return everywhere(targets);
    }
    namespaces.into_iter().flat_map(|namespace| within(targets, namespace)).collect()
}

/// The same for a cluster that forbids cluster-wide lists: namespace by namespace.
pub fn questions_within(targets: &[ServiceTarget], namespaces: &BTreeSet<String>) -> Vec<Question> {
    namespaces.iter().flat_map(|namespace| within(targets, namespace)).collect()
}

fn everywhere(targets: &[ServiceTarget]) -> Vec<Question> {
    let selectors: Vec<Selector> = targets.iter().map(|target| target.selector.clone()).collect();
    merged(&selectors, None)
}

fn within(targets: &[ServiceTarget], namespace: &String) -> Vec<Question> {
    let here =
        targets.iter().filter(|target| target.namespaces.is_empty() || target.namespaces.contains(namespace));
    let selectors: Vec<Selector> = here.map(|target| target.selector.clone()).collect();
    merged(&selectors, Some(namespace.clone()))
}

fn merged(selectors: &[Selector], namespace: Option<String>) -> Vec<Question> {
    let merged = selector::merge(selectors, MOST_VALUES);
    merged.into_iter().map(|selector| Question { namespace: namespace.clone(), selector }).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{questions, questions_within};
    use crate::selector::Selector;
    use crate::survey::split::ServiceTarget;

    fn target(selector: &str, namespaces: &[&str]) -> ServiceTarget {
        ServiceTarget {
            selector: Selector::parse(selector).expect("a selector"),
            namespaces: namespaces.iter().map(|name| name.to_string()).collect(),
        }
    }

    #[track_caller]
    fn check(targets: &[ServiceTarget], expect: &[(&str, &str)]) {
        let asked: Vec<(String, String)> = questions(targets)
            .into_iter()
            .map(|question| (question.namespace.unwrap_or_default(), question.selector.to_string()))
            .collect();
        let expect: Vec<(String, String)> =
            expect.iter().map(|(n, s)| (n.to_string(), s.to_string())).collect();
        assert_eq!(asked, expect);
    }

    #[test]
    fn services_of_one_label_are_one_question() {
        check(&[target("id=a", &[]), target("id=b", &["shop"]), target("id=a", &[])], &[("", "id in (a,b)")]);
    }

    #[test]
    fn a_few_namespaces_are_asked_by_themselves() {
        check(
            &[target("id=a", &["shop"]), target("id=b", &["shop", "pay"])],
            &[("pay", "id=b"), ("shop", "id in (a,b)")],
        );
    }

    #[test]
    fn many_namespaces_are_one_question() {
        let targets: Vec<ServiceTarget> =
            ["a", "b", "c", "d", "e"].iter().map(|n| target(&format!("id={n}"), &[n])).collect();
        check(&targets, &[("", "id in (a,b,c,d,e)")]);
    }

    #[test]
    fn nothing_to_ask_is_no_question() {
        check(&[], &[]);
    }

    #[test]
    fn a_fallback_asks_only_who_may_be_there() {
        let namespaces = BTreeSet::from(["shop".to_string()]);
        let asked = questions_within(&[target("id=a", &[]), target("id=b", &["pay"])], &namespaces);
        assert_eq!(asked.len(), 1);
        assert_eq!(asked[0].selector.to_string(), "id=a");
    }
}
