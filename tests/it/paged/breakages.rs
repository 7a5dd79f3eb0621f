//! What wakes people: each breakage as the kubelet, the scheduler and the controllers of Kubernetes 1.36 write it down.

use serde_json::{Value, json};

use crate::paged::fleet::{Service, Slot, container_status, later, name_of, status};

/// How a service is broken in one cluster.
pub struct Breakage {
    /// Laid over the container of the newest revision.
    pub changes: Value,
    /// When that revision came.
    pub since: &'static str,
    /// When the rollout's time was over.
    pub deadline: Option<&'static str>,
    /// Pods of the newest revision, and those of the last one that still run.
    pub bad: usize,
    pub good: usize,
    pub old: usize,
    pub pod: fn(&Slot, usize) -> Bad,
}

/// A broken pod: its status, the events about it, and the log of its last run.
pub struct Bad {
    pub status: Value,
    pub events: Vec<Value>,
    pub log: Option<String>,
}

pub fn services() -> Vec<Service> {
    let service =
        |name, namespace, team, replicas, container| Service { name, namespace, team, replicas, container };
    let image = |name: &str, tag: &str| format!("registry.example.com/{name}:{tag}");
    let resources =
        |memory: &str| json!({"requests": {"cpu": "100m", "memory": memory}, "limits": {"memory": memory}});
    let key = |optional: bool| {
        let mut reference = json!({"name": "pay-provider", "key": "api-key"});
        if optional {
            reference["optional"] = true.into();
        }
        json!([{"name": "PAY_API_KEY", "valueFrom": {"secretKeyRef": reference}}])
    };
    let probe = |path: &str, fields: Value| {
        let mut probe =
            json!({"httpGet": {"path": path, "port": 8080}, "periodSeconds": 10, "failureThreshold": 3});
        probe.as_object_mut().expect("an object").extend(fields.as_object().cloned().unwrap_or_default());
        probe
    };
    vec![
        service(
            "accounts",
            "shop",
            "team-shop",
            2,
            json!({"image": image("accounts", "v5.0.1"), "resources": resources("256Mi")}),
        ),
        service(
            "basket",
            "shop",
            "team-shop",
            2,
            json!({"image": image("basket", "v1.9.0"), "resources": resources("512Mi"),
            "startupProbe": probe("/startupz", json!({"failureThreshold": 30}))}),
        ),
        service(
            "checkout",
            "shop",
            "team-shop",
            3,
            json!({"image": image("checkout", "v3.8.0"), "resources": resources("256Mi"), "env": key(true)}),
        ),
        service(
            "invoices",
            "payments",
            "team-pay",
            3,
            json!({"image": image("invoices", "v2.9.0"), "resources": resources("256Mi")}),
        ),
        service(
            "orders",
            "shop",
            "team-shop",
            4,
            json!({"image": image("orders", "v7.2.3"), "resources": resources("4Gi")}),
        ),
        service(
            "payments",
            "payments",
            "team-pay",
            3,
            json!({"image": image("payments", "v4.1.0"), "resources": resources("512Mi")}),
        ),
        service(
            "pricing",
            "shop",
            "team-shop",
            2,
            json!({"image": image("pricing", "v1.4.0"), "resources": resources("128Mi"), "env": key(false)}),
        ),
        service(
            "search",
            "shop",
            "team-shop",
            2,
            json!({"image": image("search", "v6.0.2"), "resources": resources("512Mi"),
            "livenessProbe": probe("/healthz", json!({"timeoutSeconds": 5, "initialDelaySeconds": 10}))}),
        ),
    ]
}

