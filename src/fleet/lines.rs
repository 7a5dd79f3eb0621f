//! A body that is read line by line while it arrives: logs and watches.

use crate::fleet::connect::Reply;
use crate::fleet::silence::Silence;
use http_body_util::BodyExt;

/// The lines of a body. A line longer than is kept is cut, and says so.
pub struct Lines {
    body: Reply,
    buffer: Vec<u8>,
    /// How far the buffer has been searched for an end of line.
    searched: usize,
    most: usize,
    /// The rest of a line that was cut is thrown away.
    skipping: bool,
    ended: bool,
}

/// One line without its end, and whether it was cut.
#[derive(Debug, Eq, PartialEq)]
pub struct Line {
    pub text: String,
    pub is_cut: bool,
}

impl Lines {
    pub fn new(body: Reply, most: usize) -> Lines {
        Lines { body, buffer: Vec::new(), searched: 0, most, skipping: false, ended: false }
    }

    /// The next line; `None` at the end of the body. Bytes that are no UTF-8 are replaced.
    pub async fn next(&mut self) -> Result<Option<Line>, Silence> {
        loop {
            if let Some(line) = self.take() {
                return Ok(Some(line));
            }
            if self.ended {
                return Ok(None);
            }
            match self.body.frame().await {
                Some(frame) => self.buffer.extend_from_slice(frame?.data_ref().map_or(&[], |data| &data[..])),
                None => self.ended = true,
            }
        }
    }

    /// A line out of the buffer: up to its end, or as much as is kept of one that is too long, or the last one.
    fn take(&mut self) -> Option<Line> {
        if let Some(offset) = self.buffer[self.searched..].iter().position(|byte| *byte == b'\n') {
            let rest = self.buffer.split_off(self.searched + offset + 1);
            let line = std::mem::replace(&mut self.buffer, rest);
            self.searched = 0;
            if std::mem::take(&mut self.skipping) {
                return self.take();
            }
            let line = line.strip_suffix(b"\n").unwrap_or(&line);
            return Some(self.line(line.strip_suffix(b"\r").unwrap_or(line)));
        }
        self.searched = self.buffer.len();
        if self.skipping {
            self.buffer.clear();
            self.searched = 0;
            return None;
        }
        let is_last = self.ended && !self.buffer.is_empty();
        if !is_last && self.buffer.len() <= self.most {
            return None;
        }
        let line = std::mem::take(&mut self.buffer);
        (self.searched, self.skipping) = (0, !is_last);
        Some(self.line(&line))
    }

    fn line(&self, bytes: &[u8]) -> Line {
        let is_cut = bytes.len() > self.most;
        let kept = if is_cut { &bytes[..self.most] } else { bytes };
        Line { text: String::from_utf8_lossy(kept).into_owned(), is_cut }
    }
}
