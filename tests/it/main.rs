//! callboard as its users meet it: the real binary against fleets, its contract, and the shape of its house.
#![allow(clippy::disallowed_methods)]

mod agreement;
mod architecture;
mod bad_input;
mod calls;
mod catalog_import;
mod catalog_pull;
mod choosing;
mod command_line;
mod commands;
mod compare;
mod compare_specs;
mod completion;
mod config;
mod conformance;
mod contract;
mod credentials;
mod diagnose;
mod diagnosis_cases;
mod documents;
mod doors;
mod events;
mod expressions;
mod faults;
#[path = "../bench/fleet.rs"]
mod fleet;
mod fleets;
mod following;
#[path = "../bench/front.rs"]
mod front;
mod golden_paths;
mod guesses;
mod hooks;
mod identity;
mod init;
mod interrupt;
mod json;
mod kube;
mod logs;
mod made;
mod matrix;
mod names;
mod new;
mod next_commands;
mod paged;
mod plugins;
mod project;
mod prompts;
mod reported;
mod schema;
mod secrets;
mod security;
mod simulation;
mod source_text;
mod special_files;
mod stand_in;
mod status;
mod status_choice;
#[path = "../bench/stored_log.rs"]
mod stored_log;
mod support;
mod template;
mod terminal;
mod timeline;
mod top;
mod walks;
