//! The fleet against small servers that answer, lie, drip and hang.

mod again;
mod asking;
mod bodies;
mod certificates;
mod flowing;
mod plugins;
mod server;
mod transport;

use crate::fleet::PluginPolicy;
use crate::fleet::kubeconfig::KubeconfigText;
use crate::fleet::tests::server::{Answered, TestAuthority, TestServer, Tls, answer, json, serve};
use crate::fleet::{
    Access, AccessSetup, Answer, Fleet, FleetLimits, FleetScope, Gap, ListEnd, ListRequest, ProxyVariables,
    Resource, Setup, Silence, sources,
};
use base64::Engine;
use futures::StreamExt;
use http::Request;
use hyper::body::Incoming;
use std::path::PathBuf;
use std::time::Duration;

pub const PODS: Resource<'static> = Resource { kind: "Pod", group: "", version: "v1", plural: "pods" };
pub const ROLLOUTS: Resource<'static> =
    Resource { kind: "Rollout", group: "argoproj.io", version: "v1alpha1", plural: "rollouts" };

/// Limits that a test can wait for and a busy machine can keep.
pub fn short() -> FleetLimits {
    let (connect, cluster) = (Duration::from_secs(2), Some(Duration::from_secs(3)));
    FleetLimits { concurrency: 50, connect, cluster, credentials: Duration::from_secs(2) }
}

/// The list of a kind with these names.
pub fn list_of(kind: &str, names: &[&str], next: &str) -> String {
    let items: Vec<String> = names
        .iter()
        .map(|name| format!(r#"{{"metadata":{{"name":"{name}","uid":"uid-{name}"}}}}"#))
        .collect();
    format!(
        r#"{{"kind":"{kind}List","apiVersion":"v1","metadata":{{"resourceVersion":"42","continue":"{next}"}},"items":[{}]}}"#,
        items.join(",")
    )
}

pub fn base64(text: &str) -> String {
    base64::engine::general_purpose::STANDARD.encode(text)
}

/// A kubeconfig of clusters `c1`, `c2`, ... with these cluster and user bodies (YAML flow style).
pub fn kubeconfig(pairs: &[(String, String)]) -> KubeconfigText {
    let mut text = String::from("clusters:\n");
    let numbered = || pairs.iter().enumerate().map(|(index, pair)| (index + 1, pair));
    numbered().for_each(|(n, (cluster, _))| text += &format!("- {{name: c{n}, cluster: {cluster}}}\n"));
    text += "users:\n";
    numbered().for_each(|(n, (_, user))| text += &format!("- {{name: u{n}, user: {user}}}\n"));
    text += "contexts:\n";
    numbered()
        .for_each(|(n, _)| text += &format!("- {{name: c{n}, context: {{cluster: c{n}, user: u{n}}}}}\n"));
    KubeconfigText { path: PathBuf::from("/tmp/kubeconfig"), text: Ok(text) }
}

pub fn access(limits: FleetLimits) -> AccessSetup {
    AccessSetup {
        limits,
        proxies: ProxyVariables::default(),
        terminal: false,
        plugin_policy: PluginPolicy::default(),
        credential_store: None,
        now: "2026-01-15T10:00:00Z".parse().expect("a time"),
    }
}

pub fn setup(document: KubeconfigText, limits: FleetLimits) -> Setup {
    setup_by(document, access(limits))
}

pub fn setup_by(document: KubeconfigText, access: AccessSetup) -> Setup {
    let found = sources::of_kubeconfigs(vec![document]);
    Setup { found, scope: FleetScope::default(), access: Access::new(access) }
}

pub fn fleet(pairs: &[(String, String)], limits: FleetLimits) -> Fleet {
    Fleet::new(setup(kubeconfig(pairs), limits)).expect("a fleet")
}

/// One plain HTTP server with this handler, and the fleet of it.
pub async fn plain<F, Fut>(handler: F) -> (Fleet, TestServer)
where
    F: Fn(Request<Incoming>) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Answered> + Send + 'static,
{
    let server = serve(None, handler).await;
    (fleet(&[(at(&server), "{token: abc}".to_string())], short()), server)
}

pub fn at(server: &TestServer) -> String {
    format!("{{server: 'http://127.0.0.1:{}'}}", server.port)
}

/// A TLS server on HTTP/2 that serves one pod, and the kubeconfig cluster that trusts it.
pub async fn secured(protocols: Vec<&'static [u8]>) -> (TestServer, String) {
    let authority = TestAuthority::new();
    let certificate = authority.leaf(&["localhost", "127.0.0.1"], false);
    let server =
        serve(Some(Tls { protocols, ..Tls::new(certificate) }), |request| async move { usual(&request) })
            .await;
    let roots = base64(&authority.pem());
    let cluster =
        format!("{{server: 'https://127.0.0.1:{}', certificate-authority-data: {roots}}}", server.port);
    (server, cluster)
}

/// What a sound server answers.
pub fn usual(request: &Request<Incoming>) -> Answered {
    match request.uri().path() {
        "/version" => json(r#"{"gitVersion":"v1.36.3"}"#),
        "/api/v1/pods" => json(list_of("Pod", &["a", "b"], "")),
        _ => answer(404, &[("content-type", "text/plain")], "404 page not found"),
    }
}

/// Asks every cluster for the names of its pods.
pub async fn pods(fleet: &Fleet) -> Vec<Answer<Vec<String>>> {
    listing(fleet, PODS, Some("app")).await
}

pub async fn listing(
    fleet: &Fleet,
    resource: Resource<'static>,
    selector: Option<&'static str>,
) -> Vec<Answer<Vec<String>>> {
    let question = move |asked: crate::fleet::Asked| async move {
        let mut names = Vec::new();
        let mut gaps = Vec::new();
        let request = ListRequest { resource, namespace: None, selector, field_selector: None };
        let mut receive = |item: &str| {
            let object: serde_json::Value = serde_json::from_str(item)?;
            names.push(object["metadata"]["name"].as_str().unwrap_or_default().to_string());
            Ok(())
        };
        match asked.list(&request, &mut receive).await {
            Ok(ListEnd::Whole { .. }) => {}
            Ok(ListEnd::NotServed) => names.push("not served".to_string()),
            Err(why) => gaps.push(Gap::kind(resource.kind, why)),
        }
        (names, gaps)
    };
    let mut answers: Vec<_> = fleet.ask(question).collect().await;
    answers.sort_by(|a: &Answer<_>, b| a.cluster.cmp(&b.cluster));
    answers
}

/// The one answer's names and first gap.
pub async fn one(fleet: &Fleet) -> (Vec<String>, Option<Gap>) {
    let mut answers = pods(fleet).await;
    assert_eq!(answers.len(), 1);
    let answer = answers.remove(0);
    assert!(answer.gaps.len() < 2);
    (answer.value, answer.gaps.into_iter().next())
}

/// Why the one cluster is silent as a whole.
pub async fn silence(fleet: &Fleet) -> Silence {
    let (names, gap) = one(fleet).await;
    assert!(names.is_empty(), "{names:?}");
    let gap = gap.expect("a gap");
    assert_eq!(gap.kind, None);
    gap.why
}
