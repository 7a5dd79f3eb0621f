//! Cases of pods, workloads and controllers as a whole.

use crate::diagnose::cases::{
    NONE, check, condition, event, exit, going, high, none, over, pending, pod, refused, runs, waits,
};
use serde_json::{Value, json};

#[test]
fn nodes_that_do_not_fit() {
    let told = |message, cause| check(pending(message), cause, "high", NONE);
    told(
        "0/3 nodes are available: 3 Insufficient cpu. preemption: 0/3 nodes are available: 3 No preemption victims found for incoming pod.",
        "unschedulable-cpu",
    );
    told(
        "0/3 nodes are available: 1 node(s) had untolerated taint {node-role.kubernetes.io/control-plane: }, 2 Insufficient memory.",
        "unschedulable-memory",
    );
    told("0/3 nodes are available: 3 Insufficient nvidia.com/gpu.", "unschedulable-extended-resource");
    told("0/3 nodes are available: 3 Insufficient ephemeral-storage.", "unschedulable-extended-resource");
    told(
        "0/3 nodes are available: 3 cannot allocate all claims. still not schedulable, preemption: x",
        "unschedulable-extended-resource",
    );
    told(
        "0/3 nodes are available: 3 node(s) didn't match pod anti-affinity rules.",
        "unschedulable-pod-anti-affinity",
    );
    told(
        "0/3 nodes are available: 3 node(s) didn't match pod affinity/anti-affinity, 3 node(s) didn't satisfy existing pods anti-affinity rules.",
        "unschedulable-pod-anti-affinity",
    );
    told(
        "0/3 nodes are available: 3 node(s) didn't match pod topology spread constraints (missing required label).",
        "unschedulable-topology-spread",
    );
    told("persistentvolumeclaim \"data\" not found", "unschedulable-pvc-missing");
    told(
        "0/3 nodes are available: persistentvolumeclaim \"data\" not found. preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.",
        "unschedulable-pvc-missing",
    );
    told("pod has unbound immediate PersistentVolumeClaims (repeated 2 times)", "unschedulable-pvc-unbound");
    told(
        "0/3 nodes are available: 3 node(s) didn't find available persistent volumes to bind.",
        "unschedulable-pvc-unbound",
    );
    told("0/3 nodes are available: 3 node(s) didn't match node selector.", "unschedulable-node-affinity");
    told(
        "0/3 nodes are available: 3 node(s) had taint {dedicated: db}, that the pod didn't tolerate.",
        "unschedulable-taint",
    );
    told("0/3 nodes are available: 3 node(s) had untolerated taint(s).", "unschedulable-taint");
    told("0/3 nodes are available: 3 Insufficient pods.", "unschedulable-too-many-pods");
    told(
        "0/3 nodes are available: 1 Insufficient memory, 2 node(s) had untolerated taint {dedicated: db}.",
        "unschedulable-mixed",
    );
    let mut gated = pending("Scheduling is blocked due to non-empty scheduling gates");
    gated["object"]["status"]["conditions"][0]["reason"] = "SchedulingGated".into();
    gated["object"]["spec"]["schedulingGates"] = json!([{"name": "kueue.x-k8s.io/admission"}]);
    check(gated, "scheduling-gated", "high", NONE);
    let mut fresh = pending("0/3 nodes are available: 3 Insufficient cpu.");
    fresh["object"]["metadata"]["creationTimestamp"] = "2026-01-01T00:59:30Z".into();
    none(fresh);
}

