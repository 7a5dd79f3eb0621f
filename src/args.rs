//! Flag groups that several commands share: which services, which clusters, which format.
