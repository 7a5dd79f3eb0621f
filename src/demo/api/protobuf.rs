//! The reviews that kubectl sends as protobuf (`auth can-i`, `auth whoami`), read into the JSON they mean.

use serde_json::{Map, Value, json};

/// The mark that Kubernetes' protobuf begins with.
const MAGIC: &[u8] = b"k8s\0";

/// The `spec` of a review; None if the bytes are no such message. Answers are JSON, which kubectl takes as well.
pub fn review(bytes: &[u8], plural: &str) -> Option<Value> {
    let envelope = fields(bytes.strip_prefix(MAGIC)?)?;
    let object = fields(message(&envelope, 2).unwrap_or_default())?;
    let spec = fields(message(&object, 2).unwrap_or_default())?;
    let spec = match plural {
        "selfsubjectrulesreviews" => texts(&spec, &["namespace"]),
        _ => {
            let mut about = Map::new();
            if let Some(resource) = message(&spec, 1) {
                let names = ["namespace", "verb", "group", "version", "resource", "subresource", "name"];
                about.insert("resourceAttributes".into(), texts(&fields(resource)?, &names));
            }
            if let Some(path) = message(&spec, 2) {
                about.insert("nonResourceAttributes".into(), texts(&fields(path)?, &["path", "verb"]));
            }
            Value::Object(about)
        }
    };
    Some(json!({"spec": spec}))
}

type ProtobufFields<'a> = Vec<(u64, &'a [u8])>;

/// The fields of a message that have a length; numbers are passed over. None if the bytes end too early.
fn fields(mut bytes: &[u8]) -> Option<ProtobufFields<'_>> {
    let mut fields = Vec::new();
    while !bytes.is_empty() {
        let (tag, rest) = number(bytes)?;
        bytes = match tag & 7 {
            0 => number(rest)?.1,
            1 => rest.get(8..)?,
            5 => rest.get(4..)?,
            2 => {
                let (length, rest) = number(rest)?;
                let length = usize::try_from(length).ok()?;
                fields.push((tag >> 3, rest.get(..length)?));
                &rest[length..]
            }
            _ => return None,
        };
    }
    Some(fields)
}

/// A varint and what follows it.
fn number(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let mut value = 0u64;
    for (index, byte) in bytes.iter().enumerate().take(10) {
        value |= u64::from(byte & 0x7f).checked_shl(7 * u32::try_from(index).ok()?)?;
        if byte & 0x80 == 0 {
            return Some((value, &bytes[index + 1..]));
        }
    }
    None
}

fn message<'a>(fields: &ProtobufFields<'a>, wanted: u64) -> Option<&'a [u8]> {
    fields.iter().find(|(number, _)| *number == wanted).map(|(_, bytes)| *bytes)
}

/// Text fields numbered from 1, under their names; empty ones are left out.
fn texts(fields: &ProtobufFields<'_>, names: &[&str]) -> Value {
    let text = |index: usize| message(fields, index as u64 + 1).map(String::from_utf8_lossy);
    let named = names.iter().enumerate().filter_map(|(index, name)| Some((*name, text(index)?)));
    Value::Object(
        named
            .map(|(name, text)| (name.to_string(), text.into_owned().into()))
            .filter(|(_, text)| text != "")
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::review;
    use serde_json::json;

    fn field(number: u8, bytes: &[u8]) -> Vec<u8> {
        [&[number << 3 | 2, u8::try_from(bytes.len()).expect("short")], bytes].concat()
    }

    #[test]
    fn a_review_is_read() {
        let attributes = [field(2, b"list"), field(5, b"pods")].concat();
        let object = field(2, &field(1, &attributes));
        let bytes = [b"k8s\0".to_vec(), field(1, b"\x0a\x00"), field(2, &object)].concat();
        assert_eq!(
            review(&bytes, "selfsubjectaccessreviews"),
            Some(json!({"spec": {"resourceAttributes": {"verb": "list", "resource": "pods"}}}))
        );
        assert_eq!(review(b"k8s\0", "selfsubjectreviews"), Some(json!({"spec": {}})));
    }

    #[test]
    fn broken_bytes_are_none() {
        for bytes in [
            &b"{}"[..],
            b"k8s\0\x0a\xff",
            b"k8s\0\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",
            b"k8s\0\x07",
            b"k8s\0\x80",
        ] {
            assert_eq!(review(bytes, "selfsubjectreviews"), None, "{bytes:?}");
        }
    }
}
