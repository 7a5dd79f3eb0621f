//! Which attributes tell the bad from the good, and which differ from cluster to cluster.

use crate::compare::attribute::{Attribute, AttributeGroup, AttributeName, Attributes};
use crate::compare::seal::shown;
use crate::compare::value::{Absence, AttributeValue};
use crate::workload::Quantity;
use std::collections::{BTreeMap, BTreeSet};

/// One thing that is compared: a pod, or what a cluster holds of a service.
#[derive(Debug, Clone, Default)]
pub struct Sample {
    pub cluster: String,
    pub bad: bool,
    pub attributes: Attributes,
    /// The workload was not read, only its pods: what they lack of a template is not known to be absent there.
    pub is_partial: bool,
    /// Others that are just like it, and are no samples of their own.
    pub more: usize,
}

impl Sample {
    fn count(&self) -> usize {
        1 + self.more
    }
}

/// An attribute that is not the same everywhere.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    pub attribute: Attribute,
    /// From 0, tells nothing, to 1, tells the bad from the good without exception.
    pub weight: f64,
    /// The worst value first; for clusters the baseline's first.
    pub values: Vec<ComparedValue>,
}

/// A value and who has it.
#[derive(Debug, Clone, PartialEq)]
pub struct ComparedValue {
    pub value: AttributeValue,
    /// In the order in which they came.
    pub clusters: Vec<String>,
    pub bad_pods: usize,
    pub pods: usize,
}

const NOT_SET: &AttributeValue = &AttributeValue::Absent(Absence::NotSet);
/// Below this an attribute says next to nothing about which pods are bad.
const LEAST_WEIGHT: f64 = 0.1;

/// What tells bad pods from good ones, the most discriminating attribute first. Empty where all are bad or none
/// is: then nothing can be told.
pub fn contrast(samples: &[Sample]) -> Vec<Difference> {
    if samples.iter().all(|sample| sample.bad) || !samples.iter().any(|sample| sample.bad) {
        return Vec::new();
    }
    let mut found: Vec<Difference> = attributes(samples)
        .into_iter()
        .filter_map(|attribute| {
            let mut values = values(samples, &attribute);
            let weight = weight(&values);
            values.sort_by(|a, b| {
                let ratio = (b.bad_pods * a.pods).cmp(&(a.bad_pods * b.pods));
                ratio.then(b.pods.cmp(&a.pods)).then_with(|| a.value.cmp(&b.value))
            });
            let tells = values.len() > 1
                && weight >= LEAST_WEIGHT
                && !only_names_clusters(samples, &attribute, &values);
            tells.then(|| Difference { attribute, weight, values: unsealed(values) })
        })
        .collect();
    found.sort_by(|a, b| b.weight.total_cmp(&a.weight).then_with(|| a.attribute.cmp(&b.attribute)));
    found
}

/// A place within a cluster is another way to name the cluster, unless it tells the good from the bad there.
fn only_names_clusters(samples: &[Sample], attribute: &Attribute, values: &[ComparedValue]) -> bool {
    let is_place = matches!(attribute.name(), AttributeName::Zone | AttributeName::Node);
    if !is_place || values.iter().any(|value| value.clusters.len() > 1) {
        return false;
    }
    let clusters: BTreeSet<&str> = samples.iter().map(|sample| sample.cluster.as_str()).collect();
    let is_split = |cluster: &&str| {
        let own = || samples.iter().filter(|sample| sample.cluster == **cluster);
        own().any(|sample| sample.bad) && own().any(|sample| !sample.bad)
    };
    clusters.len() > 1 && !clusters.iter().any(is_split)
}

