//! `pods/log`: the stored lines of a container, by the rules of the API server and the kubelet.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::{Stream, StreamExt, stream};
use http::{StatusCode, header};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::demo::api::refusal;
use crate::demo::api::reply::{Payload, Reply};
use crate::demo::api::request::{Call, ResourcePath};
use crate::demo::faults::{FaultEffect, FaultId};
use crate::demo::timeline::content::ClusterContent;
use crate::demo::timeline::live::Following;
use crate::podstatus::is_kubelet_sentence;

/// Nothing is to come but a change.
const FOR_EVER: Duration = Duration::from_secs(1 << 30);

pub fn answer(
    cluster: &Arc<ClusterContent>,
    call: &Call,
    place: &ResourcePath,
    name: &str,
    following: Following,
) -> Result<Reply, Reply> {
    let namespace = place.namespace.as_deref().unwrap_or_default();
    let pod = cluster.store.pod(namespace, name).ok_or_else(|| refusal::not_found("", "pods", name))?;
    let wanted = wanted(call, name, cluster.clock.now())?;
    let container = container(&pod.value, name, call.option("container"))?;
    if pod.value["spec"]["nodeName"].as_str().unwrap_or_default().is_empty() {
        return Ok(Reply::empty(StatusCode::NO_CONTENT));
    }
    let run = run(&pod.value, name, &container, call.flag("previous"))?;
    let path = |suffix: &str| format!("{namespace}/{name}/{container}{suffix}");
    let [first, second] = if run.ended_last { [".previous.log", ".log"] } else { [".log", ".previous.log"] };
    let stored = cluster.store.logs.get(&path(first));
    // Of a container in back-off, the last run is both the current and the previous one.
    let stored = stored.or_else(|| cluster.store.logs.get(&path(second)).filter(|_| run.in_back_off));
    if let Some(words) = kubelets(stored, &run) {
        return Ok(plain(Payload::Stream(Box::pin(stream::iter([Ok(Bytes::from(words))])))));
    }
    let mut lines = lines(
        stored.map(String::as_str).unwrap_or_default(),
        run.ended.unwrap_or_else(|| cluster.clock.now()),
    );
    // Lines whose time is to come are written then.
    let later: Vec<(Timestamp, String)> = match lines.iter().position(|(time, _)| !due(cluster, *time)) {
        Some(first) => {
            lines.split_off(first).into_iter().map(|(time, line)| (time, line.to_string())).collect()
        }
        None => Vec::new(),
    };
    let text = choose(&lines, &wanted);
    let chunk = stream::iter([Ok(Bytes::from(text))]);
    let payload = match call.flag("follow") && run.ended.is_none() {
        true => {
            let pod = (namespace.to_string(), name.to_string(), pod.value["metadata"]["uid"].clone());
            let follow = Follow { following, pod, container, run: run.number, later: later.into(), wanted };
            Payload::Stream(Box::pin(chunk.chain(follow.lines())))
        }
        false => Payload::Stream(Box::pin(chunk)),
    };
    Ok(plain(payload))
}

fn plain(payload: Payload) -> Reply {
    let mut reply = Reply::new(StatusCode::OK, "text/plain", payload);
    reply.headers.remove(header::X_CONTENT_TYPE_OPTIONS);
    reply
}

const GONE: &str = "unable to retrieve container logs for ";

/// The kubelet's own words, without a time, where a log is gone: of a container that has ended it keeps that run's alone.
fn kubelets(stored: Option<&String>, run: &LogRun) -> Option<String> {
    match stored {
        Some(text) => text.starts_with(GONE).then(|| text.trim_end().to_string()),
        None => run.gone.as_ref().map(|id| format!("{GONE}{id}")),
    }
}

fn due(cluster: &ClusterContent, time: Timestamp) -> bool {
    cluster.clock.until(time).is_zero()
}

/// A log that goes on: its lines come in their time, until the run ends.
struct Follow {
    following: Following,
    /// Namespace, name and uid.
    pod: (String, String, Value),
    container: String,
    run: u64,
    later: VecDeque<(Timestamp, String)>,
    wanted: WantedLines,
}

impl Follow {
    fn lines(self) -> impl Stream<Item = Result<Bytes, Infallible>> + Send {
        stream::unfold(self, |mut follow| async move {
            let line = follow.next().await?;
            Some((Ok(line), follow))
        })
    }

    async fn next(&mut self) -> Option<Bytes> {
        loop {
            let cluster = self.following.borrow_and_update().clone();
            match cluster.fault_of(Some("pods")).map(FaultId::effect) {
                Some(FaultEffect::End) => return None,
                Some(FaultEffect::Stall) => {
                    self.following.changed().await.ok()?;
                    continue;
                }
                _ => {}
            }
            let time =
                self.later.front().map(|(time, _)| *time).filter(|time| self.is_of_run(&cluster, *time));
            match time {
                Some(time) if due(&cluster, time) => {
                    let (time, line) = self.later.pop_front()?;
                    let line =
                        choose(&[(time, &line)], &WantedLines { tail: None, bytes: None, ..self.wanted });
                    if !line.is_empty() {
                        return Some(line.into());
                    }
                }
                None if !self.is_running(&cluster) => return None,
                time => {
                    let pause = time.map_or(FOR_EVER, |time| cluster.clock.until(time));
                    tokio::select! {
                        changed = self.following.changed() => changed.ok()?,
                        () = tokio::time::sleep(pause) => {}
                    }
                }
            }
        }
    }

