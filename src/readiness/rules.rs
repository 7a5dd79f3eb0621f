//! The rules as one table, and their answers about a service, exemptions applied.

use jiff::civil::Date;

use crate::readiness::exemption::{ANNOTATION, Exemption, KUBE_SCORE, exemption, ignored_by_kube_score};
use crate::readiness::facts::ServiceFacts;
use crate::readiness::verdict::{RuleState, RuleVerdict};
use crate::readiness::{entity, fleet, network, pods, scaling};

/// How ready a service is that keeps all rules up to here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ReadinessLevel {
    Bronze,
    Silver,
    Gold,
}

impl ReadinessLevel {
    pub fn word(self) -> &'static str {
        match self {
            ReadinessLevel::Bronze => "bronze",
            ReadinessLevel::Silver => "silver",
            ReadinessLevel::Gold => "gold",
        }
    }

    pub fn parse(word: &str) -> Option<ReadinessLevel> {
        [Bronze, Silver, Gold].into_iter().find(|level| level.word() == word)
    }
}

/// One rule.
pub struct ReadinessRule {
    pub id: &'static str,
    pub level: ReadinessLevel,
    pub title: &'static str,
    /// No verdict means that it does not apply.
    check: fn(&ServiceFacts) -> Vec<RuleVerdict>,
}

const fn rule(
    id: &'static str,
    level: ReadinessLevel,
    title: &'static str,
    check: fn(&ServiceFacts) -> Vec<RuleVerdict>,
) -> ReadinessRule {
    ReadinessRule { id, level, title, check }
}

use ReadinessLevel::{Bronze, Gold, Silver};

/// In the order of docs/readiness.md; ids never change their meaning.
pub const RULES: &[ReadinessRule] = &[
    rule("CB01", Bronze, "A group owns it", entity::owner),
    rule("CB02", Bronze, "Its lifecycle fits where it runs", entity::lifecycle),
    rule("CB03", Bronze, "The catalog finds its objects", entity::bound),
    rule("CB04", Bronze, "Its pods carry its id", entity::pods_carry_id),
    rule("CB05", Bronze, "Description, system and source are said", entity::described),
    rule("CB06", Silver, "Somebody is on call", entity::on_call),
    rule("CB07", Bronze, "Containers behind a core Service have a readiness probe", pods::readiness_probe),
    rule("CB08", Silver, "A liveness probe, other than the readiness probe", pods::liveness_probe),
    rule("CB09", Bronze, "CPU and memory are requested", pods::requests),
    rule("CB10", Silver, "Memory has a limit", pods::memory_limit),
    rule("CB11", Bronze, "Images are pinned", pods::image_pinned),
    rule("CB12", Silver, "Two replicas at least", scaling::replicas),
    rule("CB13", Silver, "One disruption budget that lets a drain through", scaling::budget),
    rule("CB14", Gold, "Pods are spread, declared and in fact", pods::spread),
    rule("CB15", Silver, "A rollout takes nothing down", scaling::rollout),
    rule("CB16", Silver, "The autoscaler can scale", scaling::autoscaler),
    rule("CB17", Bronze, "Ready pods stand behind its core Services", network::endpoints),
    rule("CB18", Gold, "Containers may do no more than they need", pods::security),
    rule("CB19", Gold, "Its own service account, without a token", pods::service_account),
    rule("CB20", Silver, "Scheduled runs are bounded and succeed", scaling::cron_job),
    rule("CB21", Silver, "The same images in all clusters of a tier", fleet::same_images),
    rule("CB22", Silver, "It runs where it should", fleet::placed),
    rule("CB23", Gold, "The same shape in all clusters of a tier", fleet::same_shape),
    rule("CB24", Silver, "It keeps up with its golden path", entity::on_path),
    rule("CB25", Silver, "There is a runbook", entity::runbook),
];

/// Rules about what only the organisation and its clusters can say: no golden path keeps them by itself.
pub const BEYOND_MANIFESTS: &[&str] = &["CB01", "CB05", "CB06", "CB22", "CB24"];

/// What every rule says of a service; a rule that does not apply says so once. A silent cluster leaves what it would have shown unknown.
pub fn checked(facts: &ServiceFacts, today: Date) -> Vec<(&'static ReadinessRule, Vec<RuleVerdict>)> {
    RULES.iter().map(|rule| (rule, of_rule(rule, facts, today))).collect()
}