/// What differs between clusters. A cluster with several samples has each of their values. With a baseline its
/// value stands first, and an attribute that the baseline shares with all others is left out all the same.
pub fn differences(samples: &[Sample], baseline: Option<&str>) -> Vec<Difference> {
    let mut clusters: Vec<&str> = Vec::new();
    for sample in samples {
        if !clusters.contains(&sample.cluster.as_str()) {
            clusters.push(&sample.cluster);
        }
    }
    let mut found = Vec::new();
    for attribute in attributes(samples) {
        let container = container_of(&attribute, samples);
        let said = |sample| value_of(sample, &attribute, container.as_ref());
        let mut by_value: Vec<ComparedValue> = Vec::new();
        for cluster in &clusters {
            let own = samples.iter().filter(|sample| sample.cluster == *cluster);
            let Some(value) = AttributeValue::of_all(own.clone().filter_map(said).collect()) else {
                continue;
            };
            let bad = own.clone().filter(|sample| sample.bad).map(Sample::count).sum::<usize>();
            let pods = own.map(Sample::count).sum::<usize>();
            let same =
                |known: &&mut ComparedValue| meaning(&attribute, &known.value) == meaning(&attribute, &value);
            match by_value.iter_mut().find(same) {
                Some(known) => {
                    known.clusters.push(cluster.to_string());
                    (known.bad_pods, known.pods) = (known.bad_pods + bad, known.pods + pods);
                }
                None => by_value.push(ComparedValue {
                    value,
                    clusters: vec![cluster.to_string()],
                    bad_pods: bad,
                    pods,
                }),
            }
        }
        by_value.sort_by_key(|value| {
            let is_baseline =
                baseline.is_some_and(|baseline| value.clusters.iter().any(|name| name == baseline));
            (!is_baseline, std::cmp::Reverse(value.clusters.len()))
        });
        if by_value.len() > 1 {
            let weight = weight(&by_value);
            found.push(Difference { attribute, weight, values: unsealed(by_value) });
        }
    }
    found
}

/// The values as they may be shown, once all has been compared.
fn unsealed(mut values: Vec<ComparedValue>) -> Vec<ComparedValue> {
    let open = shown(&values.iter().map(|value| &value.value).collect::<Vec<_>>());
    values.iter_mut().zip(open).for_each(|(value, open)| value.value = open);
    values
}

fn attributes(samples: &[Sample]) -> BTreeSet<Attribute> {
    samples.iter().flat_map(|sample| sample.attributes.keys().cloned()).collect()
}

/// What a sample says of an attribute. Where absence means something it says that; where it only means that
/// something was not read, it says nothing. `container`: the one that it is about, if any sample has it. That a
/// container is absent is told once, and not again for each thing about it.
fn value_of<'a>(
    sample: &'a Sample,
    attribute: &Attribute,
    container: Option<&Attribute>,
) -> Option<&'a AttributeValue> {
    let value = sample.attributes.get(attribute);
    let is_absent = |container: &Attribute| !sample.attributes.contains_key(container);
    let is_unread = sample.is_partial && attribute.group() == AttributeGroup::Template;
    let unsaid = attribute.group().may_be_unread() || is_unread || container.is_some_and(is_absent);
    value.or(if unsaid { None } else { Some(NOT_SET) })
}

/// The attribute by which those samples that have the container say so.
fn container_of(attribute: &Attribute, samples: &[Sample]) -> Option<Attribute> {
    let container = Attribute::from(attribute.name().role_of_its_container()?);
    samples.iter().any(|sample| sample.attributes.contains_key(&container)).then_some(container)
}

/// What makes two values the same: `1000m` of a processor is `1`.
fn meaning<'a>(attribute: &Attribute, value: &'a AttributeValue) -> Result<i128, &'a AttributeValue> {
    let amount = value.as_text().filter(|_| attribute.name().is_amount()).and_then(Quantity::parse);
    amount.map(|amount| amount.nanos).ok_or(value)
}

fn values(samples: &[Sample], attribute: &Attribute) -> Vec<ComparedValue> {
    let mut values: BTreeMap<Result<i128, &AttributeValue>, ComparedValue> = BTreeMap::new();
    let container = container_of(attribute, samples);
    for sample in samples {
        let Some(said) = value_of(sample, attribute, container.as_ref()) else { continue };
        let value = values.entry(meaning(attribute, said)).or_insert_with(|| ComparedValue {
            value: said.clone(),
            clusters: Vec::new(),
            bad_pods: 0,
            pods: 0,
        });
        value.pods += sample.count();
        value.bad_pods += if sample.bad { sample.count() } else { 0 };
        if !value.clusters.contains(&sample.cluster) {
            value.clusters.push(sample.cluster.clone());
        }
    }
    values.into_values().collect()
}

