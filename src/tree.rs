//! Trees of files in memory, and the rules a path must keep to stay inside one.
