//! `get`: kubectl's, for the whole fleet, any kind that the servers know.

mod cached;
mod jsonpath;
mod kinds;
mod list_writer;
mod options;
mod path_step;
mod path_values;
mod print;
mod query;
mod sort;
mod table;
mod watch;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Result;

use crate::app::App;
use crate::args::{WhichArgs, services};
use crate::catalog::Service;
use crate::commands::get::cached::cached;
use crate::commands::get::kinds::{built_in, is_secret};
use crate::commands::get::list_writer::ListWriter;
use crate::commands::get::options::GetFormat;
use crate::commands::get::print::{RowStyle, groups};
use crate::commands::get::query::{ClusterObjects, GetQuery, GetScope, get};
use crate::commands::get::watch::{WatchedTables, watched};
use crate::fleet::discovery::ServedKind;
use crate::fleet::pages::ObjectForm;
use crate::fleet::{Asked, Cluster, Fleet};
use crate::outcome::{Outcome, RunFacts, advised, misused, unanswered};
use crate::report::Line;
use crate::survey::{ClusterRow, arrived, fallback_namespaces, silences};
use crate::text::{closest, count, listed};

pub use crate::commands::get::kinds::built_in_words;
pub use crate::commands::get::options::GetArgs;

/// Names that a message tells before the rest is counted.
const MOST_NAMED: usize = 8;

pub fn run(args: &GetArgs, app: &App) -> Result<Outcome> {
    let wanted = args
        .wanted()
        .map_err(|said| misused(said, "as in get pods, get deploy,svc -n shop, get pod/NAME"))?;
    if let Some(misfit) = args.misfit() {
        return Err(misused(misfit, "name objects, or choose them by flags"));
    }
    let names_secrets = wanted.iter().any(|(word, _)| built_in(word).is_some_and(|kind| is_secret(&kind)));
    if names_secrets && matches!(args.output, GetFormat::CustomColumns(_)) {
        return Err(misused(
            "a Secret's values are shown in no table",
            "-o json or jsonpath, where they are wanted",
        ));
    }
    if args.watch && args.sort_by.is_some() {
        return Err(misused("--sort-by and -w do not go together", "rows come as things change"));
    }
    let mut fleet = app.fleet()?;
    let scopes = scopes(args, &mut fleet, app)?;
    let clusters: Vec<String> = fleet.clusters().map(|cluster| cluster.name.clone()).collect();
    let config = app.config()?;
    let namespaces = fleet
        .clusters()
        .map(|cluster| (cluster.name.clone(), fallback_namespaces(cluster, config)))
        .collect();
    let cached = cached_kinds(&wanted, &fleet, app);
    let query = Arc::new(GetQuery {
        cached,
        wanted,
        scopes,
        field_selector: args.field_selector.clone(),
        form: form(args),
        namespaces,
    });
    let question = {
        let query = query.clone();
        move |asked: Asked| get(asked, query.clone())
    };
    let (answers, interrupted) = app.block_on(arrived(fleet.ask(question), &fleet, &app.ui, None))?;
    fleet.plugin_notes().iter().for_each(|note| app.ui.warn(note));
    let mut rows = Vec::new();
    let mut found = Vec::new();
    for ((index, cluster), answer) in fleet.clusters().enumerate().zip(answers) {
        match answer {
            None => rows.push(ClusterRow::unanswered(cluster)),
            Some(answer) => {
                rows.push(ClusterRow::of(cluster, &answer));
                found.push((index, answer.value));
            }
        }
    }
    tell_warnings(&found, app);
    let complete = rows.iter().all(|row| row.optional || (!row.is_silent() && row.gaps.is_empty()));
    let problems = problems(args, &query, &found, &rows, complete);
    if args.watch && !interrupted {
        let kinds: BTreeSet<String> =
            found.iter().flat_map(|(_, objects)| &objects.kinds).map(|one| one.kind.full_name()).collect();
        if kinds.len() > 1 {
            return Err(misused(
                "you may only specify a single resource type with -w",
                listed(&kinds.into_iter().collect::<Vec<_>>(), MOST_NAMED),
            ));
        }
        if !problems.is_empty() && complete {
            return fail(problems, app);
        }
        silences(&rows).iter().for_each(|line| app.ui.tell(line));
        return follow(args, app, &fleet, query, found, &clusters);
    }
    let is_empty = print(args, app, &query, found, &clusters)?;
    let answered = answered(&rows);
    // Where nobody answered nothing is known: the line of the silent ones says it all.
    if is_empty && problems.is_empty() && !answered.is_empty() && !args.ignore_not_found && is_table(args) {
        app.ui.tell(&Line::from(nothing(&query, &answered, clusters.len())));
    }
    silences(&rows).iter().for_each(|line| app.ui.tell(line));
    if !problems.is_empty() {
        return fail(problems, app);
    }
    Ok(Outcome::of(RunFacts { interrupted, bad: false, complete }))
}

