//! Runs on a terminal: stdout is a pseudo-terminal of a given width, the rest as `Board::run` has it.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::process::{Child, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

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

/// How wide the terminal of a `Typist` is.
const COLUMNS: usize = 100;

/// A run whose three streams are one terminal, with somebody at the keyboard.
pub struct Typist {
    ours: File,
    /// Held so that the terminal can be looked at once the run has ended.
    theirs: File,
    child: Child,
    screen: Arc<Mutex<Vec<u8>>>,
    /// Up to where the screen was read.
    seen: usize,
}

impl Typist {
    pub fn start(board: &Board, words: &str) -> Typist {
        Typist::of(board.command(words.split_whitespace()))
    }

    /// As `start`, and the terminal is also the one that `/dev/tty` means, as in a person's window.
    pub fn controlling(board: &Board, words: &str) -> Typist {
        let run = board.command(words.split_whitespace());
        let mut command = std::process::Command::new("setsid");
        command.args(["--ctty", "--wait"]).arg(run.get_program()).args(run.get_args()).env_clear();
        command.envs(run.get_envs().filter_map(|(name, value)| Some((name, value?))));
        command.current_dir(board.home());
        Typist::of(command)
    }

    fn of(mut command: std::process::Command) -> Typist {
        let (ours, theirs) = pair();
        let size =
            rustix::termios::Winsize { ws_row: 40, ws_col: COLUMNS as u16, ws_xpixel: 0, ws_ypixel: 0 };
        rustix::termios::tcsetwinsize(&theirs, size).expect("sized");
        let end = || theirs.try_clone().expect("another end");
        command.env("NO_COLOR", "1").env("TERM", "xterm").stdin(end()).stdout(end()).stderr(end());
        let child = command.spawn().expect("the binary runs");
        let screen = Arc::new(Mutex::new(Vec::new()));
        let (mut reader, shared) = (ours.try_clone().expect("a reader"), Arc::clone(&screen));
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(count @ 1..) = reader.read(&mut buffer) {
                shared.lock().expect("whole").extend_from_slice(&buffer[..count]);
            }
        });
        Typist { ours, theirs, child, screen, seen: 0 }
    }

    /// Everything that was ever written to the screen.
    pub fn screen(&self) -> String {
        String::from_utf8_lossy(&self.screen.lock().expect("whole")).into_owned()
    }

    /// Waits until a text is written that was not there at the last look.
    #[track_caller]
    pub fn sees(&mut self, text: &str) -> &mut Typist {
        let since = Instant::now();
        loop {
            let screen = self.screen.lock().expect("whole").clone();
            let new = &screen[self.seen..];
            if let Some(at) = new.windows(text.len()).position(|window| window == text.as_bytes()) {
                self.seen += at + text.len();
                return self;
            }
            assert!(since.elapsed() < Duration::from_secs(60), "{text:?} is not seen:\n{}", self.screen());
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    pub fn types(&mut self, keys: &str) -> &mut Typist {
        self.ours.write_all(keys.as_bytes()).expect("typed");
        self
    }

    /// The window has so many columns from now on.
    pub fn resizes(&mut self, columns: u16) -> &mut Typist {
        let size = rustix::termios::Winsize { ws_row: 40, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
        rustix::termios::tcsetwinsize(&self.theirs, size).expect("sized");
        self
    }

    pub fn signal(&mut self, name: &str) -> &mut Typist {
        let id = self.child.id().to_string();
        let sent = std::process::Command::new("kill").args([&format!("-{name}"), &id]).status();
        assert!(sent.expect("kill runs").success());
        self
    }

    /// The exit code, once the terminal is as a shell needs it.
    #[track_caller]
    pub fn ends(&mut self) -> i32 {
        let status = self.child.wait().expect("it ends");
        let modes = rustix::termios::tcgetattr(&self.theirs).expect("its modes").local_modes;
        let shell = rustix::termios::LocalModes::ECHO
            | rustix::termios::LocalModes::ICANON
            | rustix::termios::LocalModes::ISIG;
        assert!(modes.contains(shell), "the terminal is left in {modes:?}");
        // The last that was written may still be on its way to the screen.
        let is_cursor_shown = || {
            let screen = self.screen();
            let (shown, hidden) = (screen.rfind("\u{1b}[?25h"), screen.rfind("\u{1b}[?25l"));
            hidden.is_none() || shown > hidden
        };
        let since = Instant::now();
        while !is_cursor_shown() {
            assert!(since.elapsed() < Duration::from_secs(5), "the cursor stays hidden:\n{}", self.screen());
            std::thread::sleep(Duration::from_millis(5));
        }
        let screen = self.screen();
        let secret = crate::secrets::printed(&screen);
        assert!(secret.is_none(), "the secret {secret:?} stands on the screen:\n{screen}");
        status.code().unwrap_or_else(|| panic!("it was killed by {status}:\n{screen}"))
    }
}

/// The two ends of a pseudo-terminal.
pub fn pair() -> (File, File) {
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

/// What stands on a terminal in the end, of all that was written to it: line ends, the cursor's ways up, and what is erased.
pub fn screen_of(written: &str) -> String {
    let (mut lines, mut row, mut column) = (vec![Vec::<char>::new()], 0_usize, 0_usize);
    let mut rest = written.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\r' => column = 0,
            '\n' => row += 1,
            '\u{1b}' => {
                assert_eq!(rest.next(), Some('['), "{written:?}");
                let mut number = String::new();
                let last = loop {
                    match rest.next().expect("a sequence has an end") {
                        c @ ('0'..='9' | ';' | '?') => number.push(c),
                        c => break c,
                    }
                };
                let count = number.parse().unwrap_or(1);
                match last {
                    'A' => row = row.saturating_sub(count),
                    'B' => row += count,
                    'K' if number == "2" => lines[row].clear(),
                    'K' => lines[row].truncate(column),
                    'J' => {
                        lines[row].truncate(column);
                        lines.truncate(row + 1);
                    }
                    'G' => column = count - 1,
                    'm' | 'h' | 'l' => {}
                    other => panic!("{other} in {written:?}"),
                }
            }
            c => {
                // A line that is full goes on in the next one with the next character.
                if column == COLUMNS {
                    (row, column) = (row + 1, 0);
                }
                if lines.len() <= row {
                    lines.resize(row + 1, Vec::new());
                }
                if lines[row].len() <= column {
                    lines[row].resize(column + 1, ' ');
                }
                lines[row][column] = c;
                column += 1;
            }
        }
        if lines.len() <= row {
            lines.resize(row + 1, Vec::new());
        }
    }
    let text: Vec<String> =
        lines.iter().map(|line| line.iter().collect::<String>().trim_end().to_string()).collect();
    text.join("\n").trim_end().to_string()
}
