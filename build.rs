//! What `--version` tells beside the number: the target, and of a release the commit, from cargo's own note in a published crate or from git.
#![expect(clippy::disallowed_methods, reason = "a build script reads its surroundings")]

use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let variable = |name: &str| std::env::var(name).unwrap_or_default();
    println!("cargo::rustc-env=CALLBOARD_TARGET={}", variable("TARGET"));
    // While one develops, a commit must not build everything anew.
    let commit = match variable("PROFILE").as_str() {
        "release" => packaged().or_else(checked_out),
        _ => None,
    };
    println!("cargo::rustc-env=CALLBOARD_COMMIT={}", commit.unwrap_or_default());
}

/// The commit that `cargo package` has written down.
fn packaged() -> Option<String> {
    let text = std::fs::read_to_string(".cargo_vcs_info.json").ok()?;
    let (_, behind) = text.split_once("\"sha1\"")?;
    short(behind.split('"').nth(1)?)
}

fn checked_out() -> Option<String> {
    let git = |words: &[&str]| {
        let output =
            Command::new("git").args(words).output().ok().filter(|output| output.status.success())?;
        Some(String::from_utf8(output.stdout).ok()?.trim().to_string())
    };
    // A crate that is unpacked below somebody's own repository is not of that one's commit.
    git(&["ls-files", "--error-unmatch", "build.rs"])?;
    for name in ["HEAD", "logs/HEAD"] {
        // One that is not there would have everything built anew each time.
        let path = git(&["rev-parse", "--git-path", name]).filter(|path| std::path::Path::new(path).exists());
        path.iter().for_each(|path| println!("cargo::rerun-if-changed={path}"));
    }
    short(&git(&["rev-parse", "HEAD"])?)
}

fn short(commit: &str) -> Option<String> {
    let is_commit = commit.len() >= 12 && commit.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_commit.then(|| commit[..12].to_string())
}
