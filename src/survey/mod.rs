//! Services x fleet -> snapshots: plans the questions, asks them, splits the answers by service.

mod answered;
mod arriving;
mod cells;
mod collect;
mod detail_request;
mod details;
mod discover;
mod fallback_namespaces;
mod gather;
mod guessed_services;
mod header;
mod hints;
mod inventory;
mod kept;
mod leaving_out;
mod live;
mod live_objects;
mod memory;
mod overview;
mod placement;
mod places;
mod plan;
mod requests;
mod same;
mod silent_watches;
mod split;
mod state;

pub use crate::survey::answered::{ClusterRow, answered, silences};
pub use crate::survey::arriving::arrived;
pub use crate::survey::cells::{
    ClusterAnswer, ClusterCell, ClusterHealth, ClusterVerdict, JudgedWorkload, ServiceHealth, ServiceQuery,
    ServiceVerdict,
};
pub use crate::survey::detail_request::{ContainerName, DetailKind, DetailRequest, WantedLog};
pub use crate::survey::details::{Details, cut_short, details};
pub use crate::survey::fallback_namespaces::fallback_namespaces;
pub use crate::survey::gather::Snapshot;
pub use crate::survey::guessed_services::{guessed_services, untold};
pub use crate::survey::header::SurveyHeader;
pub use crate::survey::inventory::Inventory;
pub use crate::survey::kept::{DraftOf, KeptCells, KeptVerdicts, ServiceSoFar};
pub use crate::survey::leaving_out::leaving_out;
pub use crate::survey::live::{LiveNews, plans as live_plans};
pub use crate::survey::memory::{Learned, Remembered, remembered_containers, remembered_services};
pub use crate::survey::overview::Survey;
pub use crate::survey::plan::{Question, questions, questions_within};
pub use crate::survey::silent_watches::SilentWatches;
pub use crate::survey::split::ServiceTarget;
pub use crate::survey::state::{HealthState, health_word, tone};
