//! The page about a service for people: what it is, what is around it, and a block for each cluster.

use jiff::Timestamp;

use crate::commands::show::neighbours::NeighbourRow;
use crate::commands::show::report::{BudgetRow, PlaceRow, ScalingRow, ServicePage, ShownService, VolumeRow};
use crate::commands::status::WorkloadRow;
use crate::health::Health;
use crate::report::{Block, Cell, Column, Detail, Grid, Line, Page, Tone};
use crate::survey::HealthState;
use crate::text::{age_of, listed};

/// Where the text of a line begins.
const HANG: usize = 11;
/// Digits of a digest that a line tells.
const DIGEST: usize = 12;
/// Clusters that a row names before it counts them.
const MOST_CLUSTERS: usize = 3;

pub fn page(page: &ServicePage, detail: Detail) -> Page {
    let now = page.header.generated_at;
    let mut blocks = Vec::new();
    for item in &page.items {
        blocks.push(Block::Heading(heading(item, now)));
        blocks.push(Block::Lines(about(item)));
        for (title, rows) in [("Depends on", &item.depends_on), ("Needed by", &item.dependents)] {
            if !rows.is_empty() {
                blocks.push(Block::Heading(title.to_string()));
                blocks.push(Block::Grid(neighbours(rows)));
            }
        }
        // Clusters of which the same is to be said are told once, where a person reads.
        let mut told: Vec<(Vec<&PlaceRow>, Vec<Line>)> = Vec::new();
        for place in &item.clusters {
            let lines = of_place(place, now, detail);
            let same = |(others, known): &&mut (Vec<&PlaceRow>, Vec<Line>)| {
                (detail.fold || detail.document)
                    && *known == lines
                    && place_head(others[0], now) == place_head(place, now)
            };
            match told.iter_mut().find(same) {
                Some((others, _)) => others.push(place),
                None => told.push((vec![place], lines)),
            }
        }
        for (places, lines) in told {
            let names: Vec<&str> = places.iter().map(|place| place.cluster.as_str()).collect();
            blocks.push(Block::Heading(format!("{}: {}", names.join(", "), place_head(places[0], now))));
            blocks.push(Block::Lines(lines));
        }
    }
    Page { blocks }
}

/// `checkout: Degraded (down)`.
fn heading(item: &ShownService, now: Timestamp) -> String {
    let state = item.state.as_ref().map(|state| format!(": {}", headline(state, None, now)));
    format!("{}{}", item.service, state.unwrap_or_default())
}

/// `Degraded (down), 0/6, for 15m`.
fn headline(state: &HealthState, pods: Option<(i64, i64)>, now: Timestamp) -> String {
    let pods = pods.map(|(available, desired)| format!(", {available}/{desired}")).unwrap_or_default();
    let since = state.since.map(|since| format!(", for {}", age_of(since, now))).unwrap_or_default();
    format!("{}{pods}{since}", state.word())
}

fn place_head(place: &PlaceRow, now: Timestamp) -> String {
    headline(&place.state, place.available.zip(place.desired), now)
}

fn line(label: &str, text: impl Into<String>, tone: Tone) -> Line {
    Line::new(vec![Cell::muted(format!("  {label:<9}")), Cell::toned(text, tone)]).hanging(HANG)
}

