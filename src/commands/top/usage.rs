//! What pods use against what they asked for and may have: sums that are right for several containers.

use crate::workload::{Container, ContainerMetrics, Pod, PodMetrics, Quantity, Resources, Role};

/// One resource of a pod or a container. What is not known or not set is nothing, never zero.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Measure {
    pub used: Option<Quantity>,
    pub request: Option<Quantity>,
    pub limit: Option<Quantity>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Usage {
    pub cpu: Measure,
    pub memory: Measure,
}

/// A pod's usage as a whole, and by container.
#[derive(Clone, Debug, Default)]
pub struct PodUsage {
    pub whole: Usage,
    pub containers: Vec<(String, Usage)>,
}

impl Measure {
    /// Hundredths of the limit.
    pub fn of_limit(self) -> Option<i64> {
        self.used?.percent_of(self.limit?)
    }

    pub fn of_request(self) -> Option<i64> {
        self.used?.percent_of(self.request?)
    }
}

/// Joins a pod with its metrics, by container name. Containers that run side by side count: main ones and sidecars;
/// an init container does only where it is measured, and so is running.
pub fn usage(pod: &Pod, metrics: Option<&PodMetrics>) -> PodUsage {
    let measured = |name: &str| metrics?.containers.iter().find(|container| container.name == name);
    let mut containers = Vec::new();
    let mut asking: Vec<&Container> = Vec::new();
    for container in pod.containers() {
        let found = measured(container.name);
        let beside = matches!(container.role, Role::Main | Role::Sidecar);
        if !beside && found.is_none() {
            continue;
        }
        asking.extend(container.spec.filter(|_| beside));
        let resources = container.spec.map(|spec| &spec.resources);
        containers.push((container.name.to_string(), one(found, resources)));
    }
    PodUsage { whole: whole(pod, metrics, &asking), containers }
}

fn one(metrics: Option<&ContainerMetrics>, resources: Option<&Resources>) -> Usage {
    let measure = |name: &str| Measure {
        used: metrics.and_then(|metrics| quantity(metrics.usage.get(name))),
        request: resources.and_then(|resources| request(resources, name)),
        limit: resources.and_then(|resources| quantity(resources.limits.get(name))),
    };
    Usage { cpu: measure("cpu"), memory: measure("memory") }
}

fn whole(pod: &Pod, metrics: Option<&PodMetrics>, containers: &[&Container]) -> Usage {
    let measure = |name: &str| {
        let used = metrics.map(|metrics| metrics.containers.iter().map(|one| quantity(one.usage.get(name))));
        let requests = containers.iter().map(|container| request(&container.resources, name));
        let limits = containers.iter().map(|container| quantity(container.resources.limits.get(name)));
        Measure {
            used: used.and_then(sum),
            request: request(&pod.spec.resources, name).or_else(|| sum(requests)),
            limit: quantity(pod.spec.resources.limits.get(name)).or_else(|| sum(limits)),
        }
    };
    Usage { cpu: measure("cpu"), memory: measure("memory") }
}

/// A sum only where every part is known: half a sum would look like a whole.
fn sum(parts: impl Iterator<Item = Option<Quantity>>) -> Option<Quantity> {
    let parts: Vec<Quantity> = parts.collect::<Option<_>>()?;
    (!parts.is_empty()).then(|| parts.into_iter().fold(Quantity::default(), Quantity::plus))
}

/// A limit without a request requests as much: the API server fills it in, a file may not say it.
fn request(resources: &Resources, name: &str) -> Option<Quantity> {
    quantity(resources.requests.get(name).or_else(|| resources.limits.get(name)))
}

fn quantity(text: Option<&String>) -> Option<Quantity> {
    Quantity::parse(text?)
}

#[cfg(test)]
mod tests {
    use super::{Measure, usage};
    use crate::workload::{Object, Pod, kind, observe_pod_metrics};

