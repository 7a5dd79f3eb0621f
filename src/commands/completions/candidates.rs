//! What the values of arguments may be, by the argument's name: from local files only.

use std::collections::BTreeSet;
use std::ffi::OsStr;

use anyhow::Result;
use clap::Arg;
use clap_complete::engine::{ArgValueCompleter, CompletionCandidate};

use crate::app::{App, Options};
use crate::catalog::{Catalog, Which};
use crate::commands::get::built_in_words;
use crate::commands::schema::SCHEMAS;
use crate::env::Env;
use crate::golden_paths::{TemplatePlaces, candidates};
use crate::render::Format;
use crate::survey::{remembered_containers, remembered_services};
use crate::ui::{Screen, Ui, Verbosity};

/// What an argument's value is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum ValueKind {
    Service,
    Owner,
    System,
    Domain,
    Type,
    Lifecycle,
    Tag,
    Namespace,
    /// A comma list, `!` before a name.
    Context,
    Cluster,
    ClusterLabel,
    Fold,
    Format,
    Template,
    Schema,
    /// As the last answers have them.
    Container,
    Entity,
    /// Kinds that every server knows.
    ObjectKind,
    Goal,
}

/// Arguments by their ids. Those with a list of their own (an enum) and paths are completed by clap.
const KINDS: &[(&str, ValueKind)] = &[
    ("services", ValueKind::Service),
    ("service", ValueKind::Service),
    ("owner", ValueKind::Owner),
    ("system", ValueKind::System),
    ("domain", ValueKind::Domain),
    ("kind", ValueKind::Type),
    ("lifecycle", ValueKind::Lifecycle),
    ("tag", ValueKind::Tag),
    ("namespace", ValueKind::Namespace),
    ("context", ValueKind::Context),
    ("baseline", ValueKind::Cluster),
    ("cluster_selector", ValueKind::ClusterLabel),
    ("by", ValueKind::Fold),
    ("output", ValueKind::Format),
    ("template", ValueKind::Template),
    ("templates", ValueKind::Template),
    ("me", ValueKind::Owner),
    ("schema", ValueKind::Schema),
    ("container", ValueKind::Container),
    ("entity", ValueKind::Entity),
    ("kinds", ValueKind::ObjectKind),
    ("goal", ValueKind::Goal),
];

/// Values that a person makes up, or that only a cluster knows.
#[cfg(test)]
const FREE: &[&str] = &[
    "selector",
    "concurrency",
    "connect_timeout",
    "cluster_timeout",
    "set",
    "skip",
    "stub",
    "to",
    "only",
    "restore",
    "allow_fetch",
    "from",
    "since",
    "since_time",
    "around",
    "tail",
    "grep",
    "exclude",
    "max_streams",
    "max_pods",
    "max_logs",
    "log_lines",
    "against",
    "alias",
    "group",
    "label",
    "changed_since",
    "depth",
    "of_kind",
    "url",
    "filter",
    "token_env",
    "token_command",
    "what",
    "arguments",
    "field_selector",
    "sort_by",
    "label_columns",
    "timeout",
];

/// What the run was started with, and the flags that were typed so far.
#[derive(Clone, Debug)]
pub struct CandidateSource {
    pub env: Env,
    pub options: Options,
}

/// The argument with its candidates, if they are known.
pub fn with_candidates(argument: Arg, source: &CandidateSource) -> Arg {
    let Some(kind) = kind_of(&argument) else { return argument };
    let source = source.clone();
    argument.add(ArgValueCompleter::new(move |current: &OsStr| {
        let current = current.to_string_lossy();
        let typed = if kind == ValueKind::Context { list_head(&current) } else { 0 };
        let (head, tail) = current.split_at(typed);
        let offered = source.offered(kind).unwrap_or_default();
        let fitting = offered.into_iter().filter(|(value, _)| value.starts_with(tail) && is_plain(value));
        fitting
            .map(|(value, help)| {
                let help = help.map(|text| crate::text::safe(&text).into());
                CompletionCandidate::new(format!("{head}{value}")).help(help)
            })
            .collect()
    }))
}

