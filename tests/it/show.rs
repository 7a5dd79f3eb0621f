//! `show`: the page about a service. What it must say was written down first.

use crate::support::{Board, of, tells};

const CATALOG: &str = "apiVersion: backstage.io/v1alpha1\nkind: Component\n\
metadata: {name: web, title: Web shop, description: Sells things, tags: [rust], links: [{url: 'https://runbook.example/web', title: Runbook}], annotations: {pagerduty.com/service-id: P7}}\n\
spec: {type: website, lifecycle: production, owner: team-web, dependsOn: ['component:cart', 'resource:db']}\n---\n\
apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {name: cart}\nspec: {type: service, lifecycle: production, owner: team-web, dependsOn: ['component:stock']}\n---\n\
apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {name: stock}\nspec: {type: service, lifecycle: production, owner: team-stock}\n---\n\
apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {name: front}\nspec: {type: service, lifecycle: production, owner: team-web, dependsOn: ['component:web']}\n---\n\
apiVersion: backstage.io/v1alpha1\nkind: Resource\nmetadata: {name: db}\nspec: {type: database, owner: team-web}\n---\n\
apiVersion: backstage.io/v1alpha1\nkind: Group\nmetadata: {name: team-web}\nspec: {type: team, profile: {displayName: Team Web}, children: []}\n---\n\
apiVersion: backstage.io/v1alpha1\nkind: User\nmetadata: {name: ida}\nspec: {profile: {displayName: Ida, email: ida@shop.example}, memberOf: [team-web]}\n";

/// A pod that runs, or whose container waits for that reason.
fn pod(service: &str, name: &str, waits: Option<&str>) -> String {
    let (ready, state) = match waits {
        None => (
            "True",
            "ready: true, restartCount: 0, state: {running: {startedAt: '2026-01-15T09:00:00Z'}}".to_string(),
        ),
        Some(reason) => (
            "False",
            format!(
                "ready: false, restartCount: 9, state: {{waiting: {{reason: {reason}}}}}, lastState: {{terminated: {{exitCode: 1, finishedAt: '2026-01-15T09:58:00Z'}}}}"
            ),
        ),
    };
    format!(
        "---\napiVersion: v1\nkind: Pod\nmetadata: {{name: {name}, namespace: shop, creationTimestamp: '2026-01-15T09:00:00Z', labels: {{backstage.io/kubernetes-id: {service}, app: {service}}}}}\n\
         spec: {{nodeName: n, containers: [{{name: app, image: 'r.example/{service}:1.4.2'}}], volumes: [{{name: d, persistentVolumeClaim: {{claimName: {service}-data}}}}]}}\n\
         status: {{phase: Running, conditions: [{{type: Ready, status: '{ready}', lastTransitionTime: '2026-01-15T09:58:00Z'}}], containerStatuses: [{{name: app, image: 'r.example/{service}:1.4.2', {state}}}]}}\n"
    )
}

/// What stands around the pods of web, and what does not: neighbours of the same namespace.
const AROUND: &str = "---\napiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: shop}\nspec: {selector: {app: web}, ports: [{port: 80, targetPort: 8080}]}\n---\n\
apiVersion: v1\nkind: Service\nmetadata: {name: other, namespace: shop}\nspec: {selector: {app: other}, ports: [{port: 81}]}\n---\n\
apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: shop, namespace: shop}\n\
spec: {tls: [{hosts: [shop.example]}], rules: [{host: shop.example, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}, {path: /o, pathType: Prefix, backend: {service: {name: other, port: {number: 81}}}}]}}]}\n---\n\
apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: web, namespace: shop}\nspec: {minAvailable: 1, selector: {matchLabels: {app: web}}}\nstatus: {disruptionsAllowed: 1, currentHealthy: 2, desiredHealthy: 1, expectedPods: 2}\n---\n\
apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: other, namespace: shop}\nspec: {minAvailable: 9, selector: {matchLabels: {app: other}}}\n---\n\
apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: web-data, namespace: shop}\nspec: {storageClassName: fast, resources: {requests: {storage: 5Gi}}}\nstatus: {phase: Bound}\n---\n\
apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: other-data, namespace: shop}\nstatus: {phase: Lost}\n";

fn fleet(settings: &str) -> tempfile::TempDir {
    let directory = tempfile::tempdir().expect("a directory");
    let write = |path: &str, text: &str| {
        let path = directory.path().join(path);
        std::fs::create_dir_all(path.parent().expect("below")).expect("made");
        std::fs::write(path, text).expect("written");
    };
    write("catalog.yaml", CATALOG);
    write("fleet.yaml", &format!("now: 2026-01-15T10:00:00Z\n{settings}"));
    let well = pod("web", "web-a", None) + &pod("web", "web-b", None) + AROUND;
    write("eu/web.yaml", &well);
    write("us/web.yaml", &well);
    write("eu/cart.yaml", &pod("cart", "cart-a", None));
    write("us/stock.yaml", &pod("stock", "stock-a", Some("CrashLoopBackOff")));
    write("eu/front.yaml", &pod("front", "front-a", None));
    directory
}