pub fn of(service: &str) -> Option<Breakage> {
    let since = "2026-01-15T09:43:00Z";
    let all =
        |bad, changes, pod| Some(Breakage { changes, since, deadline: None, bad, good: 0, old: 0, pod });
    let memory =
        |memory: &str| json!({"requests": {"cpu": "100m", "memory": memory}, "limits": {"memory": memory}});
    match service {
        "checkout" => all(3, json!({}), exits_one),
        "pricing" => all(2, json!({}), lacks_secret_key),
        "search" => {
            let probe = json!({"httpGet": {"path": "/healthz", "port": 8080}, "periodSeconds": 10, "failureThreshold": 3,
                "timeoutSeconds": 1, "initialDelaySeconds": 10});
            all(2, json!({"livenessProbe": probe}), fails_liveness)
        }
        "basket" => {
            let probe = json!({"httpGet": {"path": "/startupz", "port": 8080}, "periodSeconds": 10, "failureThreshold": 3});
            all(2, json!({"startupProbe": probe}), fails_startup)
        }
        "payments" => all(2, json!({"resources": memory("256Mi")}), is_out_of_memory)
            .map(|breakage| Breakage { good: 1, ..breakage }),
        "orders" => all(2, json!({"resources": memory("40Gi")}), finds_no_node).map(|breakage| Breakage {
            old: 3,
            deadline: Some("2026-01-15T09:53:01Z"),
            ..breakage
        }),
        "invoices" => all(1, json!({"image": "registry.example.com/invoices:v2.9.1-rc"}), has_no_image)
            .map(|breakage| Breakage { old: 3, deadline: Some("2026-01-15T09:53:01Z"), ..breakage }),
        _ => None,
    }
}

fn back_off(slot: &Slot, delay: &str) -> Value {
    let message = format!(
        "back-off {delay} restarting failed container=app pod={}_{}({})",
        slot.name,
        slot.service.namespace,
        uid(slot)
    );
    json!({"waiting": {"reason": "CrashLoopBackOff", "message": message}})
}

fn uid(slot: &Slot) -> String {
    format!("0f0e{}-0000-4000-8000-000000000000", slot.name.len())
}

fn terminated(slot: &Slot, reason: &str, code: i64, started: &str, finished: &str) -> Value {
    let id = format!("containerd://{:0>64}", hex(&slot.name));
    json!({"reason": reason, "exitCode": code, "startedAt": started, "finishedAt": finished, "containerID": id})
}

fn hex(text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02x}")).collect::<String>().chars().take(40).collect()
}

/// Ended at once, eight times over; now in back-off.
fn exits_one(slot: &Slot, position: usize) -> Bad {
    let end = format!("2026-01-15T09:58:2{}Z", 7 + position % 3);
    let start = later(&end, -2);
    let last = terminated(slot, "Error", 1, &start, &end);
    let events = [
        scheduled(slot),
        kubelet(slot, "Normal", "Pulled", &pulled(slot), 9, &start),
        kubelet(slot, "Normal", "Created", "Container created", 9, &start),
        kubelet(slot, "Normal", "Started", "Container started", 9, &start),
        kubelet(slot, "Warning", "BackOff", &restarting(slot), 61, "2026-01-15T09:59:51Z"),
    ];
    let log = format!(
        "{}.104512345Z INFO checkout 3.8.0 starting\n{}.911000001Z FATAL missing API key: PAY_API_KEY is not set\n",
        start.trim_end_matches('Z'),
        later(&start, 1).trim_end_matches('Z')
    );
    Bad { status: crashed(slot, last, 8, "5m0s"), events: events.into(), log: Some(log) }
}

fn crashed(slot: &Slot, last: Value, restarts: usize, delay: &str) -> Value {
    let state = back_off(slot, delay);
    status(
        slot,
        "2026-01-15T09:43:00Z",
        "2026-01-15T09:43:00Z",
        &container_status(slot, state, Some(last), restarts, false),
    )
}

fn pulled(slot: &Slot) -> String {
    format!(
        "Container image {} already present on machine and can be accessed by the pod",
        slot.container["image"]
    )
}

fn restarting(slot: &Slot) -> String {
    format!(
        "Back-off restarting failed container app in pod {}_{}({})",
        slot.name,
        slot.service.namespace,
        uid(slot)
    )
}

/// The reference is not optional, so that the kubelet does not even create the container.
fn lacks_secret_key(slot: &Slot, _: usize) -> Bad {
    let message = "couldn't find key api-key in Secret shop/pay-provider";
    let state = json!({"waiting": {"reason": "CreateContainerConfigError", "message": message}});
    let container = never_ran(container_status(slot, state, None, 0, false));
    let events = [
        scheduled(slot),
        kubelet(slot, "Normal", "Pulled", &pulled(slot), 79, "2026-01-15T09:59:54Z"),
        kubelet(slot, "Warning", "Failed", &format!("Error: {message}"), 78, "2026-01-15T09:59:41Z"),
    ];
    Bad {
        status: status(slot, "2026-01-15T09:43:00Z", "2026-01-15T09:43:00Z", &container),
        events: events.into(),
        log: None,
    }
}

