//! Cases of images, volumes, references and commands that keep a container from starting.

use crate::diagnose::cases::{NONE, check, creating, event, exit, high, none, start, waits, with};
use serde_json::json;

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
