//! The servers as a client sees them: over TLS, by the kubeconfig.

mod answers;
mod broken;
mod client;
mod timeline;

use crate::demo::{ServerClock, embedded};

#[tokio::test]
async fn the_embedded_fleet_is_good_and_starts() {
    let source = embedded().expect("the embedded fleet is good");
    let now = source.now().expect("it says when it was written");
    let names = source.clusters();
    let running = source.serve(ServerClock::Pinned { now }).await.expect("it serves");
    assert!(names.iter().all(|(name, _)| running.kubeconfig.contains(name.as_str())));
}