fn kind_of(argument: &Arg) -> Option<ValueKind> {
    let has_list = argument.get_value_parser().possible_values().is_some();
    let id = argument.get_id().as_str();
    KINDS.iter().find(|(name, _)| *name == id && !has_list).map(|(_, kind)| *kind)
}

/// How much of a comma list stands before the name that is being typed.
fn list_head(text: &str) -> usize {
    let behind = text.rfind(',').map_or(0, |at| at + 1);
    behind + usize::from(text[behind..].starts_with('!'))
}

/// A name that no shell takes for more than a word; others are not offered, for shells differ in how they are quoted.
fn is_plain(value: &str) -> bool {
    !value.is_empty() && value.chars().all(|c| c.is_alphanumeric() || "-_./:@+=,%".contains(c))
}

/// A value, and what it stands for.
type Offered = (String, Option<String>);

impl CandidateSource {
    fn offered(&self, kind: ValueKind) -> Result<Vec<Offered>> {
        let ui = Ui::new(Screen::default(), Verbosity::Quiet);
        // Somebody waits for a word: nothing is fetched.
        let options = Options { offline: true, ..self.options.clone() };
        let app = App::new(self.env.clone(), ui, options);
        let found = offered(kind, &app);
        app.close();
        found
    }
}

fn offered(kind: ValueKind, app: &App) -> Result<Vec<Offered>> {
    let plain = |values: BTreeSet<String>| values.into_iter().map(|value| (value, None)).collect();
    let catalog = || app.catalog().map(|catalog| catalog.cloned().unwrap_or_default());
    Ok(match kind {
        // Without a catalog services are guessed from what runs: those of the last answers.
        ValueKind::Service if app.catalog()?.is_none() => {
            plain(remembered_services(app).into_keys().collect())
        }
        ValueKind::Service => services(&catalog()?),
        ValueKind::Entity => every_entity(&catalog()?),
        ValueKind::Owner => entities(&catalog()?, &["group", "user"]),
        ValueKind::System => entities(&catalog()?, &["system"]),
        ValueKind::Domain => entities(&catalog()?, &["domain"]),
        ValueKind::Type => plain(specs(&catalog()?, "type")),
        ValueKind::Lifecycle => plain(specs(&catalog()?, "lifecycle")),
        ValueKind::Tag => {
            plain(catalog()?.of_kind("component").flat_map(|entity| entity.tags.clone()).collect())
        }
        ValueKind::Namespace => plain(namespaces(app)?),
        ValueKind::Context => contexts(app)?,
        ValueKind::Cluster => {
            let known = app.known_clusters()?.into_iter().map(|cluster| cluster.name);
            plain(known.chain(app.told_names()).collect())
        }
        ValueKind::ClusterLabel => {
            plain(labels(app)?.into_iter().map(|(key, value)| format!("{key}={value}")).collect())
        }
        ValueKind::Fold => {
            let keys = labels(app)?.into_iter().map(|(key, _)| key);
            plain(["owner", "system", "cluster"].map(str::to_string).into_iter().chain(keys).collect())
        }
        ValueKind::Format => Format::NAMES.iter().map(|(name, _)| (name.to_string(), None)).collect(),
        ValueKind::Template => templates(app)?,
        ValueKind::Container => plain(remembered_containers(app)),
        ValueKind::ObjectKind => built_in_words().map(|word| (word.to_string(), None)).collect(),
        ValueKind::Goal => {
            ["healthy", "rolled-out", "image=", "deleted"].map(|goal| (goal.to_string(), None)).to_vec()
        }
        ValueKind::Schema => SCHEMAS.iter().map(|(kind, _)| (kind.to_string(), None)).collect(),
    })
}

fn services(catalog: &Catalog) -> Vec<Offered> {
    let all = catalog.services(&Which::default()).unwrap_or_default();
    all.into_iter()
        .map(|service| (service.name, service.title.or(service.owner.map(|owner| owner.display))))
        .collect()
}

fn every_entity(catalog: &Catalog) -> Vec<Offered> {
    catalog
        .entities
        .values()
        .map(|entity| (entity.reference.short("component"), entity.title.clone()))
        .collect()
}

