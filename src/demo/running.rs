//! A fleet that is up: its servers, what will become of them, and the kubeconfig that leads to them.

use std::sync::Arc;

use anyhow::Context;
use jiff::SignedDuration;
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::demo::api::members::Members;
use crate::demo::api::port;
use crate::demo::api::tls;
use crate::demo::directory::source::{ClusterFiles, FleetSource};
use crate::demo::faults::FaultId;
use crate::demo::hub;
use crate::demo::kubeconfig;
use crate::demo::requests::RequestLog;
use crate::demo::timeline::clock::{self, ServerClock};
use crate::demo::timeline::content::ClusterContent;
use crate::demo::timeline::live::{Live, moments};
use crate::demo::timeline::rules::Rules;

/// What a server says it is where fleet.yaml says nothing.
const VERSION: &str = "v1.36.3";

/// The servers stop when this is dropped.
pub struct RunningFleet {
    /// The text of a kubeconfig: one context for each cluster, named like it, in fleet order; the first is current. The members
    /// of a hub have none: it is the only one.
    pub kubeconfig: String,
    #[expect(dead_code, reason = "dropped with the rest, which ends them")]
    servers: JoinSet<()>,
}

impl FleetSource {
    /// Starts a server for each cluster, and then their timeline. Fails if loopback or the certificates do, or if a
    /// step of the timeline cannot be done.
    pub async fn serve(self, clock: ServerClock) -> anyhow::Result<RunningFleet> {
        let authority = Arc::new(tls::authority()?);
        let shift = clock.shift(self.now());
        let clock = clock::start(clock);
        let (mut servers, mut urls, mut futures) = (JoinSet::new(), Vec::new(), Vec::new());
        let mut members = Members::new();
        for source in &self.clusters {
            let name = source.entry.name.clone();
            let requests = RequestLog::of(&name, self.journal.clone());
            let skew = source.entry.fault.as_ref().and_then(|fault| fault.id.clock_seconds());
            let shift = shift + SignedDuration::from_secs(skew.unwrap_or_default());
            let first = Arc::new(cluster(source, shift, clock, requests)?);
            let moments = moments(&first, source.steps(shift))?;
            let live = Arc::new(Live::new(Arc::clone(&first)));
            let url = match first.fault.as_ref().map(|fault| fault.id) {
                Some(FaultId::Dns) => format!("https://{}.invalid:6443", host(&name)),
                _ => {
                    let opened = port::open(&first).await;
                    let (port, address) = opened.with_context(|| format!("cannot start cluster {name}"))?;
                    let own = Arc::new(Members::new());
                    servers.spawn(port::keep(port, address, Arc::clone(&authority), Arc::clone(&live), own));
                    format!("https://{address}")
                }
            };
            members.insert(name.clone(), Arc::clone(&live));
            urls.push((name, url));
            futures.push((live, moments));
        }
        if let Some(source) = &self.hub {
            let name = source.entry.name.clone();
            let told = {
                let members: Vec<_> = self.clusters.iter().map(|one| &one.entry).zip(&urls).collect();
                let held = self.clusters.iter().flat_map(ClusterFiles::kinds).collect();
                hub::objects(&members, &held, VERSION)?
            };
            let requests = RequestLog::of(&name, self.journal.clone());
            let first = Arc::new(cluster(&source.with(told), shift, clock, requests)?);
            let opened = port::open(&first).await;
            let (port, address) = opened.with_context(|| format!("cannot start cluster {name}"))?;
            let live = Arc::new(Live::new(first));
            servers.spawn(port::keep(port, address, Arc::clone(&authority), live, Arc::new(members)));
            urls = vec![(name, format!("https://{address}"))];
        }
        let start = Instant::now();
        for (live, moments) in futures.into_iter().filter(|(_, moments)| !moments.is_empty()) {
            servers.spawn(async move { live.play(start, moments).await });
        }
        let kubeconfig = kubeconfig::text(&urls, &authority.pem);
        Ok(RunningFleet { kubeconfig, servers })
    }
}

fn cluster(
    source: &ClusterFiles,
    shift: SignedDuration,
    clock: clock::RunningClock,
    requests: RequestLog,
) -> anyhow::Result<ClusterContent> {
    let entry = &source.entry;
    Ok(ClusterContent {
        version: entry.version.clone().unwrap_or_else(|| VERSION.to_string()),
        latency: entry.latency,
        rules: Rules { forbid: entry.forbid.clone(), namespaces: entry.namespaces.clone() },
        fault: entry.fault.clone(),
        store: Arc::new(source.store(shift)?),
        past: Vec::new(),
        clock,
        requests: Arc::new(requests),
    })
}

/// A cluster's name as a part of a host name.
fn host(name: &str) -> String {
    let label: String = name
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' })
        .take(60)
        .collect();
    label.trim_matches('-').to_string()
}