/// Symmetric uncertainty: what the values and good or bad tell of each other, against all that both tell. The
/// name of a pod's own node would tell everything otherwise, and mean nothing.
fn weight(values: &[ComparedValue]) -> f64 {
    let (bad, pods) =
        values.iter().fold((0, 0), |(bad, pods), value| (bad + value.bad_pods, pods + value.pods));
    let all = entropy([bad, pods - bad]);
    let split = entropy(values.iter().map(|value| value.pods));
    let rest: f64 = values
        .iter()
        .map(|value| {
            value.pods as f64 / pods.max(1) as f64 * entropy([value.bad_pods, value.pods - value.bad_pods])
        })
        .sum();
    if all + split <= 0.0 { 0.0 } else { (2.0 * (all - rest) / (all + split)).clamp(0.0, 1.0) }
}

/// Shannon's, in bits, of things counted by kind.
fn entropy(counts: impl IntoIterator<Item = usize>) -> f64 {
    let counts: Vec<f64> = counts.into_iter().filter(|count| *count > 0).map(|count| count as f64).collect();
    let whole: f64 = counts.iter().sum();
    counts.iter().map(|count| -(count / whole) * (count / whole).log2()).sum()
}

#[cfg(test)]
mod tests {
    /// `arm64: 6/6 bad`.
    fn tally(value: &super::ComparedValue) -> String {
        format!("{}: {}/{} bad", value.value, value.bad_pods, value.pods)
    }

    use super::{Sample, contrast, differences};
    use crate::compare::attribute::{Attribute, AttributeName, Attributes, ContainerPart, container_part};

    fn of_app(part: ContainerPart) -> AttributeName {
        container_part("app", part)
    }

    fn sample(cluster: &str, bad: bool, pairs: &[(AttributeName, &str)]) -> Sample {
        let attributes: Attributes =
            pairs.iter().map(|(name, value)| (Attribute::from(name.clone()), (*value).into())).collect();
        Sample { cluster: cluster.to_string(), bad, attributes, ..Sample::default() }
    }

    #[test]
    fn the_most_discriminating_attribute_stands_first() {
        let mut samples = Vec::new();
        for index in 0..18 {
            let bad = index < 6;
            let node = format!("node-{index}");
            samples.push(sample(
                if index < 9 { "us-1" } else { "eu-1" },
                bad,
                &[
                    (AttributeName::Node, &node),
                    (AttributeName::NodeArchitecture, if bad { "arm64" } else { "amd64" }),
                    (AttributeName::Kubelet, if index % 2 == 0 { "v1.30" } else { "v1.31" }),
                    (AttributeName::Zone, if index < 8 { "a" } else { "b" }),
                    (of_app(ContainerPart::Image), "web:1"),
                ],
            ));
        }
        let found = contrast(&samples);
        let order: Vec<String> = found.iter().map(|difference| difference.attribute.to_string()).collect();
        assert_eq!(order[0], "node architecture");
        let is_told = |name: &str| order.iter().any(|told| told == name);
        assert!(!is_told("kubelet"), "it is the same for both: {order:?}");
        assert!(!is_told("app image"));
        assert!(
            order.iter().position(|what| *what == "zone") < order.iter().position(|what| *what == "node")
                || !is_told("node")
        );
        let tallies: Vec<String> = found[0].values.iter().map(tally).collect();
        assert_eq!(tallies, ["arm64: 6/6 bad", "amd64: 0/12 bad"]);
        assert!((found[0].weight - 1.0).abs() < 1e-9);
        assert_eq!(found[0].values[0].clusters, ["us-1"]);
    }

    #[test]
    fn what_is_alike_counts_as_often_as_it_is_there() {
        let node = |bad, node: &str| sample("us-1", bad, &[(AttributeName::Node, node)]);
        let each = [node(true, "a"), node(true, "a"), node(true, "a"), node(false, "a"), node(false, "b")];
        let mut folded = [node(true, "a"), node(false, "a"), node(false, "b")];
        folded[0].more = 2;
        assert_eq!(contrast(&folded), contrast(&each));
        assert_eq!(
            contrast(&folded)[0].values.iter().map(tally).collect::<Vec<_>>(),
            ["a: 3/4 bad", "b: 0/1 bad"]
        );
        let apart = |samples: &[Sample]| {
            let other = sample("eu-1", false, &[(AttributeName::Node, "c")]);
            differences(&[samples, &[other]].concat(), None)
        };
        assert_eq!(apart(&folded), apart(&each));
    }

