//! From samples to differences as they are told.

use std::collections::BTreeSet;

use crate::commands::compare::group::{Only, is_expected};
use crate::commands::compare::report::{DifferenceRow, ValueRow};
use crate::commands::compare::samples::{DIGEST, Pair, is_digest};
use crate::compare::{Attribute, Difference, Group, differences};

/// What differs within each pair, in the order in which people ask; `baseline`'s value first.
pub fn within(pairs: &[Pair], baseline: &str) -> Vec<DifferenceRow> {
    let mut rows: Vec<DifferenceRow> = Vec::new();
    for pair in pairs {
        let found = differences(&pair.samples, Some(baseline));
        let told = found.iter().filter(|difference| !is_told_by_tag(difference, &found));
        rows.extend(told.filter_map(|difference| row(pair, difference)));
    }
    rows
}

/// The workloads that some of the clusters lack.
pub fn presence(pairs: &[Pair], clusters: &[&str], baseline: &str) -> Vec<DifferenceRow> {
    let lacking = pairs.iter().filter(|pair| pair.lasting).filter_map(|pair| {
        let has = |name: &&str| pair.samples.iter().any(|sample| sample.cluster == **name);
        let (with, without): (Vec<&str>, Vec<&str>) = clusters.iter().partition(|name| has(name));
        (!with.is_empty() && !without.is_empty()).then(|| {
            let value = |value: &str, names: &[&str]| ValueRow {
                value: value.to_string(),
                clusters: names.iter().map(ToString::to_string).collect(),
            };
            let mut values = vec![value("there", &with), value("not there", &without)];
            values.sort_by_key(|value| !value.clusters.iter().any(|name| name == baseline));
            DifferenceRow {
                group: Only::Template.word(),
                workload: pair.name.clone(),
                what: "workload".to_string(),
                expected: false,
                values,
            }
        })
    });
    lacking.collect()
}

/// A difference between clusters as a whole, such as their versions.
pub fn of_clusters(group: Only, what: &str, said: &[(&str, &str)], baseline: &str) -> Option<DifferenceRow> {
    let mut values: Vec<ValueRow> = Vec::new();
    for (cluster, value) in said {
        match values.iter_mut().find(|known| known.value == *value) {
            Some(known) => known.clusters.push(cluster.to_string()),
            None => values.push(ValueRow { value: value.to_string(), clusters: vec![cluster.to_string()] }),
        }
    }
    values.sort_by_key(|value| !value.clusters.iter().any(|name| name == baseline));
    (values.len() > 1).then(|| DifferenceRow {
        group: group.word(),
        workload: String::new(),
        what: what.to_string(),
        expected: false,
        values,
    })
}

fn row(pair: &Pair, difference: &Difference) -> Option<DifferenceRow> {
    let attribute = &difference.attribute;
    let digest = is_digest(attribute);
    // No pod that runs is no other digest.
    let known = difference.values.iter().filter(|value| !digest || value.value != "not set");
    let mut values: Vec<ValueRow> = known
        .map(|value| ValueRow { value: value.value.clone(), clusters: value.clusters.clone() })
        .collect();
    if values.len() < 2 {
        return None;
    }
    if values.iter().any(|value| value.value.contains('\n')) {
        distinct_lines(&mut values);
    }
    Some(DifferenceRow {
        group: Only::of(attribute.group).word(),
        workload: pair.name.clone(),
        what: match attribute.what.strip_suffix(DIGEST).filter(|_| digest) {
            Some(container) => format!("{container} image digest, same tag"),
            None => attribute.what.clone(),
        },
        expected: is_expected(attribute) || runs_the_same(pair, attribute),
        values,
    })
}

/// Whether images of several names are one by its digest: each region pulls from its own registry.
fn runs_the_same(pair: &Pair, image: &Attribute) -> bool {
    let Some(container) = image.what.strip_suffix(" image").filter(|_| image.group == Group::Image) else {
        return false;
    };
    let digest = Attribute { group: Group::Image, what: format!("{container}{DIGEST}") };
    let mut digests = pair.samples.iter().map(|sample| sample.attributes.get(&digest));
    let Some(Some(first)) = digests.next() else { return false };
    digests.all(|other| other == Some(first))
}

