//! From samples to differences as they are told.

use std::collections::{BTreeMap, BTreeSet};

use crate::commands::compare::group::{ComparedGroup, is_expected};
use crate::commands::compare::report::{DifferenceName, DifferenceRow, OutlierRow, ValueRow};
use crate::commands::compare::samples::ComparedWorkloads;
use crate::compare::{
    Absence, Attribute, AttributeName, AttributeValue, ContainerPart, Difference, container_part,
    differences, distinct_of,
};

/// What differs within each pair, in the order in which people ask; `baseline`'s value first.
pub fn within(pairs: &[ComparedWorkloads], baseline: &str, own: &Own) -> Vec<DifferenceRow> {
    let mut rows: Vec<DifferenceRow> = Vec::new();
    for pair in pairs {
        let found = differences(&pair.samples, Some(baseline));
        let told = found
            .iter()
            .filter(|difference| !is_told_by_tag(difference, &found) && !is_told_by_container(difference));
        rows.extend(told.filter_map(|difference| row(pair, difference, own)));
    }
    rows
}

/// Kubelets that are of their servers' versions are told by these.
pub fn told_once(rows: &mut Vec<DifferenceRow>) {
    let said = |row: &DifferenceRow| -> Vec<(AttributeValue, Vec<String>)> {
        row.values.iter().map(|value| (value.value.clone(), value.clusters.clone())).collect()
    };
    let is = |row: &DifferenceRow, name| row.what == DifferenceName::Attribute(name);
    let server = rows.iter().find(|row| is(row, AttributeName::ServerVersion)).map(said);
    rows.retain(|row| !is(row, AttributeName::Kubelet) || Some(said(row)) != server);
}

/// The workloads that some of the clusters lack.
pub fn presence(pairs: &[ComparedWorkloads], clusters: &[&str], baseline: &str) -> Vec<DifferenceRow> {
    let lacking = pairs.iter().filter(|pair| pair.lasting).filter_map(|pair| {
        let has = |name: &&str| pair.has(name);
        let (with, without): (Vec<&str>, Vec<&str>) = clusters.iter().partition(|name| has(name));
        (!with.is_empty() && !without.is_empty()).then(|| {
            let value = |value: AttributeValue, names: &[&str]| ValueRow {
                value,
                clusters: names.iter().map(ToString::to_string).collect(),
            };
            let absent = AttributeValue::Absent(Absence::NoWorkload);
            let mut values = vec![value("there".into(), &with), value(absent, &without)];
            values.sort_by_key(|value| !value.clusters.iter().any(|name| name == baseline));
            DifferenceRow {
                group: ComparedGroup::Template,
                workload: pair.name.clone(),
                what: DifferenceName::Presence,
                expected: false,
                weight: 1.0,
                values,
            }
        })
    });
    lacking.collect()
}

fn row(pair: &ComparedWorkloads, difference: &Difference, own: &Own) -> Option<DifferenceRow> {
    let attribute = &difference.attribute;
    let digest = attribute.name().is_digest();
    // No pod that runs is no other digest.
    let known = difference.values.iter().filter(|value| !digest || !value.value.is_absent());
    let mut values: Vec<ValueRow> = known
        .map(|value| ValueRow { value: value.value.clone(), clusters: value.clusters.clone() })
        .collect();
    if values.len() < 2 {
        return None;
    }
    let by_nature =
        is_expected(attribute.name()) || runs_the_same(pair, attribute) || is_each_its_own(&values, own);
    distinct_values(&mut values);
    Some(DifferenceRow {
        group: ComparedGroup::of(attribute.group()),
        workload: pair.name.clone(),
        what: match attribute.name() {
            AttributeName::OfContainer(container, ContainerPart::ImageDigest) => {
                DifferenceName::SameTagDigest(container.clone())
            }
            name => DifferenceName::Attribute(name.clone()),
        },
        expected: by_nature,
        weight: difference.weight,
        values,
    })
}

/// What a cluster is called, longest first: its name, its context, the values of its labels.
pub type Own = BTreeMap<String, Vec<String>>;

/// Whether the values are one but for each cluster's own name in them: `db.eu-1.example`, `db.us-1.example`.
fn is_each_its_own(values: &[ValueRow], own: &Own) -> bool {
    let mut nameless = values.iter().flat_map(|value| {
        value.clusters.iter().map(|cluster| {
            let names = own.get(cluster).map_or(&[][..], Vec::as_slice);
            names.iter().fold(value.value.clone(), |value, name| value.map(&|text| without_word(text, name)))
        })
    });
    let Some(first) = nameless.next() else { return false };
    nameless.all(|other| other == first)
}

/// Every whole word `word` of a text made a mark.
fn without_word(text: &str, word: &str) -> String {
    let mut parts = text.split(word);
    let mut found = parts.next().unwrap_or_default().to_string();
    let is_word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    for part in parts {
        let inside = is_word(found.chars().last()) || is_word(part.chars().next());
        found.push_str(if inside { word } else { "\u{1}" });
        found.push_str(part);
    }
    found
}

