//! The cases of tests/corpus/diagnosis, ours, and of the shared corpus beside the repository: cause, container,
//! confidence and alternatives of each, and nothing of the healthy ones.
#![allow(clippy::unwrap_used, clippy::disallowed_methods)]

use crate::diagnose::finding::Finding;
use crate::diagnose::plan::needs;
use crate::diagnose::rule::RuleFamily;
use crate::diagnose::rules::{RULES, rule};
use crate::diagnose::run::{diagnose, looked_at};
use crate::diagnose::subject::{ContainerLog, Subject};
use crate::health::{self, Health};
use crate::podstatus::Thresholds;
use crate::workload::{Event, Object, SupportingObject, kind, later, observe_event};
use jiff::SignedDuration;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Everything that a case holds, kept alive for its subject.
pub struct DiagnosisCase {
    pub id: String,
    object: SeenObject,
    events: Vec<Event>,
    log: Option<String>,
    node: Option<SeenObject>,
    children: Vec<SeenObject>,
    now: jiff::Timestamp,
    expected: Value,
}

#[allow(clippy::large_enum_variant, reason = "a few, in tests")]
enum SeenObject {
    Object(Object),
    Later(SupportingObject),
}

impl DiagnosisCase {
    pub fn read(json: &str) -> DiagnosisCase {
        let case: Value = serde_json::from_str(json).unwrap_or_else(|error| panic!("{error}: {json}"));
        let related = match &case["related"] {
            Value::Array(events) => serde_json::json!({ "events": events }),
            related => related.clone(),
        };
        let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
        let events =
            list(&related["events"]).iter().map(|event| observe_event(&event.to_string()).unwrap()).collect();
        let mut node = related["node"].clone();
        if node.is_object() {
            node["kind"] = "Node".into();
        }
        DiagnosisCase {
            id: case["id"].as_str().unwrap_or_default().to_string(),
            object: observe(&case["object"]),
            events,
            log: related["previous_log"].as_str().map(str::to_string),
            node: node.is_object().then(|| observe(&node)),
            children: list(&related["children"]).iter().map(observe).collect(),
            now: case["now"].as_str().unwrap_or("2026-01-01T01:00:00Z").parse().unwrap(),
            expected: case["expected"].clone(),
        }
    }

    /// Runs `look` on the subject that the case describes. The log is that of whichever container ended.
    pub fn with<T>(&self, look: impl FnOnce(&Subject) -> T) -> T {
        let mut subject = Subject { events: &self.events, now: self.now, ..Subject::default() };
        match &self.object {
            SeenObject::Object(Object::Pod(pod)) => subject.pod = Some(pod),
            SeenObject::Object(Object::Workload(workload)) => subject.workload = Some(workload),
            SeenObject::Later(SupportingObject::Autoscaler(autoscaler)) => {
                subject.autoscaler = Some(autoscaler)
            }
            SeenObject::Later(SupportingObject::Budget(budget)) => subject.budget = Some(budget),
            SeenObject::Later(_) => {}
        }
        if let Some(SeenObject::Later(SupportingObject::Node(node))) = &self.node {
            subject.node = Some(node);
        }
        let children: Vec<&crate::workload::Workload> = self
            .children
            .iter()
            .filter_map(|child| {
                if let SeenObject::Object(Object::Workload(child)) = child {
                    Some(child.as_ref())
                } else {
                    None
                }
            })
            .collect();
        let names: Vec<&str> = subject
            .pod
            .map(|pod| pod.containers().iter().map(|container| container.name).collect())
            .unwrap_or_default();
        let text = self.log.as_deref();
        let logs: Vec<ContainerLog> = names
            .into_iter()
            .filter_map(|container| text.map(|text| ContainerLog::new(container, text, true)))
            .collect();
        look(&Subject { children: &children, logs: &logs, ..subject })
    }
}

fn observe(object: &Value) -> SeenObject {
    let (name, json) = (object["kind"].as_str().unwrap(), object.to_string());
    match (kind(name), later(name)) {
        (Some(kind), _) => SeenObject::Object(kind.observe(&json).unwrap()),
        (_, Some(later)) => SeenObject::Later(later.observe(&json).unwrap()),
        _ => panic!("no kind {name}"),
    }
}

