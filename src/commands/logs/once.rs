//! Without `-f`: every log read to its end, all lines in one order by their time.
//!
//! Each log is one answer of its node, as `kubectl logs` reads it, since nothing else tells where in a log a line stands: times may
//! repeat and run backwards. A log that waits for its turn in the merge is held back on its connection.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::Result;
use futures::StreamExt;
use futures::future::join_all;
use tokio::sync::mpsc::{Receiver, Sender, channel};

use crate::app::App;
use crate::commands::logs::fleetwide::ReadableLogs;
use crate::commands::logs::merge::Merge;
use crate::commands::logs::notes::{Note, Notes};
use crate::commands::logs::options::{Ended, LogOptions};
use crate::commands::logs::printer::LogPrinter;
use crate::commands::logs::read::{Batch, How, ReadEnd, read};
use crate::commands::logs::resume::Position;
use crate::commands::logs::targets::{LogSource, Stream};
use crate::fleet::{Asked, Silence};
use crate::survey::Survey;

/// Batches of one log that wait for their turn, beside the one that is being merged.
const AHEAD: usize = 1;
/// How often a log is opened that breaks off before its first line. Later there is no place to take it up again: only times could
/// name one.
const TRIES: usize = 3;

/// The bytes of a log that are on their way and those that travel together, where so many logs are read at once: 16 MiB and 8 MiB
/// over all of them.
fn portions(logs: usize) -> (u32, usize) {
    let held = u32::try_from((16 << 20) / logs.max(1)).unwrap_or(u32::MAX).clamp(16 << 10, 1 << 20);
    (held, ((8 << 20) / logs.max(1)).clamp(4 << 10, 64 << 10))
}

type LogJob = (Stream, Sender<Batch>);
type NoteSender = crate::fleet::Sender<Note>;

pub async fn run(
    survey: &Survey,
    found: &ReadableLogs,
    wish: &LogOptions,
    app: &App,
    printer: &mut LogPrinter<'_>,
) -> Result<Ended> {
    let (held, together) = portions(found.streams.len());
    let how = How {
        previous: false,
        follow: false,
        tail: wish.tail,
        since: wish.since,
        filter: wish.filter.clone(),
        held,
        together,
        patience: app.options.cluster_timeout,
    };
    let mut jobs: BTreeMap<String, Vec<LogJob>> = BTreeMap::new();
    let mut logs = Vec::new();
    for stream in &found.streams {
        let (to, from) = channel(AHEAD);
        logs.push(from);
        let cluster = survey.clusters[stream.source.cluster].clone();
        jobs.entry(cluster).or_default().push((stream.clone(), to));
    }
    let mut fleet = survey.fleet.clone();
    fleet.retain(|cluster| jobs.contains_key(&cluster.name));
    let (jobs, previous) = (Mutex::new(jobs), wish.previous);
    let following = fleet.follow_further(move |asked, notes: NoteSender| {
        let mine = jobs.lock().ok().and_then(|mut jobs| jobs.remove(&asked.cluster().name));
        let how = how.clone();
        async move {
            let reads = mine.unwrap_or_default().into_iter();
            join_all(reads.map(|job| whole(&asked, job, &how, previous, &notes))).await;
        }
    });
    let mut following = std::pin::pin!(following);
    let interrupted = merge(logs, &found.streams, printer).await?;
    let mut notes = Notes::new(&app.ui, &survey.clusters);
    // Logs that are still being read have nothing more to say to one who has had enough.
    while !interrupted && let Some((_, note)) = following.next().await {
        notes.take(note);
    }
    notes.tell();
    Ok(Ended { interrupted, complete: notes.is_complete })
}

/// One log, or the current one where there is no previous.
async fn whole(asked: &Asked, (stream, to): LogJob, how: &How, previous: bool, notes: &NoteSender) {
    let source = &stream.source;
    let mut position = Position::default();
    if previous && stream.life.has_previous && !stream.life.is_over {
        let how = How { previous, ..how.clone() };
        match tries(asked, source, &how, &mut position, &to).await {
            ReadEnd::Absent(_) | ReadEnd::Kubelet(_) if !position.is_begun => {}
            end => return note_end(source, end, notes),
        }
    }
    if previous {
        notes.push(match stream.life.is_over && stream.life.has_previous {
            true => Note::Ended(source.clone()),
            false => Note::NoPrevious(source.clone()),
        });
    }
    note_end(source, tries(asked, source, how, &mut position, &to).await, notes);
}

fn note_end(source: &Arc<LogSource>, end: ReadEnd, notes: &NoteSender) {
    let source = source.clone();
    let note = match end {
        ReadEnd::Absent(why) => Note::Absent(source, why),
        ReadEnd::Broken(why) => Note::Broken(source, why),
        ReadEnd::Kubelet(text) => Note::Kubelet(source, text),
        ReadEnd::Whole | ReadEnd::Unwanted => return,
    };
    notes.push(note);
}

async fn tries(
    asked: &Asked,
    source: &Arc<LogSource>,
    how: &How,
    position: &mut Position,
    to: &Sender<Batch>,
) -> ReadEnd {
    let mut left = TRIES;
    loop {
        let end = read(asked, source, how, position, to).await;
        left -= 1;
        match &end {
            ReadEnd::Broken(
                Silence::Protocol(_) | Silence::Gone | Silence::Unreachable(_) | Silence::NoConnection { .. },
            ) if left > 0 && !position.is_begun => {
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
            _ => return end,
        }
    }
}

/// Prints all lines; true where Ctrl-C ended it: then what had arrived is printed.
async fn merge(
    mut logs: Vec<Receiver<Batch>>,
    streams: &[Stream],
    printer: &mut LogPrinter<'_>,
) -> Result<bool> {
    let mut merge = Merge::new(logs.len());
    let mut interrupt = std::pin::pin!(crate::ui::interrupted());
    let mut interrupted = false;
    loop {
        if let Some(log) = merge.needs() {
            let batch = match logs[log].try_recv() {
                Ok(batch) => Some(batch),
                Err(_) if interrupted => None,
                Err(_) => {
                    printer.flush()?;
                    tokio::select! {
                        batch = logs[log].recv() => batch,
                        () = &mut interrupt, if !interrupted => {
                            interrupted = true;
                            continue;
                        }
                    }
                }
            };
            merge.feed(log, batch.map(|batch| batch.lines).unwrap_or_default());
            continue;
        }
        let Some((log, line)) = merge.next() else { break };
        printer.print(&streams[log].source, &line)?;
    }
    printer.flush()?;
    Ok(interrupted)
}
