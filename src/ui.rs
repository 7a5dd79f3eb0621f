//! The door to the terminal: the answer on stdout, everything else on stderr.
