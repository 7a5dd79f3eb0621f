//! Differences as a table: what it is, then a row for each value and who has it, the baseline's first.

use std::fmt;

use regex::Regex;
use serde::Serialize;
use serde::ser::SerializeMap;

use crate::commands::compare::group::ComparedGroup;
use crate::compare::{AttributeName, AttributeValue, tail};
use crate::report::{Block, Cell, Column, Detail, Grid, Line, Page, Report, Tone};
use crate::survey::SurveyHeader;
use crate::text::{ShortNames, count};

/// `kind: ServiceDifferenceList`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CompareReport {
    #[serde(flatten)]
    pub header: SurveyHeader,
    pub items: Vec<ItemRow>,
}

/// One service.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ItemRow {
    pub service: String,
    /// The cluster that the others are held against; left out where fewer than two could be compared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub baseline: Option<String>,
    /// The clusters that were compared, in fleet order.
    pub compared: Vec<String>,
    /// Those that stand against a majority of the others, who does most often first.
    pub outliers: Vec<OutlierRow>,
    pub differences: Vec<DifferenceRow>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DifferenceRow {
    pub group: ComparedGroup,
    /// `Deployment/checkout`; left out where it is about the cluster.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub workload: String,
    pub what: DifferenceName,
    /// Each cluster has its own by nature, such as a count of revisions: told, and no finding.
    pub expected: bool,
    /// How well it tells the clusters that are broken from the others, from 0 to 1.
    #[serde(skip)]
    pub weight: f64,
    pub values: Vec<ValueRow>,
}

/// What differs. `Display`, and so the JSON, is how people read it.
#[derive(Debug, PartialEq)]
pub enum DifferenceName {
    Attribute(AttributeName),
    /// The digests that run of a container's image, where the clusters ask for it by one tag.
    SameTagDigest(String),
    /// Whether the workload is there at all.
    Presence,
}

impl fmt::Display for DifferenceName {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            DifferenceName::Attribute(name) => name.fmt(f),
            DifferenceName::SameTagDigest(container) => write!(f, "{container} image digest, same tag"),
            DifferenceName::Presence => f.write_str("workload"),
        }
    }
}

impl Serialize for DifferenceName {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A value, and the clusters that have it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ValueRow {
    #[serde(flatten, serialize_with = "value_fields")]
    pub value: AttributeValue,
    pub clusters: Vec<String>,
}

/// A value in JSON: its text, and whether that only says that there is none.
pub fn value_fields<S: serde::Serializer>(value: &AttributeValue, serializer: S) -> Result<S::Ok, S::Error> {
    let mut fields = serializer.serialize_map(Some(2))?;
    fields.serialize_entry("value", &value.plain())?;
    fields.serialize_entry("absent", &value.is_absent())?;
    fields.end()
}

/// A cluster that stands apart.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OutlierRow {
    pub cluster: String,
    /// In how many of the differences that are findings.
    pub differences: usize,
}

impl ItemRow {
    pub fn differs(&self) -> bool {
        self.differences.iter().any(|difference| !difference.expected)
    }
}

impl Report for CompareReport {
    const KIND: &'static str = "ServiceDifferenceList";

    fn page(&self, detail: Detail) -> Page {
        let rows: Vec<Vec<Cell>> = self.items.iter().flat_map(|item| item_rows(item, detail)).collect();
        let names = ["SERVICE", "GROUP", "WORKLOAD", "WHAT", "CLUSTERS"].map(Column::from);
        let header = names.into_iter().chain([Column::value("VALUE")]);
        let mut idle = Vec::new();
        if self.items.len() == 1 {
            idle.push("SERVICE");
        }
        let one_workload = |item: &ItemRow| {
            let mut names = item.differences.iter().map(|one| &one.workload).filter(|name| !name.is_empty());
            let first = names.next();
            first.is_none_or(|first| names.all(|name| name == first))
        };
        if self.items.iter().all(one_workload) && !detail.wide {
            idle.push("WORKLOAD");
        }
        let grid = Grid::of(header, rows).without(&idle);
        if self.items.iter().all(|item| item.differences.is_empty()) {
            return Page { blocks: vec![Block::Lines(self.items.iter().map(same).collect())] };
        }
        let mut blocks = vec![Block::Grid(grid)];
        let odd: Vec<Line> = self.items.iter().filter_map(odd_one_out).collect();
        if detail.fold && !odd.is_empty() {
            blocks.insert(0, Block::Lines(odd));
        }
        Page { blocks }
    }

    fn names(&self) -> Vec<String> {
        self.items.iter().filter(|item| item.differs()).map(|item| item.service.clone()).collect()
    }

    fn footer(&self) -> Vec<Line> {
        let several = self.items.iter().any(|item| !item.differences.is_empty());
        let summaries = self.items.iter().filter(|_| several).map(summary);
        self.header.footer(summaries.chain([Line::from(self.header.answered())]))
    }

