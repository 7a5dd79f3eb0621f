//! The rules as one table, and their answers about a service, exemptions applied.

use jiff::civil::Date;

use crate::readiness::exemption::{ANNOTATION, Exemption, exemption};
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
    let mut verdicts = (rule.check)(facts);
    if looks_at_clusters(rule) {
        for place in &facts.places {
            if let Some(why) = &place.silent {
                let verdict = RuleVerdict::new(RuleState::Unknown, "cluster", "", "").message(why.clone());
                verdicts.push(RuleVerdict { cluster: place.cluster.clone(), ..verdict });
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
fn exempted(rule: &ReadinessRule, verdict: &mut RuleVerdict, facts: &ServiceFacts, today: Date) {
    if !matches!(verdict.state, RuleState::Fail | RuleState::Warn) {
        return;
    }
    let workload = facts
        .workloads()
        .find(|(place, workload)| place.cluster == verdict.cluster && workload.called() == verdict.object);
    let own =
        workload.and_then(|(_, workload)| workload.object["metadata"]["annotations"][ANNOTATION].as_str());
    let found = [own, facts.annotation(ANNOTATION)]
        .into_iter()
        .flatten()
        .find_map(|text| exemption(text, rule.id, today));
    match found {
        None => {}
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
        EntityFacts, OwnerFact, PlaceFacts, PodFacts, ServiceFacts, WorkloadFacts,
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
