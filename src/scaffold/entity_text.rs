//! Entities as `catalog:write` writes them: the layout of the YAML package that Backstage uses, so that a file rendered here
//! and one rendered there are the same bytes. (`crate::yaml::emit` lays out as kubectl does.)

use serde_json::{Map, Value as Json};

use crate::scaffold::yaml_layout::YamlLayout;

/// A value as one document, ending with a line break.
pub fn write(value: &Json) -> String {
    write_as(value, &YamlLayout::default())
}

/// As `write`, laid out otherwise.
pub fn write_as(value: &Json, layout: &YamlLayout) -> String {
    let mut output = String::new();
    match value {
        Json::Object(map) if !map.is_empty() => entries(map, "", layout, &mut output),
        Json::Array(items) if !items.is_empty() => listed(items, "", layout, &mut output),
        other => {
            output.push_str(&scalar(other, "", None, layout));
            output.push('\n');
        }
    }
    output
}

/// The entries of a map, the first of them where the line stands.
fn entries(map: &Map<String, Json>, indent: &str, layout: &YamlLayout, output: &mut String) {
    let deeper = format!("{indent}{}", " ".repeat(layout.step));
    for (index, (key, value)) in map.iter().enumerate() {
        if index > 0 {
            output.push_str(indent);
        }
        let key = key_text(key, layout);
        output.push_str(&key);
        output.push(':');
        match value {
            Json::Object(inner) if !inner.is_empty() => {
                output.push_str(&format!("\n{deeper}"));
                entries(inner, &deeper, layout, output);
            }
            Json::Array(items) if !items.is_empty() => {
                // The dash and its blank count as a part of the indent.
                let outdent = if !layout.list_indent && layout.step >= 2 { 2 } else { 0 };
                let deeper = &deeper[outdent..];
                output.push_str(&format!("\n{deeper}"));
                listed(items, deeper, layout, output);
            }
            value => {
                let text = scalar(value, &deeper, Some(key.chars().count() + 2), layout);
                let on_next_line = text.starts_with('\n');
                output.push_str(if on_next_line || text.is_empty() { "" } else { " " });
                output.push_str(&text);
                output.push('\n');
            }
        }
    }
}

fn listed(items: &[Json], indent: &str, layout: &YamlLayout, output: &mut String) {
    let deeper = format!("{indent}  ");
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            output.push_str(indent);
        }
        output.push_str("- ");
        match item {
            Json::Object(inner) if !inner.is_empty() => entries(inner, &deeper, layout, output),
            Json::Array(inner) if !inner.is_empty() => listed(inner, &deeper, layout, output),
            item => {
                output.push_str(&scalar(item, &deeper, None, layout));
                output.push('\n');
            }
        }
    }
}

fn scalar(value: &Json, indent: &str, start: Option<usize>, layout: &YamlLayout) -> String {
    match value {
        Json::String(text) => string(text, indent, start, layout),
        Json::Array(_) => "[]".into(),
        Json::Object(_) => "{}".into(),
        Json::Null => layout.words[0].clone(),
        Json::Bool(flag) => layout.words[if *flag { 1 } else { 2 }].clone(),
        Json::Number(number) => number.to_string(),
    }
}

fn key_text(key: &str, layout: &YamlLayout) -> String {
    if let Some(quote) = layout.quote.filter(|_| !key.contains(is_control)) {
        return in_quotes(key, quote, None, layout);
    }
    if key.contains(is_control) || key.contains('\n') || !fits_plain(key) || reads_as_other(key) {
        quoted(key, None, layout)
    } else {
        key.into()
    }
}

fn is_control(c: char) -> bool {
    matches!(c, '\0'..='\u{8}' | '\u{b}'..='\u{1f}' | '\u{7f}'..='\u{9f}')
}

/// `start` is the column where the text begins on its first line, if not at the indent.
fn string(text: &str, indent: &str, start: Option<usize>, layout: &YamlLayout) -> String {
    let fold_at = Some((indent, start));
    if text.contains(is_control) {
        return double_quoted(text, fold_at, layout);
    }
    if let Some(quote) = layout.quote {
        return in_quotes(text, quote, fold_at, layout);
    }
    if text.contains('\n') {
        return block(text, indent, layout);
    }
    if !fits_plain(text) || reads_as_other(text) {
        return quoted(text, fold_at, layout);
    }
    fold(text, (indent, start), EmitMode::Plain, layout).0
}

