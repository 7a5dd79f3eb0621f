//! Core Services that select nothing: all pods are well, and nobody reaches them.

use crate::survey::{ClusterHealth, Details, ServiceTarget};
use crate::workload::CoreService;

/// A note for each core Service of a service that selects none of its pods in one cluster. It is of the service if it
/// carries its labels, or the name of a workload of it.
pub fn notes(cell: &ClusterHealth, details: &Details, target: &ServiceTarget) -> Vec<String> {
    let families = || cell.workloads.iter().map(|(family, _)| family);
    let is_ours = |one: &&CoreService| {
        let named = families().any(|f| one.meta.namespace == f.namespace && f.name == one.meta.name);
        named || target.selects(&one.meta)
    };
    let told = details.core_services.iter().filter(is_ours).filter_map(|one| {
        let wanted = one.selected()?;
        let mut here = families().filter(|family| one.meta.namespace == family.namespace).peekable();
        here.peek()?;
        let (mut pods, mut known) = (0, true);
        for family in here {
            known &= family.pods_known;
            for pod in &family.pods {
                pods += 1;
                if wanted.iter().all(|(key, value)| pod.meta.labels.get(key) == Some(value)) {
                    return None;
                }
            }
        }
        let labels: Vec<String> = wanted.iter().map(|(key, value)| format!("{key}={value}")).collect();
        let text = format!("core Service {} selects none of its pods ({})", one.meta.name, labels.join(","));
        (pods > 0 && known).then(|| crate::text::safe(&text))
    });
    told.collect()
}
