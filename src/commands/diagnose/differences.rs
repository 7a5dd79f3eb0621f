//! What differs between the bad pods and the good ones, as a screen and a document show it; the JSON has all.

use std::collections::BTreeSet;

use crate::commands::diagnose::label::labelled;
use crate::commands::diagnose::report::{DiagnosedService, DifferenceItem, FindingItem, ValueItem};
use crate::compare::{AttributeName, AttributeValue, ConfigMapPart};
use crate::report::{Cell, Grid, Line, Tone};

/// Differences that fit on a screen.
const MOST_ON_SCREEN: usize = 6;
/// Differences in a document.
const MOST_IN_DOCUMENT: usize = 20;
/// Values shown of one attribute.
const MOST_VALUES: usize = 3;

/// Of differences that tell the bad from the good equally well, those come first that the evidence speaks of: the key
/// that a log line misses, the limit that was exceeded, the image that is not there.
pub fn named_first(differences: &mut [DifferenceItem], findings: &[FindingItem]) {
    let evidence = findings.iter().flat_map(|finding| finding.evidence.iter());
    let named: BTreeSet<&str> = evidence.flat_map(|evidence| names(&evidence.text)).collect();
    let is_named = |difference: &DifferenceItem| {
        let texts: Vec<String> = difference.values.iter().map(|value| value.value.to_string()).collect();
        let speaks_of = |name: &&str| {
            let in_values = texts.iter().filter(|text| text.contains(name)).count();
            difference.what.to_string().contains(name) || (in_values > 0 && in_values < texts.len())
        };
        named.iter().any(speaks_of)
    };
    differences.sort_by(|a, b| b.weight.total_cmp(&a.weight).then_with(|| is_named(b).cmp(&is_named(a))));
}

/// The words of a text that name something: `TAX_RATES_URL`, `limits.memory`, `shop/checkout:v3.8.0`, `-shards`.
fn names(text: &str) -> impl Iterator<Item = &str> {
    let words = text.split(|c: char| !c.is_alphanumeric() && !"_./:-".contains(c));
    let words = words.filter_map(|word| {
        let name = word.trim_matches(|c: char| !c.is_alphanumeric());
        (word.starts_with('-') || name.contains(['_', '.', '/', ':'])).then_some(name)
    });
    words.filter(|name| name.len() >= 5 && name.chars().any(char::is_alphabetic))
}

/// The most telling ones. What every rollout changes is left out where something else differs as well.
pub fn lines(item: &DiagnosedService) -> Vec<Line> {
    let telling = || item.differences.iter().filter(|difference| is_telling(difference));
    let is_real = telling().any(|difference| !comes_with_any_rollout(difference));
    let shown = telling()
        .filter(|difference| !is_real || !comes_with_any_rollout(difference))
        .filter(|difference| !is_told_by_rollout(difference, &item.findings))
        .take(MOST_ON_SCREEN);
    shown.map(|difference| labelled("DIFFERS", Tone::Doubtful, text(difference))).collect()
}

pub fn grid(item: &DiagnosedService) -> Grid {
    let shown = item.differences.iter().filter(|difference| is_telling(difference)).take(MOST_IN_DOCUMENT);
    let mut rows = Vec::new();
    for difference in shown {
        let (values, more) = values(difference);
        for (index, (value, text)) in values.into_iter().enumerate() {
            rows.push(vec![
                Cell::from(if index == 0 { difference.what.to_string() } else { String::new() }),
                Cell::from(text),
                Cell::from(format!("{}/{}", value.bad_pods, value.pods)),
                Cell::from(value.clusters.join(", ")),
            ]);
        }
        if let Some(more) = more {
            rows.push(vec![Cell::from(""), Cell::from(more), Cell::from(""), Cell::from("")]);
        }
    }
    Grid::of(["WHAT DIFFERS", "VALUE", "BAD PODS", "CLUSTERS"], rows)
}

/// Whether the line of the rollout that a finding began with says the same: this image instead of that one.
fn is_told_by_rollout(difference: &DifferenceItem, findings: &[FindingItem]) -> bool {
    let own = findings.iter().filter(|finding| finding.incidents.is_empty());
    let mut rollouts = own.filter_map(|finding| finding.rollout.as_ref());
    let values: BTreeSet<String> = difference.values.iter().map(|value| value.value.to_string()).collect();
    let what = difference.what.to_string();
    rollouts.any(|rollout| {
        let by_image = rollout.images.iter().any(|image| {
            what == format!("{} image", image.container)
                && values == BTreeSet::from([image.before.clone(), image.after.clone()])
        });
        by_image
            || comes_with_any_rollout(difference)
            || rollout.told().any(|item| item.what == what && item.is_between(&values))
    })
}

