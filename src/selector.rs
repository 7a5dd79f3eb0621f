//! Kubernetes label selectors: parsed, matched, merged, printed.