/// Whether a text without line breaks can stand without quotes.
fn fits_plain(text: &str) -> bool {
    let mut characters = text.chars();
    let (first, second) = (characters.next(), characters.next());
    let indicates = first.is_none_or(|c| "\t ,[]{}#&*!|>'\"%@`".contains(c));
    let asks = matches!(first, Some('?' | '-')) && matches!(second, None | Some(' ' | '\t'));
    let splits = [": ", ":\t", " #", "\t#"].iter().any(|pair| text.contains(pair));
    !(indicates || asks || splits || text.ends_with([' ', '\t', ':']))
}

/// Whether a reader would take the bare text for null, a boolean or a number.
fn reads_as_other(text: &str) -> bool {
    if matches!(
        text,
        "" | "~" | "null" | "Null" | "NULL" | "true" | "True" | "TRUE" | "false" | "False" | "FALSE"
    ) {
        return true;
    }
    if matches!(text, ".nan" | ".NaN" | ".NAN") {
        return true;
    }
    if let Some(digits) = text.strip_prefix("0x") {
        return !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    }
    if let Some(digits) = text.strip_prefix("0o") {
        return !digits.is_empty() && digits.bytes().all(|byte| matches!(byte, b'0'..=b'7'));
    }
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    if matches!(unsigned, ".inf" | ".Inf" | ".INF") {
        return true;
    }
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent.strip_prefix(['+', '-']).unwrap_or(exponent))),
        None => (unsigned, None),
    };
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, part) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let number = digits(whole) && digits(part) && !(whole.is_empty() && part.is_empty());
    number && exponent.is_none_or(|exponent| !exponent.is_empty() && digits(exponent))
}

/// Where a quoted text begins: its indent and its column; none for a key, which is never folded.
type FoldStart<'a> = Option<(&'a str, Option<usize>)>;

fn quoted(text: &str, fold_at: FoldStart<'_>, layout: &YamlLayout) -> String {
    let single = match (text.contains('"'), text.contains('\'')) {
        (true, false) => true,
        (false, true) => false,
        _ => layout.single_quotes == Some(true),
    };
    in_quotes(text, if single { '\'' } else { '"' }, fold_at, layout)
}

fn in_quotes(text: &str, quote: char, fold_at: FoldStart<'_>, layout: &YamlLayout) -> String {
    if quote == '"' || layout.single_quotes == Some(false) || text.contains('\n') {
        return double_quoted(text, fold_at, layout);
    }
    let quoted = format!("'{}'", text.replace('\'', "''"));
    match fold_at {
        Some(place) => fold(&quoted, place, EmitMode::Plain, layout).0,
        None => quoted,
    }
}

fn double_quoted(text: &str, fold_at: FoldStart<'_>, layout: &YamlLayout) -> String {
    let mut quoted = String::from('"');
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            '\u{8}' => quoted.push_str("\\b"),
            '\u{c}' => quoted.push_str("\\f"),
            '\0' => quoted.push_str("\\0"),
            '\u{7}' => quoted.push_str("\\a"),
            '\u{b}' => quoted.push_str("\\v"),
            '\u{1b}' => quoted.push_str("\\e"),
            c if (c as u32) < 0x20 => quoted.push_str(&format!("\\x{:02x}", c as u32)),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    match fold_at {
        Some(place) => fold(&quoted, place, EmitMode::Quoted, layout).0,
        None => quoted,
    }
}

/// `|` where every line fits, else `>`; with the sign that keeps or drops the line breaks at the end.
fn block(text: &str, indent: &str, layout: &YamlLayout) -> String {
    let body = text.trim_end_matches(['\n', '\t', ' ']);
    let end = &text[body.len()..];
    let ends_in_blank_line =
        end.contains('\n') && end.rsplit('\n').next().is_some_and(|last| !last.is_empty());
    if ends_in_blank_line || body.is_empty() && !end.starts_with('\n') {
        return quoted(text, Some((indent, None)), layout);
    }
    let indent = if indent.is_empty() { "  " } else { indent };
    let chomp = match end.find('\n') {
        None => "-",
        Some(at) if body.is_empty() || at + 1 != end.len() => "+",
        Some(_) => "",
    };
    let leading = body.trim_start_matches('\n');
    let header = format!("{}{chomp}", if leading.starts_with(' ') { "2" } else { "" });
    // The last line break is written by whoever wrote the value.
    let end = end.strip_suffix('\n').unwrap_or(end);
    let blanks = body.len() - leading.len();
    let start = if blanks == 0 { String::new() } else { format!("{}{indent}", "\n".repeat(blanks)) };
    let too_long = layout
        .width
        .is_some_and(|width| text.split('\n').any(|line| line.chars().count() + indent.len() > width));
    if too_long {
        let folded = format!("{start}{}{end}", folded_lines(leading, indent));
        let (text, overflows) = fold(&folded, (indent, Some(indent.len())), EmitMode::Block, layout);
        if !overflows {
            return format!(">{header}\n{indent}{text}");
        }
    }
    format!("|{header}\n{indent}{start}{}{end}", indented(leading, indent))
}

