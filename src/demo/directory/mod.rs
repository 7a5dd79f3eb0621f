//! A fleet directory as it is read: its files, fleet.yaml, and what the clusters hold.

pub mod bundle;
pub mod fleet_file;
pub mod source;