#[test]
fn pods_that_are_over() {
    let told = |reason, message, cause| high(over(reason, message), cause);
    told(
        "Evicted",
        "Pod ephemeral local storage usage exceeds the total limit of containers 1Gi. ",
        "evicted-ephemeral-storage",
    );
    told(
        "Evicted",
        "Container app exceeded its local ephemeral storage limit \"1Gi\". ",
        "evicted-ephemeral-storage",
    );
    told(
        "Evicted",
        "The node was low on resource: ephemeral-storage. Threshold quantity: 1, available: 0. ",
        "evicted-ephemeral-storage",
    );
    told("Evicted", "The node was low on resource: inodes. ", "evicted-ephemeral-storage");
    told("Evicted", "The node was low on resource: [MemoryPressure].", "evicted-memory");
    told("Evicted", "The node had condition: [MemoryPressure]. ", "evicted-node-condition");
    told(
        "DeadlineExceeded",
        "Pod was active on the node longer than the specified deadline",
        "deadline-exceeded",
    );
    told("NodeLost", "Node node-1 which was running pod web is unresponsive", "node-not-ready");
    told("NodeShutdown", "Pod was rejected as the node is shutting down.", "node-shutdown");
    told("Terminated", "Pod was terminated in response to imminent node shutdown.", "node-shutdown");
    told("Shutdown", "Node is shutting, evicting pods", "node-shutdown");
    for (reason, message) in [
        ("OutOfcpu", "Pod Node didn't have enough resource: cpu, requested: 4000, used: 1, capacity: 4000"),
        ("OutOfpods", "Pod was rejected: Node didn't have enough resource: pods"),
        ("NodeAffinity", "Pod was rejected: Predicate NodeAffinity failed"),
        ("TopologyAffinityError", "Pod was rejected: Resources cannot be allocated with Topology locality"),
    ] {
        check(over(reason, message), "kubelet-rejected", "high", NONE);
    }
    high(
        going("DeletionByTaintManager", "Taint manager: deleting due to NoExecute taint"),
        "node-taint-evicted",
    );
    high(going("TerminationByKubelet", "Preempted in order to admit critical pod"), "preempted");
    high(
        going("TerminationByKubelet", "Pod was terminated in response to imminent node shutdown."),
        "node-shutdown",
    );
    high(going("DeletionByPodGC", "PodGC: node no longer exists"), "node-not-ready");
    let mut old = going("", "");
    old["object"]["status"]["conditions"] = json!([]);
    old["related"] = json!({"events": [event("TaintManagerEviction", "Marking for deletion Pod shop/web-7d9f8b6c5d-abcde")]});
    high(old.clone(), "node-taint-evicted");
    old["related"] = json!({"events": [event("Preempted", "Preempted by shop/other on node node-1")]});
    high(old.clone(), "preempted");
    old["related"] = json!({});
    none(old);
}

#[test]
fn running_but_not_ready() {
    let readiness = json!({"readinessProbe": {"httpGet": {"path": "/ready", "port": 8080}}});
    let failed = |message: &str| json!([event("Unhealthy", message)]);
    high(
        runs(
            readiness.clone(),
            "2026-01-01T00:30:00Z",
            json!({"started": true}),
            failed("Readiness probe failed: HTTP probe failed with statuscode: 503"),
        ),
        "readiness-failing",
    );
    high(
        runs(
            readiness.clone(),
            "2026-01-01T00:59:30Z",
            json!({}),
            failed(
                "Readiness probe failed: Get \"http://10.0.0.1:8080/ready\": dial tcp 10.0.0.1:8080: connect: connection refused",
            ),
        ),
        "readiness-failing",
    );
    high(
        runs(
            readiness.clone(),
            "2026-01-01T00:30:00Z",
            json!({}),
            failed("Readiness probe errored: rpc error: code = Unknown desc = failed to exec in container"),
        ),
        "readiness-failing",
    );
    check(
        runs(readiness.clone(), "2026-01-01T00:30:00Z", json!({}), json!([])),
        "readiness-failing",
        "medium",
        "app",
    );
    none(runs(readiness.clone(), "2026-01-01T00:59:40Z", json!({}), json!([])));
    none(runs(json!({}), "2026-01-01T00:30:00Z", json!({}), json!([])));
    let startup = json!({"startupProbe": {"httpGet": {"path": "/up", "port": 8080}, "failureThreshold": 30}, "readinessProbe": {"httpGet": {"path": "/ready", "port": 8080}}});
    check(
        runs(
            startup,
            "2026-01-01T00:59:00Z",
            json!({"started": false}),
            failed("Startup probe failed: connection refused"),
        ),
        "startup-probe-pending",
        "medium",
        "app",
    );
    let mut gate = runs(json!({}), "2026-01-01T00:30:00Z", json!({"ready": true}), json!([]));
    gate["object"]["spec"]["readinessGates"] = json!([{"conditionType": "x.example.com/ok"}]);
    gate["object"]["status"]["conditions"] = json!([{"type": "ContainersReady", "status": "True"}, {"type": "Ready", "status": "False"}, {"type": "x.example.com/ok", "status": "False"}]);
    check(gate, "readiness-gate", "high", NONE);
    let mut silent = runs(json!({}), "2026-01-01T00:30:00Z", json!({"ready": true}), json!([]));
    silent["object"]["status"]["conditions"] =
        json!([{"type": "ContainersReady", "status": "True"}, {"type": "Ready", "status": "False"}]);
    check(silent.clone(), "node-not-ready", "medium", "app");
    silent["related"]["node"] = json!({"metadata": {"name": "node-1"}, "status": {"conditions": [{"type": "Ready", "status": "Unknown", "reason": "NodeStatusUnknown", "message": "Kubelet stopped posting node status."}]}});
    high(silent.clone(), "node-not-ready");
    silent["related"] = json!({"events": [event("NodeNotReady", "Node is not ready")]});
    high(silent.clone(), "node-not-ready");
    silent["related"]["node"] = json!({"metadata": {"name": "node-1"}, "status": {"conditions": [{"type": "Ready", "status": "True"}]}});
    none(silent);
    let mut crash = exit(1, "boom");
    crash["related"]["events"] = json!([event("NodeNotReady", "Node is not ready")]);
    high(crash, "app-error");
    let mut init = waits("PodInitializing", "");
    init["object"]["spec"]["initContainers"] = json!([{"name": "wait-db"}]);
    init["object"]["status"]["initContainerStatuses"] =
        json!([{"name": "wait-db", "state": {"running": {"startedAt": "2026-01-01T00:05:00Z"}}}]);
    check(init, "init-container-stuck", "medium", "wait-db");
}