/// Whether it differs between any two rollouts, whatever they changed.
fn comes_with_any_rollout(difference: &DifferenceItem) -> bool {
    use AttributeName as A;
    matches!(difference.what, A::RolloutStart | A::TemplateHash | A::Revision)
}

/// Many values that say little of which pods are bad are noise; a node's name nearly always is. An image without a
/// digest is one that does not run yet, which the cause has told.
fn is_telling(difference: &DifferenceItem) -> bool {
    if difference.what.is_digest() && difference.values.iter().any(|value| value.value.is_absent()) {
        return false;
    }
    match difference.what {
        AttributeName::Node => difference.weight > 0.95,
        _ => difference.weight >= 0.5 || difference.values.len() <= MOST_VALUES,
    }
}

fn text(difference: &DifferenceItem) -> String {
    let (values, more) = values(difference);
    let shared = shared_path(&difference.values);
    let told = values.into_iter().map(|(value, text)| {
        let text = text.strip_prefix(shared).unwrap_or(&text);
        format!("{text} {}/{} bad ({})", value.bad_pods, value.pods, value.clusters.join(", "))
    });
    format!("{}: {}", difference.what, told.chain(more).collect::<Vec<_>>().join(" | "))
}

/// The values to show, with what to show of each, and how many are left out.
fn values(difference: &DifferenceItem) -> (Vec<(&ValueItem, String)>, Option<String>) {
    let all = &difference.values;
    let shown = all.iter().take(MOST_VALUES);
    let text = |value: &ValueItem| {
        let whole = || short(&value.value.to_string());
        let [one, other] = all.as_slice() else { return whole() };
        let other = if value.value == one.value { other } else { one };
        let is_keys = matches!(&difference.what, AttributeName::OfConfigMap(_, ConfigMapPart::Keys));
        let shorter = match (&value.value, &other.value) {
            (AttributeValue::List(own), AttributeValue::List(others)) if is_keys => keys(own, others),
            (own @ AttributeValue::Probe { .. }, other @ AttributeValue::Probe { .. }) => terms(own, other),
            _ => None,
        };
        shorter.unwrap_or_else(whole)
    };
    let more =
        all.len().checked_sub(MOST_VALUES).filter(|more| *more > 0).map(|more| format!("+{more} more"));
    (shown.map(|value| (value, text(value))).collect(), more)
}

/// What one list of keys has and lacks against another: `without TAX_RATES_URL`.
fn keys(one: &[String], other: &[String]) -> Option<String> {
    let without = |all: &[String], others: &[String]| -> String {
        let own: Vec<&str> = all.iter().filter(|key| !others.contains(key)).map(String::as_str).collect();
        own.join(", ")
    };
    let (has, lacks) = (without(one, other), without(other, one));
    match (has.is_empty(), lacks.is_empty()) {
        (true, true) => None,
        (false, true) => Some(format!("with {has}")),
        (true, false) => Some(format!("without {lacks}")),
        (false, false) => Some(format!("with {has}, without {lacks}")),
    }
}

/// The registry and the path that all images of a difference have: what differs stands behind it.
fn shared_path(values: &[ValueItem]) -> &str {
    let mut paths = values.iter().map(|value| {
        let text = value.value.as_text()?;
        text.rfind('/').map(|at| &text[..=at])
    });
    match paths.next().flatten() {
        Some(first) if paths.all(|path| path == Some(first)) => first,
        _ => "",
    }
}

/// Of a probe the terms that another has otherwise, where both ask the same: `timeout=1s`.
fn terms(one: &AttributeValue, other: &AttributeValue) -> Option<String> {
    let AttributeValue::Probe { asked, terms } = one else { return None };
    let AttributeValue::Probe { asked: others_asked, terms: known } = other else { return None };
    let own: Vec<&str> = terms.iter().filter(|term| !known.contains(term)).map(String::as_str).collect();
    (asked == others_asked && !own.is_empty()).then(|| own.join(" "))
}

/// Twelve digits tell one digest from another.
fn short(value: &str) -> String {
    let Some(at) = value.find("sha256:") else { return value.to_string() };
    let (before, digest) = value.split_at(at + "sha256:".len());
    let hex = digest.chars().take_while(char::is_ascii_hexdigit).count();
    format!("{before}{}{}", &digest[..hex.min(12)], &digest[hex..])
}

