//! The corpora: our edge cases from the repository, the upstream ones from beside it.
#![allow(clippy::unwrap_used, reason = "a test")]
#![allow(clippy::disallowed_methods, reason = "a test reads its cases from disk")]

use crate::health::hpa::autoscaler;
use crate::health::pdb::budget;
use crate::health::pvc::claim;
use crate::health::{Health, Verdict, WorkloadFamily, assess, families, pod, rollout};
use crate::podstatus::Thresholds;
use crate::workload::{
    Body, KINDS, Object, Pod, SupportingObject, columns, job_columns, later, observe_event,
};
use jiff::Timestamp;
use serde_json::Value;
use std::path::{Path, PathBuf};

/// Cases that break one of the implications of docs/health.md section 2.1 on purpose, with the reason.
const DIFFERENCES: &[(&str, &str)] = &[];

struct VerdictCase {
    id: String,
    folder: String,
    value: Value,
    object: Object,
    now: Timestamp,
}

impl VerdictCase {
    fn expected(&self, field: &str) -> &str {
        self.value["expected"][field].as_str().unwrap_or_default()
    }

    fn pod(&self) -> Option<&Pod> {
        if let Object::Pod(pod) = &self.object { Some(pod) } else { None }
    }

    /// The health of the object alone: nothing is known of its pods.
    fn health(&self) -> Health {
        if let Some(one) = self.pod() {
            return pod(one, self.now, &Thresholds::default()).health;
        }
        let mut families = families([&self.object]);
        let mut family: WorkloadFamily = families.pop().unwrap_or_else(|| panic!("{}: hidden", self.id));
        family.pods_known = false;
        assess(&family, self.now, &Thresholds::default()).verdict.health
    }
}

fn upstream() -> PathBuf {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus");
    std::env::var_os("CALLBOARD_CORPUS").map_or(beside, PathBuf::from)
}

/// The cases below a folder whose kind callboard judges; never none.
fn cases(folder: &Path) -> Vec<VerdictCase> {
    let mut files = Vec::new();
    collect(folder, &mut files);
    files.sort();
    let cases: Vec<VerdictCase> = files.iter().flat_map(|file| values(file)).filter_map(case).collect();
    assert!(!cases.is_empty(), "no cases in {}", folder.display());
    cases
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "json" || extension == "jsonl") {
            files.push(path);
        }
    }
}

