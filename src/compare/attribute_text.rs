//! How the names of attributes read: `app env LOG_LEVEL`, `ConfigMap web keys`, `zone`.

use crate::compare::attribute::{AttributeName, ConfigMapPart, ContainerPart, VolumePart};
use std::fmt;

impl fmt::Display for AttributeName {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        use AttributeName as A;
        let word = match self {
            A::OfContainer(name, ContainerPart::Role) => return write!(f, "container {name}"),
            A::OfContainer(name, part) => return write!(f, "{name} {part}"),
            A::OfVolume(name, VolumePart::Source) => return write!(f, "volume {name}"),
            A::OfVolume(name, VolumePart::Class) => return write!(f, "volume {name} class"),
            A::OfVolume(name, VolumePart::Size) => return write!(f, "volume {name} size"),
            A::OfVolume(name, VolumePart::Access) => return write!(f, "volume {name} access"),
            A::OfConfigMap(name, ConfigMapPart::Keys) => return write!(f, "ConfigMap {name} keys"),
            A::OfConfigMap(name, ConfigMapPart::Value(key)) => return write!(f, "ConfigMap {name} {key}"),
            A::Annotation(key) => return write!(f, "annotation {key}"),
            A::Label(key) => return write!(f, "label {key}"),
            A::PodField(path) => path,
            A::InjectedImage(container) => return write!(f, "{container} image"),
            A::InjectedContainers => "injected containers",
            A::InitOrder => "order of init containers",
            A::NodeSelector => "node selector",
            A::Tolerations => "tolerations",
            A::PriorityClass => "priority class",
            A::HostNetwork => "host network",
            A::TerminationGrace => "termination grace",
            A::Scheduler => "scheduler",
            A::ServiceAccount => "service account",
            A::ImagePullSecrets => "image pull secrets",
            A::Kind => "kind",
            A::Namespace => "namespace",
            A::Name => "name",
            A::Strategy => "strategy",
            A::Paused => "paused",
            A::MinReady => "min ready",
            A::ProgressDeadline => "progress deadline",
            A::PodManagement => "pod management",
            A::CoreService => "core Service",
            A::Schedule => "schedule",
            A::TimeZone => "time zone",
            A::Suspended => "suspended",
            A::Concurrency => "concurrency",
            A::Parallelism => "parallelism",
            A::BackoffLimit => "backoff limit",
            A::ActiveDeadline => "active deadline",
            A::Autoscaler => "autoscaler",
            A::DisruptionBudget => "disruption budget",
            A::Replicas => "replicas",
            A::Available => "available",
            A::Revision => "revision",
            A::RolloutStart => "rollout start",
            A::RestartedAt => "restarted at",
            A::TemplateHash => "template hash",
            A::ControllerRevision => "controller revision",
            A::VersionLabel => "version label",
            A::Chart => "chart",
            A::TrackingId => "tracking id",
            A::FluxKustomization => "Flux Kustomization",
            A::FluxHelmRelease => "Flux HelmRelease",
            A::Node => "node",
            A::NodeArchitecture => "node architecture",
            A::NodeImage => "node image",
            A::Kubelet => "kubelet",
            A::ContainerRuntime => "container runtime",
            A::Kernel => "kernel",
            A::Zone => "zone",
            A::InstanceType => "instance type",
            A::ServerVersion => "server version",
        };
        f.write_str(word)
    }
}

impl fmt::Display for ContainerPart {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        use ContainerPart as Part;
        let word = match self {
            Part::Role => "role",
            Part::Image => "image",
            Part::ImageDigest => "image digest",
            Part::Command => "command",
            Part::Args => "args",
            Part::Env(name) => return write!(f, "env {name}"),
            Part::EnvFrom => "env from",
            Part::Request(resource) => return write!(f, "requests.{resource}"),
            Part::Limit(resource) => return write!(f, "limits.{resource}"),
            Part::LivenessProbe => "livenessProbe",
            Part::ReadinessProbe => "readinessProbe",
            Part::StartupProbe => "startupProbe",
            Part::PostStart => "postStart",
            Part::PreStop => "preStop",
            Part::Ports => "ports",
            Part::Mounts => "mounts",
            Part::Field(path) => path,
        };
        f.write_str(word)
    }
}
