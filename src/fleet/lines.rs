//! A body that is read line by line while it arrives: logs and watches.

use crate::fleet::connect::ResponseBody;
use crate::fleet::silence::Silence;
use bytes::Bytes;
use http_body_util::BodyExt;

/// The lines of a body. A line longer than is kept is cut, and says so.
pub struct Lines {
    body: ResponseBody,
    /// What came last, as far as it has been read.
    chunk: Bytes,
    read: usize,
    /// The beginning of a line of which the end has not come.
    begun: Vec<u8>,
    most: usize,
    /// The rest of a line that was cut is thrown away.
    skipping: bool,
    ended: bool,
}

/// One line without its end, and whether it was cut.
#[derive(Debug, Eq, PartialEq)]
pub struct LogLineBytes<'a> {
    pub text: &'a str,
    pub is_cut: bool,
}

impl Lines {
    pub fn new(body: ResponseBody, most: usize) -> Lines {
        let (chunk, begun) = (Bytes::new(), Vec::new());
        Lines { body, chunk, read: 0, begun, most, skipping: false, ended: false }
    }

    /// What `make` makes of the next line; `None` at the end of the body. Bytes that are no UTF-8 are replaced.
    pub async fn next<T>(&mut self, make: impl Fn(LogLineBytes<'_>) -> T) -> Result<Option<T>, Silence> {
        loop {
            if let Some(made) = self.take(&make) {
                return Ok(Some(made));
            }
            if self.ended {
                return Ok(None);
            }
            match self.body.frame().await {
                Some(frame) => self.chunk = frame?.into_data().unwrap_or_default(),
                None => self.ended = true,
            }
        }
    }

    /// A line of what has come: up to its end, or as much as is kept of one that is too long, or the last one. Lines
    /// are read where they lie; only one that spans chunks is put together.
    fn take<T>(&mut self, make: impl Fn(LogLineBytes<'_>) -> T) -> Option<T> {
        while let Some(length) = memchr::memchr(b'\n', &self.chunk[self.read..]) {
            let line = &self.chunk[self.read..self.read + length];
            self.read += length + 1;
            if std::mem::take(&mut self.skipping) {
                continue;
            }
            if self.begun.is_empty() {
                return Some(self.line(line.strip_suffix(b"\r").unwrap_or(line), make));
            }
            self.begun.extend_from_slice(line);
            let whole = std::mem::take(&mut self.begun);
            return Some(self.line(whole.strip_suffix(b"\r").unwrap_or(&whole), make));
        }
        if !self.skipping {
            self.begun.extend_from_slice(&self.chunk[self.read..]);
        }
        (self.chunk, self.read) = (Bytes::new(), 0);
        let is_last = self.ended && !self.begun.is_empty();
        if !is_last && self.begun.len() <= self.most {
            return None;
        }
        self.skipping = !is_last;
        let line = std::mem::take(&mut self.begun);
        Some(self.line(&line, make))
    }

    fn line<T>(&self, bytes: &[u8], make: impl Fn(LogLineBytes<'_>) -> T) -> T {
        let is_cut = bytes.len() > self.most;
        let kept = if is_cut { &bytes[..self.most] } else { bytes };
        make(LogLineBytes { text: &String::from_utf8_lossy(kept), is_cut })
    }
}
