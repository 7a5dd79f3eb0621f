//! What `--dry-run` shows: every file with its content.

use std::path::Path;

use crate::golden_paths::GoldenPath;
use crate::golden_paths::make::Project;
use crate::text::{count, safe, safe_lines};
use crate::tree::Entry;

pub fn text(directory: &Path, path: &GoldenPath, project: &Project) -> String {
    let files: Vec<(&str, &Entry)> = project.tree.iter().collect();
    let name = directory.display().to_string();
    let mut text =
        format!("{}: {} of {}, not written\n", safe(&name), count(files.len(), "file"), path.template.name);
    for (path, entry) in &files {
        let what = match entry {
            Entry::File { executable: true, .. } => " (executable)".to_string(),
            Entry::File { .. } => String::new(),
            Entry::Link { target } => format!(" -> {}", safe(target)),
            Entry::Directory => "/ (empty)".to_string(),
        };
        text.push_str(&format!("  {}{what}\n", safe(path)));
    }
    for (path, entry) in &files {
        let Entry::File { bytes, .. } = entry else { continue };
        text.push_str(&format!("\n==> {}\n", safe(path)));
        match std::str::from_utf8(bytes).ok().filter(|content| !content.contains('\0')) {
            Some(content) => {
                text.push_str(&safe_lines(content));
                if !content.ends_with('\n') {
                    text.push_str("\n(no line break at the end)\n");
                }
            }
            None => text.push_str(&format!("({} bytes, not text)\n", bytes.len())),
        }
    }
    text
}
