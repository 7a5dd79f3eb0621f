//! `-o json` and `-o yaml`: the contract of docs/schema, and what stands in it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::schema::{published, violations};
use crate::support::Board;

/// Fleets and flags whose JSON must be as docs/schema/status.json says.
const DOCUMENTS: &[(&str, &str)] = &[
    ("tiny", ""),
    ("shop", ""),
    ("shop", "--unhealthy"),
    ("shop", "--by owner"),
    ("shop", "--by system"),
    ("shop", "--by cluster"),
    ("shop", "--by region"),
    ("shop", "-l app.kubernetes.io/name"),
    ("kinds", ""),
    ("labels", "-l app.kubernetes.io/name"),
    ("forbidden", ""),
    ("silent", "--cluster-timeout 1s"),
    ("paged", ""),
    ("demo", ""),
    ("demo", "--by owner"),
];

/// The same for `diagnose` and docs/schema/diagnosis.json.
const DIAGNOSES: &[(&str, &str)] = &[
    ("tiny", "hello"),
    ("shop", ""),
    ("shop", "--owner team-checkout"),
    ("shop", "-l app.kubernetes.io/name"),
    ("kinds", ""),
    ("forbidden", ""),
    ("silent", "--cluster-timeout 1s"),
    ("demo", ""),
    ("demo", "invoice-export --causes own.yaml"),
];

fn documents(command: &str, runs: &[(&str, &str)]) -> Vec<(String, Value)> {
    let document = |(fleet, flags): &(&str, &str)| {
        let board = if *fleet == "demo" { Board::demo() } else { Board::fleet(fleet) };
        let board = board.file("own.yaml", crate::diagnose::OWN_CAUSE);
        let output = board.run(&format!("{command} -o json {flags}"));
        let text = output.stdout.replace(r#""[MS]""#, "1");
        let value = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}\n{output}"));
        (format!("{fleet} {flags}"), value)
    };
    runs.iter().map(document).collect()
}

#[test]
fn json_is_as_its_schema_says() {
    // The memory of clusters apart, which no fleet shows, and incidents, which the nights prove.
    let is_unseen = |name: &str, property: &str| name == "last" || property == "last" || name == "incident";
    proves("status", DOCUMENTS, is_unseen);
    // What `changes` proves of a change: no fleet's trouble has an edit before it.
    proves("diagnosis", DIAGNOSES, |name, _| name == "change");
}

#[track_caller]
fn proves(schema: &str, runs: &[(&str, &str)], is_unseen: impl Fn(&str, &str) -> bool) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/schema").join(format!("{schema}.json"));
    let text = fs::read_to_string(path).expect("readable");
    let command = if schema == "diagnosis" { "diagnose" } else { schema };
    let schema: Value = serde_json::from_str(&text).expect("JSON");
    let mut seen = BTreeMap::new();
    for (name, document) in documents(command, runs) {
        let wrong = violations(&schema, &document);
        assert!(wrong.is_empty(), "{command} {name}:\n{}", wrong.join("\n"));
        paths(&document, String::new(), &mut seen);
    }
    // What no fleet shows is not proved: each property of the schema must occur.
    for (name, definition) in schema["$defs"].as_object().expect("definitions") {
        for property in
            definition["properties"].as_object().into_iter().flatten().map(|(property, _)| property)
        {
            let occurs = seen.keys().any(|path: &String| path.rsplit('/').next() == Some(property));
            assert!(occurs || is_unseen(name, property), "no fleet shows {property} of {name}");
        }
    }
}

