//! The ways to a server: TLS good and bad, HTTP/1.1, proxies.

use crate::fleet::tests::server::{TestAuthority, TestServer, Tls, connect_proxy, raw, serve, socks_proxy};
use crate::fleet::tests::{
    access, base64, fleet, kubeconfig, one, pods, secured, setup, setup_by, short, silence, usual,
};
use crate::fleet::{Fleet, Silence};
use tokio::io::AsyncWriteExt;

async fn with_certificate(names: &[&str], expired: bool) -> (TestServer, TestAuthority) {
    let authority = TestAuthority::new();
    let certificate = authority.leaf(names, expired);
    let tls = Tls::new(certificate);
    (serve(Some(tls), |request| async move { usual(&request) }).await, authority)
}

fn cluster(port: u16, more: &str) -> Vec<(String, String)> {
    vec![(format!("{{server: 'https://127.0.0.1:{port}', {more}}}"), "{token: abc}".to_string())]
}

#[tokio::test]
async fn certificates_are_checked() {
    let (server, authority) = with_certificate(&["127.0.0.1"], true).await;
    let roots = format!("certificate-authority-data: {}", base64(&authority.pem()));
    let told = silence(&fleet(&cluster(server.port, &roots), short())).await;
    let Silence::Certificate(text) = told else { panic!("{told:?}") };
    assert!(
        text.starts_with("the server's certificate expired ") && text.ends_with(" ago, on 2020-01-01"),
        "{text}"
    );
    let trusting = fleet(&cluster(server.port, "insecure-skip-tls-verify: true"), short());
    assert_eq!(one(&trusting).await.1, None);

    let (server, authority) = with_certificate(&["api.corp"], false).await;
    let roots = format!("certificate-authority-data: {}", base64(&authority.pem()));
    let told = silence(&fleet(&cluster(server.port, &roots), short())).await;
    assert_eq!(
        told,
        Silence::Certificate("the server's certificate is for api.corp, not for 127.0.0.1".into())
    );
    let named = format!("{roots}, tls-server-name: api.corp");
    assert_eq!(one(&fleet(&cluster(server.port, &named), short())).await.1, None);

    let other = format!("certificate-authority-data: {}", base64(&TestAuthority::new().pem()));
    for roots in [other.as_str(), ""] {
        let told = silence(&fleet(&cluster(server.port, roots), short())).await;
        assert_eq!(
            told,
            Silence::Certificate("the server's certificate is signed by an unknown authority".into())
        );
    }
}

#[tokio::test]
async fn an_authority_without_certificates_is_an_error() {
    for (authority, expect) in [
        (
            "certificate-authority-data: aGVsbG8=",
            "the kubeconfig's certificate authority holds no certificate",
        ),
        ("certificate-authority-data: '*hunter2*'", "certificate-authority-data is not base64"),
        ("certificate-authority: /nowhere", "certificate-authority: /nowhere does not exist"),
    ] {
        assert_eq!(
            silence(&fleet(&cluster(1, authority), short())).await,
            Silence::Certificate(expect.into())
        );
    }
}

#[tokio::test]
async fn other_protocols_are_told_apart() {
    let greeter = || {
        raw(|mut stream| async move {
            stream.write_all(b"SSH-2.0-hello\r\n").await.ok();
            tokio::time::sleep(std::time::Duration::from_secs(1)).await;
        })
    };
    let server = greeter().await;
    let told = silence(&fleet(&cluster(server.port, "insecure-skip-tls-verify: true"), short())).await;
    assert_eq!(told, Silence::Protocol("the server does not speak TLS".into()));
    let http = |port| vec![(format!("{{server: 'http://127.0.0.1:{port}'}}"), "{}".to_string())];
    let server = greeter().await;
    assert_eq!(silence(&fleet(&http(server.port), short())).await.reason(), "protocol");
    let (server, _) = with_certificate(&["127.0.0.1"], false).await;
    assert_eq!(silence(&fleet(&http(server.port), short())).await.reason(), "protocol");
    let closing = raw(|stream| async move { drop(stream) }).await;
    assert_eq!(silence(&fleet(&http(closing.port), short())).await.reason(), "protocol");
    let told = silence(&fleet(&cluster(closing.port, "insecure-skip-tls-verify: true"), short())).await;
    assert_eq!(told.reason(), "unreachable");
}

#[tokio::test]
async fn http_1_1_reuses_its_connection() {
    let (server, cluster) = secured(vec![b"http/1.1"]).await;
    let fleet = fleet(&[(cluster, "{token: abc}".to_string())], short());
    for _ in 0..3 {
        assert_eq!(one(&fleet).await.1, None);
    }
    assert!(server.seen.connections() <= 2, "{} connections", server.seen.connections());
}

