//! What golden paths wrote, kept in the cache: the third version that an update compares with, where no repository has it and the template has
//! moved on.

use std::path::PathBuf;

use crate::app::App;
use crate::files;
use crate::scaffold::digest::blob_id;
use crate::scaffold::lock::Layer;
use crate::tree::{Tree, TreeEntry};

/// More is not worth its room.
const MOST: usize = 8 << 20;

/// Where the files of a layer are kept: under a name made of their ids.
fn place(app: &App, layer: &Layer) -> Option<PathBuf> {
    let ids: String = layer.files.iter().map(|(path, file)| format!("{path}\0{}\n", file.oid)).collect();
    Some(app.cache()?.join("golden-paths/written").join(blob_id(ids.as_bytes())))
}

/// Keeps the files of a layer, by its own paths; those of one that was asked for secrets may hold them, and are not kept. That it cannot
/// be done is no harm to anybody.
pub fn keep_written(app: &App, layer: &Layer, candidates: &[&Tree]) {
    let Some(place) = place(app, layer).filter(|place| layer.secrets.is_empty() && !files::lies(place))
    else {
        return;
    };
    let mut tree = Tree::default();
    for (path, file) in &layer.files {
        let entry = candidates.iter().filter_map(|tree| tree.get(path)).find(|entry| file.is(entry));
        if let Some(entry) = entry
            && tree.insert(path, entry.clone()).is_err()
        {
            return;
        }
    }
    let size = |entry: &TreeEntry| if let TreeEntry::File { bytes, .. } = entry { bytes.len() } else { 0 };
    if tree.is_empty() || tree.iter().map(|(_, entry)| size(entry)).sum::<usize>() > MOST {
        return;
    }
    if let Err(error) = files::write_tree(&place, &tree) {
        app.ui.detail(&format!("what was written could not be kept: {error:#}"));
    }
}

/// The files of a layer as they were kept; who uses one looks whether it is what the lock says.
pub fn kept_written(app: &App, layer: &Layer) -> Tree {
    let place = place(app, layer).filter(|place| files::is_dir(place));
    place.and_then(|place| files::read_tree(&place).ok()).unwrap_or_default()
}
