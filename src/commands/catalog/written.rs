//! Where imported entities go: one new file, or a directory with a file for each; nothing that exists is touched.

use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::app::App;
use crate::catalog::import::{ImportedEntity, UNKNOWN_OWNER};
use crate::files;
use crate::outcome::advised;
use crate::text::{count, safe, shell_word};

pub enum Written {
    File(PathBuf),
    Directory(PathBuf),
}

impl Written {
    /// Whether the path is a directory or a file; a file that exists is refused at once.
    pub fn at(path: &Path) -> Result<Written> {
        let is_directory = files::is_dir(path) || path.as_os_str().to_string_lossy().ends_with('/');
        if !is_directory && files::exists(path) {
            return Err(advised(
                anyhow::anyhow!("{} exists already, and import overwrites nothing", path.display()),
                "name a new file or a directory; with the old one in the catalog (--catalog) only what is new is printed, to be added",
            ));
        }
        Ok(if is_directory {
            Written::Directory(path.to_path_buf())
        } else {
            Written::File(path.to_path_buf())
        })
    }

    /// Writes all or nothing; what was written, a line for each file.
    pub fn write(&self, heading: &str, made: &[ImportedEntity], app: &App) -> Result<String> {
        let busy = app.busy();
        let written = match self {
            Written::File(path) => {
                write_file(path, &document(heading, made)).map(|()| vec![(path.clone(), told(made))])
            }
            Written::Directory(directory) => write_all(directory, heading, made),
        };
        drop(busy);
        let lines = written?
            .into_iter()
            .map(|(path, what)| format!("{}: {what}\n", safe(&path.display().to_string())));
        Ok(lines.collect())
    }

    /// What to do with it next; whether any owner was found decides whether services can be asked for by owner.
    pub fn advice(&self, has_owners: bool, app: &App) -> Result<String> {
        let (Written::File(path) | Written::Directory(path)) = self;
        let is_read = app.catalog_paths()?.iter().any(|known| {
            let (known, path) = (files::identity(known), files::identity(path));
            path == known || (files::is_dir(&known) && path.starts_with(&known))
        });
        let shown = shell_word(&path.display().to_string());
        Ok(match (is_read, has_owners) {
            (true, true) => format!(
                "`callboard status --owner GROUP` works now; look through the guesses in {}",
                path.display()
            ),
            (true, false) => format!(
                "`callboard status` reads it now; fill in `owner: {UNKNOWN_OWNER}` in {} to ask by --owner",
                path.display()
            ),
            (false, _) => format!(
                "look through the guesses; `callboard status --catalog {shown}` uses it, `catalog: [{}]` in the config file does so always",
                files::absolute(path).display()
            ),
        })
    }
}

/// All entities as one file.
pub fn document(heading: &str, made: &[ImportedEntity]) -> String {
    let texts: Vec<&str> = made.iter().map(|entity| entity.text.as_str()).collect();
    format!("{heading}---\n{}", texts.join("---\n"))
}

fn write_file(path: &Path, text: &str) -> Result<()> {
    let directory = path.parent().filter(|directory| !directory.as_os_str().is_empty());
    directory.map_or(Ok(()), files::create_dir)?;
    files::create(path, text.as_bytes(), None)
}

/// A file for each entity. All names are looked at before the first is written, and what was written is taken back where one fails.
fn write_all(directory: &Path, heading: &str, made: &[ImportedEntity]) -> Result<Vec<(PathBuf, String)>> {
    let files_of: Vec<(PathBuf, &ImportedEntity)> =
        made.iter().map(|entity| (directory.join(file_name(entity)), entity)).collect();
    let taken: Vec<String> = files_of
        .iter()
        .filter(|(path, _)| files::exists(path))
        .map(|(path, _)| path.display().to_string())
        .collect();
    if !taken.is_empty() {
        return Err(advised(
            anyhow::anyhow!(
                "{} in the way, and import overwrites nothing: {}",
                count(taken.len(), "file"),
                taken.join(", ")
            ),
            "nothing was written; name another directory, or the services to import",
        ));
    }
    let mut own = Vec::new();
    for (path, entity) in &files_of {
        path.parent().map_or(Ok(()), files::create_dir)?;
        own.push(files::make(path, format!("{heading}{}", entity.text).as_bytes(), None)?);
    }
    own.into_iter().for_each(files::OwnFile::keep);
    Ok(files_of.into_iter().map(|(path, entity)| (path, told(std::slice::from_ref(entity)))).collect())
}

/// In lower case, for some file systems take two spellings for one; a Component can be called as a Group is.
fn file_name(entity: &ImportedEntity) -> PathBuf {
    let file = PathBuf::from(format!("{}.yaml", entity.name.to_lowercase()));
    match entity.kind {
        "Component" => file,
        kind => Path::new(&format!("{}s", kind.to_lowercase())).join(file),
    }
}

fn told(made: &[ImportedEntity]) -> String {
    if let [entity] = made {
        let owner = entity.owner.as_ref().map(|(owner, why)| {
            let guess = if why.is_some() { " (a guess)" } else { "" };
            format!(", owner {owner}{guess}")
        });
        return format!("{} {}{}", entity.kind, entity.name, owner.unwrap_or_default());
    }
    let kinds = ["Component", "Group", "User", "System"].map(|kind| {
        let number = made.iter().filter(|entity| entity.kind == kind).count();
        (number > 0).then(|| count(number, kind))
    });
    kinds.into_iter().flatten().collect::<Vec<_>>().join(", ")
}
