//! What differs: bad pods against good ones, and clusters against each other.
#![allow(unused_imports, reason = "diagnose and compare, still to be written, are their users")]

mod attributes;
mod contrast;
mod mask;
mod spec;
mod template;

pub use attributes::{Attribute, Attributes, Group, config_map, pod, workload};
pub use contrast::{Difference, Sample, Value, contrast, differences};
pub use mask::{masked, masked_quote, masked_text};
pub use template::template;
