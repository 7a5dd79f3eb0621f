//! What a simulated cluster holds: the kinds it serves, its objects as a server keeps them, and their logs.

pub mod built_in;
pub mod change;
pub mod defaults;
pub mod event_forms;
pub mod manifests;
pub mod object;
pub mod resource;
pub mod store;