    fn now(&self, cluster: &ClusterContent) -> Option<LogRun> {
        let (namespace, name, uid) = &self.pod;
        let pod = &cluster.store.pod(namespace, name)?.value;
        let run = run(pod, name, &self.container, false).ok()?;
        (pod["metadata"]["uid"] == *uid && run.number == self.run).then_some(run)
    }

    fn is_running(&self, cluster: &ClusterContent) -> bool {
        self.now(cluster).is_some_and(|run| run.ended.is_none())
    }

    /// Whether the run lasts until then.
    fn is_of_run(&self, cluster: &ClusterContent, time: Timestamp) -> bool {
        self.now(cluster).is_some_and(|run| run.ended.is_none_or(|ended| time <= ended))
    }
}

/// Which lines are asked for, and how.
#[derive(Clone, Copy, Default)]
struct WantedLines {
    since: Option<Timestamp>,
    tail: Option<usize>,
    bytes: Option<usize>,
    timestamps: bool,
}

fn wanted(call: &Call, pod: &str, now: Timestamp) -> Result<WantedLines, Reply> {
    let invalid = |field: &str, problem: String| {
        refusal::invalid("", "PodLogOptions", pod, field, "FieldValueInvalid", &problem)
    };
    let number = |field: &str, least: i64| match call.number(field)? {
        Some(number) if number < least && least == 0 => {
            Err(invalid(field, format!("Invalid value: {number}: must be greater than or equal to 0")))
        }
        Some(number) if number < least => {
            Err(invalid(field, format!("Invalid value: {number}: must be greater than 0")))
        }
        number => Ok(number),
    };
    let since_seconds = number("sinceSeconds", 1)?
        .and_then(|seconds| now.checked_sub(SignedDuration::from_secs(seconds)).ok());
    let since_time = call.option("sinceTime").and_then(|text| text.parse().ok());
    let size = |number: Option<i64>| number.and_then(|number| usize::try_from(number).ok());
    Ok(WantedLines {
        since: since_seconds.or(since_time),
        tail: size(number("tailLines", 0)?),
        bytes: size(number("limitBytes", 1)?),
        timestamps: call.flag("timestamps"),
    })
}

fn names(pod: &Value, list: &str) -> Vec<String> {
    let containers = pod["spec"][list].as_array().into_iter().flatten();
    containers.filter_map(|container| container["name"].as_str().map(str::to_string)).collect()
}

fn container(pod: &Value, name: &str, asked: Option<&str>) -> Result<String, Reply> {
    let (init, main, ephemeral) =
        (names(pod, "initContainers"), names(pod, "containers"), names(pod, "ephemeralContainers"));
    if let Some(asked) = asked {
        if [&init, &main, &ephemeral].iter().any(|list| list.iter().any(|name| name == asked)) {
            return Ok(asked.to_string());
        }
        return Err(refusal::bad_request(&format!("container {asked} is not valid for pod {name}")));
    }
    match main.as_slice() {
        [only] => Ok(only.clone()),
        _ => {
            let all = [init, main, ephemeral].concat().join(" ");
            Err(refusal::bad_request(&format!(
                "a container name must be specified for pod {name}, choose one of: [{all}]"
            )))
        }
    }
}

/// Which run of the container the lines are of.
struct LogRun {
    /// How often it was restarted.
    number: u64,
    /// The run before the current one is asked for.
    ended_last: bool,
    /// Waiting to be started again, so that the current run is the last one.
    in_back_off: bool,
    /// When it ended; None while it runs.
    ended: Option<Timestamp>,
    /// The container of a run that the kubelet need not keep.
    gone: Option<String>,
}

