//! The kinds of entities, the fields of their spec, and what each field relates: one row a kind.

use crate::catalog::relation::Relation;

/// A kind that Backstage knows by itself.
pub struct EntityKind {
    pub name: &'static str,
    pub versions: &'static [&'static str],
    pub fields: &'static [SpecField],
}

/// A field of a kind's spec. Other fields are allowed, for companies add their own.
pub struct SpecField {
    pub name: &'static str,
    pub shape: Shape,
    pub required: bool,
    pub edge: Option<Edge>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    Text,
    Texts,
    /// A text, or the placeholder of one (`$text: ./openapi.yaml`).
    Definition,
    Object,
    List,
    /// A text, a list of texts, or nothing.
    Loose,
}

/// The relation a field states, the kind its references usually have, and whether the field tells it from
/// the far end (`children` says who is a child of this one).
#[derive(Clone, Copy)]
pub struct Edge {
    pub relation: Relation,
    pub kind: Option<&'static str>,
    pub reversed: bool,
}

const V1: &[&str] = &["backstage.io/v1alpha1", "backstage.io/v1beta1"];
const V1ALPHA1: &[&str] = &["backstage.io/v1alpha1"];
const TEMPLATE: &[&str] = &["scaffolder.backstage.io/v1beta3"];

const TYPE: SpecField = text("type");
const LIFECYCLE: SpecField = required(text("lifecycle"));
const OWNER: SpecField = required(related("owner", Relation::OwnedBy, Some("group")));
const SYSTEM: SpecField = related("system", Relation::PartOf, Some("system"));
const DEPENDS_ON: SpecField = relating("dependsOn", Relation::DependsOn, None);
/// Backstage's schemas do not have it, and so take anything, but its relations are made of it.
const DEPENDENCY_OF: SpecField =
    SpecField { shape: Shape::Loose, ..reversed(relating("dependencyOf", Relation::DependsOn, None)) };
/// Several owners, which Backstage does not know: each counts where owners are asked for.
const OWNERS: SpecField = relating("owners", Relation::OwnedBy, Some("group"));
const PROFILE: SpecField = shaped("profile", Shape::Object);

/// Every kind, as the catalog model of Backstage has it (facts: the fields' source is its JSON schemas).
pub const KINDS: &[EntityKind] = &[
    EntityKind {
        name: "Component",
        versions: V1,
        fields: &[
            required(TYPE),
            LIFECYCLE,
            OWNER,
            OWNERS,
            SYSTEM,
            related("subcomponentOf", Relation::PartOf, Some("component")),
            relating("providesApis", Relation::ProvidesApi, Some("api")),
            relating("consumesApis", Relation::ConsumesApi, Some("api")),
            DEPENDS_ON,
            DEPENDENCY_OF,
        ],
    },
    EntityKind {
        name: "API",
        versions: V1,
        fields: &[
            required(TYPE),
            LIFECYCLE,
            OWNER,
            OWNERS,
            SYSTEM,
            required(shaped("definition", Shape::Definition)),
        ],
    },
    EntityKind {
        name: "Resource",
        versions: V1,
        fields: &[required(TYPE), OWNER, OWNERS, SYSTEM, DEPENDS_ON, DEPENDENCY_OF],
    },
    EntityKind {
        name: "System",
        versions: V1,
        fields: &[OWNER, OWNERS, related("domain", Relation::PartOf, Some("domain")), TYPE],
    },
    EntityKind {
        name: "Domain",
        versions: V1,
        fields: &[OWNER, OWNERS, related("subdomainOf", Relation::PartOf, Some("domain")), TYPE],
    },
    EntityKind {
        name: "Group",
        versions: V1,
        fields: &[
            required(TYPE),
            required(reversed(relating("children", Relation::ChildOf, Some("group")))),
            related("parent", Relation::ChildOf, Some("group")),
            reversed(relating("members", Relation::MemberOf, Some("user"))),
            PROFILE,
        ],
    },
    EntityKind {
        name: "User",
        versions: V1,
        fields: &[required(relating("memberOf", Relation::MemberOf, Some("group"))), PROFILE],
    },
    EntityKind {
        name: "Location",
        versions: V1,
        fields: &[TYPE, text("target"), shaped("targets", Shape::Texts), text("presence")],
    },
    EntityKind {
        name: "Template",
        versions: TEMPLATE,
        fields: &[
            required(TYPE),
            related("owner", Relation::OwnedBy, Some("group")),
            OWNERS,
            text("lifecycle"),
            required(shaped("steps", Shape::List)),
        ],
    },
    EntityKind {
        name: "AiResource",
        versions: V1ALPHA1,
        fields: &[required(TYPE), LIFECYCLE, OWNER, SYSTEM],
    },
];

