//! Cuts a YAML stream into its documents before anything is parsed, so that a broken one costs only itself.

/// A part of a stream that holds one document, and the line of the file on which it begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DocumentText<'a> {
    pub text: &'a str,
    pub line: usize,
}

/// The pieces of a stream. A line that begins with `---` or `...` ends a document wherever it stands: YAML
/// forbids both at the start of a line inside any content (YAML 1.2.2, 9.1.2), even in a block scalar,
/// whose lines are indented.
pub fn pieces(text: &str) -> Vec<DocumentText<'_>> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut found = Vec::new();
    let (mut start, mut start_line, mut at) = (0, 1, 0);
    let mut bare = true;
    for (index, line) in text.split_inclusive('\n').enumerate() {
        let number = index + 1;
        if is_marker(line, "---") && !bare {
            found.push(DocumentText { text: &text[start..at], line: start_line });
            (start, start_line) = (at, number);
        }
        at += line.len();
        if is_marker(line, "...") {
            found.push(DocumentText { text: &text[start..at], line: start_line });
            (start, start_line, bare) = (at, number + 1, true);
            continue;
        }
        bare = bare && is_bare(line);
    }
    if start < text.len() {
        found.push(DocumentText { text: &text[start..], line: start_line });
    }
    found
}

fn is_marker(line: &str, marker: &str) -> bool {
    let rest = line.strip_prefix('\u{feff}').unwrap_or(line).strip_prefix(marker);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t', '\r', '\n']))
}

/// Whether a line can stand before the `---` of the document it belongs to.
fn is_bare(line: &str) -> bool {
    let trimmed = line.trim();
    trimmed.is_empty() || trimmed.starts_with('#') || line.starts_with('%')
}

#[cfg(test)]
mod tests {
    use super::pieces;

    #[track_caller]
    fn check(text: &str, expect: &[(usize, &str)]) {
        let found: Vec<(usize, &str)> = pieces(text).iter().map(|piece| (piece.line, piece.text)).collect();
        assert_eq!(found, expect);
    }

    #[test]
    fn documents_end_where_yaml_says() {
        check("", &[]);
        check("a: 1", &[(1, "a: 1")]);
        check("a: 1\n---\nb: 2\n", &[(1, "a: 1\n"), (2, "---\nb: 2\n")]);
        check("# note\n---\na: 1\n", &[(1, "# note\n---\na: 1\n")]);
        check(
            "%YAML 1.2\n---\na\n...\n%YAML 1.2\n---\nb",
            &[(1, "%YAML 1.2\n---\na\n...\n"), (5, "%YAML 1.2\n---\nb")],
        );
        check("a: |\n  ---\n  x\n--- b", &[(1, "a: |\n  ---\n  x\n"), (4, "--- b")]);
        check("a: 1\r\n---\r\nb", &[(1, "a: 1\r\n"), (2, "---\r\nb")]);
        check("a: ----\n----: b\n---c\n", &[(1, "a: ----\n----: b\n---c\n")]);
        check("\u{feff}a", &[(1, "a")]);
    }
}
