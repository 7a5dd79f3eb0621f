//! The memory limit that a container had when it was killed.

use crate::workload::{Pod, PodContainer, Quantity};

/// A limit in force, in the words of its object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemoryLimit {
    /// As written: `256Mi`.
    pub quantity: String,
    /// Where it is written, for a sentence of evidence: `limits.memory of app`.
    pub source: &'static str,
}

/// The limit in force: what the kubelet has set (after a resize in place the status knows better than the spec), else
/// the container's own; that of the whole pod (KEP-2837) where it is smaller or the only one.
pub fn memory_limit(pod: &Pod, container: &PodContainer) -> Option<MemoryLimit> {
    let actual = container.status.and_then(|status| status.resources.limits.get("memory"));
    let written = container.spec.and_then(|spec| spec.resources.limits.get("memory"));
    let own = match actual {
        Some(quantity) => Some((quantity, "limits.memory")),
        None => written.map(|quantity| (quantity, "limits.memory")),
    };
    let whole =
        pod.spec.resources.limits.get("memory").map(|quantity| (quantity, "limits.memory of the pod"));
    let smaller = match (own, whole) {
        (Some(own), Some(whole)) if bytes(whole.0) < bytes(own.0) => Some(whole),
        (own, whole) => own.or(whole),
    };
    smaller.map(|(quantity, source)| MemoryLimit { quantity: quantity.clone(), source })
}

impl MemoryLimit {
    /// As a piece of evidence. What is written in thousandths of a byte was meant in mebibytes.
    pub fn evidence(limit: Option<&MemoryLimit>) -> String {
        match limit {
            None => "no memory limit of its own".to_string(),
            Some(limit) if limit.is_milli() => format!(
                "{} {} is in thousandths of a byte: the suffix m is milli, {}i was meant",
                limit.source,
                limit.quantity,
                limit.quantity.replace('m', "M")
            ),
            Some(limit) => format!("{} {}", limit.source, limit.quantity),
        }
    }

    /// `128m` of memory is 0.128 bytes: the suffix is milli, and `Mi` was meant.
    pub fn is_milli(&self) -> bool {
        self.quantity.ends_with('m')
    }
}

/// Billionths of bytes; what cannot be read is no limit.
fn bytes(quantity: &str) -> i128 {
    Quantity::parse(quantity).map_or(i128::MAX, |quantity| quantity.nanos)
}
