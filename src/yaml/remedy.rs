//! What to do about text that is no YAML, told by what stands where it breaks.

use crate::yaml::problem::Problem;
use crate::yaml::stream::DocumentText;

/// The remedy for a problem of the parser's, where the line tells one.
pub fn remedy(piece: &DocumentText<'_>, problem: &Problem) -> Option<String> {
    let lines: Vec<&str> = piece.text.lines().collect();
    let index = problem.place.line.checked_sub(piece.line)?.min(lines.len().checked_sub(1)?);
    let line = lines[index];
    if let Some(number) = lines.iter().position(|line| is_conflict(line)) {
        return Some(format!(
            "line {} is the mark of a merge conflict: choose a side and remove the marks",
            piece.line + number
        ));
    }
    let message = problem.message.as_str();
    if message.contains("stands twice") || message.contains("nested more") || message.contains("repeat too") {
        return None;
    }
    let indent: &str = &line[..line.len() - line.trim_start_matches([' ', '\t']).len()];
    if indent.contains('\t') || message.contains("found a tab") {
        return Some("a tab cannot indent YAML: use spaces".to_string());
    }
    // The parser often sees only on the next line that the one before was wrong.
    let before = lines[..index].iter().rev().find(|line| !line.trim().is_empty()).copied();
    [Some(line), before].into_iter().flatten().find_map(of_line)
}

fn is_conflict(line: &str) -> bool {
    ["<<<<<<< ", ">>>>>>> "].iter().any(|mark| line.starts_with(mark)) || line.trim_end() == "======="
}

/// What is wrong in one line by itself.
fn of_line(line: &str) -> Option<String> {
    let text = line.trim().trim_start_matches("- ").trim();
    if text.starts_with('#') {
        return None;
    }
    let (key, value) = match text.split_once(": ") {
        Some((key, value)) => (Some(key), value.trim()),
        None => (None, text),
    };
    let quoted = |value: &str| format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""));
    let shown = |value: &str| match key {
        Some(key) => format!("{key}: {}", quoted(value)),
        None => quoted(value),
    };
    let first = value.chars().next()?;
    match first {
        '\'' | '"' => {
            let rest = &value[1..];
            return (!rest.contains(first)).then(|| format!("the quote {first} is not closed"));
        }
        '@' | '%' | '`' => {
            return Some(format!("quote it, for {first} cannot begin a text: {}", shown(value)));
        }
        '{' if value.starts_with("{{") || value.starts_with("{%") => {
            return Some(format!("quote the template expression: {}", shown(value)));
        }
        '*' | '&' | '!' if value.len() > 1 && key.is_some() => {
            return Some(format!("quote it, for {first} has a meaning in YAML: {}", shown(value)));
        }
        '{' | '[' | '|' | '>' => return None,
        _ => {}
    }
    if key.is_some() && (value.contains(": ") || value.ends_with(':')) {
        return Some(format!("quote it, for it holds a colon: {}", shown(value)));
    }
    let name = key.is_none().then(|| text.split_once(':')).flatten();
    let (name, rest) = name?;
    let is_word = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || "-_./".contains(c));
    (is_word && !rest.is_empty() && !rest.starts_with("//"))
        .then(|| format!("a space must follow the colon: {name}: {rest}"))
}

#[cfg(test)]
mod tests {
    use crate::yaml::documents;

    #[track_caller]
    fn check(text: &str, expect: &str) {
        let problem = documents("a", text).into_iter().find_map(Result::err).expect("broken");
        assert_eq!(problem.hint.as_deref().unwrap_or_default(), expect, "{text:?}: {problem}");
    }

    #[test]
    fn what_is_no_yaml_has_a_remedy() {
        check("a: @b\n", "quote it, for @ cannot begin a text: a: \"@b\"");
        check("a:\n- `b`\n", "quote it, for ` cannot begin a text: \"`b`\"");
        check("a: %b\n", "quote it, for % cannot begin a text: a: \"%b\"");
        check("a: *b c\n", "quote it, for * has a meaning in YAML: a: \"*b c\"");
        check("a: b: c\n", "quote it, for it holds a colon: a: \"b: c\"");
        check("a: 1\nb:2\nc: 3\n", "a space must follow the colon: b: 2");
        check("a: {{ x }}y\n", "quote the template expression: a: \"{{ x }}y\"");
        check("a: 1\n\tb: 2\n", "a tab cannot indent YAML: use spaces");
        check("a: 'b\nc: d\n", "the quote ' is not closed");
        check(
            "a: 1\n<<<<<<< HEAD\nb: 2\n=======\nb: 3\n>>>>>>> other\n",
            "line 2 is the mark of a merge conflict: choose a side and remove the marks",
        );
        check("a: 1\na: 2\n", "");
    }
}
