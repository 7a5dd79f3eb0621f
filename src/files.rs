//! The door to the disk: documents in, trees in and out, whole files replaced at once.
