//! Reads a Kubernetes list while it arrives: one item at a time, memory for one item only.

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

/// No object in etcd is larger than 1.5 MiB; what is larger than this is no item.
pub const MAX_ITEM: usize = 4 << 20;
/// What stands around the items (kind, metadata) is small.
const MAX_ENVELOPE: usize = 1 << 20;

/// What stands around the items of a list.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Envelope {
    pub kind: String,
    #[serde(rename = "apiVersion")]
    pub api_version: String,
    pub metadata: ListMetadata,
    /// Always empty here: the items were cut out. A second `items` key is an error.
    items: Option<Vec<IgnoredAny>>,
}

/// The paging part of a list's metadata; empty texts where the server said nothing.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct ListMetadata {
    pub resource_version: Option<String>,
    #[serde(rename = "continue")]
    pub next: Option<String>,
}

/// Why a body is no list.
#[derive(Debug, Eq, PartialEq)]
pub enum Broken {
    /// Not JSON, or JSON that is no list; the text says where and never quotes the body.
    Json(String),
    /// The body ended before the list did.
    Truncated,
    /// One item, or what stands around the items, is larger than anything a server stores.
    TooLarge,
    /// The receiver of an item refused it.
    Refused(String),
}

/// Receives each item: the envelope as far as it is known, and the item's JSON.
pub type ReceiveEnvelope<'a> = dyn FnMut(&Envelope, &str) -> Result<(), Broken> + Send + 'a;

/// The state of one body. Keys may come in any order; `items` may be null or missing.
#[derive(Default)]
pub struct ItemScanner {
    buffer: Vec<u8>,
    /// How far the buffer is consumed (items) or scanned (head).
    position: usize,
    part: EnvelopePart,
    head: ScanHead,
    envelope: Vec<u8>,
    known: Envelope,
    after_item: bool,
    after_comma: bool,
    /// A cut-off item is tried again only when the buffer has grown to this, so that the work stays linear.
    retry_at: usize,
}

#[derive(Clone, Copy, Default, PartialEq)]
enum EnvelopePart {
    #[default]
    Head,
    Items,
    Tail,
}

/// Where the scan for the key `items` stands.
#[derive(Default)]
struct ScanHead {
    depth: usize,
    in_text: bool,
    escaped: bool,
    text_from: usize,
    after_items_key: bool,
}

impl ItemScanner {
    /// Takes the next bytes of the body and hands out every item that is complete.
    pub fn feed(&mut self, chunk: &[u8], receive: &mut ReceiveEnvelope<'_>) -> Result<(), Broken> {
        self.buffer.extend_from_slice(chunk);
        if self.part == EnvelopePart::Head && !self.scan_head()? {
            return Ok(());
        }
        if self.part == EnvelopePart::Items && self.buffer.len() >= self.retry_at {
            self.read_items(receive)?;
        }
        if self.part == EnvelopePart::Tail {
            self.envelope.extend_from_slice(&self.buffer[self.position..]);
            self.buffer.clear();
            self.position = 0;
            if self.envelope.len() > MAX_ENVELOPE {
                return Err(Broken::TooLarge);
            }
        }
        Ok(())
    }

    /// The end of the body: what stood around the items. A body cut short is an error, never a short list.
    pub fn finish(mut self, receive: &mut ReceiveEnvelope<'_>) -> Result<Envelope, Broken> {
        self.retry_at = 0;
        self.feed(&[], receive)?;
        let text = match self.part {
            EnvelopePart::Items => return Err(Broken::Truncated),
            EnvelopePart::Head => &self.buffer,
            EnvelopePart::Tail => &self.envelope,
        };
        let envelope: Envelope = serde_json::from_slice(text).map_err(|error| broken(&error))?;
        match envelope.items.as_ref().is_some_and(|items| !items.is_empty()) {
            true => Err(Broken::Json("items outside the list".to_string())),
            false => Ok(envelope),
        }
    }

    /// Looks for `"items": [` at the top level. True once the first item may follow.
    fn scan_head(&mut self) -> Result<bool, Broken> {
        while let Some(&byte) = self.buffer.get(self.position) {
            self.position += 1;
            if self.head.step(byte, self.position, &self.buffer) {
                self.envelope.extend_from_slice(&self.buffer[..self.position]);
                let text = [self.envelope.as_slice(), b"]}"].concat();
                self.known = serde_json::from_slice(&text).map_err(|error| broken(&error))?;
                self.part = EnvelopePart::Items;
                return Ok(true);
            }
        }
        match self.buffer.len() > MAX_ENVELOPE {
            true => Err(Broken::TooLarge),
            false => Ok(false),
        }
    }

    fn read_items(&mut self, receive: &mut ReceiveEnvelope<'_>) -> Result<(), Broken> {
        loop {
            let Some(&byte) = self.buffer.get(self.position) else {
                self.compact();
                return Ok(());
            };
            match byte {
                b' ' | b'\n' | b'\r' | b'\t' => self.position += 1,
                b',' if self.after_item => {
                    self.position += 1;
                    (self.after_item, self.after_comma) = (false, true);
                }
                b']' if !self.after_comma => {
                    self.part = EnvelopePart::Tail;
                    return Ok(());
                }
                b'{' if !self.after_item => {
                    if !self.read_item(receive)? {
                        return Ok(());
                    }
                }
                _ => return Err(Broken::Json("no object where an item should be".to_string())),
            }
        }
    }

