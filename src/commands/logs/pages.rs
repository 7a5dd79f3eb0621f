//! One container's log, read page by page: a log that waits for its turn in the merge holds no connection.
//!
//! Logs that wait half read would fill the window of the connection that they share, and those that the merge needs
//! would never come. So every request asks for a bounded number of bytes, and is read to its end at once.

use std::sync::Arc;

use tokio::sync::mpsc::Sender;

use crate::commands::logs::read::{Batch, End, How, open, within};
use crate::commands::logs::resume::{Again, Position};
use crate::commands::logs::targets::Source;
use crate::fleet::logs::LogLine;
use crate::fleet::{Asked, Silence};

/// What a line costs at most beside its text: its time, a space and its end.
const OVERHEAD: usize = 37;

/// No page needs to be larger.
const MOST: u32 = 256 << 20;

/// Lines that travel together: few, for those of every log wait for their turn at once.
const TOGETHER: usize = 128;

/// The bytes of a page, where so many logs are read at once: 16 MiB over all of them, as a page of each is held. It is
/// no smaller than it must be, since the kubelet looks for its beginning from the log's own.
pub fn page_size(logs: usize) -> u32 {
    u32::try_from((16 << 20) / logs.max(1)).unwrap_or(u32::MAX).clamp(64 << 10, 2 << 20)
}

/// Reads on from the position, which it moves, until the log ends.
pub async fn read(
    asked: &Asked,
    source: &Arc<Source>,
    how: &How,
    position: &mut Position,
    to: &Sender<Batch>,
) -> End {
    let mut limit = how.page;
    loop {
        let before = *position;
        let mut page = Page::new(how, position);
        let end = fill(asked, source, how, limit, &mut page).await;
        // An end within the limit is the log's own.
        let is_whole = limit > MOST || page.bytes < usize::try_from(limit).unwrap_or(usize::MAX);
        let lines = page.close(matches!(end, End::Whole) && is_whole);
        let mut lines = lines.into_iter().peekable();
        while lines.peek().is_some() {
            let lines = lines.by_ref().take(TOGETHER).collect();
            if to.send(Batch { source: source.clone(), lines, is_current: false }).await.is_err() {
                return End::Unwanted;
            }
        }
        match end {
            End::Whole if is_whole => return End::Whole,
            // More lines of one second than a page holds: the kubelet can only be asked for the whole second.
            End::Whole if *position == before => limit = limit.saturating_mul(4),
            End::Whole => limit = how.page,
            other => return other,
        }
    }
}

async fn fill(asked: &Asked, source: &Source, how: &How, limit: u32, page: &mut Page<'_>) -> End {
    let mut log = match open(asked, source, how, page.position, Some(limit)).await {
        Ok(log) => log,
        Err(end) => return end,
    };
    loop {
        match within(Some(how.patience), log.next()).await {
            Some(Ok(Some(line))) => page.put(line),
            Some(Ok(None)) => return End::Whole,
            Some(Err(why)) => return End::Broken(why),
            None => return End::Broken(Silence::TimedOut(how.patience)),
        }
    }
}

/// The wanted lines of one answer.
struct Page<'a> {
    how: &'a How,
    position: &'a mut Position,
    again: Again,
    /// At least the bytes of the answer.
    bytes: usize,
    lines: Vec<LogLine>,
    /// The last line: whole only if another follows, or the log ends.
    last: Option<LogLine>,
}

impl<'a> Page<'a> {
    fn new(how: &'a How, position: &'a mut Position) -> Page<'a> {
        let again = position.again();
        Page { how, position, again, bytes: 0, lines: Vec::new(), last: None }
    }

    fn put(&mut self, line: LogLine) {
        // How long a line was that came cut is not known.
        self.bytes += if line.is_cut { self.how.page as usize } else { line.text.len() + OVERHEAD };
        if let Some(line) = self.last.replace(line) {
            self.keep(line);
        }
    }

    fn keep(&mut self, line: LogLine) {
        if self.again.is_old(line.at) {
            return;
        }
        self.position.pass(line.at);
        let is_early = self.how.since.zip(line.at).is_some_and(|(since, at)| at < since);
        if !is_early && self.how.filter.wants(&line.text) {
            self.lines.push(line);
        }
    }

    fn close(mut self, is_whole: bool) -> Vec<LogLine> {
        if let (true, Some(line)) = (is_whole, self.last.take()) {
            self.keep(line);
        }
        self.lines
    }
}
