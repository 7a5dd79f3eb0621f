//! Diagnoses: a broken pod or workload and what is known around it in, named causes with evidence out.

mod finding;
mod subject;
mod rule;
mod rules;
mod run;
mod needs;
mod group;
pub mod signature;
pub mod team;
mod fill;
mod culprit;
mod ends;
mod creation;
mod schedule;
mod creating;
mod image;
mod start;
mod exit;
mod kill;
mod log;
mod ready;
mod controller;
#[cfg(test)]
mod corpus;
#[cfg(test)]
mod cases;

pub use finding::{Command, Confidence, Evidence, Finding, Source};
pub use needs::{Needs, needs};
pub use rule::{Family, Rule};
pub use rules::{RULES, rule};
pub use run::{diagnose, looked_at};
pub use subject::{Log, Subject, Unread};