    /// Reads one item off the front of the buffer. False where it is not complete yet.
    fn read_item(&mut self, receive: &mut ReceiveEnvelope<'_>) -> Result<bool, Broken> {
        let mut values =
            serde_json::Deserializer::from_slice(&self.buffer[self.position..]).into_iter::<&RawValue>();
        match values.next() {
            Some(Ok(item)) if item.get().len() > MAX_ITEM => Err(Broken::TooLarge),
            Some(Ok(item)) => {
                let used = values.byte_offset();
                receive(&self.known, item.get())?;
                self.position += used;
                self.retry_at = 0;
                (self.after_item, self.after_comma) = (true, false);
                Ok(true)
            }
            Some(Err(error)) if !error.is_eof() => Err(broken(&error)),
            _ => {
                self.compact();
                if self.buffer.len() > MAX_ITEM {
                    return Err(Broken::TooLarge);
                }
                self.retry_at = self.buffer.len() + (self.buffer.len() / 2).max(8 << 10);
                Ok(false)
            }
        }
    }

    fn compact(&mut self) {
        self.buffer.drain(..self.position);
        self.position = 0;
    }
}

impl ScanHead {
    /// Takes one byte, `end` being the position after it. True at the bracket that opens the items.
    fn step(&mut self, byte: u8, end: usize, buffer: &[u8]) -> bool {
        if self.in_text {
            match byte {
                _ if self.escaped => self.escaped = false,
                b'\\' => self.escaped = true,
                b'"' => {
                    self.in_text = false;
                    self.after_items_key = self.depth == 1 && &buffer[self.text_from..end] == b"\"items\"";
                }
                _ => {}
            }
            return false;
        }
        match byte {
            b'"' => (self.in_text, self.text_from, self.after_items_key) = (true, end - 1, false),
            b'[' if self.depth == 1 && self.after_items_key => return true,
            b'{' | b'[' => (self.depth, self.after_items_key) = (self.depth + 1, false),
            b'}' | b']' => self.depth = self.depth.saturating_sub(1),
            b':' | b' ' | b'\n' | b'\r' | b'\t' => {}
            _ => self.after_items_key = false,
        }
        false
    }
}