/// Line breaks followed by the indent, those of blank lines not.
fn indented(text: &str, indent: &str) -> String {
    let mut output = String::new();
    for (index, line) in text.split('\n').enumerate() {
        if index > 0 {
            output.push('\n');
        }
        if !line.is_empty() && index > 0 {
            output.push_str(indent);
        }
        output.push_str(line);
    }
    output
}

/// The lines of a folded block: a break that must survive is doubled, except next to lines that are indented further.
fn folded_lines(text: &str, indent: &str) -> String {
    let mut output = String::new();
    let mut before: Option<&str> = None;
    let mut breaks = 0;
    for line in text.split('\n') {
        if let Some(before) = before.filter(|_| !line.is_empty()) {
            let further = |line: &str| line.starts_with([' ', '\t']);
            let doubled = usize::from(!further(before) && !further(line));
            output.push_str(&"\n".repeat(breaks + doubled));
            output.push_str(indent);
        }
        if !line.is_empty() {
            output.push_str(line);
            before = Some(line);
            breaks = 0;
        }
        breaks += 1;
    }
    output
}

#[derive(Clone, Copy, PartialEq)]
enum EmitMode {
    Plain,
    Quoted,
    Block,
}

/// Breaks lines at single blanks so that they end before the width; a quoted text may be broken anywhere, with a
/// backslash. Says whether a word was too long to be broken.
fn fold(
    text: &str,
    (indent, start): (&str, Option<usize>),
    mode: EmitMode,
    layout: &YamlLayout,
) -> (String, bool) {
    let Some(width) = layout.width else { return (text.into(), false) };
    let least = if width < layout.least { 0 } else { layout.least };
    let characters: Vec<char> = text.chars().collect();
    let room = (1 + width).saturating_sub(indent.len()).max(1 + least);
    if characters.len() <= room {
        return (text.into(), false);
    }
    let mut breaks: Vec<(usize, bool)> = Vec::new();
    let mut end = match start {
        Some(start) if start > width.saturating_sub(least.max(2)) => {
            breaks.push((0, false));
            width.saturating_sub(indent.len())
        }
        Some(start) => width - start,
        None => width.saturating_sub(indent.len()),
    };
    let (mut split, mut overflows) = (None, false);
    let mut index = 0;
    let mut further = mode == EmitMode::Block && characters.first().is_some_and(|c| matches!(c, ' ' | '\t'));
    let mut escape = None;
    while index < characters.len() {
        let c = characters[index];
        let before = index.checked_sub(1).map(|before| characters[before]);
        if mode == EmitMode::Quoted && c == '\\' {
            escape = Some(index);
            index += 1;
        }
        if c == '\n' {
            end = index + indent.len() + room;
            split = None;
            let content = index + 1 + indent.len();
            further =
                mode == EmitMode::Block && characters.get(content).is_some_and(|c| matches!(c, ' ' | '\t'));
        } else if !further {
            let solid = |c: Option<&char>| c.is_some_and(|c| !matches!(c, ' ' | '\n' | '\t'));
            if c == ' ' && solid(before.as_ref()) && solid(characters.get(index + 1)) {
                split = Some(index);
            }
            if index >= end {
                match (split.take(), mode) {
                    (Some(at), _) => {
                        breaks.push((at, false));
                        end = at + room;
                    }
                    (None, EmitMode::Quoted) => {
                        let at = if escape.is_some_and(|escape| index <= escape + 2) {
                            escape.unwrap_or(2) - 1
                        } else {
                            index - 2
                        };
                        breaks.push((at, true));
                        end = at + room;
                    }
                    (None, _) => overflows = true,
                }
            }
        }
        index += 1;
    }
    let mut output = String::new();
    let mut from = 0;
    for (at, inside_word) in breaks {
        if at == 0 && !inside_word {
            output.push_str(&format!("\n{indent}"));
            continue;
        }
        let to = if inside_word { at + 1 } else { at };
        output.extend(&characters[from..to]);
        output.push_str(if inside_word { "\\" } else { "" });
        output.push_str(&format!("\n{indent}"));
        from = at + 1;
    }
    output.extend(&characters[from..]);
    (output, overflows)
}
