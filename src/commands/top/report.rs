//! Usage as a table: what hurts first.

use jiff::Timestamp;
use serde::Serialize;

use crate::commands::top::unmeasured::Unmeasured;
use crate::commands::top::usage::{Measure, Usage};
use crate::report::{Cell, Detail, Grid, Line, Page, Report, Tone};
use crate::survey::SurveyHeader;
use crate::text::{ShortNames, age_of, count};
use crate::workload::Quantity;

/// `kind: ServiceUsageList`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct UsageReport {
    #[serde(flatten)]
    pub header: SurveyHeader,
    /// The pod closest to its memory limit first.
    pub items: Vec<PodUsageRow>,
    #[serde(skip)]
    pub layout: UsageLayout,
}

/// How the table is laid out.
#[derive(Clone, Copy, Debug, Default)]
pub struct UsageLayout {
    /// A row for each container.
    pub containers: bool,
    /// More than one service was asked for: the table names them.
    pub many: bool,
}

/// A pod that is not at its end.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PodUsageRow {
    pub service: String,
    pub cluster: String,
    pub namespace: String,
    pub name: String,
    /// When it was measured; absent where it was not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub measured: Option<Timestamp>,
    /// Why it was not, where it was not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unmeasured: Option<Unmeasured>,
    #[serde(flatten)]
    pub usage: UsageRow,
    pub containers: Vec<ContainerRow>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ContainerRow {
    pub name: String,
    #[serde(flatten)]
    pub usage: UsageRow,
}

/// Whole millicores and bytes, rounded up. A request or limit is left out where not every container has one.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct UsageRow {
    pub cpu: MillicoresRow,
    pub memory: BytesRow,
    #[serde(skip)]
    pub exact: Usage,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MillicoresRow {
    #[serde(skip_serializing_if = "Option::is_none")]
    millicores: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_millicores: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    limit_millicores: Option<i64>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BytesRow {
    #[serde(skip_serializing_if = "Option::is_none")]
    bytes: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_bytes: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    limit_bytes: Option<i64>,
}

impl UsageRow {
    pub fn new(usage: Usage) -> UsageRow {
        let milli = |quantity: Option<Quantity>| quantity.map(Quantity::thousandths);
        let bytes = |quantity: Option<Quantity>| quantity.map(Quantity::units);
        UsageRow {
            cpu: MillicoresRow {
                millicores: milli(usage.cpu.used),
                request_millicores: milli(usage.cpu.request),
                limit_millicores: milli(usage.cpu.limit),
            },
            memory: BytesRow {
                bytes: bytes(usage.memory.used),
                request_bytes: bytes(usage.memory.request),
                limit_bytes: bytes(usage.memory.limit),
            },
            exact: usage,
        }
    }
}

/// Closest to the memory limit first, then whoever uses the most memory, then CPU.
pub fn worst_first(usage: &Usage) -> impl Ord + use<> {
    let down = std::cmp::Reverse::<Option<i64>>;
    (
        down(usage.memory.of_limit()),
        down(usage.memory.used.map(Quantity::units)),
        down(usage.cpu.used.map(Quantity::thousandths)),
    )
}

impl Report for UsageReport {
    const KIND: &'static str = "ServiceUsageList";

    fn page(&self, detail: Detail) -> Page {
        let mut header = vec!["SERVICE", "CLUSTER", "POD"];
        if self.layout.containers {
            header.push("CONTAINER");
        }
        header.extend(["CPU", "CPU/REQUEST", "CPU/LIMIT", "MEMORY", "MEM/REQUEST", "MEM/LIMIT"]);
        if detail.wide {
            header.push("MEASURED");
        }
        let short = ShortNames::of(self.header.clusters.iter().map(|cluster| cluster.name.as_str()));
        let rows = self.items.iter().flat_map(|pod| self.rows(pod, &short, detail.wide)).collect();
        let mut idle = Vec::new();
        if !self.layout.many {
            idle.push("SERVICE");
        }
        if self.header.clusters.len() == 1 {
            idle.push("CLUSTER");
        }
        Grid::of(header, rows).without(&idle).into()
    }

    fn names(&self) -> Vec<String> {
        self.items.iter().map(|pod| pod.name.clone()).collect()
    }

    fn footer(&self) -> Vec<Line> {
        let all = |of: fn(&Usage) -> Option<Quantity>| {
            self.items.iter().filter_map(|pod| of(&pod.usage.exact)).fold(Quantity::default(), Quantity::plus)
        };
        let measured = self.items.iter().filter(|pod| pod.measured.is_some()).count();
        let used = match measured {
            0 => String::new(),
            _ => format!(
                ", {measured} measured: {} CPU, {} memory",
                cores(all(|usage| usage.cpu.used)),
                mebibytes(all(|usage| usage.memory.used))
            ),
        };
        let pods = count(self.items.len(), "pod");
        self.header.footer([Line::from(format!("{pods}{used}. {}", self.header.answered()))])
    }

    fn title(&self) -> String {
        "CPU and memory".to_string()
    }
}

impl UsageReport {
    fn rows(&self, pod: &PodUsageRow, short: &ShortNames, wide: bool) -> Vec<Vec<Cell>> {
        let measured = pod.measured.map(|at| age_of(at, self.header.generated_at) + " ago");
        let row = |container: Option<&str>, usage: &Usage| {
            let cluster = Cell::from(pod.cluster.clone()).or_short(short.shortened(&pod.cluster));
            let mut cells: Vec<Cell> = vec![pod.service.clone().into(), cluster, pod.name.clone().into()];
            cells.extend(container.map(Cell::from));
            cells.extend(measures(usage.cpu, cores, wide));
            cells.extend(measures(usage.memory, mebibytes, wide));
            if wide {
                cells.push(Cell::from(measured.clone().unwrap_or_else(|| "-".to_string())));
            }
            cells
        };
        match self.layout.containers {
            false => vec![row(None, &pod.usage.exact)],
            true => pod.containers.iter().map(|one| row(Some(&one.name), &one.usage.exact)).collect(),
        }
    }
}

/// What is used, and that as a part of the request and of the limit.
fn measures(measure: Measure, unit: fn(Quantity) -> String, wide: bool) -> [Cell; 3] {
    let part =
        |percent: Option<i64>, whole: Option<Quantity>, absent: &str, tone: Tone| match (percent, whole) {
            (_, None) => Cell::muted(absent),
            (None, Some(whole)) => Cell::from(format!("of {}", unit(whole))),
            (Some(percent), Some(whole)) if wide => {
                Cell::toned(format!("{percent}% of {}", unit(whole)), tone)
            }
            (Some(percent), Some(_)) => Cell::toned(format!("{percent}%"), tone),
        };
    let tone = match measure.of_limit() {
        Some(90..) => Tone::Bad,
        Some(75..) => Tone::Doubtful,
        _ => Tone::Plain,
    };
    [
        Cell::from(measure.used.map_or_else(|| "-".to_string(), unit)),
        part(measure.of_request(), measure.request, "no request", Tone::Plain),
        part(measure.of_limit(), measure.limit, "no limit", tone),
    ]
}

/// `250m`, as `kubectl top` writes it.
fn cores(quantity: Quantity) -> String {
    format!("{}m", quantity.thousandths())
}

/// `412Mi`, as `kubectl top` writes it.
fn mebibytes(quantity: Quantity) -> String {
    format!("{}Mi", quantity.units() / (1 << 20))
}
