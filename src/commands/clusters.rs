//! `clusters`: which clusters there are, from where, whether they answer, and who I am there.

use std::collections::BTreeMap;

use anyhow::Result;
use clap::Args;
use futures::StreamExt;
use serde::Serialize;

use crate::app::App;
use crate::args::OutputArgs;
use crate::fleet::kubeconfig::KubeconfigProblem;
use crate::fleet::{Answer, Asked, Cluster, Fleet, Gap, Resource, Silence};
use crate::outcome::{Outcome, RunFacts};
use crate::report::{Cell, Column, Detail, Grid, Line, Page, Report, Tone};
use crate::survey::{ClusterRow, answered, leaving_out, silences};
use crate::text::{ShortNames, listed};

/// How many names a note tells before it counts the rest.
const MOST_NAMES: usize = 8;
/// The source that is there without a word of the configuration.
const PLAIN: &str = "kubeconfig";

/// Which clusters there are, whether they answer, and who I am there
///
/// Asks each for its version and, where it serves SelfSubjectReview, for my name. Exit code 4: one was silent.
#[derive(Args, Debug)]
#[command(before_help = "callboard clusters
callboard clusters --cluster-selector region=eu -o wide")]
pub struct ClustersArgs {
    #[command(flatten)]
    output: OutputArgs,
}

pub fn run(args: &ClustersArgs, app: &App) -> Result<Outcome> {
    let fleet = app.fleet()?;
    let (answers, interrupted) = app.block_on(ask(&fleet, app))?;
    fleet.plugin_notes().iter().for_each(|note| app.ui.warn(note));
    let silent = |item: &ClusterItem| item.answer.is_silent() && !item.answer.optional;
    let same = same_as(&fleet, &answers);
    let items: Vec<ClusterItem> = fleet
        .clusters()
        .map(|cluster| ClusterItem {
            same_as: same.get(&cluster.name).cloned().unwrap_or_default(),
            ..item(cluster, answers.get(&cluster.name))
        })
        .collect();
    let complete = !items.iter().any(silent);
    let items = items.into_iter().chain(broken(&fleet, app)).collect();
    let report = ClustersReport { generated_at: app.now(), complete, items, outside: outside(&fleet, app)? };
    app.ui.print(&report, args.output.output, !args.output.no_headers)?;
    let rows: Vec<ClusterRow> = report.items.iter().map(|item| item.answer.clone()).collect();
    leaving_out(&rows, app)?.iter().for_each(|hint| app.ui.hint(hint));
    Ok(Outcome::of(RunFacts { interrupted, bad: false, complete }))
}

/// Contexts of the kubeconfig that cannot be used, unless others were chosen. Nobody could be silent there.
fn broken<'a>(fleet: &'a Fleet, app: &'a App) -> impl Iterator<Item = ClusterItem> + use<'a> {
    let is_told = |problem: &&KubeconfigProblem| {
        app.options.contexts.is_empty() && app.options.cluster_selector.is_none()
            || fleet.is_asked_for(problem)
    };
    fleet.problems().iter().filter(is_told).filter_map(|problem| {
        let context = problem.context.clone()?;
        Some(ClusterItem {
            answer: ClusterRow::broken(&context, problem.to_string()),
            context,
            source: PLAIN,
            origin: problem.file.display().to_string(),
            also_from: Vec::new(),
            server: String::new(),
            namespace: None,
            current: false,
            labels: BTreeMap::new(),
            aliases: Vec::new(),
            others: Vec::new(),
            same_as: Vec::new(),
            user: None,
        })
    })
}

/// The clusters that the lasting choice of the configuration leaves out.
fn outside(fleet: &Fleet, app: &App) -> Result<Vec<String>> {
    if !app.options.contexts.is_empty() || app.config()?.contexts.is_empty() {
        return Ok(Vec::new());
    }
    let asked: Vec<&String> = fleet.clusters().map(|cluster| &cluster.context).collect();
    let known = app.known_clusters()?.into_iter();
    Ok(known.filter(|cluster| !asked.contains(&&cluster.context)).map(|cluster| cluster.name).collect())
}

/// For each cluster the others that reach the same one as other users: what has one namespace kube-system is one.
fn same_as(fleet: &Fleet, answers: &BTreeMap<String, Answer<Myself>>) -> BTreeMap<String, Vec<String>> {
    let mut named: BTreeMap<(usize, &str), Vec<String>> = BTreeMap::new();
    for cluster in fleet.clusters() {
        let uid = answers.get(&cluster.name).and_then(|answer| answer.uid.as_deref());
        if let (Some(server), Some(uid)) = (cluster.shared_server, uid) {
            named.entry((server, uid)).or_default().push(cluster.name.clone());
        }
    }
    let others = |name: &String, all: &[String]| all.iter().filter(|one| *one != name).cloned().collect();
    named.values().flat_map(|all| all.iter().map(move |name| (name.clone(), others(name, all)))).collect()
}

