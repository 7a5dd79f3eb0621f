//! Which files of a template are text, and so rendered, and which are copied as they are.

use std::borrow::Cow;

/// How much of a file is looked at, as `isbinaryfile` of Backstage does.
const LOOKED_AT: usize = 512;

/// The text of a file; none for a binary. What is text but not UTF-8 loses the characters that are not, as in Backstage;
/// UTF-16, which Backstage would spoil, counts as binary here.
pub fn as_text(bytes: &[u8]) -> Option<Cow<'_, str>> {
    (!is_binary(bytes)).then(|| String::from_utf8_lossy(bytes))
}

/// A NUL, a mark of UTF-16 or PDF, or more than a tenth of bytes that no text has.
fn is_binary(bytes: &[u8]) -> bool {
    if bytes.starts_with(b"\xef\xbb\xbf") {
        return false;
    }
    if [b"%PDF-".as_slice(), b"\xfe\xff", b"\xff\xfe"].iter().any(|mark| bytes.starts_with(mark)) {
        return true;
    }
    let total = bytes.len().min(LOOKED_AT + 3);
    let (mut index, mut suspicious) = (0, 0);
    while index < total.min(LOOKED_AT) {
        match bytes[index] {
            0 => return true,
            7..=14 | 32..=127 => {}
            _ => match sequence(&bytes[index..total]) {
                Ok(length) => {
                    index += length;
                    continue;
                }
                Err(looked_at) => {
                    suspicious += 1;
                    index += looked_at;
                    if index >= 32 && suspicious * 10 > total {
                        return true;
                    }
                }
            },
        }
        index += 1;
    }
    suspicious * 10 > total
}

/// The length of the UTF-8 sequence that begins here; for what is none, how many bytes behind the first were spent on it.
fn sequence(bytes: &[u8]) -> Result<usize, usize> {
    let length = match bytes[0] {
        0xc0..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf7 => 4,
        _ => return Err(0),
    };
    let Some(rest) = bytes.get(1..length) else { return Err(0) };
    if rest.iter().all(|byte| (0x80..=0xbf).contains(byte)) { Ok(length) } else { Err(1) }
}

#[cfg(test)]
mod tests {
    use super::as_text;

    #[test]
    fn text_is_what_backstage_renders() {
        for text in ["", "plain", "naïve 日本 😀", "\u{feff}marked", "\u{1b}[1mbold text in a line\u{1b}[0m"]
        {
            assert_eq!(as_text(text.as_bytes()).as_deref(), Some(text));
        }
        for binary in [b"a\0b".as_slice(), b"%PDF-1.4", b"\xff\xfea\0", b"\x01\x02\x03", b"\x89PNG\r\n\x1a\n"]
        {
            assert_eq!(as_text(binary), None, "{binary:?}");
        }
        assert_eq!(as_text(b"a line of latin1 caf\xe9").as_deref(), Some("a line of latin1 caf\u{fffd}"));
    }
}
