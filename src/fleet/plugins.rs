//! Credential plugins (`exec` of a kubeconfig user): each distinct one is run once for the whole fleet.

use crate::fleet::plugins::output::{last_lines, login, parse, with_deciding_line};
use crate::fleet::plugins::plugin::{InteractiveMode, PluginAnswer, short};
use crate::fleet::plugins::store::CredentialStore;
use crate::fleet::silence::{Silence, brief};
use crate::fleet::wire::lock;
use crate::process::{ProcessFailure, ProcessTask, run};
use futures::FutureExt;
use futures::future::{BoxFuture, Shared};
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant};
use tokio::sync::Semaphore;

mod output;
mod plugin;
mod policy;
mod store;

pub use plugin::Plugin;
pub use policy::PluginPolicy;
pub use store::CredentialStoreSetup;

/// Plugins are started at the same time as there are cores, but never fewer than this.
const LEAST_AT_ONCE: usize = 4;

/// After this part of its own clock, and this long at most, a plugin that has not answered makes room for the next one: it waits for
/// somebody, and those that hang are not to be waited for one after the other. Those that compute are done by then.
const MAKES_ROOM: (u32, Duration) = (20, Duration::from_secs(1));

type PluginRun = Shared<BoxFuture<'static, Result<Arc<PluginAnswer>, Silence>>>;

/// The runs of this process, by plugin.
pub struct Plugins {
    runs: Mutex<BTreeMap<Plugin, (u64, PluginRun)>>,
    room: Arc<Room>,
    started: (Timestamp, Instant),
}

/// What all runs share.
struct Room {
    slots: Semaphore,
    /// One prompt at a time, and none without a terminal.
    prompt: tokio::sync::Mutex<()>,
    terminal: bool,
    limit: Duration,
    policy: PluginPolicy,
    /// What was answered in earlier runs.
    stored: Option<CredentialStoreSetup>,
    store: OnceLock<Option<CredentialStore>>,
    /// From the start of the first plugin to the end of the last one whose answer could have been kept.
    took: Mutex<Option<(Instant, Duration)>>,
    /// What plugins that succeeded had to say, each line once, after the context that had them run.
    notes: Mutex<Vec<(String, String)>>,
}

impl Plugins {
    /// `now` is the real clock's instant, `terminal` whether a plugin may ask a person, `limit` its own clock.
    pub fn new(
        now: Timestamp,
        terminal: bool,
        limit: Duration,
        policy: PluginPolicy,
        stored: Option<CredentialStoreSetup>,
    ) -> Plugins {
        // Most plugins are a program that computes for as long as it takes to start.
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        let room = Room {
            slots: Semaphore::new(cores.max(LEAST_AT_ONCE)),
            prompt: tokio::sync::Mutex::new(()),
            terminal,
            limit,
            policy,
            stored,
            store: OnceLock::new(),
            took: Mutex::default(),
            notes: Mutex::default(),
        };
        Plugins { runs: Mutex::default(), room: Arc::new(room), started: (now, Instant::now()) }
    }

    /// The real clock, as far as this process has been told and has measured since.
    pub fn now(&self) -> Timestamp {
        now(self.started)
    }

    /// What plugins printed on stderr beside a good credential, so far: `context NAME: plugin COMMAND: LINE` each, by
    /// the context that had it run.
    pub fn notes(&self) -> Vec<String> {
        lock(&self.room.notes).iter().map(|(context, text)| format!("context {context}: {text}")).collect()
    }

    /// How long plugins have taken so far whose answers could have been kept for the next run, and were not asked to be.
    pub fn took(&self) -> Option<Duration> {
        let took = lock(&self.room.took).map(|(_, took)| took);
        took.filter(|took| self.room.stored.is_none() && !took.is_zero())
    }

    /// What the plugin answers, from the one run that all clusters share. It is run again where its answer has
    /// expired, or where it is the one of generation `rejected`. `context` is who asks.
    pub async fn credential(
        &self,
        context: &str,
        plugin: &Plugin,
        rejected: Option<u64>,
    ) -> Result<(u64, Arc<PluginAnswer>), Silence> {
        let (generation, running) = self.running(context, plugin, rejected);
        Ok((generation, running.await?))
    }

    fn running(&self, context: &str, plugin: &Plugin, rejected: Option<u64>) -> (u64, PluginRun) {
        let mut runs = lock(&self.runs);
        let last = runs.get(plugin);
        if let Some((generation, running)) = last
            && rejected != Some(*generation)
            && !self.is_expired(running)
        {
            return (*generation, running.clone());
        }
        let generation = last.map_or(1, |(generation, _)| generation + 1);
        let (clock, room) = (self.started, self.room.clone());
        // What a server has rejected, or what has ended in this run, is not what an earlier run has kept.
        let may_be_kept = last.is_none();
        let running = kept_or_executed(context.to_string(), plugin.clone(), room, may_be_kept, clock);
        let running = running.boxed().shared();
        runs.insert(plugin.clone(), (generation, running.clone()));
        (generation, running)
    }

    fn is_expired(&self, running: &PluginRun) -> bool {
        matches!(running.peek(), Some(Ok(made)) if self.is_past(made.expires))
    }

    /// Whether an instant has come, by the real clock.
    pub fn is_past(&self, instant: Option<Timestamp>) -> bool {
        instant.is_some_and(|instant| instant <= self.now())
    }
}

fn now((then, since): (Timestamp, Instant)) -> Timestamp {
    then.checked_add(since.elapsed()).unwrap_or(then)
}