/// A kind that a company adds by its configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomKind {
    pub kind: String,
    /// Any of Backstage's own where there is none.
    pub api_version: Option<String>,
}

impl CustomKind {
    pub fn is(&self, version: &str, kind: &str) -> bool {
        let of_backstage = version.split('/').next().is_some_and(|domain| domain.ends_with("backstage.io"));
        self.kind == kind && self.api_version.as_ref().map_or(of_backstage, |own| own == version)
    }
}

/// Whether a kind has a field of this name.
pub fn is_field(kind: &EntityKind, name: &str) -> bool {
    kind.fields.iter().any(|field| field.name == name)
}

/// Whether entities of a kind are read.
pub fn is_known_kind(name: &str) -> bool {
    KINDS.iter().any(|kind| kind.name == name)
}

/// The row of a kind, compared without regard to case.
pub fn kind(name: &str) -> Option<&'static EntityKind> {
    KINDS.iter().find(|kind| kind.name.eq_ignore_ascii_case(name))
}

/// The fields of a kind that has no row: what most have.
const COMMON: &[SpecField] = &[
    TYPE,
    text("lifecycle"),
    related("owner", Relation::OwnedBy, Some("group")),
    OWNERS,
    SYSTEM,
    related("domain", Relation::PartOf, Some("domain")),
    DEPENDS_ON,
    DEPENDENCY_OF,
];

/// The fields of a kind that mean something.
pub fn fields_of(name: &str) -> &'static [SpecField] {
    kind(name).map_or(COMMON, |kind| kind.fields)
}

const fn shaped(name: &'static str, shape: Shape) -> SpecField {
    SpecField { name, shape, required: false, edge: None }
}

const fn text(name: &'static str) -> SpecField {
    shaped(name, Shape::Text)
}

const fn required(field: SpecField) -> SpecField {
    SpecField { required: true, ..field }
}

const fn related(name: &'static str, relation: Relation, kind: Option<&'static str>) -> SpecField {
    SpecField {
        name,
        shape: Shape::Text,
        required: false,
        edge: Some(Edge { relation, kind, reversed: false }),
    }
}

const fn relating(name: &'static str, relation: Relation, kind: Option<&'static str>) -> SpecField {
    SpecField {
        name,
        shape: Shape::Texts,
        required: false,
        edge: Some(Edge { relation, kind, reversed: false }),
    }
}

const fn reversed(field: SpecField) -> SpecField {
    match field.edge {
        Some(edge) => SpecField { edge: Some(Edge { reversed: true, ..edge }), ..field },
        None => field,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{KINDS, kind};

    #[test]
    fn each_kind_and_field_has_one_row() {
        let names: BTreeSet<String> = KINDS.iter().map(|kind| kind.name.to_lowercase()).collect();
        assert_eq!(names.len(), KINDS.len());
        for kind in KINDS {
            let fields: BTreeSet<&str> = kind.fields.iter().map(|field| field.name).collect();
            assert_eq!(fields.len(), kind.fields.len(), "{}", kind.name);
        }
        assert!(kind("component").is_some() && kind("Deployment").is_none());
    }
}
