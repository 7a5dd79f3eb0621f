//! The command line's root: parses argv, builds what a command may use, dispatches.
