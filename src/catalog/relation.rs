//! The relations that entities have, by Backstage's names from both ends.

/// A relation in one direction; each has a name for the way back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Relation {
    OwnedBy,
    PartOf,
    ProvidesApi,
    ConsumesApi,
    DependsOn,
    ChildOf,
    MemberOf,
}

impl Relation {
    /// Backstage's name for it.
    pub fn name(self) -> &'static str {
        match self {
            Relation::OwnedBy => "ownedBy",
            Relation::PartOf => "partOf",
            Relation::ProvidesApi => "providesApi",
            Relation::ConsumesApi => "consumesApi",
            Relation::DependsOn => "dependsOn",
            Relation::ChildOf => "childOf",
            Relation::MemberOf => "memberOf",
        }
    }

    /// Backstage's name for it, seen from the other end.
    pub fn inverse(self) -> &'static str {
        match self {
            Relation::OwnedBy => "ownerOf",
            Relation::PartOf => "hasPart",
            Relation::ProvidesApi => "apiProvidedBy",
            Relation::ConsumesApi => "apiConsumedBy",
            Relation::DependsOn => "dependencyOf",
            Relation::ChildOf => "parentOf",
            Relation::MemberOf => "hasMember",
        }
    }
}
