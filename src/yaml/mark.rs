//! Where the nodes of a document stand.

/// Where a node begins, counted from 1.
#[derive(Clone, Copy, Debug, Default)]
pub struct Spot {
    pub line: u32,
    pub column: u32,
}

/// The place of a node and of what is in it, in the order of the value.
#[derive(Clone, Debug)]
pub struct Mark {
    pub spot: Spot,
    pub inside: Inside,
}

/// What a node holds.
#[derive(Clone, Debug)]
pub enum Inside {
    Nothing,
    Items(Vec<Mark>),
    /// The place of the key, and the field's value.
    Fields(Vec<(Spot, Mark)>),
}