/// What is wrong with the answer to a case, if anything is.
pub fn wrong(case: &DiagnosisCase) -> Option<String> {
    let findings = case.with(diagnose);
    let expected = case.expected["status"].as_str().unwrap_or_default();
    let said = |findings: &[Finding]| -> Vec<String> {
        let say = |finding: &Finding| {
            format!(
                "{} {} {:?} {:?}",
                finding.cause,
                finding.confidence.word(),
                finding.container,
                finding.alternatives
            )
        };
        findings.iter().map(say).collect()
    };
    if expected == "none" {
        return (!findings.is_empty())
            .then(|| format!("{}: nothing expected, got {:?}", case.id, said(&findings)));
    }
    let [finding] = findings.as_slice() else {
        let seen = case.with(looked_at);
        return Some(format!(
            "{}: {expected} expected, got {:?}, looked at {seen:?}",
            case.id,
            said(&findings)
        ));
    };
    let alternatives = case.expected["alternatives"].as_array();
    let alternatives_fit = alternatives.is_none_or(|wanted| {
        wanted
            .iter()
            .map(|cause| cause.as_str().unwrap_or_default())
            .eq(finding.alternatives.iter().map(String::as_str))
    });
    let fits = finding.cause == expected
        && finding.container.as_deref() == case.expected["container"].as_str()
        && case.expected["confidence"].as_str().is_none_or(|wanted| wanted == finding.confidence.word())
        && alternatives_fit
        && !finding.evidence.is_empty()
        && !finding.summary.is_empty()
        && finding.summary.lines().count() == 1;
    let unasked = missing_need(case, &findings);
    (!fits || unasked.is_some())
        .then(|| format!("{}: {}, got {:?} {unasked:?}", case.id, case.expected, said(&findings)))
}

/// The plan of the second phase, made from the first one's facts alone, must ask for what makes a difference.
fn missing_need(case: &DiagnosisCase, findings: &[Finding]) -> Option<String> {
    if findings
        .iter()
        .any(|finding| rule(&finding.cause).is_some_and(|rule| rule.family == RuleFamily::Apart))
    {
        return None;
    }
    case.with(|subject| {
        let bare = Subject { events: &[], logs: &[], node: None, ..*subject };
        let ask = needs(&bare, &diagnose(&bare));
        let matters = |less: Subject| {
            diagnose(&less).first().map(|finding| finding.cause.clone()) != Some(findings[0].cause.clone())
        };
        let events = !ask.events && matters(Subject { events: &[], ..*subject });
        let log = !ask.log && matters(Subject { logs: &[], ..*subject });
        let node = !ask.node && matters(Subject { node: None, ..*subject });
        (events || log || node).then(|| format!("asks only for {ask:?}"))
    })
}

/// The cases of a folder: a `.json` file is one, a `.jsonl` file holds one a line.
fn texts(directory: &Path) -> Vec<String> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(directory)
        .unwrap_or_else(|error| panic!("{}: {error}", directory.display()))
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    let read = |path: &PathBuf| -> Vec<String> {
        let text = std::fs::read_to_string(path).unwrap();
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("json") => vec![text],
            Some("jsonl") => text.lines().map(str::to_string).collect(),
            _ => Vec::new(),
        }
    };
    files.iter().flat_map(read).collect()
}

fn run(directory: &Path, least: usize) {
    let texts = texts(directory);
    assert!(texts.len() >= least, "{} cases in {}", texts.len(), directory.display());
    let wrong: Vec<String> = texts.iter().filter_map(|text| wrong(&DiagnosisCase::read(text))).collect();
    assert!(wrong.is_empty(), "{} of {} are wrong:\n{}", wrong.len(), texts.len(), wrong.join("\n"));
}

