//! Kubernetes objects as callboard reads them: pods and what runs them.

#[macro_use]
mod lenient;
mod body;
mod columns;
mod container;
mod kinds;
mod meta;
mod pod;
mod template;
#[allow(clippy::module_inception, reason = "a workload is the word of the house")]
mod workload;

pub use body::*;
pub use columns::{Columns, JobColumns, columns, job_columns};
pub use container::*;
pub use kinds::{KINDS, Kind, Object, kind};
pub use meta::{Condition, Meta, OwnerRef, condition};
pub use pod::*;
pub use template::{Json, Template};
pub use workload::{Body, Workload};
