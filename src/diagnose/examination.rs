//! A subject whose failed containers are found once, for all the rules that look at it.

use crate::diagnose::failed_container::{FailedContainer, failed_containers};
use crate::diagnose::finding::Finding;
use crate::diagnose::subject::Subject;
use std::ops::Deref;

/// What every check looks at.
pub struct Examination<'a> {
    subject: Subject<'a>,
    /// In the order in which they start.
    pub failed: Vec<FailedContainer<'a>>,
}

impl<'a> Examination<'a> {
    pub fn of(subject: Subject<'a>) -> Examination<'a> {
        Examination { subject, failed: failed_containers(&subject) }
    }

    /// What a check finds in each failed container.
    pub fn each(&self, find: impl Fn(&FailedContainer<'a>) -> Option<Finding>) -> Vec<Finding> {
        self.failed.iter().filter_map(find).collect()
    }
}

impl<'a> Deref for Examination<'a> {
    type Target = Subject<'a>;

    fn deref(&self) -> &Subject<'a> {
        &self.subject
    }
}