/// The other lists: a schema, and the runs that together show each of its properties.
const LISTS: &[(&str, &[(&str, &str)])] = &[
    (
        "show",
        &[
            ("demo", "show checkout"),
            ("demo", "show storefront-web"),
            ("demo", "show cart-store"),
            ("demo", "show edge-gateway"),
            ("forbidden", "show cart"),
            ("made", "show web"),
        ],
    ),
    ("events", &[("shop", "events checkout payments"), ("forbidden", "events cart orders")]),
    ("top", &[("demo", "top checkout payments"), ("forbidden", "top cart orders"), ("shop", "top payments")]),
    (
        "compare",
        &[
            ("demo", "compare checkout payments"),
            ("forbidden", "compare cart orders"),
            ("shop", "compare payments"),
        ],
    ),
    ("services", &[("demo", "services"), ("labels", "services -l app.kubernetes.io/name")]),
    (
        "clusters",
        &[("demo", "clusters"), ("forbidden", "clusters"), ("made", "clusters --kubeconfig one.yaml")],
    ),
    ("catalog-entity", &[("demo", "catalog show checkout"), ("made", "catalog show web")]),
    (
        "catalog-explanation",
        &[("demo", "catalog why checkout"), ("made", "catalog why wob"), ("made", "catalog why web")],
    ),
    ("catalog-graph", &[("demo", "catalog graph checkout")]),
    ("catalog-findings", &[("made", "catalog validate"), ("made", "catalog validate lacking")]),
    ("templates", &[("demo", "template list")]),
    ("template", &[("demo", "template show http-service"), ("demo", "template show full-stack")]),
    ("template-usage", &[("made", "template usage")]),
    ("template-findings", &[("made", "template lint ./lacking")]),
    ("template-tests", &[("demo", "template test http-service")]),
];

/// What only golden paths from git have, and only some findings.
const UNSEEN: &[(&str, &str)] = &[
    // The memory of clusters, which these runs do not have, and what no fleet has.
    ("show", "last"),
    ("show", "answeredAt"),
    ("show", "maxUnavailable"),
    ("show", "manager"),
    ("show", "note"),
    ("templates", "commit"),
    ("template", "commit"),
    // One or the other, by whether kubectl is there.
    ("template-tests", "level"),
    ("template-tests", "unchecked"),
    ("template-findings", "hint"),
    ("catalog-findings", "hint"),
    ("catalog-entity", "hint"),
];

/// What carries the annotations of a golden path, and a golden path with something wrong.
fn made() -> Board {
    let entity = "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata:\n  name: web\n  annotations:\n    \
                  backstage.io/source-template: template:default/http-service\n    backstage.io/template-version: 0.9.0\n\
                  spec: {type: service, lifecycle: production, owner: team-web}\n";
    let context = "apiVersion: v1\nkind: Config\nclusters: [{name: a, cluster: {server: 'https://127.0.0.1:1'}}]\n\
                   users: [{name: a, user: {token: t}}]\ncontexts: [{name: a, context: {cluster: a, user: a, namespace: shop}}]\n";
    Board::demo().file("one.yaml", context).file("catalog.yaml", entity).variable("CALLBOARD_CATALOG", "catalog.yaml").file(
        "lacking/template.yaml",
        "apiVersion: scaffolder.backstage.io/v1beta3\nkind: Template\nmetadata: {name: lacking}\nspec: {type: service, steps: []}\n",
    )
}

#[test]
fn a_log_line_is_as_its_schema_says() {
    let schema = published("LogLine");
    let output = Board::demo().run("logs checkout --tail 3 -o json");
    assert!(output.stdout.lines().count() > 3, "{output}");
    for line in output.stdout.lines() {
        let wrong = violations(&schema, &serde_json::from_str(line).expect("JSON"));
        assert!(wrong.is_empty(), "{line}:\n{}", wrong.join("\n"));
    }
}

#[test]
fn every_schema_is_of_its_own_kind() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/schema");
    let mut kinds = BTreeMap::new();
    for entry in fs::read_dir(directory).expect("readable") {
        let path = entry.expect("readable").path();
        let schema: Value =
            serde_json::from_str(&fs::read_to_string(&path).expect("readable")).expect("JSON");
        let name = path.file_name().and_then(|name| name.to_str()).expect("a name");
        assert_eq!(schema["$id"], format!("https://callboard.dev/schema/v1alpha1/{name}"));
        let kind = &schema["properties"]["kind"]["const"];
        assert!(["logs.json", "config.json"].contains(&name) || *kind == schema["title"], "{name}: {kind}");
        assert!(kinds.insert(schema["title"].to_string(), ()).is_none(), "{name}: {} twice", schema["title"]);
    }
}