/// The clusters that stand against a majority, who does most often first.
pub fn outliers(rows: &[DifferenceRow]) -> Vec<OutlierRow> {
    let mut found: Vec<OutlierRow> = Vec::new();
    for row in rows.iter().filter(|row| !row.expected) {
        let most = row.values.iter().map(|value| value.clusters.len()).max().unwrap_or(0);
        let all: usize = row.values.iter().map(|value| value.clusters.len()).sum();
        if most * 2 <= all {
            continue;
        }
        let few = row.values.iter().filter(|value| value.clusters.len() < most);
        for cluster in few.flat_map(|value| &value.clusters) {
            match found.iter_mut().find(|known| known.cluster == *cluster) {
                Some(known) => known.differences += 1,
                None => found.push(OutlierRow { cluster: cluster.clone(), differences: 1 }),
            }
        }
    }
    found.sort_by_key(|one| std::cmp::Reverse(one.differences));
    found
}

/// Whether images of several names are one by its digest: each region pulls from its own registry.
fn runs_the_same(pair: &ComparedWorkloads, image: &Attribute) -> bool {
    let AttributeName::OfContainer(container, ContainerPart::Image) = image.name() else { return false };
    let digest = Attribute::from(container_part(container, ContainerPart::ImageDigest));
    let mut digests = pair.samples.iter().map(|sample| sample.attributes.get(&digest));
    let Some(Some(first)) = digests.next() else { return false };
    digests.all(|other| other == Some(first))
}

/// Other tags have other digests: only a digest that differs under one tag is news.
fn is_told_by_tag(difference: &Difference, all: &[Difference]) -> bool {
    let AttributeName::OfContainer(container, ContainerPart::ImageDigest) = difference.attribute.name()
    else {
        return false;
    };
    let image = container_part(container, ContainerPart::Image);
    let Some(tags) = all.iter().find(|other| *other.attribute.name() == image) else { return false };
    let same_tag = |one: &str, other: &str| {
        tags.values.iter().any(|value| {
            value.clusters.iter().any(|name| name == one) && value.clusters.iter().any(|name| name == other)
        })
    };
    // Clusters of one tag that run different digests are worth telling beside the tags.
    let known: Vec<&crate::compare::ComparedValue> =
        difference.values.iter().filter(|value| !value.value.is_absent()).collect();
    let moved = known.iter().enumerate().any(|(index, value)| {
        let others = known[index + 1..].iter().flat_map(|other| &other.clusters);
        others.into_iter().any(|other| value.clusters.iter().any(|name| same_tag(name, other)))
    });
    !moved
}

/// Of long texts what tells them apart.
fn distinct_values(values: &mut [ValueRow]) {
    let told = distinct_of(&values.iter().map(|value| &value.value).collect::<Vec<_>>());
    values.iter_mut().zip(told).for_each(|(value, told)| value.value = told);
}

/// What follows from a container that is not there everywhere, which is told by itself.
fn is_told_by_container(difference: &Difference) -> bool {
    let mut sets = difference.values.iter().map(|value| BTreeSet::from_iter(value.value.texts()));
    let first = sets.next().unwrap_or_default();
    *difference.attribute.name() == AttributeName::InitOrder && sets.any(|other| other != first)
}

#[cfg(test)]
mod tests {
    use super::{Own, outliers, presence, within};
    use crate::commands::compare::report::DifferenceRow;
    use crate::commands::compare::samples::ComparedWorkloads;
    use crate::compare::{Attribute, AttributeName, ConfigMapPart, ContainerPart, Sample, container_part};

    fn of_app(part: ContainerPart) -> AttributeName {
        container_part("app", part)
    }

    fn sample(cluster: &str, pairs: &[(AttributeName, &str)]) -> Sample {
        let attribute =
            |(name, value): &(AttributeName, &str)| (Attribute::from(name.clone()), (*value).into());
        Sample {
            cluster: cluster.to_string(),
            bad: false,
            attributes: pairs.iter().map(attribute).collect(),
            is_partial: false,
            more: 0,
        }
    }

    fn pair(samples: Vec<Sample>) -> ComparedWorkloads {
        ComparedWorkloads { name: "Deployment/web".to_string(), samples, lasting: true }
    }

    fn told(rows: &[DifferenceRow]) -> Vec<String> {
        let value = |row: &DifferenceRow| {
            let values: Vec<String> = row
                .values
                .iter()
                .map(|value| format!("{} {}", value.value, value.clusters.join("+")))
                .collect();
            format!("{} {}: {}", row.group.word(), row.what, values.join(" | "))
        };
        rows.iter().map(value).collect()
    }

    #[track_caller]
    fn check(samples: Vec<Sample>, expect: &[&str]) {
        assert_eq!(told(&within(&[pair(samples)], "eu", &Own::new())), expect);
    }

