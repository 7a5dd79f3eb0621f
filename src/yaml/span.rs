//! Where the text of a value begins and ends.

/// The byte at a line and column, both from 1; columns count characters.
pub fn offset(text: &str, line: usize, column: usize) -> Option<usize> {
    let mut start = 0;
    for _ in 1..line {
        start += text[start..].find('\n')? + 1;
    }
    let rest = &text[start..];
    let within = rest.char_indices().map(|(at, _)| at).chain([rest.len()]).nth(column.checked_sub(1)?)?;
    Some(start + within)
}

/// The bytes of a text in quotes, both of these counted.
pub fn quoted_length(text: &str, quote: char) -> Option<usize> {
    let mut chars = text.char_indices().skip(1).peekable();
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' if quote == '"' => drop(chars.next()),
            _ if c == quote => match (quote, chars.peek()) {
                ('\'', Some((_, '\''))) => drop(chars.next()),
                _ => return Some(at + c.len_utf8()),
            },
            _ => {}
        }
    }
    None
}

/// Up to a comment, the end of the line, or what ends a value inside of braces; where that is part of the value, reading it again
/// tells.
pub fn plain_length(text: &str) -> usize {
    let line = text.split(['\n', '\r']).next().unwrap_or_default();
    let comment = line.match_indices('#').find(|(at, _)| line[..*at].ends_with([' ', '\t']));
    let line = comment.map_or(line, |(at, _)| &line[..at]);
    line.split([',', '}', ']']).next().unwrap_or_default().trim_end().len()
}

/// The bytes of a list or map in brackets, both of these counted.
pub fn flow_length(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        match c {
            // Within a word a quote is a letter.
            '"' | '\'' if text[..at].ends_with([' ', ',', '[', '{', ':', '\n']) => {
                at += quoted_length(&text[at..], c)?;
                continue;
            }
            '#' if text[..at].ends_with([' ', '\n']) => {
                at += text[at..].find('\n')?;
                continue;
            }
            '[' | '{' => depth += 1,
            ']' | '}' => depth = depth.checked_sub(1)?,
            _ => {}
        }
        at += c.len_utf8();
        if depth == 0 {
            return Some(at);
        }
    }
    None
}

/// Where a block that begins at a byte ends, without the last line break: the lines that stand at its column or further in.
pub fn block_end(text: &str, start: usize, column: usize, is_list: bool) -> usize {
    let first = text[start..].find('\n').map_or(text.len(), |length| start + length);
    let (mut end, mut at) = (first, first);
    while at < text.len() {
        let from = at + 1;
        let to = text[from..].find('\n').map_or(text.len(), |length| from + length);
        let line = &text[from..to];
        let content = line.trim_start_matches(' ');
        let indent = line.len() - content.len() + 1;
        let item = content == "-" || content.starts_with("- ");
        if content.trim_end().is_empty() || content.starts_with('#') && indent <= column {
            at = to;
            continue;
        }
        let belongs = indent > column || indent == column && (item || !is_list);
        if !belongs || line.starts_with("---") || line.starts_with("...") {
            break;
        }
        end = to;
        at = to;
    }
    text[..end].trim_end_matches('\r').len()
}