/// Those of the first kind by their names, the others with their kind.
fn entities(catalog: &Catalog, kinds: &[&str]) -> Vec<Offered> {
    let of_kind = |kind: &&str| {
        let found = catalog.of_kind(kind);
        found.map(|entity| (entity.reference.short(kinds[0]), entity.title.clone())).collect::<Vec<_>>()
    };
    kinds.iter().flat_map(of_kind).collect()
}

fn specs(catalog: &Catalog, field: &str) -> BTreeSet<String> {
    catalog.of_kind("component").filter_map(|entity| entity.spec(field)).map(str::to_string).collect()
}

fn namespaces(app: &App) -> Result<BTreeSet<String>> {
    let mut found: BTreeSet<String> = app.config()?.namespaces.iter().cloned().collect();
    if let Some(catalog) = app.catalog()? {
        let services = catalog.services(&Which::default()).unwrap_or_default();
        found.extend(services.into_iter().flat_map(|service| service.namespace_scope.unwrap_or_default()));
    } else {
        found.extend(remembered_services(app).into_values().flatten());
    }
    for cluster in app.known_clusters().unwrap_or_default() {
        found.extend(cluster.namespace.into_iter().chain(cluster.other_namespaces));
    }
    Ok(found)
}

fn contexts(app: &App) -> Result<Vec<Offered>> {
    let groups = app.config()?.groups.iter();
    let groups = groups.map(|(name, globs)| (format!("@{name}"), Some(globs.join(","))));
    let clusters = app.known_clusters().unwrap_or_default();
    let names = clusters.into_iter().flat_map(|cluster| {
        let server = Some(cluster.server);
        std::iter::once(cluster.name).chain(cluster.others).map(move |name| (name, server.clone()))
    });
    let told = app.told_names().into_iter().map(|name| (name, None));
    Ok(names.chain(told).chain(groups).collect())
}

fn labels(app: &App) -> Result<BTreeSet<(String, String)>> {
    let clusters = app.known_clusters()?;
    let mut found: BTreeSet<(String, String)> =
        clusters.into_iter().flat_map(|cluster| cluster.labels).collect();
    for resource in app.catalog()?.map(Catalog::clusters).unwrap_or_default() {
        found.extend(resource.labels);
    }
    Ok(found)
}

/// Those that lie on this machine, by name.
fn templates(app: &App) -> Result<Vec<Offered>> {
    let places = TemplatePlaces::default();
    let read = candidates(app, &places)?.into_iter().filter_map(|found| found.read().ok());
    Ok(read.map(|path| (path.template.name, path.template.title)).collect())
}

#[cfg(test)]
mod tests {
    use super::{FREE, is_plain, kind_of, list_head};

    #[test]
    fn a_list_is_completed_at_its_last_name() {
        let head = |text: &'static str| &text[..list_head(text)];
        assert_eq!(head("eu"), "");
        assert_eq!(head("eu-1,!us"), "eu-1,!");
        assert_eq!(head("!"), "!");
        assert_eq!(head("a,"), "a,");
    }

    #[test]
    fn what_a_shell_would_read_as_more_than_a_word_is_not_offered() {
        assert!(is_plain("arn:aws:eks:eu-west-1:1:cluster/prod") && is_plain("größe"));
        for value in
            ["", "a b", "$(reboot)", "`id`", "a;b", "a'b", "a\nb", "a\u{1b}b", "~", "a|b", "a&b", "*"]
        {
            assert!(!is_plain(value), "{value:?}");
        }
    }

    /// A flag that is added says what its values are, or that they are anybody's.
    #[test]
    fn every_value_is_of_a_kind_or_free() {
        use clap::{Args, Subcommand};
        let root = crate::commands::Command::augment_subcommands(clap::Command::new("callboard"));
        let mut root = crate::args::GlobalArgs::augment_args(root);
        fn check(command: &clap::Command) {
            for argument in command.get_arguments().filter(|argument| argument.get_action().takes_values()) {
                let id = argument.get_id().as_str();
                let is_path = argument.get_value_hint() != clap::ValueHint::Unknown;
                let has_list = argument.get_value_parser().possible_values().is_some();
                let known = kind_of(argument).is_some() || is_path || has_list || FREE.contains(&id);
                assert!(known, "{}: what are the values of {id}?", command.get_name());
            }
            command.get_subcommands().for_each(check);
        }
        root.build();
        check(&root);
    }
}
