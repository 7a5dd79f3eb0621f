//! The door to child processes, bounded and timed.
