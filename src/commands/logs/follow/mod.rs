//! `-f`: every log as it is written, in order as far as a short wait allows, new pods included.

mod cluster;
mod container;
mod jobs;
mod plan;
mod pods;
mod roster;

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::Result;
use futures::StreamExt;
use tokio::sync::mpsc::channel;
use tokio::time::Instant;

use crate::app::App;
use crate::commands::logs::fleetwide::ReadableLogs;
use crate::commands::logs::follow::plan::{FollowPlan, FollowShared, plans};
use crate::commands::logs::merge::LogClock;
use crate::commands::logs::notes::{Note, Notes};
use crate::commands::logs::options::{Ended, LogOptions};
use crate::commands::logs::printer::LogPrinter;
use crate::commands::logs::read::{Batch, How};
use crate::commands::logs::targets::LogSource;
use crate::commands::logs::window::{HOLD, HOLD_FIRST, Window};
use crate::fleet::Sender;
use crate::fleet::logs::LogLine;
use crate::survey::Survey;

/// Batches on their way from all logs: what limits the memory when a pod screams.
const FLOWING: usize = 32;
/// What a held line costs beside its text.
const OVERHEAD: usize = 128;

pub async fn run(
    survey: &Survey,
    found: ReadableLogs,
    wish: &LogOptions,
    app: &App,
    printer: &mut LogPrinter<'_>,
) -> Result<Ended> {
    let mut order = Order::new(found.streams.len());
    let plans: BTreeMap<String, FollowPlan> = plans(survey, found, app.config()?);
    let (to, mut from) = channel(FLOWING);
    let shared = Arc::new(shared(survey, wish, app));
    let (plans, sender) = (Mutex::new(plans), Mutex::new(Some(to)));
    let following = survey.fleet.follow(|asked, notes: Sender<Note>| {
        let plan = plans.lock().ok().and_then(|mut plans| plans.remove(&asked.cluster().name));
        let to = sender.lock().ok().and_then(|sender| sender.clone());
        let shared = shared.clone();
        async move {
            if let (Some(plan), Some(to)) = (plan, to) {
                cluster::follow(&asked, plan, &shared, &to, &notes).await;
            }
        }
    });
    // Only the clusters hold it now, so that the channel ends with the last of them.
    drop(sender.lock().map(|mut sender| sender.take()));
    let mut following = std::pin::pin!(following);
    let mut notes = Notes::new(&app.ui, &survey.clusters);
    let mut interrupt = std::pin::pin!(crate::ui::interrupted());
    let (mut may_note, mut interrupted) = (true, false);
    loop {
        let now = order.settled();
        while let Some((log, line)) = order.window.pop(now) {
            printer.print(&order.logs[log].0, &line)?;
        }
        if from.is_empty() {
            printer.flush()?;
        }
        tokio::select! {
            batch = from.recv() => match batch {
                Some(batch) => {
                    notes.hears(&survey.clusters[batch.source.cluster]);
                    order.push(batch);
                }
                None => break,
            },
            note = following.next(), if may_note => match note {
                Some((cluster, note)) => notes.now(&cluster, note),
                None => may_note = false,
            },
            () = tokio::time::sleep_until(order.next_due()) => {}
            () = tokio::time::sleep_until(notes.due().unwrap_or_else(std::time::Instant::now).into()), if notes.due().is_some() => {
                notes.settle();
            }
            () = &mut interrupt => {
                interrupted = true;
                break;
            }
        }
    }
    while let Some((log, line)) = order.window.take() {
        printer.print(&order.logs[log].0, &line)?;
    }
    printer.flush()?;
    notes.settle();
    Ok(Ended { interrupted, complete: notes.is_complete })
}

fn shared(survey: &Survey, wish: &LogOptions, app: &App) -> FollowShared {
    FollowShared {
        how: How {
            previous: false,
            follow: true,
            tail: wish.tail,
            since: wish.since,
            filter: wish.filter.clone(),
            held: 256 << 10,
            together: 64 << 10,
            patience: app.options.cluster_timeout,
        },
        containers: wish.containers.clone(),
        only_unhealthy: wish.unhealthy.then_some(survey.thresholds),
        clock: app.env.clock,
        began: app.now(),
        open: AtomicUsize::new(0),
        most: wish.max_streams,
    }
}

/// The lines that are held, until the first of all logs have come a little longer.
struct Order {
    window: Window<LogLine>,
    /// By their numbers in the window.
    logs: Vec<(Arc<LogSource>, LogClock)>,
    /// By where their sources lie, which stay there.
    numbers: HashMap<usize, usize>,
    start: Instant,
    /// Logs whose first lines have not all come; nothing once that is settled.
    unsettled: Option<usize>,
}

impl Order {
    fn new(logs: usize) -> Order {
        let (hold, unsettled) = if logs == 0 { (HOLD, None) } else { (HOLD_FIRST, Some(logs)) };
        let (window, start) = (Window::new(hold), Instant::now());
        Order { window, logs: Vec::new(), numbers: HashMap::new(), start, unsettled }
    }

    fn push(&mut self, batch: Batch) {
        let now = self.start.elapsed();
        let number = *self.numbers.entry(Arc::as_ptr(&batch.source) as usize).or_insert(self.logs.len());
        if number == self.logs.len() {
            self.logs.push((batch.source, LogClock::default()));
        }
        let clock = &mut self.logs[number].1;
        let lines = batch.lines.into_iter().map(|line| {
            let bytes = line.text.len() + OVERHEAD;
            (clock.tick(line.at), line, bytes)
        });
        self.window.push(number, lines, now);
        self.settle(usize::from(batch.is_current), now);
    }

    fn settle(&mut self, more: usize, now: Duration) {
        let Some(left) = self.unsettled.map(|left| left.saturating_sub(more)) else { return };
        self.unsettled = (left > 0 && now < HOLD_FIRST).then_some(left);
        if self.unsettled.is_none() {
            self.window.shorten(if left == 0 { Duration::ZERO } else { HOLD }, HOLD, now);
        }
    }

    /// The present, by which lines may go.
    fn settled(&mut self) -> Duration {
        let now = self.start.elapsed();
        self.settle(0, now);
        now
    }

    fn next_due(&self) -> Instant {
        let hour = Duration::from_secs(3600);
        self.start + self.window.next_due().unwrap_or_else(|| self.start.elapsed() + hour)
    }
}
