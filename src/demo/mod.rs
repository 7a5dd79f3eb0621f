//! The door to loopback: simulated API servers for the demo and for the tests.

mod access;
mod built_in;
mod bundle;
mod change;
mod clock;
mod cluster;
mod columns;
mod deeds;
mod defaults;
mod discovery;
mod event_forms;
mod faults;
mod fields;
mod fleet_file;
mod kubeconfig;
mod listing;
mod live;
mod logs;
mod object;
mod objects;
mod paging;
mod paths;
mod port;
mod printer_columns;
mod protobuf;
mod refusal;
mod reply;
mod request;
mod requests;
mod resource;
mod reviews;
mod running;
mod server;
mod shift;
mod source;
mod spoil;
mod store;
mod table;
mod timeline;
mod tls;
mod watch;

#[cfg(test)]
mod tests;

pub use crate::demo::clock::ServerClock;
pub use crate::demo::running::RunningFleet;
pub use crate::demo::source::{FleetSource, embedded, load};
