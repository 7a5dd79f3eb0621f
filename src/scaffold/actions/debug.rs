//! `debug:*`: words for whoever watches the run.

use serde_json::{Map, Value as Json};

use crate::scaffold::actions::workspace::{ActionResult, ActionTrouble, Workspace, text};
use crate::scaffold::binary::as_text;
use crate::tree::TreeEntry;

pub fn log(workspace: &mut Workspace<'_>, input: &Map<String, Json>) -> ActionResult {
    if let Some(message) = text(input, "message").filter(|message| !message.is_empty()) {
        workspace.log.push(message.into());
    }
    let contents = match input.get("listWorkspace") {
        None | Some(Json::Bool(false)) => return Ok(Map::new()),
        Some(wanted) => wanted == "with-contents",
    };
    let mut listing = String::from("Workspace:");
    for (path, entry) in workspace.tree.iter() {
        match entry {
            TreeEntry::File { bytes, .. } if contents => {
                listing
                    .push_str(&format!("\n - {path}:\n\n  {}", as_text(bytes).unwrap_or("[binary]".into())));
            }
            TreeEntry::Directory => {}
            _ => listing.push_str(&format!("\n  - {path}")),
        }
    }
    workspace.log.push(listing);
    Ok(Map::new())
}

/// Nothing here takes time, so nothing waits; what Backstage would refuse is refused.
pub fn wait(workspace: &mut Workspace<'_>, input: &Map<String, Json>) -> ActionResult {
    let number = |key: &str| input.get(key).and_then(Json::as_f64).unwrap_or(0.0);
    let seconds = number("minutes") * 60.0 + number("seconds") + number("milliseconds") / 1_000.0;
    if seconds > 600.0 {
        return Err(ActionTrouble::new("debug:wait waits for ten minutes at most"));
    }
    workspace.log.push(format!("debug:wait: {seconds} seconds are not waited for here"));
    Ok(Map::new())
}
