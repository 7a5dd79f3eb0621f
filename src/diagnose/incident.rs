//! What explains findings of several services at once: pure, from findings that were grouped for each service.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use crate::diagnose::blamed::{Blamed, BlamedKind, BlamedScope};
use crate::diagnose::finding::{Confidence, Evidence};
use crate::diagnose::group::{Grouped, WorkloadPlace};
use crate::text::count;

/// Findings that begin this close to each other begin at one instant.
const INSTANT: SignedDuration = SignedDuration::from_secs(120);
/// Services that have to begin to fail at one instant before that is no chance.
const LEAST_AT_ONCE: usize = 3;
/// Nodes of several zones that are lost before the cluster is to blame.
const LEAST_NODES: usize = 3;

/// What a thing that several services share comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum IncidentKind {
    Blamed(BlamedKind),
    /// The nodes of one zone.
    Zone,
    /// The nodes of a cluster, in several zones.
    Cluster,
    /// No name can be resolved.
    Dns,
    /// Pods get no network, on several nodes.
    PodNetwork,
    /// Nothing but the time at which they began.
    Instant,
}

impl IncidentKind {
    pub fn id(self) -> &'static str {
        match self {
            IncidentKind::Blamed(kind) => kind.id(),
            IncidentKind::Zone => "zone",
            IncidentKind::Cluster => "cluster",
            IncidentKind::Dns => "cluster-dns",
            IncidentKind::PodNetwork => "pod-network",
            IncidentKind::Instant => "one-instant",
        }
    }
}

/// A finding by its service and its place among that service's.
pub type FindingIndex = (usize, usize);

/// One thing that explains findings of at least two services.
#[derive(Debug, Clone, PartialEq)]
pub struct Incident {
    pub kind: IncidentKind,
    /// For someone who has just been woken: `node ip-10-11-24-60 is not ready`.
    pub what: String,
    /// Where it shows, in the order of the fleet.
    pub clusters: Vec<String>,
    pub confidence: Confidence,
    pub since: Option<Timestamp>,
    /// What it explains, in order.
    pub findings: BTreeSet<FindingIndex>,
    pub evidence: Vec<Evidence>,
    /// Whose commands look closer: the surest of its findings.
    pub foremost: FindingIndex,
}

impl Incident {
    pub fn services(&self) -> BTreeSet<usize> {
        self.findings.iter().map(|(service, _)| *service).collect()
    }
}

/// The incidents among the findings of services, the widest first. `fleet`: the clusters' names in order. `zone`: of a cluster's node,
/// where it was read. One service alone is no incident, and neither are two that happen to say the same word.
pub fn incidents(
    services: &[&[Grouped]],
    fleet: &[String],
    zone: impl Fn(&str, &str) -> Option<String>,
) -> Vec<Incident> {
    let sightings = sightings(services);
    let wider = lost_nodes(&sightings, &zone).into_iter().chain(everywhere(&sightings));
    let mut found: Vec<Candidate> = wider.filter(Candidate::is_shared).collect();
    let explained: BTreeSet<SightingKey> =
        found.iter().flat_map(|candidate| candidate.sightings.iter().map(|one| one.key())).collect();
    let mut shared: BTreeMap<SharedKey, Candidate> = BTreeMap::new();
    for one in &sightings {
        if !explained.contains(&one.key()) {
            let candidate = || Candidate::new(IncidentKind::Blamed(one.blamed.kind), String::new());
            shared.entry(SharedKey::of(one)).or_insert_with(candidate).sightings.push(one);
        }
    }
    let named = shared.into_values().filter(Candidate::is_shared);
    found.extend(over_clusters(named.map(|one| Candidate { what: one.what_is_wrong(), ..one })));
    let mut incidents: Vec<Incident> =
        found.into_iter().filter_map(|candidate| candidate.incident(services, fleet)).collect();
    let explained: BTreeSet<FindingIndex> =
        incidents.iter().flat_map(|incident| incident.findings.iter().copied()).collect();
    incidents.extend(at_one_instant(services, fleet, &explained));
    let size = |incident: &Incident| (incident.services().len(), incident.findings.len());
    incidents.sort_by_cached_key(|incident| {
        (std::cmp::Reverse(size(incident)), incident.since, incident.kind, incident.what.clone())
    });
    incidents
}

