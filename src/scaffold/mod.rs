//! Golden paths: templates read, their answers checked, and rendered in memory; what is to be done about the result is a value.

pub mod actions;
pub mod annotate;
mod binary;
mod comments;
pub mod coverage;
pub mod defaults;
pub mod digest;
pub mod drift;
mod entity_text;
pub mod foreseen;
pub mod glob;
pub mod golden_paths;
mod inputs;
mod jsonata;
pub mod lint;
pub mod lock;
mod pages;
pub mod parameters;
#[cfg(test)]
mod parity;
pub mod questions;
pub mod repo_url;
pub mod request;
pub mod run;
pub mod schema;
mod server_steps;
mod spelling;
mod step_inputs;
pub mod template;
pub mod three_way;
pub mod update;
mod yaml_layout;
