//! Cases of our own: every cause in the table, in the words of old and new kubelets, schedulers and runtimes.
#![allow(clippy::unwrap_used)]

use crate::diagnose::corpus::{Case, wrong};
use crate::diagnose::rules::RULES;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// A pod that runs, is not ready, and has one container `app` in the state given.
fn pod(status: Value, spec: Value, related: Value) -> Value {
    let mut container = json!({"name": "app", "image": "registry.example.com/team/web:1.4.2"});
    merge(&mut container, &spec);
    let mut state = json!({"name": "app", "image": "registry.example.com/team/web:1.4.2", "ready": false, "restartCount": 0});
    merge(&mut state, &status);
    json!({
        "id": "own",
        "object": {
            "kind": "Pod",
            "metadata": {"name": "web-7d9f8b6c5d-abcde", "namespace": "shop", "creationTimestamp": "2026-01-01T00:00:00Z"},
            "spec": {"nodeName": "node-1", "containers": [container]},
            "status": {"phase": "Running", "containerStatuses": [state]},
        },
        "related": related,
    })
}

fn merge(into: &mut Value, more: &Value) {
    match (into.as_object_mut(), more.as_object()) {
        (Some(into), Some(more)) => {
            for (key, value) in more {
                match into.get_mut(key) {
                    Some(known) if known.is_object() && value.is_object() => merge(known, value),
                    _ => {
                        into.insert(key.clone(), value.clone());
                    }
                }
            }
        }
        _ => *into = more.clone(),
    }
}

fn ended(code: i64, reason: &str, message: &str) -> Value {
    json!({"restartCount": 7,
        "state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 5m0s restarting failed container=app pod=web"}},
        "lastState": {"terminated": {"reason": reason, "exitCode": code, "message": message,
            "startedAt": "2026-01-01T00:58:00Z", "finishedAt": "2026-01-01T00:58:03Z"}}})
}

fn exit(code: i64, log: &str) -> Value {
    let related = if log.is_empty() { json!({}) } else { json!({"previous_log": log}) };
    pod(ended(code, if code == 0 { "Completed" } else { "Error" }, ""), json!({}), related)
}

fn waits(reason: &str, message: &str) -> Value {
    let mut case =
        pod(json!({"state": {"waiting": {"reason": reason, "message": message}}}), json!({}), json!({}));
    case["object"]["status"]["phase"] = "Pending".into();
    case
}

fn start(reason: &str, code: i64, message: &str) -> Value {
    pod(ended(code, reason, message), json!({}), json!({}))
}

fn event(reason: &str, message: &str) -> Value {
    json!({"involvedObject": {"kind": "Pod", "name": "web-7d9f8b6c5d-abcde", "fieldPath": "spec.containers{app}"},
        "type": "Warning", "reason": reason, "message": message, "count": 5, "source": {"component": "kubelet"},
        "firstTimestamp": "2026-01-01T00:50:00Z", "lastTimestamp": "2026-01-01T00:58:00Z"})
}

fn with(mut case: Value, more: Value) -> Value {
    merge(&mut case, &more);
    case
}

fn creating(reason: &str, message: &str) -> Value {
    let mut told = event(reason, message);
    told["involvedObject"]["fieldPath"] = "".into();
    with(waits("ContainerCreating", ""), json!({"related": {"events": [told]}}))
}

