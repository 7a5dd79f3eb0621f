//! What is to be done once the tree is written, as values.

use crate::tree::Tree;

/// What is to be done once the tree is written, by whoever may touch the world.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// A catalog file is to be added to the catalog's locations: a path in the tree, or the URL of one elsewhere.
    Register { path: Option<String>, url: String },
    /// A person runs this; it needs no file of the project.
    Command(String),
    /// The project is to become a git repository that knows where it will live.
    Publish(Publish),
}

/// A git repository to make of the project, and how a person publishes it.
#[derive(Clone, Debug, PartialEq)]
pub struct Publish {
    /// The part of the tree that becomes the repository; empty is all of it.
    pub directory: String,
    /// What lay there when the step ran: later steps may have changed it.
    pub tree: Tree,
    pub branch: String,
    pub message: String,
    /// The URL that `origin` gets.
    pub remote: String,
    /// Commands to be printed and never run, in order.
    pub commands: Vec<String>,
    /// Set where the work goes to a repository that exists, as a proposal.
    pub pull: Option<Pull>,
}

/// A proposal to a repository that exists.
#[derive(Clone, Debug, PartialEq)]
pub struct Pull {
    pub branch: String,
    pub target: Option<String>,
    pub title: String,
    /// Where in the repository the files go; empty is its root.
    pub into: String,
}
