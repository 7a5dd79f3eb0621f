//! Two versions of a file as a unified diff.

use similar::{ChangeTag, TextDiff};

use crate::report::{Cell, Line, Tone};
use crate::text::count;
use crate::tree::TreeEntry;

/// Lines of a diff that are shown; more is no help.
const LONGEST: usize = 200;
const CONTEXT: usize = 3;

/// Whose version, and what stands there.
pub type Version<'a> = (&'a str, Option<&'a TreeEntry>);

/// The diff of a path from one version to another; nothing where neither is there.
pub fn unified(path: &str, before: Version<'_>, after: Version<'_>) -> Vec<Line> {
    let head = |sign: &str, whose: &str| {
        Line::new(vec![Cell::toned(format!("{sign} {path} ({whose})"), Tone::Strong)])
    };
    let mut lines = vec![head("---", before.0), head("+++", after.0)];
    match (before.1, after.1) {
        (None, None) => return Vec::new(),
        (Some(TreeEntry::Link { target: old }), Some(TreeEntry::Link { target: new })) => {
            lines.push(removed(&format!("-> {old}")));
            lines.push(added(&format!("-> {new}")));
        }
        (old, new) => {
            lines.extend(old.and_then(link).map(|target| removed(&target)));
            lines.extend(contents(old.map(bytes).unwrap_or_default(), new.map(bytes).unwrap_or_default()));
            lines.extend(new.and_then(link).map(|target| added(&target)));
            lines.extend(mode(old, new).map(Line::from));
        }
    }
    if lines.len() > LONGEST {
        let more = lines.len() - LONGEST;
        lines.truncate(LONGEST);
        lines.push(Line::new(vec![Cell::muted(format!("({} more)", count(more, "line")))]));
    }
    lines
}

/// Lines that were added and removed; none where one of the two is no text.
pub fn line_counts(before: Option<&TreeEntry>, after: Option<&TreeEntry>) -> Option<(usize, usize)> {
    let (old, new) = (before.map(bytes).unwrap_or_default(), after.map(bytes).unwrap_or_default());
    let (old, new) = (text(old)?, text(new)?);
    let changes = TextDiff::from_lines(old, new);
    let number = |tag: ChangeTag| changes.iter_all_changes().filter(|change| change.tag() == tag).count();
    Some((number(ChangeTag::Insert), number(ChangeTag::Delete)))
}

fn bytes(entry: &TreeEntry) -> &[u8] {
    match entry {
        TreeEntry::File { bytes, .. } => bytes,
        _ => b"",
    }
}

fn text(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes).ok().filter(|text| !text.contains('\0'))
}

fn link(entry: &TreeEntry) -> Option<String> {
    match entry {
        TreeEntry::Link { target } => Some(format!("-> {target}")),
        _ => None,
    }
}

fn mode(old: Option<&TreeEntry>, new: Option<&TreeEntry>) -> Option<&'static str> {
    let (
        Some(TreeEntry::File { bytes: old, executable: was }),
        Some(TreeEntry::File { bytes: new, executable: is }),
    ) = (old, new)
    else {
        return None;
    };
    match (was, is, old == new) {
        (false, true, true) => Some("  the same content, made executable"),
        (true, false, true) => Some("  the same content, no longer executable"),
        (false, true, false) => Some("  made executable"),
        (true, false, false) => Some("  no longer executable"),
        _ => None,
    }
}

fn contents(old: &[u8], new: &[u8]) -> Vec<Line> {
    if old == new {
        return Vec::new();
    }
    let (Some(before), Some(after)) = (text(old), text(new)) else {
        return vec![Line::from(format!("  not text: {} bytes, now {} bytes", old.len(), new.len()))];
    };
    let mut lines = Vec::new();
    let changes = TextDiff::from_lines(before, after);
    for hunk in changes.unified_diff().context_radius(CONTEXT).iter_hunks() {
        lines.push(Line::new(vec![Cell::toned(hunk.header().to_string(), Tone::Moving)]));
        for change in hunk.iter_changes() {
            let text = change.value().trim_end_matches('\n').replace('\t', "    ");
            lines.push(match change.tag() {
                ChangeTag::Delete => removed(&text),
                ChangeTag::Insert => added(&text),
                ChangeTag::Equal => Line::from(format!(" {text}")),
            });
            if change.missing_newline() {
                lines.push(Line::new(vec![Cell::muted("\\ no line break at the end")]));
            }
        }
    }
    lines
}

fn removed(text: &str) -> Line {
    Line::new(vec![Cell::toned(format!("-{text}"), Tone::Bad)])
}

fn added(text: &str) -> Line {
    Line::new(vec![Cell::toned(format!("+{text}"), Tone::Good)])
}

#[cfg(test)]
mod tests {
    use super::{line_counts, unified};
    use crate::tree::TreeEntry;

    #[test]
    fn what_is_no_text_and_what_is_a_link_are_told_too() {
        let link = |target: &str| TreeEntry::Link { target: target.into() };
        let file = TreeEntry::File { bytes: b"x\n".to_vec(), executable: true };
        let told = |old: Option<&TreeEntry>, new: Option<&TreeEntry>| -> Vec<String> {
            unified("p", ("a", old), ("b", new)).iter().skip(2).map(|line| line.plain()).collect()
        };
        assert_eq!(told(Some(&link("x")), Some(&link("y"))), ["--> x", "+-> y"]);
        assert_eq!(told(Some(&link("x")), Some(&file)), ["--> x", "@@ -0,0 +1 @@", "+x"]);
        assert_eq!(told(Some(&file), None), ["@@ -1 +0,0 @@", "-x"]);
        assert_eq!(
            told(Some(&file), Some(&TreeEntry::text("x\n"))),
            ["  the same content, no longer executable"]
        );
        assert_eq!(told(None, None).len(), 0);
        assert_eq!(
            line_counts(Some(&TreeEntry::text("a\nb\n")), Some(&TreeEntry::text("a\nc\nd\n"))),
            Some((2, 1))
        );
        assert_eq!(line_counts(Some(&TreeEntry::text("\0")), None), None);
    }
}
