//! From the first connection to the last: serves until a signal, and drains.

use std::future::Future;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::oneshot;
use tokio::time::sleep;

use crate::service::{Service, routes};

/// How long requests may still take when the drain is over.
const LAST: Duration = Duration::from_secs(15);

/// Answers until `stop` is over. Then it says for a while that it is not ready, so that no new requests are sent here, and
/// finishes those that it has.
pub async fn serve(
    listener: TcpListener,
    service: Arc<Service>,
    stop: impl Future<Output = ()> + Send + 'static,
    drain: Duration,
) -> io::Result<()> {
    let (drained, over) = oneshot::channel();
    let draining = {
        let service = Arc::clone(&service);
        async move {
            stop.await;
            service.set_ready(false);
            tracing::info!(seconds = drain.as_secs_f64(), "draining");
            sleep(drain).await;
            // Nobody waits for it where the server has ended by itself.
            let _ = drained.send(());
        }
    };
    service.set_ready(true);
    let last = async {
        let _ = over.await;
        sleep(LAST).await;
    };
    tokio::select! {
        ended = axum::serve(listener, routes(service)).with_graceful_shutdown(draining).into_future() => ended,
        () = last => Ok(()),
    }
}

/// Over at the first SIGINT or SIGTERM.
pub fn told_to_stop() -> io::Result<impl Future<Output = ()> + Send + 'static> {
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::SocketAddr;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpStream;

    async fn asked(address: SocketAddr, path: &str) -> String {
        let mut stream = TcpStream::connect(address).await.expect("connects");
        let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.expect("writes");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.expect("reads");
        answer
    }

    #[tokio::test]
    async fn serves_and_drains() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("binds");
        let address = listener.local_addr().expect("an address");
        let (stop, told) = oneshot::channel::<()>();
        let told = async { told.await.expect("told") };
        let server = tokio::spawn(serve(listener, Service::new(), told, Duration::from_millis(500)));
        assert!(asked(address, "/readyz").await.starts_with("HTTP/1.1 200"));
        stop.send(()).expect("it listens");
        sleep(Duration::from_millis(100)).await;
        assert!(asked(address, "/readyz").await.starts_with("HTTP/1.1 503"));
        server.await.expect("ends").expect("without an error");
        assert!(TcpStream::connect(address).await.is_err());
    }

    /// One caller who takes his time keeps nobody waiting.
    #[tokio::test]
    async fn many_are_served_at_a_time() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("binds");
        let address = listener.local_addr().expect("an address");
        tokio::spawn(serve(listener, Service::new(), std::future::pending(), Duration::ZERO));
        let mut idle = Vec::new();
        for _ in 0..20 {
            idle.push(TcpStream::connect(address).await.expect("connects"));
        }
        assert!(asked(address, "/").await.starts_with("HTTP/1.1 200"));
    }
}
