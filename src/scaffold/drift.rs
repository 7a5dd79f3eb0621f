//! How a project stands to what its golden path wrote, and to what another version of the path would write.

use std::collections::BTreeSet;

use crate::scaffold::lock::{Layer, Policy, WrittenFile};
use crate::tree::{Tree, TreeEntry};

/// How a file of the project stands to what the path wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LockedFileState {
    AsWritten,
    Edited,
    Deleted,
}

impl LockedFileState {
    fn of(written: &WrittenFile, now: Option<&TreeEntry>) -> LockedFileState {
        match now {
            None | Some(TreeEntry::Directory) => LockedFileState::Deleted,
            Some(entry) if written.is(entry) => LockedFileState::AsWritten,
            Some(_) => LockedFileState::Edited,
        }
    }
}

/// What another version of the golden path does with a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TemplateChange {
    Added,
    Changed,
    Deleted,
}

/// A file in which the project, the golden path, or both went away from what was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DriftedFile<'a> {
    /// Below the layer's own path.
    pub path: &'a str,
    pub policy: Policy,
    /// The owner said that it is to stay away.
    pub removed: bool,
    /// Its content was never taken.
    pub pending: bool,
    pub state: LockedFileState,
    pub change: Option<TemplateChange>,
}

impl DriftedFile<'_> {
    /// Whether the project went away from the path here: what is the owner's own from the start never does, nor what they took out.
    pub fn is_drift(&self) -> bool {
        let own = self.policy == Policy::Once || self.removed && self.state == LockedFileState::Deleted;
        self.state != LockedFileState::AsWritten && !own
    }

    /// Whether an update would bring something here.
    pub fn is_behind(&self) -> bool {
        self.change.is_some()
            && !self.removed
            && (self.policy != Policy::Once || self.change == Some(TemplateChange::Added))
    }
}

/// The files of a layer that drifted, in the project, or with `next` between the recorded version and another one; by path.
pub fn drifted<'a>(layer: &'a Layer, project: &Tree, next: Option<&'a Layer>) -> Vec<DriftedFile<'a>> {
    let paths: BTreeSet<&str> = layer
        .files
        .keys()
        .chain(next.into_iter().flat_map(|next| next.files.keys()))
        .map(String::as_str)
        .collect();
    let file = |path: &'a str| {
        let (was, will) = (layer.files.get(path), next.map(|next| next.files.get(path)));
        let change = match (was, will) {
            (_, None) | (None, Some(None)) => None,
            (None, Some(Some(_))) => Some(TemplateChange::Added),
            (Some(_), Some(None)) => Some(TemplateChange::Deleted),
            (Some(was), Some(Some(will))) => {
                ((&was.oid, &was.mode) != (&will.oid, &will.mode)).then_some(TemplateChange::Changed)
            }
        };
        let now = project.get(&layer.place(path));
        let state = match (was, will.flatten()) {
            (Some(was), _) => LockedFileState::of(was, now),
            // It stands there already, and not by the path's doing.
            (None, Some(will)) if now.is_some_and(|now| !will.is(now)) => LockedFileState::Edited,
            (None, _) => LockedFileState::AsWritten,
        };
        let known = was.or(will.flatten())?;
        let file = DriftedFile {
            path,
            policy: known.policy,
            removed: known.removed,
            pending: known.pending,
            state,
            change,
        };
        (file.is_drift() || file.is_behind()).then_some(file)
    };
    paths.into_iter().filter_map(file).collect()
}

#[cfg(test)]
mod tests {
    use super::{LockedFileState, TemplateChange, drifted};
    use crate::scaffold::lock::{Layer, Policy, WrittenFile, identity};
    use crate::tree::{Tree, TreeEntry};

    fn layer(files: &[(&str, &str, Policy)]) -> Layer {
        let text = "{id: a, template: 'template:default/a', source: 'embedded:a', digest: x, engine: 1, path: ., files: {}}";
        let document = crate::yaml::documents("l", text).remove(0).expect("YAML");
        let mut layer: Layer = serde_json::from_value(document.value).expect("a layer");
        for (path, text, policy) in files {
            let (oid, mode) = identity(&TreeEntry::text(*text)).expect("a file");
            let file =
                WrittenFile { oid, mode: mode.into(), policy: *policy, removed: false, pending: false };
            layer.files.insert((*path).to_string(), file);
        }
        layer
    }

    fn tree(files: &[(&str, &str)]) -> Tree {
        let mut tree = Tree::default();
        files.iter().for_each(|(path, text)| tree.insert(path, TreeEntry::text(*text)).expect("fits"));
        tree
    }

    #[test]
    fn what_drifts_and_what_is_behind() {
        use Policy::{Merge, Once, Owned};
        let mut was = layer(&[
            ("same", "1", Merge),
            ("edited", "1", Merge),
            ("guild", "1", Owned),
            ("mine", "1", Once),
            ("deleted", "1", Merge),
            ("gone", "1", Merge),
            ("dropped", "1", Merge),
        ]);
        was.files.get_mut("gone").expect("it is there").removed = true;
        let next = layer(&[
            ("same", "2", Merge),
            ("edited", "1", Merge),
            ("guild", "1", Owned),
            ("mine", "2", Once),
            ("deleted", "2", Merge),
            ("gone", "2", Merge),
            ("new", "2", Merge),
            ("there", "2", Merge),
            ("own", "2", Once),
        ]);
        let project = tree(&[
            ("same", "1"),
            ("edited", "x"),
            ("guild", "x"),
            ("mine", "x"),
            ("dropped", "1"),
            ("there", "x"),
        ]);
        let told = |next: Option<&Layer>| -> Vec<(String, LockedFileState, Option<TemplateChange>)> {
            let files = drifted(&was, &project, next);
            files.iter().map(|file| (file.path.to_string(), file.state, file.change)).collect()
        };
        let (written, edited, deleted) =
            (LockedFileState::AsWritten, LockedFileState::Edited, LockedFileState::Deleted);
        let of = |path: &str, state, change| (path.to_string(), state, change);
        assert_eq!(
            told(None),
            [of("deleted", deleted, None), of("edited", edited, None), of("guild", edited, None)]
        );
        assert_eq!(
            told(Some(&next)),
            [
                of("deleted", deleted, Some(TemplateChange::Changed)),
                of("dropped", written, Some(TemplateChange::Deleted)),
                of("edited", edited, None),
                of("guild", edited, None),
                of("new", written, Some(TemplateChange::Added)),
                of("own", written, Some(TemplateChange::Added)),
                of("same", written, Some(TemplateChange::Changed)),
                of("there", edited, Some(TemplateChange::Added)),
            ]
        );
    }
}