/// What it is and whose, and first of all what is broken below it.
fn about(item: &ShownService) -> Vec<Line> {
    let mut lines = Vec::new();
    for below in item.depends_on.iter().filter(|one| one.is_bad()) {
        lines.push(line("below", told_of(below), Tone::Bad));
    }
    let mut say = |label: &str, text: Option<String>| {
        lines.extend(text.filter(|text| !text.is_empty()).map(|text| line(label, text, Tone::Plain)));
    };
    say("title", item.title.clone());
    say("about", item.description.clone());
    let is =
        [("", &item.r#type), ("", &item.lifecycle), ("system ", &item.system), ("domain ", &item.domain)];
    let is: Vec<String> =
        is.iter().filter_map(|(what, value)| Some(format!("{what}{}", value.as_ref()?))).collect();
    say("is", Some(is.join(", ")));
    say("tags", Some(item.tags.join(", ")));
    if item.guessed {
        say("note", Some("guessed from labels: no catalog declares it".to_string()));
    }
    match &item.owner {
        Some(owner) => {
            say("owner", Some(owner.heading()));
            lines.extend(owner.lines());
        }
        None => say("owner", Some("nobody is known".to_string())),
    }
    lines.extend(item.declared.as_ref().map(|place| line("declared", place.clone(), Tone::Muted)));
    lines.push(line("selector", item.selector.clone(), Tone::Muted));
    lines
}

/// `payments is Degraded in us-west-2: app OOMKilled (via cart)`.
fn told_of(one: &NeighbourRow) -> String {
    let Some(state) = &one.state else { return one.entity.clone() };
    let clusters: Vec<&str> = one.clusters.iter().map(String::as_str).collect();
    let at =
        if clusters.is_empty() { String::new() } else { format!(" in {}", listed(&clusters, MOST_CLUSTERS)) };
    let why = state.message.as_ref().map(|why| format!(": {why}")).unwrap_or_default();
    let via = one.via.as_ref().map(|via| format!(" (needed by {via})")).unwrap_or_default();
    format!("{} is {}{at}{why}{via}", one.entity, state.word())
}

fn neighbours(rows: &[NeighbourRow]) -> Grid {
    let header = [
        Column::from("ENTITY"),
        Column::spare("OWNER"),
        Column::whole("HEALTH"),
        Column::whole("PODS"),
        Column::from("CLUSTERS"),
        Column::spare("VIA"),
        Column::sentence("WHY"),
    ];
    let grid = Grid::of(
        header,
        rows.iter()
            .map(|one| {
                let state = one.state.as_ref();
                let unseen = if one.in_catalog { "-" } else { "not in the catalog" };
                let pods = one.available.zip(one.desired);
                let pods = pods.map(|(available, desired)| format!("{available}/{desired}"));
                let clusters: Vec<&str> = one.clusters.iter().map(String::as_str).collect();
                let filled = |text: Option<String>| {
                    Cell::from(text.filter(|text| !text.is_empty()).unwrap_or("-".into()))
                };
                vec![
                    Cell::from(one.entity.clone()),
                    filled(one.owner.clone()),
                    Cell::toned(
                        state.map_or_else(|| unseen.to_string(), HealthState::word),
                        state.map_or(Tone::Muted, HealthState::tone),
                    ),
                    filled(pods),
                    filled(Some(listed(&clusters, MOST_CLUSTERS))),
                    filled(one.via.clone()),
                    filled(state.and_then(|state| state.message.clone())),
                ]
            })
            .collect(),
    );
    let idle = rows.iter().all(|one| one.via.is_none()).then_some("VIA");
    grid.without(&idle.into_iter().collect::<Vec<_>>())
}

fn of_place(place: &PlaceRow, now: Timestamp, detail: Detail) -> Vec<Line> {
    let mut lines = Vec::new();
    let why = place.state.message.as_ref().or(place.state.reason.as_ref());
    lines.extend(why.map(|why| line("why", why.clone(), place.state.tone())));
    if let Some(last) = &place.last {
        let text = format!("{}, {} ago", headline(&last.state, None, now), age_of(last.answered_at, now));
        lines.push(line("last", text, Tone::Muted));
    }
    lines.extend(place.notes.iter().map(|note| line("note", note.clone(), Tone::Muted)));
    for workload in &place.workloads {
        lines.push(line("runs", runs(workload, now), tone_of(&workload.state)));
        lines.extend(images(workload).into_iter().map(|image| line("image", image, Tone::Plain)));
    }
    lines.extend(place.hosts.iter().map(|host| line("host", host.shown(), Tone::Plain)));
    for service in &place.core_services {
        let tone = if service.ready_pods == 0 { Tone::Bad } else { Tone::Plain };
        lines.push(line("port", service.shown(), tone));
    }
    lines.extend(place.scaling.iter().map(|one| line("scaling", scaling(one), tone_of(&one.state))));
    lines.extend(place.budgets.iter().map(|one| line("budget", of_budget(one), tone_of(&one.state))));
    lines.extend(place.volumes.iter().map(|one| line("volume", volume(one), tone_of(&one.state))));
    if let Some(change) = &place.last_change {
        let when = match detail.document {
            true => change.time.to_string(),
            false => format!("{} ago", age_of(change.time, now)),
        };
        let by = change.manager.as_ref().map(|by| format!(", by {by}")).unwrap_or_default();
        let about = format!("{}/{}", change.object.kind, change.object.name);
        lines.push(line("changed", format!("{when}: {about} {}{by}", change.what(false)), Tone::Plain));
    }
    lines
}

/// What is well is said plainly: colour is for what is to be looked at.
fn tone_of(state: &HealthState) -> Tone {
    if state.health == Health::Healthy { Tone::Plain } else { state.tone() }
}

/// `Deployment shop/checkout 0/6, revision 41: Degraded (down), for 15m`.
fn runs(workload: &WorkloadRow, now: Timestamp) -> String {
    let pods = workload.available.zip(workload.desired);
    let pods = pods.map(|(available, desired)| format!(" {available}/{desired}")).unwrap_or_default();
    let revision = workload.revision.as_ref().map(|revision| format!(", revision {revision}"));
    let state = match workload.state.health {
        Health::Healthy => String::new(),
        _ => format!(": {}", headline(&workload.state, None, now)),
    };
    let name = format!("{} {}/{}", workload.kind, workload.namespace, workload.name);
    format!("{name}{pods}{}{state}", revision.unwrap_or_default())
}

/// An entry for each container and image; digests where one image has several.
fn images(workload: &WorkloadRow) -> Vec<String> {
    let shown = |row: &crate::commands::status::ImageRow| {
        let same = workload
            .images
            .iter()
            .filter(|other| other.container == row.container && other.image == row.image);
        let digest = row.digest.as_ref().filter(|_| same.count() > 1);
        let digest = digest.map(|digest| {
            let hex = digest.strip_prefix("sha256:").unwrap_or(digest);
            format!(" @{}", hex.chars().take(DIGEST).collect::<String>())
        });
        format!("{} {}{}", row.container, row.image, digest.unwrap_or_default())
    };
    workload.images.iter().map(shown).collect()
}

/// `HPA/checkout 3 to 10, now 6`.
fn scaling(one: &ScalingRow) -> String {
    let wants = if one.wanted == one.current { String::new() } else { format!(", wants {}", one.wanted) };
    with_notes(
        format!("HPA/{} of {}: {} to {}, now {}{wants}", one.name, one.target, one.min, one.max, one.current),
        &one.state,
        &one.notes,
    )
}

fn of_budget(one: &BudgetRow) -> String {
    let asks = match (&one.min_available, &one.max_unavailable) {
        (Some(least), _) => format!("at least {least} available"),
        (None, Some(most)) => format!("at most {most} unavailable"),
        (None, None) => "says nothing".to_string(),
    };
    let allowed = one.allowed.map(|allowed| format!(", {allowed} may go")).unwrap_or_default();
    with_notes(format!("PDB/{}: {asks}{allowed}", one.name), &one.state, &one.notes)
}

fn volume(one: &VolumeRow) -> String {
    let words = [one.phase.clone(), one.size.clone(), one.storage_class.clone()];
    let words: Vec<String> = words.into_iter().flatten().collect();
    with_notes(format!("{}: {}", one.name, words.join(", ")), &one.state, &[])
}

fn with_notes(text: String, state: &HealthState, notes: &[String]) -> String {
    let why = state.message.iter().filter(|_| state.health != Health::Healthy);
    let more: Vec<&str> = why.chain(notes).map(String::as_str).collect();
    if more.is_empty() { text } else { format!("{text}; {}", more.join("; ")) }
}