/// What kubectl knows of the servers' kinds, where a word asks for it. Nothing of the user's is read for a demo fleet.
fn cached_kinds(
    wanted: &[(String, Vec<String>)],
    fleet: &Fleet,
    app: &App,
) -> BTreeMap<String, Vec<ServedKind>> {
    if app.options.demo.is_some() || wanted.iter().all(|(word, _)| built_in(word).is_some()) {
        return BTreeMap::new();
    }
    let own = app.env.home.as_ref().map(|home| home.join(".kube/cache"));
    let Some(cache) = app.env.variable("KUBECACHEDIR").map(PathBuf::from).or(own) else {
        return BTreeMap::new();
    };
    let known = |cluster: &Cluster| Some((cluster.name.clone(), cached(&cache, &cluster.server)?));
    fleet.clusters().filter_map(known).collect()
}

fn is_table(args: &GetArgs) -> bool {
    matches!(args.output, GetFormat::Table | GetFormat::Wide)
}

fn form(args: &GetArgs) -> ObjectForm {
    match args.output {
        GetFormat::Table | GetFormat::Wide if args.sort_by.is_some() => ObjectForm::TableOfObjects,
        GetFormat::Table | GetFormat::Wide | GetFormat::Name => ObjectForm::Table,
        _ => ObjectForm::Objects,
    }
}

/// Where to look in each cluster, and by which labels. Clusters in which none of the services is placed are not asked.
fn scopes(args: &GetArgs, fleet: &mut Fleet, app: &App) -> Result<BTreeMap<String, Vec<GetScope>>> {
    let mut scopes: BTreeMap<String, Vec<GetScope>> = BTreeMap::new();
    if args.service.is_empty() && args.owner.is_empty() {
        for cluster in fleet.clusters() {
            let own = || cluster.namespace.clone().unwrap_or_else(|| "default".to_string());
            let namespace = (!args.all_namespaces).then(|| args.namespace.clone().unwrap_or_else(own));
            let scope = GetScope { namespace, selector: args.selector.clone() };
            scopes.insert(cluster.name.clone(), vec![scope]);
        }
        return Ok(scopes);
    }
    let which =
        WhichArgs { services: args.service.clone(), owner: args.owner.clone(), ..WhichArgs::default() };
    let services = services(&which, app)?;
    if let Some(problem) = services.iter().find_map(|service| service.problem.as_ref()) {
        return Err(anyhow::anyhow!("{problem}"));
    }
    for cluster in fleet.clusters() {
        let mut here: Vec<GetScope> = Vec::new();
        for service in services.iter().filter(|service| is_placed(service, cluster)) {
            for scope in of_service(service, args) {
                if !here.contains(&scope) {
                    here.push(scope);
                }
            }
        }
        if !here.is_empty() {
            scopes.insert(cluster.name.clone(), here);
        }
    }
    if scopes.is_empty() {
        return Err(advised(
            anyhow::anyhow!("the catalog places none of these services in a cluster that was asked"),
            "`callboard services` lists where they are placed",
        ));
    }
    fleet.retain(|cluster| scopes.contains_key(&cluster.name));
    Ok(scopes)
}

fn is_placed(service: &Service, cluster: &Cluster) -> bool {
    let placement = || service.placement.iter().filter(|name| !name.tentative);
    let is_meant =
        |name: &crate::catalog::PlacementName| cluster.is_called(&name.name, name.server.as_deref());
    (placement().next().is_none() && !service.placement.iter().any(is_meant))
        || service.placement.iter().any(is_meant)
}

