//! What the name of a context and the URL of its server tell: provider, region, account, and the short name inside a long one.

use regex::Captures;

use crate::pattern::{LazyRegex, regex};

/// What was read off a name or a URL. Nothing here was asked of any server.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ContextOrigin {
    pub provider: Option<Told>,
    pub region: Option<Told>,
    /// The account or project that the name holds.
    pub account: Option<String>,
    /// The cluster's own name inside the context's, where that is longer.
    pub short: Option<String>,
    /// What in the context's name speaks of the cluster's purpose: without account, region and user.
    pub purpose: String,
    /// A cluster on this machine.
    pub is_local: bool,
}

/// A value, and where it was read.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Told {
    pub value: String,
    pub from: &'static str,
}

/// A form that names have, and what they then say. The groups `short`, `region` and `account` are used where they are.
struct NameForm {
    form: &'static LazyRegex,
    provider: &'static str,
}

static NAMES: &[NameForm] = &[
    NameForm {
        form: regex!(r"^arn:aws[a-z-]*:eks:(?<region>[a-z0-9-]+):(?<account>\d+):cluster/(?<short>.+)$"),
        provider: "aws",
    },
    NameForm {
        form: regex!(r"^[^@]+@(?<short>[^@]+)\.(?<region>[a-z]+(-[a-z]+)+-\d)\.eksctl\.io$"),
        provider: "aws",
    },
    NameForm {
        form: regex!(
            r"^(gke|connectgateway)_(?<account>[a-z0-9:.-]+)_(?<region>[a-z]+-[a-z]+\d+|global)(-[a-z])?_(?<short>.+)$"
        ),
        provider: "gcp",
    },
    NameForm { form: regex!(r"^do-(?<region>[a-z]{3}\d)-(?<short>.+)$"), provider: "digitalocean" },
    NameForm { form: regex!(r"^(?<short>[^/@]+)/[a-z0-9]{20}$"), provider: "ibm" },
    NameForm {
        form: regex!(r"^[^/]+/api-(?<short>[a-z0-9-]+?)(-[a-z0-9-]+)?:\d+(/.+)?$"),
        provider: "openshift",
    },
    NameForm { form: regex!(r"^[^@/:]+@(?<short>[^@/:]+)$"), provider: "" },
];

/// What a server's host says. `(?<region>...)` is used where it is.
static SERVERS: &[(&LazyRegex, &str)] = &[
    (regex!(r"\.(?<region>[a-z]+(-[a-z]+)+-\d)\.eks\.amazonaws\.com(\.cn)?$"), "aws"),
    (regex!(r"(\.privatelink)?\.(?<region>[a-z0-9]+)\.azmk8s\.io$"), "azure"),
    (regex!(r"\.(?<region>[a-z]+-[a-z]+\d+)(-[a-z])?\.gke\.goog$"), "gcp"),
    (regex!(r"\.gke\.goog$"), "gcp"),
    (regex!(r"^connectgateway\.googleapis\.com$"), "gcp"),
    (regex!(r"\.k8s\.ondigitalocean\.com$"), "digitalocean"),
    (regex!(r"\.k8s\.(?<region>[a-z]{2}-[a-z]{3})\.scw\.cloud$"), "scaleway"),
    (regex!(r"\.(?<region>[a-z]{2}-[a-z]+(-\d)?)\.containers\.cloud\.ibm\.com$"), "ibm"),
    (regex!(r"\.(?<region>[a-z]{2}-[a-z]+(-\d)?)(-gw)?\.linodelke\.net$"), "linode"),
    (regex!(r"\.(?<region>[a-z]+\d+)\.k8s\.ovh\.(net|us)$"), "ovh"),
    (regex!(r"\.(?<region>[a-z]+-[a-z]+-\d)\.clusters\.oci\.oraclecloud\.com$"), "oracle"),
    (regex!(r"\.vultr-k8s\.com$"), "vultr"),
];

/// Regions as clouds write them, somewhere in a name.
static REGIONS: &[&LazyRegex] = &[
    regex!(
        r"(^|[^a-z0-9])(?<region>(us|eu|ap|sa|ca|me|af|il|cn|mx)-(gov-)?(north|south|east|west|central|northeast|northwest|southeast|southwest)-\d)($|[^0-9])"
    ),
    regex!(
        r"(^|[^a-z0-9])(?<region>(us|europe|asia|australia|northamerica|southamerica|me|africa)-(north|south|east|west|central|northeast|northwest|southeast|southwest)\d+)($|[^0-9])"
    ),
    regex!(
        r"(^|[^a-z0-9])(?<region>(north|south|east|west|central)(us|europe)\d?|(us|europe)(north|south|east|west|central)\d?|(uk|norway|sweden|germany|france|switzerland)(north|south|east|west|central))($|[^a-z0-9])"
    ),
    regex!(r"(^|[^a-z0-9])(?<region>eu|us|ap|apac|emea)($|[^a-z])"),
];