/// The kubelet's rules: which run there is, or why there is none to show.
fn run(pod: &Value, name: &str, container: &str, previous: bool) -> Result<LogRun, Reply> {
    let lists = ["containerStatuses", "initContainerStatuses", "ephemeralContainerStatuses"];
    let statuses = lists.iter().flat_map(|list| pod["status"][list].as_array().into_iter().flatten());
    let Some(status) = statuses.into_iter().find(|status| status["name"] == container) else {
        let problem = format!("container \"{container}\" in pod \"{name}\" is not available");
        return Err(refusal::bad_request(&problem));
    };
    let number = status["restartCount"].as_u64().unwrap_or_default();
    let (state, last) = (&status["state"], &status["lastState"]["terminated"]);
    let finished = |terminated: &Value| terminated["finishedAt"].as_str().and_then(|text| text.parse().ok());
    // A fixture that says nothing of an end still has one.
    let end = |terminated: &Value| Some(finished(terminated).unwrap_or(Timestamp::UNIX_EPOCH));
    let waits = state.get("waiting").is_some_and(|waiting| !waiting.is_null());
    if previous {
        if last.is_null() {
            let problem =
                format!("previous terminated container \"{container}\" in pod \"{name}\" not found");
            return Err(refusal::bad_request(&problem));
        }
        let id = last["containerID"].as_str().unwrap_or("containerd://gone").to_string();
        let gone = (!state["terminated"].is_null()).then_some(id);
        return Ok(LogRun { number, ended_last: true, in_back_off: waits, ended: end(last), gone });
    }
    if state.get("running").is_some_and(|running| !running.is_null()) {
        return Ok(LogRun { number, ended_last: false, in_back_off: false, ended: None, gone: None });
    }
    if !state["terminated"].is_null() {
        let ended = end(&state["terminated"]);
        return Ok(LogRun { number, ended_last: false, in_back_off: false, ended, gone: None });
    }
    if !last.is_null() {
        return Ok(LogRun { number, ended_last: false, in_back_off: true, ended: end(last), gone: None });
    }
    let why = match state["waiting"]["reason"].as_str().unwrap_or("ContainerCreating") {
        "ErrImagePull" => "image can't be pulled",
        "ImagePullBackOff" => "trying and failing to pull image",
        other => other,
    };
    Err(refusal::bad_request(&format!(
        "container \"{container}\" in pod \"{name}\" is waiting to start: {why}"
    )))
}

/// Each line with its time. One that begins with an instant has that; one that does not, the time of the line before
/// and a microsecond; where none has any, they end at `end`, a second apart.
fn lines(text: &str, end: Timestamp) -> Vec<(Timestamp, &str)> {
    let written: Vec<(Option<Timestamp>, &str)> = text.lines().map(stamped).collect();
    let count = i64::try_from(written.len()).unwrap_or(i64::MAX);
    let first = written.iter().find_map(|(time, _)| *time);
    let start = first.unwrap_or_else(|| end.checked_sub(SignedDuration::from_secs(count)).unwrap_or(end));
    let step = if first.is_some() { SignedDuration::from_micros(1) } else { SignedDuration::from_secs(1) };
    let mut time = start;
    written
        .into_iter()
        .map(|(own, line)| {
            time = own.unwrap_or_else(|| time.checked_add(step).unwrap_or(time));
            (time, line)
        })
        .collect()
}

fn stamped(line: &str) -> (Option<Timestamp>, &str) {
    let (first, rest) = line.split_once(' ').unwrap_or((line, ""));
    let instant = Some(first)
        .filter(|first| first.len() >= 20 && first.ends_with('Z'))
        .and_then(|first| first.parse().ok());
    match instant {
        Some(instant) => (Some(instant), rest),
        None => (None, line),
    }
}

fn choose(lines: &[(Timestamp, &str)], wanted: &WantedLines) -> String {
    let recent: Vec<_> =
        lines.iter().filter(|(time, _)| wanted.since.is_none_or(|since| *time >= since)).collect();
    let skip = wanted.tail.map_or(0, |tail| recent.len().saturating_sub(tail));
    let mut text = String::new();
    // The kubelet says in a sentence of its own, without a time, that it no longer has the log.
    let is_kubelets = matches!(lines, [(_, line)] if is_kubelet_sentence(line));
    for (time, line) in &recent[skip..] {
        if wanted.timestamps && !is_kubelets {
            text.push_str(&format!("{} ", time.strftime("%Y-%m-%dT%H:%M:%S.%9fZ")));
        }
        text.push_str(line);
        text.push('\n');
    }
    if let Some(limit) = wanted.bytes
        && text.len() > limit
    {
        let end = (0..=limit).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
        text.truncate(end);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{WantedLines, choose, lines};
    use jiff::Timestamp;

    const WRITTEN: &str = "2026-01-15T09:59:58Z one\n  at two\n2026-01-15T09:59:59.5Z three\n";

    #[track_caller]
    fn check(wanted: &WantedLines, expect: &str) {
        assert_eq!(choose(&lines(WRITTEN, Timestamp::UNIX_EPOCH), wanted), expect);
    }

    #[test]
    fn the_written_time_is_taken_off_and_put_back() {
        check(&WantedLines::default(), "one\n  at two\nthree\n");
        check(
            &WantedLines { timestamps: true, ..WantedLines::default() },
            "2026-01-15T09:59:58.000000000Z one\n2026-01-15T09:59:58.000001000Z   at two\n2026-01-15T09:59:59.500000000Z three\n",
        );
    }

    #[test]
    fn since_comes_before_tail() {
        let since = "2026-01-15T09:59:59Z".parse().ok();
        check(&WantedLines { since, tail: Some(2), ..WantedLines::default() }, "three\n");
        check(&WantedLines { tail: Some(0), ..WantedLines::default() }, "");
        check(&WantedLines { bytes: Some(5), ..WantedLines::default() }, "one\n ");
    }

    #[test]
    fn lines_without_a_time_get_one() {
        let end: Timestamp = "2026-01-15T10:00:00Z".parse().expect("an instant");
        let times: Vec<String> = lines("a\nb\n", end).into_iter().map(|(time, _)| time.to_string()).collect();
        assert_eq!(times, ["2026-01-15T09:59:59Z", "2026-01-15T10:00:00Z"]);
    }
}
