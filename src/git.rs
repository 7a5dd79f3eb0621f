//! Repositories of git's: fetched by the system's git with the user's own keys and proxies, kept by commit; the one that a file lies in; updates of
//! projects as merges.

mod address;
mod checkout;
mod fetch;
mod hosted;
mod merging;
mod run;
mod store;
mod tracked;
mod work_tree;

pub use crate::git::address::Address;
pub use crate::git::checkout::{Checkout, checkout};
pub use crate::git::fetch::{Fetching, fetch};
pub use crate::git::hosted::{HostedPart, hosted_part, same_repository};
pub use crate::git::merging::{CommitWords, GitChange, GitConflictKind, GitMerge};
pub use crate::git::run::{GitPrompts, git, git_with_index};
pub use crate::git::tracked::WorkTree;
pub use crate::git::work_tree::Repository;