/// A thing that a finding blames somewhere.
#[derive(Debug)]
struct Sighting<'a> {
    index: FindingIndex,
    blamed: &'a Blamed,
    place: &'a WorkloadPlace,
    group: &'a Grouped,
}

type SightingKey<'a> = (FindingIndex, &'a Blamed, &'a WorkloadPlace);

impl<'a> Sighting<'a> {
    fn key(&self) -> SightingKey<'a> {
        (self.index, self.blamed, self.place)
    }
}

fn sightings<'a>(services: &[&'a [Grouped]]) -> Vec<Sighting<'a>> {
    let of_group = |service: usize, number: usize, group: &'a Grouped| {
        let sighting = move |(blamed, place): &'a (Blamed, WorkloadPlace)| Sighting {
            index: (service, number),
            blamed,
            place,
            group,
        };
        group.blames.iter().map(sighting)
    };
    let of_service = |(service, groups): (usize, &&'a [Grouped])| {
        let groups: &'a [Grouped] = groups;
        groups
            .iter()
            .enumerate()
            .flat_map(move |(number, group)| of_group(service, number, group))
            .collect::<Vec<_>>()
    };
    services.iter().enumerate().flat_map(of_service).collect()
}

/// What makes two things of one name the same.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct SharedKey {
    blamed: Blamed,
    cluster: Option<String>,
    namespace: Option<String>,
}

impl SharedKey {
    fn of(one: &Sighting) -> SharedKey {
        let scope = one.blamed.scope();
        SharedKey {
            blamed: one.blamed.clone(),
            cluster: (scope != BlamedScope::Fleet).then(|| one.place.cluster.clone()),
            namespace: (scope == BlamedScope::Namespace).then(|| one.place.namespace.clone()),
        }
    }
}

/// Sightings that one thing may explain.
#[derive(Debug)]
struct Candidate<'a> {
    kind: IncidentKind,
    what: String,
    sightings: Vec<&'a Sighting<'a>>,
}

impl<'a> Candidate<'a> {
    fn new(kind: IncidentKind, what: String) -> Candidate<'a> {
        Candidate { kind, what, sightings: Vec::new() }
    }

    fn is_shared(&self) -> bool {
        self.sightings.iter().map(|one| one.index.0).collect::<BTreeSet<_>>().len() > 1
    }

    /// `node ip-10-11-24-60 is not ready`, by the cause of most of its findings.
    fn what_is_wrong(&self) -> String {
        let Some(first) = self.sightings.first() else { return String::new() };
        let mut causes: BTreeMap<&str, usize> = BTreeMap::new();
        for one in &self.sightings {
            *causes.entry(one.group.finding.cause.as_str()).or_default() += 1;
        }
        let cause = causes
            .iter()
            .min_by_key(|(cause, times)| (std::cmp::Reverse(**times), **cause))
            .map_or("", |(cause, _)| cause);
        let Blamed { kind, name } = first.blamed;
        let namespace = match first.blamed.scope() {
            BlamedScope::Namespace if *kind != BlamedKind::Dependency => {
                format!(" in namespace {}", first.place.namespace)
            }
            _ => String::new(),
        };
        format!("{} {name}{namespace} {}", kind.noun(), predicate(cause))
    }

    fn incident(self, services: &[&[Grouped]], fleet: &[String]) -> Option<Incident> {
        let findings: BTreeSet<FindingIndex> = self.sightings.iter().map(|one| one.index).collect();
        let seen: BTreeSet<&str> = self.sightings.iter().map(|one| one.place.cluster.as_str()).collect();
        let group = |(service, number): &FindingIndex| services.get(*service)?.get(*number);
        let foremost = *findings.iter().max_by_key(|index| group(index).map(|one| one.finding.confidence))?;
        // It is as sure as the least sure of the services that it is to explain.
        let mut surest: BTreeMap<usize, Confidence> = BTreeMap::new();
        for index in &findings {
            let confidence = group(index)?.finding.confidence;
            let known = surest.entry(index.0).or_insert(confidence);
            *known = confidence.max(*known);
        }
        Some(Incident {
            kind: self.kind,
            what: self.what,
            clusters: fleet.iter().filter(|name| seen.contains(name.as_str())).cloned().collect(),
            confidence: surest.into_values().min()?,
            since: findings.iter().filter_map(|index| group(index)?.finding.since).min(),
            evidence: group(&foremost)?.finding.evidence.iter().take(2).cloned().collect(),
            findings,
            foremost,
        })
    }
}

