//! A cluster that changes while it is asked: its moments, one after the other.

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;
use tokio::time::Instant;

use crate::demo::state::manifests::PlacedObject;
use crate::demo::state::store::Store;
use crate::demo::timeline::content::ClusterContent;
use crate::demo::timeline::edit;
use crate::demo::timeline::steps::{ObjectName, TimelineAction, TimelineStep};
use crate::yaml::Problem;

/// The present of a cluster; requests see one moment of it, watches and logs go on with it.
pub struct Live {
    present: watch::Sender<Arc<ClusterContent>>,
}

pub type Following = watch::Receiver<Arc<ClusterContent>>;

impl Live {
    pub fn new(cluster: Arc<ClusterContent>) -> Live {
        Live { present: watch::Sender::new(cluster) }
    }

    pub fn now(&self) -> Arc<ClusterContent> {
        self.present.borrow().clone()
    }

    /// Notices every moment that comes after this call.
    pub fn follow(&self) -> Following {
        self.present.subscribe()
    }

    /// Lets the moments come to pass, each so long after the start.
    pub async fn play(&self, start: Instant, moments: Vec<(Duration, Arc<ClusterContent>)>) {
        for (after, moment) in moments {
            tokio::time::sleep_until(start + after).await;
            self.present.send_replace(moment);
        }
    }
}

/// What becomes of a cluster, step by step. The error names the step that cannot be done.
pub fn moments(
    first: &Arc<ClusterContent>,
    steps: Vec<TimelineStep<Vec<PlacedObject>>>,
) -> Result<Vec<(Duration, Arc<ClusterContent>)>, Problem> {
    let mut moments: Vec<(Duration, Arc<ClusterContent>)> = Vec::new();
    for step in steps {
        let before = moments.last().map_or(first, |(_, before)| before);
        let mut cluster = ClusterContent::clone(before);
        let mut store = Store::clone(&before.store);
        match step.deed {
            TimelineAction::Apply(objects) => edit::apply(&mut store, objects, at(before, step.after)),
            TimelineAction::Delete(named) => {
                if !delete(&mut store, &named) {
                    let text = format!("timeline: delete: there is no {}/{} then", named.plural, named.key);
                    return Err(Problem::new(step.place, text));
                }
            }
            TimelineAction::Break(fault) => cluster.fault = Some(fault),
            TimelineAction::Mend => cluster.fault = None,
        }
        if store.revision > before.store.revision {
            cluster.past.push(before.store.clone());
            cluster.store = Arc::new(store);
        }
        moments.push((step.after, Arc::new(cluster)));
    }
    Ok(moments)
}

/// The instant of a step, as the cluster tells it.
fn at(cluster: &ClusterContent, after: Duration) -> Timestamp {
    let after = SignedDuration::try_from(after).unwrap_or(SignedDuration::ZERO);
    cluster.clock.after_start(after)
}

fn delete(store: &mut Store, named: &ObjectName) -> bool {
    let of_kind = |group: &String, plural: &String| {
        *plural == named.plural && (named.group.is_empty() || *group == named.group)
    };
    let found = store.all().find(|((group, plural), key, _)| of_kind(group, plural) && *key == named.key);
    let kept = found.map(|(kept, _, _)| kept.clone());
    kept.is_some_and(|kept| edit::delete(store, &kept, &named.key))
}
