//! What differs between clusters.
