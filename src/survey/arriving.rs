//! The answers of a fleet to any question, as they come.

use futures::{Stream, StreamExt};

use crate::fleet::{Answer, Fleet};
use crate::ui::Ui;

/// From the answers that have come so far, in fleet order, a text to look at meanwhile.
pub type Draft<'a, T> = &'a dyn Fn(&[Option<Answer<T>>]) -> String;

/// Shows the progress while answers come, and stops early where the user wants it. The answers are in fleet order,
/// `None` where the run was interrupted first; and whether it was. `draft` makes the text that is drawn on a terminal meanwhile; without it a
/// bar alone is drawn.
pub async fn arrived<T>(
    stream: impl Stream<Item = Answer<T>>,
    fleet: &Fleet,
    ui: &Ui,
    draft: Option<Draft<'_, T>>,
) -> (Vec<Option<Answer<T>>>, bool) {
    let names: Vec<String> = fleet.clusters().map(|cluster| cluster.name.clone()).collect();
    let mut answers: Vec<Option<Answer<T>>> = names.iter().map(|_| None).collect();
    let (draft, mut is_drawn) = (draft.filter(|_| ui.is_live()), true);
    let progress = ui.progress(names.len());
    let mut stream = std::pin::pin!(stream);
    let mut interrupt = std::pin::pin!(crate::ui::interrupted());
    let mut ticks = tokio::time::interval(std::time::Duration::from_millis(100));
    loop {
        tokio::select! {
            answer = stream.next() => match answer {
                Some(answer) => {
                    if let Some(index) = names.iter().position(|name| *name == answer.cluster) {
                        answers[index] = Some(answer);
                        is_drawn = false;
                    }
                    progress.answered(&waiting(&names, &answers));
                }
                None => return (answers, crate::ui::signalled().is_some()),
            },
            () = &mut interrupt => return (answers, true),
            _ = ticks.tick() => {
                if let Some(draft) = draft.filter(|_| !is_drawn && progress.is_due()) {
                    progress.show(draft(&answers));
                    is_drawn = true;
                }
                progress.tick();
            }
        }
    }
}

/// The first few clusters that have not answered.
fn waiting<T>(names: &[String], answers: &[Option<Answer<T>>]) -> String {
    let waiting: Vec<&str> = names
        .iter()
        .zip(answers)
        .filter(|(_, answer)| answer.is_none())
        .map(|(name, _)| name.as_str())
        .collect();
    match waiting.len() {
        0..=3 => waiting.join(", "),
        more => format!("{}, {} +{}", waiting[0], waiting[1], more - 2),
    }
}