    #[test]
    fn a_zone_tells_nothing_that_its_clusters_name_does_not() {
        let zone = |cluster, bad, zone| sample(cluster, bad, &[(AttributeName::Zone, zone)]);
        let whole = [zone("us-1", true, "us-1a"), zone("us-1", true, "us-1b"), zone("eu-1", false, "eu-1a")];
        assert!(contrast(&whole).is_empty());
        let part = [zone("us-1", true, "us-1a"), zone("us-1", false, "us-1b"), zone("eu-1", false, "eu-1a")];
        assert_eq!(contrast(&part).len(), 1, "within us-1 it is the zone");
        let shared = [
            zone("us-1", true, "a"),
            zone("us-2", true, "a"),
            zone("us-2", true, "b"),
            zone("eu-1", false, "c"),
        ];
        assert_eq!(contrast(&shared).len(), 1, "two clusters share it");
    }

    #[test]
    fn what_pods_lack_of_a_template_is_not_known_to_be_absent() {
        let template = [AttributeName::Label("app".into()), of_app(ContainerPart::Env("A".into()))];
        let whole = template.map(|name| (name, "x"));
        let mut hidden = sample("us", false, &[]);
        let told = |hidden: &Sample| -> Vec<String> {
            let samples = [sample("eu", false, &whole), hidden.clone()];
            let found = differences(&samples, Some("eu"));
            found.into_iter().map(|difference| difference.attribute.to_string()).collect()
        };
        assert_eq!(told(&hidden).len(), 2);
        hidden.is_partial = true;
        assert_eq!(told(&hidden), ["app env A"]);
    }

    #[test]
    fn absence_is_a_value_unless_it_may_be_ignorance() {
        let samples = [
            sample("us-1", true, &[]),
            sample(
                "eu-1",
                false,
                &[(of_app(ContainerPart::Env("MODE".into())), "fast"), (AttributeName::Zone, "a")],
            ),
        ];
        let found = contrast(&samples);
        assert_eq!(found.len(), 1);
        assert_eq!(tally(&found[0].values[0]), "not set: 1/1 bad");
    }

    #[test]
    fn a_value_that_says_not_set_is_not_taken_for_none() {
        let env = || of_app(ContainerPart::Env("MODE".into()));
        let said = [sample("us", true, &[(env(), "not set")]), sample("eu", false, &[])];
        let found = differences(&said, Some("eu"));
        let values: Vec<String> = found[0].values.iter().map(|value| value.value.to_string()).collect();
        assert_eq!(values, ["not set", "\"not set\""]);
        assert!(found[0].values[0].value.is_absent() && !found[0].values[1].value.is_absent());
        assert_eq!(contrast(&said).len(), 1);
    }

    #[test]
    fn nothing_to_compare_with_tells_nothing() {
        let all = [
            sample("a", true, &[(AttributeName::Zone, "x")]),
            sample("b", true, &[(AttributeName::Zone, "y")]),
        ];
        assert!(contrast(&all).is_empty());
        assert!(contrast(&[]).is_empty());
    }

    #[test]
    fn clusters_are_compared_with_a_baseline() {
        let samples = [
            sample(
                "us-1",
                false,
                &[
                    (of_app(ContainerPart::Limit("memory".into())), "256Mi"),
                    (of_app(ContainerPart::Image), "web:1"),
                ],
            ),
            sample(
                "us-1",
                false,
                &[
                    (of_app(ContainerPart::Limit("memory".into())), "256Mi"),
                    (of_app(ContainerPart::Image), "web:2"),
                ],
            ),
            sample(
                "eu-1",
                false,
                &[
                    (of_app(ContainerPart::Limit("memory".into())), "512Mi"),
                    (of_app(ContainerPart::Image), "web:1"),
                ],
            ),
            sample(
                "ap-1",
                false,
                &[
                    (of_app(ContainerPart::Limit("memory".into())), "512Mi"),
                    (of_app(ContainerPart::Image), "web:1"),
                ],
            ),
        ];
        let found = differences(&samples, Some("us-1"));
        let said: Vec<String> = found
            .iter()
            .flat_map(|difference| difference.values.iter())
            .map(|value| format!("{} {}", value.value, value.clusters.join("+")))
            .collect();
        assert_eq!(said, ["web:1, web:2 us-1", "web:1 eu-1+ap-1", "256Mi us-1", "512Mi eu-1+ap-1"]);
        assert!(differences(&samples[2..], None).is_empty());
    }
}
