//! A survey that goes on to ask each cluster about what was found there, within the same deadline.

use crate::config::Config;
use crate::fleet::{Answer, Asked, Fleet, Gap};
use crate::survey::{Collected, ServiceQuery, Snapshot, arrived, cluster_plans, run};
use crate::ui::Ui;

/// Asks all clusters at once for all services; then `further` is put to each cluster with what it holds, and gives that back beside what it learnt.
/// What was learnt comes by cluster in fleet order, the default where nothing was. No cluster waits for another.
pub async fn collect_further<T, F, Fut>(
    wanted: &[ServiceQuery],
    fleet: &Fleet,
    config: &Config,
    ui: &Ui,
    further: F,
) -> (Collected, Vec<T>)
where
    T: Default + Send + 'static,
    F: Fn(Asked, Snapshot) -> Fut + Clone + Send + Sync + 'static,
    Fut: Future<Output = (Snapshot, T, Vec<Gap>)> + Send + 'static,
{
    let (errands, services) = (cluster_plans(wanted, fleet, config), wanted.len());
    let stream = fleet.ask(move |asked: Asked| {
        let (errands, further) = (errands.clone(), further.clone());
        async move {
            let (snapshot, mut gaps) = run(asked.clone(), errands, services).await;
            let (snapshot, learnt, more) = further(asked, snapshot).await;
            gaps.extend(more);
            ((snapshot, learnt), gaps)
        }
    });
    let (answers, interrupted) = arrived(stream, fleet, ui).await;
    let mut collected = Collected { answers: Vec::new(), interrupted };
    let mut all = Vec::new();
    for answer in answers {
        let (answer, learnt) = match answer {
            Some(answer) => split_answer(answer),
            None => (None, T::default()),
        };
        collected.answers.push(answer);
        all.push(learnt);
    }
    (collected, all)
}

fn split_answer<T>(answer: Answer<(Snapshot, T)>) -> (Option<Answer<Snapshot>>, T) {
    let Answer { cluster, elapsed, version, uid, value: (snapshot, learnt), gaps } = answer;
    (Some(Answer { cluster, elapsed, version, uid, value: snapshot, gaps }), learnt)
}
