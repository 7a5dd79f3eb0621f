//! Servers as child processes that cannot outlive the test: not a panic, and not the test's own death.

use std::fs::File;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

/// A server that stops when this is dropped.
pub struct Guarded {
    server: Child,
    guard: Child,
    log: PathBuf,
}

/// Reads from a pipe that only this process writes to: it sees the end however we end, and ends the server.
const GUARD: &str = "trap '' INT TERM HUP; read -r _; kill -9 $1 2>/dev/null";

impl Guarded {
    /// Starts a program; what it says goes to `log`.
    pub fn start(mut command: Command, log: PathBuf) -> Guarded {
        let output = File::create(&log).expect("a log");
        let server = command
            .stdin(Stdio::null())
            .stdout(output.try_clone().expect("a second handle"))
            .stderr(output)
            .spawn()
            .unwrap_or_else(|error| panic!("{}: {error}", command.get_program().display()));
        let guard = Command::new("sh")
            .args(["-c", GUARD, "guard", &server.id().to_string()])
            .stdin(Stdio::piped())
            .spawn()
            .expect("a shell");
        Guarded { server, guard, log }
    }

    pub fn has_ended(&mut self) -> bool {
        self.server.try_wait().expect("a child").is_some()
    }

    /// All that it has said so far.
    pub fn said(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// The end of its log, for the message of a failed test.
    pub fn last_words(&self) -> String {
        let text = self.said();
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(30)..].join("\n")
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        // The guard first: it must not meet a process id that is free again.
        drop(self.guard.stdin.take());
        let _ = self.guard.wait();
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// Ports on loopback that were free a moment ago, all different.
pub fn free_ports<const N: usize>() -> [u16; N] {
    let sockets: [TcpListener; N] = std::array::from_fn(|_| {
        TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).expect("a free port")
    });
    sockets.map(|socket| socket.local_addr().expect("bound").port())
}