#[test]
fn lists_are_as_their_schemas_say() {
    for (list, runs) in LISTS {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/schema").join(format!("{list}.json"));
        let schema: Value = serde_json::from_str(&fs::read_to_string(path).expect("readable")).expect("JSON");
        let mut seen = BTreeMap::new();
        for (fleet, words) in *runs {
            let board = match *fleet {
                "demo" => Board::demo(),
                "made" => made(),
                fleet => Board::fleet(fleet),
            };
            let output = board.run(&format!("{words} -o json"));
            let document = serde_json::from_str(&output.stdout.replace(r#""[MS]""#, "1"));
            let document = document.unwrap_or_else(|error| panic!("{error}\n{output}"));
            let wrong = violations(&schema, &document);
            assert!(wrong.is_empty(), "{fleet} {words}:\n{}", wrong.join("\n"));
            paths(&document, String::new(), &mut seen);
        }
        let properties = schema["$defs"].as_object().expect("definitions").values();
        for property in
            properties.flat_map(|one| one["properties"].as_object()).flatten().map(|(name, _)| name)
        {
            let occurs = seen.keys().any(|path| path.rsplit('/').next() == Some(property));
            assert!(occurs || UNSEEN.contains(&(list, property)), "no run shows {property} of {list}");
        }
    }
}

fn paths(value: &Value, place: String, seen: &mut BTreeMap<String, usize>) {
    assert!(!value.is_null(), "{place} is null");
    // The answer that a form suggests, or was given, may be the empty text.
    let is_answer = place.ends_with("/default") || place.contains("/answers/");
    assert!(value != "" || is_answer, "{place} is empty: what has no value is left out");
    *seen.entry(place.clone()).or_default() += 1;
    for (name, member) in value.as_object().into_iter().flatten() {
        paths(member, format!("{place}/{name}"), seen);
    }
    for item in value.as_array().into_iter().flatten() {
        paths(item, place.clone(), seen);
    }
}

#[test]
fn yaml_says_what_json_says() {
    let elapsed = regex::Regex::new(r"elapsedMs: \d+").expect("a pattern");
    for (fleet, words) in [("tiny", "status"), ("shop", "status --by owner"), ("forbidden", "status")] {
        let board = Board::fleet(fleet);
        let json = board.run(&format!("{words} -o json")).stdout.replace(r#""[MS]""#, "1");
        let yaml = board.run(&format!("{words} -o yaml")).stdout;
        let yaml: Value = serde_yaml::from_str(&elapsed.replace_all(&yaml, "elapsedMs: 1")).expect("YAML");
        assert_eq!(yaml, serde_json::from_str::<Value>(&json).expect("JSON"), "{fleet}");
    }
}

/// `complete` is false exactly where the exit code would be 4 if nothing worse were found.
#[test]
fn complete_is_what_exit_code_4_says() {
    for (fleet, words, complete) in [
        ("tiny", "status", true),
        ("shop", "status", true),
        ("silent", "status --cluster-timeout 1s", false),
        ("forbidden", "status", false),
        ("forbidden", "status cart --context open,no-pods", true),
        ("forbidden", "status orders --context open,no-pods", false),
    ] {
        let report = Board::fleet(fleet).run(&format!("{words} -o json")).json();
        assert_eq!(report["complete"], complete, "{fleet} {words}");
    }
}

fn item<'a>(report: &'a Value, service: &str) -> &'a Value {
    let items = report["items"].as_array().expect("a list");
    items.iter().find(|item| item["service"] == service).expect("it is listed")
}

fn cell<'a>(report: &'a Value, service: &str, cluster: &str) -> &'a Value {
    let cells = item(report, service)["clusters"].as_array().expect("a list");
    cells.iter().find(|cell| cell["cluster"] == cluster).expect("it is listed")
}

