//! Names and values that can be compared.

use crate::compare::value::AttributeValue;
use std::collections::BTreeMap;
use std::fmt;

/// What kind of attribute it is, in the order in which people ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AttributeGroup {
    Image,
    /// Containers that pods have beside those of their template.
    Injected,
    Environment,
    Resources,
    Probes,
    /// ConfigMaps, Secrets (by name alone), claims, service accounts.
    References,
    /// What is in the ConfigMaps that it refers to.
    Config,
    Template,
    /// The workload beside its template: strategy, schedule.
    Workload,
    /// Autoscalers and disruption budgets.
    Bounds,
    /// The classes and sizes of volumes.
    Storage,
    Scale,
    Revision,
    Node,
}

/// What is compared. `Display` is how people read it: `app env LOG_LEVEL`, `zone`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AttributeName {
    /// Something about one container of the template: the container's name, and what of it.
    OfContainer(String, ContainerPart),
    /// Something about one volume: the volume's name, and what of it.
    OfVolume(String, VolumePart),
    /// Something in one ConfigMap: the map's name, and what of it.
    OfConfigMap(String, ConfigMapPart),
    /// An annotation of the pod template, by its key.
    Annotation(String),
    /// A label of the pod template, by its key.
    Label(String),
    /// A field of the pod spec that has no name of its own here, by its path: `securityContext.runAsUser`.
    PodField(String),
    /// The image of a container that pods have beside those of their template.
    InjectedImage(String),
    InjectedContainers,
    InitOrder,
    NodeSelector,
    Tolerations,
    PriorityClass,
    HostNetwork,
    TerminationGrace,
    Scheduler,
    ServiceAccount,
    ImagePullSecrets,
    Kind,
    Namespace,
    Name,
    Strategy,
    Paused,
    MinReady,
    ProgressDeadline,
    PodManagement,
    CoreService,
    Schedule,
    TimeZone,
    Suspended,
    Concurrency,
    Parallelism,
    BackoffLimit,
    ActiveDeadline,
    Autoscaler,
    DisruptionBudget,
    Replicas,
    Available,
    Revision,
    RolloutStart,
    RestartedAt,
    TemplateHash,
    ControllerRevision,
    VersionLabel,
    Chart,
    TrackingId,
    FluxKustomization,
    FluxHelmRelease,
    Node,
    NodeArchitecture,
    NodeImage,
    Kubelet,
    ContainerRuntime,
    Kernel,
    Zone,
    InstanceType,
    ServerVersion,
}

/// What is compared of a container.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ContainerPart {
    /// Whether it is a main, init or sidecar container; absent where there is no such container.
    Role,
    Image,
    /// The digest that runs.
    ImageDigest,
    Command,
    Args,
    /// An environment variable, by its name.
    Env(String),
    EnvFrom,
    /// What it requests of a resource: `memory`.
    Request(String),
    /// What it may use of a resource at most.
    Limit(String),
    LivenessProbe,
    ReadinessProbe,
    StartupProbe,
    PostStart,
    PreStop,
    Ports,
    Mounts,
    /// A field that has no name of its own here, by its path.
    Field(String),
}

/// What is compared of a volume.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum VolumePart {
    /// What is mounted: `ConfigMap web`, `emptyDir`.
    Source,
    /// The claim's storage class.
    Class,
    /// What the claim requests, a Kubernetes quantity.
    Size,
    /// The claim's access modes.
    Access,
}

/// What is compared of a ConfigMap.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ConfigMapPart {
    /// The list of its keys.
    Keys,
    /// The value of one key.
    Value(String),
}

/// A name with its group and its text, by which attributes are sorted: first by group, then as they read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Attribute {
    group: AttributeGroup,
    text: String,
    name: AttributeName,
}

/// Values by name. Secret-looking ones are masked, and marked (`seal`) so that they are still told apart.
pub type Attributes = BTreeMap<Attribute, AttributeValue>;

impl Attribute {
    /// The group that the name belongs to.
    pub fn group(&self) -> AttributeGroup {
        self.group
    }

    /// What is compared.
    pub fn name(&self) -> &AttributeName {
        &self.name
    }
}