/// A `.json` file is one case, a `.jsonl` file holds one a line.
fn values(file: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(file).unwrap();
    if file.extension().is_some_and(|extension| extension == "json") {
        return vec![serde_json::from_str(&text).unwrap()];
    }
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn case(value: Value) -> Option<VerdictCase> {
    let object = &value["object"];
    let api = object["apiVersion"].as_str().unwrap_or_default();
    let group = api.split_once('/').map_or("", |(group, _)| group);
    let served = KINDS.iter().find(|kind| Some(kind.name) == object["kind"].as_str())?;
    if group != served.group && group != "extensions" {
        return None;
    }
    let mut newest = None;
    times(object, &mut newest);
    let told = value["now"].as_str().map(|now| now.parse().unwrap());
    let later = newest.map(|newest: Timestamp| newest + jiff::SignedDuration::from_mins(1));
    let now = told.or(later).unwrap_or_else(|| "2026-01-01T00:00:00Z".parse().unwrap());
    let object =
        served.observe(&object.to_string()).unwrap_or_else(|error| panic!("{}: {error}", value["id"]));
    let id = value["id"].as_str().unwrap_or_default().to_string();
    let folder = id.split('/').next().unwrap_or_default().to_string();
    Some(VerdictCase { id, folder, value, object, now })
}

fn times(value: &Value, newest: &mut Option<Timestamp>) {
    match value {
        Value::String(text) => *newest = (*newest).max(text.parse().ok()),
        Value::Array(all) => all.iter().for_each(|one| times(one, newest)),
        Value::Object(all) => all.values().for_each(|one| times(one, newest)),
        _ => {}
    }
}

#[track_caller]
fn none_wrong(wrong: &[String]) {
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

fn edge(folder: &Path) {
    let wrong = |id: &str, health: Health, expected: &str| {
        (health.word() != expected).then(|| format!("{id}: {health:?}, expected {expected}"))
    };
    let all = cases(folder);
    let mut found: Vec<String> =
        all.iter().filter_map(|case| wrong(&case.id, case.health(), case.expected("status"))).collect();
    let mut files = Vec::new();
    collect(folder, &mut files);
    for value in files.iter().flat_map(|file| values(file)) {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_string();
        let Some(health) = beside(&value) else { continue };
        found.extend(wrong(&text(&value["id"]), health, &text(&value["expected"]["status"])));
    }
    none_wrong(&found);
}

/// The health of what stands beside a workload: an autoscaler, a budget, a claim.
fn beside(case: &Value) -> Option<Health> {
    let kind = later(case["object"]["kind"].as_str()?)?;
    let now = case["now"].as_str()?.parse().unwrap();
    let limits = Thresholds::default();
    let events: Vec<_> = case["related"].as_array().into_iter().flatten().collect();
    let events: Vec<_> = events.iter().map(|event| observe_event(&event.to_string()).unwrap()).collect();
    let verdict = match kind.observe(&case["object"].to_string()).unwrap() {
        SupportingObject::Autoscaler(one) => autoscaler(&one, now, &limits),
        SupportingObject::Budget(one) => budget(&one, now, &limits),
        SupportingObject::Claim(one) => claim(&one, &events, now, &limits),
        _ => return None,
    };
    Some(verdict.health)
}

#[test]
fn our_edge_cases() {
    edge(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/edge"));
}

#[test]
#[ignore = "needs ../shared/corpus"]
fn edge_cases() {
    edge(&upstream().join("edge"));
}

#[test]
#[ignore = "needs ../shared/corpus"]
fn pods_as_kubectl_prints_them() {
    let mut wrong = Vec::new();
    for case in cases(&upstream().join("kubectl-pod-status")) {
        let cells = columns(case.pod().unwrap());
        let got = (cells.status.clone(), cells.ready.clone(), cells.restarts_cell(case.now));
        let expect = &case.value["expected"];
        let restarts = match &expect["restarts"] {
            Value::Number(number) => number.to_string(),
            Value::String(text) => text.clone(),
            _ => got.2.clone(),
        };
        let ready = expect["ready"].as_str().unwrap_or(&got.1).to_string();
        let expect = (case.expected("status").to_string(), ready, restarts);
        if got != expect {
            wrong.push(format!("{}: {got:?}, expected {expect:?}", case.id));
        }
    }
    none_wrong(&wrong);
}

#[test]
#[ignore = "needs ../shared/corpus"]
fn pods_as_ports_of_kubectl_print_them() {
    let mut wrong = Vec::new();
    for folder in ["k9s-pod-status", "kdash-pod-status", "argo-rollouts"] {
        for case in cases(&upstream().join(folder)) {
            let deviates = case.value["same_as_kubectl"] == Value::Bool(false)
                || case.value["expected"]["same_as_kubectl"] == Value::Bool(false);
            let Some(pod) = case.pod().filter(|_| !deviates) else { continue };
            let cells = columns(pod);
            if cells.status != case.expected("status") {
                wrong.push(format!("{}: {}, expected {}", case.id, cells.status, case.expected("status")));
            }
        }
    }
    none_wrong(&wrong);
}

#[test]
#[ignore = "needs ../shared/corpus"]
fn jobs_as_kubectl_prints_them() {
    let mut wrong = Vec::new();
    for case in cases(&upstream().join("kubectl-job-status")) {
        let Object::Workload(job) = &case.object else { panic!("{}: a pod", case.id) };
        let Body::Job { spec, status } = &job.body else { panic!("{}: no Job", case.id) };
        let cells = job_columns(spec, status, job.meta.deleted.is_some());
        if cells.status != case.expected("status") || cells.completions != case.expected("completions") {
            wrong.push(format!("{}: {cells:?}, expected {}", case.id, case.value["expected"]));
        }
    }
    none_wrong(&wrong);
}

#[test]
#[ignore = "needs ../shared/corpus"]
fn rollouts_as_argo_says_them() {
    let mut wrong = Vec::new();
    for case in cases(&upstream().join("argo-rollouts")) {
        let Object::Workload(workload) = &case.object else { continue };
        let expect = case.expected("status");
        let got = match &workload.body {
            Body::Rollout { spec, status } => {
                let (phase, message) = rollout::phase(&workload.meta, spec, status);
                if case.value["expected"]["message"].as_str().is_some_and(|expect| expect != message) {
                    wrong.push(format!("{}: says {message:?}", case.id));
                }
                phase
            }
            Body::ReplicaSet { spec, status } if spec.replicas == Some(0) && status.replicas == 0 => {
                "ScaledDown".to_string()
            }
            _ => case.health().word().to_string(),
        };
        if got != expect {
            wrong.push(format!("{}: {got}, expected {expect}", case.id));
        }
    }
    none_wrong(&wrong);
}

/// docs/health.md section 2.1: what other tools call broken or unfinished is never Healthy here.
#[test]
#[ignore = "needs ../shared/corpus"]
fn nothing_that_others_call_broken_is_healthy() {
    let mut wrong = Vec::new();
    for case in
        cases(&upstream()).iter().filter(|case| case.value["tier"] == "core" || case.value["tier"] == "edge")
    {
        if matches!(&case.object, Object::Workload(set) if set.kind == "ReplicaSet")
            && families([&case.object]).is_empty()
        {
            continue;
        }
        let health = case.health();
        assert_eq!(health, case.health(), "{}: same input, same verdict", case.id);
        let deliberate = DIFFERENCES.iter().any(|(id, _)| *id == case.id);
        if let Some(why) = blamed(case).filter(|_| health == Health::Healthy && !deliberate) {
            wrong.push(format!("{}: Healthy, although {why}", case.id));
        }
    }
    none_wrong(&wrong);
}

fn blamed(case: &VerdictCase) -> Option<String> {
    let also = |tool: &str| case.value["also"][tool]["status"].as_str().unwrap_or_default().to_string();
    let by =
        |tool: &str| if case.expected("tool") == tool { case.expected("status").into() } else { also(tool) };
    if case.pod().is_some_and(|pod| pod.status.phase == "Succeeded") {
        return (case.health() != Health::Healthy).then(|| "it succeeded and yet counts".to_string());
    }
    for tool in ["gitops-engine", "argo-cd-lua"] {
        if by(tool) == "Degraded" {
            return Some(format!("{tool} says Degraded"));
        }
    }
    if by("kstatus") == "Failed" {
        return Some("kstatus says Failed".to_string());
    }
    let rollout = &case.value["also"]["kubectl-rollout-status"];
    if by("kubectl-rollout-status") == "waiting" || rollout["done"] == Value::Bool(false) {
        return Some("kubectl rollout status waits".to_string());
    }
    let shown = columns(case.pod()?).status;
    let told = ["CrashLoopBackOff", "ImagePullBackOff", "ErrImagePull", "OOMKilled", "Evicted", "Unknown"];
    let bad = told.contains(&shown.as_str())
        || shown.ends_with("Error")
        || (shown.starts_with("Init:") && shown.ends_with("BackOff"));
    bad.then(|| format!("kubectl shows {shown}"))
}

/// Not a gate: prints what would be said of every upstream case, for the eye.
#[test]
#[ignore = "needs ../shared/corpus"]
fn print_every_line() {
    for case in cases(&upstream()) {
        let mut families = families([&case.object]);
        let Some(mut family) = families.pop() else { continue };
        family.pods_known = false;
        let one = assess(&family, case.now, &Thresholds::default());
        assert!(one.verdict.message.lines().count() <= 1, "{}", case.id);
        assert_eq!(one.verdict.health == Health::Healthy, one.verdict.message.is_empty(), "{}", case.id);
        if std::env::var_os("CALLBOARD_PRINT").is_some() {
            let line = format!(
                "{:9} {:?} {:?} {}\n",
                case.folder, one.verdict.health, one.serving, one.verdict.message
            );
            let line = format!(
                "{}  [{}] {} {:?}\n",
                line.trim_end(),
                one.verdict.reason,
                case.id,
                one.verdict.notes
            );
            std::io::Write::write_all(&mut std::io::stderr(), line.as_bytes()).unwrap();
        }
    }
}

/// Whatever a server sends in place of a field, there is a verdict on one line and no panic.
#[test]
fn no_field_of_a_wrong_kind_does_harm() {
    use crate::health::sample::{fresh, looping, owned, pod, replica_set, workload};
    use serde_json::json;
    let web = json!({"replicas": 3, "progressDeadlineSeconds": 600, "strategy": {"canary": {"steps": [{}]}},
        "schedule": "*/5 * * * *", "backoffLimit": 6, "updateStrategy": {"rollingUpdate": {"partition": 1}}});
    let status = json!({"replicas": 3, "updatedReplicas": 2, "readyReplicas": 1, "availableReplicas": 1, "failed": 2,
        "desiredNumberScheduled": 3, "numberAvailable": 1, "updatedNumberScheduled": 3, "currentStepIndex": 0,
        "updateRevision": "b", "currentRevision": "a", "lastScheduleTime": "2026-01-15T01:00:00Z",
        "conditions": [{"type": "Progressing", "status": "True", "reason": "ReplicaSetUpdated"}]});
    let kinds = ["Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob", "Rollout", "ReplicaSet"];
    let mut seeds: Vec<Value> =
        kinds.iter().map(|kind| workload(kind, "web", web.clone(), status.clone())).collect();
    seeds.extend([replica_set(2, 3), pod("a"), fresh("b"), looping("c", 7)]);
    seeds.extend([owned(looping("d", 7), "ReplicaSet", "web-2"), owned(fresh("e"), "StatefulSet", "web")]);
    let odd = [
        Value::Null,
        json!(i64::MIN),
        json!(i64::MAX),
        json!(u64::MAX),
        json!(-1),
        json!(0),
        json!(1e300),
        json!(true),
        json!("\u{1b}[2J\nx\u{202e}"),
        json!("-9999-01-01T00:00:00Z"),
        json!("9999-12-31T00:00:00Z"),
        json!([]),
        json!([null, {}, 3, "x"]),
        json!({}),
    ];
    let rounds: usize =
        std::env::var("CALLBOARD_FUZZ").ok().and_then(|text| text.parse().ok()).unwrap_or(500);
    let mut random = CorpusRandom(0x5eed);
    for _ in 0..rounds {
        let mut objects = seeds.clone();
        for _ in 0..=random.below(4) {
            let object = random.below(objects.len());
            spoil(&mut objects[object], &odd, &mut random);
        }
        let read = objects.iter().zip(&seeds).filter_map(|(object, seed)| {
            let kind = KINDS.iter().find(|kind| Some(kind.name) == seed["kind"].as_str())?;
            kind.observe(&object.to_string()).ok()
        });
        let read: Vec<Object> = read.collect();
        let now = crate::health::sample::now();
        let families = families(&read);
        let all: Vec<_> = families.iter().map(|family| assess(family, now, &Thresholds::default())).collect();
        let row = crate::health::cell(&all);
        let steers = |text: &str| text.chars().any(|c| c.is_control() || c == '\u{202e}');
        for one in &all {
            let Verdict { reason, message, notes, .. } = &one.verdict;
            let steering =
                [reason.as_str(), message].into_iter().chain(notes.iter().map(String::as_str)).any(steers);
            assert!(!steering, "{:?} of {}", one.verdict, Value::Array(objects.clone()));
        }
        read.iter().for_each(|object| {
            if let Object::Pod(pod) = object {
                columns(pod).restarts_cell(now);
            }
        });
        crate::health::service(&[row]);
    }
}

struct CorpusRandom(u64);

impl CorpusRandom {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % limit.max(1)
    }
}

/// Replaces one value, somewhere below, by an odd one.
fn spoil(value: &mut Value, odd: &[Value], random: &mut CorpusRandom) {
    let deeper = random.below(6) > 0;
    match value {
        Value::Object(fields) if deeper && !fields.is_empty() => {
            let key = fields.keys().nth(random.below(fields.len())).cloned().unwrap();
            spoil(&mut fields[&key], odd, random);
        }
        Value::Array(items) if deeper && !items.is_empty() => {
            let index = random.below(items.len());
            spoil(&mut items[index], odd, random);
        }
        other => *other = odd[random.below(odd.len())].clone(),
    }
}