    fn title(&self) -> String {
        "What differs between clusters".to_string()
    }
}

/// The line that is the whole answer where nothing differs.
fn same(item: &ItemRow) -> Line {
    match (&item.baseline, item.compared.as_slice()) {
        (Some(_), clusters) => Line::new(vec![
            Cell::from(format!("{}: ", item.service)),
            Cell::toned("nothing differs", Tone::Good),
            Cell::from(format!(" between {}", clusters.join(", "))),
        ]),
        (None, [only]) => Line::from(format!("{}: seen only in {only}, nothing to compare", item.service)),
        (None, _) => Line::from(format!("{}: not seen in any cluster, nothing to compare", item.service)),
    }
}

/// `us-west-2 is the odd one out of 3 clusters: 2 of 2 differences`; nothing where none is.
fn odd_one_out(item: &ItemRow) -> Option<Line> {
    let all = item.differences.iter().filter(|one| !one.expected).count();
    let (first, others) = item.outliers.split_first()?;
    let mut said = format!("{} of {}", first.differences, count(all, "difference"));
    for other in others.iter().take(MOST_NAMED) {
        said = format!("{said}; {} {}", other.cluster, other.differences);
    }
    if others.len() > MOST_NAMED {
        said = format!("{said}; +{} more", others.len() - MOST_NAMED);
    }
    Some(Line::new(vec![
        Cell::from(format!("{}: ", item.service)),
        Cell::toned(first.cluster.as_str(), Tone::Doubtful),
        Cell::from(format!(" is the odd one out of {} clusters: {said}", item.compared.len())),
    ]))
}

/// Clusters that are named after the oddest.
const MOST_NAMED: usize = 3;

/// `checkout: 4 differences between 3 clusters, against eu-west-1`
fn summary(item: &ItemRow) -> Line {
    let Some(baseline) = &item.baseline else { return same(item) };
    if item.differences.is_empty() {
        return same(item);
    }
    let found = item.differences.iter().filter(|one| !one.expected).count();
    let clusters = count(item.compared.len(), "cluster");
    let odd = item.outliers.first().map(|one| format!("; odd one out: {}", one.cluster)).unwrap_or_default();
    let (told, rest) = match found {
        0 => (
            Cell::toned("nothing differs", Tone::Good),
            format!(" between {clusters} but what each has by itself; baseline {baseline}"),
        ),
        found => (
            Cell::toned(count(found, "difference"), Tone::Doubtful),
            format!(" between {clusters}; baseline {baseline}{odd}"),
        ),
    };
    Line::new(vec![Cell::from(format!("{}: ", item.service)), told, Cell::from(rest)])
}

fn item_rows(item: &ItemRow, detail: Detail) -> Vec<Vec<Cell>> {
    let mut rows = Vec::new();
    let short = ShortNames::of(item.compared.iter().map(String::as_str));
    for difference in &item.differences {
        let whole = difference.values.iter().map(|value| value.value.to_string());
        let texts = if detail.fold && !detail.wide { shortened(difference) } else { whole.collect() };
        for (index, (value, text)) in difference.values.iter().zip(texts).enumerate() {
            let repeated = |text: &str| match (detail.fold && index > 0, text.is_empty()) {
                (true, _) => Cell::from(""),
                (false, true) => Cell::from("-"),
                (false, false) => Cell::from(text),
            };
            let tone = match (index, difference.expected) {
                (_, true) => Tone::Muted,
                (0, false) => Tone::Plain,
                (_, false) => Tone::Doubtful,
            };
            let clusters = clusters(value, item, detail);
            rows.push(vec![
                repeated(&item.service),
                repeated(difference.group.word()),
                repeated(&difference.workload),
                repeated(&difference.what.to_string()),
                Cell::from(clusters.as_str()).or_short(short.shortened(&clusters)),
                Cell::toned(text, tone),
            ]);
        }
    }
    rows
}

/// What fits on a screen: digests cut to what tells them apart, long values from where they part.
fn shortened(difference: &DifferenceRow) -> Vec<String> {
    let digest = Regex::new("sha256:([0-9a-f]{12})[0-9a-f]+").expect("a constant expression");
    let cut: Vec<String> = difference
        .values
        .iter()
        .map(|value| digest.replace_all(&value.value.to_string(), "sha256:$1").into_owned())
        .collect();
    tail(&cut.iter().map(String::as_str).collect::<Vec<_>>())
}

/// The clusters that have a value; on a terminal the first and how many more.
fn clusters(value: &ValueRow, item: &ItemRow, detail: Detail) -> String {
    let baseline = item.baseline.as_ref();
    let mut names: Vec<&String> = value.clusters.iter().collect();
    names.sort_by_key(|name| Some(*name) != baseline);
    match (detail.fold && !detail.wide, names.as_slice()) {
        (true, [first, _, ..]) => format!("{first} +{}", names.len() - 1),
        _ => names.into_iter().cloned().collect::<Vec<_>>().join(","),
    }
}
