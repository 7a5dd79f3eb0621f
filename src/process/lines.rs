//! A child whose output is wanted line by line while it runs.

use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::sync::mpsc::Sender;

/// A longer line is handed on in parts.
const LONGEST: usize = 1 << 20;

/// What a child wrote, without the end of its line.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ChildLine {
    Out(String),
    Err(String),
}

/// Hands on lines until the pipe ends, or nobody takes them any more: then the child waits, or finds its pipe closed.
pub async fn hand_on(
    pipe: Option<impl AsyncRead + Unpin>,
    make: fn(String) -> ChildLine,
    to: &Sender<ChildLine>,
) {
    let Some(mut pipe) = pipe else { return };
    let (mut kept, mut chunk) = (Vec::new(), vec![0; 8 << 10]);
    while let Ok(read @ 1..) = pipe.read(&mut chunk).await {
        kept.extend_from_slice(&chunk[..read]);
        while let Some(end) = kept.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = kept.drain(..=end).collect();
            if to.send(make(text(&line[..end]))).await.is_err() {
                return;
            }
        }
        if kept.len() > LONGEST && to.send(make(text(&std::mem::take(&mut kept)))).await.is_err() {
            return;
        }
    }
    if !kept.is_empty() {
        // Nobody who takes it is nobody who misses it.
        let _ = to.send(make(text(&kept))).await;
    }
}

fn text(line: &[u8]) -> String {
    String::from_utf8_lossy(line).trim_end_matches('\r').to_string()
}
