//! Files read whole, within bounds of size and time: nothing that lies in the place of one keeps the run waiting.

use std::fs::{self, File, FileType, Metadata};
use std::io::Read;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::files::{exists, plainly};

/// Reads a text file of at most `max` bytes; a longer one, a directory, what is no regular file or no UTF-8 is an
/// error that names the file.
pub fn read_text(path: &Path, max: usize) -> Result<String> {
    text_of(path, read_bytes(path, max)?)
}

/// As `read_text`, but nothing where there is no such file.
pub fn read_text_if_exists(path: &Path, max: usize) -> Result<Option<String>> {
    if exists(path) { read_text(path, max).map(Some) } else { Ok(None) }
}

/// As `read_text`, but nothing where there is no such file, or it was written longer ago.
pub fn read_text_if_younger(path: &Path, max: usize, age: Duration) -> Result<Option<String>> {
    let written = fs::metadata(path).and_then(|metadata| metadata.modified());
    match written.is_ok_and(|written| written.elapsed().is_ok_and(|elapsed| elapsed < age)) {
        true => read_text(path, max).map(Some),
        false => Ok(None),
    }
}

/// As `read_text`, for a path that a person gave to this run: it may be a pipe, as a shell's `<(command)` is.
pub fn read_text_or_pipe(path: &Path, max: usize) -> Result<String> {
    text_of(path, read_bytes_or_pipe(path, max)?)
}

/// Reads a regular file of at most `max` bytes; never more than that is held, even of a file that grows. The null
/// device is an empty file.
pub fn read_bytes(path: &Path, max: usize) -> Result<Vec<u8>> {
    match open(path)? {
        Some((_, Readable::Pipe)) => bail!("{} is a pipe and no regular file", path.display()),
        Some((file, Readable::Regular)) => bounded(path, file, max),
        None => Ok(Vec::new()),
    }
}

/// As `read_bytes`, for a path that a person gave to this run: what comes through a pipe is waited for, but not for
/// ever. It can be read once.
pub fn read_bytes_or_pipe(path: &Path, max: usize) -> Result<Vec<u8>> {
    match open(path)? {
        #[cfg(unix)]
        Some((file, Readable::Pipe)) => pipe::drained(path, file, max),
        Some((file, _)) => bounded(path, file, max),
        None => Ok(Vec::new()),
    }
}

fn text_of(path: &Path, bytes: Vec<u8>) -> Result<String> {
    match String::from_utf8(bytes) {
        Ok(text) => Ok(text),
        Err(error) => {
            let at = error.utf8_error().valid_up_to();
            let line = error.as_bytes()[..at].iter().filter(|byte| **byte == b'\n').count() + 1;
            bail!("{}:{line}: the file is not UTF-8 text", path.display())
        }
    }
}

fn bounded(path: &Path, file: File, max: usize) -> Result<Vec<u8>> {
    let length = file.metadata().ok().and_then(|metadata| usize::try_from(metadata.len()).ok());
    // One more than it holds, so that its end is seen without asking for room.
    let mut bytes = Vec::with_capacity(length.unwrap_or_default().min(max) + 1);
    let bound = u64::try_from(max).unwrap_or(u64::MAX).saturating_add(1);
    file.take(bound).read_to_end(&mut bytes).map_err(|error| plainly(path, &error))?;
    match bytes.len() > max {
        true => Err(too_long(path, max)),
        false => Ok(bytes),
    }
}

fn too_long(path: &Path, max: usize) -> anyhow::Error {
    anyhow::anyhow!("{} has more than the {max} bytes that are read", path.display())
}

enum Readable {
    Regular,
    Pipe,
}

/// A regular file, open; nothing where there is no such file, or it is the null device.
pub(in crate::files) fn regular(path: &Path) -> Result<Option<File>> {
    if !exists(path) {
        return Ok(None);
    }
    match open(path)? {
        Some((_, Readable::Pipe)) => bail!("{} is a pipe and no regular file", path.display()),
        Some((file, Readable::Regular)) => Ok(Some(file)),
        None => Ok(None),
    }
}

