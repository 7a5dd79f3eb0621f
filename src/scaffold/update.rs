//! What an update brings together: the files as the golden path wrote them and as it writes them now, and the lock that says so.

use std::collections::BTreeSet;

use crate::scaffold::lock::{Layer, Policy, WrittenFile};
use crate::tree::{Tree, TreeEntry};

/// What is known of a layer before it is updated.
pub struct UpdateInput<'a> {
    pub layer: &'a Layer,
    pub next: &'a Layer,
    /// What the golden path writes now, by its own paths.
    pub next_tree: &'a Tree,
    /// What stands in the project, by the project's paths.
    pub ours: &'a Tree,
    /// What was written, as far as it is still known; by the golden path's own paths.
    pub written: &'a Tree,
    /// The project's paths that are meant; all without it.
    pub only: Option<&'a dyn Fn(&str) -> bool>,
    /// The project's paths that the person deleted and the golden path changed.
    pub gone: &'a BTreeSet<String>,
}

/// Both sides of an update; all paths are the project's.
#[derive(Debug, Default)]
pub struct Sides {
    pub base: Tree,
    pub next: Tree,
    /// What the lock says of it afterwards.
    pub files: Vec<(String, WrittenFile)>,
    /// Something that the golden path changed stays behind, since it was not asked for.
    pub behind: bool,
    /// Files of an adopted project that are not taken yet.
    pub pending: Vec<String>,
    /// The person deleted them, and the golden path changed them: they stay deleted.
    pub stay_deleted: Vec<String>,
    /// What was written is known no longer, so that two versions are compared instead of three.
    pub unknown: Vec<String>,
}

/// Lays out both sides. What an update has nothing to do with stands on both as the project has it, so that nothing else is taken for a
/// file that was moved.
pub fn sides(input: &UpdateInput<'_>) -> Sides {
    let mut sides = Sides::default();
    let paths: BTreeSet<&String> = input.layer.files.keys().chain(input.next.files.keys()).collect();
    for path in paths {
        side(input, path, &mut sides);
    }
    sides
}

fn side(input: &UpdateInput<'_>, path: &str, sides: &mut Sides) {
    let place = input.layer.place(path);
    let (was, will) = (input.layer.files.get(path), input.next.files.get(path));
    let ours = input.ours.get(&place);
    let put = |tree: &mut Tree, entry: Option<&TreeEntry>| {
        // Paths of a lock and of a rendering are jailed already, and one that runs through a link is not merged.
        entry.map(|entry| tree.insert(&place, entry.clone()))
    };
    let chosen = input.only.is_none_or(|only| only(&place));
    let changed = |was: &WrittenFile, will: &WrittenFile| (&was.oid, &was.mode) != (&will.oid, &will.mode);
    let record = |sides: &mut Sides, file: &WrittenFile| sides.files.push((path.to_string(), file.clone()));
    let policy = will.or(was).map(|file| file.policy).unwrap_or_default();
    let stays = |sides: &mut Sides| {
        put(&mut sides.base, ours);
        put(&mut sides.next, ours);
    };
    match (was, will) {
        (None, None) => {}
        (Some(was), _) if !chosen => {
            stays(sides);
            sides.behind |= !was.is_apart() && will.is_none_or(|will| changed(was, will));
            if was.pending {
                sides.pending.push(place.clone());
            }
            record(sides, was);
        }
        (None, Some(_)) if !chosen => sides.behind = true,
        (Some(was), Some(will)) if was.pending && input.only.is_none() => {
            stays(sides);
            sides.pending.push(place.clone());
            record(sides, &WrittenFile { pending: true, ..will.clone() });
        }
        (Some(was), Some(will)) if was.pending => {
            // Never taken, so that there is nothing that both began from.
            put(&mut sides.next, input.next_tree.get(path));
            record(sides, will);
        }
        (Some(was), Some(will)) if policy == Policy::Once || was.removed => {
            stays(sides);
            record(sides, &WrittenFile { removed: was.removed, ..will.clone() });
        }
        (Some(was), None) if was.is_apart() || policy == Policy::Once => stays(sides),
        (None, Some(will)) => {
            if policy == Policy::Once && ours.is_some() {
                stays(sides);
            } else {
                put(&mut sides.next, input.next_tree.get(path));
            }
            record(sides, will);
        }
        (Some(was), Some(will)) if !changed(was, will) => {
            let here = ours.or(input.written.get(path));
            if ours.is_some() {
                put(&mut sides.base, here);
                put(&mut sides.next, here);
            }
            record(sides, will);
        }
        (Some(was), will) => {
            let written = ours.filter(|ours| was.is(ours)).or(input.written.get(path));
            if ours.is_none() && (input.gone.contains(&place) || written.is_none()) {
                if let Some(will) = will {
                    sides.stay_deleted.push(place.clone());
                    record(sides, &WrittenFile { removed: true, ..will.clone() });
                }
                return;
            }
            match (written, will) {
                (None, None) => {
                    // Edited, and dropped by the golden path: it is the project's now.
                    sides.unknown.push(place.clone());
                    stays(sides);
                }
                (written, will) => {
                    if written.is_none() {
                        sides.unknown.push(place.clone());
                    }
                    put(&mut sides.base, written);
                    put(&mut sides.next, will.and_then(|_| input.next_tree.get(path)));
                }
            }
            will.iter().for_each(|will| record(sides, will));
        }
    }
}

impl Sides {
    /// The layer as the lock has it afterwards: of the new version, unless something stays behind.
    pub fn layer(&self, layer: &Layer, next: &Layer) -> Layer {
        let about = if self.behind { layer } else { next };
        Layer {
            id: layer.id.clone(),
            path: layer.path.clone(),
            files: self.files.iter().cloned().collect(),
            ..about.clone()
        }
    }
}
