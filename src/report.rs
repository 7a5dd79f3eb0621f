//! What a command says, before it is text: grids of cells with a meaning, not a colour.
