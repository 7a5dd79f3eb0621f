//! What the first screen has to tell of each breakage: cause, evidence verbatim, contrast, next command.

pub struct Page {
    pub service: &'static str,
    pub says: &'static [&'static str],
    /// What would send someone the wrong way.
    pub never: &'static [&'static str],
}

pub const PAGES: &[Page] = &[
    Page {
        service: "checkout",
        says: &[
            "eu-west-1   Degraded (down)  0/3   09:43Z (17m)  app exits 1",
            "missing-env in app",
            "3 of 3 pods bad in eu-west-1",
            "log       FATAL missing API key: PAY_API_KEY is not set",
            "app: Error, exit code 1, ran 2s, restarts 8",
            "object    env PAY_API_KEY: from Secret pay-provider key api-key, optional",
            "kubectl --context eu-west-1 -n shop get secret pay-provider -o json | jq '.data|keys'",
            "kubectl --context us-east-1 -n shop get secret pay-provider -o json | jq '.data|keys'",
        ],
        never: &["DIFFERS     zone"],
    },
    Page {
        service: "pricing",
        says: &[
            "missing-secret-key in app: Secret pay-provider has no key api-key, which app needs (high confidence)",
            "CreateContainerConfigError: couldn't find key api-key in Secret shop/pay-provider",
            "kubectl --context eu-west-1 -n shop get secret pay-provider -o json | jq '.data|keys'",
            "kubectl --context us-east-1 -n shop get secret pay-provider -o json | jq '.data|keys'",
        ],
        never: &["DIFFERS     zone"],
    },
    Page {
        service: "payments",
        says: &[
            "oom-killed in app: app used more memory than its limit of 256Mi and was killed (high confidence)",
            "2 of 3 pods bad in eu-west-1",
            "app: OOMKilled, exit code 137, ran 95s, restarts 5",
            "app limits.memory: 256Mi 2/3 bad (eu-west-1) | 512Mi 0/6 bad (us-east-1, ap-south-1)",
            "kubectl --context eu-west-1 -n payments logs payments-",
            "kubectl --context eu-west-1 -n payments top pods --containers --sort-by=memory",
        ],
        // In back-off nothing is measured.
        never: &["top pod payments-"],
    },
    Page {
        service: "search",
        says: &[
            "liveness-killed in app: app is killed by its liveness probe (GET :8080/healthz) (high confidence)",
            "context deadline exceeded (Client.Timeout exceeded while awaiting headers)",
            "event     Container app failed liveness probe, will be restarted",
            "every 10s, timeout 1s, 3 failures kill",
            "app livenessProbe: timeout=1s 2/2 bad (eu-west-1) | timeout=5s 0/4 bad (us-east-1, ap-south-1)",
            "kubectl --context eu-west-1 -n shop logs search-",
        ],
        never: &["oom-killed", "sigkill", "--target=", "DIFFERS     zone"],
    },
    Page {
        service: "basket",
        says: &[
            "startup-probe-killed in app",
            "dial tcp 10.241.1.",
            "event     Container app failed startup probe, will be restarted",
            "app startupProbe: failures=3 2/2 bad (eu-west-1) | failures=30 0/4 bad (us-east-1, ap-south-1)",
            "kubectl --context eu-west-1 -n shop logs basket-",
        ],
        never: &["DIFFERS     zone"],
    },
    Page {
        service: "orders",
        says: &[
            "unschedulable-memory",
            "0/3 nodes are available: 1 node(s) had untolerated taint(s), 2 Insufficient memory. no new claims to deallocate",
            "app requests.memory 4Gi -> 40Gi",
            "kubectl --context eu-west-1 describe nodes",
        ],
        never: &["unschedulable-mixed"],
    },
    Page {
        service: "invoices",
        says: &[
            "image-not-found in app: registry.example.com/invoices:v2.9.1-rc is not in the registry (high confidence)",
            "registry.example.com/invoices:v2.9.1-rc: not found",
            "app image v2.9.0 -> v2.9.1-rc",
            "crane ls registry.example.com/invoices",
        ],
        never: &[],
    },
];