/// What a cluster says of me; nothing where it does not serve the question.
type Myself = Option<UserInfo>;

#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct UserInfo {
    username: String,
    groups: Vec<String>,
}

async fn ask(fleet: &Fleet, app: &App) -> (BTreeMap<String, Answer<Myself>>, bool) {
    let mut answers = BTreeMap::new();
    let progress = app.ui.progress(fleet.clusters().count());
    let mut stream = std::pin::pin!(fleet.ask(who_am_i));
    let mut interrupt = std::pin::pin!(crate::ui::interrupted());
    loop {
        tokio::select! {
            answer = stream.next() => match answer {
                Some(answer) => {
                    progress.answered("");
                    answers.insert(answer.cluster.clone(), answer);
                }
                None => return (answers, crate::ui::signalled().is_some()),
            },
            () = &mut interrupt => return (answers, true),
        }
    }
}

/// SelfSubjectReview is served since 1.27; before that, and for who may not ask, only the version tells.
async fn who_am_i(asked: Asked) -> (Myself, Vec<Gap>) {
    let body = serde_json::json!({"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"});
    let resource = Resource {
        kind: "SelfSubjectReview",
        group: "authentication.k8s.io",
        version: "v1",
        plural: "selfsubjectreviews",
    };
    match asked.review(&resource, &body).await {
        Ok(None) if !asked.is_api().await => {
            let why = Silence::Protocol("404: no Kubernetes API at this URL".to_string());
            (None, vec![Gap::cluster(why)])
        }
        Ok(text) => (text.and_then(|text| user_info(&text)), Vec::new()),
        // Anonymous users are refused, and still they were answered.
        Err(Silence::Forbidden(_)) => (None, Vec::new()),
        Err(why) => (None, vec![Gap::cluster(why)]),
    }
}

fn user_info(text: &str) -> Option<UserInfo> {
    let review: serde_json::Value = serde_json::from_str(text).ok()?;
    let info = review.pointer("/status/userInfo")?;
    let groups = info["groups"].as_array().into_iter().flatten();
    Some(UserInfo {
        username: info["username"].as_str()?.to_string(),
        groups: groups.filter_map(|group| Some(group.as_str()?.to_string())).collect(),
    })
}

/// `kind: ClusterList`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ClustersReport {
    generated_at: jiff::Timestamp,
    complete: bool,
    items: Vec<ClusterItem>,
    /// Not asked: the configuration leaves them out.
    #[serde(skip)]
    outside: Vec<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ClusterItem {
    #[serde(flatten)]
    answer: ClusterRow,
    context: String,
    source: &'static str,
    /// The file, or what the source is called.
    origin: String,
    /// The sources that told of it, too.
    also_from: Vec<String>,
    server: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    namespace: Option<String>,
    current: bool,
    labels: BTreeMap<String, String>,
    aliases: Vec<String>,
    /// Other contexts that lead to the same server as the same user.
    others: Vec<String>,
    /// Other clusters of this list that are the same one, reached as other users.
    same_as: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<UserInfo>,
}

fn item(cluster: &Cluster, answer: Option<&Answer<Myself>>) -> ClusterItem {
    ClusterItem {
        answer: match answer {
            Some(answer) => ClusterRow::of(cluster, answer),
            None => ClusterRow::unanswered(cluster),
        },
        context: cluster.context.clone(),
        source: cluster.source,
        origin: cluster.origin.clone(),
        also_from: cluster.also_from.clone(),
        server: cluster.server.clone(),
        namespace: cluster.namespace.clone(),
        current: cluster.is_current,
        labels: cluster.labels.clone(),
        aliases: cluster.aliases.clone(),
        others: cluster.others.clone(),
        same_as: Vec::new(),
        user: answer.and_then(|answer| answer.value.clone()),
    }
}

impl Report for ClustersReport {
    const KIND: &'static str = "ClusterList";

