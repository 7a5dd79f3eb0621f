//! Diagnoses: a broken pod or workload and what is known around it in, named causes with evidence out.

#[cfg(test)]
mod cases;
mod command;
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
mod need;
mod plan;
mod possible;
mod ready;
mod reference;
mod rule;
mod rules;
mod run;
mod schedule;
pub mod signature;
mod start;
mod subject;
pub mod team;

pub use command::{Command, KubectlFlags};
pub use finding::{Confidence, Evidence, Finding, Source};
pub use group::{Found, Grouped, Place, Total, group};
pub use need::Needs;
pub use plan::{log_containers, needs};
pub use possible::allowed;
pub use rule::Family;
pub use rules::rule;
pub use run::{diagnose, looked_at};
pub use schedule::names_no_taint;
pub use subject::{Log, Subject, Unread};