/// What an earlier run has kept, else what the plugin answers now, which is then kept.
async fn kept_or_executed(
    context: String,
    plugin: Plugin,
    room: Arc<Room>,
    may_be_kept: bool,
    clock: (Timestamp, Instant),
) -> Result<Arc<PluginAnswer>, Silence> {
    room.policy.check(&plugin.command)?;
    if let Some(store) = room.store() {
        match may_be_kept {
            true => {
                if let Some(kept) = store.load(&plugin, now(clock)) {
                    return Ok(Arc::new(kept));
                }
            }
            false => store.forget(&plugin),
        }
    }
    let begun = Instant::now();
    lock(&room.took).get_or_insert((begun, Duration::ZERO));
    let answered = execute(context, plugin.clone(), room.clone()).await?;
    if let Some((first, took)) = lock(&room.took).as_mut().filter(|_| answered.expires.is_some()) {
        *took = first.elapsed();
    }
    if let Some(store) = room.store() {
        store.save(&plugin, &answered, now(clock));
    }
    Ok(answered)
}

/// Runs a plugin quietly first, many beside each other. Only one that fails so and may ask a person is run again
/// alone, with the terminal and without a clock; one that must ask is run so at once.
async fn execute(context: String, plugin: Plugin, room: Arc<Room>) -> Result<Arc<PluginAnswer>, Silence> {
    if plugin.mode == InteractiveMode::Always && !room.terminal {
        return Err(Silence::credentials(format!(
            "{} asks questions and needs a terminal: run `callboard clusters` on one first",
            short(&plugin.command)
        )));
    }
    if plugin.mode != InteractiveMode::Always {
        let quiet = in_room(&room, once(&plugin, plugin.task(false, Some(room.limit)))).await;
        let quiet = quiet.map(|(made, printed)| {
            room.note(&context, &plugin, &printed);
            made
        });
        let may_ask = plugin.mode == InteractiveMode::IfAvailable && room.terminal;
        return match quiet {
            Err((why, Retry::Interactive)) if may_ask => {
                let said = format!("{}; once more, with the terminal:", why.message());
                // What it prints now nobody else sees: what it said before is the reason.
                asking(&context, &plugin, &room, &said).await.map_err(|_| why)
            }
            other => other.map(Arc::new).map_err(|(why, _)| why),
        };
    }
    let said = format!("{} asks:", short(&plugin.command));
    asking(&context, &plugin, &room, &said).await
}

/// Runs a plugin alone, with the terminal and without a clock; first it is said for which context.
async fn asking(
    context: &str,
    plugin: &Plugin,
    room: &Room,
    said: &str,
) -> Result<Arc<PluginAnswer>, Silence> {
    let _alone = room.prompt.lock().await;
    let _screen = crate::ui::give_screen_away(&format!("context {}: {said}", brief(context)));
    once(plugin, plugin.task(true, None)).await.map(|(made, _)| Arc::new(made)).map_err(|(why, _)| why)
}

/// Begins where there is room, and gives that up before its end where it takes long.
async fn in_room<T>(room: &Room, run: impl Future<Output = T>) -> T {
    let slot = room.slots.acquire().await;
    let mut run = std::pin::pin!(run);
    match tokio::time::timeout((room.limit / MAKES_ROOM.0).min(MAKES_ROOM.1), &mut run).await {
        Ok(done) => done,
        Err(_) => {
            drop(slot);
            run.await
        }
    }
}

impl Room {
    /// Where answers are kept, made when a plugin is first needed.
    fn store(&self) -> Option<&CredentialStore> {
        self.store.get_or_init(|| self.stored.clone().and_then(CredentialStore::open)).as_ref()
    }

    fn note(&self, context: &str, plugin: &Plugin, printed: &str) {
        let mut notes = lock(&self.notes);
        for line in last_lines(printed) {
            let text = format!("plugin {}: {line}", short(&plugin.command));
            if !notes.iter().any(|(_, known)| *known == text) {
                notes.push((brief(context), text));
            }
        }
    }
}

/// Whether a person at a terminal could change a failure.
enum Retry {
    Interactive,
    Pointless,
}

/// What the plugin made, and what it printed on stderr.
async fn once(plugin: &Plugin, task: ProcessTask) -> Result<(PluginAnswer, String), (Silence, Retry)> {
    let name = short(&plugin.command);
    let told = |text: String, printed: &str| {
        let hint = login(plugin, printed).or_else(|| plugin.install_hint.as_deref().map(brief));
        Silence::Credentials { text, hint }
    };
    let done = match run(task).await {
        Ok(done) => done,
        Err(ProcessFailure::NotFound) => {
            let hint = plugin.install_hint.as_deref().map(brief);
            let text = format!("credential plugin {name} is not installed");
            return Err((Silence::Credentials { text, hint }, Retry::Pointless));
        }
        Err(ProcessFailure::TimedOut { after, stderr }) => {
            let text = with_deciding_line(
                &format!("{name} gave no credential in {}", crate::fleet::silence::seconds(after)),
                &stderr,
            );
            return Err((Silence::Credentials { text, hint: login(plugin, &stderr) }, Retry::Interactive));
        }
        Err(failure) => return Err((Silence::credentials(format!("{name} {failure}")), Retry::Pointless)),
    };
    let printed = String::from_utf8_lossy(&done.stderr).into_owned();
    if done.code != 0 {
        let text = with_deciding_line(&format!("{name} exited with {}", done.code), &printed);
        return Err((told(text, &printed), Retry::Interactive));
    }
    match parse(plugin, &done) {
        Ok(made) => Ok((made, printed)),
        Err(text) => {
            let text = with_deciding_line(&format!("{name} {text}"), &printed);
            Err((told(text, &printed), Retry::Pointless))
        }
    }
}
