//! Flag groups that several commands share: which services, which clusters, which format.

mod me;
mod span;

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Result;
use clap::Args;

use crate::app::{App, Options};
use crate::catalog::{Catalog, EntityFilter, EntityRef, Service, Which};
use crate::files;
use crate::golden_paths::TemplatePlaces;
use crate::outcome::{advised, misused, unanswered};
use crate::render::Format;
use crate::survey::guessed_services;
use crate::text::time_limit;

pub use me::{email, git_email, me};
pub use span::span;

/// `--color`.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, clap::ValueEnum)]
pub enum ColorWhen {
    #[default]
    Auto,
    Always,
    Never,
}

/// Flags that every command takes.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Global options")]
pub struct GlobalArgs {
    /// Catalog file, directory, glob or git+URL//sub@ref (repeatable); default: $CALLBOARD_CATALOG, the config file, ./catalog.yaml, ./catalog-info.yaml, the config directory
    #[arg(long, value_name = "PATH", global = true)]
    pub catalog: Vec<PathBuf>,

    /// Only this kubeconfig file, instead of $KUBECONFIG or ~/.kube/config
    #[arg(long, value_name = "FILE", global = true)]
    pub kubeconfig: Option<PathBuf>,

    /// Only these contexts: names, globs, !GLOB to leave some out, @GROUP of the config (repeatable, comma lists)
    #[arg(long, value_name = "GLOB", global = true)]
    pub context: Vec<String>,

    /// Only clusters whose labels match, as in region=eu,env!=test
    #[arg(long, value_name = "SELECTOR", global = true)]
    pub cluster_selector: Option<String>,

    /// How many clusters are asked at the same time
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = clap::builder::RangedU64ValueParser::<usize>::new().range(1..=4096), global = true)]
    pub concurrency: usize,

    /// From DNS to the end of the TLS handshake
    #[arg(long, value_name = "DURATION", default_value = "3s", value_parser = time_limit, global = true)]
    pub connect_timeout: Duration,

    /// From there to a cluster's last byte; what had arrived by then is kept
    #[arg(long, visible_alias = "request-timeout", value_name = "DURATION", default_value = "10s", value_parser = time_limit, global = true)]
    pub cluster_timeout: Duration,

    /// Configuration file, instead of $CALLBOARD_CONFIG or config.yaml in the config directory
    #[arg(long, value_name = "FILE", global = true)]
    pub config: Option<PathBuf>,

    /// Neither read nor write what earlier runs have learnt: last answers, clusters that could not be reached, tokens of plugins
    #[arg(long, global = true)]
    pub no_cache: bool,

    /// Ask no git server: of a catalog or golden paths that lie elsewhere, what was fetched before
    #[arg(long, global = true)]
    pub offline: bool,

    /// Run against the embedded demo fleet, or one loaded from DIR
    #[arg(long, value_name = "DIR", num_args = 0..=1, require_equals = true, default_missing_value = "", value_hint = clap::ValueHint::DirPath, global = true)]
    pub demo: Option<String>,

    /// Colour
    #[arg(long, value_name = "WHEN", default_value = "auto", global = true)]
    pub color: ColorWhen,

    /// Nothing on stderr but errors
    #[arg(short, long, conflicts_with = "verbose", global = true)]
    pub quiet: bool,

    /// Say more on stderr, such as which catalog, kubeconfig and configuration are read
    #[arg(short, long, global = true)]
    pub verbose: bool,

    /// Exit 0 even where something was found or a cluster was silent
    #[arg(long, global = true)]
    pub exit_zero: bool,
}

impl GlobalArgs {
    pub fn options(&self) -> Options {
        Options {
            catalog: self.catalog.clone(),
            kubeconfig: self.kubeconfig.clone(),
            contexts: self.context.clone(),
            cluster_selector: self.cluster_selector.clone(),
            concurrency: self.concurrency,
            connect_timeout: self.connect_timeout,
            cluster_timeout: self.cluster_timeout,
            config: self.config.clone(),
            no_cache: self.no_cache,
            offline: self.offline,
            demo: self.demo.as_ref().map(PathBuf::from),
            given: Vec::new(),
        }
    }
}

