//! Parts of an object that stay JSON text, for comparisons, beside the little that is asked often.

use crate::shared::{Shared, SharedText};
use crate::workload::lenient::{self, LenientField};
use serde::de::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// JSON text as the server sent it; a workload's template is often the same in all clusters.
#[derive(Debug, Clone, PartialEq)]
pub struct Json(SharedText);

/// A pod template: what is often asked is read, the rest stays text.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PodTemplate {
    pub labels: Shared<BTreeMap<String, String>>,
    pub annotations: Shared<BTreeMap<String, String>>,
    /// (container, image) of init, then main containers, as written.
    pub images: Vec<(String, String)>,
    /// The whole template; `None` for ReplicaSets, which are many and belong to something that has it.
    pub raw: Option<Json>,
}

/// A template of which the text is not kept.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct LeanTemplate(pub PodTemplate);

impl Json {
    pub fn text(&self) -> &str {
        &self.0
    }
}

impl LenientField for Option<Json> {
    fn decode<'de, D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let raw = Option::<&RawValue>::deserialize(from)?;
        Ok(raw.map(|raw| Json(SharedText::long(raw.get()))))
    }
}

impl LenientField for PodTemplate {
    fn decode<'de, D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let raw = Option::<Json>::decode(from)?;
        let facts = raw.as_ref().and_then(|raw| lenient::object::<Facts>(raw.text()).ok());
        Ok(facts.map_or_else(PodTemplate::default, |facts| PodTemplate { raw, ..facts.template() }))
    }
}

impl LenientField for LeanTemplate {
    fn map<'de, A: serde::de::MapAccess<'de>>(map: A) -> Result<Self, A::Error> {
        Facts::map(map).map(|facts| LeanTemplate(facts.template()))
    }
}

facts! {
    pub struct Facts {
        pub metadata: FactsMeta,
        pub spec: FactsSpec,
    }
    pub struct FactsMeta {
        pub labels: Shared<BTreeMap<String, String>>,
        pub annotations: Shared<BTreeMap<String, String>>,
    }
    pub struct FactsSpec {
        pub init_containers: Vec<FactsContainer>,
        pub containers: Vec<FactsContainer>,
    }
    pub struct FactsContainer {
        pub name: String,
        pub image: String,
    }
}

impl Facts {
    fn template(self) -> PodTemplate {
        let containers = self.spec.init_containers.into_iter().chain(self.spec.containers);
        let images = containers.map(|container| (container.name, container.image)).collect();
        PodTemplate {
            labels: self.metadata.labels,
            annotations: self.metadata.annotations,
            images,
            raw: None,
        }
    }
}
