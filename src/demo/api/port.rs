//! The port of one simulated API server: open, shut or worse, and what becomes of those who knock.
#![expect(clippy::disallowed_methods, reason = "simulated API servers listen on loopback")]

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::JoinSet;

use crate::demo::api::members::Members;
use crate::demo::api::server;
use crate::demo::api::tls::FleetAuthority;
use crate::demo::faults::FaultId;
use crate::demo::timeline::content::ClusterContent;
use crate::demo::timeline::live::Live;

/// How a port is.
pub enum Port {
    /// Connections are accepted; TLS with a certificate that may be faulty.
    Open(TcpListener),
    /// Connections are accepted, and nothing is said on them.
    Mute(TcpListener),
    /// The queue is full: further connections are neither accepted nor refused.
    Full(
        #[expect(dead_code, reason = "held open, never used")] TcpListener,
        #[expect(dead_code, reason = "as above")] TcpStream,
    ),
    /// Bound, so that nobody else gets it, and not listening.
    Shut(#[expect(dead_code, reason = "held open, never used")] TcpSocket),
}

/// What the fault of a cluster makes of its port; two that are equal need no other port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum PortWay {
    Open(Option<FaultId>),
    Mute,
    Full,
    Shut,
}

fn way(cluster: &ClusterContent) -> PortWay {
    match cluster.fault.as_ref().map(|fault| fault.id) {
        Some(FaultId::Refused) => PortWay::Shut,
        Some(FaultId::Blackhole) => PortWay::Full,
        Some(FaultId::TlsHang) => PortWay::Mute,
        Some(id @ (FaultId::CertExpired | FaultId::CertUnknown | FaultId::CertName)) => {
            PortWay::Open(Some(id))
        }
        _ => PortWay::Open(None),
    }
}

/// Opens a port of loopback as the cluster's fault will have it.
pub async fn open(cluster: &ClusterContent) -> io::Result<(Port, SocketAddr)> {
    open_at((Ipv4Addr::LOCALHOST, 0).into(), way(cluster)).await
}

async fn open_at(address: SocketAddr, way: PortWay) -> io::Result<(Port, SocketAddr)> {
    let socket = TcpSocket::new_v4()?;
    // Connections of before may still be closing on a port that is opened anew.
    socket.set_reuseaddr(address.port() > 0)?;
    socket.bind(address)?;
    let address = socket.local_addr()?;
    // Nor shall its own stand in the way of the next. But who is given any port must not be given one that is shut.
    socket.set_reuseaddr(way != PortWay::Shut)?;
    let port = match way {
        PortWay::Open(_) => Port::Open(socket.listen(1024)?),
        PortWay::Mute => Port::Mute(socket.listen(1024)?),
        PortWay::Full => {
            let listener = socket.listen(0)?;
            Port::Full(listener, TcpStream::connect(address).await?)
        }
        PortWay::Shut => Port::Shut(socket),
    };
    Ok((port, address))
}

/// Serves the port until the future is dropped, as the faults come and go; connections end with it.
pub async fn keep(
    mut port: Port,
    address: SocketAddr,
    authority: Arc<FleetAuthority>,
    live: Arc<Live>,
    members: Arc<Members>,
) {
    let mut following = live.follow();
    let mut now = way(&following.borrow_and_update());
    let mut connections = JoinSet::new();
    let mut mute = Vec::new();
    loop {
        tokio::select! {
            stream = knock(&port) => match now {
                PortWay::Open(fault) => {
                    // A certificate that cannot be made is a handshake that fails.
                    if let Ok(tls) = authority.server_config(fault) {
                        connections.spawn(server::connection(stream, tls, Arc::clone(&live), Arc::clone(&members)));
                    }
                    while connections.try_join_next().is_some() {}
                }
                _ => mute.push(stream),
            },
            changed = following.changed() => {
                if changed.is_err() {
                    return std::future::pending().await;
                }
                let next = way(&following.borrow_and_update());
                if next == now {
                    continue;
                }
                mute.clear();
                let is_both_open = matches!((now, next), (PortWay::Open(_), PortWay::Open(_)));
                now = next;
                if !is_both_open {
                    drop(port);
                    port = reopened(address, next).await;
                }
            }
        }
    }
}

/// The next who knocks and is let in.
async fn knock(port: &Port) -> TcpStream {
    let (Port::Open(listener) | Port::Mute(listener)) = port else { return std::future::pending().await };
    loop {
        match listener.accept().await {
            Ok((stream, _)) => return stream,
            Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
        }
    }
}

async fn reopened(address: SocketAddr, way: PortWay) -> Port {
    loop {
        match open_at(address, way).await {
            Ok((port, _)) => return port,
            Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
        }
    }
}
