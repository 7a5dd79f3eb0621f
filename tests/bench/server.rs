//! Simulated servers in a process of their own, until they are dropped.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::front;
use crate::measure::stop;
use crate::stored_log::StoredLog;

pub struct Server {
    child: Child,
    pub kubeconfig: PathBuf,
}

impl Server {
    /// The fleet of a directory.
    pub fn demo(fleet: &Path, home: &Path) -> Server {
        let kubeconfig = fleet.join("kubeconfig");
        let mut command = Command::new(env!("CARGO_BIN_EXE_callboard"));
        command.arg(format!("--demo={}", fleet.display())).args(["demo", "--write"]).arg(&kubeconfig);
        Server::start(command.env_clear().env("HOME", home), kubeconfig)
    }

    /// Before these servers one that has the logs.
    pub fn front(behind: &Path, lines: usize, home: &Path) -> Server {
        let kubeconfig = behind.with_extension("front");
        let mut command = Command::new(std::env::current_exe().expect("a path"));
        command.arg("--front").args([behind, &kubeconfig]).arg(lines.to_string());
        Server::start(command.env_clear().env("HOME", home), kubeconfig)
    }

    fn start(command: &mut Command, kubeconfig: PathBuf) -> Server {
        let mut child =
            command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("the servers start");
        let mut line = String::new();
        let stdout = child.stdout.as_mut().expect("piped");
        BufReader::new(stdout).read_line(&mut line).expect("the servers are up");
        assert!(kubeconfig.is_file(), "the servers did not come up: {line}");
        Server { child, kubeconfig }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        stop(&mut self.child);
    }
}

/// The process that `Server::front` starts.
pub async fn front(behind: &str, to: &str, lines: &str) {
    let text = std::fs::read_to_string(behind).expect("a kubeconfig");
    let log = StoredLog::new(lines.parse().expect("a number"));
    let front = front::start(&text, Some(log)).await;
    std::fs::write(to, &front.kubeconfig).expect("written");
    println!("up");
    std::future::pending::<()>().await;
}