#[cfg(test)]
mod tests {
    use super::{keys, named_first, names, shared_path, short, terms};
    use crate::commands::diagnose::report::{DifferenceItem, EvidenceItem, FindingItem, ValueItem};
    use crate::compare::{Absence, AttributeName, AttributeValue, ConfigMapPart};

    fn value(value: &str) -> ValueItem {
        ValueItem { value: value.into(), clusters: Vec::new(), bad_pods: 0, pods: 1 }
    }

    fn of_map(name: &str, part: ConfigMapPart) -> AttributeName {
        AttributeName::OfConfigMap(name.to_string(), part)
    }

    fn difference(what: AttributeName, values: [&str; 2], weight: f64) -> DifferenceItem {
        DifferenceItem { what, values: values.map(value).into(), weight }
    }

    #[test]
    fn what_the_evidence_names_comes_first_among_equals() {
        let evidence = |text: &str| EvidenceItem { source: "log", text: text.to_string() };
        let finding = FindingItem {
            cause: "missing-env".to_string(),
            owner: None,
            runbook: None,
            confidence: "medium",
            summary: String::new(),
            container: None,
            evidence: vec![evidence("fatal: environment variable TAX_RATES_URL must be set.")],
            next: Vec::new(),
            alternatives: Vec::new(),
            rollout: None,
            changes: Vec::new(),
            changes_read: false,
            incidents: Vec::new(),
            r#where: Vec::new(),
            since: None,
            spread: String::new(),
        };
        let mut differences = [
            difference(AttributeName::Zone, ["a", "b"], 1.0),
            difference(of_map("checkout", ConfigMapPart::Keys), ["PORT", "PORT, TAX_RATES_URL"], 1.0),
            difference(of_map("other", ConfigMapPart::Value("TAX_RATES_URL".to_string())), ["a", "b"], 0.8),
            difference(AttributeName::Label("both".to_string()), ["TAX_RATES_URL=1", "TAX_RATES_URL=2"], 1.0),
        ];
        named_first(&mut differences, &[finding]);
        let order: Vec<String> = differences.iter().map(|difference| difference.what.to_string()).collect();
        assert_eq!(order, ["ConfigMap checkout keys", "zone", "label both", "ConfigMap other TAX_RATES_URL"]);
        let text = "app: exit 1, in back-off (limits.memory 256Mi). not defined: --shards";
        assert_eq!(names(text).collect::<Vec<_>>(), ["limits.memory", "shards"]);
    }

    #[test]
    fn images_of_one_path_are_told_by_their_names() {
        let of = |one: &str, other: &str| shared_path(&[value(one), value(other)]).to_string();
        assert_eq!(of("r.example/shop/web:1", "r.example/shop/web:2"), "r.example/shop/");
        assert_eq!(of("r.example/shop/web:1", "other.example/shop/web:2"), "");
        assert_eq!(of("1", "2"), "");
    }

    #[test]
    fn digests_are_cut() {
        let digest = format!("sha256:{}", "4dc8c7b359b7f242".repeat(4));
        assert_eq!(short(&digest), "sha256:4dc8c7b359b7");
        assert_eq!(short(&format!("web@{digest} x")), "web@sha256:4dc8c7b359b7 x");
        assert_eq!(short("sha256:é"), "sha256:é");
        assert_eq!(short("v1.2.3"), "v1.2.3");
    }

    #[test]
    fn of_two_probes_the_fields_that_differ_are_told() {
        let probe = |asked: &str, timeout: &str| AttributeValue::Probe {
            asked: asked.to_string(),
            terms: vec!["delay=0s".to_string(), format!("timeout={timeout}")],
        };
        let one = probe("GET :8080/healthz", "1s");
        assert_eq!(terms(&one, &probe("GET :8080/healthz", "5s")).as_deref(), Some("timeout=1s"));
        assert_eq!(terms(&one, &probe("GET :8081/healthz", "1s")), None, "another target is told whole");
        assert_eq!(terms(&probe("exec a=b c", "1s"), &probe("exec a=x c", "1s")), None);
        assert_eq!(terms(&one, &AttributeValue::Absent(Absence::NotSet)), None);
    }

    #[test]
    fn of_two_lists_of_keys_the_difference_is_told() {
        let keys = |one: &str, other: &str| {
            let list = |keys: &str| keys.split(' ').map(str::to_string).collect::<Vec<_>>();
            keys(&list(one), &list(other))
        };
        assert_eq!(keys("A B", "A B C").as_deref(), Some("without C"));
        assert_eq!(keys("A B C", "A B").as_deref(), Some("with C"));
        assert_eq!(keys("A B", "A C").as_deref(), Some("with B, without C"));
        assert_eq!(keys("A", "A"), None);
    }
}
