//! Diagnoses: a broken pod or workload and what is known around it in, named causes with evidence out.

mod blamed;
#[cfg(test)]
mod cases;
mod command;
mod container_killed;
mod container_start;
mod controller;
#[cfg(test)]
mod corpus;
mod examination;
mod failed_container;
mod fill;
mod finding;
mod group;
mod image_pull;
mod incident;
mod last_words;
mod log_decision;
mod log_error;
mod need;
mod out_of_memory;
mod plan;
mod pod_end;
mod pod_refused;
mod pod_setup;
mod possible;
mod probe;
mod process_exit;
mod readiness;
mod reference;
mod rule;
mod rules;
mod run;
mod scheduler_message;
mod scheduling;
pub mod signature;
mod subject;
pub mod team;

pub use command::{KubectlFlags, NextCommand};
pub use finding::{Confidence, Evidence, EvidenceSource, Finding};
pub use group::{Grouped, PlacedFinding, Total, WorkloadPlace, group};
pub use incident::{Incident, IncidentKind, incidents};
pub use need::Needs;
pub use plan::{log_containers, needs};
pub use possible::allowed;
pub use rule::RuleFamily;
pub use rules::rule;
pub use run::{diagnose, looked_at};
pub use scheduling::names_no_taint;
pub use subject::{ContainerLog, Subject, UnreadSources};
