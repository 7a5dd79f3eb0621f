//! Cases of processes that end: exit codes, logs, probes, kills.

use crate::diagnose::cases::{check, ended, event, exit, high, none, pod, waits};
use crate::diagnose::corpus::DiagnosisCase;
use crate::diagnose::{Confidence, Subject, UnreadSources, diagnose};
use serde_json::json;

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
    let aws = "botocore.exceptions.ClientError: An error occurred (403) when calling the HeadObject operation: Forbidden";
    medium(1, aws, "dependency-auth");
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
    // The images of Postgres and MySQL, Spring and Django.
    for line in [
        "Error: Database is uninitialized and superuser password is not specified.",
        "2026-01-15 09:58:00+00:00 [ERROR] [Entrypoint]: Database is uninitialized and password option is not specified",
        "Caused by: java.lang.IllegalArgumentException: Could not resolve placeholder 'DB_URL' in value \"${DB_URL}\"",
        "django.core.exceptions.ImproperlyConfigured: The SECRET_KEY setting must not be empty.",
    ] {
        medium(1, line, "missing-env");
    }
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

/// A container whose variable comes from a key of a Secret that need not be there.
#[track_caller]
fn misses(log: &str, cause: &str, expected: Option<&str>) {
    let env = json!({"env": [
        {"name": "PAY_API_KEY", "valueFrom": {"secretKeyRef": {"name": "pay", "key": "api-key", "optional": true}}},
        {"name": "MODE", "value": "fast"}]});
    let case = pod(ended(1, "Error", ""), env, json!({"previous_log": log}));
    let found = DiagnosisCase::read(&case.to_string()).with(diagnose);
    let [finding] = found.as_slice() else { panic!("{log}: {found:?}") };
    assert_eq!(finding.cause, cause, "{log}");
    let next: Vec<&str> = finding.next.iter().map(|command| command.arguments.as_str()).collect();
    let keys = next.iter().copied().find(|line| line.starts_with("get secret "));
    assert_eq!(keys, expected, "{log}");
    let told = finding
        .evidence
        .iter()
        .any(|one| one.text == "env PAY_API_KEY: from Secret pay key api-key, optional");
    assert_eq!(told, expected.is_some(), "{log}: {:?}", finding.evidence);
}

#[test]
fn a_variable_that_is_missing_names_its_secret() {
    let keys = Some("get secret pay -o json | jq '.data|keys'");
    misses("FATAL missing API key: PAY_API_KEY is not set", "missing-env", keys);
    misses("FATAL missing API key", "app-error", keys);
    misses("Error: PAY_API_KEY must be set", "missing-env", keys);
    misses("FATAL OTHER_KEY is not set", "missing-env", None);
    misses("FATAL MODE is required", "missing-env", None);
    misses("FATAL the API key was revoked", "app-error", None);
}

/// A kill of which nobody tells is a weak signal where the events were refused, and an error beside its log is not; what the
/// kubelet says of a container stands, whatever else was refused.
#[test]
fn what_was_refused_lowers_what_is_inferred_without_it() {
    let all = UnreadSources { events: true, logs: true, node: true };
    let sure = |case: &serde_json::Value, unread: UnreadSources| {
        DiagnosisCase::read(&case.to_string()).with(|subject| {
            let found = diagnose(&Subject { unread, ..*subject });
            found.first().map(|finding| (finding.cause.clone(), finding.confidence)).expect("a finding")
        })
    };
    let told = |cause: &str, confidence| (cause.to_string(), confidence);
    let stopped = exit(143, "");
    assert_eq!(sure(&stopped, UnreadSources::default()), told("sigterm", Confidence::Medium));
    assert_eq!(
        sure(&stopped, UnreadSources { events: true, ..Default::default() }),
        told("sigterm", Confidence::Low)
    );
    let refused = exit(1, "dial tcp 10.0.0.9:5432: connect: connection refused");
    let events = UnreadSources { events: true, ..Default::default() };
    assert_eq!(sure(&refused, events), told("dependency-refused", Confidence::Medium));
    let killed = pod(ended(137, "OOMKilled", ""), json!({}), json!({}));
    assert_eq!(sure(&killed, all), told("oom-killed", Confidence::High));
}