/// Other tags have other digests: only a digest that differs under one tag is news.
fn is_told_by_tag(difference: &Difference, all: &[Difference]) -> bool {
    let Some(container) = difference.attribute.what.strip_suffix(DIGEST) else { return false };
    let image = format!("{container} image");
    let Some(tags) = all.iter().find(|other| other.attribute.what == image) else { return false };
    let same_tag = |one: &str, other: &str| {
        tags.values.iter().any(|value| {
            value.clusters.iter().any(|name| name == one) && value.clusters.iter().any(|name| name == other)
        })
    };
    // Clusters of one tag that run different digests are worth telling beside the tags.
    let known: Vec<&crate::compare::Value> =
        difference.values.iter().filter(|value| value.value != "not set").collect();
    let moved = known.iter().enumerate().any(|(index, value)| {
        let others = known[index + 1..].iter().flat_map(|other| &other.clusters);
        others.into_iter().any(|other| value.clusters.iter().any(|name| same_tag(name, other)))
    });
    !moved
}

/// Of texts of many lines only those lines are told that not all of them have.
fn distinct_lines(values: &mut [ValueRow]) {
    let lines: Vec<Vec<String>> =
        values.iter().map(|value| value.value.lines().map(str::to_string).collect()).collect();
    let everywhere: BTreeSet<&String> =
        lines[0].iter().filter(|line| lines.iter().all(|other| other.contains(line))).collect();
    for (value, lines) in values.iter_mut().zip(&lines) {
        let own: Vec<&str> =
            lines.iter().filter(|line| !everywhere.contains(line)).map(|line| line.trim()).collect();
        value.value = match own.is_empty() {
            true => "without these lines".to_string(),
            false => own.join(" ⏎ "),
        };
    }
    // The same lines in another order, or another number of times.
    let first = values[0].value.clone();
    if values.iter().all(|value| value.value == first) {
        for (value, lines) in values.iter_mut().zip(&lines) {
            value.value = format!("{} lines in an order of its own", lines.len());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{of_clusters, presence, within};
    use crate::commands::compare::group::Only;
    use crate::commands::compare::report::DifferenceRow;
    use crate::commands::compare::samples::Pair;
    use crate::compare::{Attribute, Group, Sample};

    fn sample(cluster: &str, pairs: &[(Group, &str, &str)]) -> Sample {
        let attribute = |(group, what, value): &(Group, &str, &str)| {
            (Attribute { group: *group, what: what.to_string() }, value.to_string())
        };
        Sample { cluster: cluster.to_string(), bad: false, attributes: pairs.iter().map(attribute).collect() }
    }

    fn pair(samples: Vec<Sample>) -> Pair {
        Pair { name: "Deployment/web".to_string(), samples, lasting: true }
    }

    fn told(rows: &[DifferenceRow]) -> Vec<String> {
        let value = |row: &DifferenceRow| {
            let values: Vec<String> = row
                .values
                .iter()
                .map(|value| format!("{} {}", value.value, value.clusters.join("+")))
                .collect();
            format!("{} {}: {}", row.group, row.what, values.join(" | "))
        };
        rows.iter().map(value).collect()
    }

    #[track_caller]
    fn check(samples: Vec<Sample>, expect: &[&str]) {
        assert_eq!(told(&within(&[pair(samples)], "eu")), expect);
    }

    #[test]
    fn a_digest_is_told_where_the_tag_does_not_tell_it() {
        let image = |cluster: &str, tag: &str, digest: &str| {
            sample(cluster, &[(Group::Image, "app image", tag), (Group::Image, "app image digest", digest)])
        };
        check(
            vec![image("us", "web:1", "sha256:a"), image("eu", "web:1", "sha256:b")],
            &["images app image digest, same tag: sha256:b eu | sha256:a us"],
        );
        check(
            vec![image("us", "web:1", "sha256:a"), image("eu", "web:2", "sha256:b")],
            &["images app image: web:2 eu | web:1 us"],
        );
        check(
            vec![
                image("us", "web:1", "sha256:a"),
                image("eu", "web:2", "sha256:b"),
                image("ap", "web:2", "sha256:c"),
            ],
            &[
                "images app image: web:2 eu+ap | web:1 us",
                "images app image digest, same tag: sha256:b eu | sha256:a us | sha256:c ap",
            ],
        );
        let without = sample("us", &[(Group::Image, "app image", "web:1")]);
        check(vec![without, image("eu", "web:1", "sha256:b")], &[]);
    }

    #[test]
    fn one_digest_under_several_names_is_no_finding() {
        let image = |cluster: &str, name: &str, digest: &str| {
            sample(cluster, &[(Group::Image, "app image", name), (Group::Image, "app image digest", digest)])
        };
        let mirrored = within(
            &[pair(vec![image("us", "us/web:1", "sha256:a"), image("eu", "eu/web:1", "sha256:a")])],
            "eu",
        );
        assert_eq!(told(&mirrored), ["images app image: eu/web:1 eu | us/web:1 us"]);
        assert!(mirrored[0].expected);
        let other = within(
            &[pair(vec![image("us", "us/web:1", "sha256:a"), image("eu", "eu/web:1", "sha256:b")])],
            "eu",
        );
        assert!(!other[0].expected);
    }

    #[test]
    fn of_long_texts_only_the_lines_that_differ() {
        let map =
            |cluster: &str, text: &str| sample(cluster, &[(Group::Config, "ConfigMap web app.yaml", text)]);
        check(
            vec![map("us", "a: 1\nlevel: debug\nz: 1"), map("eu", "a: 1\n  level: info\nz: 1")],
            &["config ConfigMap web app.yaml: level: info eu | level: debug us"],
        );
        check(
            vec![map("us", "a\nb\nc"), map("eu", "a\nb")],
            &["config ConfigMap web app.yaml: without these lines eu | c us"],
        );
        check(
            vec![map("us", "b\na"), map("eu", "a\nb")],
            &[
                "config ConfigMap web app.yaml: 2 lines in an order of its own eu | 2 lines in an order of its own us",
            ],
        );
    }

    #[test]
    fn what_each_cluster_has_by_itself_is_told_but_expected() {
        let scale = |cluster: &str, n: &str, revision: &str| {
            sample(
                cluster,
                &[
                    (Group::Scale, "replicas", n),
                    (Group::Revision, "revision", revision),
                    (Group::Revision, "chart", "web-1"),
                ],
            )
        };
        let rows = within(&[pair(vec![scale("us", "3", "7"), scale("eu", "6", "9")])], "us");
        assert_eq!(told(&rows), ["scale replicas: 3 us | 6 eu", "revision revision: 7 us | 9 eu"]);
        assert!(rows.iter().all(|row| row.expected));
    }

    #[test]
    fn what_is_not_there_differs() {
        let rows = presence(&[pair(vec![sample("us", &[])])], &["us", "eu"], "eu");
        assert_eq!(told(&rows), ["template workload: not there eu | there us"]);
        assert!(presence(&[pair(vec![sample("us", &[])])], &["us"], "us").is_empty());
        let job = Pair { lasting: false, ..pair(vec![sample("us", &[])]) };
        assert!(presence(&[job], &["us", "eu"], "us").is_empty());
    }

    #[test]
    fn clusters_themselves_differ() {
        let said = [("us", "v1.36"), ("eu", "v1.35"), ("ap", "v1.36")];
        let row = of_clusters(Only::Versions, "server version", &said, "eu");
        assert_eq!(told(row.as_slice()), ["versions server version: v1.35 eu | v1.36 us+ap"]);
        assert!(of_clusters(Only::Versions, "server version", &said[..1], "us").is_none());
    }
}
