//! How a template is read, and what it may see besides its values.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;

use crate::expression::failure::RenderFailure;
use crate::expression::value::Fuel;

/// How deeply blocks and brackets may be nested; bounds the stack.
pub const MAX_DEPTH: usize = 40;

/// How a template is read and what it may see besides its values.
#[derive(Clone, Copy, Default)]
pub struct Dialect<'a> {
    /// Variables are `{{ }}`, and Python's names and methods work.
    pub cookiecutter: bool,
    /// The line break behind a block tag is dropped.
    pub trim_blocks: bool,
    /// The blanks between the start of a line and a block tag are dropped.
    pub lstrip_blocks: bool,
    /// Names that are not found are undefined, as in Backstage, and no error.
    pub lenient: bool,
    /// Dotted paths that may be without a value (an optional parameter): undefined there is no error.
    pub absent: Option<&'a BTreeSet<String>>,
    /// Lines that are comments of the file: a name that nothing defines is noted there, and is no error.
    pub comments: Option<&'a CommentLines>,
    /// The work that is left to all renderings of the run.
    pub fuel: Option<&'a Fuel>,
    /// Whether an earlier step failed; the functions `always()` and `failure()` exist where this is given.
    pub status: Option<&'a StepStatus>,
}

/// The lines of a file that are comments, and what was read there that nothing defines.
#[derive(Default)]
pub struct CommentLines {
    pub lines: BTreeSet<u32>,
    pub unset: RefCell<Vec<RenderFailure>>,
}

/// What `always()` and `failure()` say, and whether a template asked.
#[derive(Default)]
pub struct StepStatus {
    pub failed: bool,
    pub asked: Cell<bool>,
}
