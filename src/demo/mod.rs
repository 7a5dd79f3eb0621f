//! The door to loopback: simulated API servers for the demo and for the tests.
