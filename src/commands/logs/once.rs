//! Without `-f`: every log read to its end, all lines in one order by their time.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::Result;
use futures::StreamExt;
use futures::future::join_all;
use tokio::sync::mpsc::{Receiver, Sender, channel};

use crate::app::App;
use crate::commands::logs::fleetwide::Found;
use crate::commands::logs::merge::Merge;
use crate::commands::logs::notes::{Note, Notes};
use crate::commands::logs::pages::{page_size, read};
use crate::commands::logs::printer::Printer;
use crate::commands::logs::read::{Batch, End, How};
use crate::commands::logs::resume::Position;
use crate::commands::logs::targets::{Source, Stream};
use crate::commands::logs::wish::{Ended, Wish};
use crate::fleet::{Asked, Silence};
use crate::survey::Scene;

/// Batches of one log that wait for their turn, beside the one that is being merged.
const AHEAD: usize = 1;
/// How often a log that breaks off is taken up again, as long as there is more of it each time.
const TRIES: usize = 3;

type Job = (Stream, Sender<Batch>);
type NoteSender = crate::fleet::Sender<Note>;

pub async fn run(
    scene: &Scene,
    found: &Found,
    wish: &Wish,
    app: &App,
    printer: &mut Printer<'_>,
) -> Result<Ended> {
    let how = How {
        previous: false,
        follow: false,
        tail: wish.tail,
        since: wish.since,
        filter: wish.filter.clone(),
        page: page_size(found.streams.len()),
        patience: app.options.cluster_timeout,
    };
    let mut jobs: BTreeMap<String, Vec<Job>> = BTreeMap::new();
    let mut logs = Vec::new();
    for stream in &found.streams {
        let (to, from) = channel(AHEAD);
        logs.push(from);
        let cluster = scene.clusters[stream.source.cluster].clone();
        jobs.entry(cluster).or_default().push((stream.clone(), to));
    }
    let mut fleet = scene.fleet.clone();
    fleet.retain(|cluster| jobs.contains_key(&cluster.name));
    let (jobs, previous) = (Mutex::new(jobs), wish.previous);
    let following = fleet.follow(move |asked, notes: NoteSender| {
        let mine = jobs.lock().ok().and_then(|mut jobs| jobs.remove(&asked.cluster().name));
        let how = how.clone();
        async move {
            let reads = mine.unwrap_or_default().into_iter();
            join_all(reads.map(|job| whole(&asked, job, &how, previous, &notes))).await;
        }
    });
    let mut following = std::pin::pin!(following);
    let interrupted = merge(logs, &found.streams, printer).await?;
    let mut notes = Notes::new(&app.ui, &scene.clusters);
    // Logs that are still being read have nothing more to say to one who has had enough.
    while !interrupted && let Some((_, note)) = following.next().await {
        notes.take(note);
    }
    notes.tell();
    Ok(Ended { interrupted, complete: notes.is_complete })
}

/// One log, or the current one where there is no previous; a break is mended as long as that gets on.
async fn whole(asked: &Asked, (stream, to): Job, how: &How, previous: bool, notes: &NoteSender) {
    let source = &stream.source;
    let mut position = Position::default();
    if previous && stream.life.has_previous {
        let how = How { previous, ..how.clone() };
        match tries(asked, source, &how, &mut position, &to).await {
            End::Absent(_) if position.at.is_none() => {}
            End::Broken(why) => {
                notes.push(Note::Broken(source.clone(), why));
                return;
            }
            _ => return,
        }
    }
    if previous {
        notes.push(Note::NoPrevious(source.clone()));
    }
    let note = match tries(asked, source, how, &mut position, &to).await {
        End::Absent(why) => Note::Absent(source.clone(), why),
        End::Broken(why) => Note::Broken(source.clone(), why),
        End::Whole | End::Unwanted => return,
    };
    notes.push(note);
}

async fn tries(
    asked: &Asked,
    source: &Arc<Source>,
    how: &How,
    position: &mut Position,
    to: &Sender<Batch>,
) -> End {
    let mut left = TRIES;
    loop {
        let before = *position;
        let end = read(asked, source, how, position, to).await;
        left -= 1;
        match &end {
            End::Broken(Silence::Protocol(_) | Silence::Unreachable(_))
                if left > 0 && *position != before =>
            {
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
    printer: &mut Printer<'_>,
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
