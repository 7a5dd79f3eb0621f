//! kubectl's JSONPath templates: text with `{.path}`, `{range .items[*]}...{end}` and quoted literals, by the rules of client-go.

use serde_json::Value;

use crate::commands::get::path_step::{Operand, TemplateStep};
use crate::commands::get::path_values::follow;

/// A template that was read.
#[derive(Clone, Debug, PartialEq)]
pub struct PathTemplate(Vec<TemplateNode>);

#[derive(Clone, Debug, PartialEq)]
enum TemplateNode {
    Text(String),
    Path(Vec<TemplateStep>),
    Range(Vec<TemplateStep>, Vec<TemplateNode>),
}

/// Deeper nesting is no template that a person writes.
const MOST_DEPTH: usize = 32;

impl PathTemplate {
    pub fn parse(text: &str) -> Result<PathTemplate, String> {
        let mut rest = text;
        let nodes = nodes(&mut rest, 0)?;
        Ok(PathTemplate(nodes))
    }

    /// One path, as in a column: `metadata.name`, `.metadata.name` or `{.metadata.name}`.
    pub fn of_path(text: &str) -> Result<PathTemplate, String> {
        let inside =
            text.trim().strip_prefix('{').and_then(|rest| rest.strip_suffix('}')).unwrap_or(text.trim());
        if inside.is_empty() || inside.contains(['{', '}']) {
            return Err(format!(
                "unexpected path string, expected a 'name1.name2' or '.name1.name2' or '{{name1.name2}}' or '{{.name1.name2}}': {text}"
            ));
        }
        let inside =
            if inside.starts_with(['.', '[', '$', '@']) { inside.to_string() } else { format!(".{inside}") };
        Ok(PathTemplate(vec![TemplateNode::Path(steps(&inside, 0)?)]))
    }

    /// The values that the first path leads to.
    pub fn values<'a>(&'a self, object: &'a Value) -> Vec<&'a Value> {
        match self.0.first() {
            Some(TemplateNode::Path(steps)) => follow(steps, object, object),
            _ => Vec::new(),
        }
    }

    pub fn text(&self, object: &Value) -> String {
        let mut text = String::new();
        write(&self.0, object, object, &mut text);
        text
    }
}

fn write(nodes: &[TemplateNode], root: &Value, current: &Value, to: &mut String) {
    for node in nodes {
        match node {
            TemplateNode::Text(text) => to.push_str(text),
            TemplateNode::Path(steps) => {
                let values: Vec<String> = follow(steps, root, current).into_iter().map(shown).collect();
                to.push_str(&values.join(" "));
            }
            TemplateNode::Range(steps, inside) => {
                for value in follow(steps, root, current) {
                    write(inside, root, value, to);
                }
            }
        }
    }
}

/// A value as Go prints it: a text as it is, what is made of others as JSON.
pub fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        Value::Array(_) | Value::Object(_) => {
            value.to_string().replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026")
        }
        other => other.to_string(),
    }
}

fn nodes(rest: &mut &str, depth: usize) -> Result<Vec<TemplateNode>, String> {
    if depth > MOST_DEPTH {
        return Err("too many ranges in each other".to_string());
    }
    let mut found = Vec::new();
    loop {
        let Some(open) = rest.find('{') else {
            if !rest.is_empty() {
                found.push(TemplateNode::Text((*rest).to_string()));
            }
            *rest = "";
            return if depth == 0 { Ok(found) } else { Err("unclosed range: {end} is missing".to_string()) };
        };
        if open > 0 {
            found.push(TemplateNode::Text(rest[..open].to_string()));
        }
        let after = &rest[open + 1..];
        let close = closing(after, '}').ok_or("unclosed action")?;
        let action = after[..close].trim();
        *rest = &after[close + 1..];
        if action == "end" {
            return if depth > 0 { Ok(found) } else { Err("not in range, nothing to end".to_string()) };
        }
        if let Some(path) = action.strip_prefix("range").filter(|path| path.starts_with([' ', '\t'])) {
            let path = steps(path.trim(), 0)?;
            found.push(TemplateNode::Range(path, nodes(rest, depth + 1)?));
        } else if action.starts_with(['"', '\'']) {
            found.push(TemplateNode::Text(unquoted(action)?));
        } else if action.parse::<f64>().is_ok() {
            found.push(TemplateNode::Text(action.to_string()));
        } else if !action.is_empty() {
            found.push(TemplateNode::Path(steps(action, 0)?));
        }
    }
}

