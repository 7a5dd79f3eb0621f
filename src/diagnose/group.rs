//! Findings of many pods, workloads and clusters put together: one for each cause and signature.

use crate::diagnose::blamed::Blamed;
use crate::diagnose::finding::Finding;
use crate::health::Serving;
use jiff::Timestamp;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// Which workload a finding is about. `workload` is `Kind/name`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WorkloadPlace {
    pub cluster: String,
    pub namespace: String,
    pub workload: String,
}

/// A finding, where it was made, and the pod that it is about; `None` where the workload itself is meant.
#[derive(Debug, Clone)]
pub struct PlacedFinding {
    pub place: WorkloadPlace,
    pub pod: Option<String>,
    pub finding: Finding,
}

/// What is known of a workload as a whole.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Total {
    pub pods: usize,
    pub serving: Option<Serving>,
}

/// How many pods of a workload a cause has hit.
#[derive(Debug, Clone, PartialEq)]
pub struct Where {
    pub place: WorkloadPlace,
    pub bad_pods: usize,
    pub pods: usize,
    /// All bad pods, sorted.
    pub names: Vec<String>,
}

/// When and where a cause showed first, and what was said there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct FirstSign {
    pub time: Timestamp,
    pub cluster: String,
    pub summary: String,
}

/// One cause with all its places.
#[derive(Debug, Clone, PartialEq)]
pub struct Grouped {
    /// The most confident of its findings, the earliest `since` of all.
    pub finding: Finding,
    /// Where that finding was made: what its evidence and its commands name is there, and need not be elsewhere.
    pub home: WorkloadPlace,
    /// The earliest of its findings, where any says when it began.
    pub first: Option<FirstSign>,
    /// In the order of the fleet, then namespace and workload.
    pub places: Vec<Where>,
    /// What its findings blame outside of their pods, and whose pods do.
    pub blames: BTreeSet<(Blamed, WorkloadPlace)>,
    /// The worst of the workloads that it has hit.
    pub serving: Option<Serving>,
}

impl Grouped {
    pub fn bad_pods(&self) -> usize {
        self.places.iter().map(|place| place.bad_pods).sum()
    }

    /// `6 of 6 pods bad in us-1, 2 of 6 in us-2`; a workload without pods to count is named alone.
    pub fn spread(&self) -> String {
        let mut by_cluster: Vec<(&str, usize, usize)> = Vec::new();
        for place in &self.places {
            let cluster = place.place.cluster.as_str();
            match by_cluster.iter_mut().find(|(known, ..)| *known == cluster) {
                Some((_, bad, pods)) => (*bad, *pods) = (*bad + place.bad_pods, *pods + place.pods),
                None => by_cluster.push((cluster, place.bad_pods, place.pods)),
            }
        }
        let mut word = " pods bad";
        let say = |(cluster, bad, pods): (&str, usize, usize)| match (bad, cluster) {
            (0, _) => cluster.to_string(),
            _ => format!("{bad} of {}{} in {cluster}", pods.max(bad), std::mem::take(&mut word)),
        };
        by_cluster.into_iter().map(say).collect::<Vec<_>>().join(", ")
    }
}

/// One for each cause and signature, worst and widest first: by serving (none first), bad pods, confidence,
/// cause. `fleet` holds the clusters' names in order.
pub fn group(
    found: Vec<PlacedFinding>,
    totals: &BTreeMap<WorkloadPlace, Total>,
    fleet: &[String],
) -> Vec<Grouped> {
    let mut kinds: BTreeMap<(String, Option<String>, String), Vec<PlacedFinding>> = BTreeMap::new();
    for one in found {
        let finding = &one.finding;
        let key = (finding.cause.clone(), finding.owner.clone(), finding.signature.clone());
        kinds.entry(key).or_default().push(one);
    }
    let mut groups: Vec<Grouped> =
        kinds.into_values().filter_map(|found| together(found, totals, fleet)).collect();
    groups.sort_by_cached_key(|group| {
        (
            Reverse(group.serving.map(|serving| serving as u8)),
            Reverse(group.bad_pods()),
            Reverse(group.finding.confidence),
            group.finding.cause.clone(),
            group.finding.signature.clone(),
        )
    });
    groups
}

/// `None` of nothing.
fn together(
    found: Vec<PlacedFinding>,
    totals: &BTreeMap<WorkloadPlace, Total>,
    fleet: &[String],
) -> Option<Grouped> {
    let mut pods: BTreeMap<&WorkloadPlace, BTreeSet<&str>> = BTreeMap::new();
    for one in &found {
        pods.entry(&one.place).or_default().extend(one.pod.as_deref());
    }
    let rank =
        |place: &WorkloadPlace| fleet.iter().position(|name| *name == place.cluster).unwrap_or(usize::MAX);
    let mut places: Vec<Where> = pods
        .iter()
        .map(|(place, names)| Where {
            place: (*place).clone(),
            bad_pods: names.len(),
            pods: totals.get(*place).map_or(0, |total| total.pods).max(names.len()),
            names: names.iter().map(|name| name.to_string()).collect(),
        })
        .collect();
    places.sort_by_key(|place| rank(&place.place));
    let serving = pods.keys().filter_map(|place| totals.get(*place)?.serving).max();
    let sign = |one: &PlacedFinding| {
        let (cluster, summary) = (one.place.cluster.clone(), one.finding.summary.clone());
        Some((rank(&one.place), FirstSign { time: one.finding.since?, cluster, summary }))
    };
    let first =
        found.iter().filter_map(sign).min_by_key(|(rank, sign)| (sign.time, *rank, sign.summary.clone()));
    let first = first.map(|(_, sign)| sign);
    let blames =
        found.iter().filter_map(|one| Some((one.finding.blames.clone()?, one.place.clone()))).collect();
    // The finding that speaks for the group: the surest, of the first place and pod among equals.
    let order = |one: &PlacedFinding| {
        (Reverse(one.finding.confidence), rank(&one.place), one.place.clone(), one.pod.clone())
    };
    let foremost = found.into_iter().min_by_key(order)?;
    let finding = Finding { since: first.as_ref().map(|first| first.time), ..foremost.finding };
    Some(Grouped { finding, home: foremost.place, first, places, blames, serving })
}