impl fmt::Display for Attribute {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl From<AttributeName> for Attribute {
    fn from(name: AttributeName) -> Attribute {
        Attribute { group: name.group(), text: name.to_string(), name }
    }
}

impl AttributeName {
    /// The group that it belongs to.
    pub fn group(&self) -> AttributeGroup {
        use AttributeName as A;
        match self {
            A::OfContainer(_, part) => part.group(),
            A::OfVolume(_, VolumePart::Source) => AttributeGroup::References,
            A::OfVolume(..) => AttributeGroup::Storage,
            A::OfConfigMap(..) => AttributeGroup::Config,
            A::Annotation(_) | A::Label(_) | A::PodField(_) => AttributeGroup::Template,
            A::InjectedImage(_) | A::InjectedContainers => AttributeGroup::Injected,
            A::InitOrder | A::NodeSelector | A::Tolerations | A::PriorityClass => AttributeGroup::Template,
            A::HostNetwork | A::TerminationGrace | A::Scheduler => AttributeGroup::Template,
            A::ServiceAccount | A::ImagePullSecrets => AttributeGroup::References,
            A::Kind | A::Namespace | A::Name | A::Strategy | A::Paused => AttributeGroup::Workload,
            A::MinReady | A::ProgressDeadline | A::PodManagement => AttributeGroup::Workload,
            A::CoreService | A::Schedule | A::TimeZone | A::Suspended => AttributeGroup::Workload,
            A::Concurrency | A::Parallelism | A::BackoffLimit => AttributeGroup::Workload,
            A::ActiveDeadline => AttributeGroup::Workload,
            A::Autoscaler | A::DisruptionBudget => AttributeGroup::Bounds,
            A::Replicas | A::Available => AttributeGroup::Scale,
            A::Revision | A::RolloutStart | A::RestartedAt => AttributeGroup::Revision,
            A::TemplateHash | A::ControllerRevision | A::VersionLabel => AttributeGroup::Revision,
            A::Chart | A::TrackingId => AttributeGroup::Revision,
            A::FluxKustomization | A::FluxHelmRelease => AttributeGroup::Revision,
            A::Node | A::NodeArchitecture | A::NodeImage | A::Kubelet => AttributeGroup::Node,
            A::ContainerRuntime | A::Kernel | A::Zone | A::InstanceType => AttributeGroup::Node,
            A::ServerVersion => AttributeGroup::Node,
        }
    }

    /// The attribute that is there exactly where the container is that this one is about; nothing for what is about
    /// the pod as a whole.
    pub fn role_of_its_container(&self) -> Option<AttributeName> {
        match self {
            AttributeName::OfContainer(_, ContainerPart::Role) => None,
            AttributeName::OfContainer(container, _) => Some(container_part(container, ContainerPart::Role)),
            _ => None,
        }
    }

    /// Whether values are amounts, so that `1000m` is `1`.
    pub fn is_amount(&self) -> bool {
        use ContainerPart as Part;
        matches!(
            self,
            AttributeName::OfContainer(_, Part::Request(_) | Part::Limit(_))
                | AttributeName::OfVolume(_, VolumePart::Size)
        )
    }

    /// Whether it is the image of a container, as written.
    pub fn is_image(&self) -> bool {
        matches!(self, AttributeName::OfContainer(_, ContainerPart::Image))
    }

    /// Whether it is the running digest of a container of the template.
    pub fn is_digest(&self) -> bool {
        matches!(self, AttributeName::OfContainer(_, ContainerPart::ImageDigest))
    }
}

impl ContainerPart {
    fn group(&self) -> AttributeGroup {
        use ContainerPart as Part;
        match self {
            Part::Image | Part::ImageDigest => AttributeGroup::Image,
            Part::Env(_) => AttributeGroup::Environment,
            Part::Request(_) | Part::Limit(_) => AttributeGroup::Resources,
            Part::LivenessProbe | Part::ReadinessProbe | Part::StartupProbe => AttributeGroup::Probes,
            Part::PostStart | Part::PreStop => AttributeGroup::Probes,
            Part::EnvFrom | Part::Mounts => AttributeGroup::References,
            Part::Role | Part::Command | Part::Args | Part::Ports | Part::Field(_) => {
                AttributeGroup::Template
            }
        }
    }
}

/// What of a container is compared.
pub fn container_part(container: &str, part: ContainerPart) -> AttributeName {
    AttributeName::OfContainer(container.to_string(), part)
}

impl AttributeGroup {
    /// A word for it, for tests.
    #[cfg(test)]
    pub fn word(self) -> &'static str {
        match self {
            AttributeGroup::Image | AttributeGroup::Injected => "images",
            AttributeGroup::Environment => "env",
            AttributeGroup::Resources => "resources",
            AttributeGroup::Probes => "probes",
            AttributeGroup::References => "references",
            AttributeGroup::Config => "config",
            AttributeGroup::Template | AttributeGroup::Workload => "template",
            AttributeGroup::Scale | AttributeGroup::Bounds => "scale",
            AttributeGroup::Storage => "storage",
            AttributeGroup::Revision => "revision",
            AttributeGroup::Node => "nodes",
        }
    }

    /// Whether an absent attribute may only not have been read.
    pub fn may_be_unread(self) -> bool {
        use AttributeGroup as G;
        match self {
            G::Node | G::Config | G::Revision | G::Scale => true,
            G::Injected | G::Workload | G::Bounds | G::Storage => true,
            G::Image | G::Environment | G::Resources | G::Probes | G::References | G::Template => false,
        }
    }
}

/// Adds a value, unless it was made from nothing.
pub fn put(found: &mut Attributes, name: AttributeName, value: impl Into<AttributeValue>) {
    let value = value.into();
    if !value.is_blank() {
        found.insert(Attribute::from(name), value);
    }
}