/// Where a bracket is closed that is neither in quotes nor belongs to one inside.
fn closing(text: &str, close: char) -> Option<usize> {
    let (mut quote, mut depth, mut escaped) = (None, 0usize, false);
    for (at, c) in text.char_indices() {
        match (quote, c) {
            _ if escaped => escaped = false,
            (_, '\\') => escaped = true,
            (Some(open), _) if open == c => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"') => quote = Some(c),
            (None, _) if c == close && depth == 0 => return Some(at),
            (None, '[' | '(' | '{') => depth += 1,
            (None, ']' | ')' | '}') => depth = depth.checked_sub(1)?,
            (None, _) => {}
        }
    }
    None
}

fn unquoted(text: &str) -> Result<String, String> {
    let quote = text.chars().next().unwrap_or('"');
    let inside =
        text.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote)).filter(|_| text.len() > 1);
    let inside = inside.ok_or_else(|| format!("unterminated quoted string {text}"))?;
    let mut out = String::new();
    let mut chars = inside.chars();
    while let Some(c) = chars.next() {
        match (c, if c == '\\' { chars.next() } else { None }) {
            ('\\', Some('n')) => out.push('\n'),
            ('\\', Some('t')) => out.push('\t'),
            ('\\', Some('r')) => out.push('\r'),
            ('\\', Some(other)) => out.push(other),
            _ => out.push(c),
        }
    }
    Ok(out)
}

fn steps(text: &str, depth: usize) -> Result<Vec<TemplateStep>, String> {
    if depth > MOST_DEPTH {
        return Err("too many filters in each other".to_string());
    }
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        match first {
            '$' => {
                found.push(TemplateStep::Root);
                rest = &rest[1..];
            }
            '@' => rest = &rest[1..],
            '[' => {
                let close = closing(&rest[1..], ']').ok_or("unterminated array")?;
                found.push(bracket(rest[1..=close].trim(), depth)?);
                rest = &rest[close + 2..];
            }
            '.' if rest.starts_with("..") => {
                found.push(TemplateStep::Recursive);
                rest = &rest[1..];
            }
            '.' => {
                let (name, behind) = field_name(&rest[1..]);
                match name.as_str() {
                    "" => {}
                    "*" => found.push(TemplateStep::Every),
                    _ => found.push(TemplateStep::Field(name)),
                }
                rest = behind;
            }
            _ => return Err(format!("unrecognized character in action: {first:?}, in {text}")),
        }
    }
    Ok(found)
}

fn field_name(text: &str) -> (String, &str) {
    let mut name = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' => name.extend(chars.next().map(|(_, escaped)| escaped)),
            '.' | '[' | ']' | '$' | '@' | '{' | '}' | ' ' => return (name, &text[at..]),
            _ => name.push(c),
        }
    }
    (name, "")
}

fn bracket(inside: &str, depth: usize) -> Result<TemplateStep, String> {
    if let Some(filter) = inside.strip_prefix('?') {
        let filter = filter.trim().strip_prefix('(').and_then(|rest| rest.strip_suffix(')'));
        return self::filter(filter.ok_or("unterminated filter")?.trim(), depth);
    }
    let parts = split(inside);
    if parts.len() > 1 {
        return Ok(TemplateStep::Union(
            parts.iter().map(|part| index(part.trim())).collect::<Result<_, _>>()?,
        ));
    }
    index(inside)
}

