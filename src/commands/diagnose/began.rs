//! What a trouble began with, as lines: the rollout that it began with, and what else changed just before.

use jiff::Timestamp;

use crate::commands::changes::{ChangeRow, ChangedItem};
use crate::commands::diagnose::label::labelled;
use crate::commands::diagnose::report::FindingItem;
use crate::compare::tags;
use crate::report::{Line, Tone};
use crate::text::age;

/// Nothing where an incident explains it, which knows better.
pub fn began_with(finding: &FindingItem) -> Vec<Line> {
    let Some(since) = finding.since.filter(|_| finding.incidents.is_empty()) else { return Vec::new() };
    let changed = finding.changes.iter().map(|change| changed_line(change, since));
    let mut lines: Vec<Line> = rollout_line(finding, since).into_iter().chain(changed).collect();
    if lines.is_empty() && finding.changes_read {
        lines.push(labelled("  changed", Tone::Muted, "nothing was seen to change in the hour before"));
    }
    lines
}

/// `began 6m after rollout 42 (app image v3.7.2 -> v3.8.0)`.
fn rollout_line(finding: &FindingItem, since: Timestamp) -> Option<Line> {
    let rollout = finding.rollout.as_ref()?;
    let later = since.duration_since(rollout.time).as_secs();
    let when = match later {
        ..=0 => "with".to_string(),
        later => format!("{} after", age(later)),
    };
    let images = rollout.images.iter().map(|image| {
        let (before, after) =
            tags(&image.before, &image.after).unwrap_or((image.before.as_str(), image.after.as_str()));
        format!("{} image {before} -> {after}", image.container)
    });
    let mut what: Vec<String> = match rollout.differences.is_empty() {
        true => images.collect(),
        false => rollout.told().map(ChangedItem::words).collect(),
    };
    let more = rollout.differences.len() - rollout.told().count();
    what.extend((more > 0).then(|| format!("{more} more")));
    let what = match what.is_empty() {
        true => "the images are the same; `callboard changes` tells what is not".to_string(),
        false => what.join(", "),
    };
    Some(labelled("  rollout", Tone::Doubtful, format!("began {when} rollout {} ({what})", rollout.revision)))
}

/// `7m before: ConfigMap/checkout edited, of keys PRICES, by kubectl-edit`.
fn changed_line(change: &ChangeRow, since: Timestamp) -> Line {
    let when = match since.duration_since(change.time).as_secs() {
        ..=0 => "at that time".to_string(),
        earlier => format!("{} before", age(earlier)),
    };
    let by = change.manager.as_ref().map(|by| format!(", by {by}")).unwrap_or_default();
    let (kind, name) = (&change.object.kind, &change.object.name);
    labelled("  changed", Tone::Doubtful, format!("{when}: {kind}/{name} {}{by}", change.what(false)))
}
