//! One text of a YAML or JSON file changed, and nothing else: comments, order, quotes and line ends stay as they are.
//!
//! What comes out is read again and must hold the same, but for the one change: whatever the search for the right place has
//! misunderstood is an error, and never a file with something else in it.

use serde_json::Value;

use crate::yaml::document::{Document, YamlLimits, step};
use crate::yaml::documents_within;
use crate::yaml::emit::text_on_a_line;
use crate::yaml::problem::Problem;
use crate::yaml::span::{offset, plain_length, quoted_length};

/// The text with another value at a JSON pointer of its first document. The last step of the pointer may be a key that is not there
/// yet; all above must be.
pub fn with_text(name: &str, text: &str, pointer: &str, value: &str) -> Result<String, Problem> {
    let before = read(name, text)?;
    let Some(first) = before.first() else {
        return Err(Problem::new(crate::yaml::Place::new(name, 1, 1), "the file is empty"));
    };
    let mut wanted = first.value.clone();
    let Some((above, key)) = pointer.rsplit_once('/') else {
        return Err(first.problem("", "a document cannot be replaced"));
    };
    let key = key.replace("~1", "/").replace("~0", "~");
    let Some(Value::Object(map)) = wanted.pointer_mut(above) else {
        return Err(first.problem(above, "a mapping was expected here"));
    };
    let old = map.insert(key.clone(), Value::String(value.to_string()));
    let changed = match old {
        Some(Value::Object(_) | Value::Array(_)) => None,
        Some(Value::Null) => after_key(text, first, pointer, value),
        Some(_) => in_place(text, first, pointer, value),
        None => before_first_key(text, first, above, &key, value),
    };
    let stays = |changed: &String| {
        let Ok(after) = read(name, changed) else { return false };
        let rest =
            || after.iter().skip(1).map(|one| &one.value).eq(before.iter().skip(1).map(|one| &one.value));
        after.first().is_some_and(|after| after.value == wanted) && rest()
    };
    changed.filter(stays).ok_or_else(|| {
        first.problem(pointer, format!("{key} cannot be changed here without touching something else"))
    })
}

fn read(name: &str, text: &str) -> Result<Vec<Document>, Problem> {
    documents_within(name, text, &YamlLimits::for_objects()).into_iter().collect()
}

/// The value of an existing key in the place of the old one.
fn in_place(text: &str, document: &Document, pointer: &str, value: &str) -> Option<String> {
    let place = document.place(pointer);
    let from = offset(text, place.line, place.column)?;
    let length = match text[from..].chars().next()? {
        quote @ ('"' | '\'') => quoted_length(&text[from..], quote)?,
        _ => plain_length(&text[from..]),
    };
    let is_json = text[from..].starts_with('"');
    Some(format!("{}{}{}", &text[..from], written(value, is_json), &text[from + length..]))
}

/// The value of a key that has none yet.
fn after_key(text: &str, document: &Document, pointer: &str, value: &str) -> Option<String> {
    let place = document.key_place(pointer);
    let key = offset(text, place.line, place.column)?;
    let colon = key + text[key..].find(':')? + 1;
    let is_json = text[key..].starts_with('"');
    let rest = &text[colon..];
    // What stands there may be the word for nothing.
    let blanks = rest.len() - rest.trim_start_matches([' ', '\t']).len();
    let word = ["null", "~"].into_iter().find(|word| rest[blanks..].starts_with(word)).map_or(0, str::len);
    let rest = if word > 0 { &rest[blanks + word..] } else { rest };
    Some(format!("{} {}{rest}", &text[..colon], written(value, is_json)))
}

/// A new key before the first one of its mapping, in the manner of that.
fn before_first_key(text: &str, document: &Document, above: &str, key: &str, value: &str) -> Option<String> {
    let map = document.value.pointer(above)?.as_object()?;
    let place = document.place(above);
    let open = offset(text, place.line, place.column)?;
    if text[open..].starts_with('{') {
        let is_json = map.keys().next().is_none_or(|_| text[open + 1..].trim_start().starts_with('"'));
        let end = if map.is_empty() { "" } else { ", " };
        let (key, value) = (written(key, is_json), written(value, is_json));
        return Some(format!(
            "{}{key}: {value}{end}{}",
            &text[..=open],
            text[open + 1..].trim_start_matches(' ')
        ));
    }
    let first = document.key_place(&format!("{above}/{}", step(map.keys().next()?)));
    let at = offset(text, first.line, first.column)?;
    let line_end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let indent = " ".repeat(first.column - 1);
    let (key, value) = (written(key, false), written(value, false));
    Some(format!("{}{key}: {value}{line_end}{indent}{}", &text[..at], &text[at..]))
}

fn written(text: &str, is_json: bool) -> String {
    match is_json {
        true => Value::String(text.to_string()).to_string(),
        // A plain text must be one in a flow mapping, too.
        false if text.contains([',', '[', ']', '{', '}']) => Value::String(text.to_string()).to_string(),
        false => text_on_a_line(text),
    }
}