/// Rules that look at what runs, for which a silent cluster is an open question.
fn looks_at_clusters(rule: &ReadinessRule) -> bool {
    !matches!(
        rule.id,
        "CB01" | "CB02" | "CB03" | "CB05" | "CB06" | "CB21" | "CB22" | "CB23" | "CB24" | "CB25"
    )
}

fn of_rule(rule: &ReadinessRule, facts: &ServiceFacts, today: Date) -> Vec<RuleVerdict> {
    settled((rule.id, rule.title), (rule.check)(facts), looks_at_clusters(rule), facts, today)
}

/// The verdicts of a rule with its id and title: silent clusters leave it open, and exemptions are heard. One that does not apply says so once.
pub fn settled(
    rule: (&str, &str),
    mut verdicts: Vec<RuleVerdict>,
    looks_at_clusters: bool,
    facts: &ServiceFacts,
    today: Date,
) -> Vec<RuleVerdict> {
    if looks_at_clusters {
        for place in &facts.places {
            if let Some(why) = &place.silent {
                verdicts.push(RuleVerdict::silent(place, why));
            }
        }
    }
    for verdict in &mut verdicts {
        exempted(rule, verdict, facts, today);
    }
    if verdicts.is_empty() {
        verdicts.push(RuleVerdict::new(RuleState::NotApplicable, "", "", ""));
    }
    verdicts
}

