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
mod diagnose;
mod diagnosis_cases;
mod documents;
mod events;
mod faults;
mod fleets;
mod following;
mod golden_paths;
mod interrupt;
mod json;
mod kube;
mod logs;
mod made;
mod new;
mod schema;
mod simulation;
mod stand_in;
mod status;
mod support;
mod template;
mod terminal;
mod timeline;
mod top;