/// serde_json's messages may quote the text they stumbled over; only the place is kept.
fn broken(error: &serde_json::Error) -> Broken {
    match error.is_eof() {
        true => Broken::Truncated,
        false => Broken::Json("not the JSON of a list".to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::{Broken, Envelope, ItemScanner, MAX_ITEM};
    use crate::mutation::{Random, mutated, seeds};

    /// However it is broken and cut into pieces: every item that is handed out is an object, and what reads as a whole list is
    /// what any JSON reader finds in it.
    #[test]
    fn a_mutated_list_is_whole_or_broken_and_never_another_one() {
        seeds(|seed| {
            let mut random = Random::from_seed(seed);
            let text = mutated(&[LIST], &mut random);
            let mut chunks = Vec::new();
            let mut rest = text.as_bytes();
            while !rest.is_empty() {
                let (chunk, after) = rest.split_at(1 + random.below(rest.len()));
                chunks.push(chunk);
                rest = after;
            }
            let found = read(&chunks);
            assert_eq!(found.is_ok(), read(&[text.as_bytes()]).is_ok(), "{seed}: {text:?}");
            let Ok((items, envelope)) = found else { return };
            let whole: serde_json::Value = match serde_json::from_str(&text) {
                Ok(whole) => whole,
                // It is JSON all the same; who reads the number refuses it.
                Err(error) if error.to_string().contains("number out of range") => return,
                Err(error) => panic!("{seed}: a whole list is no JSON: {error}: {text:?}"),
            };
            let expect = whole["items"].as_array().map_or(&[][..], Vec::as_slice);
            let items: Vec<serde_json::Value> =
                items.iter().map(|item| serde_json::from_str(item).expect("an item is JSON")).collect();
            assert!(items.iter().all(serde_json::Value::is_object), "{seed}: {text:?}");
            assert_eq!(
                (items.as_slice(), &envelope.kind),
                (expect, &whole["kind"].as_str().unwrap_or_default().to_string()),
                "{seed}: {text:?}"
            );
        });
    }

    const LIST: &str = r#"{"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"7","continue":"x\"]","labels":{"items":["no"]}},
        "items": [ {"a":"}{][\\\"é"}, {"b":[{"c":1}]} ,{"d":null}
        ] ,"extra":{"items":[{}]}}"#;

    fn read(chunks: &[&[u8]]) -> Result<(Vec<String>, Envelope), Broken> {
        let mut found = Vec::new();
        let mut items = ItemScanner::default();
        let mut receive = |_: &Envelope, item: &str| {
            found.push(item.to_string());
            Ok(())
        };
        for chunk in chunks {
            items.feed(chunk, &mut receive)?;
        }
        let envelope = items.finish(&mut receive)?;
        Ok((found, envelope))
    }

    #[track_caller]
    fn check(text: &str, expect: Result<&[&str], Broken>) {
        let got = read(&[text.as_bytes()]).map(|(items, _)| items);
        assert_eq!(got, expect.map(|items| items.iter().map(|s| s.to_string()).collect()), "{text}");
    }

    #[test]
    fn every_chunk_boundary_gives_the_same_items() {
        let whole = read(&[LIST.as_bytes()]).expect("a good list");
        assert_eq!(whole.0, [r#"{"a":"}{][\\\"é"}"#, r#"{"b":[{"c":1}]}"#, r#"{"d":null}"#]);
        assert_eq!(whole.1.kind, "PodList");
        assert_eq!(whole.1.metadata.next.as_deref(), Some("x\"]"));
        let bytes = LIST.as_bytes();
        for cut in 0..=bytes.len() {
            assert_eq!(
                read(&[&bytes[..cut], &bytes[cut..]]).expect("a good list").0,
                whole.0,
                "cut at {cut}"
            );
        }
        let single: Vec<&[u8]> = bytes.chunks(1).collect();
        assert_eq!(read(&single).expect("a good list").0, whole.0);
    }

    #[test]
    fn a_body_cut_anywhere_is_never_a_short_list() {
        let bytes = LIST.as_bytes();
        for cut in 0..bytes.len() {
            assert_eq!(read(&[&bytes[..cut]]).err(), Some(Broken::Truncated), "cut at {cut}");
        }
    }

    #[test]
    fn keys_come_in_any_order() {
        let sorted = r#"{"apiVersion":"argoproj.io/v1alpha1","items":[{}],"kind":"RolloutList","metadata":{"continue":""}}"#;
        let (items, envelope) = read(&[sorted.as_bytes()]).expect("a good list");
        assert_eq!((items.len(), envelope.kind.as_str()), (1, "RolloutList"));
    }

    #[test]
    fn empty_lists_have_four_shapes() {
        for text in
            [r#"{"items":[]}"#, r#"{"items":null,"kind":"L"}"#, r#"{"kind":"L"}"#, "{\"items\":[ \n]}\n"]
        {
            check(text, Ok(&[]));
        }
    }

    #[test]
    fn hostile_bodies_are_refused() {
        let wrong = || Err(Broken::Json("no object where an item should be".to_string()));
        for text in [
            r#"{"items":[1]}"#,
            r#"{"items":[{},]}"#,
            r#"{"items":[,{}]}"#,
            r#"{"items":[{}{}]}"#,
            r#"{"items":["x"]}"#,
            r#"{"items":[null]}"#,
        ] {
            check(text, wrong());
        }
        let no_list = || Err(Broken::Json("not the JSON of a list".to_string()));
        for text in [
            "<html>",
            r#"{"items":[{"a":tru}]}"#,
            r#"{"items":[{}]}}"#,
            r#"{"items":[{}]}{"items":[]}"#,
            r#"{"items":[{}],"items":[{}]}"#,
            r#"{"items":{}}"#,
            r#"{"kind":7,"items":[{}]}"#,
            "[1]",
        ] {
            check(text, no_list());
        }
        check(&format!("{{\"items\":[{{\"a\":\"{}\"}}]}}", "x".repeat(MAX_ITEM)), Err(Broken::TooLarge));
        check(&format!("{{\"a\":\"{}\"", "x".repeat(2 << 20)), Err(Broken::TooLarge));
        check(&format!("{{\"items\":[{{\"a\":{}", "[".repeat(100_000)), Err(Broken::Truncated));
        let text = [b"{\"items\":[{\"a\":\"".as_slice(), &[0xff, 0xfe], b"\"}]}"].concat();
        assert!(matches!(read(&[&text]), Err(Broken::Json(_))));
    }

    #[test]
    fn mutated_bodies_never_panic_and_never_invent_items() {
        let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
        let mut random = move |n: usize| {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            (seed % n as u64) as usize
        };
        for _ in 0..20_000 {
            let mut bytes = LIST.as_bytes().to_vec();
            for _ in 0..=random(3) {
                let at = random(bytes.len());
                match random(3) {
                    0 => bytes[at] = b"{}[]\",:\\ \n0a\xff"[random(13)],
                    1 if bytes.len() > 1 => drop(bytes.remove(at)),
                    _ => bytes.truncate(at.max(1)),
                }
            }
            let cut = random(bytes.len() + 1);
            let split = read(&[&bytes[..cut], &bytes[cut..]]);
            if let Ok((items, _)) = split {
                let text = String::from_utf8_lossy(&bytes);
                let value: serde_json::Value = serde_json::from_str(&text).expect("accepted, so it is JSON");
                let expect = value["items"].as_array().map_or(0, Vec::len);
                assert_eq!(items.len(), expect, "{text}");
            }
        }
    }
}
