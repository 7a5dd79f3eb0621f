//! Values as YAML text that every reader takes for the same values, YAML 1.1 ones too.

use serde_json::{Map, Value};

/// Keys longer than this must be introduced by `? ` (YAML 1.2.2, 7.4.2: 1024 characters).
const LONGEST_PLAIN_KEY: usize = 512;

/// A value as one YAML document in block style, the way kubectl lays it out; ends with a line break.
pub fn emit(value: &Value) -> String {
    let mut out = String::new();
    match value {
        Value::Object(map) if !map.is_empty() => emit_map(map, 0, &mut out),
        Value::Array(items) if !items.is_empty() => emit_list(items, 0, &mut out),
        other => {
            emit_scalar(other, 0, &mut out);
            out.push('\n');
        }
    }
    out
}

/// The fields of a map, the first of them where the line stands, the others on lines of their own.
fn emit_map(map: &Map<String, Value>, indent: usize, out: &mut String) {
    for (index, (key, value)) in map.iter().enumerate() {
        if index > 0 {
            push_indent(indent, out);
        }
        if key.len() > LONGEST_PLAIN_KEY {
            out.push_str("? ");
            out.push_str(&text_on_a_line(key));
            out.push('\n');
            push_indent(indent, out);
        } else {
            out.push_str(&text_on_a_line(key));
        }
        out.push(':');
        emit_field(value, indent, out);
    }
}

/// What follows the colon. A list under a key stands at the key's own indentation, as kubectl prints it.
fn emit_field(value: &Value, indent: usize, out: &mut String) {
    match value {
        Value::Object(map) if !map.is_empty() => {
            out.push('\n');
            push_indent(indent + 2, out);
            emit_map(map, indent + 2, out);
        }
        Value::Array(items) if !items.is_empty() => {
            out.push('\n');
            push_indent(indent, out);
            emit_list(items, indent, out);
        }
        scalar => {
            out.push(' ');
            emit_scalar(scalar, indent + 2, out);
            out.push('\n');
        }
    }
}

fn emit_list(items: &[Value], indent: usize, out: &mut String) {
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            push_indent(indent, out);
        }
        out.push_str("- ");
        match item {
            Value::Object(map) if !map.is_empty() => emit_map(map, indent + 2, out),
            Value::Array(inner) if !inner.is_empty() => emit_list(inner, indent + 2, out),
            scalar => {
                emit_scalar(scalar, indent + 2, out);
                out.push('\n');
            }
        }
    }
}

fn push_indent(indent: usize, out: &mut String) {
    out.extend(std::iter::repeat_n(' ', indent));
}

/// A scalar or an empty collection; `indent` is that of the lines of a block of text.
fn emit_scalar(value: &Value, indent: usize, out: &mut String) {
    match value {
        Value::String(text) if is_block(text) => {
            out.push_str(if text.ends_with('\n') { "|" } else { "|-" });
            for line in text.strip_suffix('\n').unwrap_or(text).split('\n') {
                out.push('\n');
                if !line.is_empty() {
                    push_indent(indent.max(2), out);
                    out.push_str(line);
                }
            }
        }
        Value::String(text) => out.push_str(&text_on_a_line(text)),
        Value::Array(_) => out.push_str("[]"),
        Value::Object(_) => out.push_str("{}"),
        other => out.push_str(&other.to_string()),
    }
}

/// Whether several lines of text can stand as they are: no line that begins or ends with a blank, nothing
/// that a reader would take for a line break or drop.
fn is_block(text: &str) -> bool {
    let body = text.strip_suffix('\n').unwrap_or(text);
    body.contains('\n')
        && !body.starts_with(['\n', ' ', '\t'])
        && !body.ends_with('\n')
        && body
            .split('\n')
            .all(|line| !line.ends_with([' ', '\t']) && !line.starts_with('\t') && line.chars().all(is_shown))
}