/// Which services: names, or properties of their catalog entries, or a label selector alone.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Which services (a repeated flag is OR, different flags are AND)")]
pub struct WhichArgs {
    /// Names or entity refs; default: all
    #[arg(value_name = "SERVICE")]
    pub services: Vec<String>,

    /// Owned by a group, one below it, or a user
    #[arg(long, value_name = "REF")]
    pub owner: Vec<String>,

    /// Part of this system
    #[arg(long, value_name = "REF")]
    pub system: Vec<String>,

    /// Part of a system of this domain
    #[arg(long, value_name = "REF")]
    pub domain: Vec<String>,

    /// spec.type, such as service or website
    #[arg(long = "type", value_name = "TYPE")]
    pub kind: Vec<String>,

    /// spec.lifecycle, such as production
    #[arg(long, value_name = "LIFECYCLE")]
    pub lifecycle: Vec<String>,

    /// metadata.tags
    #[arg(long, value_name = "TAG")]
    pub tag: Vec<String>,

    /// Backstage's: key=value,key (AND), or {predicate}
    #[arg(long, value_name = "FILTER", value_parser = EntityFilter::parse)]
    pub filter: Vec<EntityFilter>,

    /// Owned by me, or by a group that I am a member of
    #[arg(long)]
    pub mine: bool,

    /// Whatever carries these labels, as one service
    #[arg(short = 'l', long, value_name = "SELECTOR", conflicts_with_all = ["services", "owner", "system", "domain", "kind", "lifecycle", "tag", "filter", "mine"])]
    pub selector: Option<String>,

    /// With -l: only this namespace
    #[arg(short, long, value_name = "NAMESPACE", requires = "selector")]
    pub namespace: Option<String>,
}

impl WhichArgs {
    /// Whether anything chooses services, by name or by property.
    pub fn is_any(&self) -> bool {
        let lists = [&self.owner, &self.system, &self.domain, &self.kind, &self.lifecycle, &self.tag];
        let is_filtered = self.mine || !self.filter.is_empty();
        self.is_named() || is_filtered || lists.iter().any(|list| !list.is_empty())
    }

    /// The first flag that asks for what only a catalog knows.
    fn property(&self) -> Option<&'static str> {
        let flags = [
            ("--owner", &self.owner),
            ("--system", &self.system),
            ("--domain", &self.domain),
            ("--type", &self.kind),
            ("--lifecycle", &self.lifecycle),
            ("--tag", &self.tag),
        ];
        let listed = flags.into_iter().find(|(_, words)| !words.is_empty()).map(|(flag, _)| flag);
        let filtered = (!self.filter.is_empty()).then_some("--filter");
        listed.or(filtered).or(self.mine.then_some("--mine"))
    }

    /// Whether services were named, so that their absence is worth telling.
    pub fn is_named(&self) -> bool {
        !self.services.is_empty() || self.selector.is_some()
    }
}

/// How the answer is written.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Output")]
pub struct OutputArgs {
    /// table, wide, json, yaml, name, markdown or html
    #[arg(short, long, value_name = "FORMAT", default_value = "table", hide_default_value = true)]
    pub output: Format,

    /// Leave out the table's header
    #[arg(long)]
    pub no_headers: bool,
}

/// Where golden paths are looked for.
#[derive(Args, Clone, Debug, Default)]
pub struct PlacesArgs {
    /// Golden paths of this directory or git+URL//sub@ref, and no others (repeatable)
    #[arg(long, value_name = "SOURCE")]
    pub from: Vec<String>,
}

impl PlacesArgs {
    pub fn places(&self) -> TemplatePlaces {
        TemplatePlaces { from: self.from.clone() }
    }
}

