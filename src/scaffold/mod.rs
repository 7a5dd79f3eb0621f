//! Golden paths: templates rendered in memory, effects as values.

pub mod expression;