fn never_ran(mut container: Value) -> Value {
    container["imageID"] = "".into();
    container.as_object_mut().expect("an object").remove("containerID");
    container
}

fn is_out_of_memory(slot: &Slot, position: usize) -> Bad {
    let end = format!("2026-01-15T09:59:0{}Z", position * 3);
    let last = terminated(slot, "OOMKilled", 137, &later(&end, -95), &end);
    let events = [
        scheduled(slot),
        kubelet(slot, "Normal", "Created", "Container created", 6, &later(&end, -95)),
        kubelet(slot, "Normal", "Started", "Container started", 6, &later(&end, -95)),
        kubelet(slot, "Warning", "BackOff", &restarting(slot), 17, "2026-01-15T09:59:48Z"),
    ];
    let log = format!(
        "{0} INFO payments 4.1.0 starting\n{1} INFO warming the cache of 1200000 tariffs\n",
        later(&end, -94),
        later(&end, -60)
    );
    Bad { status: crashed(slot, last, 5, "2m40s"), events: events.into(), log: Some(log) }
}

/// It does not heed SIGTERM, so that the kubelet kills it when the grace period is over.
fn fails_liveness(slot: &Slot, position: usize) -> Bad {
    let killing = format!("2026-01-15T09:58:1{}Z", position * 2);
    let end = later(&killing, 30);
    let last = terminated(slot, "Error", 137, &later(&killing, -41), &end);
    let failed = format!(
        "Liveness probe failed: Get \"http://{}:8080/healthz\": context deadline exceeded (Client.Timeout exceeded while awaiting headers)",
        slot.address
    );
    let events = [
        scheduled(slot),
        kubelet(slot, "Normal", "Started", "Container started", 6, &later(&killing, -41)),
        kubelet(slot, "Warning", "Unhealthy", &failed, 18, &killing),
        kubelet(
            slot,
            "Normal",
            "Killing",
            "Container app failed liveness probe, will be restarted",
            6,
            &killing,
        ),
        kubelet(slot, "Warning", "BackOff", &restarting(slot), 22, "2026-01-15T09:59:50Z"),
    ];
    let log = format!(
        "{} INFO loading index 20260115\n{} WARN GET /healthz took 3.2s\n",
        later(&killing, -40),
        later(&killing, -3)
    );
    Bad { status: crashed(slot, last, 6, "2m40s"), events: events.into(), log: Some(log) }
}

fn fails_startup(slot: &Slot, position: usize) -> Bad {
    let killing = format!("2026-01-15T09:58:2{}Z", position * 3);
    let last = terminated(slot, "Error", 143, &later(&killing, -30), &later(&killing, 1));
    let failed = format!(
        "Startup probe failed: Get \"http://{0}:8080/startupz\": dial tcp {0}:8080: connect: connection refused",
        slot.address
    );
    let events = [
        scheduled(slot),
        kubelet(slot, "Normal", "Started", "Container started", 7, &later(&killing, -30)),
        kubelet(slot, "Warning", "Unhealthy", &failed, 21, &killing),
        kubelet(
            slot,
            "Normal",
            "Killing",
            "Container app failed startup probe, will be restarted",
            7,
            &killing,
        ),
        kubelet(slot, "Warning", "BackOff", &restarting(slot), 25, "2026-01-15T09:59:44Z"),
    ];
    let log = format!(
        "{} INFO basket 1.9.0 starting\n{} INFO migrating 4 of 9 tables\n",
        later(&killing, -29),
        later(&killing, -4)
    );
    Bad { status: crashed(slot, last, 6, "2m40s"), events: events.into(), log: Some(log) }
}