/// The services that are asked for. Without a catalog they are guessed from what runs.
pub fn services(which: &WhichArgs, app: &App) -> Result<Vec<Service>> {
    if which.namespace.is_some() && which.selector.is_none() {
        return Err(misused(
            "-n goes with -l: a service's namespaces are the catalog's business",
            "as in -l app=cart -n shop",
        ));
    }
    if which.selector.as_ref().is_some_and(|selector| selector.trim().is_empty()) {
        return Err(misused("-l is empty: it would mean everything there is", "as in -l app=cart"));
    }
    if let Some(selector) = &which.selector {
        let namespaces: Vec<String> = which.namespace.iter().cloned().collect();
        let service = Service::from_selector(selector, &namespaces)
            .map_err(|error| misused(format!("-l {selector:?}: {error}"), "as in -l app=cart,tier!=test"))?;
        return Ok(vec![service]);
    }
    let catalog = if which.services.is_empty() { app.catalog()? } else { app.catalog_of_named()? };
    let Some(catalog) = catalog else {
        return match which.property() {
            None => guessed_services(&which.services, app),
            Some(flag) => Err(advised(
                anyhow::anyhow!("{flag} needs a catalog, and there is none: neither --catalog, $CALLBOARD_CATALOG, the config file nor ./catalog.yaml names one"),
                "without {flag} services are guessed from labels; `callboard catalog import` makes a catalog of them, with owners".replace("{flag}", flag),
            )),
        };
    };
    let wanted = Which {
        names: which.services.clone(),
        owner: which.owner.clone(),
        system: which.system.clone(),
        domain: which.domain.clone(),
        type_: which.kind.clone(),
        lifecycle: which.lifecycle.clone(),
        tag: which.tag.clone(),
        filter: which.filter.clone(),
        owned_by: if which.mine { Some(mine(catalog, app)?) } else { None },
    };
    let found = catalog.services(&wanted).map_err(|error| {
        let file = Path::new(&error.text);
        let is_file = !app.options.catalog.is_empty() && files::exists(file) && !files::is_dir(file);
        match error.hint() {
            _ if is_file => advised(
                anyhow::anyhow!("{error}"),
                format!("{} is a file: quote the pattern after --catalog, or repeat the flag", error.text),
            ),
            hint if !catalog.lost.is_empty() && !which.services.is_empty() => {
                // It may stand where nobody could look.
                app.tell_lost(catalog);
                let unread = "what could not be read of the catalog may hold it";
                let hint = hint.map_or(unread.to_string(), |hint| format!("{hint} Or {unread}"));
                unanswered(error.to_string(), hint)
            }
            Some(hint) => advised(anyhow::anyhow!("{error}"), hint),
            None => anyhow::anyhow!("{error}"),
        }
    })?;
    if !which.services.is_empty() {
        let entities: Vec<_> = found.iter().filter_map(|service| service.entity.as_ref()).collect();
        app.tell_problems_of(catalog, &entities);
    }
    Ok(found)
}

/// Who I am, and the groups that I am a member of.
fn mine(catalog: &Catalog, app: &App) -> Result<Vec<EntityRef>> {
    match me(app)? {
        Some(me) => Ok(catalog.owners_of(&me)),
        None if let Some(email) = email(app)? => Err(advised(
            anyhow::anyhow!("--mine: no User of the catalog has the e-mail {email}"),
            "the User's spec.profile.email is meant; or me: user:default/NAME in the configuration, or $CALLBOARD_ME, says who you are",
        )),
        None => Err(advised(
            anyhow::anyhow!("--mine: nobody knows who you are"),
            "me: in the configuration or $CALLBOARD_ME names a User, or its e-mail; else the User counts whose e-mail git signs with",
        )),
    }
}

/// As `services`, for commands that are about particular ones: without any choice they refuse.
pub fn chosen_services(which: &WhichArgs, app: &App) -> Result<Vec<Service>> {
    match which.is_any() {
        true => services(which, app),
        false => Err(misused(
            "which service? Name one, or choose by --owner, --system or -l",
            "`callboard services` lists them",
        )),
    }
}
