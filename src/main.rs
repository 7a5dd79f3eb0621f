//! callboard: who owns a service, where it runs, whether it is healthy, and why not.

mod app;
mod args;
mod catalog;
mod changes;
mod cli;
mod commands;
mod compare;
mod config;
mod demo;
mod diagnose;
mod env;
mod expression;
mod files;
mod fleet;
mod git;
mod golden_paths;
mod health;
mod loglines;
#[cfg(test)]
mod mutation;
mod outcome;
mod pattern;
mod podstatus;
mod process;
mod readiness;
mod render;
mod report;
mod scaffold;
mod selector;
mod shared;
mod survey;
mod text;
mod tree;
mod ui;
mod workload;
mod yaml;

fn main() -> std::process::ExitCode {
    cli::run()
}
