//! Where a program is looked for: in PATH, but never in the current directory, as in Go's `os/exec` and so in kubectl.

use std::path::PathBuf;

use crate::process::task::ProcessFailure;

/// Where the system's own search looks without a PATH.
#[cfg(unix)]
const USUAL: &str = "/bin:/usr/bin";

/// The path of a program. One that is named with a directory is taken by that name.
#[cfg(unix)]
pub fn find(program: &str) -> Result<PathBuf, ProcessFailure> {
    find_in(program, std::env::var_os("PATH").unwrap_or_else(|| USUAL.into()))
}

#[cfg(not(unix))]
pub fn find(program: &str) -> Result<PathBuf, ProcessFailure> {
    Ok(PathBuf::from(program))
}

#[cfg(unix)]
fn find_in(program: &str, path: std::ffi::OsString) -> Result<PathBuf, ProcessFailure> {
    if program.contains('/') {
        let path = PathBuf::from(program);
        // Another one is looked for where the child will stand.
        return if path.is_absolute() && !path.exists() { Err(ProcessFailure::NotFound) } else { Ok(path) };
    }
    if program.is_empty() {
        return Err(ProcessFailure::NotFound);
    }
    let candidates = std::env::split_paths(&path).map(|directory| directory.join(program));
    // An entry that does not begin at the root means another place for whoever stands in another directory.
    let (absolute, relative): (Vec<PathBuf>, Vec<PathBuf>) =
        candidates.partition(|candidate| candidate.is_absolute());
    match absolute.into_iter().find(|candidate| is_program(candidate)) {
        Some(found) => Ok(found),
        None if relative.iter().any(|candidate| is_program(candidate)) => Err(ProcessFailure::OnlyHere),
        None => Err(ProcessFailure::NotFound),
    }
}

/// A file of PATH.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct FoundProgram {
    pub name: String,
    pub path: PathBuf,
    pub executable: bool,
}

/// The files of PATH whose names begin so, in its order, by name within a directory. Entries of PATH that do not begin at
/// the root are left out, as when a program is run.
#[cfg(unix)]
pub fn programs(prefix: &str) -> Vec<FoundProgram> {
    let path = std::env::var_os("PATH").unwrap_or_else(|| USUAL.into());
    let directories = std::env::split_paths(&path).filter(|directory| directory.is_absolute());
    directories.flat_map(|directory| programs_of(&directory, prefix)).collect()
}

#[cfg(not(unix))]
pub fn programs(_: &str) -> Vec<FoundProgram> {
    Vec::new()
}

#[cfg(unix)]
fn programs_of(directory: &std::path::Path, prefix: &str) -> Vec<FoundProgram> {
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
    let named = entries.filter_map(|entry| Some((entry.file_name().into_string().ok()?, entry.path())));
    let mut found: Vec<FoundProgram> = named
        .filter(|(name, path)| name.starts_with(prefix) && path.is_file())
        .map(|(name, path)| FoundProgram { name, executable: is_program(&path), path })
        .collect();
    found.sort_by(|one, other| one.name.cmp(&other.name));
    found
}

#[cfg(unix)]
fn is_program(path: &std::path::Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    let executable =
        |metadata: std::fs::Metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0;
    std::fs::metadata(path).is_ok_and(executable)
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::find_in;
    use crate::process::task::ProcessFailure;

    #[test]
    fn programs_are_found_in_path_and_never_here() {
        let folder = tempfile::tempdir().expect("a folder");
        let (first, second) = (folder.path().join("first"), folder.path().join("second"));
        for directory in [&first, &second] {
            fs::create_dir(directory).expect("made");
            fs::write(directory.join("tool"), "#!/bin/sh\n").expect("written");
        }
        fs::set_permissions(second.join("tool"), fs::Permissions::from_mode(0o755)).expect("permissions");
        let path = |entries: &[&str]| entries.join(":").into();
        let (one, two) = (first.display().to_string(), second.display().to_string());
        let found = find_in("tool", path(&[".", "", "bin", &one, &two]));
        assert_eq!(found.expect("found"), second.join("tool"), "the first cannot be executed");
        assert_eq!(find_in("tool", path(&[".", &one])), Err(ProcessFailure::NotFound));
        assert_eq!(find_in("", path(&[&two])), Err(ProcessFailure::NotFound));
        assert_eq!(find_in(&format!("{one}/none"), path(&[&two])), Err(ProcessFailure::NotFound));
        assert_eq!(find_in("./tool", path(&[&one])).expect("as named"), std::path::Path::new("./tool"));
        // The directory of this test, as the tests are run in it, holds a program or none.
        let here = std::env::current_dir().expect("here");
        let up = here.components().skip(1).map(|_| "..").collect::<Vec<_>>().join("/");
        let relative = format!("{up}{two}");
        assert_eq!(find_in("tool", path(&[&one, &relative])), Err(ProcessFailure::OnlyHere));
    }
}
