//! What a pod's status says, read once: containers and their ends, why an image is not pulled, what a runtime and the
//! scheduler mean. Verdicts and diagnoses stand on it, so that they cannot contradict each other.

mod container;
mod end;
mod limits;
mod log;
mod pull;
mod scheduling;
mod start;
mod thresholds;

pub use container::{ContainerState, Stage, is_fault, states};
pub use end::{code, exit_words, exited_words, is_abnormal, last_end, ran, signal_name};
pub use limits::{MemoryLimit, memory_limit};
pub use log::is_kubelet_sentence;
pub use pull::{is_image_reason, pull_fault, repository, short_image};
pub use scheduling::{Clause, clauses, no_node, total_nodes};
pub use start::{failed_to_start, never_ran, start_error};
pub use thresholds::Thresholds;
