//! What a command may use, built on first use; the only user of the demo.
