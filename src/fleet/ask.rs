//! One cluster's part of a question, from its credential to its last byte.

use crate::fleet::asked::Asked;
use crate::fleet::asked::RequestClock;
use crate::fleet::cluster::ClusterName;
use crate::fleet::gap::{Answer, Gap};
use crate::fleet::members::FleetMember;
use crate::fleet::silence::Silence;
use crate::fleet::wire::lock;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// A question that ignores its deadline is given up this much later.
const NET: Duration = Duration::from_secs(1);
/// How long an answer waits for the version, which was asked at the same time.
const VERSION_GRACE: Duration = Duration::from_millis(200);
/// The same where it must be known which cluster this is: rows would be doubled otherwise.
const UID_GRACE: Duration = Duration::from_secs(1);

/// A task that ends with the stream that waits for it.
pub struct Stopping<T>(pub tokio::task::JoinHandle<T>);

impl<T> Stopping<T> {
    pub async fn joined(mut self) -> Option<T> {
        (&mut self.0).await.ok()
    }
}

impl<T> Drop for Stopping<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// The answer for a question that broke: better a silent cluster than a missing one.
pub fn given_up<T: Default>(cluster: ClusterName) -> Answer<T> {
    let gaps = vec![Gap::cluster(Silence::Protocol("the question could not be finished".to_string()))];
    Answer { cluster, elapsed: Duration::ZERO, version: None, uid: None, value: T::default(), gaps }
}

/// Makes the credential, connects, then puts the question; the cluster's clock runs from the connection on.
pub async fn ask_one<T, Fut>(
    member: Arc<FleetMember>,
    limit: Option<Duration>,
    question: impl Fn(Asked) -> Fut,
) -> Answer<T>
where
    T: Default,
    Fut: Future<Output = (T, Vec<Gap>)>,
{
    let begun = Instant::now();
    let cluster = member.cluster.name.clone();
    let silent = |why: Silence, elapsed: Duration| {
        let gaps = vec![Gap::cluster(why)];
        Answer { cluster: cluster.clone(), elapsed, version: None, uid: None, value: T::default(), gaps }
    };
    if let Some(slept) = member.slept.get() {
        return silent(slept.why.clone(), slept.elapsed);
    }
    if let Err(why) = member.open().await {
        member.remember_silence(&why, begun.elapsed());
        return silent(why, begun.elapsed());
    }
    let connected = Instant::now();
    let deadline = limit.map(|limit| (connected + member.rest(limit), limit));
    let grace = if member.cluster.shared_server.is_some() { UID_GRACE } else { VERSION_GRACE };
    let asked = Asked::new(member.clone(), RequestClock::Until(deadline));
    // What both learn stays with the member.
    let mut beside = std::pin::pin!(async { futures::join!(asked.version(), asked.uid()) });
    let mut answering = std::pin::pin!(within_net(deadline, question(asked.clone())));
    let mut is_told = false;
    let (value, gaps) = tokio::select! {
        said = &mut answering => said,
        _ = &mut beside => {
            is_told = true;
            answering.await
        }
    };
    let elapsed = begun.elapsed();
    if !is_told {
        let _ = tokio::time::timeout(grace, beside).await;
    }
    *lock(&member.spent) += connected.elapsed();
    let (version, uid) = (member.version.get().cloned(), member.uid.get().cloned());
    if !member.stays_open {
        member.endpoint.hang_up().await;
    }
    let gaps = summed_up(gaps, asked.has_answered());
    if let Some(gap) = gaps.iter().find(|gap| gap.kind.is_none()) {
        member.remember_silence(&gap.why, elapsed);
    }
    Answer { cluster: cluster.clone(), elapsed, version, uid, value, gaps }
}

async fn within_net<T: Default>(
    deadline: Option<(Instant, Duration)>,
    answering: impl Future<Output = (T, Vec<Gap>)>,
) -> (T, Vec<Gap>) {
    let Some((end, limit)) = deadline else { return answering.await };
    let given_up = |_| (T::default(), vec![Gap::cluster(Silence::TimedOut(limit))]);
    tokio::time::timeout_at(end + NET, answering).await.unwrap_or_else(given_up)
}

/// A cluster of which nothing was heard is silent as a whole, for the reason that weighs most: one that holds for
/// the cluster, else the first.
fn summed_up(gaps: Vec<Gap>, has_answered: bool) -> Vec<Gap> {
    if has_answered || gaps.is_empty() {
        return gaps;
    }
    let main = gaps.iter().find(|gap| gap.kind.is_none() || gap.why.is_of_cluster()).or(gaps.first());
    main.map(|gap| vec![Gap::cluster(gap.why.clone())]).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::summed_up;
    use crate::fleet::{Gap, Silence};

    #[test]
    fn a_cluster_that_said_nothing_is_silent_once() {
        let forbidden = || Gap::kind("Pod", Silence::Forbidden("no".to_string()));
        let unauthorized = || Gap::kind("Job", Silence::Unauthorized);
        assert_eq!(summed_up(vec![forbidden(), unauthorized()], true), [forbidden(), unauthorized()]);
        assert_eq!(
            summed_up(vec![forbidden(), unauthorized()], false),
            [Gap::cluster(Silence::Unauthorized)]
        );
        assert_eq!(summed_up(vec![forbidden()], false), [Gap::cluster(forbidden().why)]);
        assert_eq!(summed_up(Vec::new(), false), []);
    }
}