    #[test]
    fn a_digest_is_told_where_the_tag_does_not_tell_it() {
        let image = |cluster: &str, tag: &str, digest: &str| {
            sample(
                cluster,
                &[(of_app(ContainerPart::Image), tag), (of_app(ContainerPart::ImageDigest), digest)],
            )
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
        let without = sample("us", &[(of_app(ContainerPart::Image), "web:1")]);
        check(vec![without, image("eu", "web:1", "sha256:b")], &[]);
    }

    #[test]
    fn one_digest_under_several_names_is_no_finding() {
        let image = |cluster: &str, name: &str, digest: &str| {
            sample(
                cluster,
                &[(of_app(ContainerPart::Image), name), (of_app(ContainerPart::ImageDigest), digest)],
            )
        };
        let mirrored = within(
            &[pair(vec![image("us", "us/web:1", "sha256:a"), image("eu", "eu/web:1", "sha256:a")])],
            "eu",
            &Own::new(),
        );
        assert_eq!(told(&mirrored), ["images app image: eu/web:1 eu | us/web:1 us"]);
        assert!(mirrored[0].expected);
        let other = within(
            &[pair(vec![image("us", "us/web:1", "sha256:a"), image("eu", "eu/web:1", "sha256:b")])],
            "eu",
            &Own::new(),
        );
        assert!(!other[0].expected);
    }

    #[test]
    fn of_long_texts_only_the_lines_that_differ() {
        let map = |cluster: &str, text: &str| {
            sample(
                cluster,
                &[(AttributeName::OfConfigMap("web".into(), ConfigMapPart::Value("app.yaml".into())), text)],
            )
        };
        check(
            vec![map("us", "a: 1\nlevel: debug\nz: 1"), map("eu", "a: 1\n  level: info\nz: 1")],
            &["config ConfigMap web app.yaml: level: info eu | level: debug us"],
        );
        check(
            vec![map("us", "a\nb\nc"), map("eu", "a\nb")],
            &["config ConfigMap web app.yaml: without these eu | c us"],
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
                    (AttributeName::Replicas, n),
                    (AttributeName::Revision, revision),
                    (AttributeName::Chart, "web-1"),
                ],
            )
        };
        let rows = within(&[pair(vec![scale("us", "3", "7"), scale("eu", "6", "9")])], "us", &Own::new());
        assert_eq!(told(&rows), ["scale replicas: 3 us | 6 eu", "revision revision: 7 us | 9 eu"]);
        assert!(rows.iter().all(|row| row.expected));
    }

    #[test]
    fn what_is_not_there_differs() {
        let rows = presence(&[pair(vec![sample("us", &[])])], &["us", "eu"], "eu");
        assert_eq!(told(&rows), ["template workload: not there eu | there us"]);
        assert!(presence(&[pair(vec![sample("us", &[])])], &["us"], "us").is_empty());
        let job = ComparedWorkloads { lasting: false, ..pair(vec![sample("us", &[])]) };
        assert!(presence(&[job], &["us", "eu"], "us").is_empty());
    }

    #[test]
    fn a_value_that_names_its_own_cluster_is_expected() {
        let own = Own::from([
            ("us".to_string(), vec!["us-east-1".to_string()]),
            ("eu".to_string(), vec!["eu-west-1".to_string()]),
        ]);
        let row = |us: &str, eu: &str| {
            let env = |cluster: &str, value: &str| {
                sample(cluster, &[(of_app(ContainerPart::Env("X".into())), value)])
            };
            within(&[pair(vec![env("us", us), env("eu", eu)])], "eu", &own)[0].expected
        };
        assert!(row("us-east-1", "eu-west-1"));
        assert!(row("https://db.us-east-1.example/x", "https://db.eu-west-1.example/x"));
        assert!(!row("eu-west-1", "us-east-1"), "each is the other's");
        assert!(!row("us-east-1/a", "eu-west-1/b"));
        assert!(!row("us-east-10", "eu-west-10"), "another word");
        assert!(!row("us-east-1", "not set"));
    }

    #[test]
    fn the_odd_one_out_is_who_stands_apart_most() {
        let scale = |cluster: &str, mode: &str, level: &str| {
            sample(
                cluster,
                &[
                    (of_app(ContainerPart::Env("MODE".into())), mode),
                    (of_app(ContainerPart::Env("LEVEL".into())), level),
                ],
            )
        };
        let rows = within(
            &[pair(vec![
                scale("us", "b", "y"),
                scale("eu", "a", "x"),
                scale("ap", "a", "x"),
                scale("sa", "a", "y"),
            ])],
            "eu",
            &Own::new(),
        );
        let found = outliers(&rows);
        let said: Vec<(&str, usize)> =
            found.iter().map(|one| (one.cluster.as_str(), one.differences)).collect();
        assert_eq!(said, [("us", 1)], "two against two tells nothing");
    }
}
