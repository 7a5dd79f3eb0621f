//! Credential plugins (`exec` of a kubeconfig user): each distinct one is run once for the whole fleet.

use crate::fleet::plugins::output::{last_lines, login, parse, with_deciding_line};
use crate::fleet::silence::{Silence, brief};
use crate::fleet::tls::ClientIdentity;
use crate::fleet::wire::lock;
use crate::process::{ProcessFailure, ProcessInput, ProcessTask, run};
use futures::FutureExt;
use futures::future::{BoxFuture, Shared};
use jiff::Timestamp;
use kube::config::{Cluster, ExecConfig, ExecInteractiveMode};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::sync::Semaphore;

mod output;
mod policy;

pub use crate::fleet::plugins::policy::PluginPolicy;

/// Plugins that are started at the same time.
const AT_ONCE: usize = 8;

/// After this part of its own clock, and this long at most, a plugin that has not answered makes room for the next one: it waits for
/// somebody, and those that hang are not to be waited for one after the other.
const MAKES_ROOM: (u32, Duration) = (20, Duration::from_millis(500));

/// One plugin, as far as its result depends on it: equal plugins are run once.
#[derive(Clone, Default, Eq, Ord, PartialEq, PartialOrd)]
pub struct Plugin {
    command: String,
    arguments: Vec<String>,
    environment: BTreeMap<String, String>,
    api_version: String,
    mode: InteractiveMode,
    /// `spec.cluster` of the ExecCredential, as JSON text, where `provideClusterInfo` asks for it.
    cluster: Option<String>,
    install_hint: Option<String>,
}

/// `interactiveMode`; what is not said is `IfAvailable`.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
enum InteractiveMode {
    Never,
    #[default]
    IfAvailable,
    Always,
}

/// What a plugin answered.
#[derive(Clone, Default)]
pub struct PluginAnswer {
    pub token: Option<String>,
    pub identity: Option<ClientIdentity>,
    /// When it must be made anew.
    pub expires: Option<Timestamp>,
}

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
    /// What plugins that succeeded had to say, each line once, after the context that had them run.
    notes: Mutex<Vec<(String, String)>>,
}

impl Plugin {
    /// The plugin of a kubeconfig user. `roots` is the PEM of the cluster's certificate authority.
    pub fn new(exec: &ExecConfig, cluster: &Cluster, roots: &[u8]) -> Result<Plugin, Silence> {
        let command =
            exec.command.clone().ok_or_else(|| Silence::credentials("the exec plugin has no command"))?;
        let api_version = exec.api_version.clone().unwrap_or_default();
        if !["client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1"]
            .contains(&api_version.as_str())
        {
            let text = format!(
                "{}: apiVersion \"{}\" is not one that plugins speak",
                short(&command),
                brief(&api_version)
            );
            let hint = renewal(&command, exec.args.as_deref().unwrap_or_default());
            return Err(Silence::Credentials { text, hint });
        }
        let variable = |pair: &std::collections::HashMap<String, String>| {
            Some((pair.get("name")?.clone(), pair.get("value").cloned().unwrap_or_default()))
        };
        Ok(Plugin {
            command,
            arguments: exec.args.clone().unwrap_or_default(),
            environment: exec.env.iter().flatten().filter_map(variable).collect(),
            api_version,
            mode: match exec.interactive_mode {
                Some(ExecInteractiveMode::Never) => InteractiveMode::Never,
                Some(ExecInteractiveMode::Always) => InteractiveMode::Always,
                Some(ExecInteractiveMode::IfAvailable) | None => InteractiveMode::IfAvailable,
            },
            cluster: exec.provide_cluster_info.then(|| cluster_info(cluster, roots).to_string()),
            install_hint: exec.install_hint.clone().filter(|hint| !hint.trim().is_empty()),
        })
    }

    /// The profile of the cloud's own configuration that it is called for.
    fn profile(&self) -> Option<&str> {
        let mut words = self.arguments.iter();
        while let Some(word) = words.next() {
            if word == "--profile" {
                return words.next().map(String::as_str);
            }
            if let Some(profile) = word.strip_prefix("--profile=") {
                return Some(profile);
            }
        }
        self.environment.get("AWS_PROFILE").map(String::as_str)
    }

    fn task(&self, interactive: bool, limit: Option<Duration>) -> ProcessTask {
        let mut spec = json!({ "interactive": interactive });
        if let Some(cluster) =
            self.cluster.as_deref().and_then(|text| serde_json::from_str::<Value>(text).ok())
        {
            spec["cluster"] = cluster;
        }
        let info = json!({ "kind": "ExecCredential", "apiVersion": self.api_version, "spec": spec });
        let mut environment = self.environment.clone();
        environment.insert("KUBERNETES_EXEC_INFO".to_string(), info.to_string());
        ProcessTask {
            program: self.command.clone(),
            arguments: self.arguments.iter().map(OsString::from).collect(),
            environment,
            input: if interactive { ProcessInput::Terminal } else { ProcessInput::Nothing },
            // By its name a terminal could be asked on from another session, too.
            withheld: if interactive { Vec::new() } else { vec!["GPG_TTY".to_string()] },
            limit,
            most: 1 << 20,
            ..ProcessTask::default()
        }
    }
}

