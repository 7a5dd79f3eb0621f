//! A file that two sides changed since it was written, brought together: the base, the project's version and the golden path's next one.
//! What git does for a repository is done here for projects without one.

use similar::TextMerge;

use crate::tree::TreeEntry;

/// What becomes of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileMerge {
    /// It stays as the project has it.
    Ours,
    /// The project deleted it, and what the golden path changed in it goes nowhere.
    StaysDeleted,
    /// The project never changed it.
    Next(TreeEntry),
    /// Both did, and both changes are in it.
    Both(TreeEntry),
    /// The golden path deleted it, and the project never changed it.
    Deleted,
    /// Nobody can say but a person; it stays as the project has it.
    Conflict(MergeConflict),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MergeConflict {
    /// The same lines were changed in two ways.
    Lines,
    /// Both changed it, and it is no text.
    Binary,
    /// Both added it, each with its own content.
    BothAdded,
    /// The golden path deleted what the project edited.
    DeletedThere,
    /// Of a file and a link, or two links, one would have to win.
    Kinds,
}

impl MergeConflict {
    pub fn words(self) -> &'static str {
        match self {
            MergeConflict::Lines => "both changed the same lines",
            MergeConflict::Binary => "both changed it, and it is no text",
            MergeConflict::BothAdded => "both added it",
            MergeConflict::DeletedThere => "the golden path deleted what you changed",
            MergeConflict::Kinds => "both changed what it is",
        }
    }
}

/// Brings both sides of a file together.
pub fn three_way(base: Option<&TreeEntry>, ours: Option<&TreeEntry>, next: Option<&TreeEntry>) -> FileMerge {
    if next == base || next == ours {
        return FileMerge::Ours;
    }
    match (base, ours, next) {
        (None, None, Some(next)) => FileMerge::Next(next.clone()),
        (None, Some(_), Some(_)) => FileMerge::Conflict(MergeConflict::BothAdded),
        (Some(_), None, Some(_)) => FileMerge::StaysDeleted,
        (Some(base), Some(ours), Some(next)) if base == ours => FileMerge::Next(next.clone()),
        (Some(base), Some(ours), None) if base == ours => FileMerge::Deleted,
        (Some(_), Some(_), None) => FileMerge::Conflict(MergeConflict::DeletedThere),
        (Some(base), Some(ours), Some(next)) => contents(base, ours, next),
        (_, _, None) => FileMerge::Ours,
    }
}

fn contents(base: &TreeEntry, ours: &TreeEntry, next: &TreeEntry) -> FileMerge {
    let (
        TreeEntry::File { bytes: base, executable: was },
        TreeEntry::File { bytes: ours, executable: mine },
        TreeEntry::File { bytes: next, executable: theirs },
    ) = (base, ours, next)
    else {
        return FileMerge::Conflict(MergeConflict::Kinds);
    };
    let executable = if was == mine { *theirs } else { *mine };
    let file = |bytes: Vec<u8>| FileMerge::Both(TreeEntry::File { bytes, executable });
    if ours == next || base == next {
        return file(ours.clone());
    }
    if base == ours {
        return file(next.clone());
    }
    let text = |bytes| std::str::from_utf8(bytes).ok().filter(|text: &&str| !text.contains('\0'));
    let (Some(base), Some(ours), Some(next)) = (text(base), text(ours), text(next)) else {
        return FileMerge::Conflict(MergeConflict::Binary);
    };
    let merge = TextMerge::from_lines(base, ours, next);
    match merge.is_conflicted() {
        true => FileMerge::Conflict(MergeConflict::Lines),
        false => file(merge.to_string().into_bytes()),
    }
}

#[cfg(test)]
mod tests {
    use super::{FileMerge, MergeConflict, three_way};
    use crate::tree::TreeEntry;

    fn text(text: &str) -> TreeEntry {
        TreeEntry::text(text)
    }

    fn run(text: &str) -> TreeEntry {
        TreeEntry::File { bytes: text.into(), executable: true }
    }

    #[track_caller]
    fn check(base: Option<TreeEntry>, ours: Option<TreeEntry>, next: Option<TreeEntry>, expect: FileMerge) {
        assert_eq!(three_way(base.as_ref(), ours.as_ref(), next.as_ref()), expect);
    }

    #[test]
    fn nothing_of_either_side_is_lost() {
        let (base, mine, theirs) = ("1\n2\n3\n4\n5\n", "one\n2\n3\n4\n5\n", "1\n2\n3\n4\nfive\n");
        let (was, ours, next) = (Some(text(base)), Some(text(mine)), Some(text(theirs)));
        check(was.clone(), ours.clone(), was.clone(), FileMerge::Ours);
        check(was.clone(), was.clone(), next.clone(), FileMerge::Next(text(theirs)));
        check(was.clone(), ours.clone(), ours.clone(), FileMerge::Ours);
        check(was.clone(), ours.clone(), next.clone(), FileMerge::Both(text("one\n2\n3\n4\nfive\n")));
        check(
            was.clone(),
            ours.clone(),
            Some(text("uno\n2\n3\n4\n5\n")),
            FileMerge::Conflict(MergeConflict::Lines),
        );
        check(was.clone(), None, next.clone(), FileMerge::StaysDeleted);
        check(was.clone(), None, None, FileMerge::Ours);
        check(was.clone(), was.clone(), None, FileMerge::Deleted);
        check(was.clone(), ours.clone(), None, FileMerge::Conflict(MergeConflict::DeletedThere));
        check(None, None, next.clone(), FileMerge::Next(text(theirs)));
        check(None, ours.clone(), next.clone(), FileMerge::Conflict(MergeConflict::BothAdded));
        check(None, ours.clone(), None, FileMerge::Ours);
        // The permission of one side and the words of the other.
        check(was.clone(), ours.clone(), Some(run(base)), FileMerge::Both(run(mine)));
        check(was.clone(), Some(run(base)), next.clone(), FileMerge::Both(run(theirs)));
        let link = |target: &str| Some(TreeEntry::Link { target: target.into() });
        check(link("a"), link("a"), link("b"), FileMerge::Next(TreeEntry::Link { target: "b".into() }));
        check(link("a"), link("c"), link("b"), FileMerge::Conflict(MergeConflict::Kinds));
        check(was.clone(), link("c"), next, FileMerge::Conflict(MergeConflict::Kinds));
        check(
            Some(text("a\0")),
            Some(text("b\0")),
            Some(text("c\0")),
            FileMerge::Conflict(MergeConflict::Binary),
        );
    }

    /// The last line of a file without a line break is a line as any other.
    #[test]
    fn a_missing_line_break_is_kept() {
        check(
            Some(text("1\n2\n3")),
            Some(text("one\n2\n3")),
            Some(text("1\n2\n3\n4")),
            FileMerge::Both(text("one\n2\n3\n4")),
        );
    }
}
