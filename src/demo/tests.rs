//! The servers as a client sees them.

use std::path::Path;
use std::time::Duration;

use jiff::Timestamp;

use crate::demo::{Clock, load};

/// Keeps a fleet up for a kubectl in another terminal.
#[tokio::test]
#[ignore = "serves until it is stopped"]
async fn serve_for_a_while() {
    let source = load(Path::new("target/demo-fleet")).expect("a good fleet");
    let started = std::time::Instant::now();
    let running = source.serve(Clock::Live { now: Timestamp::now() }).await.expect("it serves");
    eprintln!("up in {:?}", started.elapsed());
    std::fs::write("target/demo-kubeconfig", &running.kubeconfig).expect("written");
    tokio::time::sleep(Duration::from_secs(3600)).await;
}
