//! The kinds that are asked for only where a rule needs them: a kind is a row.

use crate::workload::core_service::CoreService;
use crate::workload::event::{self, Event};
use crate::workload::hpa::Autoscaler;
use crate::workload::kinds::{Kind, row};
use crate::workload::lenient;
use crate::workload::meta::Meta;
use crate::workload::node::Node;
use crate::workload::pdb::Budget;
use crate::workload::pvc::Claim;
use k8s_openapi::api::{autoscaling, core, policy};

/// What an item of such a list becomes.
#[derive(Debug, Clone)]
pub enum SupportingObject {
    Event(Event),
    Node(Node),
    Autoscaler(Autoscaler),
    Budget(Budget),
    Claim(Claim),
    CoreService(CoreService),
}

/// Beside KINDS: no command asks for all of these.
pub static LATER: &[Kind<SupportingObject>] = &[
    row::<core::v1::Event, SupportingObject>(|json| event::observe_event(json).map(SupportingObject::Event)),
    row::<core::v1::Node, SupportingObject>(|json| lenient::object(json).map(SupportingObject::Node)),
    row::<autoscaling::v2::HorizontalPodAutoscaler, SupportingObject>(|json| {
        lenient::object(json).map(SupportingObject::Autoscaler)
    }),
    row::<policy::v1::PodDisruptionBudget, SupportingObject>(|json| {
        lenient::object(json).map(SupportingObject::Budget)
    }),
    row::<core::v1::PersistentVolumeClaim, SupportingObject>(|json| {
        lenient::object(json).map(SupportingObject::Claim)
    }),
    row::<core::v1::Service, SupportingObject>(|json| {
        lenient::object(json).map(SupportingObject::CoreService)
    }),
];

impl SupportingObject {
    pub fn meta(&self) -> &Meta {
        match self {
            SupportingObject::Event(event) => &event.meta,
            SupportingObject::Node(node) => &node.meta,
            SupportingObject::Autoscaler(autoscaler) => &autoscaler.meta,
            SupportingObject::Budget(budget) => &budget.meta,
            SupportingObject::Claim(claim) => &claim.meta,
            SupportingObject::CoreService(service) => &service.meta,
        }
    }
}

/// The row of that name, as Kubernetes spells it.
pub fn later(name: &str) -> Option<&'static Kind<SupportingObject>> {
    LATER.iter().find(|kind| kind.name == name)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{LATER, SupportingObject, later};
    use crate::workload::kinds::KINDS;

    #[track_caller]
    fn read(name: &str, json: &str) -> SupportingObject {
        later(name).unwrap().observe(json).unwrap()
    }

    #[test]
    fn rows_are_new_and_read_anything_that_is_an_object() {
        for row in LATER {
            assert!(KINDS.iter().all(|asked| asked.plural != row.plural), "{} twice", row.plural);
            for odd in
                ["{}", r#"{"metadata":null,"spec":[],"status":"x"}"#, r#"{"status":{"conditions":[null,3]}}"#]
            {
                assert!(row.observe(odd).is_ok(), "{} {odd}", row.name);
            }
            for bad in ["", "null", "[]", "{} {}"] {
                assert!(row.observe(bad).is_err(), "{} {bad}", row.name);
            }
        }
    }

    #[test]
    fn an_autoscaler_of_v1_keeps_its_conditions_in_an_annotation() {
        let json = r#"{"metadata":{"annotations":{"autoscaling.alpha.kubernetes.io/conditions":
            "[{\"type\":\"ScalingActive\",\"status\":\"False\",\"reason\":\"FailedGetResourceMetric\"}]"}}}"#;
        let SupportingObject::Autoscaler(autoscaler) = read("HorizontalPodAutoscaler", json) else {
            panic!()
        };
        assert_eq!(autoscaler.conditions()[0].reason, "FailedGetResourceMetric");
        let SupportingObject::Autoscaler(broken) = read(
            "HorizontalPodAutoscaler",
            r#"{"metadata":{"annotations":{"autoscaling.alpha.kubernetes.io/conditions":"[{"}}}"#,
        ) else {
            panic!()
        };
        assert!(broken.conditions().is_empty());
    }

    #[test]
    fn a_node_tells_what_it_is() {
        let json = r#"{"metadata":{"labels":{"failure-domain.beta.kubernetes.io/zone":"a","kubernetes.io/arch":"arm64"}},
            "status":{"conditions":[{"type":"Ready","status":"Unknown"},{"type":"MemoryPressure","status":"True"}]}}"#;
        let SupportingObject::Node(node) = read("Node", json) else { panic!() };
        assert_eq!((node.zone(), node.architecture()), (Some("a"), Some("arm64")));
        assert!(
            node.unready().is_some() && node.has("MemoryPressure").is_some() && node.has("Ready").is_none()
        );
    }
}