fn pending(message: &str) -> Value {
    let mut case = pod(json!({}), json!({}), json!({}));
    case["object"]["spec"]["nodeName"] = "".into();
    case["object"]["status"] = json!({"phase": "Pending", "conditions": [
        {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": message}]});
    case
}

fn over(reason: &str, message: &str) -> Value {
    let mut case = pod(json!({}), json!({}), json!({}));
    case["object"]["status"] = json!({"phase": "Failed", "reason": reason, "message": message});
    case
}

fn going(reason: &str, message: &str) -> Value {
    let mut case = pod(
        json!({"ready": true, "state": {"running": {"startedAt": "2026-01-01T00:10:00Z"}}}),
        json!({}),
        json!({}),
    );
    case["object"]["metadata"]["deletionTimestamp"] = "2026-01-01T00:59:50Z".into();
    case["object"]["status"]["conditions"] =
        json!([{"type": "DisruptionTarget", "status": "True", "reason": reason, "message": message}]);
    case
}

fn runs(spec: Value, since: &str, more: Value, events: Value) -> Value {
    let mut status = json!({"state": {"running": {"startedAt": since}}});
    merge(&mut status, &more);
    let mut case = pod(status, spec, json!({"events": events}));
    case["object"]["status"]["conditions"] = json!([
        {"type": "ContainersReady", "status": "False", "reason": "ContainersNotReady", "message": "containers with unready status: [app]"},
        {"type": "Ready", "status": "False", "reason": "ContainersNotReady", "message": "containers with unready status: [app]"}]);
    case
}

fn refused(kind: &str, message: &str) -> Value {
    json!({"id": "own", "object": {"kind": kind, "metadata": {"name": "web", "namespace": "shop"}, "spec": {"replicas": 3}, "status": {"replicas": 0}},
        "related": {"events": [{"involvedObject": {"kind": kind, "name": "web"}, "type": "Warning", "reason": "FailedCreate",
            "message": message, "count": 9, "lastTimestamp": "2026-01-01T00:59:00Z"}]}})
}

fn condition(kind: &str, spec: Value, conditions: Value, more: Value) -> Value {
    let mut status = json!({"conditions": conditions});
    merge(&mut status, &more);
    json!({"id": "own", "object": {"kind": kind, "metadata": {"name": "web", "namespace": "shop"}, "spec": spec, "status": status}, "related": {}})
}

const NONE: &str = "-";

/// The one finding of a case; container `-` stands for none.
#[track_caller]
fn check(case: Value, cause: &str, confidence: &str, container: &str) {
    let mut case = case;
    let container = if container == NONE { Value::Null } else { container.into() };
    case["expected"] = json!({"status": cause, "confidence": confidence, "container": container});
    case["id"] = cause.into();
    let case = Case::read(&case.to_string());
    if let Some(wrong) = wrong(&case) {
        panic!("{wrong}");
    }
}

#[track_caller]
fn high(case: Value, cause: &str) {
    check(case, cause, "high", "app");
}

#[track_caller]
fn none(case: Value) {
    check(case, "none", "", NONE);
}

#[test]
fn logs_beside_an_exit_code() {
    let medium = |code, log, cause| check(exit(code, log), cause, "medium", "app");
    medium(
        1,
        "Error: connect ECONNREFUSED 10.0.0.9:6379\n    at TCPConnectWrap.afterConnect\n",
        "dependency-refused",
    );
    medium(1, "dial tcp 10.0.0.9:5432: connect: connection refused", "dependency-refused");
    medium(
        1,
        "redis.exceptions.ConnectionError: Error 111 connecting to redis:6379. Connection refused.",
        "dependency-refused",
    );
    medium(
        1,
        "Caused by: java.net.ConnectException: Connection refused (Connection refused)\n\tat a.b.c(D.java:1)\n\t... 12 more",
        "dependency-refused",
    );
    medium(
        1,
        "django.db.utils.OperationalError: could not translate host name \"db\" to address: Name or service not known",
        "dependency-dns",
    );
    medium(1, "Error: getaddrinfo EAI_AGAIN redis", "dependency-dns");
    medium(1, "java.net.UnknownHostException: kafka", "dependency-dns");
    medium(
        1,
        "lookup db on 10.96.0.10:53: read udp 10.0.0.1:4000->10.96.0.10:53: i/o timeout",
        "dependency-dns",
    );
    medium(
        1,
        "nginx: [emerg] host not found in upstream \"api\" in /etc/nginx/nginx.conf:3",
        "dependency-dns",
    );
    medium(1, "Error: connect ETIMEDOUT 10.0.0.9:5432", "dependency-timeout");
    medium(1, "rpc error: code = DeadlineExceeded desc = context deadline exceeded", "dependency-timeout");
    medium(1, "net/http: TLS handshake timeout", "dependency-timeout");
    medium(
        1,
        "ssl.SSLCertVerificationError: [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: self signed certificate",
        "dependency-tls",
    );
    medium(1, "sun.security.validator.ValidatorException: PKIX path building failed", "dependency-tls");
    medium(1, "Error: self-signed certificate in certificate chain", "dependency-tls");
    medium(1, "Access denied for user 'web'@'10.0.0.1' (using password: YES)", "dependency-auth");
    medium(1, "GET https://api.example.com/v1: unexpected status 401 Unauthorized", "dependency-auth");
    medium(1, "request failed with status code 403", "dependency-auth");
    medium(
        1,
        "pods is forbidden: User \"system:serviceaccount:shop:web\" cannot list resource \"pods\" in API group \"\" in the namespace \"shop\"",
        "rbac-forbidden",
    );
    medium(
        1,
        "Traceback (most recent call last):\n  File \"/app/main.py\", line 3, in <module>\n    os.environ['DATABASE_URL']\nKeyError: 'DATABASE_URL'",
        "missing-env",
    );
    medium(1, "panic: required environment variable API_KEY is not set", "missing-env");
    medium(1, "Error: DATABASE_URL must be set", "missing-env");
    medium(1, "thread 'main' panicked at src/main.rs:3: environment variable not found", "missing-env");
    medium(1, "/entrypoint.sh: line 3: DB_HOST: unbound variable", "missing-env");
    medium(1, "/entrypoint.sh: 3: DB_HOST: parameter not set", "missing-env");
    medium(1, "Missing required environment variable: STRIPE_KEY", "missing-env");
    medium(1, "Error: listen EADDRINUSE: address already in use :::8080", "port-in-use");
    medium(1, "OSError: [Errno 98] Address already in use", "port-in-use");
    medium(1, "Web server failed to start. Port 8080 was already in use.", "port-in-use");
    medium(1, "mkdir /var/cache/nginx/client_temp: permission denied", "file-permission");
    medium(1, "Error: EACCES: permission denied, open '/data/x'", "file-permission");
    medium(1, "PermissionError: [Errno 13] Permission denied: '/data/x'", "file-permission");
    medium(1, "listen tcp :80: bind: permission denied", "file-permission");
    medium(1, "touch: cannot touch '/x': Read-only file system", "read-only-filesystem");
    medium(1, "Error: EROFS: read-only file system, open '/tmp/x'", "read-only-filesystem");
    medium(1, "open /etc/app/config.yaml: no such file or directory", "missing-file");
    medium(
        1,
        "FileNotFoundError: [Errno 2] No such file or directory: '/etc/app/config.yaml'",
        "missing-file",
    );
    medium(
        1,
        "Error: Cannot find module '/app/dist/server.js'\n    at Module._resolveFilename (node:internal/modules/cjs/loader:1)\nNode.js v20.1.0",
        "missing-file",
    );
    medium(1, "Error: Unable to access jarfile /app/app.jar", "missing-file");
    medium(
        127,
        "/app/server: error while loading shared libraries: libssl.so.1.1: cannot open shared object file: No such file or directory",
        "missing-shared-library",
    );
    medium(
        127,
        "Error loading shared library libstdc++.so.6: No such file or directory (needed by /app/server)",
        "missing-shared-library",
    );
    medium(
        1,
        "/app/server: /lib/x86_64-linux-gnu/libc.so.6: version `GLIBC_2.34' not found (required by /app/server)",
        "missing-shared-library",
    );
    medium(1, "accept tcp [::]:8080: accept4: too many open files", "too-many-open-files");
    medium(1, "Error: EMFILE: too many open files, watch '/app'", "too-many-open-files");
    medium(1, "OSError: [Errno 28] No space left on device", "disk-full");
    medium(3, "Terminating due to java.lang.OutOfMemoryError: Java heap space", "jvm-heap-oom");
    medium(134, "Aborting due to java.lang.OutOfMemoryError: GC overhead limit exceeded", "jvm-heap-oom");
    medium(2, "flag provided but not defined: -verbsoe\nUsage of /app:\n  -v\n", "app-usage-error");
    medium(2, "usage: app [-h]\napp: error: unrecognized arguments: --foo", "app-usage-error");
    medium(64, "usage: app [-h] FILE", "app-usage-error");
    medium(1, "Error: unknown flag: --foo", "app-usage-error");
}

#[test]
fn what_no_rule_knows_is_the_programs_own() {
    high(
        exit(
            1,
            "Traceback (most recent call last):\n  File \"/app/a.py\", line 1\nModuleNotFoundError: No module named 'flask'\n",
        ),
        "app-error",
    );
    high(
        exit(2, "panic: runtime error: index out of range [3]\n\ngoroutine 1 [running]:\nmain.main()\n"),
        "app-error",
    );
    high(exit(255, "something went wrong\n"), "app-error");
    high(
        exit(
            1,
            "connection refused, retrying\nconnected\npanic: runtime error: invalid memory address\ngoroutine 1 [running]:\n",
        ),
        "app-error",
    );
    high(exit(1, "INFO timeout is 5s, i/o timeout\nERROR schema version 7 is too old\n"), "app-error");
    high(exit(1, "Error: config file is invalid\nUsage:\n  app [flags]\n"), "app-error");
    check(exit(1, ""), "app-error", "medium", "app");
    check(exit(255, "\n"), "app-error", "low", "app");
    check(
        pod(ended(1, "Error", "dial tcp 10.0.0.1:5432: connect: connection refused\n"), json!({}), json!({})),
        "dependency-refused",
        "medium",
        "app",
    );
}

#[test]
fn signals() {
    high(exit(139, ""), "segfault");
    high(pod(ended(0, "Error", ""), json!({}), json!({})), "app-exits-zero");
    let mut bare = ended(0, "Error", "");
    bare["lastState"]["terminated"]["signal"] = 11.into();
    high(pod(bare, json!({}), json!({})), "segfault");
    high(exit(132, "Illegal instruction (core dumped)"), "illegal-instruction");
    high(exit(134, "terminate called after throwing an instance of 'std::runtime_error'"), "abort-signal");
    check(exit(135, ""), "app-error", "medium", "app");
}

#[test]
fn exits_zero() {
    high(exit(0, "done\n"), "app-exits-zero");
    let mut now = pod(
        json!({"restartCount": 1, "state": {"terminated": {"exitCode": 0, "reason": "Completed", "finishedAt": "2026-01-01T00:59:00Z"}}}),
        json!({}),
        json!({}),
    );
    high(now.clone(), "app-exits-zero");
    now["object"]["spec"]["restartPolicy"] = "OnFailure".into();
    none(now);
}

#[test]
fn probes_that_kill() {
    let startup = json!({"startupProbe": {"httpGet": {"path": "/up", "port": 8080}, "periodSeconds": 5, "failureThreshold": 6}});
    let liveness = json!({"livenessProbe": {"tcpSocket": {"port": 8080}, "initialDelaySeconds": 10}});
    let run = |code: i64, seconds: i64| {
        let mut status = ended(code, "Error", "");
        let end: jiff::Timestamp = "2026-01-01T00:58:03Z".parse().unwrap();
        let begin = end - jiff::SignedDuration::from_secs(seconds);
        status["lastState"]["terminated"]["startedAt"] = begin.to_string().into();
        status["started"] = false.into();
        status
    };
    high(
        pod(
            ended(137, "Error", ""),
            startup.clone(),
            json!({"events": [event("Unhealthy", "Startup probe failed: Get \"http://10.0.0.1:8080/up\": dial tcp 10.0.0.1:8080: connect: connection refused"), event("Killing", "Container app failed startup probe, will be restarted")]}),
        ),
        "startup-probe-killed",
    );
    check(pod(run(143, 31), startup.clone(), json!({})), "startup-probe-killed", "medium", "app");
    check(pod(run(137, 61), startup, json!({})), "startup-probe-killed", "medium", "app");
    // Kubernetes before 1.13 said it so.
    high(
        pod(
            ended(137, "Error", ""),
            liveness.clone(),
            json!({"events": [event("Killing", "Killing container with id docker://app:Container failed liveness probe.. Container will be killed and recreated.")]}),
        ),
        "liveness-killed",
    );
    high(
        pod(
            ended(1, "Error", ""),
            liveness.clone(),
            json!({"events": [event("Killing", "Container app failed liveness probe, will be restarted")]}),
        ),
        "liveness-killed",
    );
    check(pod(run(137, 71), liveness.clone(), json!({})), "liveness-killed", "medium", "app");
    check(pod(run(0, 41), liveness.clone(), json!({})), "liveness-killed", "medium", "app");
    // It ran for much longer than the probe grants: nothing points to the probe.
    check(pod(run(143, 500), liveness.clone(), json!({})), "sigterm", "medium", "app");
    // Another container's probe.
    let mut other = event("Killing", "Container proxy failed liveness probe, will be restarted");
    other["involvedObject"]["fieldPath"] = "spec.containers{proxy}".into();
    check(pod(run(143, 500), liveness, json!({"events": [other]})), "sigterm", "medium", "app");
}

#[test]
fn kills_of_others() {
    check(exit(137, ""), "sigkill-unattributed", "low", "app");
    check(
        exit(
            1,
            "[CRITICAL] WORKER TIMEOUT (pid:12)\n[ERROR] Worker (pid:12) was sent SIGKILL! Perhaps out of memory?\n",
        ),
        "oom-killed-child-process",
        "low",
        "app",
    );
    check(
        exit(1, "LOG: server process (PID 66) was terminated by signal 9: Killed\n"),
        "oom-killed-child-process",
        "low",
        "app",
    );
    check(
        pod(
            ended(137, "Error", ""),
            json!({}),
            json!({"node": {"metadata": {"name": "node-1"}, "status": {"conditions": [{"type": "MemoryPressure", "status": "True"}]}}}),
        ),
        "oom-killed-by-node",
        "medium",
        "app",
    );
    let npd = json!({"involvedObject": {"kind": "Node", "name": "node-1"}, "reason": "OOMKilling", "message": "Out of memory: Killed process 4242 (java) total-vm:1", "lastTimestamp": "2026-01-01T00:58:03Z"});
    check(
        pod(ended(137, "Error", ""), json!({}), json!({"events": [npd]})),
        "oom-killed-by-node",
        "medium",
        "app",
    );
    let mut deleted = pod(
        json!({"state": {"terminated": {"reason": "Error", "exitCode": 137, "startedAt": "2026-01-01T00:00:00Z", "finishedAt": "2026-01-01T00:59:51Z"}}}),
        json!({}),
        json!({}),
    );
    deleted["object"]["metadata"]["deletionTimestamp"] = "2026-01-01T00:59:50Z".into();
    check(deleted, "grace-period-exceeded", "medium", "app");
    check(
        pod(
            ended(137, "Error", ""),
            json!({}),
            json!({"events": [event("Killing", "Stopping container app")]}),
        ),
        "grace-period-exceeded",
        "medium",
        "app",
    );
    high(pod(ended(0, "OOMKilled", ""), json!({}), json!({})), "oom-killed");
    check(pod(ended(255, "Unknown", ""), json!({}), json!({})), "container-status-unknown", "medium", "app");
    high(
        pod(
            ended(137, "Error", ""),
            json!({"lifecycle": {"postStart": {"exec": {"command": ["/warm"]}}}}),
            json!({"events": [event("FailedPostStartHook", "PostStartHook failed")]}),
        ),
        "poststart-hook-failed",
    );
    high(
        waits(
            "PostStartHookError",
            "Exec lifecycle hook ([/warm]) for Container \"app\" failed - error: command '/warm' exited with 1",
        ),
        "poststart-hook-failed",
    );
}

#[test]
fn starts_that_fail() {
    let containerd = |end: &str| {
        start(
            "StartError",
            128,
            &format!(
                "failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: {end}: unknown"
            ),
        )
    };
    high(containerd("exec: \"serve\": executable file not found in $PATH"), "command-not-found");
    high(
        containerd("error during container init: exec: \"serve\": executable file not found in $PATH"),
        "command-not-found",
    );
    high(containerd("exec: \"/app/serve\": stat /app/serve: no such file or directory"), "command-not-found");
    high(containerd("exec: \"/app/serve\": permission denied"), "command-not-executable");
    high(
        start(
            "ContainerCannotRun",
            127,
            "OCI runtime create failed: container_linux.go:349: starting container process caused \"exec: \\\"serve\\\": executable file not found in $PATH\": unknown",
        ),
        "command-not-found",
    );
    high(
        start("ContainerCannotRun", 126, "oci runtime error: exec: \"/app\": permission denied"),
        "command-not-executable",
    );
    high(
        waits(
            "RunContainerError",
            "failed to start container \"x\": Error response from daemon: OCI runtime create failed: exec: \"serve\": executable file not found in $PATH",
        ),
        "command-not-found",
    );
    high(
        waits(
            "CreateContainerError",
            "container create failed: executable file `serve` not found in $PATH: No such file or directory",
        ),
        "command-not-found",
    );
    high(
        waits("CreateContainerError", "container create failed: open executable: Permission denied"),
        "command-not-executable",
    );
    high(
        waits(
            "CreateContainerError",
            "container create failed: exec container process `/app`: Exec format error",
        ),
        "exec-format-error",
    );
    high(waits("CreateContainerError", "Error response from daemon: No command specified"), "no-command");
    high(exit(1, "exec /usr/local/bin/app: exec format error\n"), "exec-format-error");
    high(
        exit(255, "standard_init_linux.go:228: exec user process caused: exec format error\n"),
        "exec-format-error",
    );
    high(exit(126, "/bin/sh: 1: ./run.sh: Permission denied\n"), "command-not-executable");
    high(exit(127, "/bin/bash: line 1: serve: command not found\n"), "command-not-found");
    check(exit(127, ""), "command-not-found", "medium", "app");
    check(
        containerd(
            "error during container init: error mounting \"/a\" to rootfs at \"/b\": no such file or directory",
        ),
        "create-container-error",
        "medium",
        "app",
    );
    high(
        containerd(
            "error during container init: error mounting \"/var/lib/kubelet/pods/x/volume-subpaths/conf/app/0\" to rootfs at \"/etc/x\": not a directory: Are you trying to mount a directory onto a file (or vice-versa)?",
        ),
        "mount-subpath-error",
    );
    check(
        waits("CreateContainerError", "context deadline exceeded"),
        "create-container-error",
        "medium",
        "app",
    );
}

#[test]
fn references_that_lead_nowhere() {
    let config = |message, cause| high(waits("CreateContainerConfigError", message), cause);
    config("secret \"web\" not found", "missing-secret");
    config("secrets \"web\" not found", "missing-secret");
    config("couldn't find key api_key in Secret shop/web", "missing-secret-key");
    config("Couldn't find key api_key in Secret shop/web", "missing-secret-key");
    config("couldn't find key mode in ConfigMap shop/web-config", "missing-configmap-key");
    config("configmaps \"web-config\" not found", "missing-configmap");
    config(
        "container has runAsNonRoot and image will run as root (pod: \"web_shop(1)\", container: app)",
        "run-as-nonroot-violation",
    );
    config(
        "container has runAsNonRoot and image has non-numeric user (app), cannot verify user is non-root",
        "run-as-nonroot-violation",
    );
    check(
        waits(
            "CreateContainerConfigError",
            "failed to sync secret cache: timed out waiting for the condition",
        ),
        "create-container-error",
        "medium",
        "app",
    );
}

#[test]
fn images() {
    let pull = |message: &str, cause| {
        high(waits("ErrImagePull", message), cause);
        let told = format!(
            "Back-off pulling image \"registry.example.com/team/web:1.4.2\": ErrImagePull: {message}"
        );
        high(waits("ImagePullBackOff", &told), cause);
        let old = with(
            waits("ImagePullBackOff", "Back-off pulling image \"registry.example.com/team/web:1.4.2\""),
            json!({"related": {"events": [
            event("Failed", "Error: ErrImagePull"), event("Failed", &format!("Failed to pull image \"registry.example.com/team/web:1.4.2\": {message}"))]}}),
        );
        high(old, cause);
    };
    pull(
        "rpc error: code = Unknown desc = Error response from daemon: manifest for web:nope not found: manifest unknown: manifest unknown",
        "image-not-found",
    );
    pull(
        "rpc error: code = Unknown desc = reading manifest nope in docker.io/library/web: manifest unknown",
        "image-not-found",
    );
    pull(
        "initializing source docker://quay.io/a/b:1: reading manifest 1 in quay.io/a/b: name unknown: NAME_UNKNOWN",
        "image-not-found",
    );
    pull(
        "failed to pull and unpack image \"docker.io/library/web:1\": failed to resolve reference \"docker.io/library/web:1\": pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed",
        "image-not-found-or-unauthorized",
    );
    pull(
        "Error response from daemon: pull access denied for web, repository does not exist or may require 'docker login': denied: requested access to the resource is denied",
        "image-not-found-or-unauthorized",
    );
    pull(
        "Error response from daemon: Get \"https://1.dkr.ecr.eu-1.amazonaws.com/v2/web/manifests/1\": no basic auth credentials",
        "image-pull-unauthorized",
    );
    pull(
        "reading manifest 1 in quay.io/a/b: unauthorized: access to the requested resource is not authorized",
        "image-pull-unauthorized",
    );
    pull(
        "unexpected status from HEAD request to https://eu.gcr.io/v2/a/b/manifests/1: 403 Forbidden",
        "image-pull-unauthorized",
    );
    pull(
        "failed to pull: httpReadSeeker: failed open: unexpected status code https://registry-1.docker.io/v2/: 429 Too Many Requests - Server message: toomanyrequests: You have reached your pull rate limit.",
        "image-pull-rate-limited",
    );
    pull("toomanyrequests: Rate exceeded", "image-pull-rate-limited");
    pull(
        "failed to extract layer sha256:aa: write /var/lib/containerd/x: no space left on device",
        "image-disk-full",
    );
    pull(
        "Error processing tar file(exit status 1): write /usr/lib/x: no space left on device",
        "image-disk-full",
    );
    pull(
        "failed to do request: Head \"https://registry.example.com/v2/\": tls: failed to verify certificate: x509: certificate signed by unknown authority",
        "image-registry-tls",
    );
    pull(
        "failed to do request: Head \"https://registry:5000/v2/\": http: server gave HTTP response to HTTPS client",
        "image-registry-tls",
    );
    pull(
        "pinging container registry registry.example.com: Get \"https://registry.example.com/v2/\": dial tcp 10.0.0.9:443: connect: connection refused",
        "image-registry-unreachable",
    );
    pull(
        "Error response from daemon: Get https://registry-1.docker.io/v2/: net/http: request canceled while waiting for connection (Client.Timeout exceeded while awaiting headers)",
        "image-registry-unreachable",
    );
    pull("failed to copy: httpReadSeeker: failed open: unexpected EOF", "image-registry-unreachable");
    pull(
        "choosing an image from manifest list docker://a/b:1: no image found in image index for architecture \"arm64\", variant \"v8\", OS \"linux\"",
        "image-arch-mismatch",
    );
    pull("no matching manifest for linux/arm64/v8 in the manifest list entries", "image-arch-mismatch");
    high(
        waits(
            "InvalidImageName",
            "Failed to apply default image tag \"Web:1\": couldn't parse image name \"Web:1\": invalid reference format: repository name must be lowercase",
        ),
        "image-invalid-name",
    );
    high(
        waits(
            "RegistryUnavailable",
            "image pull failed for registry.example.com/web:1 because the registry is unavailable",
        ),
        "image-registry-unreachable",
    );
    check(
        waits("ImagePullBackOff", "Back-off pulling image \"registry.example.com/team/web:1.4.2\""),
        "image-pull-failed",
        "low",
        "app",
    );
}

#[test]
fn before_the_containers() {
    let told = |reason, message, cause| check(creating(reason, message), cause, "high", NONE);
    told(
        "FailedCreatePodSandBox",
        "Failed to create pod sandbox: rpc error: code = Unknown desc = failed to setup network for sandbox \"aa\": plugin type=\"calico\" failed (add): error getting ClusterInformation",
        "sandbox-network",
    );
    told(
        "FailedCreatePodSandBox",
        "Failed create pod sandbox: rpc error: code = Unknown desc = failed to set up sandbox container \"aa\" network for pod \"web\": networkPlugin cni failed to set up pod \"web_shop\" network: add cmd: failed to assign an IP address to container",
        "sandbox-network",
    );
    told(
        "FailedCreatePodSandBox",
        "Failed to create pod sandbox: plugin type=\"aws-cni\" name=\"aws-cni\" failed (add): add cmd: failed to assign an IP address to container",
        "sandbox-network",
    );
    told(
        "NetworkNotReady",
        "network is not ready: container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: cni plugin not initialized",
        "sandbox-network",
    );
    told(
        "FailedCreatePodSandBox",
        "Failed to create pod sandbox: rpc error: code = Unknown desc = failed to get sandbox runtime: no runtime for \"kata\" is configured",
        "sandbox-error",
    );
    told(
        "FailedMount",
        "MountVolume.SetUp failed for volume \"tls\" : secret \"web-tls\" not found",
        "volume-missing-secret",
    );
    told(
        "FailedMount",
        "MountVolume.SetUp failed for volume \"tls\" : secrets \"web-tls\" not found",
        "volume-missing-secret",
    );
    told(
        "FailedMount",
        "MountVolume.SetUp failed for volume \"tls\" : references non-existent secret key: tls.crt",
        "volume-missing-secret",
    );
    told(
        "FailedMount",
        "MountVolume.SetUp failed for volume \"conf\" : references non-existent config key: app.yaml",
        "volume-missing-configmap",
    );
    told(
        "FailedMount",
        "MountVolume.SetUp failed for volume \"conf\" : configmaps \"web\" not found",
        "volume-missing-configmap",
    );
    told(
        "FailedAttachVolume",
        "Multi-Attach error for volume \"pvc-1\" Volume is already exclusively attached to one node and can't be attached to another",
        "volume-multi-attach",
    );
    told(
        "FailedMount",
        "Unable to attach or mount volumes: unmounted volumes=[data], unattached volumes=[], failed to process volumes=[]: context deadline exceeded",
        "volume-mount-timeout",
    );
    told(
        "FailedMount",
        "Unable to mount volumes for pod \"web_shop(1)\": timeout expired waiting for volumes to attach or mount for pod \"shop\"/\"web\". list of unmounted volumes=[data]",
        "volume-mount-timeout",
    );
    told(
        "FailedMount",
        "MountVolume.MountDevice failed for volume \"pvc-1\" : rpc error: code = DeadlineExceeded desc = context deadline exceeded",
        "volume-mount-timeout",
    );
    told(
        "FailedAttachVolume",
        "AttachVolume.Attach failed for volume \"pvc-1\" : timed out waiting for external-attacher of ebs.csi.aws.com CSI driver to attach volume vol-1",
        "volume-mount-timeout",
    );
    let pulled = json!([
        event("Pulling", "Pulling image \"web:1\""),
        event("Pulled", "Successfully pulled image \"web:1\"")
    ]);
    none(with(waits("ContainerCreating", ""), json!({"related": {"events": pulled}})));
}

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
    high(silent, "node-not-ready");
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

/// Every row of the table is some case's cause: here, or in tests/corpus/diagnosis.
#[test]
#[allow(clippy::disallowed_methods)]
fn every_rule_has_a_sample() {
    let here = include_str!("cases.rs");
    let corpus = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/diagnosis");
    let mut known = BTreeSet::new();
    for entry in std::fs::read_dir(corpus).unwrap() {
        let case: Value =
            serde_json::from_str(&std::fs::read_to_string(entry.unwrap().path()).unwrap()).unwrap();
        known.insert(case["expected"]["status"].as_str().unwrap().to_string());
    }
    let lacking: Vec<&str> = RULES
        .iter()
        .map(|rule| rule.code)
        .filter(|code| !known.contains(*code) && !here.contains(&format!("\"{code}\"")))
        .collect();
    assert!(lacking.is_empty(), "no case for {lacking:?}");
}