/// Tools that run clusters on the machine one sits at.
static LOCAL: LazyRegex = LazyRegex::new(
    r"^(kind-.+|k3d-.+|minikube|docker-desktop|docker-for-desktop|rancher-desktop|orbstack|colima(-.+)?|microk8s|k0s|podman-.+|vcluster-docker_.+)$",
);

/// What a context is, by its name and its server's URL.
pub fn origin(context: &str, server: &str) -> ContextOrigin {
    let host = host(server);
    let mut found = ContextOrigin { purpose: context.to_string(), ..ContextOrigin::default() };
    if LOCAL.is_match(context) {
        return on_this_machine(found);
    }
    if let Some((form, parts)) = NAMES.iter().find_map(|one| Some((one, one.form.captures(context)?))) {
        let part = |name: &str| parts.name(name).map(|part| part.as_str().to_string());
        found.short = part("short");
        found.account = part("account");
        found.region = part("region").map(|value| Told { value, from: "the name" });
        found.provider = Some(form.provider)
            .filter(|provider| !provider.is_empty())
            .map(|provider| Told { value: provider.to_string(), from: "the name" });
        let parts = [found.account.clone(), found.short.clone()];
        found.purpose = parts.into_iter().flatten().collect::<Vec<_>>().join(" ");
    } else if let Some(rest) = after_host(context, &host) {
        found.short = Some(rest.to_string());
        found.purpose = rest.to_string();
    }
    if let Some((provider, parts)) =
        SERVERS.iter().find_map(|(form, provider)| Some((provider, form.captures(&host)?)))
    {
        let told = |value: &str| Told { value: value.to_string(), from: "the server" };
        found.provider = found.provider.or(Some(told(provider)));
        found.region = found.region.or(parts.name("region").map(|region| told(region.as_str())));
    }
    if found.region.is_none() {
        let region = |parts: Captures| Told { value: parts["region"].to_lowercase(), from: "the name" };
        found.region = REGIONS.iter().find_map(|form| form.captures(context)).map(region);
    }
    // A tunnel to a cluster elsewhere ends on loopback, too: then its name says more than a port.
    let is_loopback = host == "localhost" || host.starts_with("127.") || host == "::1" || host == "0.0.0.0";
    if is_loopback && found.short.is_none() && found.region.is_none() && environment(&found).is_none() {
        return on_this_machine(found);
    }
    found
}

fn on_this_machine(found: ContextOrigin) -> ContextOrigin {
    let provider = Some(Told { value: "local".to_string(), from: "the name and the server" });
    ContextOrigin { provider, is_local: true, ..found }
}

/// Teleport names contexts after its own host: `teleport.example.com-prod`.
fn after_host<'a>(context: &'a str, host: &str) -> Option<&'a str> {
    let rest = context.strip_prefix(host).filter(|_| host.contains('.'))?;
    rest.strip_prefix('-').filter(|rest| !rest.is_empty())
}

/// The host of a server's URL, in lower case.
fn host(server: &str) -> String {
    let rest = server.split_once("://").map_or(server, |(_, rest)| rest);
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    let host = match authority.strip_prefix('[') {
        Some(six) => six.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    };
    host.to_lowercase()
}

/// Words that speak of a purpose, and the value that stands for them.
const PURPOSES: &[(&str, &[&str])] = &[
    ("prod", &["prod", "production", "prd", "live"]),
    ("staging", &["staging", "stage", "stg", "preprod", "uat", "preproduction"]),
    ("test", &["test", "tst", "qa", "testing", "int", "integration"]),
    ("dev", &["dev", "develop", "development"]),
    ("sandbox", &["sandbox", "sbx", "playground"]),
];

