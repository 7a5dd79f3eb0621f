//! The configuration files, and where each value came from.