#[test]
fn the_page_says_what_it_is_whose_and_where() {
    let fleet = fleet("");
    let output = Board::at(fleet.path()).run("show web");
    // What is broken below is told, and is no finding of the service itself.
    assert_eq!(output.code, 0, "{output}");
    for words in [
        "web: Healthy",
        "below    stock is Degraded (down) in us: app exits 1",
        "(needed by cart)",
        "title    Web shop",
        "about    Sells things",
        "owner    team-web (Team Web)",
        "people   Ida <ida@shop.example>",
        "on call  PagerDuty service P7",
        "link     Runbook: https://runbook.example/web",
        "eu: Healthy, 2/2",
        "us: Healthy, 2/2",
        "image    app r.example/web:1.4.2",
        "host     https://shop.example -> Service/web (Ingress/shop)",
        "port     Service/web ClusterIP 80 -> 8080; 2 ready pods",
        "budget   PDB/web: at least 1 available, 1 may go",
        "volume   web-data: Bound, 5Gi, fast",
    ] {
        assert!(output.stdout.contains(words), "{words:?} is not there:\n{output}");
    }
    // Neighbours of the namespace are somebody else's.
    assert!(!output.stdout.contains("other"), "{output}");
}

#[test]
fn health_flows_along_dependencies_the_broken_first() {
    let fleet = fleet("");
    let document = Board::at(fleet.path()).run("show web -o json").json();
    let item = &document["items"][0];
    let names = |field: &str| -> Vec<String> {
        let rows = item[field].as_array().expect("a list").iter();
        rows.map(|row| row["entity"].as_str().unwrap_or("?").to_string()).collect()
    };
    assert_eq!(names("dependsOn"), ["stock", "cart", "resource:db"]);
    assert_eq!(names("dependents"), ["front"]);
    let stock = of(&item["dependsOn"], "entity", "stock");
    assert_eq!((&stock["health"], &stock["via"]), (&"Degraded".into(), &"cart".into()), "{stock:#}");
    assert_eq!(stock["clusters"], serde_json::json!(["us"]));
    assert_eq!(of(&item["dependsOn"], "entity", "resource:db").get("health"), None);
    assert_eq!(document["complete"], true, "{document:#}");
}

#[test]
fn a_service_that_is_broken_itself_is_a_finding() {
    let fleet = fleet("");
    let output = Board::at(fleet.path()).run("show stock");
    assert_eq!(output.code, 3, "{output}");
    assert!(output.stdout.contains("Needed by") && output.stdout.contains("cart"), "{output}");
}

#[test]
fn a_silent_cluster_is_said_and_a_refused_kind_is_a_gap() {
    let fleet_dir = fleet("clusters: [{name: eu}, {name: us, fault: refused}]\n");
    let output = Board::at(fleet_dir.path()).run("show web");
    tells(&output, 4, &["silent: us (connection refused)"]);
    let gap = fleet("clusters: [{name: eu, forbid: [ingresses, poddisruptionbudgets]}, {name: us}]\n");
    let output = Board::at(gap.path()).run("show web");
    tells(&output, 4, &["partial: eu (", "ingresses", "poddisruptionbudgets"]);
    assert!(output.stdout.contains("eu: Healthy, 2/2"), "{output}");
}

#[test]
fn it_is_about_one_service_and_asks_for_no_more_than_the_page_needs() {
    let fleet = fleet("");
    let board = Board::at(fleet.path());
    tells(&board.run("show web cart"), 2, &["a page is about one service, and 2 are meant"]);
    tells(&board.run("show"), 2, &["which service?"]);
    tells(&board.run("show webb"), 1, &["did you mean web?"]);
    let requests = fleet.path().join("requests");
    let board = Board::at(fleet.path())
        .variable("CALLBOARD_DEMO_REQUESTS", requests.to_str().expect("a path").to_string());
    assert_eq!(board.run("status web").code, 0);
    let asked = std::fs::read_to_string(&requests).expect("readable");
    for kind in ["/services", "ingresses", "poddisruptionbudgets", "horizontalpodautoscalers"] {
        assert!(!asked.contains(kind), "status asks for {kind}");
    }
    assert_eq!(board.run("show web").code, 0);
    let asked = std::fs::read_to_string(&requests).expect("readable");
    assert!(asked.contains("/namespaces/shop/services") && !asked.contains("secrets"), "{asked}");
}

#[test]
fn the_page_as_html_stands_alone() {
    let fleet = fleet("");
    let page = Board::at(fleet.path()).run("show web -o html").stdout;
    for words in [
        "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">",
        "color-scheme:light dark",
        "<a href=\"https://runbook.example/web\" rel=\"noreferrer\">",
        "<span class=\"bad\">stock is Degraded (down) in us",
    ] {
        assert!(page.contains(words), "{words:?} is not there:\n{page}");
    }
    for loaded in ["src=", "<script", "<link", "@import", "url("] {
        assert!(!page.contains(loaded), "{loaded:?}:\n{page}");
    }
    let text = Board::at(fleet.path()).run("show web -o markdown").stdout;
    assert!(text.starts_with("# Web shop\n") && text.contains("## eu, us: Healthy, 2/2"), "{text}");
}

#[test]
fn a_page_fits_100_columns() {
    let output = crate::terminal::run(&Board::demo().variable("NO_COLOR", "1"), 100, "show checkout");
    for line in output.stdout.lines() {
        assert!(line.chars().count() <= 100, "{line}\n{output}");
    }
    for words in [
        "checkout: Degraded, for 15m",
        "Depends on",
        "us-east-1: Degraded (down), 0/6, for 15m",
        "us-west-2, eu-west-1: Healthy, 6/6",
    ] {
        assert!(output.stdout.contains(words), "{words:?} is not there:\n{output}");
    }
}