/// A failure or a warning that somebody said does not count, with a reason and a day.
fn exempted((id, title): (&str, &str), verdict: &mut RuleVerdict, facts: &ServiceFacts, today: Date) {
    if !matches!(verdict.state, RuleState::Fail | RuleState::Warn) {
        return;
    }
    let workload = facts
        .workloads()
        .find(|(place, workload)| place.cluster == verdict.cluster && workload.called() == verdict.object);
    let annotation = |key: &str| workload?.1.object["metadata"]["annotations"][key].as_str();
    let found = [annotation(ANNOTATION), facts.annotation(ANNOTATION)]
        .into_iter()
        .flatten()
        .find_map(|text| exemption(text, id, today));
    match found {
        None => {
            let ignored = annotation(KUBE_SCORE).and_then(|text| ignored_by_kube_score(text, id));
            // It fails nothing there, but nobody said why, and for how long.
            if let (RuleState::Fail, Some(check)) = (verdict.state, ignored) {
                let before = if verdict.message.is_empty() { title } else { &verdict.message };
                verdict.message = format!("{KUBE_SCORE} names {check}, with no reason and no day; {before}");
                verdict.state = RuleState::Warn;
                verdict.fix = format!("{ANNOTATION}: \"{}=REASON; until=2027-01-31\"", id);
            }
        }
        Some(Exemption::Until { reason, until }) => {
            verdict.state = RuleState::Exempt;
            verdict.message = format!("until {until}: {reason}");
        }
        Some(Exemption::Expired { reason, until }) => {
            verdict.message = format!("the exemption ended on {until} ({reason}); {}", verdict.message);
        }
        Some(Exemption::Incomplete(why)) => verdict.message = format!("{why}; {}", verdict.message),
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use serde_json::{Value as Json, json};

    use super::{RULES, checked};
    use crate::readiness::facts::{
        EntityFacts, OwnerFact, PathFacts, PlaceFacts, PodFacts, ServiceFacts, WorkloadFacts,
    };
    use crate::readiness::verdict::RuleState;

    /// A Deployment that keeps every rule.
    fn good() -> Json {
        json!({
            "metadata": {"name": "web", "namespace": "shop"},
            "spec": {
                "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0}},
                "template": {
                    "metadata": {"labels": {"app": "web", "backstage.io/kubernetes-id": "web"}},
                    "spec": {
                        "serviceAccountName": "web", "automountServiceAccountToken": false,
                        "securityContext": {"runAsNonRoot": true, "seccompProfile": {"type": "RuntimeDefault"}},
                        "topologySpreadConstraints": [{"maxSkew": 1}],
                        "containers": [{
                            "name": "app", "image": "registry.example.com:5000/web:1.2.3", "ports": [{"name": "http"}],
                            "readinessProbe": {"httpGet": {"path": "/readyz"}}, "livenessProbe": {"httpGet": {"path": "/livez"}},
                            "resources": {"requests": {"cpu": "1", "memory": "1Gi"}, "limits": {"memory": "1Gi"}},
                            "securityContext": {"allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true, "capabilities": {"drop": ["ALL"]}},
                        }],
                    },
                },
            },
            "status": {"availableReplicas": 2},
        })
    }

    fn place(cluster: &str, object: Json) -> PlaceFacts {
        let pod = |node: &str| PodFacts {
            labels: [("app".to_string(), "web".to_string())].into(),
            node: node.into(),
            ready: true,
            images: [("app".to_string(), "sha256:aaaaaaaaaaaaaaaa".to_string())].into(),
        };
        let workload = WorkloadFacts {
            kind: "Deployment".into(),
            namespace: "shop".into(),
            name: "web".into(),
            object,
            pods: Some(Ok(vec![pod("n1"), pod("n2")])),
            place: None,
        };
        let meta = |name: &str| json!({"name": name, "namespace": "shop"});
        PlaceFacts {
            cluster: Some(cluster.into()),
            tier: "production".into(),
            silent: None,
            workloads: vec![workload],
            services: Ok(vec![
                json!({"metadata": meta("web"), "spec": {"selector": {"app": "web"}, "ports": [{"targetPort": "http"}]}}),
            ]),
            autoscalers: Ok(vec![
                json!({"metadata": meta("web"), "spec": {"scaleTargetRef": {"kind": "Deployment", "name": "web"}, "minReplicas": 2, "maxReplicas": 5}}),
            ]),
            budgets: Ok(vec![
                json!({"metadata": meta("web"), "spec": {"selector": {"matchLabels": {"app": "web"}}, "maxUnavailable": 1}, "status": {"disruptionsAllowed": 1}}),
            ]),
        }
    }

    fn entity() -> EntityFacts {
        let document = json!({
            "metadata": {
                "name": "web", "description": "shop window",
                "annotations": {"backstage.io/source-location": "url:https://x"},
                "links": [{"type": "on-call", "url": "https://x"}, {"type": "runbook", "url": "https://x"}],
            },
            "spec": {"owner": "team", "lifecycle": "production", "system": "shop"},
        });
        EntityFacts { document, owner: OwnerFact::Group, system_known: Some(true), has_runbook: false }
    }

    fn facts() -> ServiceFacts {
        ServiceFacts {
            entity: Some(entity()),
            places: vec![place("eu", good()), place("us", good())],
            expected: vec!["eu".into(), "us".into()],
            ..ServiceFacts::default()
        }
    }

    /// The rules that say anything else than pass or that they do not apply.
    fn told(facts: &ServiceFacts) -> Vec<(&'static str, RuleState)> {
        let mut told = Vec::new();
        for (rule, verdicts) in checked(facts, date(2026, 1, 15)) {
            let worst = verdicts.iter().map(|verdict| verdict.state).max().expect("one at least");
            if worst > RuleState::Pass {
                told.push((rule.id, worst));
            }
            for verdict in verdicts.iter().filter(|verdict| verdict.state == RuleState::Fail) {
                assert!(!verdict.path.is_empty() && !verdict.seen.is_empty(), "{}: {verdict:?}", rule.id);
            }
        }
        told
    }

    #[test]
    fn what_is_as_it_should_be_passes() {
        assert_eq!(told(&facts()), []);
        // All but what needs CronJobs and a golden path has been looked at.
        let unused: Vec<&str> = checked(&facts(), date(2026, 1, 15))
            .iter()
            .filter(|(_, verdicts)| verdicts[0].state == RuleState::NotApplicable)
            .map(|(rule, _)| rule.id)
            .collect();
        assert_eq!(unused, ["CB20", "CB24"]);
    }

    /// Each change of one cluster makes one rule fail (CB23 sees every difference between clusters).
    #[test]
    fn each_rule_fails_on_what_it_is_for() {
        let container = "/spec/template/spec/containers/0";
        let cases: &[(&str, &str, Json)] = &[
            ("CB04", "/spec/template/metadata/labels", json!({"app": "web"})),
            ("CB07", &format!("{container}/readinessProbe"), Json::Null),
            ("CB08", &format!("{container}/livenessProbe"), Json::Null),
            ("CB08", &format!("{container}/livenessProbe"), json!({"httpGet": {"path": "/readyz"}})),
            ("CB09", &format!("{container}/resources/requests"), json!({"cpu": "1"})),
            ("CB10", &format!("{container}/resources/limits"), json!({})),
            ("CB11", &format!("{container}/image"), json!("registry.example.com:5000/web")),
            ("CB11", &format!("{container}/image"), json!("web:latest")),
            ("CB12", "/status/availableReplicas", json!(1)),
            ("CB14", "/spec/template/spec/topologySpreadConstraints", json!([])),
            ("CB15", "/spec/strategy", json!({"type": "Recreate"})),
            ("CB15", "/spec/strategy/rollingUpdate/maxUnavailable", json!(2)),
            ("CB17", &format!("{container}/ports"), json!([])),
            ("CB18", &format!("{container}/securityContext/readOnlyRootFilesystem"), json!(false)),
            ("CB19", "/spec/template/spec/serviceAccountName", json!("default")),
            ("CB19", "/spec/template/spec/automountServiceAccountToken", Json::Null),
        ];
        for (id, pointer, value) in cases {
            let mut object = good();
            // A memory limit is a request as well.
            if *pointer == format!("{container}/resources/requests") {
                object["spec"]["template"]["spec"]["containers"][0]["resources"]["limits"] = json!({});
            }
            *object.pointer_mut(pointer).unwrap_or_else(|| panic!("{pointer}")) = value.clone();
            let mut facts = facts();
            facts.places[1].workloads[0].object = object;
            let mut failed = told(&facts);
            failed.retain(|(rule, _)| *rule != "CB23" && !(*id == "CB09" && *rule == "CB10"));
            assert_eq!(failed, [(*id, RuleState::Fail)], "{pointer} = {value}");
        }
    }

    #[test]
    fn what_the_clusters_show_is_looked_at() {
        let fails = |change: &dyn Fn(&mut ServiceFacts), id: &str| {
            let mut facts = facts();
            change(&mut facts);
            assert_eq!(told(&facts), [(id, RuleState::Fail)], "{id}");
        };
        fails(&|facts| facts.places[0].budgets = Ok(Vec::new()), "CB13");
        fails(
            &|facts| {
                facts.places[0].budgets.as_mut().expect("known")[0]["status"]["disruptionsAllowed"] = json!(0)
            },
            "CB13",
        );
        fails(
            &|facts| {
                facts.places[0].autoscalers.as_mut().expect("known")[0]["spec"]["maxReplicas"] = json!(2)
            },
            "CB16",
        );
        let all = |facts: &mut ServiceFacts, change: &dyn Fn(&mut PodFacts)| {
            facts.places[0].workloads[0]
                .pods
                .as_mut()
                .expect("live")
                .as_mut()
                .expect("known")
                .iter_mut()
                .for_each(change);
        };
        fails(&|facts| all(facts, &|pod| pod.node = "n1".into()), "CB14");
        fails(&|facts| all(facts, &|pod| pod.ready = false), "CB17");
        fails(&|facts| all(facts, &|pod| _ = pod.images.insert("app".into(), "sha256:b".into())), "CB21");
        fails(&|facts| facts.places[0].workloads.clear(), "CB22");
    }

    #[test]
    fn what_nobody_finds_is_not_bound() {
        let mut facts = facts();
        for place in &mut facts.places {
            place.workloads.clear();
        }
        facts.expected.clear();
        facts.entity.as_mut().expect("there").document["spec"]["lifecycle"] = json!("experimental");
        assert_eq!(told(&facts), [("CB03", RuleState::Fail)]);
        // Whether it is found is open as long as one cluster has not said.
        facts.places[1].silent = Some("timed out".into());
        assert!(told(&facts).contains(&("CB03", RuleState::Unknown)));
    }

    #[test]
    fn scheduled_runs_are_bounded_and_succeed() {
        let good = json!({
            "metadata": {"name": "sweep", "namespace": "shop"},
            "spec": {
                "concurrencyPolicy": "Forbid", "startingDeadlineSeconds": 300,
                "jobTemplate": {"spec": {"activeDeadlineSeconds": 600, "template": {}}},
            },
            "status": {"lastScheduleTime": "2026-01-15T09:00:00Z", "lastSuccessfulTime": "2026-01-15T09:01:00Z"},
        });
        let state = |pointer: &str, value: Json| {
            let mut object = good.clone();
            if let Some(place) = object.pointer_mut(pointer) {
                *place = value;
            }
            let workload = WorkloadFacts {
                kind: "CronJob".into(),
                name: "sweep".into(),
                object,
                ..WorkloadFacts::default()
            };
            let place =
                PlaceFacts { cluster: Some("eu".into()), workloads: vec![workload], ..PlaceFacts::default() };
            let facts = ServiceFacts { places: vec![place], ..ServiceFacts::default() };
            let checked = checked(&facts, date(2026, 1, 15));
            let (_, verdicts) = checked.into_iter().find(|(rule, _)| rule.id == "CB20").expect("there");
            let worst = verdicts.iter().max_by_key(|verdict| verdict.state).expect("one");
            (worst.state, worst.path.clone())
        };
        assert_eq!(state("", good.clone()).0, RuleState::Pass);
        for (pointer, value, path) in [
            ("/spec/concurrencyPolicy", json!("Allow"), "spec.concurrencyPolicy"),
            ("/spec/startingDeadlineSeconds", Json::Null, "spec.startingDeadlineSeconds"),
            (
                "/spec/jobTemplate/spec/activeDeadlineSeconds",
                Json::Null,
                "spec.jobTemplate.spec.activeDeadlineSeconds",
            ),
            ("/status/lastSuccessfulTime", json!("2026-01-14T09:01:00Z"), "status.lastSuccessfulTime"),
            ("/status/lastSuccessfulTime", Json::Null, "status.lastSuccessfulTime"),
        ] {
            assert_eq!(state(pointer, value), (RuleState::Fail, path.to_string()), "{pointer}");
        }
        let mut suspended = good.clone();
        suspended["spec"]["suspend"] = json!(true);
        assert_eq!(state("", suspended), (RuleState::Warn, "spec.suspend".to_string()));
    }

    #[test]
    fn a_service_keeps_up_with_its_golden_path() {
        let path = |version: &str, newest: Option<&str>| PathFacts {
            template: Some("template:default/http-service".into()),
            version: Some(version.into()),
            newest: newest.map(String::from),
            ..PathFacts::default()
        };
        let with = |path: PathFacts| told(&ServiceFacts { path, ..facts() });
        assert_eq!(with(path("2.1.0", Some("2.1.0"))), []);
        assert_eq!(with(path("2.1.0", Some("2.3.0"))), [("CB24", RuleState::Warn)]);
        assert_eq!(with(path("1.9.0", Some("2.0.0"))), [("CB24", RuleState::Fail)]);
        assert_eq!(with(path("1.9.0", None)), [("CB24", RuleState::Unknown)]);
        let deprecated = PathFacts { deprecated: true, ..path("2.1.0", Some("2.1.0")) };
        assert_eq!(with(deprecated), [("CB24", RuleState::Fail)]);
        let edited =
            PathFacts { owned_changed: vec![".github/ci.yaml".into()], ..path("2.1.0", Some("2.1.0")) };
        assert_eq!(with(edited), [("CB24", RuleState::Fail)]);
    }

    #[test]
    fn what_kube_score_is_to_ignore_is_a_warning() {
        let mut facts = facts();
        for place in &mut facts.places {
            place.workloads[0].object["metadata"]["annotations"] =
                json!({"kube-score/ignore": "container-image-tag, pod-probes"});
            place.workloads[0].object["spec"]["template"]["spec"]["containers"][0]["image"] = json!("web");
        }
        assert_eq!(told(&facts), [("CB11", RuleState::Warn)]);
        let (_, verdicts) = checked(&facts, date(2026, 1, 15))
            .into_iter()
            .find(|(rule, _)| rule.id == "CB11")
            .expect("there");
        assert!(verdicts[0].message.contains("names container-image-tag"), "{verdicts:?}");
        assert!(verdicts[0].fix.contains("callboard.dev/exempt: \"CB11=REASON"), "{verdicts:?}");
    }

    /// A probe that one cluster lacks is one path, whatever the others have in it.
    #[test]
    fn what_is_lacking_as_a_whole_is_told_once() {
        let mut facts = facts();
        let probe =
            json!({"httpGet": {"path": "/livez", "port": 1}, "periodSeconds": 5, "timeoutSeconds": 1});
        for place in 0..2 {
            let containers =
                &mut facts.places[place].workloads[0].object["spec"]["template"]["spec"]["containers"];
            containers[0]["startupProbe"] = if place == 0 { probe.clone() } else { Json::Null };
        }
        let of_shape = |facts: &ServiceFacts| {
            let checked = checked(facts, date(2026, 1, 15));
            let (_, verdicts) = checked.into_iter().find(|(rule, _)| rule.id == "CB23").expect("there");
            verdicts.into_iter().map(|verdict| (verdict.path, verdict.seen)).collect::<Vec<_>>()
        };
        let path = "spec.template.spec.containers[name=app].startupProbe";
        assert_eq!(of_shape(&facts), [(path.to_string(), "none".to_string())]);
        // In what both have only what differs is told.
        let containers = &mut facts.places[1].workloads[0].object["spec"]["template"]["spec"]["containers"];
        containers[0]["startupProbe"] =
            json!({"httpGet": {"path": "/livez", "port": 1}, "periodSeconds": 9, "timeoutSeconds": 1});
        assert_eq!(of_shape(&facts), [(format!("{path}.periodSeconds"), "9".to_string())]);
    }

    #[test]
    fn nobody_who_is_silent_passes() {
        let mut facts = facts();
        let silent = PlaceFacts {
            cluster: Some("us".into()),
            tier: "production".into(),
            silent: Some("timed out".into()),
            ..PlaceFacts::default()
        };
        facts.places[1] = silent;
        let unknown: Vec<&str> = told(&facts)
            .into_iter()
            .filter(|(_, state)| *state == RuleState::Unknown)
            .map(|(id, _)| id)
            .collect();
        assert_eq!(unknown.len(), told(&facts).len(), "{:?}", told(&facts));
        for id in ["CB04", "CB07", "CB12", "CB21", "CB22", "CB23"] {
            assert!(unknown.contains(&id), "{id}");
        }
        let mut forbidden = self::facts();
        forbidden.places[0].budgets = Err("forbidden".into());
        forbidden.places[0].autoscalers = Err("forbidden".into());
        let unknown: Vec<&str> = told(&forbidden)
            .into_iter()
            .map(|(id, state)| {
                assert_eq!(state, RuleState::Unknown, "{id}");
                id
            })
            .collect();
        assert_eq!(unknown, ["CB12", "CB13", "CB16"]);
    }

    #[test]
    fn an_exemption_counts_until_its_day() {
        let mut facts = facts();
        for place in &mut facts.places {
            place.budgets = Ok(Vec::new());
            place.workloads[0].object["metadata"]["annotations"] =
                json!({"callboard.dev/exempt": "CB13=one pod by design; until=2026-02-01"});
        }
        assert_eq!(told(&facts), [("CB13", RuleState::Exempt)]);
        facts.places[1].workloads[0].object["metadata"]["annotations"] =
            json!({"callboard.dev/exempt": "CB13=old; until=2025-02-01"});
        assert_eq!(told(&facts), [("CB13", RuleState::Fail)]);
    }

    #[test]
    fn the_entity_is_looked_at() {
        let fails = |change: &dyn Fn(&mut EntityFacts), id: &str| {
            let mut facts = facts();
            change(facts.entity.as_mut().expect("there"));
            assert_eq!(told(&facts), [(id, RuleState::Fail)], "{id}");
        };
        fails(&|entity| entity.owner = OwnerFact::User, "CB01");
        fails(&|entity| entity.owner = OwnerFact::Unknown("x".into()), "CB01");
        fails(&|entity| entity.document["metadata"]["description"] = Json::Null, "CB05");
        fails(&|entity| entity.system_known = Some(false), "CB05");
        fails(
            &|entity| _ = entity.document["metadata"]["links"].as_array_mut().expect("links").remove(0),
            "CB06",
        );
        fails(
            &|entity| _ = entity.document["metadata"]["links"].as_array_mut().expect("links").remove(1),
            "CB25",
        );
        fails(&|entity| entity.document["spec"]["lifecycle"] = json!("deprecated"), "CB02");
    }

    /// docs/readiness.md has a heading for each rule, under its level.
    #[test]
    fn every_rule_has_its_heading() {
        let page = include_str!("../../docs/readiness.md");
        for rule in RULES {
            let level = rule.level.word();
            let title = format!("## {}{}\n", level[..1].to_uppercase(), &level[1..]);
            let part = page
                .split_once(&title)
                .expect("the level has a part")
                .1
                .split("\n## ")
                .next()
                .unwrap_or_default();
            assert!(part.contains(&format!("### {}\n", rule.id)), "{} under {level}", rule.id);
        }
        assert_eq!(page.matches("### CB").count(), RULES.len());
    }

    #[test]
    fn ids_are_in_order_and_each_once() {
        let ids: Vec<&str> = RULES.iter().map(|rule| rule.id).collect();
        let expect: Vec<String> = (1..=25).map(|number| format!("CB{number:02}")).collect();
        assert_eq!(ids, expect);
    }
}