fn of_service(service: &Service, args: &GetArgs) -> Vec<GetScope> {
    let own = service.selector.to_string();
    let selector = match &args.selector {
        Some(more) => format!("{own},{more}"),
        None => own,
    };
    let namespaces: Vec<Option<String>> =
        match (&args.namespace, args.all_namespaces, &service.namespace_scope) {
            (Some(namespace), ..) => vec![Some(namespace.clone())],
            (None, false, Some(scope)) => scope.iter().cloned().map(Some).collect(),
            _ => vec![None],
        };
    namespaces.into_iter().map(|namespace| GetScope { namespace, selector: Some(selector.clone()) }).collect()
}

/// Whether rows say their namespace: where more than one may have been looked at.
fn with_namespace(args: &GetArgs, query: &GetQuery) -> bool {
    let scopes = || query.scopes.values().flatten();
    let first = scopes().next().map(|scope| &scope.namespace);
    let is_service = !args.service.is_empty() || !args.owner.is_empty();
    args.all_namespaces
        || (is_service && scopes().any(|scope| scope.namespace.is_none() || Some(&scope.namespace) != first))
        || (query.scopes.len() > 1 && scopes().any(|scope| Some(&scope.namespace) != first))
}

/// Prints the answer; whether there was nothing in it.
fn print(
    args: &GetArgs,
    app: &App,
    query: &GetQuery,
    found: Vec<(usize, ClusterObjects)>,
    clusters: &[String],
) -> Result<bool> {
    let kinds: BTreeSet<String> = found
        .iter()
        .flat_map(|(_, objects)| &objects.kinds)
        .filter(|one| one.pages.iter().any(|page| page.has_objects))
        .map(|one| format!("{}/{}", one.kind.full_name(), one.kind.version))
        .collect();
    let style = RowStyle::new(args, clusters, with_namespace(args, query), kinds.len());
    let wrong = |said: String| anyhow::anyhow!(said);
    if is_table(args) || args.output == GetFormat::Name {
        let groups = groups(found, app.now());
        let text = match args.output {
            GetFormat::Name => print::names(&groups, query.wanted.iter().all(|(_, names)| names.is_empty())),
            _ => print::tables(groups, &style, args.sort_by.as_deref()).map_err(wrong)?,
        };
        app.ui.write(&text)?;
        return Ok(text.is_empty());
    }
    let mut list = ListWriter::new(args.output == GetFormat::Yaml, |text| app.ui.write(text));
    if matches!(args.output, GetFormat::Json | GetFormat::Yaml) && args.sort_by.is_none() {
        print::each_object(found, args, clusters, |object| list.add(object))?;
        return list.end();
    }
    let objects = print::objects(found, args, clusters).map_err(wrong)?;
    // kubectl takes one object that was named for itself; callboard does where one cluster was asked.
    let single = || match (query.wanted.as_slice(), objects.as_slice(), clusters) {
        ([(_, names)], [object], [_]) if names.len() == 1 => object.clone(),
        _ => print::list(objects.clone()),
    };
    let text = match &args.output {
        GetFormat::JsonPath(template) => print::jsonpath(template, &single()),
        GetFormat::CustomColumns(columns) => print::custom_columns(&objects, columns, &style),
        _ => {
            objects.into_iter().try_for_each(|object| list.add(object))?;
            return list.end();
        }
    };
    app.ui.write(&text)?;
    Ok(objects.is_empty())
}

fn follow(
    args: &GetArgs,
    app: &App,
    fleet: &Fleet,
    query: Arc<GetQuery>,
    found: Vec<(usize, ClusterObjects)>,
    clusters: &[String],
) -> Result<Outcome> {
    let first = found.iter().filter(|(_, objects)| !objects.kinds.is_empty());
    let first: BTreeMap<String, _> =
        first.map(|(cluster, objects)| (clusters[*cluster].clone(), watched(objects))).collect();
    let style = RowStyle::new(args, clusters, with_namespace(args, &query), 1);
    let mut tables = WatchedTables::new(app, args, style);
    let whole = matches!(args.output, GetFormat::Json | GetFormat::Yaml);
    match (is_table(args), args.output_watch_events && whole) {
        (true, _) => tables.begin(groups(found, app.now()))?,
        (_, true) => {
            tables
                .begin_whole(print::objects(found, args, clusters).map_err(|said| anyhow::anyhow!(said))?)?;
        }
        _ => drop(print(args, app, &query, found, clusters)?),
    }
    tables.follow(fleet, query, first)
}

