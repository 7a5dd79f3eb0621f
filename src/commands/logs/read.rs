//! One container's log, from the cluster into a bounded channel.

use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use jiff::Timestamp;
use tokio::sync::mpsc::Sender;

use crate::commands::logs::filter::LineFilter;
use crate::commands::logs::resume::{Position, ReadAgain};
use crate::commands::logs::targets::LogSource;
use crate::commands::logs::voice::Voice;
use crate::fleet::logs::{LogLine, LogRequest, LogStream};
use crate::fleet::{Asked, Silence};

/// Lines that travel together.
const MOST_LINES: usize = 256;

/// A log that is followed and says nothing for so long has told what there was.
const SETTLED: Duration = Duration::from_millis(200);

/// Lines of one container, in order.
pub struct Batch {
    pub source: Arc<LogSource>,
    pub lines: Vec<LogLine>,
    /// All that was there when the log was opened has been read.
    pub is_current: bool,
}

/// How a log is read.
#[derive(Clone)]
pub struct How {
    pub previous: bool,
    pub follow: bool,
    pub tail: Option<u32>,
    pub since: Option<Timestamp>,
    pub filter: Arc<LineFilter>,
    /// Bytes of a log that is not followed that wait on their way while others are read.
    pub held: u32,
    /// Bytes that travel together.
    pub together: usize,
    /// How long the next bytes of a log that is not followed may take.
    pub patience: Duration,
}

impl How {
    /// For ever, where a log is followed.
    fn wait(&self) -> Option<Duration> {
        (!self.follow).then_some(self.patience)
    }
}

/// Why reading ended.
#[derive(Debug)]
pub enum ReadEnd {
    /// The log did; of one that is followed also the connection may have.
    Whole,
    /// It did, and these words in it were the kubelet's.
    Kubelet(String),
    /// There is no such log, in the kubelet's words if it gave any.
    Absent(String),
    Broken(Silence),
    /// Nobody reads any more.
    Unwanted,
}

/// Reads on from the position, which it moves, until the log ends.
pub async fn read(
    asked: &Asked,
    source: &Arc<LogSource>,
    how: &How,
    position: &mut Position,
    to: &Sender<Batch>,
) -> ReadEnd {
    let mut log = match open(asked, source, how, position).await {
        Ok(log) => log,
        Err(end) => return end,
    };
    let mut again = position.again();
    let mut voice = Voice::default();
    let mut has_settled = !how.follow;
    loop {
        let wait = if has_settled { how.wait() } else { Some(SETTLED) };
        let (lines, next) = gather(&mut log, how, wait, position, &mut again, &mut voice).await;
        let is_current = !matches!(next, Next::More) && !has_settled;
        has_settled |= is_current;
        if !lines.is_empty() || is_current {
            let batch = Batch { source: source.clone(), lines, is_current };
            if to.send(batch).await.is_err() {
                return ReadEnd::Unwanted;
            }
        }
        match next {
            Next::More => {}
            Next::Late if how.follow => {}
            Next::Late => return ReadEnd::Broken(Silence::TimedOut(how.patience)),
            Next::End => {
                voice.end();
                return voice.said.map_or(ReadEnd::Whole, ReadEnd::Kubelet);
            }
            Next::Broken(why) => return ReadEnd::Broken(why),
        }
    }
}

async fn open(
    asked: &Asked,
    source: &LogSource,
    how: &How,
    position: &Position,
) -> Result<LogStream, ReadEnd> {
    let request = LogRequest {
        namespace: &source.namespace,
        pod: &source.pod,
        container: &source.container,
        previous: how.previous,
        follow: how.follow,
        tail: if position.at.is_some() { None } else { how.tail },
        since: position.at.or(how.since),
        held: Some(how.held),
    };
    match asked.log(&request).await {
        Ok(Some(log)) => Ok(log),
        Ok(None) => Err(ReadEnd::Absent(String::new())),
        Err(Silence::BadRequest(message)) => Err(ReadEnd::Absent(message)),
        Err(why) => Err(ReadEnd::Broken(why)),
    }
}

/// What came after the lines gathered.
enum Next {
    More,
    /// Nothing for as long as was to be waited.
    Late,
    End,
    Broken(Silence),
}

/// Waits for a line and takes those that have come with it, as far as they are wanted.
async fn gather(
    log: &mut LogStream,
    how: &How,
    wait: Option<Duration>,
    position: &mut Position,
    again: &mut ReadAgain,
    voice: &mut Voice,
) -> (Vec<LogLine>, Next) {
    let (mut lines, mut bytes) = (Vec::new(), 0);
    loop {
        let next = match log.next().now_or_never() {
            Some(next) => next,
            // What has come does not wait for what may come.
            None if !lines.is_empty() => return (lines, Next::More),
            None => match within(wait, log.next()).await {
                Some(next) => next,
                None => return (lines, Next::Late),
            },
        };
        let line = match next {
            Ok(Some(line)) => line,
            Ok(None) => return (lines, Next::End),
            Err(why) => return (lines, Next::Broken(why)),
        };
        for line in voice.hear(line) {
            if again.is_old(line.at) {
                continue;
            }
            position.pass(line.at);
            let is_early = how.since.zip(line.at).is_some_and(|(since, at)| at < since);
            if !is_early && how.filter.wants(&line.text) {
                bytes += line.text.len();
                lines.push(line);
            }
        }
        if lines.len() >= MOST_LINES || bytes >= how.together {
            return (lines, Next::More);
        }
    }
}

async fn within<T>(wait: Option<Duration>, future: impl Future<Output = T>) -> Option<T> {
    match wait {
        Some(wait) => tokio::time::timeout(wait, future).await.ok(),
        None => Some(future.await),
    }
}
