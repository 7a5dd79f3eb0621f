//! The door to the clusters: who they are, and asking all of them at once.