fn finds_no_node(slot: &Slot, _: usize) -> Bad {
    let message = "0/3 nodes are available: 1 node(s) had untolerated taint(s), 2 Insufficient memory. no new claims to deallocate, \
        preemption: 0/3 nodes are available: 1 Preemption is not helpful for scheduling, 2 No preemption victims found for incoming pod.";
    let condition = json!({"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": message,
        "lastProbeTime": null, "lastTransitionTime": "2026-01-15T09:43:00Z"});
    let status = json!({"phase": "Pending", "qosClass": "Burstable", "conditions": [condition]});
    let mut failed =
        scheduler(slot, "Warning", "FailedScheduling", "Scheduling", message, "2026-01-15T09:43:00.118402Z");
    failed["series"] = json!({"count": 4, "lastObservedTime": "2026-01-15T09:58:10.310222Z"});
    Bad { status, events: vec![failed], log: None }
}

fn has_no_image(slot: &Slot, _: usize) -> Bad {
    let image = slot.container["image"].as_str().expect("an image");
    let error = format!(
        "rpc error: code = NotFound desc = failed to pull and unpack image \"{image}\": failed to resolve reference \"{image}\": {image}: not found"
    );
    let state = json!({"waiting": {"reason": "ImagePullBackOff", "message": format!("Back-off pulling image \"{image}\": ErrImagePull: {error}")}});
    let container = never_ran(container_status(slot, state, None, 0, false));
    let events = [
        scheduled(slot),
        kubelet(slot, "Normal", "Pulling", &format!("Pulling image \"{image}\""), 8, "2026-01-15T09:58:59Z"),
        kubelet(
            slot,
            "Warning",
            "Failed",
            &format!("Failed to pull image \"{image}\": {error}"),
            8,
            "2026-01-15T09:59:00Z",
        ),
        kubelet(slot, "Warning", "Failed", "Error: ErrImagePull", 8, "2026-01-15T09:59:00Z"),
        kubelet(
            slot,
            "Normal",
            "BackOff",
            &format!("Back-off pulling image \"{image}\""),
            63,
            "2026-01-15T09:59:52Z",
        ),
        kubelet(slot, "Warning", "Failed", "Error: ImagePullBackOff", 63, "2026-01-15T09:59:52Z"),
    ];
    Bad {
        status: status(slot, "2026-01-15T09:43:00Z", "2026-01-15T09:43:00Z", &container),
        events: events.into(),
        log: None,
    }
}

/// A kubelet's event: the older form, with a count and both times.
fn kubelet(slot: &Slot, kind: &str, reason: &str, message: &str, count: usize, last: &str) -> Value {
    let mut event = about(slot, kind, reason, message);
    event["involvedObject"]["fieldPath"] = "spec.containers{app}".into();
    event["source"] = json!({"component": "kubelet", "host": slot.node});
    event["reportingComponent"] = "kubelet".into();
    event["reportingInstance"] = slot.node.clone().into();
    event["count"] = count.into();
    event["firstTimestamp"] = "2026-01-15T09:43:02Z".into();
    event["lastTimestamp"] = last.into();
    event["eventTime"] = Value::Null;
    event
}

/// A scheduler's event: the newer form, with its time and a series.
fn scheduler(slot: &Slot, kind: &str, reason: &str, action: &str, message: &str, time: &str) -> Value {
    let mut event = about(slot, kind, reason, message);
    event["action"] = action.into();
    event["eventTime"] = time.into();
    event["source"] = json!({});
    event["reportingComponent"] = "default-scheduler".into();
    event["reportingInstance"] = format!("default-scheduler-{}-control-plane", slot.cluster).into();
    event
}

fn scheduled(slot: &Slot) -> Value {
    let message = format!("Successfully assigned {}/{} to {}", slot.service.namespace, slot.name, slot.node);
    scheduler(slot, "Normal", "Scheduled", "Binding", &message, "2026-01-15T09:43:00.204181Z")
}

fn about(slot: &Slot, kind: &str, reason: &str, message: &str) -> Value {
    let (name, namespace) = (&slot.name, slot.service.namespace);
    let id = hex(&name_of(&format!("{reason}{message}"), 8));
    json!({
        "apiVersion": "v1", "kind": "Event", "metadata": {"name": format!("{name}.{id}"), "namespace": namespace, "creationTimestamp": "2026-01-15T09:43:02Z"},
        "involvedObject": {"apiVersion": "v1", "kind": "Pod", "name": name, "namespace": namespace},
        "type": kind, "reason": reason, "message": message,
    })
}
