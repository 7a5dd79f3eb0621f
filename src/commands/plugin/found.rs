//! The files on PATH that are called like plugins.

use crate::process::{self, FoundProgram};

/// How the files of plugins begin.
pub const PREFIX: &str = "callboard-";

/// The files that are called like plugins, by the command's name, in the order of PATH.
pub fn found() -> Vec<(String, FoundProgram)> {
    let all = process::programs(PREFIX).into_iter();
    all.filter_map(|one| Some((one.name.strip_prefix(PREFIX)?.to_string(), one)))
        .filter(|(name, _)| !name.is_empty())
        .collect()
}
