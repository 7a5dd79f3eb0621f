//! Why there are no figures, said once for each reason.

use crate::commands::top::report::PodUsageRow;
use crate::commands::top::unmeasured::Unmeasured;

/// Pods named for one reason.
const MOST_NAMES: usize = 3;

/// A note for each reason that no other line tells: of refusals the gaps do.
pub fn notes(items: &[PodUsageRow]) -> Vec<String> {
    let of = |reason: Unmeasured| items.iter().filter(move |item| item.unmeasured == Some(reason));
    let mut notes = Vec::new();
    let mut without: Vec<&str> = of(Unmeasured::NotServed).map(|item| item.cluster.as_str()).collect();
    without.sort_unstable();
    without.dedup();
    if !without.is_empty() {
        notes.push(format!("no metrics server: {}", without.join(", ")));
    }
    for (reason, words) in [
        (Unmeasured::NotRunning, "not measured, as a container does not run"),
        (Unmeasured::Young, "not measured yet, as it started less than 2m ago"),
        (Unmeasured::Absent, "not measured, though it runs and its cluster serves metrics"),
    ] {
        let names: Vec<String> = of(reason).map(|item| format!("{} ({})", item.name, item.cluster)).collect();
        let more = names.len().saturating_sub(MOST_NAMES);
        let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
        if !names.is_empty() {
            let shown: Vec<String> = names.into_iter().take(MOST_NAMES).collect();
            notes.push(format!("{words}: {}{rest}", shown.join(", ")));
        }
    }
    notes
}
