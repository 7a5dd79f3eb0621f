//! Kubernetes objects as callboard reads them: pods and what runs them.
