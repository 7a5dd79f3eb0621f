//! Many clusters that cannot be reached: the line of the configuration that would leave them out for good.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use wildmatch::WildMatch;

use crate::app::App;
use crate::config::Config;
use crate::survey::answered::ClusterRow;

/// So many are worth a line; fewer may be a bad day.
const MANY: usize = 3;

/// The hint, where many cannot be reached and others answer. A choice of the command line has been made already.
pub fn leaving_out(rows: &[ClusterRow], app: &App) -> Result<Option<String>> {
    let fleet = app.fleet()?;
    let is_source = |name: &str| fleet.clusters().any(|one| one.is_source && one.name == name);
    let is_unreached =
        |row: &&ClusterRow| row.reason == Some("unreachable") && !row.optional && !is_source(&row.name);
    let unreached: BTreeSet<&str> = rows.iter().filter(is_unreached).map(|row| row.name.as_str()).collect();
    let is_chosen = !app.options.contexts.is_empty() || app.options.cluster_selector.is_some();
    if unreached.len() < MANY || is_chosen || rows.iter().all(ClusterRow::is_silent) {
        return Ok(None);
    }
    let config = app.config()?;
    let Some(words) = words(&unreached, config, app)? else { return Ok(None) };
    let Some(file) = Config::user_file(&app.env, app.options.config.as_deref()) else { return Ok(None) };
    let quoted: Vec<String> = words.iter().map(|word| format!("'{}'", word.replace('\'', "''"))).collect();
    Ok(Some(format!(
        "{} clusters cannot be reached; if that is for good, leave them out in {}: contexts: [{}]",
        unreached.len(),
        file.display(),
        quoted.join(", ")
    )))
}

/// The lasting choice without these clusters; nothing where no words mean exactly that.
fn words(unreached: &BTreeSet<&str>, config: &Config, app: &App) -> Result<Option<Vec<String>>> {
    let fleet = app.fleet()?;
    let (out, kept): (Vec<_>, Vec<_>) =
        fleet.clusters().partition(|cluster| unreached.contains(cluster.name.as_str()));
    let mut others: BTreeSet<String> = BTreeSet::new();
    for cluster in app.known_clusters()?.iter().filter(|one| !unreached.contains(one.name.as_str())) {
        others.extend([&cluster.name, &cluster.context].into_iter().chain(&cluster.aliases).cloned());
    }
    let out: BTreeMap<&str, &str> =
        out.into_iter().map(|cluster| (cluster.name.as_str(), cluster.context.as_str())).collect();
    let is_out = |word: &String| out.iter().any(|(name, context)| word == name || word == context);
    let mut words: Vec<String> = config.contexts.iter().filter(|word| !is_out(word)).cloned().collect();
    let names: Vec<&str> = out.keys().copied().collect();
    words.extend(patterns(&names, &others).into_iter().map(|pattern| format!("!{pattern}")));
    let expected: Vec<&String> = kept.iter().map(|cluster| &cluster.context).collect();
    let chosen = app.fleet_by(config, &[], &words);
    let means_it = chosen
        .is_ok_and(|chosen| chosen.clusters().map(|cluster| &cluster.context).eq(expected.iter().copied()));
    Ok(means_it.then_some(words))
}

/// Globs and names that fit all of `names` and none of `others`: the glob that fits most first, a name where no glob fits two.
fn patterns(names: &[&str], others: &BTreeSet<String>) -> Vec<String> {
    let mut left: BTreeSet<&str> = names.iter().copied().collect();
    let candidates: BTreeSet<String> = names.iter().flat_map(|name| globs(name)).collect();
    let mut candidates: Vec<(String, BTreeSet<&str>)> = candidates
        .into_iter()
        .filter_map(|glob| {
            let fits = WildMatch::new(&glob);
            let is_apart = !others.iter().any(|other| fits.matches(other));
            let fitting = || names.iter().copied().filter(|name| fits.matches(name)).collect();
            is_apart.then(|| (glob, fitting()))
        })
        .collect();
    let mut found = Vec::new();
    loop {
        candidates.iter_mut().for_each(|(_, fitting)| fitting.retain(|name| left.contains(name)));
        let worth = |(glob, fitting): &&(String, BTreeSet<&str>)| {
            (fitting.len(), std::cmp::Reverse((glob.len(), glob.clone())))
        };
        let best = candidates.iter().filter(|(_, fitting)| fitting.len() > 1).max_by_key(worth);
        let Some((glob, fitting)) = best.cloned() else { break };
        left.retain(|name| !fitting.contains(name));
        found.push(glob);
    }
    found.extend(left.into_iter().map(str::to_string));
    found
}

/// What may stand before or behind the part that tells names apart.
const SEPARATORS: [char; 7] = ['-', '_', '.', '/', ':', '@', ' '];

fn globs(name: &str) -> impl Iterator<Item = String> {
    name.char_indices()
        .filter(|(_, c)| SEPARATORS.contains(c))
        .flat_map(|(at, c)| [format!("{}*", &name[..at + c.len_utf8()]), format!("*{}", &name[at..])])
}

#[cfg(test)]
mod tests {
    use super::patterns;

    #[track_caller]
    fn check(names: &[&str], others: &[&str], expect: &[&str]) {
        let others = others.iter().map(|name| name.to_string()).collect();
        assert_eq!(patterns(names, &others), expect);
    }

    #[test]
    fn globs_where_they_fit_and_names_elsewhere() {
        check(&["old-1", "old-2", "old-3"], &["new-1"], &["old-*"]);
        check(&["old-1", "old-2", "lab"], &["new-1", "old-eu-1"], &["lab", "old-1", "old-2"]);
        check(&["eu-test", "us-test", "ap-test", "lab"], &["eu-prod", "test"], &["*-test", "lab"]);
        let arn = |name: &str| format!("arn:aws:eks:eu-west-1:1:cluster/{name}");
        let (one, two, other) = (arn("a-1"), arn("a-2"), arn("b-1"));
        let globs = ["gke_*", "arn:aws:eks:eu-west-1:1:cluster/a-*"];
        check(&[&one, &two, "gke_p_z_x", "gke_p_z_y"], &[&other], &globs);
        check(&["one"], &["two"], &["one"]);
    }
}
