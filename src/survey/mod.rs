//! Services x fleet -> snapshots: plans the questions, asks them, splits the answers by service.

mod plan;
mod split;