/// What a thing does, by the cause that blames it.
fn predicate(cause: &str) -> &'static str {
    match cause {
        "node-not-ready" | "node-taint-evicted" | "container-status-unknown" => "is not ready",
        "node-shutdown" => "is shutting down",
        "node-drained" => "is drained",
        "evicted-memory" | "oom-killed-by-node" => "runs out of memory",
        "evicted-node-condition" => "is under pressure",
        "kubelet-rejected" => "refuses pods",
        "image-disk-full" => "has no room for images",
        "sandbox-network" | "sandbox-error" => "cannot set up pods",
        "image-pull-unauthorized" => "does not let pull",
        "image-pull-rate-limited" => "limits pulls",
        "image-registry-tls" => "has a certificate that is not trusted",
        "image-registry-unreachable" => "does not answer",
        "image-registry-error" => "answers with errors",
        "dependency-dns" => "cannot be resolved",
        "dependency-tls" => "has a certificate that is not accepted",
        "dependency-auth" => "lets nobody in",
        "dependency-refused" => "refuses connections",
        "dependency-timeout" => "does not answer in time",
        "missing-secret-key" | "missing-configmap-key" => "lacks a key",
        "quota-exceeded" => "is used up",
        "quota-requires-resources" => "wants requests and limits",
        "admission-webhook-unavailable" => "does not answer",
        "admission-denied" => "refuses pods",
        "unschedulable-pvc-unbound" => "provides no volumes",
        "hpa-metrics-missing" => "does not answer",
        _ => "is missing",
    }
}

/// The same thing, missing or broken in several clusters for the same services, is told once.
fn over_clusters<'a>(candidates: impl Iterator<Item = Candidate<'a>>) -> Vec<Candidate<'a>> {
    let mut found: Vec<Candidate<'a>> = Vec::new();
    for mut candidate in candidates {
        let is_nodes = candidate.kind == IncidentKind::Blamed(BlamedKind::Node);
        match found
            .iter_mut()
            .find(|known| !is_nodes && known.kind == candidate.kind && known.what == candidate.what)
        {
            Some(known) => known.sightings.append(&mut candidate.sightings),
            None => found.push(candidate),
        }
    }
    found
}

/// Nodes of one zone, or of a whole cluster, that are lost together.
fn lost_nodes<'a>(
    sightings: &'a [Sighting<'a>],
    zone: &impl Fn(&str, &str) -> Option<String>,
) -> Vec<Candidate<'a>> {
    let is_lost = |one: &&Sighting| matches!(one.group.finding.cause.as_str(), "node-not-ready");
    let mut clusters: BTreeMap<&str, Vec<&Sighting>> = BTreeMap::new();
    for one in sightings.iter().filter(is_lost) {
        clusters.entry(&one.place.cluster).or_default().push(one);
    }
    let candidate = |(cluster, sightings): (&str, Vec<&'a Sighting<'a>>)| {
        let nodes: BTreeSet<&str> = sightings.iter().map(|one| one.blamed.name.as_str()).collect();
        let zones: BTreeSet<Option<String>> = nodes.iter().map(|node| zone(cluster, node)).collect();
        let lost = count(nodes.len(), "node");
        let (kind, what) = match zones.first() {
            Some(Some(zone)) if zones.len() == 1 && nodes.len() > 1 => {
                (IncidentKind::Zone, format!("zone {zone}: {lost} not ready"))
            }
            _ if nodes.len() < LEAST_NODES => return None,
            _ if zones.contains(&None) => (IncidentKind::Cluster, format!("{lost} not ready")),
            _ => (IncidentKind::Cluster, format!("{lost} of several zones not ready")),
        };
        Some(Candidate { kind, what, sightings })
    };
    clusters.into_iter().filter_map(candidate).collect()
}

