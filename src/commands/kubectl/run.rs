//! kubectl in one place with the terminal, or in several at the same time with its lines labelled.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::sync::Arc;

use anyhow::Result;
use futures::{StreamExt, stream};
use tokio::sync::Semaphore;
use tokio::sync::mpsc::{Receiver, channel};

use crate::app::App;
use crate::outcome::{ERROR, Outcome, advised};
use crate::process::{self, ChildLine, ProcessFailure, ProcessTask};
use crate::report::{Cell, Line, Tone};

/// Lines of a child that wait for those before it.
const WAITING: usize = 1024;

/// A place and what kubectl is told there.
pub struct Destination {
    pub cluster: String,
    pub namespace: String,
    pub arguments: Vec<OsString>,
}

impl Destination {
    fn task(&self, environment: &BTreeMap<String, String>) -> ProcessTask {
        ProcessTask {
            program: "kubectl".to_string(),
            arguments: self.arguments.clone(),
            environment: environment.clone(),
            ..ProcessTask::default()
        }
    }
}

/// Hands the terminal to kubectl.
pub fn run_in(destination: &Destination, app: &App) -> Result<Outcome> {
    let exported = app.export()?;
    process::find("kubectl").map_err(not_run)?;
    app.hand_over(destination.task(&exported.variables))
}

fn not_run(failure: ProcessFailure) -> anyhow::Error {
    let hint = match failure {
        ProcessFailure::NotFound => "https://kubernetes.io/docs/tasks/tools/ tells how to install it",
        _ => "",
    };
    advised(anyhow::anyhow!("kubectl {failure}"), hint)
}

/// Runs kubectl everywhere and prints its lines with the place before them: place by place, or as they come where it goes on. The
/// worst exit code; none where the run was interrupted.
pub fn run_labelled(destinations: &[Destination], goes_on: bool, app: &App) -> Result<Option<u8>> {
    let exported = app.export()?;
    process::find("kubectl").map_err(not_run)?;
    let labels = labels(destinations);
    let print = |place: usize, line: ChildLine| -> Result<()> {
        let label = Cell::toned(labels[place].clone(), Tone::Muted);
        match line {
            ChildLine::Out(text) => app.ui.write_line(&Line::new(vec![label, Cell::from(text)])),
            ChildLine::Err(text) => {
                app.ui.tell(&Line::new(vec![label, Cell::from(text)]));
                Ok(())
            }
        }
    };
    // One that goes on for ever must not keep another one from beginning.
    let width = if goes_on { destinations.len() } else { app.options.concurrency };
    let working = async {
        let turns = Arc::new(Semaphore::new(width.max(1)));
        let (mut runs, mut receivers) = (Vec::new(), Vec::new());
        for destination in destinations {
            let (sender, receiver) = channel(WAITING);
            let (task, turns) = (destination.task(&exported.variables), turns.clone());
            receivers.push(receiver);
            runs.push(tokio::spawn(async move {
                let _turn = turns.acquire().await;
                process::run_lines(task, sender).await
            }));
        }
        print_all(receivers, goes_on, print).await?;
        let mut worst = 0;
        for run in runs {
            let code = run.await.map_err(anyhow::Error::from)?.map_err(not_run)?;
            worst = worst.max(u8::try_from(code).unwrap_or(ERROR));
        }
        Ok(worst)
    };
    app.block_on(async {
        tokio::select! {
            worst = working => worst.map(Some),
            () = crate::ui::interrupted() => Ok(None),
        }
    })?
}

async fn print_all(
    receivers: Vec<Receiver<ChildLine>>,
    goes_on: bool,
    print: impl Fn(usize, ChildLine) -> Result<()>,
) -> Result<()> {
    let lines = |(place, receiver): (usize, Receiver<ChildLine>)| {
        Box::pin(stream::unfold(receiver, move |mut receiver| async move {
            receiver.recv().await.map(|line| ((place, line), receiver))
        }))
    };
    let each = receivers.into_iter().enumerate().map(lines);
    let mut all = match goes_on {
        true => stream::select_all(each).boxed_local(),
        false => stream::iter(each).flatten().boxed_local(),
    };
    while let Some((place, line)) = all.next().await {
        print(place, line)?;
    }
    Ok(())
}

/// The cluster, with the namespace where a cluster has several; all as wide as the widest.
fn labels(destinations: &[Destination]) -> Vec<String> {
    let is_several =
        |one: &Destination| destinations.iter().filter(|other| other.cluster == one.cluster).count() > 1;
    let with_namespace = destinations.iter().any(is_several);
    let name = |one: &Destination| match with_namespace {
        true => format!("{}/{}", one.cluster, one.namespace),
        false => one.cluster.clone(),
    };
    let names: Vec<String> = destinations.iter().map(name).collect();
    let width = names.iter().map(|name| name.chars().count()).max().unwrap_or_default();
    names.into_iter().map(|name| format!("{name:width$}  ")).collect()
}
