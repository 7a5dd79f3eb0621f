//! How servers are reached: what everything that a run asks has in common, so that no plugin runs twice.

use crate::fleet::cluster::FleetLimits;
use crate::fleet::endpoint::EndpointShared;
use crate::fleet::members::bounded;
use crate::fleet::plugins::{CredentialStoreSetup, PluginPolicy, Plugins};
use crate::fleet::proxy::ProxyVariables;
use jiff::Timestamp;
use std::sync::Arc;

/// Nothing here is read from the world by the fleet itself.
pub struct AccessSetup {
    pub limits: FleetLimits,
    pub proxies: ProxyVariables,
    /// Whether a credential plugin may ask a person.
    pub terminal: bool,
    /// Which credential plugins may run.
    pub plugin_policy: PluginPolicy,
    /// Where answers of credential plugins are kept; nowhere unless the user wants that.
    pub credential_store: Option<CredentialStoreSetup>,
    /// The real clock: tokens expire by it.
    pub now: Timestamp,
}

/// A clone shares connections and credentials.
#[derive(Clone)]
pub struct Access {
    pub(in crate::fleet) shared: Arc<EndpointShared>,
    pub(in crate::fleet) limits: FleetLimits,
}

impl Access {
    pub fn new(setup: AccessSetup) -> Access {
        let limits = bounded(setup.limits);
        let AccessSetup { terminal, plugin_policy, credential_store, now, proxies, .. } = setup;
        let plugins = Plugins::new(now, terminal, limits.credentials, plugin_policy, credential_store);
        Access { shared: Arc::new(EndpointShared::new(plugins, proxies, limits.connect)), limits }
    }
}
