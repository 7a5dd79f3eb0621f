//! One watch of pods, told as it is heard.

use anyhow::Result;
use tokio::sync::mpsc::UnboundedSender;

use crate::commands::logs::follow::roster::RosterMessage;
use crate::fleet::watch::WatchChange;
use crate::fleet::{Asked, ListRequest, Silence};
use crate::survey::Question;
use crate::workload::{Object, Pod, kind};

/// A watch and whose pods it is for.
pub struct Watched {
    pub number: usize,
    /// The uid of the one owner whose pods count; without it the targets decide.
    pub owner: Option<String>,
}

impl Watched {
    fn wants(&self, pod: &Pod) -> bool {
        let is_of = |owner: &String| pod.meta.controller().is_some_and(|controller| controller.uid == *owner);
        self.owner.as_ref().is_none_or(is_of)
    }
}

/// Tells what a watch says, for ever; true where it was refused.
pub async fn watch(
    asked: &Asked,
    watched: &Watched,
    question: &Question,
    telling: &UnboundedSender<RosterMessage>,
) -> bool {
    let (Some(pods), number) = (kind("Pod"), watched.number) else { return false };
    let is_owned = watched.owner.is_some();
    let selector = (!question.selector.is_everything()).then(|| question.selector.to_string());
    let request = ListRequest {
        resource: pods.resource(),
        namespace: question.namespace.as_deref(),
        selector: selector.as_deref(),
        field_selector: None,
    };
    let mut is_refused = false;
    let mut receive = |change: WatchChange<'_>| -> Result<()> {
        let heard = match change {
            WatchChange::Reset => RosterMessage::Reset(number),
            WatchChange::Put(json) => match pods.observe(json) {
                Ok(Object::Pod(pod)) if watched.wants(&pod) => RosterMessage::Put(number, is_owned, pod),
                _ => return Ok(()),
            },
            WatchChange::Gone(json) => match pods.observe(json) {
                Ok(Object::Pod(pod)) if watched.wants(&pod) => {
                    RosterMessage::Gone((pod.meta.namespace.to_string(), pod.meta.name.clone()))
                }
                _ => return Ok(()),
            },
            WatchChange::Current => RosterMessage::Current(number),
            WatchChange::Listening => return Ok(()),
            WatchChange::Silent(why @ Silence::Forbidden(_)) => {
                is_refused = true;
                if question.namespace.is_some() && !is_owned {
                    telling.send(RosterMessage::Silent(why.clone()))?;
                }
                anyhow::bail!("refused");
            }
            WatchChange::Silent(why) => RosterMessage::Silent(why.clone()),
        };
        Ok(telling.send(heard)?)
    };
    // Its error is the receiver's own, and told by then.
    drop(asked.watch(&request, &mut receive).await);
    is_refused
}
