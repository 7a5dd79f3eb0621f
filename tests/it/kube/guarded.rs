//! Servers as child processes that cannot outlive the test: not a panic, and not the test's own death.

use std::fs::File;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// A server that stops when this is dropped.
pub struct Guarded {
    guard: Child,
    pub log: PathBuf,
}

/// The shell holds the server and reads from a pipe that only this process writes to: it ends with us, however we end.
const GUARD: &str = r#"trap '' INT TERM HUP; "$@" & server=$!; read -r _; kill -9 $server; wait $server 2>/dev/null; exit 0"#;

impl Guarded {
    /// Starts a program; what it says goes to `log`.
    pub fn start(program: &Path, arguments: &[String], log: PathBuf) -> Guarded {
        assert!(program.is_file(), "{} is not there", program.display());
        let output = File::create(&log).expect("a log");
        let guard = Command::new("sh")
            .args(["-c", GUARD, "guard"])
            .arg(program)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(output.try_clone().expect("a second handle"))
            .stderr(output)
            .spawn()
            .expect("a shell");
        Guarded { guard, log }
    }

    /// The end of its log, for the message of a failed test.
    pub fn last_words(&self) -> String {
        let text = std::fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(30)..].join("\n")
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        drop(self.guard.stdin.take());
        let _ = self.guard.wait();
    }
}

/// Ports on loopback that were free a moment ago, all different.
pub fn free_ports<const N: usize>() -> [u16; N] {
    let sockets: [TcpListener; N] =
        std::array::from_fn(|_| TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).expect("a free port"));
    sockets.map(|socket| socket.local_addr().expect("bound").port())
}
