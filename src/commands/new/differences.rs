//! Files that differ from what stands there: shown as a diff, and asked about one by one.

use anyhow::Result;

use crate::app::App;
use crate::commands::new::plan::{PathAction, WritePlan};
use crate::commands::unified::unified;
use crate::report::Line;
use crate::text::count;
use crate::tree::{Tree, TreeEntry};
use crate::ui::Ask;

/// Decides about every file that differs; false where the person leaves.
pub fn ask(plan: &mut WritePlan, tree: &Tree, app: &App) -> Result<bool> {
    let differing = plan.differing();
    let ui = &app.ui;
    let mut all = None;
    for (index, path) in differing.iter().enumerate() {
        let action = match all {
            Some(action) => action,
            None => {
                ui.tell(&Line::from(""));
                diff(path, &plan.before[path], tree.get(path)).iter().for_each(|line| ui.tell(line));
                let title = format!("{path} ({} of {})", index + 1, differing.len());
                let keys = [
                    ('k', "keep mine"),
                    ('t', "take the template's"),
                    ('a', "take all"),
                    ('n', "keep all"),
                    ('q', "quit"),
                ];
                match ui.ask_key(Ask { title: &title, ..Ask::default() }, &keys, false)? {
                    Some('k') => PathAction::Kept,
                    Some('t') => PathAction::Replaced,
                    Some('a') => *all.insert(PathAction::Replaced),
                    Some('n') => *all.insert(PathAction::Kept),
                    _ => return Ok(false),
                }
            }
        };
        plan.decide(path, action);
    }
    let (kept, replaced) = (plan.number(PathAction::Kept), plan.number(PathAction::Replaced));
    ui.detail(&format!("{} kept, {replaced} replaced", count(kept, "file")));
    Ok(true)
}

/// A unified diff from what stands there to what the template makes.
pub fn diff(path: &str, before: &[u8], after: Option<&TreeEntry>) -> Vec<Line> {
    let before = TreeEntry::File { bytes: before.to_vec(), executable: false };
    unified(path, ("yours", Some(&before)), ("the template's", after))
}

#[cfg(test)]
mod tests {
    use super::diff;
    use crate::tree::TreeEntry;

    #[track_caller]
    fn check(before: &[u8], after: TreeEntry, expect: &[&str]) {
        let lines: Vec<String> = diff("a", before, Some(&after)).iter().map(|line| line.plain()).collect();
        assert_eq!(lines[..2], ["--- a (yours)", "+++ a (the template's)"]);
        assert_eq!(lines[2..], *expect);
    }

    #[test]
    fn what_differs_is_shown() {
        check(
            b"1\n2\n3\n4\n5\n6\n",
            TreeEntry::text("1\n2\n3\n4\nfive\n6"),
            &["@@ -2,5 +2,5 @@", " 2", " 3", " 4", "-5", "-6", "+five", "+6", "\\ no line break at the end"],
        );
        check(b"x\0", TreeEntry::text("y"), &["  not text: 2 bytes, now 1 bytes"]);
        check(
            b"x",
            TreeEntry::File { bytes: b"x".to_vec(), executable: true },
            &["  the same content, made executable"],
        );
        let long: String = (0..500).map(|number| format!("{number}\n")).collect();
        let lines = diff("a", b"", Some(&TreeEntry::text(long)));
        assert_eq!((lines.len(), lines[200].plain().as_str()), (201, "(303 lines more)"));
    }
}
