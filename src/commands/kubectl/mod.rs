//! `kubectl SERVICE -- ARGS`: the real kubectl, where the service lives.

mod call;
mod run;

use std::ffi::OsString;

use anyhow::Result;
use clap::Args;

use crate::app::App;
use crate::args::WhichArgs;
use crate::commands::context::{ContextItem, FoundTargets, nowhere, targets};
use crate::commands::kubectl::call::KubectlCall;
use crate::commands::kubectl::run::{Destination, run_in};
use crate::outcome::{Outcome, misused, unanswered};
use crate::survey::silences;
use crate::text::{count, listed};

/// Targets that an error names before the rest is counted.
const MOST_NAMED: usize = 20;

/// Run the real kubectl where a service lives
///
/// Once for each context and namespace of the service: with one the terminal is handed over (exec, edit, port-forward), with several they run
/// at the same time, each line labelled, and only verbs that read: get, describe, logs, events, top, explain, wait, rollout
/// status, rollout history, auth can-i. The exit code is kubectl's own, of several the worst; 4: a cluster did not answer.
#[derive(Args, Debug)]
#[command(before_help = "callboard kubectl checkout -- get pods -o wide
callboard kubectl checkout --context eu-west-1 -- exec -it deploy/checkout -- sh")]
pub struct KubectlArgs {
    /// Name or entity ref
    #[arg(value_name = "SERVICE", required_unless_present = "selector")]
    service: Option<String>,

    /// Where something carries these labels, instead of a service
    #[arg(short = 'l', long, value_name = "SELECTOR", conflicts_with = "service")]
    selector: Option<String>,

    /// With -l: only this namespace
    #[arg(short, long, value_name = "NAMESPACE", requires = "selector")]
    namespace: Option<String>,

    /// kubectl's own arguments, the verb first
    #[arg(last = true, required = true, value_name = "ARGS")]
    arguments: Vec<OsString>,
}

pub fn run(args: &KubectlArgs, app: &App) -> Result<Outcome> {
    let call = KubectlCall::of(&args.arguments).map_err(|flag| {
        misused(
            format!("{flag} behind -- would lead kubectl elsewhere"),
            "callboard's own --context and --kubeconfig, before --, choose among the service's places",
        )
    })?;
    let which = WhichArgs {
        services: args.service.iter().cloned().collect(),
        selector: args.selector.clone(),
        namespace: args.namespace.clone(),
        ..WhichArgs::default()
    };
    let found = targets(&which, app)?;
    if found.interrupted {
        return Ok(Outcome::Interrupted);
    }
    let mut items: Vec<&ContextItem> = found.items.iter().filter(|item| item.seen).collect();
    let mut known = std::collections::BTreeSet::new();
    // The pods of two services of one namespace are in one place.
    items.retain(|item| known.insert((&item.context, (!call.has_namespace()).then_some(&item.namespace))));
    silences(&found.clusters).iter().for_each(|line| app.ui.tell(line));
    let destination = |item: &&ContextItem| Destination {
        cluster: item.cluster.clone(),
        namespace: item.namespace.clone(),
        arguments: call.pointed(&item.pointers, &item.namespace),
    };
    let destinations: Vec<Destination> = items.iter().map(destination).collect();
    found.barred.iter().for_each(|note| app.ui.warn(note));
    if destinations.is_empty() && !found.barred.is_empty() {
        return Err(anyhow::anyhow!("kubectl cannot be led to any of the service's places"));
    }
    let code = match destinations.as_slice() {
        [] => return Err(nobody(&which, &found)),
        [one] => match run_in(one, app)? {
            Outcome::Passed(0) => 0,
            ended => return Ok(ended),
        },
        several if call.only_reads() => match run::run_labelled(several, call.goes_on(), app)? {
            Some(code) => code,
            None => return Ok(Outcome::Interrupted),
        },
        _ => return Err(too_many(&call, &items)),
    };
    match (code, found.complete) {
        (0, true) => Ok(Outcome::Fine),
        (0, false) => Ok(Outcome::Incomplete),
        (code, _) => Ok(Outcome::Passed(code)),
    }
}

fn nobody(which: &WhichArgs, found: &FoundTargets) -> anyhow::Error {
    let unseen: Vec<&str> = found.items.iter().map(|item| item.cluster.as_str()).collect();
    match unseen.is_empty() {
        true => nowhere(which, &found.clusters, found.complete),
        false => unanswered(
            format!("no answer from {}, where the catalog says that it runs", listed(&unseen, MOST_NAMED)),
            "`callboard context` prints the flags all the same",
        ),
    }
}

fn too_many(call: &KubectlCall, items: &[&ContextItem]) -> anyhow::Error {
    let flags: Vec<&str> = items.iter().map(|item| item.flags.as_str()).collect();
    let verb = match call.verb() {
        verb if verb.is_empty() => "kubectl without a verb in the first place".to_string(),
        verb => format!("kubectl {verb}"),
    };
    misused(
        format!(
            "{verb} is not run in {} at once, for it may change something: {}",
            count(items.len(), "place"),
            listed(&flags, MOST_NAMED)
        ),
        "choose one by --context NAME before --",
    )
}
