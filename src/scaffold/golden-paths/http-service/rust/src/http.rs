//! As much of HTTP/1.1 as the service needs: one request a connection, a bounded head, time limits.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use crate::service::{Answer, Service};

const LONGEST_HEAD: usize = 16 * 1024;
const PATIENCE: Duration = Duration::from_secs(5);
/// How often it is asked whether to stop.
const PAUSE: Duration = Duration::from_millis(10);
/// How many connections are served at a time; more of them are closed at once.
const MOST: usize = 256;

/// Answers until `stop` holds. Then it says for a while that it is not ready, so that no new requests are sent here, and
/// finishes those that it has.
pub fn serve(
    listener: &TcpListener,
    service: &Arc<Service>,
    stop: impl Fn() -> bool,
    drain: Duration,
) -> io::Result<()> {
    listener.set_nonblocking(true)?;
    let open = Arc::new(AtomicUsize::new(0));
    service.ready.store(true, Ordering::Relaxed);
    let mut end: Option<Instant> = None;
    loop {
        if end.is_none() && stop() {
            service.ready.store(false, Ordering::Relaxed);
            end = Some(Instant::now() + drain);
        }
        if end.is_some_and(|end| Instant::now() >= end) {
            break;
        }
        match listener.accept() {
            Ok((stream, _)) if open.load(Ordering::Acquire) < MOST => spawn(stream, service, &open),
            Ok(_) => {}
            Err(_) => thread::sleep(PAUSE),
        }
    }
    let last = Instant::now() + 3 * PATIENCE;
    while open.load(Ordering::Acquire) > 0 && Instant::now() < last {
        thread::sleep(PAUSE);
    }
    Ok(())
}

fn spawn(stream: TcpStream, service: &Arc<Service>, open: &Arc<AtomicUsize>) {
    let (service, open) = (Arc::clone(service), Arc::clone(open));
    open.fetch_add(1, Ordering::AcqRel);
    thread::spawn(move || {
        // A caller that hangs up is no error of the service.
        let _ = converse(stream, &service);
        open.fetch_sub(1, Ordering::AcqRel);
    });
}

fn converse(mut stream: TcpStream, service: &Service) -> io::Result<()> {
    stream.set_nonblocking(false)?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let head = head(&mut stream)?;
    let mut words = head.lines().next().unwrap_or_default().split(' ');
    let answer = match (words.next(), words.next(), words.next()) {
        (Some(method), Some(target), Some(version)) if version.starts_with("HTTP/1.") => service.handle(method, target),
        _ => Answer { status: 400, content_type: "text/plain; charset=utf-8", body: "bad request\n".to_string() },
    };
    write!(
        stream,
        "HTTP/1.1 {} {}\r\nContent-Type: {}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{}",
        answer.status,
        reason(answer.status),
        answer.content_type,
        answer.body.len(),
        answer.body
    )
}

/// Reads up to the empty line, within the time and size that a request may take.
fn head(stream: &mut TcpStream) -> io::Result<String> {
    let end = Instant::now() + PATIENCE;
    let (mut read, mut chunk) = (Vec::new(), [0; 1024]);
    while !read.windows(4).any(|window| window == b"\r\n\r\n") {
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero() || read.len() > LONGEST_HEAD {
            return Err(ErrorKind::InvalidData.into());
        }
        stream.set_read_timeout(Some(left))?;
        match stream.read(&mut chunk)? {
            0 => return Err(ErrorKind::UnexpectedEof.into()),
            count => read.extend_from_slice(&chunk[..count]),
        }
    }
    Ok(String::from_utf8_lossy(&read).into_owned())
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        400 => "Bad Request",
        404 => "Not Found",
        405 => "Method Not Allowed",
        503 => "Service Unavailable",
        _ => "Status",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::SocketAddr;
    use std::sync::atomic::AtomicBool;

    fn asked(address: SocketAddr, request: &str) -> String {
        let mut stream = TcpStream::connect(address).expect("connects");
        stream.write_all(request.as_bytes()).expect("writes");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("reads");
        answer
    }

    #[test]
    fn serves_and_drains() {
        let listener = TcpListener::bind("127.0.0.1:0").expect("binds");
        let address = listener.local_addr().expect("an address");
        let (service, stop) = (Arc::new(Service::default()), Arc::new(AtomicBool::new(false)));
        let told = Arc::clone(&stop);
        let server = thread::spawn(move || {
            serve(&listener, &service, || told.load(Ordering::Relaxed), Duration::from_millis(500))
        });
        let ready = "GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n";
        assert!(asked(address, "GET / HTTP/1.1\r\nHost: x\r\n\r\n").starts_with("HTTP/1.1 200 OK"));
        assert!(asked(address, "nonsense\r\n\r\n").starts_with("HTTP/1.1 400"));
        assert!(asked(address, ready).starts_with("HTTP/1.1 200"));
        stop.store(true, Ordering::Relaxed);
        thread::sleep(Duration::from_millis(100));
        assert!(asked(address, ready).starts_with("HTTP/1.1 503"));
        server.join().expect("ends").expect("without an error");
        assert!(TcpStream::connect(address).is_err());
    }
}
