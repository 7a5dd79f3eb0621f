//! One container that is followed, through breaks of its connection and from run to run.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::sync::watch;

use crate::commands::logs::life::Life;
use crate::commands::logs::notes::Note;
use crate::commands::logs::read::{Batch, End, How, read};
use crate::commands::logs::resume::Position;
use crate::commands::logs::targets::Source;
use crate::fleet::{Asked, Sender, Silence};

/// The pause before a log is opened again, doubled from the one to the other while nothing comes.
const PAUSES: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(30));

/// What is known of the container.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct State {
    pub life: Life,
    /// Its pod is no more.
    pub is_gone: bool,
}

/// Follows until the pod has gone, logs may not be read, or nobody wants them.
pub async fn follow(
    asked: &Asked,
    source: &Arc<Source>,
    mut how: How,
    mut state: watch::Receiver<State>,
    to: &mpsc::Sender<Batch>,
    notes: &Sender<Note>,
) {
    let mut position = Position::default();
    let mut pause = PAUSES.0;
    loop {
        let known = state.borrow_and_update().clone();
        if !known.life.has_log {
            if known.is_gone || state.changed().await.is_err() {
                return;
            }
            continue;
        }
        let before = position;
        let end = read(asked, source, &how, &mut position, to).await;
        let run_has_changed = state.borrow().life.run != known.life.run;
        match end {
            End::Unwanted => return,
            End::Broken(why @ Silence::Forbidden(_)) => {
                notes.push(Note::Broken(source.clone(), why));
                return;
            }
            End::Whole if !known.life.running => {
                // Read to its end: the next run is all that can come.
                if next_run(&mut state, &known).await.is_none() {
                    return;
                }
                (how.tail, pause) = (None, PAUSES.0);
                continue;
            }
            End::Whole => how.tail = None,
            End::Absent(why) => {
                notes.push(Note::Absent(source.clone(), why));
            }
            End::Broken(why) => {
                notes.push(Note::Resumed(source.clone(), why));
                if run_has_changed {
                    rest_of_last_run(asked, source, &how, &mut position, to).await;
                }
            }
        }
        if state.borrow().is_gone {
            return;
        }
        if position != before {
            (how.tail, pause) = (None, PAUSES.0);
        }
        if let Ok(Err(_)) = tokio::time::timeout(pause, state.changed()).await {
            return;
        }
        pause = (pause * 2).min(PAUSES.1);
    }
}

/// Waits for another run to begin; nothing where none will.
async fn next_run(state: &mut watch::Receiver<State>, known: &State) -> Option<()> {
    let is_other = |state: &State| state.life.run != known.life.run && state.life.has_log;
    let next = state.wait_for(|state| state.is_gone || is_other(state)).await.ok()?;
    is_other(&next).then_some(())
}

/// The connection broke, and the container ended before it was taken up again: the rest is the previous log.
async fn rest_of_last_run(
    asked: &Asked,
    source: &Arc<Source>,
    how: &How,
    position: &mut Position,
    to: &mpsc::Sender<Batch>,
) {
    if position.at.is_some() {
        let how = How { previous: true, follow: false, ..how.clone() };
        read(asked, source, &how, position, to).await;
    }
}
