//! What a report is written on.

/// What the paper is like: decided once, by who reads it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Paper {
    pub color: bool,
    /// Columns of a terminal; nothing is cut without one.
    pub width: Option<usize>,
    pub headers: bool,
}
