//! How owners are called in the tables of `template`.

use crate::catalog::{DEFAULT_NAMESPACE, EntityRef};

/// `team-web` for `group:default/team-web`.
pub fn short_owner(owner: &str) -> String {
    EntityRef::parse(owner, Some("group"), DEFAULT_NAMESPACE)
        .map_or_else(|_| owner.to_string(), |reference| reference.short("group"))
}
