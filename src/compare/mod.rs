//! What differs: bad pods against good ones, and clusters against each other.

mod attribute;
mod attribute_text;
mod attributes;
mod contrast;
mod distinct;
mod mask;
mod seal;
mod secret;
mod spec;
mod template;
mod terms;
mod value;

pub use attribute::{
    Attribute, AttributeGroup, AttributeName, Attributes, ConfigMapPart, ContainerPart, container_part, put,
};
pub use attributes::{PodLikeness, config_map, pod, workload};
pub use contrast::{ComparedValue, Difference, Sample, contrast, differences};
pub use distinct::{distinct_of, tags, tail};
pub use mask::masked_quote;
pub use template::template;
pub use terms::claim;
pub use value::{Absence, AttributeValue};

/// A text that holds names and values of its own, as it may be shown.
pub fn masked_text(text: &str) -> String {
    mask::masked_text(text, seal::Hide::Wholly)
}
