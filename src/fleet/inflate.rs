//! Compressed bodies, undone chunk by chunk; damage and a missing end are errors.

use crate::fleet::silence::Silence;
use flate2::write::MultiGzDecoder;
use http::header::CONTENT_ENCODING;
use http::{HeaderMap, HeaderValue};
use std::io::Write;

/// Small slices, so that a little gzip cannot become much memory at once (at most a thousandfold).
const SLICE: usize = 4 << 10;

/// The way from a body's bytes to its text.
pub struct Inflate(Option<MultiGzDecoder<Vec<u8>>>);

impl Inflate {
    /// As the head says; a compression that nobody asked for is an error.
    pub fn new(headers: &HeaderMap) -> Result<Inflate, Silence> {
        match headers.get(CONTENT_ENCODING).map(HeaderValue::as_bytes) {
            None | Some(b"identity") => Ok(Inflate(None)),
            Some(b"gzip") => Ok(Inflate(Some(MultiGzDecoder::new(Vec::new())))),
            Some(_) => {
                Err(Silence::Protocol("the body is compressed in a way that was not asked".to_string()))
            }
        }
    }

    /// Hands on what these bytes hold, in parts of a few megabytes at most.
    pub fn feed(
        &mut self,
        bytes: &[u8],
        mut plain: impl FnMut(&[u8]) -> Result<(), Silence>,
    ) -> Result<(), Silence> {
        let Some(decoder) = &mut self.0 else { return plain(bytes) };
        for slice in bytes.chunks(SLICE) {
            decoder.write_all(slice).map_err(|_| damaged())?;
            plain(&std::mem::take(decoder.get_mut()))?;
        }
        Ok(())
    }

    /// The end of the body: what was still held, once the checksum is right.
    pub fn finish(self) -> Result<Vec<u8>, Silence> {
        self.0.map_or(Ok(Vec::new()), |decoder| decoder.finish().map_err(|_| damaged()))
    }
}

fn damaged() -> Silence {
    Silence::Protocol("the compressed body is damaged".to_string())
}