#[test]
fn pods_that_were_refused() {
    let told = |kind, message, cause| check(refused(kind, message), cause, "high", NONE);
    told(
        "ReplicaSet",
        "Error creating: pods \"web-x\" is forbidden: exceeded quota: compute, requested: limits.cpu=1,limits.memory=1Gi, used: limits.cpu=9,limits.memory=9Gi, limited: limits.cpu=10,limits.memory=9Gi",
        "quota-exceeded",
    );
    told(
        "StatefulSet",
        "create Pod web-0 in StatefulSet web failed error: pods \"web-0\" is forbidden: exceeded quota: pods, requested: pods=1, used: pods=5, limited: pods=5",
        "quota-exceeded",
    );
    told(
        "ReplicaSet",
        "Error creating: pods \"web-x\" is forbidden: failed quota: compute: must specify limits.cpu for: app; limits.memory for: app",
        "quota-requires-resources",
    );
    told(
        "DaemonSet",
        "Error creating: pods \"web-x\" is forbidden: violates PodSecurity \"restricted:latest\": allowPrivilegeEscalation != false",
        "podsecurity-violation",
    );
    told(
        "ReplicaSet",
        "Error creating: pods \"web-x\" is forbidden: unable to validate against any pod security policy: []",
        "podsecurity-violation",
    );
    told(
        "Job",
        "Error creating: pods \"web-x\" is forbidden: no PriorityClass with name urgent was found",
        "priorityclass-missing",
    );
    told(
        "ReplicaSet",
        "Error creating: pods \"web-x\" is forbidden: [minimum cpu usage per Container is 100m, but request is 10m]",
        "limitrange-violation",
    );
    told(
        "ReplicaSet",
        "Error creating: pods \"web-x\" is forbidden: ValidatingAdmissionPolicy 'no-latest' with binding 'all' denied request: image tag latest",
        "admission-denied",
    );
    told(
        "ReplicaSet",
        "Error creating: admission webhook \"validation.gatekeeper.sh\" denied the request: [denied by required-labels] missing labels",
        "admission-denied",
    );
    told(
        "ReplicaSet",
        "Error creating: Internal error occurred: failed calling webhook \"a.b.c\": Post \"https://a.b.svc:443/\": context deadline exceeded",
        "admission-webhook-unavailable",
    );
    told(
        "ReplicaSet",
        "Error creating: Internal error occurred: failed calling admission webhook \"a.b.c\": Post https://a.b.svc:443/: x509: certificate signed by unknown authority",
        "admission-webhook-unavailable",
    );
    told(
        "StatefulSet",
        "create Pod web-0 in StatefulSet web failed error: pods \"web-0\" is forbidden: error looking up service account shop/web: serviceaccount \"web\" not found",
        "serviceaccount-missing",
    );
    // History: by now it has all its pods.
    let mut full = refused(
        "ReplicaSet",
        "Error creating: pods \"web-x\" is forbidden: exceeded quota: q, requested: a, used: b, limited: c",
    );
    full["object"]["status"]["replicas"] = 3.into();
    none(full);
}

