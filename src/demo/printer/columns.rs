//! The columns that kubectl prints of built-in kinds, as the API server's own printers make them.

mod cell;
mod core;
mod events;
mod network;
mod scaling;
mod storage;
mod workloads;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::demo::state::resource::ServedResource;

pub use crate::demo::printer::columns::cell::age;

/// How a kind is printed. `columns` are separated by `|`; `:integer` is the type where it is not a string, `*` at
/// the end marks those of `-o wide`. A row has a cell for each.
pub struct KindPrinter {
    group: &'static str,
    plural: &'static str,
    columns: &'static str,
    pub row: fn(&Value, Timestamp) -> Vec<Value>,
}

/// Read off the tables of kube-apiserver 1.36.3; a kind that is missing prints its name and age.
const PRINTERS: &[KindPrinter] = &[
    printer(
        "",
        "pods",
        "Name|Ready|Status|Restarts|Age|IP*|Node*|Nominated Node*|Readiness Gates*",
        core::pod,
    ),
    printer("", "services", "Name|Type|Cluster-IP|External-IP|Port(s)|Age|Selector*", network::service),
    printer("", "namespaces", "Name|Status|Age", core::namespace),
    printer(
        "",
        "nodes",
        "Name|Status|Roles|Age|Version|Internal-IP*|External-IP*|OS-Image*|Kernel-Version*|Container-Runtime*",
        core::node,
    ),
    printer("", "configmaps", "Name|Data|Age", core::config_map),
    printer("", "secrets", "Name|Type|Data|Age", core::secret),
    printer("", "events", EVENTS, events::event),
    printer("events.k8s.io", "events", EVENTS, events::event),
    printer("", "endpoints", "Name|Endpoints|Age", network::endpoints),
    printer(
        "discovery.k8s.io",
        "endpointslices",
        "Name|AddressType|Ports|Endpoints|Age",
        network::endpoint_slice,
    ),
    printer("networking.k8s.io", "ingresses", "Name|Class|Hosts|Address|Ports|Age", network::ingress),
    printer("networking.k8s.io", "networkpolicies", "Name|Pod-Selector|Age", network::network_policy),
    printer("coordination.k8s.io", "leases", "Name|Holder|Age", core::lease),
    printer(
        "apps",
        "deployments",
        "Name|Ready|Up-to-date|Available|Age|Containers*|Images*|Selector*",
        workloads::deployment,
    ),
    printer("apps", "replicasets", REPLICAS, workloads::replica_set),
    printer("", "replicationcontrollers", REPLICAS, workloads::replica_set),
    printer("apps", "statefulsets", "Name|Ready|Age|Containers*|Images*", workloads::stateful_set),
    printer(
        "apps",
        "daemonsets",
        "Name|Desired:integer|Current:integer|Ready:integer|Up-to-date:integer|Available:integer|Node Selector|Age|Containers*|Images*|Selector*",
        workloads::daemon_set,
    ),
    printer(
        "batch",
        "jobs",
        "Name|Status|Completions|Duration|Age|Containers*|Images*|Selector*",
        workloads::job,
    ),
    printer(
        "batch",
        "cronjobs",
        "Name|Schedule|Timezone|Suspend:boolean|Active:integer|Last Schedule|Age|Containers*|Images*|Selector*",
        workloads::cron_job,
    ),
    printer(
        "autoscaling",
        "horizontalpodautoscalers",
        "Name|Reference|Targets|MinPods|MaxPods|Replicas|Age",
        scaling::autoscaler,
    ),
    printer(
        "policy",
        "poddisruptionbudgets",
        "Name|Min Available|Max Unavailable|Allowed Disruptions:integer|Age",
        scaling::budget,
    ),
    printer("", "resourcequotas", "Name|Request|Limit|Age", scaling::quota),
    printer(
        "",
        "persistentvolumeclaims",
        "Name|Status|Volume|Capacity|Access Modes|StorageClass|VolumeAttributesClass|Age|VolumeMode*",
        storage::claim,
    ),
    printer(
        "",
        "persistentvolumes",
        "Name|Capacity|Access Modes|Reclaim Policy|Status|Claim|StorageClass|VolumeAttributesClass|Reason|Age|VolumeMode*",
        storage::volume,
    ),
    printer(
        "storage.k8s.io",
        "storageclasses",
        "Name|Provisioner|ReclaimPolicy|VolumeBindingMode|AllowVolumeExpansion|Age",
        storage::class,
    ),
];

const EVENTS: &str = "Last Seen|Type|Reason|Object|Subobject*|Source*|Message|First Seen*|Count*|Name*";
const REPLICAS: &str = "Name|Desired:integer|Current:integer|Ready:integer|Age|Containers*|Images*|Selector*";

const fn printer(
    group: &'static str,
    plural: &'static str,
    columns: &'static str,
    row: fn(&Value, Timestamp) -> Vec<Value>,
) -> KindPrinter {
    KindPrinter { group, plural, columns, row }
}

/// How a built-in kind is printed, if that is known.
pub fn of(resource: &ServedResource) -> Option<&'static KindPrinter> {
    PRINTERS.iter().find(|printer| printer.group == resource.group && printer.plural == resource.plural)
}

impl KindPrinter {
    /// `{name, type, format, description, priority}` of each column.
    pub fn definitions(&self) -> Vec<Value> {
        self.columns.split('|').map(definition).collect()
    }
}

fn definition(column: &str) -> Value {
    let (column, priority) = column.strip_suffix('*').map_or((column, 0), |column| (column, 1));
    let (name, form) = column.split_once(':').unwrap_or((column, "string"));
    let format = if name == "Name" { "name" } else { "" };
    json!({"name": name, "type": form, "format": format, "description": "", "priority": priority})
}

#[cfg(test)]
mod tests {
    use super::PRINTERS;
    use jiff::Timestamp;
    use serde_json::{Value, json};

    /// Hostile objects: nothing, and everything of the wrong type.
    #[test]
    fn every_row_has_a_cell_for_each_column_whatever_the_object() {
        let wrong = json!({"metadata": 7, "spec": [], "status": "x", "data": 1, "subsets": {}, "endpoints": 3, "type": []});
        for printer in PRINTERS {
            for object in [&Value::Null, &json!({}), &wrong] {
                let cells = (printer.row)(object, Timestamp::UNIX_EPOCH);
                assert_eq!(cells.len(), printer.definitions().len(), "{}", printer.plural);
            }
        }
    }
}
