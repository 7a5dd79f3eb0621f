//! The servers as a client sees them: over TLS, by the kubeconfig.

mod answers;
mod broken;
mod client;

use std::path::Path;
use std::time::Duration;

use jiff::Timestamp;

use crate::demo::{Clock, embedded, load};

#[tokio::test]
async fn the_embedded_fleet_is_good_and_starts() {
    let source = embedded().expect("the embedded fleet is good");
    let now = source.now().expect("it says when it was written");
    let names = source.clusters();
    let running = source.serve(Clock::Pinned { now }).await.expect("it serves");
    assert!(names.iter().all(|(name, _)| running.kubeconfig.contains(name.as_str())));
}

/// Keeps a fleet up for a kubectl in another terminal.
#[tokio::test]
#[ignore = "a tool for people: serves for an hour, target/demo-fleet or the embedded fleet"]
#[expect(clippy::disallowed_methods, clippy::print_stderr, reason = "a tool for people")]
async fn serve_for_an_hour() {
    let started = std::time::Instant::now();
    let fleet = Path::new("target/demo-fleet");
    let source = if fleet.is_dir() { load(fleet) } else { embedded() }.expect("a good fleet");
    let running = source.serve(Clock::Live { now: Timestamp::now() }).await.expect("it serves");
    eprintln!("up in {:?}", started.elapsed());
    std::fs::write("target/demo-kubeconfig", &running.kubeconfig).expect("written");
    tokio::time::sleep(Duration::from_secs(3600)).await;
}