/// Characters that every reader keeps as they are, and every person sees.
fn is_shown(c: char) -> bool {
    let special = matches!(c, '\u{80}'..='\u{a0}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
        || matches!(
            c,
            '\u{ad}'
                | '\u{034f}'
                | '\u{061c}'
                | '\u{115f}'
                | '\u{1160}'
                | '\u{17b4}'
                | '\u{17b5}'
                | '\u{3164}'
        )
        || matches!(c, '\u{180b}'..='\u{180f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}' | '\u{fffe}' | '\u{ffff}')
        || matches!(c, '\u{e0000}'..='\u{e0fff}');
    !c.is_control() && !special
}

/// Text as a key or value on one line, quoted where a reader could take it for something else.
pub fn text_on_a_line(text: &str) -> String {
    if is_plain(text) { text.to_string() } else { quoted(text) }
}

/// Whether no reader of any YAML version could take the text for something else when it is not quoted.
fn is_plain(text: &str) -> bool {
    const WORDS: [&str; 10] = ["null", "true", "false", "yes", "no", "on", "off", "y", "n", "nan"];
    let starts = text.chars().next().is_some_and(|c| c.is_alphabetic() || matches!(c, '_' | '/'));
    let ends = !text.ends_with([' ', ':']);
    let shown = text.chars().all(is_shown);
    starts
        && ends
        && shown
        && !text.contains(": ")
        && !text.contains(" #")
        && !WORDS.iter().any(|word| text.eq_ignore_ascii_case(word))
}

/// The text in double quotes, with everything escaped that is not plainly visible.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            c if is_shown(c) => out.push(c),
            c if c > '\u{ffff}' => out.push_str(&format!("\\U{:08x}", u32::from(c))),
            c => out.push_str(&format!("\\u{:04x}", u32::from(c))),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::emit;
    use crate::yaml::documents;

    /// The text of a value; both readers get the value back from it.
    #[track_caller]
    fn check(value: Value, expect: &str) {
        let text = emit(&value);
        assert_eq!(text, expect);
        reads_back(&value, &text);
    }

    #[test]
    fn what_is_not_seen_is_escaped() {
        check(json!({"a": "x\u{200b}y\u{e0041}z\u{ad}"}), "a: \"x\\u200by\\U000e0041z\\u00ad\"\n");
    }

    #[allow(clippy::disallowed_methods, reason = "another reader's opinion is what is asked for")]
    #[track_caller]
    fn reads_back(value: &Value, text: &str) {
        if !value.is_null() {
            let documents = documents("out.yaml", text);
            let read = documents.first().expect("a document").as_ref().expect("no problem");
            assert_eq!(&read.value, value, "ours reads {text:?}");
        }
        let theirs: Value = serde_yaml::from_str(text).expect(text);
        assert_eq!(&theirs, value, "serde_yaml reads {text:?}");
    }

    #[test]
    fn the_layout_is_kubectls() {
        check(
            json!({"kind": "List", "items": [{"a": 1, "b": [[1, 2], []]}, {}], "empty": {}, "none": null}),
            "kind: List\nitems:\n- a: 1\n  b:\n  - - 1\n    - 2\n  - []\n- {}\nempty: {}\nnone: null\n",
        );
        check(
            json!({"text": "one\n\n  two\n", "cut": "x\ny"}),
            "text: |\n  one\n\n    two\ncut: |-\n  x\n  y\n",
        );
        check(json!(["a\nb"]), "- |-\n  a\n  b\n");
        check(json!("x"), "x\n");
        check(json!([]), "[]\n");
    }

    #[test]
    fn no_reader_takes_text_for_something_else() {
        for text in [
            "yes",
            "No",
            "ON",
            "off",
            "y",
            "N",
            "1_000",
            "12:30:45",
            "1:30",
            "2026-01-01",
            "2026-01-01T00:00:00Z",
            "<<",
            "=",
            "a\u{2028}b",
            "190:20:30",
            "",
            " ",
            "a ",
            " a",
            "~",
            "null",
            "0777",
            "0o7",
            "0x1f",
            "1e3",
            ".5",
            ".inf",
            "-",
            "- a",
            "a: b",
            "a:",
            "a #b",
            "#a",
            "&a",
            "*a",
            "!a",
            "|",
            ">",
            "%a",
            "@a",
            "`a",
            "[a",
            "{a",
            "'a'",
            "\"a\"",
            "?",
            "? a",
            "a\tb",
            "\u{0}",
            "\u{7f}",
            "\u{85}",
            "\u{feff}a",
            "\\",
            "---",
            "...",
            "a\n",
            "\na",
            "a\n\n",
            "a \nb",
            "\ta\nb",
            "a\r\nb",
            ",a",
            "é",
            "日本",
            "😀",
        ] {
            let value = json!({"key": text, text: ["x", text]});
            let out = emit(&value);
            reads_back(&value, &out);
            let first = out.lines().next().expect("a line");
            if text.len() > 1 && !["é", "日本", "😀"].contains(&text) && !text.contains('\n') {
                assert!(first.starts_with("key: \""), "{text:?} is quoted in {first:?}");
            }
        }
        check(
            json!({"url": "https://example.com/a?b=c#d", "image": "shop/cart:1.2"}),
            "url: https://example.com/a?b=c#d\nimage: shop/cart:1.2\n",
        );
        let long = "k".repeat(3000);
        let value = json!({"outer": {long: {"a": [1]}}});
        reads_back(&value, &emit(&value));
    }
}
