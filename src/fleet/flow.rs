//! The way from many questions that go on to one reader.

use crate::fleet::cluster::ClusterName;
use std::sync::Arc;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Things on their way; more make those wait that can.
const FLOWING: usize = 1024;

type Item<T> = (ClusterName, T, Option<OwnedSemaphorePermit>);

/// Where a question that goes on puts what it finds.
pub struct Sender<T> {
    cluster: ClusterName,
    to: UnboundedSender<Item<T>>,
    room: Arc<Semaphore>,
}

pub struct Receiver<T>(UnboundedReceiver<Item<T>>);

/// A sender, still without its cluster, and the end where everything comes out in the order of its sending.
pub fn channel<T>() -> (Sender<T>, Receiver<T>) {
    let (to, from) = unbounded_channel();
    (Sender { cluster: String::new(), to, room: Arc::new(Semaphore::new(FLOWING)) }, Receiver(from))
}

impl<T> Sender<T> {
    /// Sends when there is room: a slow reader makes a log wait, not the memory grow. False where nobody reads.
    pub async fn send(&self, item: T) -> bool {
        let permit = self.room.clone().acquire_owned().await.ok();
        self.to.send((self.cluster.clone(), item, permit)).is_ok()
    }

    /// Sends at once, for receivers that cannot wait, such as a watch's: what they send must be small.
    pub fn push(&self, item: T) -> bool {
        self.to.send((self.cluster.clone(), item, None)).is_ok()
    }

    pub fn of(&self, cluster: &str) -> Sender<T> {
        Sender { cluster: cluster.to_string(), to: self.to.clone(), room: self.room.clone() }
    }
}

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Sender<T> {
        self.of(&self.cluster)
    }
}

impl<T> Receiver<T> {
    /// The next thing; `None` when every sender is gone.
    pub async fn next(&mut self) -> Option<(ClusterName, T)> {
        self.0.recv().await.map(|(cluster, item, _)| (cluster, item))
    }
}