#[test]
fn controllers() {
    let failed =
        |reason: &str| json!([{"type": "Failed", "status": "True", "reason": reason, "message": "m"}]);
    check(
        condition("Job", json!({}), failed("BackoffLimitExceeded"), json!({})),
        "job-backoff-limit",
        "high",
        NONE,
    );
    check(
        condition("Job", json!({}), failed("DeadlineExceeded"), json!({})),
        "job-deadline-exceeded",
        "high",
        NONE,
    );
    none(condition(
        "Job",
        json!({}),
        json!([{"type": "Complete", "status": "True"}, {"type": "Failed", "status": "False", "reason": "BackoffLimitExceeded"}]),
        json!({"succeeded": 1}),
    ));
    for reason in [
        "FailedGetResourceMetric",
        "FailedGetExternalMetric",
        "FailedGetContainerResourceMetric",
        "FailedComputeMetricsReplicas",
    ] {
        let conditions = json!([{"type": "ScalingActive", "status": "False", "reason": reason, "message": "unable to fetch metrics from resource metrics API: the server could not find the requested resource (get pods.metrics.k8s.io)"}]);
        check(
            condition("HorizontalPodAutoscaler", json!({"maxReplicas": 3}), conditions, json!({})),
            "hpa-metrics-missing",
            "high",
            NONE,
        );
    }
    none(condition(
        "HorizontalPodAutoscaler",
        json!({"maxReplicas": 3}),
        json!([{"type": "ScalingLimited", "status": "True", "reason": "TooFewReplicas"}, {"type": "ScalingActive", "status": "True"}]),
        json!({}),
    ));
    let budget = |allowed: i64| {
        condition(
            "PodDisruptionBudget",
            json!({"minAvailable": 3}),
            json!([{"type": "DisruptionAllowed", "status": if allowed == 0 { "False" } else { "True" }, "reason": "InsufficientPods"}]),
            json!({"disruptionsAllowed": allowed, "currentHealthy": 3, "desiredHealthy": 3, "expectedPods": 3}),
        )
    };
    check(budget(0), "pdb-blocks-drain", "high", NONE);
    none(budget(1));
    let drain = event("FailedEviction", "Cannot evict pod as it would violate the pod's disruption budget.");
    let mut held = runs(json!({}), "2026-01-01T00:30:00Z", json!({"ready": true}), json!([drain]));
    held["object"]["status"]["conditions"] = json!([{"type": "Ready", "status": "True"}]);
    check(held, "pdb-blocks-drain", "high", NONE);
}

#[test]
fn what_is_well_or_history_gives_nothing() {
    let ready = |last: Value, restarts: i64| {
        let mut case = pod(
            json!({"ready": true, "restartCount": restarts, "state": {"running": {"startedAt": "2026-01-01T00:30:00Z"}}, "lastState": last}),
            json!({}),
            json!({}),
        );
        case["object"]["status"]["conditions"] =
            json!([{"type": "Ready", "status": "True"}, {"type": "ContainersReady", "status": "True"}]);
        case
    };
    let end = |code: i64, reason: &str, at: &str| json!({"terminated": {"exitCode": code, "reason": reason, "finishedAt": at}});
    none(ready(end(137, "OOMKilled", "2026-01-01T00:29:00Z"), 1));
    none(ready(end(1, "Error", "2026-01-01T00:55:00Z"), 1));
    none(ready(json!({}), 0));
    check(ready(end(1, "Error", "2026-01-01T00:58:00Z"), 5), "app-error", "medium", "app");
}

#[test]
fn peers_that_only_wait_are_not_blamed() {
    let mut case = waits("PodInitializing", "");
    case["object"]["spec"]["initContainers"] =
        json!([{"name": "proxy", "restartPolicy": "Always"}, {"name": "migrate"}]);
    case["object"]["status"]["initContainerStatuses"] = json!([
        {"name": "proxy", "ready": false, "restartCount": 4, "state": {"waiting": {"reason": "CrashLoopBackOff"}},
            "lastState": {"terminated": {"exitCode": 1, "reason": "Error", "finishedAt": "2026-01-01T00:58:00Z", "message": "listen tcp :15001: bind: address already in use"}}},
        {"name": "migrate", "state": {"waiting": {"reason": "PodInitializing"}}}]);
    check(case, "port-in-use", "medium", "proxy");
}
