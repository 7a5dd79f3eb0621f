//! The door to loopback: simulated API servers for the demo and for the tests.

mod access;
mod built_in;
mod bundle;
mod clock;
mod cluster;
mod columns;
mod defaults;
mod discovery;
mod event_forms;
mod faults;
mod fields;
mod fleet_file;
mod kubeconfig;
mod listing;
mod logs;
mod objects;
mod paging;
mod paths;
mod printer_columns;
mod protobuf;
mod refusal;
mod reply;
mod request;
mod resource;
mod reviews;
mod running;
mod server;
mod shift;
mod source;
mod store;
mod table;
mod tls;
mod watch;

#[cfg(test)]
mod tests;

pub use crate::demo::clock::Clock;
pub use crate::demo::running::Running;
pub use crate::demo::source::{FleetSource, embedded, load};
