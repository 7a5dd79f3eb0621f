//! Which files a Location entity points to.

use std::path::{Component, Path, PathBuf};

use crate::catalog::entity::Entity;
use crate::yaml::{Document, Place, Problem};

/// A file, directory or pattern to load next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocationTarget {
    pub path: PathBuf,
    /// Whether it is a problem if nothing is there.
    pub required: bool,
    /// Where the catalog names it.
    pub place: Place,
}

/// Finds the file of this repository that a URL means, for a Location that stands in a file.
pub type LocalFile<'a> = dyn Fn(&Path, &str) -> Option<PathBuf> + 'a;

/// The targets of a Location that stands in `file`; relative ones are relative to that file, whatever the Location's type says. What
/// lies behind a URL is not fetched, unless it is of the repository the Location stands in: reading a catalog must not depend on a
/// network. Each such target is told.
pub fn targets(
    location: &Entity,
    document: &Document,
    file: &Path,
    local: &LocalFile<'_>,
) -> (Vec<LocationTarget>, Vec<Problem>) {
    let (mut found, mut notes) = (Vec::new(), Vec::new());
    let required = location.spec("presence") != Some("optional");
    let finds = matches!(location.spec("type").unwrap_or("file"), "file" | "url" | "dir");
    for (pointer, text) in location.specs("target").chain(location.specs("targets")) {
        let text = text.trim();
        if text.is_empty() {
            continue;
        }
        let place = document.place(&pointer);
        let mut target = |path: PathBuf| {
            found.push(LocationTarget { path: tidy(&path), required, place: place.clone() });
        };
        match (is_url(text), finds) {
            (false, true) => target(file.parent().unwrap_or(Path::new("")).join(text)),
            (true, true) if let Some(path) = local(file, text) => target(path),
            _ => {
                let message = format!("the target {text} is not followed: only files are");
                notes.push(Problem::new(place, message).hint(format!("callboard catalog pull {text}")));
            }
        }
    }
    (found, notes)
}

pub fn is_url(text: &str) -> bool {
    let scheme = text.split_once("://").map(|(scheme, _)| scheme);
    scheme.is_some_and(|scheme| {
        !scheme.is_empty() && scheme.chars().all(|c| c.is_ascii_alphanumeric() || c == '+')
    })
}

/// A path without `.` steps; `..` steps stay, for a link may stand before them.
fn tidy(path: &Path) -> PathBuf {
    path.components().filter(|step| *step != Component::CurDir).collect()
}
