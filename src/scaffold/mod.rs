//! Golden-path templates: Backstage's format, rendered in memory.
