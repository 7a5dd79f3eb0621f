//! What a simulated cluster is at an instant, and how it changes: the clock, the steps of `timeline:`, the edits they make.

pub mod clock;
pub mod content;
pub mod edit;
pub mod live;
pub mod rules;
pub mod shift;
pub mod steps;
