//! YAML in: documents with the place of every value, bounded against hostile input.
