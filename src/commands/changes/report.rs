//! Changes as a timeline: a row each, the newest first.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::Serialize;

use crate::changes::{Change, ChangeKind, ChangedValue};
use crate::compare::{distinct_of, tags};
use crate::report::{Cell, Column, Detail, Grid, Line, Page, Report};
use crate::survey::SurveyHeader;
use crate::text::{age_of, count};

/// Differences and fields of a change that a table tells; the rest is counted.
const MOST_TOLD: usize = 4;

/// `kind: ServiceChangeList`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ChangesReport {
    #[serde(flatten)]
    pub header: SurveyHeader,
    /// Newest first.
    pub items: Vec<ChangeRow>,
    /// More than one service was asked for: the table names them.
    #[serde(skip)]
    pub many: bool,
    /// `in the last 24h`.
    #[serde(skip)]
    pub window: String,
}

/// One deed, in one cluster or several.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ChangeRow {
    /// In the first of its clusters.
    pub time: Timestamp,
    pub change: &'static str,
    pub services: Vec<String>,
    pub clusters: Vec<String>,
    pub object: ChangedObject,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub manager: Option<String>,
    /// In the first of its clusters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revision: Option<String>,
    pub differences: Vec<ChangedItem>,
    /// Fields or keys that the manager has set: what changed is among them.
    pub fields: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    #[serde(skip)]
    kind: ChangeKind,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ChangedObject {
    pub kind: String,
    pub namespace: String,
    pub name: String,
}

/// What was and what is, as `compare` words it; secrets masked.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ChangedItem {
    pub what: String,
    pub before: String,
    pub after: String,
    /// The two without what they have in common.
    #[serde(skip)]
    short: (String, String),
}

impl ChangedItem {
    /// `app image v3.7.2 -> v3.8.0`.
    pub fn words(&self) -> String {
        format!("{} {} -> {}", self.what, self.short.0, self.short.1)
    }

    /// Whether it is from one of the values to the other that something differs, whole or without what they have in common.
    pub fn is_between(&self, values: &BTreeSet<String>) -> bool {
        let pair = |before: &String, after: &String| BTreeSet::from([before.clone(), after.clone()]);
        *values == pair(&self.before, &self.after) || *values == pair(&self.short.0, &self.short.1)
    }

    fn of(value: &ChangedValue) -> ChangedItem {
        let (before, after) = (value.before.to_string(), value.after.to_string());
        let distinct = distinct_of(&[&value.before, &value.after]);
        let short = match (tags(&before, &after), distinct.as_slice()) {
            (Some((before, after)), _) if value.what.is_image() => (before.to_string(), after.to_string()),
            (_, [before, after]) => (before.to_string(), after.to_string()),
            _ => (before.clone(), after.clone()),
        };
        ChangedItem { what: value.what.to_string(), before, after, short }
    }
}

impl ChangeRow {
    pub fn new(change: &Change, services: Vec<String>, cluster: String) -> ChangeRow {
        ChangeRow {
            time: change.time,
            change: change.kind.id(),
            services,
            clusters: vec![cluster],
            object: ChangedObject {
                kind: change.object.clone(),
                namespace: change.namespace.clone(),
                name: change.name.clone(),
            },
            manager: change.manager.clone(),
            revision: change.revision.clone(),
            differences: change.differences.iter().map(ChangedItem::of).collect(),
            fields: change.fields.clone(),
            note: change.note.clone(),
            kind: change.kind,
        }
    }

    pub fn is_any_of(&self, kinds: &[ChangeKind]) -> bool {
        kinds.contains(&self.kind)
    }

    /// `deployment/checkout`, as kubectl writes it.
    fn about(&self) -> String {
        format!("{}/{}", self.object.kind.to_lowercase(), self.object.name)
    }

    /// `rollout 17: app image v3.7.2 -> v3.8.0`.
    pub fn what(&self, all: bool) -> String {
        let most = if all { usize::MAX } else { MOST_TOLD };
        let revision = self.revision.as_ref().map(|revision| format!(" {revision}")).unwrap_or_default();
        let head = match self.kind {
            ChangeKind::Rollout => format!("rollout{revision}"),
            ChangeKind::Rollback => format!("rollback{revision}"),
            ChangeKind::Restart => format!("restart{revision}"),
            ChangeKind::Created => "created".to_string(),
            ChangeKind::Scaling => "scaled".to_string(),
            ChangeKind::Edit => "edited, of".to_string(),
            ChangeKind::Config => "edited, of keys".to_string(),
        };
        let told: Vec<String> = match self.differences.is_empty() {
            true => self.fields.clone(),
            false => self.differences.iter().map(ChangedItem::words).collect(),
        };
        let more = told.len().saturating_sub(most);
        let mut told: Vec<String> = told.into_iter().take(most).collect();
        told.extend((more > 0).then(|| format!("{more} more")));
        told.extend(self.note.clone());
        match (told.is_empty(), self.kind) {
            (true, _) => head,
            (false, ChangeKind::Edit | ChangeKind::Config) => format!("{head} {}", told.join(", ")),
            (false, _) => format!("{head}: {}", told.join("; ")),
        }
    }
}

impl Report for ChangesReport {
    const KIND: &'static str = "ServiceChangeList";

    fn page(&self, detail: Detail) -> Page {
        let header: [Column; 6] = [
            Column::whole(if detail.wide || detail.document { "TIME" } else { "AGE" }),
            "SERVICE".into(),
            "CLUSTER".into(),
            "OBJECT".into(),
            Column::sentence("WHAT CHANGED"),
            "BY".into(),
        ];
        let now = self.header.generated_at;
        let row = |item: &ChangeRow| {
            let when = match detail.wide || detail.document {
                true => item.time.to_string(),
                false => age_of(item.time, now),
            };
            let clusters = match (item.clusters.as_slice(), detail.fold) {
                ([first, rest @ ..], true) if !rest.is_empty() => format!("{first} +{}", rest.len()),
                (all, _) => all.join(","),
            };
            vec![
                Cell::from(when),
                Cell::from(item.services.join(",")),
                Cell::from(clusters),
                Cell::from(item.about()),
                Cell::from(item.what(detail.wide || detail.document)),
                Cell::muted(item.manager.clone().unwrap_or_else(|| "-".to_string())),
            ]
        };
        let service = (!self.many).then_some("SERVICE");
        let cluster = (self.header.clusters.len() == 1).then_some("CLUSTER");
        let idle: Vec<&str> = service.into_iter().chain(cluster).collect();
        Grid::of(header, self.items.iter().map(row).collect()).without(&idle).into()
    }

    fn names(&self) -> Vec<String> {
        self.items.iter().map(ChangeRow::about).collect()
    }

    fn footer(&self) -> Vec<Line> {
        let found = match self.items.len() {
            0 => format!("Nothing seen to change {}", self.window),
            all => format!("{} {}", count(all, "change"), self.window),
        };
        self.header.footer([Line::from(format!("{found}. {}", self.header.answered()))])
    }

    fn title(&self) -> String {
        format!("What changed {}", self.window)
    }
}