/// The environment that a name speaks of: none where it speaks of two, or says what it is not.
pub fn environment(origin: &ContextOrigin) -> Option<Told> {
    if origin.is_local {
        return Some(Told { value: "local".to_string(), from: "the name and the server" });
    }
    let words: Vec<String> = origin
        .purpose
        .split(|c: char| !c.is_alphanumeric())
        .map(|word| word.trim_end_matches(|c: char| c.is_ascii_digit()).to_lowercase())
        .filter(|word| !word.is_empty())
        .collect();
    let mut values: Vec<&str> = Vec::new();
    for (index, word) in words.iter().enumerate() {
        let known =
            PURPOSES.iter().find(|(_, words)| words.contains(&word.as_str())).map(|(value, _)| *value);
        let before = index.checked_sub(1).map(|before| words[before].as_str());
        let value = match (before, known) {
            (Some("non" | "not" | "no"), Some(_)) => return None,
            (Some("pre"), Some("prod")) => Some("staging"),
            (_, known) => known,
        };
        values.extend(value);
    }
    values.dedup();
    match values[..] {
        [value] => Some(Told { value: value.to_string(), from: "the name" }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{LOCAL, NAMES, REGIONS, SERVERS, environment, origin};
    use crate::pattern::LazyRegex;

    #[test]
    fn every_form_is_a_pattern() {
        let forms = NAMES.iter().map(|one| one.form).chain(SERVERS.iter().map(|(form, _)| *form));
        let forms: Vec<&LazyRegex> = forms.chain(REGIONS.iter().copied()).chain([&LOCAL]).collect();
        assert!(forms.iter().all(|form| form.captures_len() > 0));
        assert!(REGIONS.iter().all(|form| form.as_str().contains("<region>")));
    }

    /// provider, region, environment, short name
    #[track_caller]
    fn check(context: &str, server: &str, expect: [&str; 4]) {
        let found = origin(context, server);
        let text = |told: Option<super::Told>| told.map(|told| told.value).unwrap_or_else(|| "-".to_string());
        let environment = text(environment(&found));
        let got = [
            text(found.provider),
            text(found.region),
            environment,
            found.short.unwrap_or_else(|| "-".to_string()),
        ];
        assert_eq!(got, expect, "{context} {server}");
    }

    #[test]
    fn names_and_servers_tell_where_a_cluster_is() {
        let eks = "https://0A1B.gr7.eu-west-1.eks.amazonaws.com";
        check(
            "arn:aws:eks:eu-west-1:111122223333:cluster/shop-prod",
            eks,
            ["aws", "eu-west-1", "prod", "shop-prod"],
        );
        check("arn:aws-us-gov:eks:us-gov-west-1:1:cluster/x", eks, ["aws", "us-gov-west-1", "-", "x"]);
        check("jane@dev.eu-central-1.eksctl.io", eks, ["aws", "eu-central-1", "dev", "dev"]);
        check("shop", eks, ["aws", "eu-west-1", "-", "-"]);
        check(
            "gke_shop-prod-1_europe-west1-b_main",
            "https://34.1.2.3",
            ["gcp", "europe-west1", "prod", "main"],
        );
        check("gke_shop_us-east4_stage", "https://34.1.2.3", ["gcp", "us-east4", "staging", "stage"]);
        check(
            "connectgateway_shop_global_m1",
            "https://connectgateway.googleapis.com/v1/x",
            ["gcp", "global", "-", "m1"],
        );
        check("main", "https://gke-a1-123.europe-west3.gke.goog", ["gcp", "europe-west3", "-", "-"]);
        check(
            "aks1",
            "https://aks1-dns-1a2b.hcp.westeurope.azmk8s.io:443",
            ["azure", "westeurope", "-", "-"],
        );
        check(
            "aks1",
            "https://a.b.privatelink.northeurope.azmk8s.io:443",
            ["azure", "northeurope", "-", "-"],
        );
        check("do-fra1-shop", "https://ID.k8s.ondigitalocean.com", ["digitalocean", "fra1", "-", "shop"]);
        check("scw", "https://id.api.k8s.fr-par.scw.cloud:6443", ["scaleway", "fr-par", "-", "-"]);
        check(
            "shop/cabc0123def456ghi789",
            "https://c100-e.eu-de.containers.cloud.ibm.com:31001",
            ["ibm", "eu-de", "-", "shop"],
        );
        check(
            "lke",
            "https://u-u-i-d.eu-central-2-gw.linodelke.net:443",
            ["linode", "eu-central-2", "-", "-"],
        );
        check(
            "default/api-prod-example-com:6443/jane",
            "https://api.prod.example.com:6443",
            ["openshift", "-", "prod", "prod"],
        );
        check("kubernetes-admin@prod-eu-2", "https://10.0.0.1:6443", ["-", "eu", "prod", "prod-eu-2"]);
        check("teleport.corp.example-qa1", "https://teleport.corp.example:443", ["-", "-", "test", "qa1"]);
        check("prod-us-east-1-blue", "https://10.0.0.1", ["-", "us-east-1", "prod", "-"]);
        check("kind-prod", "https://127.0.0.1:4000", ["local", "-", "local", "-"]);
        check("minikube", "https://192.168.49.2:8443", ["local", "-", "local", "-"]);
        check("forwarded", "https://[::1]:6443", ["local", "-", "local", "-"]);
        check("prod-eu", "https://127.0.0.1:6443", ["-", "eu", "prod", "-"]);
        check("shop-prod", "https://localhost:6443", ["-", "-", "prod", "-"]);
    }

    #[test]
    fn a_purpose_is_guessed_only_where_one_is_named() {
        let server = "https://10.0.0.1";
        for (name, expect) in [
            ("shop-production", "prod"),
            ("prod2", "prod"),
            ("PRD_eu", "prod"),
            ("live.shop", "prod"),
            ("stg", "staging"),
            ("pre-prod", "staging"),
            ("preprod", "staging"),
            ("uat-3", "staging"),
            ("qa", "test"),
            ("dev-eu", "dev"),
            ("sandbox", "sandbox"),
            ("non-prod", "-"),
            ("not_prod", "-"),
            ("nonprod", "-"),
            ("prod-test", "-"),
            ("product", "-"),
            ("device", "-"),
            ("", "-"),
        ] {
            let told = environment(&origin(name, server)).map_or_else(|| "-".to_string(), |told| told.value);
            assert_eq!(told, expect, "{name}");
        }
        // The account of an ARN and the user before an @ are no purpose.
        assert_eq!(environment(&origin("dev@main", server)), None);
    }
}
