//! Runs on a terminal: stdout is a pseudo-terminal of a given width, the rest as `Board::run` has it.

use std::fs::{File, OpenOptions};
use std::io::Read;
use std::os::unix::ffi::OsStrExt;
use std::process::Stdio;

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

use crate::support::{Board, Output};

/// What a person would see who called callboard in a window of so many columns.
pub fn run(board: &Board, width: u16, words: &str) -> Output {
    let (ours, theirs) = pair();
    let mut command = board.command(words.split_whitespace());
    command.env("COLUMNS", width.to_string()).stdout(theirs).stderr(Stdio::piped());
    let child = command.spawn().expect("the binary runs");
    // Only the child may hold the terminal, or reading it would never end.
    drop(command);
    let screen = std::thread::spawn(move || read(ours));
    let mut output = child.wait_with_output().expect("it ends");
    output.stdout = screen.join().expect("read");
    board.told(&output)
}

/// The two ends of a pseudo-terminal.
fn pair() -> (File, File) {
    let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a pseudo-terminal");
    grantpt(&ours).and_then(|()| unlockpt(&ours)).expect("its other end");
    let name = ptsname(&ours, Vec::new()).expect("its name");
    let path = std::path::Path::new(std::ffi::OsStr::from_bytes(name.as_bytes()));
    let theirs = OpenOptions::new().read(true).write(true).open(path).expect("opened");
    (File::from(ours), theirs)
}

/// Everything written, with the line ends that the program wrote. A terminal that is closed reads as an error.
fn read(mut ours: File) -> Vec<u8> {
    let (mut bytes, mut buffer) = (Vec::new(), [0; 4096]);
    while let Ok(count @ 1..) = ours.read(&mut buffer) {
        bytes.extend_from_slice(&buffer[..count]);
    }
    String::from_utf8_lossy(&bytes).replace("\r\n", "\n").into_bytes()
}