/// At commas outside of quotes.
fn split(text: &str) -> Vec<&str> {
    let (mut parts, mut start, mut quote) = (Vec::new(), 0, None);
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (Some(open), _) if open == c => quote = None,
            (None, '\'' | '"') => quote = Some(c),
            (None, ',') => {
                parts.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

fn index(text: &str) -> Result<TemplateStep, String> {
    let wrong = || format!("invalid array index {text}");
    if text == "*" {
        return Ok(TemplateStep::Every);
    }
    if text.starts_with(['"', '\'']) {
        return Ok(TemplateStep::Field(unquoted(text)?));
    }
    let number = |part: &str| match part.trim() {
        "" => Ok(None),
        part => part.parse::<i64>().map(Some).map_err(|_| wrong()),
    };
    match text.split(':').collect::<Vec<_>>()[..] {
        [one] => {
            let at = number(one)?.ok_or_else(wrong)?;
            // As client-go has it: of a negative index the end is left open.
            Ok(TemplateStep::Slice(Some(at), if at == -1 { None } else { Some(at + 1) }, 1))
        }
        [from, to] => Ok(TemplateStep::Slice(number(from)?, number(to)?, 1)),
        [from, to, step] => {
            let step = number(step)?.unwrap_or(1);
            if step < 1 {
                Err("step must be > 0".to_string())
            } else {
                Ok(TemplateStep::Slice(number(from)?, number(to)?, step))
            }
        }
        _ => Err(wrong()),
    }
}

fn filter(text: &str, depth: usize) -> Result<TemplateStep, String> {
    let (mut quote, mut at) = (None, None);
    for (place, c) in text.char_indices() {
        match (quote, c) {
            (Some(open), _) if open == c => quote = None,
            (None, '\'' | '"') => quote = Some(c),
            (None, '=' | '!' | '<' | '>') if at.is_none() => at = Some(place),
            _ => {}
        }
    }
    let operand = |text: &str| -> Result<Box<Operand>, String> {
        let text = text.trim();
        Ok(Box::new(match text.chars().next() {
            Some('"' | '\'') => Operand::Literal(Value::String(unquoted(text)?)),
            Some('@' | '.' | '$' | '[') => Operand::Path(steps(text, depth + 1)?),
            _ => Operand::Literal(
                serde_json::from_str(text).map_err(|_| format!("unrecognized operand {text:?} in filter"))?,
            ),
        }))
    };
    let Some(at) = at else { return Ok(TemplateStep::Filter(operand(text)?, None)) };
    let operator = ["==", "!=", "<=", ">=", "<", ">"].into_iter().find(|one| text[at..].starts_with(one));
    let operator = operator.ok_or_else(|| format!("unrecognized filter operator in {text}"))?;
    let right = operand(&text[at + operator.len()..])?;
    Ok(TemplateStep::Filter(operand(&text[..at])?, Some((operator.to_string(), right))))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::PathTemplate;

    fn object() -> Value {
        json!({"kind": "List", "items": [
            {"kind": "None", "metadata": {"name": "127.0.0.1", "labels": {"a.b/c": "x"}}, "status": {"capacity": {"cpu": "4"}, "n": 1}},
            {"kind": "None", "metadata": {"name": "127.0.0.2"}, "status": {"capacity": {"cpu": "8"}, "n": 3}}],
            "users": [{"name": "myself", "user": {}}, {"name": "e2e", "user": {"username": "admin", "password": "secret"}}]})
    }

    #[track_caller]
    fn check(template: &str, expect: &str) {
        assert_eq!(
            PathTemplate::parse(template).map(|one| one.text(&object())).as_deref(),
            Ok(expect),
            "{template}"
        );
    }

    /// Most of these are the examples of kubectl's reference.
    #[test]
    fn templates_say_what_kubectl_says() {
        check("kind is {.kind}", "kind is List");
        check("{['kind']}", "List");
        check("{..name}", "127.0.0.1 127.0.0.2 myself e2e");
        check("{.items[*].metadata.name}", "127.0.0.1 127.0.0.2");
        check("{.users[0].name}", "myself");
        check("{.users[-1].name}", "e2e");
        check("{.items[0:1].metadata.name}", "127.0.0.1");
        check("{.items[*]['metadata.name', 'status.capacity']}", "");
        check("{.users[?(@.name==\"e2e\")].user.password}", "secret");
        check("{.items[?(@.status.n>=3)].metadata.name}", "127.0.0.2");
        check("{.items[?(@.metadata.labels)].metadata.name}", "127.0.0.1");
        check(
            "{range .items[*]}[{.metadata.name}, {.status.capacity}]{\"\\n\"}{end}",
            "[127.0.0.1, {\"cpu\":\"4\"}]\n[127.0.0.2, {\"cpu\":\"8\"}]\n",
        );
        check("{.items[*].metadata.labels.a\\.b/c}", "x");
        check("{range .items[*]}{.status.n}{'\\t'}{$.kind}{end}", "1\tList3\tList");
        check("{.nothing.there}{3}", "3");
        check("{@.kind}{$.kind}", "ListList");
    }

    #[test]
    fn what_is_no_template_is_refused() {
        for wrong in [
            "{",
            "{.a[}",
            "{range .a[*]}",
            "{end}",
            "{.a[x]}",
            "{'a}",
            "{.a[?(@.b]}",
            "{.a[?(@.b==c)]}",
            "{a b}",
        ] {
            assert!(PathTemplate::parse(wrong).is_err(), "{wrong}");
        }
        assert!(
            PathTemplate::of_path("metadata.name").is_ok()
                && PathTemplate::of_path("{.metadata.name}").is_ok()
        );
        assert!(PathTemplate::of_path("").is_err() && PathTemplate::of_path("{a}{b}").is_err());
        let object = object();
        crate::mutation::each(
            &[
                "a {range .items[*]}[{.metadata.name}, {..cpu}]{\"\\n\"}{end}{.users[?(@.name=='e2e')].user[0:2:1]}",
            ],
            |text| {
                if let Ok(template) = PathTemplate::parse(text) {
                    drop(template.text(&object));
                }
            },
        );
    }
}
