//! `config view`: every value in force with its origin. Asks no cluster and starts nothing.

use anyhow::Result;
use clap::Args;
use jiff::SignedDuration;
use serde::Serialize;

use crate::app::{App, name_of_place};
use crate::args::OutputArgs;
use crate::config::{Config, ConfigValue, origin};
use crate::outcome::Outcome;
use crate::report::{Cell, Detail, Grid, Page, Report};

/// Every value in force, and where it is from
#[derive(Args, Debug)]
#[command(before_help = "callboard config view
callboard config view --context 'prod-*' -o json")]
pub struct ConfigViewArgs {
    #[command(flatten)]
    output: OutputArgs,
}

pub fn run(args: &ConfigViewArgs, app: &App) -> Result<Outcome> {
    let report = ConfigReport { items: items(app)? };
    app.ui.print(&report, args.output.output, !args.output.no_headers)?;
    Ok(Outcome::Fine)
}

/// `kind: ConfigView`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ConfigReport {
    items: Vec<ConfigItem>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ConfigItem {
    key: String,
    value: String,
    /// `default`, a flag, a `$VARIABLE`, `found`, or a file.
    from: String,
}

impl ConfigItem {
    fn new(key: &str, value: impl Into<String>, from: impl Into<String>) -> ConfigItem {
        ConfigItem { key: key.to_string(), value: value.into(), from: from.into() }
    }
}

const DEFAULT: &str = "default";
/// Looked for where nothing names it, and there.
const FOUND: &str = "found";

fn items(app: &App) -> Result<Vec<ConfigItem>> {
    let layers = app.config_layers()?;
    let config = app.config()?;
    let mut items = places(app, config)?;
    items.extend(limits(app));
    for value in config.values() {
        // What a flag or a variable takes the place of is told above.
        let is_told = items.iter().any(|item| item.key == value.key);
        if !is_told {
            let from = origin(&value, layers).unwrap_or(DEFAULT).to_string();
            let ConfigValue { key, value } = value;
            items.push(ConfigItem { key, value, from });
        }
    }
    items.extend(
        thresholds(app)?
            .into_iter()
            .filter(|one| items.iter().all(|item| item.key != one.key))
            .collect::<Vec<_>>(),
    );
    Ok(items)
}

/// The files that are read, which clusters are asked, who asks.
fn places(app: &App, config: &Config) -> Result<Vec<ConfigItem>> {
    let mut items = Vec::new();
    let list = |paths: &[std::path::PathBuf]| {
        paths.iter().map(|path| name_of_place(path)).collect::<Vec<_>>().join(", ")
    };
    let catalog = app.catalog_paths()?;
    let from = match () {
        () if !app.options.catalog.is_empty() => Some("--catalog"),
        () if app.env.variable("CALLBOARD_CATALOG").is_some() => Some("$CALLBOARD_CATALOG"),
        () if !config.catalog.is_empty() => None,
        () => Some(FOUND),
    };
    if let (Some(from), false) = (from, catalog.is_empty()) {
        items.push(ConfigItem::new("catalog", list(&catalog), from));
    }
    let kubeconfig = app.kubeconfig_places();
    match (&kubeconfig.flag, kubeconfig.variable.as_slice(), &kubeconfig.default) {
        _ if app.options.kubeconfig.is_none() && app.options.demo.is_some() => {
            items.push(ConfigItem::new("kubeconfig", "the demo fleet's", "--demo"));
        }
        (Some(flag), _, _) => {
            items.push(ConfigItem::new("kubeconfig", flag.display().to_string(), "--kubeconfig"))
        }
        (None, [_, ..], _) => {
            items.push(ConfigItem::new("kubeconfig", list(&kubeconfig.variable), "$KUBECONFIG"))
        }
        (None, [], Some(default)) => {
            items.push(ConfigItem::new("kubeconfig", default.display().to_string(), DEFAULT))
        }
        (None, [], None) => {}
    }
    if !app.options.contexts.is_empty() {
        items.push(ConfigItem::new("contexts", app.options.contexts.join(", "), "--context"));
    }
    if let Some(selector) = &app.options.cluster_selector {
        items.push(ConfigItem::new("clusterSelector", selector, "--cluster-selector"));
    }
    if let Some(me) = app.env.variable("CALLBOARD_ME") {
        items.push(ConfigItem::new("me", me, "$CALLBOARD_ME"));
    }
    if let Some(cache) = app.cache() {
        let from =
            if app.env.variable("CALLBOARD_CACHE_DIR").is_some() { "$CALLBOARD_CACHE_DIR" } else { DEFAULT };
        items.push(ConfigItem::new("cacheDirectory", cache.display().to_string(), from));
    }
    Ok(items)
}

fn limits(app: &App) -> Vec<ConfigItem> {
    let options = &app.options;
    let limits = [
        ("concurrency", "--concurrency", options.concurrency.to_string()),
        ("connectTimeout", "--connect-timeout", format!("{:?}", options.connect_timeout)),
        ("clusterTimeout", "--cluster-timeout", format!("{:?}", options.cluster_timeout)),
    ];
    let from =
        |flag: &'static str| if options.given.iter().any(|given| given == flag) { flag } else { DEFAULT };
    limits.into_iter().map(|(key, flag, value)| ConfigItem::new(key, value, from(flag))).collect()
}

/// The times of grace that no file sets, in seconds, as a file would.
fn thresholds(app: &App) -> Result<Vec<ConfigItem>> {
    let in_force = app.thresholds()?;
    let all: [(&str, SignedDuration); 6] = [
        ("unschedulable", in_force.unschedulable),
        ("creating", in_force.creating),
        ("initializing", in_force.initializing),
        ("readiness", in_force.readiness),
        ("recentRestart", in_force.recent_restart),
        ("stuckTerminating", in_force.stuck_terminating),
    ];
    let item = |(key, value): (&str, SignedDuration)| {
        ConfigItem::new(&format!("thresholds.{key}"), value.as_secs().to_string(), DEFAULT)
    };
    Ok(all.into_iter().map(item).collect())
}

impl Report for ConfigReport {
    const KIND: &'static str = "ConfigView";

    fn page(&self, _: Detail) -> Page {
        let rows = self.items.iter().map(|item| {
            vec![Cell::from(item.key.clone()), Cell::from(item.value.clone()), Cell::muted(item.from.clone())]
        });
        Grid::of(vec!["KEY", "VALUE", "FROM"], rows.collect()).into()
    }

    fn title(&self) -> String {
        "Configuration".to_string()
    }

    fn names(&self) -> Vec<String> {
        self.items.iter().map(|item| item.key.clone()).collect()
    }
}
