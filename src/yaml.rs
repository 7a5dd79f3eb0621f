//! Every YAML document that callboard reads or writes: bounded, with the place of every node, one bad
//! document costing only itself.
//!
//! A value and the places of its nodes come from one pass over the parser's events (granit, which
//! serde-saphyr carries), so that they cannot disagree. `serde_yaml` is not asked for what strangers write:
//! it knows no places, takes quadratic time for deep nesting, lets aliases multiply text without bound,
//! refuses a document for one number past 64 bits, and reads `0777` as text where Backstage reads a number.
//! It reads what has none of this: the single values that people type on a command line (`scalar`). The tests
//! here ask it for its second opinion.

mod document;
mod edit;
mod emit;
mod lint;
mod mark;
mod patch;
mod placeholders;
mod problem;
mod read;
mod remedy;
mod scalar;
mod span;
mod stream;
mod typed;

use serde_json::Value;

pub use crate::yaml::document::{Document, YamlLimits, step, value_at};
pub use crate::yaml::edit::with_text;
pub use crate::yaml::emit::{emit, text_on_a_line};
pub(crate) use crate::yaml::lint::lint_rules;
pub use crate::yaml::lint::{LintFinding, LintLevel, LintRule};
pub use crate::yaml::patch::patched;
pub use crate::yaml::placeholders::{PLACEHOLDERS, Placeholder, resolve as resolve_placeholders};
pub use crate::yaml::problem::{Place, Problem};
pub use crate::yaml::stream::{DocumentText, pieces};
pub use crate::yaml::typed::{from_value, from_value_known};

/// What is refused is not kept, and so counts for less: a bomb costs itself, and many of them still come to an end.
const REFUSED: usize = 16;

/// The documents of a text, in order, or what is wrong with each; empty ones are left out.
pub fn documents(name: &str, text: &str) -> Vec<Result<Document, Problem>> {
    documents_within(name, text, &YamlLimits::default())
}

/// As `documents`, with other limits.
pub fn documents_within(name: &str, text: &str, limits: &YamlLimits) -> Vec<Result<Document, Problem>> {
    if text.len() > limits.file_bytes {
        return vec![too_big(name, 1, "the file", text.len(), limits.file_bytes)];
    }
    let (mut found, mut nodes) = (Vec::new(), 0);
    for piece in pieces(text) {
        let before = nodes;
        let read = within(name, &piece, limits, &mut nodes);
        if read.iter().any(Result::is_err) {
            nodes = before + (nodes - before) / REFUSED;
        }
        found.extend(read);
    }
    found
}

/// What one piece of a text holds: nearly always one document. The limit of nodes holds for it alone.
pub fn documents_of(
    name: &str,
    piece: &DocumentText<'_>,
    limits: &YamlLimits,
) -> Vec<Result<Document, Problem>> {
    within(name, piece, limits, &mut 0)
}

fn within(
    name: &str,
    piece: &DocumentText<'_>,
    limits: &YamlLimits,
    nodes: &mut usize,
) -> Vec<Result<Document, Problem>> {
    if piece.text.len() > limits.document_bytes {
        return vec![too_big(name, piece.line, "the document", piece.text.len(), limits.document_bytes)];
    }
    let told = |problem: Problem| match problem.hint {
        None => Problem { hint: remedy::remedy(piece, &problem), ..problem },
        Some(_) => problem,
    };
    let read = read::documents(name, piece, limits, nodes);
    read.into_iter().map(|document| document.map_err(told)).collect()
}

fn too_big(name: &str, line: usize, what: &str, bytes: usize, limit: usize) -> Result<Document, Problem> {
    let message = format!("{what} has {bytes} bytes, more than the {limit} that are read");
    Err(Problem::new(Place::new(name, line, 1), message))
}

