//! Verdicts: a workload, its pods and the time in, its health out.
