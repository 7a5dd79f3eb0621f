//! A fleet that is up: its sockets, its servers and the kubeconfig that leads to them.
#![expect(clippy::disallowed_methods, reason = "simulated API servers listen on loopback")]

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use anyhow::Context;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::JoinSet;

use crate::demo::access::Rules;
use crate::demo::clock::{self, Clock};
use crate::demo::cluster::Cluster;
use crate::demo::faults::FaultId;
use crate::demo::kubeconfig;
use crate::demo::server;
use crate::demo::source::{ClusterSource, FleetSource};
use crate::demo::tls::{self, Authority};

/// What a server says it is where fleet.yaml says nothing.
const VERSION: &str = "v1.36.3";

/// The servers stop when this is dropped.
pub struct Running {
    /// The text of a kubeconfig: one context for each cluster, named like it, in fleet order; the first is current.
    pub kubeconfig: String,
    servers: JoinSet<()>,
    held: Vec<Held>,
}

/// Sockets that have to stay as they are: ports that are taken but refuse, queues that are full.
enum Held {
    Port(#[expect(dead_code, reason = "held open, never used")] TcpSocket),
    Queue(
        #[expect(dead_code, reason = "held open, never used")] TcpListener,
        #[expect(dead_code, reason = "as above")] Vec<TcpStream>,
    ),
}

impl FleetSource {
    /// Starts a server for each cluster. Fails if loopback or the certificates do.
    pub async fn serve(self, clock: Clock) -> anyhow::Result<Running> {
        let authority = tls::authority()?;
        let shift = clock.shift(self.now());
        let clock = clock::start(clock);
        let mut running = Running { kubeconfig: String::new(), servers: JoinSet::new(), held: Vec::new() };
        let mut urls = Vec::new();
        for source in &self.clusters {
            let name = source.entry.name.clone();
            let cluster = cluster(source, shift, clock)?;
            let url = running
                .start(&name, cluster, &authority)
                .await
                .with_context(|| format!("cannot start cluster {name}"))?;
            urls.push((name, url));
        }
        running.kubeconfig = kubeconfig::text(&urls, &authority.pem);
        Ok(running)
    }
}

fn cluster(
    source: &ClusterSource,
    shift: jiff::SignedDuration,
    clock: clock::Running,
) -> anyhow::Result<Cluster> {
    let entry = &source.entry;
    Ok(Cluster {
        version: entry.version.clone().unwrap_or_else(|| VERSION.to_string()),
        latency: entry.latency,
        rules: Rules { forbid: entry.forbid.clone(), namespaces: entry.namespaces.clone() },
        fault: entry.fault.clone(),
        store: source.store(shift)?,
        clock,
        requests: AtomicU64::new(1),
    })
}

impl Running {
    /// Starts one server, or what stands in for it, and says under which URL.
    async fn start(&mut self, name: &str, cluster: Cluster, authority: &Authority) -> anyhow::Result<String> {
        let fault = cluster.fault.as_ref().map(|fault| fault.id);
        let address = match fault {
            Some(FaultId::Dns) => return Ok(format!("https://{}.invalid:6443", host(name))),
            Some(FaultId::Refused) => self.refuse()?,
            Some(FaultId::Blackhole) => self.swallow().await?,
            Some(FaultId::TlsHang) => self.accept_and_wait().await?,
            _ => {
                let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
                let address = listener.local_addr()?;
                self.servers.spawn(server::serve(
                    listener,
                    authority.server_config(fault)?,
                    Arc::new(cluster),
                ));
                address
            }
        };
        Ok(format!("https://{address}"))
    }

    /// A port that is bound, so that nobody else gets it, and does not listen.
    fn refuse(&mut self) -> anyhow::Result<SocketAddr> {
        let socket = loopback_socket()?;
        let address = socket.local_addr()?;
        self.held.push(Held::Port(socket));
        Ok(address)
    }

    /// A listener whose queue is full: further connections are neither accepted nor refused.
    async fn swallow(&mut self) -> anyhow::Result<SocketAddr> {
        let listener = loopback_socket()?.listen(0)?;
        let address = listener.local_addr()?;
        let first = TcpStream::connect(address).await?;
        self.held.push(Held::Queue(listener, vec![first]));
        Ok(address)
    }

    /// A listener that accepts connections and says nothing on them.
    async fn accept_and_wait(&mut self) -> anyhow::Result<SocketAddr> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        self.servers.spawn(async move {
            let mut connections = Vec::new();
            loop {
                if let Ok((stream, _)) = listener.accept().await {
                    connections.push(stream);
                }
            }
        });
        Ok(address)
    }
}

fn loopback_socket() -> anyhow::Result<TcpSocket> {
    let socket = TcpSocket::new_v4()?;
    socket.bind((Ipv4Addr::LOCALHOST, 0).into())?;
    Ok(socket)
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