#[cfg(test)]
mod tests {
    use super::{PlacedFinding, Total, WorkloadPlace, group};
    use crate::diagnose::fill::Placeholders;
    use crate::diagnose::finding::Confidence;
    use crate::diagnose::rules::rule;
    use crate::health::Serving;
    use std::collections::BTreeMap;

    fn place(cluster: &str, workload: &str) -> WorkloadPlace {
        WorkloadPlace {
            cluster: cluster.into(),
            namespace: "shop".into(),
            workload: format!("Deployment/{workload}"),
        }
    }

    fn found(
        cluster: &str,
        workload: &str,
        pod: &str,
        cause: &str,
        line: &str,
        since: &str,
    ) -> PlacedFinding {
        let rule = rule(cause).expect("a known cause");
        let finding = rule.finding(Confidence::Medium, &Placeholders::default()).signed_like(line, pod);
        let finding = finding.since(since.parse().ok());
        let pod = Some(pod.to_string()).filter(|pod| !pod.is_empty());
        PlacedFinding { place: place(cluster, workload), pod, finding }
    }

    #[test]
    fn one_for_each_cause_and_signature_worst_and_widest_first() {
        let fleet = ["us-2".to_string(), "us-1".to_string()];
        let totals = BTreeMap::from([
            (place("us-1", "web"), Total { pods: 2, serving: Some(Serving::Partial) }),
            (place("us-2", "web"), Total { pods: 6, serving: Some(Serving::Partial) }),
            (place("us-1", "api"), Total { pods: 1, serving: Some(Serving::None) }),
        ]);
        let groups = group(
            vec![
                found("us-1", "web", "web-1", "app-error", "panic at 10.0.0.1", "2026-01-01T00:04:00Z"),
                found("us-1", "web", "web-2", "app-error", "panic at 10.0.0.2", "2026-01-01T00:03:00Z"),
                found("us-2", "web", "web-1", "app-error", "panic at 10.9.0.1", "2026-01-01T00:02:00Z"),
                found("us-2", "web", "web-9", "app-error", "another line", "2026-01-01T00:02:00Z"),
                found("us-1", "api", "api-1", "oom-killed", "api", "2026-01-01T00:05:00Z"),
            ],
            &totals,
            &fleet,
        );
        let said: Vec<(&str, String)> =
            groups.iter().map(|group| (group.finding.cause.as_str(), group.spread())).collect();
        assert_eq!(
            said,
            [
                ("oom-killed", "1 of 1 pods bad in us-1".to_string()),
                ("app-error", "1 of 6 pods bad in us-2, 2 of 2 in us-1".to_string()),
                ("app-error", "1 of 6 pods bad in us-2".to_string()),
            ]
        );
        assert_eq!(groups[1].finding.since, "2026-01-01T00:02:00Z".parse().ok());
        assert_eq!(groups[1].places[1].names, ["web-1", "web-2"]);
        assert_eq!(groups[1].bad_pods(), 3);
    }

    #[test]
    fn a_finding_keeps_the_place_in_which_it_was_made() {
        let fleet = ["zebra".to_string(), "ant".to_string(), "bee".to_string()];
        let mut sure = found("bee", "web", "web-b", "app-error", "panic", "2026-01-01T00:03:00Z");
        sure.finding.confidence = Confidence::High;
        sure.finding.summary = "of web-b".into();
        let mut early = found("ant", "web", "web-a", "app-error", "panic", "2026-01-01T00:01:00Z");
        early.finding.summary = "of web-a".into();
        let late = found("zebra", "web", "web-z", "app-error", "panic", "2026-01-01T00:02:00Z");
        let groups = group(vec![early.clone(), sure, late.clone()], &BTreeMap::new(), &fleet);
        let [one] = groups.as_slice() else { panic!("{groups:?}") };
        assert_eq!(one.places[0].place, place("zebra", "web"), "in fleet order");
        assert_eq!((&one.home, one.finding.summary.as_str()), (&place("bee", "web"), "of web-b"));
        let first = one.first.as_ref().expect("a sign");
        assert_eq!((first.cluster.as_str(), first.summary.as_str()), ("ant", "of web-a"));
        assert_eq!(one.finding.since, Some(first.time));
        // Among equals the fleet's order decides, as in the list of places.
        let groups = group(vec![early, late], &BTreeMap::new(), &fleet);
        assert_eq!(groups[0].home, groups[0].places[0].place);
    }

    #[test]
    fn a_workload_without_pods_is_named() {
        let groups = group(vec![found("us-1", "web", "", "quota-exceeded", "q", "")], &BTreeMap::new(), &[]);
        assert_eq!((groups[0].spread().as_str(), groups[0].bad_pods()), ("us-1", 0));
        assert!(group(Vec::new(), &BTreeMap::new(), &[]).is_empty());
    }
}