#[test]
fn json_of_a_service_that_is_down_in_one_cluster() {
    let report = Board::fleet("shop").run("status -o json").json();
    assert_eq!(report["kind"], "ServiceStatusList");
    assert_eq!(report["generatedAt"], "2026-01-15T10:00:00Z");
    let checkout = item(&report, "checkout");
    assert_eq!(checkout["owner"], "team-checkout");
    assert_eq!(checkout["system"], "storefront");
    assert_eq!(checkout["health"], "Degraded");
    assert_eq!(checkout["serving"], "partial", "it serves elsewhere");
    assert_eq!(checkout["guessed"], false);

    let here = cell(&report, "checkout", "us-east-1");
    assert_eq!((&here["health"], &here["serving"]), (&Value::from("Degraded"), &Value::from("none")));
    assert_eq!(here["reason"], "CrashLoopBackOff");
    assert_eq!(here["since"], checkout["since"]);
    let workload = &here["workloads"][0];
    for (field, value) in
        [("kind", "Deployment"), ("namespace", "shop"), ("name", "checkout"), ("serving", "none")]
    {
        assert_eq!(workload[field], value, "{field}");
    }
    assert_eq!((&workload["desired"], &workload["available"]), (&Value::from(2), &Value::from(0)));
    let pods = workload["pods"].as_array().expect("a list");
    assert_eq!(pods.len(), 2);
    for pod in pods {
        assert_eq!(
            (&pod["status"], &pod["ready"]),
            (&Value::from("CrashLoopBackOff"), &Value::from("0/1")),
            "{pod}"
        );
        assert_eq!(
            (&pod["health"], &pod["reason"]),
            (&Value::from("Degraded"), &Value::from("CrashLoopBackOff"))
        );
    }
    let restarts: i64 = pods.iter().filter_map(|pod| pod["restarts"].as_i64()).sum();
    assert_eq!(restarts, 12);
    let image = &workload["images"][0];
    assert_eq!(image["container"], "app");
    assert!(image["image"].as_str().is_some_and(|image| image.contains("/checkout:")), "{image}");
    assert!(image["digest"].as_str().is_some_and(|digest| digest.starts_with("sha256:")), "{image}");

    let well = cell(&report, "checkout", "eu-west-1");
    assert_eq!((&well["health"], &well["serving"]), (&Value::from("Healthy"), &Value::from("full")));
    for absent in ["reason", "message", "since", "last"] {
        assert!(well.get(absent).is_none(), "{absent} has no value and is left out: {well}");
    }
    assert_eq!(well["notes"], Value::Array(Vec::new()));
}

#[test]
fn json_of_what_is_missing() {
    let report = Board::fleet("shop").run("status returns -o json").json();
    let missing = cell(&report, "returns", "ap-south-1");
    assert_eq!((&missing["health"], &missing["serving"]), (&Value::from("Missing"), &Value::from("none")));
    assert!(missing.get("since").is_none(), "nobody knows since when: {missing}");
    assert_eq!(missing["workloads"], Value::Array(Vec::new()));
}

#[test]
fn json_of_gaps_and_silence() {
    let report = Board::fleet("forbidden").run("status -o json").json();
    let state = |index: usize| (&report["clusters"][index]["name"], &report["clusters"][index]["state"]);
    assert_eq!(state(0), (&Value::from("open"), &Value::from("answered")));
    assert_eq!(state(1), (&Value::from("no-pods"), &Value::from("partial")));
    assert_eq!(state(3), (&Value::from("nothing"), &Value::from("silent")));
    let gaps = report["clusters"][1]["gaps"].as_array().expect("a list");
    assert_eq!(gaps.len(), 1, "{gaps:?}");
    assert_eq!((&gaps[0]["kind"], &gaps[0]["reason"]), (&Value::from("pods"), &Value::from("forbidden")));
    assert_eq!(report["clusters"][3]["reason"], "forbidden");
    assert_eq!(report["clusters"][3]["gaps"], Value::Array(Vec::new()));
    let orders = cell(&report, "orders", "no-pods");
    assert_eq!((&orders["health"], &orders["reason"]), (&Value::from("Unknown"), &Value::from("forbidden")));
    assert_eq!(report["complete"], false);
}

#[test]
fn json_of_groups() {
    let report = Board::fleet("shop").run("status --by owner -o json").json();
    let groups = report["groups"].as_array().expect("a list");
    let names: Vec<&str> = groups.iter().filter_map(|group| group["name"].as_str()).collect();
    assert_eq!(names, ["team-checkout", "team-payments", "team-fulfilment", "team-discovery"]);
    assert_eq!(groups[0]["services"], serde_json::json!(["cart", "checkout"]));
    assert_eq!(groups[0]["health"], "Degraded");
    assert_eq!(Board::fleet("shop").run("status --by owner -o name").stdout.lines().count(), 4);
}