/// `ExecCredential.spec.cluster`, field by field as client-go fills it.
fn cluster_info(cluster: &Cluster, roots: &[u8]) -> Value {
    use base64::Engine;
    let mut info = json!({ "server": cluster.server });
    let extension =
        cluster.extensions.iter().flatten().find(|one| one.name == "client.authentication.k8s.io/exec");
    let roots = (!roots.is_empty()).then(|| base64::engine::general_purpose::STANDARD.encode(roots));
    let fields = [
        ("tls-server-name", json!(cluster.tls_server_name)),
        ("insecure-skip-tls-verify", json!(cluster.insecure_skip_tls_verify.filter(|skip| *skip))),
        ("certificate-authority-data", json!(roots)),
        ("proxy-url", json!(cluster.proxy_url)),
        ("disable-compression", json!(cluster.disable_compression.filter(|off| *off))),
        ("config", extension.map_or(Value::Null, |one| one.extension.clone())),
    ];
    for (name, value) in fields.into_iter().filter(|(_, value)| !value.is_null()) {
        info[name] = value;
    }
    info
}

impl Plugins {
    /// `now` is the real clock's instant, `terminal` whether a plugin may ask a person, `limit` its own clock.
    pub fn new(now: Timestamp, terminal: bool, limit: Duration, policy: PluginPolicy) -> Plugins {
        let room = Room {
            slots: Semaphore::new(AT_ONCE),
            prompt: tokio::sync::Mutex::new(()),
            terminal,
            limit,
            policy,
            notes: Mutex::default(),
        };
        Plugins { runs: Mutex::default(), room: Arc::new(room), started: (now, Instant::now()) }
    }

    /// The real clock, as far as this process has been told and has measured since.
    pub fn now(&self) -> Timestamp {
        let (then, since) = self.started;
        then.checked_add(since.elapsed()).unwrap_or(then)
    }

    /// What plugins printed on stderr beside a good credential, so far: `context NAME: plugin COMMAND: LINE` each, by
    /// the context that had it run.
    pub fn notes(&self) -> Vec<String> {
        lock(&self.room.notes).iter().map(|(context, text)| format!("context {context}: {text}")).collect()
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
        let running = execute(context.to_string(), plugin.clone(), self.room.clone()).boxed().shared();
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

/// Runs a plugin quietly first, many beside each other. Only one that fails so and may ask a person is run again
/// alone, with the terminal and without a clock; one that must ask is run so at once.
async fn execute(context: String, plugin: Plugin, room: Arc<Room>) -> Result<Arc<PluginAnswer>, Silence> {
    room.policy.check(&plugin.command)?;
    if plugin.mode == InteractiveMode::Always && !room.terminal {
        return Err(Silence::credentials(format!(
            "{} asks questions and needs a terminal",
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
        match quiet {
            Err((_, Retry::Interactive)) if may_ask => {}
            other => return other.map(Arc::new).map_err(|(why, _)| why),
        }
    }
    let _alone = room.prompt.lock().await;
    once(&plugin, plugin.task(true, None)).await.map(|(made, _)| Arc::new(made)).map_err(|(why, _)| why)
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

/// The command that writes a kubeconfig's entry anew, where its version is no longer spoken.
fn renewal(command: &str, arguments: &[String]) -> Option<String> {
    let behind = |flags: &[&str]| {
        let at = arguments.iter().position(|word| flags.contains(&word.as_str()))?;
        arguments.get(at + 1).map(|value| crate::text::shell_word(value))
    };
    let name = behind(&["--cluster-name", "-i", "--cluster-id"]).unwrap_or_else(|| "CLUSTER".to_string());
    Some(match short(command).as_str() {
        "aws" | "aws-iam-authenticator" => {
            let region = behind(&["--region"]).map(|region| format!(" --region {region}"));
            format!("aws eks update-kubeconfig --name {name}{}", region.unwrap_or_default())
        }
        "gke-gcloud-auth-plugin" | "gcloud" => {
            "gcloud container clusters get-credentials CLUSTER".to_string()
        }
        "kubelogin" => "kubelogin convert-kubeconfig".to_string(),
        "doctl" => "doctl kubernetes cluster kubeconfig save CLUSTER".to_string(),
        "tsh" => "tsh kube login CLUSTER".to_string(),
        _ => return None,
    })
}

fn short(command: &str) -> String {
    brief(command.rsplit(['/', '\\']).next().unwrap_or(command))
}
