//! The door to loopback: simulated API servers for the demo and for the tests.

mod api;
mod directory;
mod faults;
mod hub;
mod kubeconfig;
mod printer;
mod requests;
mod running;
mod state;
mod timeline;

#[cfg(test)]
mod tests;

pub use crate::demo::directory::source::{FleetSource, embedded, load};
pub use crate::demo::running::RunningFleet;
pub use crate::demo::timeline::clock::ServerClock;
