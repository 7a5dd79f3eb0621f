//! Everything that answers. Add your routes in `Service::answer`.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

#[derive(Default)]
pub struct Service {
    pub ready: AtomicBool,
    requests: AtomicU64,
    failures: AtomicU64,
}

#[derive(Debug, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    pub content_type: &'static str,
    pub body: String,
}

impl Service {
    /// Answers and counts a request; probes are not logged.
    pub fn handle(&self, method: &str, target: &str) -> Answer {
        let path = target.split('?').next().unwrap_or_default();
        let answer = self.answer(method, path);
        self.requests.fetch_add(1, Ordering::Relaxed);
        if answer.status >= 500 {
            self.failures.fetch_add(1, Ordering::Relaxed);
        }
        if !matches!(path, "/livez" | "/readyz" | "/metrics") {
            let (method, path) = (quoted(method), quoted(path));
            let fields = format!("\"method\":{method},\"path\":{path},\"status\":{}", answer.status);
            log("info", "request", &fields);
        }
        answer
    }

    fn answer(&self, method: &str, path: &str) -> Answer {
        let ready = self.ready.load(Ordering::Relaxed);
        match (method, path) {
            ("GET", "/") => {
                let body = "{\"service\":\"${{ values.name }}\"}\n".to_string();
                Answer { status: 200, content_type: "application/json", body }
            }
            ("GET", "/livez") => text(200, "ok\n"),
            ("GET", "/readyz") if ready => text(200, "ok\n"),
            ("GET", "/readyz") => text(503, "not ready\n"),
            ("GET", "/metrics") => text(200, &self.metrics()),
            (_, "/" | "/livez" | "/readyz" | "/metrics") => text(405, "method not allowed\n"),
            _ => text(404, "not found\n"),
        }
    }

    fn metrics(&self) -> String {
        format!(
            "# TYPE http_requests_total counter\nhttp_requests_total {}\n\
             # TYPE http_failures_total counter\nhttp_failures_total {}\n",
            self.requests.load(Ordering::Relaxed),
            self.failures.load(Ordering::Relaxed)
        )
    }
}

fn text(status: u16, body: &str) -> Answer {
    Answer { status, content_type: "text/plain; charset=utf-8", body: body.to_string() }
}

/// One line of JSON; `fields` is more of it.
pub fn log(level: &str, message: &str, fields: &str) {
    let time = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64();
    let (message, comma) = (quoted(message), if fields.is_empty() { "" } else { "," });
    println!("{% raw %}{{\"time\":{time:.3},\"level\":\"{level}\",\"message\":{message}{comma}{fields}}}{% endraw %}");
}

/// A text as JSON has it.
fn quoted(text: &str) -> String {
    let escaped = text.chars().map(|c| match c {
        '"' | '\\' => format!("\\{c}"),
        c if c.is_control() => format!("\\u{:04x}", u32::from(c)),
        c => c.to_string(),
    });
    format!("\"{}\"", escaped.collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(method: &str, path: &str, status: u16) {
        let service = Service::default();
        service.ready.store(true, Ordering::Relaxed);
        assert_eq!(service.handle(method, path).status, status);
    }

    #[test]
    fn routes() {
        check("GET", "/", 200);
        check("GET", "/livez", 200);
        check("GET", "/readyz?verbose", 200);
        check("GET", "/metrics", 200);
        check("GET", "/nowhere", 404);
        check("POST", "/", 405);
    }

    #[test]
    fn is_alive_and_not_ready_before_it_serves() {
        let service = Service::default();
        assert_eq!(service.handle("GET", "/readyz").status, 503);
        assert_eq!(service.handle("GET", "/livez").status, 200);
    }

    #[test]
    fn a_line_of_the_log_stays_one_line_of_json() {
        assert_eq!(quoted("a \"b\" \\ \n\u{1b}"), r#""a \"b\" \\ \u000a\u001b""#);
    }

    #[test]
    fn requests_are_counted() {
        let service = Service::default();
        service.handle("GET", "/");
        assert!(service.handle("GET", "/metrics").body.contains("http_requests_total 1\n"));
    }
}