#[test]
fn our_cases_hold() {
    run(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/diagnosis"), 380);
}

#[test]
#[ignore = "needs the shared corpus: CALLBOARD_CORPUS, or ../shared/corpus"]
fn the_shared_corpus_holds() {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus");
    let corpus = std::env::var_os("CALLBOARD_CORPUS").map_or_else(beside, PathBuf::from);
    run(&corpus.join("diagnosis"), 1);
}

/// Verdict and diagnosis stand on one reading of a pod, and so never contradict each other, whatever the thresholds: no
/// finding on what is well, a finding or what was looked at on what is broken, and the same words for the same cause.
fn contradictions(case: &DiagnosisCase, thresholds: Thresholds) -> Vec<String> {
    case.with(|subject| {
        let Some(pod) = subject.pod else { return Vec::new() };
        let verdict = health::pod(pod, subject.now, &thresholds);
        let is_degraded = verdict.health == Health::Degraded;
        let findings = diagnose(&Subject { thresholds, is_degraded, ..*subject });
        let findings: Vec<&Finding> = findings
            .iter()
            .filter(|finding| rule(&finding.cause).is_none_or(|rule| rule.family != RuleFamily::Apart))
            .collect();
        let causes: Vec<&str> = findings.iter().map(|finding| finding.cause.as_str()).collect();
        let mut found = Vec::new();
        let mut say = |is: bool, what: &str| {
            if is {
                found.push(format!(
                    "{}: {what}: {} {:?} {causes:?}",
                    case.id,
                    verdict.health.word(),
                    verdict.message
                ));
            }
        };
        // The node's own word and the events of a controller reach further than a pod's status.
        let beyond =
            ["node-not-ready", "pdb-blocks-drain", "preempted", "node-drained", "node-taint-evicted"];
        let is_well = verdict.health == Health::Healthy;
        say(is_well && causes.iter().any(|cause| !beyond.contains(cause)), "a cause of what is well");
        say(
            is_degraded && causes.is_empty() && looked_at(subject).is_empty(),
            "nothing to say of what is broken",
        );
        let first = causes.first().copied().unwrap_or_default();
        for (cause, words) in [
            ("image-pull-rate-limited", "rate limited"),
            ("image-not-found", "not found"),
            ("image-pull-unauthorized", "access denied"),
            ("image-registry-tls", "registry not trusted"),
            ("image-registry-unreachable", "registry unreachable"),
            ("image-arch-mismatch", "not built for the node's architecture"),
            ("image-registry-error", "the answer is no registry's"),
            ("segfault", "SIGSEGV"),
            ("sigkill-unattributed", "SIGKILL"),
            ("sigterm", "SIGTERM"),
        ] {
            let says = verdict.message.contains(words);
            let is_pull = verdict.message.contains(" pull ") && cause.starts_with("image-");
            // Older kubelets say only in an event why a pull failed.
            let silent =
                verdict.message.split("cannot pull ").nth(1).is_some_and(|rest| !rest.contains(", "));
            say(
                first == cause
                    && is_degraded
                    && (is_pull || !cause.starts_with("image-"))
                    && !says
                    && !silent,
                words,
            );
        }
        found
    })
}

fn agree(directory: &Path, least: usize) {
    let second = SignedDuration::from_secs(1);
    let day = SignedDuration::from_hours(24);
    let all = |time| Thresholds {
        unschedulable: time,
        creating: time,
        initializing: time,
        readiness: time,
        recent_restart: time,
        stuck_terminating: time,
    };
    let texts = texts(directory);
    assert!(texts.len() >= least, "{} cases", texts.len());
    let mut wrong = Vec::new();
    for text in texts {
        let case = DiagnosisCase::read(&text);
        for thresholds in [Thresholds::default(), all(second), all(day)] {
            wrong.extend(contradictions(&case, thresholds));
        }
    }
    assert!(wrong.is_empty(), "{} contradict:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn verdicts_and_causes_agree() {
    agree(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/diagnosis"), 300);
}

#[test]
#[ignore = "needs the shared corpus beside the repository, or CALLBOARD_CORPUS"]
fn verdicts_and_causes_agree_over_the_shared_corpus() {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus");
    let corpus = std::env::var_os("CALLBOARD_CORPUS").map_or_else(beside, PathBuf::from);
    agree(&corpus.join("diagnosis"), 1);
}

/// The order of events, events told twice and what happened to a pod of nearly that name change no answer.
#[test]
fn noise_changes_nothing() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/diagnosis");
    let wrong = |text: &String| {
        let mut case: Value = serde_json::from_str(text).unwrap();
        let name = format!("{}x", case["object"]["metadata"]["name"].as_str()?);
        let about = serde_json::json!({"kind": case["object"]["kind"], "name": name});
        let noise = [
            ("Killing", "Container app failed liveness probe, will be restarted"),
            ("FailedPostStartHook", "PostStartHook failed"),
            ("FailedMount", "MountVolume.SetUp failed for volume \"x\" : secret \"y\" not found"),
            ("FailedScheduling", "0/3 nodes are available: 3 Insufficient cpu."),
            ("FailedCreate", "Error creating: exceeded quota: q, requested: a, used: b, limited: c"),
        ];
        let noise = noise.map(|(reason, message)| {
            serde_json::json!({"involvedObject": about, "reason": reason, "message": message,
                "count": 50, "lastTimestamp": case["now"]})
        });
        let listed = if case["related"].is_array() { &case["related"] } else { &case["related"]["events"] };
        let told: Vec<Value> = listed.as_array().cloned().unwrap_or_default();
        let all = noise.into_iter().chain(told.iter().rev().cloned()).chain(told.iter().cloned());
        let all: Vec<Value> = all.collect();
        match &mut case["related"] {
            Value::Object(related) => {
                related.insert("events".to_string(), all.into());
            }
            related => *related = serde_json::json!({ "events": all }),
        }
        self::wrong(&DiagnosisCase::read(&case.to_string()))
    };
    let wrong: Vec<String> = texts(&directory).iter().filter_map(wrong).collect();
    assert!(wrong.is_empty(), "{} are wrong:\n{}", wrong.len(), wrong.join("\n"));
}

/// Damaged objects, events and logs: any answer will do, but there is one.
#[test]
fn damaged_cases_panic_nowhere() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/diagnosis");
    let rounds = std::env::var("CALLBOARD_FUZZ").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(8);
    let mut seed: u64 = 7;
    for text in texts(&directory) {
        let whole: Value = serde_json::from_str(&text).unwrap();
        for _ in 0..rounds {
            let mut case = whole.clone();
            for part in ["object", "related"] {
                damage(&mut case[part], &mut seed);
            }
            if !case["object"].is_object() || !case["related"].is_object() {
                continue;
            }
            case["object"]["kind"] = whole["object"]["kind"].clone();
            if let Some(events) = case["related"]["events"].as_array_mut() {
                events.retain(Value::is_object);
            }
            let case = DiagnosisCase::read(&case.to_string());
            case.with(|subject| {
                let findings = diagnose(subject);
                (looked_at(subject), needs(subject, &findings))
            });
        }
    }
}

fn next(seed: &mut u64) -> u64 {
    *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    *seed >> 33
}

fn damage(value: &mut Value, seed: &mut u64) {
    const ODD: &[&str] = &[
        "",
        "\u{1b}[2J",
        "0/",
        "é\"(,{[",
        "9223372036854775807",
        "1970-01-01T00:00:00Z",
        "0/3 nodes are available: 9 a, , 2",
    ];
    match next(seed) % 24 {
        0 => *value = Value::Null,
        1 => *value = i64::MAX.into(),
        2 => *value = i64::MIN.into(),
        3 => *value = ODD[(next(seed) % ODD.len() as u64) as usize].into(),
        _ => match value {
            Value::Object(fields) => fields.values_mut().for_each(|field| damage(field, seed)),
            Value::Array(items) => items.iter_mut().for_each(|item| damage(item, seed)),
            Value::String(text) if next(seed).is_multiple_of(4) => {
                let cut = (next(seed) as usize) % (text.chars().count() + 1);
                *text = text.chars().take(cut).chain(text.chars().rev().take(3)).collect();
            }
            _ => {}
        },
    }
}

/// Every row of the table is some case's cause: here, or in tests/corpus/diagnosis.
#[test]
fn every_rule_has_a_sample() {
    let here = concat!(
        include_str!("cases/pods.rs"),
        include_str!("cases/processes.rs"),
        include_str!("cases/starts.rs")
    );
    let corpus = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/diagnosis");
    let mut known = BTreeSet::new();
    for text in texts(&corpus) {
        let case: Value = serde_json::from_str(&text).unwrap();
        known.insert(case["expected"]["status"].as_str().unwrap().to_string());
    }
    let lacking: Vec<&str> = RULES
        .iter()
        .map(|rule| rule.code)
        .filter(|code| !known.contains(*code) && !here.contains(&format!("\"{code}\"")))
        .collect();
    assert!(lacking.is_empty(), "no case for {lacking:?}");
}
