//! The table as it fills while clusters answer: the services that are known so far, without what `-o wide` adds.

use jiff::Timestamp;

use crate::commands::status::report::{CellRow, ServiceRow, StatusLayout, StatusReport};
use crate::commands::status::table;
use crate::health::{Health, order};
use crate::report::{Detail, Grid};
use crate::survey::{HealthState, ServiceSoFar, SurveyHeader};

pub fn grid(mut services: Vec<ServiceSoFar>, unhealthy: bool, now: Timestamp) -> Grid {
    services.retain(|service| !unhealthy || service.summary.health > Health::Suspended);
    services.sort_by(|one, other| {
        let key = |service: &ServiceSoFar| order(service.summary.health, service.summary.serving);
        key(one).cmp(&key(other)).then_with(|| one.name.cmp(&other.name))
    });
    let report = StatusReport {
        header: SurveyHeader {
            generated_at: now,
            complete: false,
            notes: Vec::new(),
            clusters: Vec::new(),
            interrupted: false,
        },
        groups: None,
        incidents: Vec::new(),
        items: services.into_iter().map(row).collect(),
        layout: StatusLayout::default(),
    };
    table::grid(&report, Detail { fold: true, ..Detail::default() })
}

fn row(service: ServiceSoFar) -> ServiceRow {
    let cell = |(cluster, summary): (String, crate::health::Summary)| CellRow {
        cluster,
        state: HealthState::of(&summary),
        last: None,
        available: summary.available,
        desired: summary.desired,
        notes: summary.notes,
        workloads: Vec::new(),
    };
    ServiceRow {
        service: service.name,
        owner: service.owner,
        system: None,
        guessed: false,
        state: HealthState::of(&service.summary),
        clusters: service.clusters.into_iter().map(cell).collect(),
    }
}