/// Opens what can be read to its end, without waiting for anybody; nothing where it is the null device.
fn open(path: &Path) -> Result<Option<(File, Readable)>> {
    // Opening a device may do something to it, so its kind is looked at before, and again once nobody can change it.
    let before = fs::metadata(path).map_err(|error| plainly(path, &error))?;
    if is_null(&before) {
        return Ok(None);
    }
    kind(path, &before)?;
    let mut options = fs::OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        let flags = rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::NOCTTY;
        options.custom_flags(flags.bits().cast_signed());
    }
    let file = options.open(path).map_err(|error| plainly(path, &error))?;
    let metadata = file.metadata().with_context(|| format!("{} cannot be read", path.display()))?;
    let kind = kind(path, &metadata)?;
    Ok(Some((file, kind)))
}

fn kind(path: &Path, metadata: &Metadata) -> Result<Readable> {
    let (path, of) = (path.display(), metadata.file_type());
    match (of.is_file(), of.is_dir()) {
        (true, _) => Ok(Readable::Regular),
        (_, true) => bail!("{path} is a directory"),
        _ => match special(of) {
            Special::Pipe => Ok(Readable::Pipe),
            Special::Socket => bail!("{path} is a socket and no regular file"),
            Special::Device => bail!("{path} is a device and no regular file"),
        },
    }
}

enum Special {
    Pipe,
    Socket,
    Device,
}

#[cfg(unix)]
fn special(of: FileType) -> Special {
    use std::os::unix::fs::FileTypeExt;
    match (of.is_fifo(), of.is_socket()) {
        (true, _) => Special::Pipe,
        (_, true) => Special::Socket,
        _ => Special::Device,
    }
}

#[cfg(not(unix))]
fn special(_: FileType) -> Special {
    Special::Device
}

/// Whether it is the null device, by which people say that there is no such file.
#[cfg(unix)]
fn is_null(metadata: &Metadata) -> bool {
    use std::os::unix::fs::{FileTypeExt, MetadataExt};
    let is_same = |null: Metadata| null.rdev() == metadata.rdev();
    metadata.file_type().is_char_device() && fs::metadata("/dev/null").is_ok_and(is_same)
}

#[cfg(not(unix))]
fn is_null(_: &Metadata) -> bool {
    false
}

#[cfg(unix)]
mod pipe {
    use std::fs::File;
    use std::io::{ErrorKind, Read};
    use std::path::Path;
    use std::time::{Duration, Instant};

    use anyhow::{Result, bail};
    use rustix::event::{PollFd, PollFlags, Timespec, poll};

    use crate::files::plainly;
    use crate::files::reading::too_long;

    /// Longest that a pipe may take to its end: a person may have to unlock what writes it.
    const WHOLE: Duration = Duration::from_secs(60);
    /// Longest that nobody may hold its other end.
    const ALONE: Duration = Duration::from_secs(3);
    const STEP: Duration = Duration::from_millis(50);

