//! What `events` is asked for.

use clap::Args;
use jiff::{SignedDuration, Timestamp};

use crate::args::{OutputArgs, WhichArgs, span};
use crate::commands::events::report::EventRow;
use crate::survey::ServiceQuery;

/// Events of a service's objects everywhere, newest last
///
/// Pods, what runs them, their volume claims and autoscalers; also pods that are gone, as long as the cluster
/// remembers (an hour, usually). COUNT (on a terminal: x58) is how often the same was seen, AGE since the last time.
/// Exit code 4: a cluster did not answer, or would not tell its events.
#[derive(Args, Debug)]
#[command(mut_arg("services", |arg| arg.help("Names or entity refs")))]
#[command(before_help = "callboard events checkout --warnings --since 30m
callboard events checkout -w")]
pub struct EventsArgs {
    #[command(flatten)]
    pub which: WhichArgs,

    #[command(flatten)]
    pub output: OutputArgs,

    /// Only Warning events
    #[arg(long, help_heading = "Which events")]
    pub warnings: bool,

    /// Only what was seen in the last while, as in 10m, 2h or 1d
    #[arg(long, value_name = "DURATION", value_parser = span, help_heading = "Which events")]
    pub since: Option<SignedDuration>,

    /// Go on: print new events as they happen, until Ctrl-C
    #[arg(short, long, help_heading = "Which events")]
    pub watch: bool,
}

impl EventsArgs {
    /// Whether an event is wanted at all.
    pub fn wants(&self, event: &EventRow, now: Timestamp) -> bool {
        let recent = |since: SignedDuration| {
            let age = event.time.map(|time| now.duration_since(time));
            since.is_zero() || age.is_none_or(|age| age <= since)
        };
        (!self.warnings || event.is_warning()) && self.since.is_none_or(recent)
    }
}

/// The names of services, by index.
pub fn called(wanted: &[ServiceQuery], services: &[usize]) -> Vec<String> {
    services.iter().map(|service| wanted[*service].name.clone()).collect()
}
