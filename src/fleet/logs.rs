//! A container's log: its lines with their times, as far as they are kept or as they are written.

use crate::fleet::answer::Wants;
use crate::fleet::asked::{Asked, Pace};
use crate::fleet::instant::instant;
use crate::fleet::lines::{Lines, LogLineBytes};
use crate::fleet::path::{Resource, encoded};
use crate::fleet::silence::Silence;
use crate::podstatus::is_kubelet_sentence;
use jiff::Timestamp;

/// Longer lines are cut: containerd splits at 16 KiB, but nothing binds the programs of others.
const MOST: usize = 256 << 10;

/// Which log, and how much of it.
#[derive(Clone, Copy, Debug, Default)]
pub struct LogRequest<'a> {
    pub namespace: &'a str,
    pub pod: &'a str,
    pub container: &'a str,
    /// Of the container's last life.
    pub previous: bool,
    /// Lines as they are written, too.
    pub follow: bool,
    /// Only the last lines.
    pub tail: Option<u32>,
    /// Only lines from this instant on; the kubelet knows whole seconds.
    pub since: Option<Timestamp>,
    /// The time limit counts until the log begins; then the reader may take its time, and so many bytes wait for it.
    pub held: Option<u32>,
}

/// One line. `at` is when the container runtime took it, where it says so.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LogLine {
    pub at: Option<Timestamp>,
    pub text: String,
    /// The line was longer than is kept.
    pub is_cut: bool,
}

impl LogLine {
    /// Whether it is the kubelet that speaks and not the container: it puts no time before a sentence of its own although
    /// times were asked for.
    pub fn is_kubelets(&self) -> bool {
        self.at.is_none() && is_kubelet_sentence(&self.text)
    }
}

/// An open log.
pub struct LogStream(Lines);

impl LogStream {
    /// The next line; `None` at the end: of the log, or, where it is followed, of the connection or container.
    pub async fn next(&mut self) -> Result<Option<LogLine>, Silence> {
        self.0.next(timed).await
    }
}

impl Asked {
    /// Opens a log. `None`: no such pod, or the container has not been created yet. What the kubelet refuses comes as
    /// the server's words: a wrong container is `protocol` (400), a node that is away `server` (500).
    pub async fn log(&self, request: &LogRequest<'_>) -> Result<Option<LogStream>, Silence> {
        let pace = match (request.follow, request.held) {
            (true, _) => Pace::Endless,
            (false, Some(window)) => Pace::Held(window),
            (false, None) => Pace::Prompt,
        };
        let lines = self.lines(&path(request)?, Wants::Text, pace, MOST).await?;
        Ok(lines.map(LogStream))
    }
}

const PODS: Resource<'_> = Resource { kind: "Pod", group: "", version: "v1", plural: "pods" };

fn path(request: &LogRequest<'_>) -> Result<String, Silence> {
    let mut path = PODS.part(Some(request.namespace), request.pod, "log")? + "?timestamps=true";
    let mut add = |name: &str, value: String| path += &format!("&{name}={}", encoded(&value));
    if !request.container.is_empty() {
        add("container", request.container.to_string());
    }
    for (name, _) in [("previous", request.previous), ("follow", request.follow)].iter().filter(|(_, on)| *on)
    {
        add(name, "true".to_string());
    }
    if let Some(lines) = request.tail {
        add("tailLines", lines.to_string());
    }
    if let Some(since) = request.since {
        add("sinceTime", Timestamp::from_second(since.as_second()).unwrap_or(since).to_string());
    }
    Ok(path)
}

/// Takes the runtime's time off the front of a line.
fn timed(line: LogLineBytes<'_>) -> LogLine {
    let is_cut = line.is_cut;
    let (first, rest) = line.text.split_once(' ').unwrap_or((line.text, ""));
    match instant(first) {
        Some(at) => LogLine { at: Some(at), text: rest.to_string(), is_cut },
        None => LogLine { at: None, text: line.text.to_string(), is_cut },
    }
}

#[cfg(test)]
mod tests {
    use super::{LogRequest, path, timed};
    use crate::fleet::lines::LogLineBytes;

    #[track_caller]
    fn check(text: &str, expect: (bool, &str)) {
        let line = timed(LogLineBytes { text, is_cut: false });
        assert_eq!((line.at.is_some(), line.text.as_str()), expect, "{text}");
    }

    #[test]
    fn times_are_taken_off_the_front() {
        check("2026-01-15T10:00:00.123456789Z listening on :8080", (true, "listening on :8080"));
        check("2026-01-15T10:00:00+01:00 ", (true, ""));
        check("2026-01-15T10:00:00Z", (true, ""));
        check("unable to retrieve container logs", (false, "unable to retrieve container logs"));
        check("", (false, ""));
    }

    #[test]
    fn a_request_is_a_path() {
        let since = "2026-01-15T10:00:00.9Z".parse().ok();
        let request = LogRequest {
            namespace: "shop",
            pod: "a b",
            container: "app",
            previous: true,
            follow: true,
            tail: Some(5),
            since,
            held: Some(9),
        };
        assert_eq!(
            path(&request).expect("a path"),
            "/api/v1/namespaces/shop/pods/a%20b/log?timestamps=true&container=app&previous=true&follow=true&tailLines=5&sinceTime=2026-01-15T10%3A00%3A00Z"
        );
        assert!(path(&LogRequest { pod: "../../secrets/x", ..request }).is_err());
    }
}