    /// All that comes through a pipe that was opened without waiting for a writer.
    pub fn drained(path: &Path, mut pipe: File, max: usize) -> Result<Vec<u8>> {
        let begun = Instant::now();
        let (mut bytes, mut chunk, mut is_alone) = (Vec::new(), vec![0; 64 << 10], true);
        loop {
            let happened = waited(&pipe)?;
            match pipe.read(&mut chunk) {
                // Without a writer a pipe reads as ended; it hangs up only after one was there.
                Ok(0) if happened.is_empty() && is_alone && begun.elapsed() < ALONE => {}
                Ok(0) if happened.is_empty() && is_alone => {
                    bail!("{} is a pipe that nobody writes to", path.display())
                }
                Ok(0) => return Ok(bytes),
                Ok(read) => {
                    bytes.extend_from_slice(&chunk[..read]);
                    is_alone = false;
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => is_alone = false,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(plainly(path, &error)),
            }
            if bytes.len() > max {
                return Err(too_long(path, max));
            }
            if begun.elapsed() > WHOLE {
                bail!("{} is a pipe that did not end in {}s", path.display(), WHOLE.as_secs());
            }
        }
    }

    /// What can be read, or happened, within a moment.
    fn waited(pipe: &File) -> Result<PollFlags> {
        let mut watched = [PollFd::new(pipe, PollFlags::IN)];
        let moment = Timespec { tv_sec: 0, tv_nsec: i64::from(STEP.subsec_nanos()) };
        match poll(&mut watched, Some(&moment)) {
            Ok(_) | Err(rustix::io::Errno::INTR) => Ok(watched[0].revents()),
            Err(error) => Err(error.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::{read_bytes, read_text, read_text_if_exists};
    use crate::files::exists;

    #[test]
    fn reading_is_bounded_and_errors_name_the_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("a.yaml");
        fs::write(&file, "é\nb").expect("written");
        assert_eq!(read_text(&file, 4).expect("read"), "é\nb");
        let told = |result: anyhow::Result<String>| {
            result.expect_err("refused").to_string().replace(&folder.path().display().to_string(), "")
        };
        assert_eq!(told(read_text(&file, 3)), "/a.yaml has more than the 3 bytes that are read");
        fs::write(&file, b"a\n\xff\n").expect("written");
        assert_eq!(told(read_text(&file, 99)), "/a.yaml:2: the file is not UTF-8 text");
        assert_eq!(told(read_text(&folder.path().join("none"), 9)), "/none does not exist");
        assert_eq!(told(read_text(folder.path(), 9)), " is a directory");
        assert_eq!(read_text_if_exists(&folder.path().join("none"), 9).expect("no error"), None);
        assert!(exists(&file) && !exists(&folder.path().join("none")));
        if exists(Path::new("/dev/zero")) {
            assert!(read_bytes(Path::new("/dev/zero"), 1000).is_err(), "an endless file is bounded");
        }
    }

    #[cfg(target_os = "linux")]
    mod special {
        use std::fs;
        use std::path::{Path, PathBuf};
        use std::time::{Duration, Instant};

        use crate::files::reading::{read_bytes, read_bytes_or_pipe};

        fn pipe(folder: &Path) -> PathBuf {
            let path = folder.join("pipe");
            rustix::fs::mkfifoat(rustix::fs::CWD, &path, rustix::fs::Mode::RWXU).expect("made");
            path
        }

        #[test]
        fn what_is_no_file_is_refused_at_once() {
            let folder = tempfile::tempdir().expect("a folder");
            let pipe = pipe(folder.path());
            let socket = folder.path().join("socket");
            let _listener = std::os::unix::net::UnixListener::bind(&socket).expect("bound");
            let begun = Instant::now();
            for (path, expect) in [
                (pipe.as_path(), "is a pipe and no regular file"),
                (&socket, "is a socket and no regular file"),
                (Path::new("/dev/zero"), "is a device and no regular file"),
            ] {
                let told = read_bytes(path, 9).expect_err("refused").to_string();
                assert_eq!(told, format!("{} {expect}", path.display()));
            }
            assert!(begun.elapsed() < Duration::from_secs(1));
            assert_eq!(read_bytes(Path::new("/dev/null"), 9).expect("empty"), b"");
            assert!(read_bytes_or_pipe(&socket, 9).is_err());
        }

        #[test]
        fn what_comes_through_a_pipe_is_waited_for() {
            let folder = tempfile::tempdir().expect("a folder");
            let path = pipe(folder.path());
            let write = |text: &'static str| {
                let path = path.clone();
                std::thread::spawn(move || {
                    std::thread::sleep(Duration::from_millis(300));
                    let mut pipe = fs::File::options().write(true).open(path).expect("opened");
                    for part in text.as_bytes().chunks(4) {
                        std::io::Write::write_all(&mut pipe, part).ok();
                        std::thread::sleep(Duration::from_millis(100));
                    }
                })
            };
            let writing = write("one two three");
            assert_eq!(read_bytes_or_pipe(&path, 99).expect("read"), b"one two three");
            writing.join().expect("written");
            let writing = write("");
            assert_eq!(read_bytes_or_pipe(&path, 99).expect("read"), b"");
            writing.join().expect("written");
            let writing = write("more than is read");
            assert!(
                read_bytes_or_pipe(&path, 5).expect_err("refused").to_string().contains("than the 5 bytes")
            );
            writing.join().expect("ended");
        }

        #[test]
        fn a_pipe_without_a_writer_is_given_up() {
            let folder = tempfile::tempdir().expect("a folder");
            let begun = Instant::now();
            let told = read_bytes_or_pipe(&pipe(folder.path()), 9).expect_err("refused").to_string();
            assert!(told.ends_with("is a pipe that nobody writes to"), "{told}");
            assert!(begun.elapsed() < Duration::from_secs(20));
        }
    }
}
