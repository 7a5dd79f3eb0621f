//! One container that is followed, through breaks of its connection and from run to run.

use std::sync::Arc;
use std::time::Instant;

use tokio::sync::mpsc;
use tokio::sync::watch;

use crate::commands::logs::life::{ContainerRun, Life};
use crate::commands::logs::notes::Note;
use crate::commands::logs::read::{Batch, How, ReadEnd, read};
use crate::commands::logs::resume::Position;
use crate::commands::logs::targets::LogSource;
use crate::fleet::{Asked, Backoff, Sender, Silence};
use crate::workload::{Object, kind};

/// What is known of the container.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct FollowedState {
    pub life: Life,
    /// Its pod is no more.
    pub is_gone: bool,
}

/// Follows until the pod has gone, logs may not be read, or nobody wants them.
pub async fn follow(
    asked: &Asked,
    source: &Arc<LogSource>,
    mut how: How,
    mut state: watch::Receiver<FollowedState>,
    to: &mpsc::Sender<Batch>,
    notes: &Sender<Note>,
) {
    let mut position = Position::default();
    let mut backoff = Backoff::default();
    // The run in which the connection broke, until it is known how that went on.
    let mut broken_in = None;
    loop {
        let known = state.borrow_and_update().clone();
        if !known.life.has_log {
            if known.is_gone || state.changed().await.is_err() {
                return;
            }
            continue;
        }
        let (before, begun) = (position, Instant::now());
        let end = match mend(asked, source, &how, &mut broken_in, &mut position, to).await {
            Ok(()) => read(asked, source, &how, &mut position, to).await,
            Err(why) => ReadEnd::Broken(why),
        };
        let end = match end {
            ReadEnd::Kubelet(text) => {
                notes.push(Note::Kubelet(source.clone(), text));
                ReadEnd::Whole
            }
            end => end,
        };
        match end {
            ReadEnd::Unwanted => return,
            ReadEnd::Broken(why @ Silence::Forbidden(_)) => {
                notes.push(Note::Broken(source.clone(), why));
                return;
            }
            ReadEnd::Whole if !known.life.running => {
                // Read to its end: the next run is all that can come.
                if next_run(&mut state, &known).await.is_none() {
                    return;
                }
                (how.tail, backoff) = (None, Backoff::default());
                continue;
            }
            ReadEnd::Whole | ReadEnd::Kubelet(_) => how.tail = None,
            ReadEnd::Absent(why) => {
                notes.push(Note::Absent(source.clone(), why));
            }
            ReadEnd::Broken(why) => {
                notes.push(Note::Resumed(source.clone(), why));
                broken_in.get_or_insert(known.life.run);
            }
        }
        if state.borrow().is_gone {
            return;
        }
        if position != before {
            how.tail = None;
        }
        let pause = backoff.pause(begun.elapsed());
        if let Ok(Err(_)) = tokio::time::timeout(pause, state.changed()).await {
            return;
        }
    }
}

/// Waits for another run to begin; nothing where none will.
async fn next_run(state: &mut watch::Receiver<FollowedState>, known: &FollowedState) -> Option<()> {
    let is_other = |state: &FollowedState| state.life.run != known.life.run && state.life.has_log;
    let next = state.wait_for(|state| state.is_gone || is_other(state)).await.ok()?;
    is_other(&next).then_some(())
}

/// After a break: where the container has ended meanwhile and runs anew, the rest of what it wrote is the previous
/// log. The pod is asked, as the watch may have broken too.
async fn mend(
    asked: &Asked,
    source: &Arc<LogSource>,
    how: &How,
    broken_in: &mut Option<ContainerRun>,
    position: &mut Position,
    to: &mpsc::Sender<Batch>,
) -> Result<(), Silence> {
    let (Some(run), Some(_)) = (&*broken_in, position.at) else { return Ok(()) };
    let Some(pods) = kind("Pod") else { return Ok(()) };
    let pods = pods.resource();
    let pod = match asked.object(&pods, Some(&source.namespace), &source.pod).await {
        Ok(pod) => pod,
        // Who may list pods and read logs may still not read one: then nothing can be known.
        Err(Silence::Forbidden(_)) => None,
        Err(why) => return Err(why),
    };
    let is_other = pod.and_then(|json| run_of(&json, &source.container)).is_some_and(|now| now != *run);
    if is_other {
        let how = How { previous: true, follow: false, ..how.clone() };
        if let ReadEnd::Broken(why) = read(asked, source, &how, position, to).await {
            return Err(why);
        }
    }
    *broken_in = None;
    Ok(())
}

fn run_of(json: &str, container: &str) -> Option<ContainerRun> {
    let Object::Pod(pod) = kind("Pod")?.observe(json).ok()? else { return None };
    let life = pod.containers().iter().find(|one| one.name == container).map(Life::of)?;
    Some(life.run)
}
