//! Kubernetes objects as callboard reads them: pods and what runs them.

#[macro_use]
mod lenient;
mod body;
mod columns;
mod container;
mod core_service;
mod event;
mod hpa;
mod kinds;
mod meta;
mod metrics;
mod node;
mod pdb;
mod pod;
mod pod_spec;
mod pvc;
mod quantity;
mod shared_spec;
mod supporting;
mod template;
#[allow(clippy::module_inception, reason = "a workload is the word of the house")]
mod workload;

pub use body::*;
pub use columns::{columns, job_columns};
pub use container::*;
pub use core_service::CoreService;
#[cfg(test)]
pub use event::observe_event;
pub use event::{About, Event};
pub use hpa::*;
pub use kinds::{KINDS, Kind, Object, kind};
pub use lenient::no_number;
pub use meta::{Condition, Meta, OwnerRef, condition};
pub use metrics::*;
pub use node::*;
pub use pdb::*;
pub use pod::*;
pub use pod_spec::*;
pub use pvc::*;
pub use quantity::Quantity;
#[allow(unused_imports, reason = "the second phase of diagnose, still to be written, is their user")]
pub use supporting::{LATER, SupportingObject, later};
pub use workload::{Body, Workload};