/// A value typed on a command line (`replicas=3`), read as YAML; what is no YAML is the text itself.
#[allow(clippy::disallowed_methods, reason = "this is where YAML is read, and the text is short and flat")]
pub fn scalar(text: &str) -> Value {
    let plain = text.len() <= 64 && !text.contains(['\n', '{', '[', '&', '*', '!', '#', '|', '>']);
    match plain.then(|| serde_yaml::from_str::<Value>(text)) {
        Some(Ok(value)) if !value.is_object() && !value.is_array() => value,
        _ => Value::String(text.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use serde::Deserialize;
    use serde_json::{Value, json};

    use super::{YamlLimits, documents, documents_within, emit, from_value, scalar};

    #[test]
    fn every_mutation_is_read_or_refused_with_its_place() {
        let good = [
            "apiVersion: v1\nkind: Pod\nmetadata: {name: a, labels: {'b/c': \"d\", e: 'f'}}\nspec:\n  list: [1, 2.5, true, null, ~, 0x1f]\n",
            "a: &a {x: 1}\nb: *a\nc:\n  <<: *a\n  text: |\n    one\n     two\n  folded: >-\n    a\n    b\n---\n- - - 1\n- ? k\n  : v\n",
            "kind: Component # a comment\nspec: {owner: \"group:default/team-a\", on: yes, time: 2026-01-15T10:00:00Z}\n",
        ];
        crate::mutation::each(&good, |text| {
            for document in documents("a.yaml", text) {
                match document {
                    Ok(document) => {
                        let again = documents("b.yaml", &emit(&document.value));
                        let same = |other: &super::Document| other.value == document.value;
                        let is_whole = matches!(again.as_slice(), [Ok(other)] if same(other));
                        assert!(
                            is_whole || document.value.is_null(),
                            "{}\n{}",
                            document.value,
                            emit(&document.value)
                        );
                    }
                    Err(problem) => {
                        let told = problem.to_string();
                        assert!(told.starts_with("a.yaml:") && told.len() < 2_000, "{told}");
                    }
                }
            }
        });
    }

    /// Each document of a text as JSON, or its problem.
    #[track_caller]
    fn check(text: &str, expect: &[&str]) {
        let found: Vec<String> = documents("a.yaml", text)
            .iter()
            .map(|document| match document {
                Ok(document) => document.value.to_string(),
                Err(problem) => problem.to_string(),
            })
            .collect();
        assert_eq!(found, expect, "{text:?}");
    }

    #[test]
    fn a_broken_document_costs_only_itself() {
        check("", &[]);
        check("# only a comment\n---\n---\n", &[]);
        check(
            "a: 1\n---\nb: [\n---\nc: 3\n",
            &[r#"{"a":1}"#, "a.yaml:3:4: unclosed bracket '['", r#"{"c":3}"#],
        );
        check("a: 1\n...\nb: 2\n", &[r#"{"a":1}"#, r#"{"b":2}"#]);
        check("%YAML 1.2\n---\na: |\n  ---\n  x\n", &[r#"{"a":"---\nx\n"}"#]);
        check("\u{feff}a: 1\r\nb:\r\n- x\r\n---\r\nc: 2", &[r#"{"a":1,"b":["x"]}"#, r#"{"c":2}"#]);
        check("a: \u{0}", &["a.yaml:1:4: the control character U+0000 is not allowed in YAML"]);
    }

    #[test]
    fn keys_are_unique_texts_in_the_order_of_the_file() {
        check("b: 1\na: 2\n<<: {x: 1}\n8080: y\n", &[r#"{"b":1,"a":2,"<<":{"x":1},"8080":"y"}"#]);
        check("a: 1\nb:\n  c: 1\n  d: 2\n  c: 3\n", &["a.yaml:5:3: the key \"c\" stands twice in this map"]);
        check("{a: 1, a: 2}", &["a.yaml:1:8: the key \"a\" stands twice in this map"]);
        check(
            "[a, b]: 1\n? {{ x }}\n: 2\nc: {{ y }}\n",
            &[r#"{"[ a, b ]":1,"{ { x } }":2,"c":{"{ y }":null}}"#],
        );
    }

    #[test]
    fn tags_and_aliases() {
        check(
            "a: &x {b: 1}\nc: *x\nd: !!str 5\ne: ! 5\nf: !Ref g\n",
            &[r#"{"a":{"b":1},"c":{"b":1},"d":"5","e":"5","f":"g"}"#],
        );
        check("a: !!int x", &["a.yaml:1:10: \"x\" is no !!int"]);
        check("a: &x [*x]", &["a.yaml:1:8: the alias stands inside what it names"]);
        check("a: *nope", &["a.yaml:1:4: while parsing node, found unknown anchor"]);
    }

    #[test]
    fn every_node_has_a_place() {
        let text = "# note\na:\n  b: [x, {c: 5}]\n  empty:\ne: &k\n  f: 1\ng: *k\n";
        let document = documents("a.yaml", text).remove(0).expect("valid");
        for (pointer, expect) in [
            ("", "a.yaml:2:1"),
            ("/a", "a.yaml:3:3"),
            ("/a/b", "a.yaml:3:6"),
            ("/a/b/0", "a.yaml:3:7"),
            ("/a/b/1/c", "a.yaml:3:14"),
            ("/a/b/1/none/deeper", "a.yaml:3:10"),
            ("/a/empty", "a.yaml:4:3"),
            ("/a/nope", "a.yaml:3:3"),
            ("/g", "a.yaml:7:4"),
            ("/g/f", "a.yaml:6:6"),
        ] {
            assert_eq!(document.place(pointer).to_string(), expect, "{pointer}");
        }
        assert_eq!(document.key_place("/a/b").to_string(), "a.yaml:3:3");
        let second = documents("a.yaml", "a: 1\n---\nx: y\n").remove(1).expect("valid");
        assert_eq!(second.place("/x").to_string(), "a.yaml:3:4");
    }

    #[test]
    fn bombs_are_refused_quickly() {
        let laughs: String = (1..30).fold("a0: &a0 lol\n".to_string(), |text, n| {
            let before = vec![format!("*a{}", n - 1); 10].join(",");
            format!("{text}a{n}: &a{n} [{before}]\n")
        });
        let wide = format!("a: &a [{}]\nb: [{}]\n", "x,".repeat(2000), "*a,".repeat(2000));
        let long = format!("a: &a {}\nb: [{}]\n", "x".repeat(200_000), "*a,".repeat(5000));
        let doubled: String =
            (1..999).fold("a0: &a0 x\n".to_string(), |text, n| format!("{text}a{n}: &a{n} [*a{}]\n", n - 1));
        for (bomb, why) in [
            ("[".repeat(20_000) + &"]".repeat(20_000), "nest"),
            ("{a: ".repeat(20_000), "nest"),
            ((0..1000).map(|n| " ".repeat(n) + "a:\n").collect(), "nest"),
            ("- ".repeat(20_000), "nest"),
            (laughs, "repeat too much"),
            (wide, "repeat too much"),
            (long, "repeat too much"),
            (format!("{}{}{}", "&a [".repeat(60), "x,".repeat(300_000), "]".repeat(60)), "repeat too much"),
            ("k".repeat(500_000) + ": 1", ""),
        ] {
            let begin = Instant::now();
            let found = documents("bomb.yaml", &bomb);
            assert!(begin.elapsed() < Duration::from_secs(60), "{why} took {:?}", begin.elapsed());
            match &found[..] {
                [Err(problem)] => assert!(problem.message.contains(why), "{problem} tells {why:?}"),
                other => panic!("{why}: {} documents", other.len()),
            }
        }
        drop(documents("deep.yaml", &doubled));
        let limits = YamlLimits { nodes: 100, ..YamlLimits::default() };
        assert!(documents_within("a", &"- x\n".repeat(101), &limits)[0].is_err());
        let twice = documents_within("a", &format!("---\n{0}---\n{0}", "- x\n".repeat(60)), &limits);
        assert_eq!(twice.iter().map(Result::is_ok).collect::<Vec<_>>(), [true, false]);
        let limits = YamlLimits { file_bytes: 10, ..YamlLimits::default() };
        assert_eq!(
            documents_within("a", "0123456789ab", &limits)[0].as_ref().expect_err("too big").to_string(),
            "a:1:1: the file has 12 bytes, more than the 10 that are read"
        );
        let limits = YamlLimits { document_bytes: 10, ..YamlLimits::default() };
        let found = documents_within("a", "a: 1\n---\nb: 0123456789\n---\nc: 1\n", &limits);
        assert_eq!(found.iter().map(Result::is_ok).collect::<Vec<_>>(), [true, false, true]);
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code)]
    struct SampleDocument {
        name: String,
        #[serde(default)]
        ports: Vec<u16>,
        size: Option<Size>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum Size {
        Small,
        Large,
    }

    #[test]
    fn what_does_not_fit_a_type_is_told_with_its_place() {
        for (text, expect) in [
            ("name: x\nports: [1, 2]\nsize: small", "fine"),
            ("name: x\nsize:\nports: []", "fine"),
            ("name: 5", "a.yaml:1:7: name: invalid type: integer `5`, expected a string"),
            (
                "name: x\nports:\n- 1\n- 99999",
                "a.yaml:4:3: ports[1]: invalid value: integer `99999`, expected u16",
            ),
            (
                "name: x\nsize: smal",
                "a.yaml:2:7: size: unknown variant `smal`, expected `small` or `large`; did you mean small?",
            ),
            ("name: x\nsize: huge", "a.yaml:2:7: size: unknown variant `huge`, expected `small` or `large`"),
            (
                "name: x\nprots: []",
                "a.yaml:2:1: unknown field `prots`, expected one of `name`, `ports`, `size`; did you mean ports?",
            ),
            ("ports: []", "a.yaml:1:1: missing field `name`"),
            ("- 1", "a.yaml:1:1: invalid type: sequence, expected struct Sample"),
        ] {
            let document = documents("a.yaml", text).remove(0).expect("valid");
            let got = match from_value::<SampleDocument>(&document) {
                Ok(_) => "fine".to_string(),
                Err(problem) => format!("{problem}; {}", problem.hint.clone().unwrap_or_default()),
            };
            assert!(got.starts_with(expect), "{text:?} gives {got:?}");
        }
    }

    #[test]
    fn values_on_a_command_line() {
        for (text, expect) in [
            ("3", json!(3)),
            ("true", json!(true)),
            ("yes", json!("yes")),
            ("a b", json!("a b")),
            ("a: b", json!("a: b")),
            ("[1]", json!("[1]")),
            ("\"3\"", json!("3")),
            ("'", json!("'")),
            ("", json!(null)),
        ] {
            assert_eq!(scalar(text), expect, "{text}");
        }
    }

    const SAMPLE: &str = "# c\napiVersion: v1\nkind: X\nmetadata: {name: a, labels: {a.b/c: 'd'}}\nspec:\n- &a {x: \"\\u00e9\\n\"}\n- *a\n- |-\n  line\n   more\n- >\n  folded\n  text\n? long\n: !!str 5\n---\n- 1.5\n- ~\n...\n--- # end\nplain text\n";

    #[test]
    fn another_reader_reads_the_same() {
        let ours: Vec<Value> =
            documents("a.yaml", SAMPLE).into_iter().map(|document| document.expect("valid").value).collect();
        let theirs: Vec<Value> = serde_yaml::Deserializer::from_str(SAMPLE)
            .map(|document| serde_yaml::Value::deserialize(document).expect("valid"))
            .map(|value| serde_json::to_value(value).expect("JSON"))
            .collect();
        assert_eq!(ours, theirs);
    }

    #[test]
    fn no_mutation_panics() {
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        let mut random = |below: usize| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            usize::try_from(state % below as u64).expect("small")
        };
        let signs: Vec<char> = "{}[]:,-?&*!|>'\"%@`#\n\r\t \\~=<.0é\u{2028}\u{feff}\u{0}a".chars().collect();
        for _ in 0..5_000 {
            let mut text: Vec<char> = SAMPLE.chars().collect();
            for _ in 0..=random(4) {
                let at = random(text.len());
                match random(3) {
                    0 => text[at] = signs[random(signs.len())],
                    1 => text.insert(at, signs[random(signs.len())]),
                    _ => drop(text.drain(at..(at + 1 + random(9)).min(text.len()))),
                }
            }
            let text: String = text.into_iter().collect();
            let lines = text.lines().count().max(1) + text.matches('\r').count() + 1;
            for document in documents("m.yaml", &text) {
                match document {
                    Ok(document) => assert!(document.place("/spec/0/x").line <= lines),
                    Err(problem) => assert!(problem.place.line <= lines, "{problem} of {lines} lines"),
                }
            }
        }
    }
}