#[cfg(test)]
mod tests {
    use super::with_text;

    #[track_caller]
    fn check(text: &str, pointer: &str, expect: &str) {
        let changed = with_text("config", text, pointer, "shop").map_err(|problem| problem.to_string());
        assert_eq!(changed.as_deref(), Ok(expect));
    }

    #[test]
    fn only_the_value_changes() {
        check("# top\na: x # why\nb: [1]\n", "/a", "# top\na: shop # why\nb: [1]\n");
        check("a: 'it''s' # why\r\nb: 2\r\n", "/a", "a: shop # why\r\nb: 2\r\n");
        check("{\n  \"a\": \"x\\\"\", \"b\": 1}", "/a", "{\n  \"a\": \"shop\", \"b\": 1}");
        check("l:\n- c: {ns: y, k: é}\n", "/l/0/c/ns", "l:\n- c: {ns: shop, k: é}\n");
        check("é: {ü: y}\n", "/é/ü", "é: {ü: shop}\n");
        check("a: 12\n", "/a", "a: shop\n");
        check("a: x \t# why\nb: x#y # z\n", "/a", "a: shop \t# why\nb: x#y # z\n");
    }

    #[test]
    fn a_key_that_is_not_there_comes_before_the_first() {
        check("# top\n\na: 1\n", "/b", "# top\n\nb: shop\na: 1\n");
        check(
            "l:\n- name: x\n  c:\n    k: 1 # one\n",
            "/l/0/c/ns",
            "l:\n- name: x\n  c:\n    ns: shop\n    k: 1 # one\n",
        );
        check("l:\n  - k: 1\n", "/l/0/ns", "l:\n  - ns: shop\n    k: 1\n");
        check("{\"a\": {}}", "/a/ns", "{\"a\": {\"ns\": \"shop\"}}");
        check("a: {k: 1}\r\n", "/a/ns", "a: {ns: shop, k: 1}\r\n");
        check("a: 1\r\nb: 2\r\n", "/ns", "ns: shop\r\na: 1\r\nb: 2\r\n");
    }

    #[test]
    fn an_empty_value_is_filled() {
        check("a:\nb: 1\n", "/a", "a: shop\nb: 1\n");
        check("a: # none\nb: 1\n", "/a", "a: shop # none\nb: 1\n");
        check("a: null # none\n", "/a", "a: shop # none\n");
        check("a: \"\"\n", "/a", "a: \"shop\"\n");
    }

    #[test]
    fn what_cannot_be_changed_alone_is_refused() {
        let refused = |text: &str, pointer: &str| {
            with_text("config", text, pointer, "shop").expect_err("refused").to_string()
        };
        assert!(refused("a: &x y\nb: *x\n", "/a").starts_with("config:1:"));
        assert!(refused("a: &m {k: 1}\nb: *m\n", "/b/k").contains("k cannot be changed here"));
        assert!(refused("a: |\n  x\n  y\n", "/a").contains("a cannot be changed here"));
        assert!(refused("a: {b: 1}\n", "/a").contains("a cannot be changed here"));
        assert!(refused("a: 1\na: 2\n", "/a").starts_with("config:2:"));
        assert!(refused("a: 1\n", "/b/c").contains("a mapping was expected here"));
        assert!(refused("", "/a").contains("the file is empty"));
    }

    /// Of texts that are nearly right either nothing comes, or the same with the one change in one place.
    #[test]
    fn no_mutation_loses_anything() {
        let good = [
            "apiVersion: v1\nkind: Config\ncurrent-context: eu # mine\ncontexts:\n# one\n- name: eu\n  context: {cluster: c, namespace: 'x'}\n- context:\n    cluster: d\n  name: us\n",
            "current-context: eu\t# mine\ncontexts:\n- name: eu\n  context: {cluster: c, namespace: x}\n",
            "{\"current-context\": \"a\", \"contexts\": [{\"name\": \"b\", \"context\": {\"cluster\": \"c\", \"namespace\": \"d\"}}]}",
        ];
        crate::mutation::each(&good, |text| {
            for pointer in
                ["/current-context", "/contexts/0/context/namespace", "/contexts/1/context/namespace"]
            {
                let Ok(changed) = with_text("config", text, pointer, "sh: op") else { continue };
                let same = |mut pairs: Box<dyn Iterator<Item = (char, char)> + '_>| {
                    let mut count = 0;
                    while pairs.next().is_some_and(|(one, other)| one == other) {
                        count += 1;
                    }
                    count
                };
                let ahead = same(Box::new(text.chars().zip(changed.chars())));
                let behind = same(Box::new(text.chars().rev().zip(changed.chars().rev())));
                let kept = text.chars().count() - (ahead + behind).min(text.chars().count());
                let old = super::read("config", text).expect("read before");
                let old = old[0].value.pointer(pointer).map_or(0, |old| old.to_string().len());
                assert!(kept <= 16 + 2 * old, "{kept} characters of\n{text}\nare gone in\n{changed}");
            }
        });
    }
}
