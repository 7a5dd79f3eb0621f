//! callboard as its users meet it: the real binary against fleets, its contract, and the shape of its house.
#![allow(clippy::disallowed_methods)]

mod architecture;
mod bad_input;
mod choosing;
mod commands;
mod compare;
mod conformance;
mod contract;
mod credentials;
mod diagnosis_cases;
mod documents;
mod events;
mod faults;
mod fleets;
mod golden_paths;
mod interrupt;
mod json;
mod kube;
mod made;
mod schema;
mod simulation;
mod status;
mod support;
mod terminal;
mod top;
