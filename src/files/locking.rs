//! kubectl's own lock of a kubeconfig: a file beside it that only one can make.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::files::own::OwnFile;

/// kubectl holds it for milliseconds.
const PATIENCE: Duration = Duration::from_secs(3);

/// Locks files as kubectl locks kubeconfigs; they are free again once what this returns is dropped. Links are locked under both of
/// their names, for another kubeconfig variable may name the file itself.
pub fn lock_as_kubectl(paths: &[PathBuf]) -> Result<Vec<OwnFile>> {
    let real = paths.iter().filter_map(|path| fs::canonicalize(path).ok());
    let mut names: Vec<PathBuf> =
        paths.iter().filter_map(|path| std::path::absolute(path).ok()).chain(real).collect();
    // Always in the same order, so that no two wait for each other.
    names.sort();
    names.dedup();
    names.iter().map(|path| lock(path)).collect()
}

fn lock(path: &Path) -> Result<OwnFile> {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    let name = PathBuf::from(name);
    let since = Instant::now();
    loop {
        match fs::OpenOptions::new().write(true).create_new(true).open(&name) {
            Ok(_) => return OwnFile::new(&name, b""),
            Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => {
                return Err(error).with_context(|| format!("{} cannot be made", name.display()));
            }
            Err(_) if since.elapsed() > PATIENCE => bail!(
                "{} is there: kubectl or another program is changing the file; where none runs any more, remove it",
                name.display()
            ),
            Err(_) => std::thread::sleep(Duration::from_millis(50)),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::time::Duration;

    use super::lock_as_kubectl;

    #[test]
    fn one_at_a_time_and_nothing_is_left() {
        let folder = tempfile::tempdir().expect("a folder");
        let (file, lock) = (folder.path().join("config"), folder.path().join("config.lock"));
        fs::write(&file, "x").expect("written");
        let held = lock_as_kubectl(std::slice::from_ref(&file)).expect("locked");
        assert!(lock.exists());
        let told = lock_as_kubectl(std::slice::from_ref(&file)).expect_err("taken").to_string();
        assert!(told.contains("config.lock is there"), "{told}");
        drop(held);
        assert!(!lock.exists());
        fs::write(&lock, "").expect("kubectl's");
        let other = lock.clone();
        let freed = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(300));
            fs::remove_file(other).expect("removed");
        });
        drop(lock_as_kubectl(&[file]).expect("waited for"));
        freed.join().expect("ended");
        assert!(!lock.exists());
    }

    #[cfg(unix)]
    #[test]
    fn a_link_is_locked_under_both_names() {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("real"), "x").expect("written");
        std::os::unix::fs::symlink(folder.path().join("real"), folder.path().join("config")).expect("linked");
        let held = lock_as_kubectl(&[folder.path().join("config")]).expect("locked");
        assert!(folder.path().join("config.lock").exists() && folder.path().join("real.lock").exists());
        drop(held);
        assert!(!folder.path().join("config.lock").exists() && !folder.path().join("real.lock").exists());
    }
}