    fn pod(spec: &str) -> Pod {
        let json = format!(r#"{{"metadata":{{"name":"p"}},"spec":{spec}}}"#);
        match kind("Pod").expect("a row").observe(&json).expect("a pod") {
            Object::Pod(pod) => *pod,
            Object::Workload(_) => panic!("no pod"),
        }
    }

    fn told(measure: Measure) -> (Option<i64>, Option<i64>, Option<i64>) {
        let units = |quantity: Option<crate::workload::Quantity>| quantity.map(|one| one.thousandths());
        (units(measure.used), units(measure.request), units(measure.limit))
    }

    const BOTH: &str = r#"{"containers":[{"name":"app","usage":{"cpu":"100m","memory":"300"}},{"name":"proxy","usage":{"cpu":"20m","memory":"100"}}]}"#;

    #[test]
    fn sums_are_over_all_containers() {
        let pod = pod(
            r#"{"containers":[{"name":"app","resources":{"requests":{"cpu":"200m","memory":"512"},"limits":{"memory":"1000"}}},
            {"name":"proxy","resources":{"requests":{"cpu":"50m","memory":"128"},"limits":{"memory":"250"}}}]}"#,
        );
        let metrics = observe_pod_metrics(BOTH).expect("metrics");
        let found = usage(&pod, Some(&metrics));
        assert_eq!(told(found.whole.cpu), (Some(120), Some(250), None));
        assert_eq!(told(found.whole.memory), (Some(400_000), Some(640_000), Some(1_250_000)));
        assert_eq!(found.whole.memory.of_limit(), Some(32));
        assert_eq!(found.whole.cpu.of_request(), Some(48));
        let proxy = &found.containers[1];
        assert_eq!(
            (proxy.0.as_str(), told(proxy.1.memory)),
            ("proxy", (Some(100_000), Some(128_000), Some(250_000)))
        );
    }

    #[test]
    fn a_sum_with_a_hole_is_none() {
        let pod = pod(
            r#"{"containers":[{"name":"app","resources":{"requests":{"cpu":"200m"}}},{"name":"proxy"}]}"#,
        );
        let metrics = observe_pod_metrics(BOTH).expect("metrics");
        let found = usage(&pod, Some(&metrics));
        assert_eq!(told(found.whole.cpu), (Some(120), None, None));
        assert_eq!((found.whole.cpu.of_request(), found.whole.cpu.of_limit()), (None, None));
        assert_eq!(told(found.containers[0].1.cpu), (Some(100), Some(200), None));
        let odd = observe_pod_metrics(r#"{"containers":[{"name":"app","usage":{"cpu":"lots"}}]}"#)
            .expect("metrics");
        assert_eq!(usage(&pod, Some(&odd)).whole.cpu.used, None);
        assert_eq!(usage(&pod, None).whole.cpu.used, None);
    }

    #[test]
    fn sidecars_count_and_init_containers_do_not() {
        let pod = pod(r#"{"initContainers":[{"name":"setup","resources":{"requests":{"cpu":"4"}}},
            {"name":"proxy","restartPolicy":"Always","resources":{"requests":{"cpu":"50m"}}}],
            "containers":[{"name":"app","resources":{"limits":{"cpu":"1"}}}]}"#);
        let metrics = observe_pod_metrics(BOTH).expect("metrics");
        let found = usage(&pod, Some(&metrics));
        assert_eq!(told(found.whole.cpu), (Some(120), Some(1050), None));
        let names: Vec<&str> = found.containers.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["proxy", "app"]);
    }

    #[test]
    fn what_the_pod_itself_asks_for_goes_first() {
        let pod = pod(
            r#"{"resources":{"requests":{"cpu":"2"},"limits":{"cpu":"3"}},"containers":[{"name":"app"},{"name":"proxy"}]}"#,
        );
        assert_eq!(told(usage(&pod, None).whole.cpu), (None, Some(2000), Some(3000)));
    }
}
