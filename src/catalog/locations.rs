//! Which files a Location entity points to.

use std::path::{Component, Path, PathBuf};

use crate::catalog::entity::Entity;
use crate::yaml::{Place, Problem};

/// A file, directory or pattern to load next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocationTarget {
    pub path: PathBuf,
    /// Whether it is a problem if nothing is there.
    pub required: bool,
    /// Where the catalog names it.
    pub place: Place,
}

/// The targets of a Location that stands in `file`; relative ones are relative to that file. What lies
/// behind a URL is not fetched: reading a catalog must not depend on a network. Each such target is told.
pub fn targets(location: &Entity, file: &Path) -> (Vec<LocationTarget>, Vec<Problem>) {
    let (mut found, mut notes) = (Vec::new(), Vec::new());
    let kind = location.spec("type").unwrap_or("file");
    let required = location.spec("presence") != Some("optional");
    let all = location.specs("target").into_iter().chain(location.specs("targets"));
    for (pointer, text) in
        all.map(|(pointer, text)| (pointer, text.trim())).filter(|(_, text)| !text.is_empty())
    {
        let is_url = text.starts_with("http://") || text.starts_with("https://");
        let place = location.document.place(&pointer);
        if kind != "file" || is_url {
            let message = format!("the target {text} is not followed: only files are");
            notes.push(Problem::new(place, message).hint(format!("callboard catalog pull {text}")));
            continue;
        }
        let directory = file.parent().unwrap_or(Path::new(""));
        found.push(LocationTarget { path: tidy(&directory.join(text)), required, place });
    }
    (found, notes)
}

/// A path without `.` steps; `..` steps stay, for a link may stand before them.
fn tidy(path: &Path) -> PathBuf {
    path.components().filter(|step| *step != Component::CurDir).collect()
}