/// The clusters of which something is known.
fn answered(rows: &[ClusterRow]) -> Vec<&str> {
    rows.iter().filter(|row| !row.is_silent()).map(|row| row.name.as_str()).collect()
}

/// kubectl's sentence; of several clusters it names those that have answered.
fn nothing(query: &GetQuery, answered: &[&str], clusters: usize) -> String {
    let mut namespaces: BTreeSet<Option<&str>> =
        query.scopes.values().flatten().map(|scope| scope.namespace.as_deref()).collect();
    let is_namespaced =
        query.wanted.iter().all(|(word, _)| built_in(word).is_none_or(|kind| kind.is_namespaced));
    let place = match (namespaces.pop_first(), namespaces.is_empty()) {
        (Some(Some(namespace)), true) if is_namespaced => format!(" in {namespace} namespace."),
        _ => String::new(),
    };
    match clusters {
        1 => format!("No resources found{place}"),
        _ => format!("No resources found in {}{place}", listed(answered, MOST_NAMED)),
    }
}

/// Each warning once, however many clusters gave it.
fn tell_warnings(found: &[(usize, ClusterObjects)], app: &App) {
    let mut told: BTreeMap<&str, BTreeSet<usize>> = BTreeMap::new();
    for (cluster, objects) in found {
        for warning in &objects.warnings {
            told.entry(warning).or_default().insert(*cluster);
        }
    }
    for (warning, clusters) in told {
        match clusters.len() {
            1 => app.ui.warn(warning),
            more => app.ui.warn(&format!("{warning} ({})", count(more, "cluster"))),
        }
    }
}

/// What was asked for and is nowhere, as errors.
fn problems(
    args: &GetArgs,
    query: &GetQuery,
    found: &[(usize, ClusterObjects)],
    rows: &[ClusterRow],
    complete: bool,
) -> Vec<anyhow::Error> {
    let mut problems = Vec::new();
    let told: Vec<String> = silences(rows).iter().map(Line::plain).collect();
    let wrong = |message: String, hint: String| match complete {
        true => advised(anyhow::anyhow!(message), hint),
        false => unanswered(message, told.join("; ")),
    };
    let answered: Vec<&(usize, ClusterObjects)> =
        found.iter().filter(|(cluster, _)| !rows[*cluster].is_silent()).collect();
    for (word, (text, names)) in query.wanted.iter().enumerate() {
        let of_word = || {
            answered.iter().flat_map(|(_, objects)| objects.kinds.iter()).filter(move |one| one.word == word)
        };
        if !answered.is_empty() && answered.iter().all(|(_, objects)| objects.unknown.contains(text)) {
            let known: BTreeSet<&str> =
                answered.iter().flat_map(|(_, objects)| objects.known.iter().map(String::as_str)).collect();
            let near = closest(text, known);
            let hint = if near.is_empty() {
                "`kubectl api-resources` lists what a cluster serves".to_string()
            } else {
                format!("did you mean {}?", listed(&near, 3))
            };
            problems.push(wrong(format!("the server doesn't have a resource type \"{text}\""), hint));
            continue;
        }
        if args.ignore_not_found {
            continue;
        }
        for name in names {
            let is_missing = of_word().next().is_some() && of_word().all(|one| one.missing.contains(name));
            if let Some(kind) = of_word().next().map(|one| one.kind.full_name()).filter(|_| is_missing) {
                let place = if rows.len() > 1 {
                    format!(" in {}", listed(&self::answered(rows), MOST_NAMED))
                } else {
                    String::new()
                };
                problems.push(wrong(format!("{kind} \"{name}\" not found{place}"), String::new()));
            }
        }
    }
    problems
}

fn fail(mut problems: Vec<anyhow::Error>, app: &App) -> Result<Outcome> {
    let Some(last) = problems.pop() else { return Ok(Outcome::Fine) };
    problems.iter().for_each(|problem| app.ui.error(problem));
    Err(last)
}
