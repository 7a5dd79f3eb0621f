//! Diagnoses: a broken pod or workload and what is known around it in, named causes with evidence out.

#[cfg(test)]
mod cases;
mod controller;
#[cfg(test)]
mod corpus;
mod creating;
mod creation;
mod culprit;
mod ends;
mod exit;
mod fill;
mod finding;
mod group;
mod image;
mod kill;
mod log;
mod needs;
mod ready;
mod rule;
mod rules;
mod run;
mod schedule;
pub mod signature;
mod start;
mod subject;
pub mod team;

pub use finding::{Command, Confidence, Evidence, Finding, Source};
pub use group::{Found, Grouped, Place, Total, Where, group};
pub use needs::{Needs, log_containers, needs};
pub use rule::{Family, Rule};
pub use rules::{RULES, rule};
pub use run::{diagnose, looked_at};
pub use subject::{Log, Subject, Unread};
