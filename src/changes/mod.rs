//! What became different in a cluster, when and through whom: from what the API server keeps of an object's past.

mod change;
mod edits;
mod object;
mod rollouts;

pub use change::{Change, ChangeKind, ChangedValue};
pub use edits::{config_map_edits, edits};
pub use object::PastObject;
pub use rollouts::rollouts;
