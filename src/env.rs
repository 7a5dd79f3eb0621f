//! The door to the environment and the clock, read once into plain data.