#[tokio::test]
async fn contexts_of_one_server_and_identity_share_a_connection() {
    let (server, cluster) = secured(vec![b"h2"]).await;
    let path = |n: usize| {
        (
            cluster.replace(&format!(":{}'", server.port), &format!(":{}/k8s/clusters/c-{n}'", server.port)),
            "{token: abc}".to_string(),
        )
    };
    let fleet = fleet(&[path(1), path(2), path(3)], short());
    assert_eq!(pods(&fleet).await.len(), 3);
    assert_eq!(server.seen.connections(), 1);
    assert_eq!(server.seen.requests("GET /k8s/clusters/c-2/api/v1/pods?"), 1);
}

#[tokio::test]
async fn proxies_lead_to_the_server() {
    let authority = TestAuthority::new();
    let certificate = authority.leaf(&["api.corp"], false);
    let server = serve(Some(Tls::new(certificate)), |request| async move { usual(&request) }).await;
    let roots = base64(&authority.pem());
    let behind = |proxy: &str| {
        let cluster =
            format!("{{server: 'https://api.corp:6443', certificate-authority-data: {roots}{proxy}}}");
        kubeconfig(&[(cluster, "{token: abc}".to_string())])
    };
    let (proxy, asked) = connect_proxy(server.port).await;
    let url = format!("http://me:p%40ss@127.0.0.1:{}", proxy.port);
    let explicit = Fleet::new(setup(behind(&format!(", proxy-url: '{url}'")), short())).expect("a fleet");
    assert_eq!(one(&explicit).await.1, None);
    let head = asked.lock().expect("not poisoned").remove(0);
    assert!(head.starts_with("CONNECT api.corp:6443 HTTP/1.1\r\n"), "{head}");
    assert!(
        head.to_lowercase()
            .contains(&format!("proxy-authorization: basic {}", base64("me:p@ss").to_lowercase())),
        "{head}"
    );

    let mut from_environment = access(short());
    from_environment.proxies.https = url;
    let from_environment = setup_by(behind(""), from_environment);
    assert_eq!(one(&Fleet::new(from_environment).expect("a fleet")).await.1, None);

    let (proxy, asked) = socks_proxy(server.port).await;
    let socks = behind(&format!(", proxy-url: 'socks5h://127.0.0.1:{}'", proxy.port));
    assert_eq!(one(&Fleet::new(setup(socks, short())).expect("a fleet")).await.1, None);
    assert_eq!(*asked.lock().expect("not poisoned"), ["api.corp"]);
}

#[tokio::test]
async fn a_proxys_failure_is_told_as_the_proxys() {
    let refusing = raw(|mut stream| async move {
        stream.write_all(b"HTTP/1.1 403 Forbidden\r\n\r\n").await.ok();
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    })
    .await;
    let pairs = cluster(1, &format!("proxy-url: 'http://me:hunter2@127.0.0.1:{}'", refusing.port));
    let told = silence(&fleet(&pairs, short())).await;
    assert_eq!(told.reason(), "unreachable");
    let text = told.message();
    assert!(
        text.starts_with(&format!("proxy 127.0.0.1:{}: ", refusing.port)) && !text.contains("hunter2"),
        "{text}"
    );
    let pairs = cluster(1, "proxy-url: 'ftp://me:hunter2@proxy'");
    let told = silence(&fleet(&pairs, short())).await;
    assert_eq!(told, Silence::Unreachable("the proxy URL is neither http, https nor socks5".into()));
}

#[tokio::test]
async fn client_certificates_say_who_we_are() {
    let authority = TestAuthority::new();
    let tls = Tls { clients: Some(authority.pem()), ..Tls::new(authority.leaf(&["127.0.0.1"], false)) };
    let server = serve(Some(tls), |request| async move { usual(&request) }).await;
    let roots = base64(&authority.pem());
    let cluster =
        format!("{{server: 'https://127.0.0.1:{}', certificate-authority-data: {roots}}}", server.port);
    let user = |(certificate, key): (String, String)| {
        format!("{{client-certificate-data: {}, client-key-data: {}}}", base64(&certificate), base64(&key))
    };
    let known = fleet(&[(cluster.clone(), user(authority.leaf(&["me"], false)))], short());
    assert_eq!(one(&known).await.1, None);
    let strange = TestAuthority::new().leaf(&["me"], false);
    for (who, expect) in [
        (user(strange), "the server refused our certificate"),
        ("{token: abc}".to_string(), "the server wants a client certificate, and there is none"),
    ] {
        let told = silence(&fleet(&[(cluster.clone(), who)], short())).await;
        let Silence::Certificate(text) = &told else { panic!("{told:?}") };
        assert!(text.starts_with(expect), "{text}");
    }
    let (certificate, _) = authority.leaf(&["me"], false);
    let (_, other_key) = authority.leaf(&["me"], false);
    let told = silence(&fleet(&[(cluster, user((certificate, other_key)))], short())).await;
    assert_eq!(told, Silence::credentials("the client certificate does not fit its key"));
}