    fn page(&self, detail: Detail) -> Page {
        let mut header = match detail.wide {
            false => vec![
                Column::from("CLUSTER"),
                Column::whole("STATE"),
                Column::whole("VERSION"),
                Column::whole("LATENCY"),
                "USER".into(),
                Column::spare("LABELS"),
                Column::from("SOURCE"),
                Column::sentence("WHY"),
            ],
            true => vec![
                "CLUSTER".into(),
                "STATE".into(),
                "VERSION".into(),
                "LATENCY".into(),
                "USER".into(),
                "LABELS".into(),
                "SOURCE".into(),
                "SERVER".into(),
                "NAMESPACE".into(),
                "OTHER CONTEXTS".into(),
                "WHY".into(),
            ],
        };
        let short = ShortNames::of(self.items.iter().map(|item| item.answer.name.as_str()));
        // Which source it is goes without saying where there is only one.
        let tells_source = detail.wide || self.items.iter().any(|item| sources(item) != PLAIN);
        if !tells_source {
            header.remove(header.len() - 2);
        }
        let rows = self.items.iter().map(|item| cells(item, &short, tells_source, detail));
        Grid::of(header, rows.collect()).into()
    }

    fn names(&self) -> Vec<String> {
        self.items.iter().map(|item| item.answer.name.clone()).collect()
    }

    fn footer(&self) -> Vec<Line> {
        let rows: Vec<ClusterRow> = self.items.iter().map(|item| item.answer.clone()).collect();
        let rows: Vec<ClusterRow> = rows.into_iter().filter(|row| !row.is_broken()).collect();
        let mut lines = vec![Line::from(answered(&rows))];
        lines.extend(silences(&rows));
        let others = self.items.iter().filter(|item| !item.others.is_empty()).map(|item| {
            let names = listed(&item.others, MOST_NAMES);
            format!("{} stands for {names} too: the same server and user", item.answer.name)
        });
        // Said by the first of them.
        let is_first = |item: &&ClusterItem| {
            let place = |name: &str| self.items.iter().position(|item| item.answer.name == name);
            let own = place(&item.answer.name);
            !item.same_as.is_empty() && item.same_as.iter().all(|name| place(name) > own)
        };
        let same = self.items.iter().filter(is_first).map(|item| {
            let names = listed(&item.same_as, MOST_NAMES);
            format!("{} and {names} are one cluster, reached in several ways", item.answer.name)
        });
        let outside = (!self.outside.is_empty()).then(|| {
            let names = listed(&self.outside, MOST_NAMES);
            format!("no part of the fleet, by contexts: of the configuration: {names}; --context '*' asks everything")
        });
        let notes = others.chain(same).chain(outside);
        lines.extend(notes.map(|note| Line::new(vec![Cell::muted(format!("note: {note}"))])));
        lines
    }

    fn title(&self) -> String {
        "Clusters".to_string()
    }
}

/// Where it came from, and who told of it, too.
fn sources(item: &ClusterItem) -> String {
    let first = if item.source == PLAIN { PLAIN } else { &item.origin };
    let all: Vec<&str> = std::iter::once(first).chain(item.also_from.iter().map(String::as_str)).collect();
    all.join(",")
}

fn cells(item: &ClusterItem, short: &ShortNames, tells_source: bool, detail: Detail) -> Vec<Cell> {
    let or_dash =
        |text: Option<String>| Cell::from(text.filter(|t| !t.is_empty()).unwrap_or_else(|| "-".to_string()));
    let labels: Vec<String> = item.labels.iter().map(|(key, value)| format!("{key}={value}")).collect();
    let tone = match item.answer.is_silent() || item.answer.is_broken() {
        true => Tone::Bad,
        false => Tone::Good,
    };
    let latency = item.answer.elapsed_ms.filter(|_| !item.answer.is_silent()).map(|ms| format!("{ms}ms"));
    let current = if item.current && detail.fold { " *" } else { "" };
    let shortened = format!("{}{current}", short.shortened(&item.answer.name));
    let name = Cell::from(format!("{}{current}", item.answer.name)).or_short(shortened);
    let mut cells = vec![
        name,
        Cell::toned(item.answer.state.word(), tone),
        or_dash(item.answer.version.clone()),
        or_dash(latency),
        or_dash(item.user.as_ref().map(|user| user.username.clone())),
        or_dash(Some(labels.join(","))),
    ];
    cells.extend(tells_source.then(|| Cell::from(sources(item))));
    if detail.wide {
        cells.extend([
            Cell::from(item.server.clone()),
            or_dash(item.namespace.clone()),
            or_dash(Some(item.others.join(","))),
        ]);
    }
    let why = item.answer.message.clone().map(|message| match item.answer.reason {
        Some(reason) => format!("{reason}: {message}"),
        None => message,
    });
    cells.push(or_dash(why));
    cells
}