/// What fails for several things at once fails in the cluster itself: its DNS, its network.
fn everywhere<'a>(sightings: &'a [Sighting<'a>]) -> Vec<Candidate<'a>> {
    let wide = [
        ("dependency-dns", IncidentKind::Dns, "names cannot be resolved"),
        ("sandbox-network", IncidentKind::PodNetwork, "pods get no network"),
    ];
    let mut found = Vec::new();
    for (cause, kind, what) in wide {
        let mut clusters: BTreeMap<&str, Vec<&Sighting>> = BTreeMap::new();
        for one in sightings.iter().filter(|one| one.group.finding.cause == cause) {
            clusters.entry(&one.place.cluster).or_default().push(one);
        }
        let is_wide = |sightings: &[&Sighting]| {
            sightings.iter().map(|one| &one.blamed.name).collect::<BTreeSet<_>>().len() > 1
        };
        found.extend(clusters.into_values().filter(|all| is_wide(all)).map(|sightings| Candidate {
            kind,
            what: what.to_string(),
            sightings,
        }));
    }
    found
}

/// Services of one cluster that began to fail at one instant, and that nothing else explains: a hint, no more.
fn at_one_instant(
    services: &[&[Grouped]],
    fleet: &[String],
    explained: &BTreeSet<FindingIndex>,
) -> Vec<Incident> {
    let mut found = Vec::new();
    for cluster in fleet {
        let mut begun: Vec<(Timestamp, FindingIndex)> = Vec::new();
        for (service, groups) in services.iter().enumerate() {
            let first = groups.iter().enumerate().filter_map(|(number, group)| {
                let first = group.first.as_ref().filter(|first| first.cluster == *cluster)?;
                Some((first.time, (service, number)))
            });
            begun.extend(first.filter(|(_, index)| !explained.contains(index)).min());
        }
        begun.sort();
        let together = |start: usize| {
            let end = begun[start].0.saturating_add(INSTANT).unwrap_or(Timestamp::MAX);
            begun[start..].iter().take_while(move |(time, _)| *time <= end).count()
        };
        let Some((start, number)) = (0..begun.len())
            .map(|start| (start, together(start)))
            .max_by_key(|(start, number)| (*number, std::cmp::Reverse(*start)))
        else {
            continue;
        };
        if number < LEAST_AT_ONCE {
            continue;
        }
        let all = &begun[start..start + number];
        let span = all[number - 1].0.duration_since(all[0].0).as_secs();
        found.push(Incident {
            kind: IncidentKind::Instant,
            what: format!(
                "{} began to fail within {}: one thing may be behind it",
                count(number, "service"),
                crate::text::age(span.max(1))
            ),
            clusters: vec![cluster.clone()],
            confidence: Confidence::Low,
            since: Some(all[0].0),
            findings: all.iter().map(|(_, index)| *index).collect(),
            evidence: Vec::new(),
            foremost: all[0].1,
        });
    }
    found
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{IncidentKind, incidents};
    use crate::diagnose::blamed::BlamedKind;
    use crate::diagnose::fill::Placeholders;
    use crate::diagnose::finding::Confidence;
    use crate::diagnose::group::{Grouped, PlacedFinding, WorkloadPlace, group};
    use crate::diagnose::rules::rule;

    /// A finding of a service's pod: cluster, namespace, cause, the fact that names what is to blame, and when it began.
    type Seen<'a> = (&'a str, &'a str, &'a str, (&'a str, &'a str), &'a str);

    fn service(name: &str, seen: &[Seen]) -> Vec<Grouped> {
        let found =
            seen.iter().enumerate().map(|(number, (cluster, namespace, cause, (fact, value), since))| {
                let facts = Placeholders::default().with(fact, value);
                let finding = rule(cause).expect("a cause").finding(Confidence::High, &facts).signed(value);
                PlacedFinding {
                    place: WorkloadPlace {
                        cluster: cluster.to_string(),
                        namespace: namespace.to_string(),
                        workload: format!("Deployment/{name}"),
                    },
                    pod: Some(format!("{name}-{number}")),
                    finding: finding.since(since.parse().ok()),
                }
            });
        group(found.collect(), &BTreeMap::new(), &fleet())
    }

    fn fleet() -> Vec<String> {
        ["us-1", "eu-1"].map(str::to_string).to_vec()
    }

    /// Each incident: its id, what it is, its clusters, and its services.
    #[track_caller]
    fn check(services: &[Vec<Grouped>], expected: &[(&str, &str, &str, &[usize])]) {
        let all: Vec<&[Grouped]> = services.iter().map(Vec::as_slice).collect();
        let zone = |_: &str, node: &str| node.split_once('-').map(|(zone, _)| zone.to_string());
        let found = incidents(&all, &fleet(), zone);
        let told: Vec<(&str, String, String, Vec<usize>)> = found
            .iter()
            .map(|one| {
                (
                    one.kind.id(),
                    one.what.clone(),
                    one.clusters.join(","),
                    one.services().into_iter().collect(),
                )
            })
            .collect();
        let expected: Vec<(&str, String, String, Vec<usize>)> = expected
            .iter()
            .map(|(id, what, clusters, services)| {
                (*id, what.to_string(), clusters.to_string(), services.to_vec())
            })
            .collect();
        assert_eq!(told, expected);
    }

    const T: &str = "2026-01-01T00:00:00Z";
    const LATER: &str = "2026-01-01T02:00:00Z";

    #[test]
    fn a_node_under_two_services_is_one_incident_and_what_loops_beside_it_is_not() {
        let lost = ("node", "a-1");
        check(
            &[
                service("cart", &[("us-1", "shop", "node-not-ready", lost, T)]),
                service("pay", &[("us-1", "shop", "node-not-ready", lost, T)]),
                service("find", &[("us-1", "shop", "app-error", ("said", "boom"), LATER)]),
            ],
            &[("node", "node a-1 is not ready", "us-1", &[0, 1])],
        );
    }

    #[test]
    fn nodes_of_one_name_in_two_clusters_are_two() {
        let lost = ("node", "a-1");
        check(
            &[
                service("cart", &[("us-1", "shop", "node-not-ready", lost, T)]),
                service("pay", &[("eu-1", "shop", "node-not-ready", lost, T)]),
            ],
            &[],
        );
    }

    #[test]
    fn nodes_of_one_zone_are_the_zone_and_many_of_several_are_the_cluster() {
        let on = |name: &str, node: &'static str| {
            service(name, &[("us-1", "shop", "node-not-ready", ("node", node), T)])
        };
        let zone: &[(&str, &str, &str, &[usize])] = &[("zone", "zone a: 2 nodes not ready", "us-1", &[0, 1])];
        check(&[on("cart", "a-1"), on("pay", "a-2")], zone);
        check(&[on("cart", "a-1"), on("pay", "b-1")], &[]);
        check(
            &[on("cart", "a-1"), on("pay", "b-1"), on("find", "c-1")],
            &[("cluster", "3 nodes of several zones not ready", "us-1", &[0, 1, 2])],
        );
        // Where nobody read of which zones they are, none is named.
        check(
            &[on("cart", "x1"), on("pay", "x2"), on("find", "x3")],
            &[("cluster", "3 nodes not ready", "us-1", &[0, 1, 2])],
        );
    }

    #[test]
    fn a_registry_is_the_same_everywhere_and_a_short_host_is_not() {
        let registry = ("registry", "registry.example.com");
        check(
            &[
                service("cart", &[("us-1", "shop", "image-pull-unauthorized", registry, T)]),
                service("pay", &[("eu-1", "pay", "image-pull-unauthorized", registry, T)]),
            ],
            &[("registry", "registry registry.example.com does not let pull", "us-1,eu-1", &[0, 1])],
        );
        let host = ("peer", "db:5432");
        check(
            &[
                service("cart", &[("us-1", "shop", "dependency-refused", host, T)]),
                service("pay", &[("us-1", "pay", "dependency-refused", host, T)]),
            ],
            &[],
        );
        check(
            &[
                service("cart", &[("us-1", "shop", "dependency-refused", host, T)]),
                service("pay", &[("us-1", "shop", "dependency-timeout", host, T)]),
            ],
            &[("dependency", "dependency db:5432 refuses connections", "us-1", &[0, 1])],
        );
    }

    #[test]
    fn what_is_missing_in_two_clusters_for_the_same_services_is_told_once() {
        let secret = ("what", "db");
        let both = |name: &str| {
            let seen: Vec<Seen> =
                ["us-1", "eu-1"].map(|cluster| (cluster, "shop", "missing-secret", secret, T)).to_vec();
            service(name, &seen)
        };
        check(
            &[both("cart"), both("pay")],
            &[("secret", "Secret db in namespace shop is missing", "us-1,eu-1", &[0, 1])],
        );
    }

    #[test]
    fn two_that_miss_images_of_one_registry_share_nothing() {
        let missing = |name: &str, image: &'static str| {
            service(name, &[("us-1", "shop", "image-not-found", ("image", image), T)])
        };
        check(&[missing("cart", "r.example.com/cart:9"), missing("pay", "r.example.com/pay:9")], &[]);
    }

    #[test]
    fn names_of_several_hosts_are_the_clusters_dns() {
        let lost = |name: &str, host: &'static str| {
            service(name, &[("us-1", "shop", "dependency-dns", ("peer", host), T)])
        };
        check(
            &[lost("cart", "db"), lost("pay", "cache")],
            &[("cluster-dns", "names cannot be resolved", "us-1", &[0, 1])],
        );
    }

    #[test]
    fn one_instant_is_a_hint_for_three_and_chance_for_two() {
        let at = |name: &str, since: &'static str| {
            service(name, &[("us-1", "shop", "app-error", ("said", "boom"), since)])
        };
        let all = [at("cart", T), at("pay", "2026-01-01T00:00:40Z"), at("find", "2026-01-01T00:01:00Z")];
        check(&all[..2], &[]);
        check(
            &all,
            &[(
                "one-instant",
                "3 services began to fail within 60s: one thing may be behind it",
                "us-1",
                &[0, 1, 2],
            )],
        );
        check(&[at("cart", T), at("pay", "2026-01-01T00:10:00Z"), at("find", LATER)], &[]);
    }

    #[test]
    fn every_kind_has_an_id_that_the_page_has() {
        let page = include_str!("../../docs/diagnoses.md");
        let kinds = [
            BlamedKind::Node,
            BlamedKind::Registry,
            BlamedKind::Dependency,
            BlamedKind::Secret,
            BlamedKind::ConfigMap,
            BlamedKind::ServiceAccount,
            BlamedKind::PriorityClass,
            BlamedKind::Quota,
            BlamedKind::AdmissionWebhook,
            BlamedKind::AdmissionPolicy,
            BlamedKind::StorageClass,
            BlamedKind::MetricsApi,
        ];
        let wider = [
            IncidentKind::Zone,
            IncidentKind::Cluster,
            IncidentKind::Dns,
            IncidentKind::PodNetwork,
            IncidentKind::Instant,
        ];
        for kind in kinds.into_iter().map(IncidentKind::Blamed).chain(wider) {
            assert!(page.contains(&format!("| `{}` |", kind.id())), "{}", kind.id());
        }
    }
}
