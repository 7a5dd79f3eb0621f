//! Whether services are ready for production: rules as rows of one table, over what the catalog says and what clusters or manifests show.

mod entity;
mod exemption;
mod facts;
mod fleet;
mod network;
mod pods;
mod rules;
mod scaling;
mod verdict;

pub use crate::readiness::facts::{
    EntityFacts, OwnerFact, PathFacts, PlaceFacts, PodFacts, ServiceFacts, WorkloadFacts,
};
pub use crate::readiness::rules::{BEYOND_MANIFESTS, RULES, ReadinessLevel, ReadinessRule, checked};
pub use crate::readiness::verdict::{RuleState, RuleVerdict, SILENT};
