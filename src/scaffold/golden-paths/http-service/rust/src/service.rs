//! Everything that answers. Add your routes in `routes`.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use axum::extract::{MatchedPath, Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::json;

use crate::requests::Requests;

/// No answer takes longer.
const PATIENCE: Duration = Duration::from_secs(10);

#[derive(Default)]
pub struct Service {
    ready: AtomicBool,
    requests: Requests,
}

impl Service {
    pub fn new() -> Arc<Service> {
        Arc::default()
    }

    pub fn set_ready(&self, ready: bool) {
        self.ready.store(ready, Ordering::Relaxed);
    }
}

pub fn routes(service: Arc<Service>) -> Router {
    Router::new()
        .route("/", get(hello))
        .route("/livez", get(|| async { "ok\n" }))
        .route("/readyz", get(readyz))
        .route("/metrics", get(metrics))
        .fallback(|| async { (StatusCode::NOT_FOUND, "not found\n") })
        .layer(middleware::from_fn_with_state(Arc::clone(&service), measured))
        .with_state(service)
}

async fn hello() -> Json<serde_json::Value> {
    Json(json!({"service": "${{ values.name }}"}))
}

async fn readyz(State(service): State<Arc<Service>>) -> (StatusCode, &'static str) {
    match service.ready.load(Ordering::Relaxed) {
        true => (StatusCode::OK, "ok\n"),
        false => (StatusCode::SERVICE_UNAVAILABLE, "not ready\n"),
    }
}

async fn metrics(State(service): State<Arc<Service>>) -> Response {
    match service.requests.text() {
        Ok(text) => ([(header::CONTENT_TYPE, Requests::CONTENT_TYPE)], text).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// Measures and logs, and ends what takes too long; probes are not logged.
async fn measured(State(service): State<Arc<Service>>, request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_string()).unwrap_or_default();
    let (method, path) = (request.method().clone(), request.uri().path().to_string());
    let start = Instant::now();
    let response = match tokio::time::timeout(PATIENCE, next.run(request)).await {
        Ok(response) => response,
        Err(_) => (StatusCode::GATEWAY_TIMEOUT, "it took too long\n").into_response(),
    };
    let (took, status) = (start.elapsed(), response.status().as_u16());
    if !matches!(path.as_str(), "/livez" | "/readyz" | "/metrics") {
        tracing::info!(%method, path, status, milliseconds = took.as_secs_f64() * 1e3, "request");
    }
    // A route and no path: there are few of them.
    service.requests.observe(route, status, took);
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::{Body, to_bytes};
    use tower::ServiceExt;

    async fn asked(service: &Arc<Service>, method: &str, path: &str) -> (u16, String) {
        let request = Request::builder().method(method).uri(path).body(Body::empty()).expect("a request");
        let response = routes(Arc::clone(service)).oneshot(request).await.expect("an answer");
        let status = response.status().as_u16();
        let body = to_bytes(response.into_body(), 1 << 20).await.expect("a body");
        (status, String::from_utf8(body.to_vec()).expect("text"))
    }

    #[tokio::test]
    async fn every_route_answers() {
        let service = Service::new();
        service.set_ready(true);
        for (method, path, status) in [
            ("GET", "/", 200),
            ("GET", "/livez", 200),
            ("GET", "/readyz?verbose", 200),
            ("GET", "/metrics", 200),
            ("GET", "/nowhere", 404),
            ("POST", "/", 405),
        ] {
            assert_eq!(asked(&service, method, path).await.0, status, "{method} {path}");
        }
        assert_eq!(asked(&service, "GET", "/").await.1, r#"{"service":"${{ values.name }}"}"#);
    }

    #[tokio::test]
    async fn is_alive_and_not_ready_before_it_serves() {
        let service = Service::new();
        assert_eq!(asked(&service, "GET", "/readyz").await.0, 503);
        assert_eq!(asked(&service, "GET", "/livez").await.0, 200);
    }

    #[tokio::test]
    async fn requests_are_measured() {
        let service = Service::new();
        for path in ["/", "/nowhere/1", "/nowhere/2"] {
            asked(&service, "GET", path).await;
        }
        let text = asked(&service, "GET", "/metrics").await.1;
        for line in [
            r#"http_request_duration_seconds_bucket{le="10.0",route="/",status="200"} 1"#,
            r#"http_request_duration_seconds_bucket{le="+Inf",route="/",status="200"} 1"#,
            r#"http_request_duration_seconds_count{route="/",status="200"} 1"#,
            r#"http_request_duration_seconds_count{route="",status="404"} 2"#,
        ] {
            assert!(text.lines().any(|known| known == line), "{line}\n{text}");
        }
    }
}
