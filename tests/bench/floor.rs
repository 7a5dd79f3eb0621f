//! The floor: the smallest program that makes the same requests over as many connections, and does nothing with the answers.

use std::io::Write;
use std::path::Path;

use bytes::Bytes;
use futures::future::join_all;
use http::Request;
use http_body_util::{BodyExt, Empty};

use crate::front::{Https, client, servers, token};

/// A file of lines `ROUND CLUSTER PATH`: the rounds one after the other, and in each everything at once. With
/// `--copy` the answers go to stdout.
pub async fn run(kubeconfig: &Path, requests: &Path, copies: bool) {
    let kubeconfig = std::fs::read_to_string(kubeconfig).expect("a kubeconfig");
    let requests = std::fs::read_to_string(requests).expect("requests");
    let client = client(&kubeconfig);
    let servers = servers(&kubeconfig);
    for round in ["1", "2"] {
        let of_round = |(_, url): &(String, String), name: &str| {
            let lines = requests.lines().filter_map(|line| line.strip_prefix(round)?.strip_prefix(' '));
            let paths = lines.filter_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
            paths.map(|path| format!("{url}{path}")).collect::<Vec<_>>()
        };
        let clusters = servers.iter().map(|server| {
            let urls = of_round(server, &server.0);
            let (client, token) = (client.clone(), token(&kubeconfig).to_string());
            tokio::spawn(async move {
                // hyper's client makes one connection for all of them.
                join_all(urls.into_iter().map(|url| read(&client, url, &token, copies))).await;
            })
        });
        join_all(clusters).await;
    }
}

async fn read(client: &Https, url: String, token: &str, copies: bool) {
    let request = Request::get(url).header("authorization", format!("Bearer {token}"));
    let body = Empty::<Bytes>::new().map_err(|never| match never {}).boxed_unsync();
    let Ok(answer) = client.request(request.body(body).expect("a request")).await else { return };
    let mut body = answer.into_body();
    while let Some(Ok(frame)) = body.frame().await {
        if let (true, Some(data)) = (copies, frame.data_ref()) {
            std::io::stdout().write_all(data).expect("somebody reads");
        }
    }
}
