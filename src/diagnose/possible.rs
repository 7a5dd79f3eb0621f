//! A command that would fail is no help: what becomes of a rule's commands where one must not, or cannot, work.

use crate::diagnose::command::NextCommand;
use crate::diagnose::finding::Finding;
use crate::diagnose::subject::{Subject, UnreadSources};
use crate::podstatus::{ContainerState, states};
use crate::text::{shell_operand, shell_word};
use crate::workload::{Pod, PodContainer, Role};

/// Makes of a finding's commands what can be typed in the state that its pod and container are in, each thing once.
pub fn fit(finding: &mut Finding, subject: &Subject) {
    finding.next.retain(NextCommand::suits_its_kind);
    let Some(pod) = subject.pod else { return };
    let condition = CommandCondition::of(pod, finding.container.as_deref(), subject);
    let mut possible: Vec<NextCommand> = Vec::new();
    for mut command in std::mem::take(&mut finding.next) {
        let is_possible = (condition.runs || !command.joins_a_container())
            && (condition.is_steady || !command.measures_the_pod());
        condition.fit(&mut command, pod);
        if is_possible && !possible.contains(&command) {
            possible.push(command);
        }
    }
    finding.next = possible;
}

/// What of a pod and its container decides which commands can work.
struct CommandCondition {
    is_over: bool,
    runs: bool,
    /// It runs, and has not just begun to again: what it uses now says something.
    is_steady: bool,
    is_init: bool,
    /// The run to explain is the one before the current one.
    has_previous: bool,
}

impl CommandCondition {
    fn of(pod: &Pod, container: Option<&str>, subject: &Subject) -> CommandCondition {
        let all = pod.containers();
        let meant = container.and_then(|name| all.iter().find(|one| one.name == name));
        let is_over = matches!(pod.status.phase.as_str(), "Failed" | "Succeeded");
        let running = |one: &PodContainer| one.status.is_some_and(|status| status.state.running.is_some());
        let runs = !is_over && meant.map_or_else(|| all.iter().any(running), running);
        let falls = |state: &ContainerState| state.is_in_trouble() || state.has_stumbled();
        let states = states(pod, subject.now, &subject.thresholds);
        let fallen =
            states.iter().any(|state| container.is_none_or(|name| name == state.name()) && falls(state));
        let status = meant.and_then(|one| one.status);
        CommandCondition {
            is_over,
            runs,
            is_steady: runs && !fallen,
            is_init: meant.is_some_and(|one| matches!(one.role, Role::Init | Role::Sidecar)),
            has_previous: status.is_none_or(|status| {
                status.last_state.terminated.is_some() && status.state.terminated.is_none()
            }),
        }
    }

    fn fit(&self, command: &mut NextCommand, pod: &Pod) {
        // A container that was never started again has one log only, and kubectl refuses to look for another. Of one that
        // is over, the log of its end is the current one.
        if !self.has_previous && command.reads_logs() {
            command.arguments = command.arguments.replace(" --previous", "");
        }
        if self.is_init {
            command.arguments = command.arguments.replace("{.spec.containers[", "{.spec.initContainers[");
        }
        // Nothing can join a pod that is over: a copy of it can be made.
        if self.is_over && command.joins_the_pod() {
            command.arguments += &format!(" --copy-to={}-debug", shell_word(&pod.meta.name));
        }
    }
}

/// Leaves out what has just been refused to the one who would type it.
pub fn allowed(finding: &mut Finding, unread: UnreadSources, pod: Option<&str>) {
    let before = finding.next.len();
    finding
        .next
        .retain(|command| !(unread.logs && command.reads_logs() || unread.node && command.reads_nodes()));
    if before > 0
        && finding.next.is_empty()
        && let Some(pod) = pod.and_then(shell_operand)
    {
        let arguments = format!("describe pod {pod}");
        finding.next.push(NextCommand { arguments, kubectl: true, namespaced: true });
    }
}

#[cfg(test)]
mod tests {
    use super::{allowed, fit};
    use crate::diagnose::command::NextCommand;
    use crate::diagnose::fill::Placeholders;
    use crate::diagnose::finding::{Confidence, Finding};
    use crate::diagnose::rules::RULES;
    use crate::diagnose::subject::{Subject, UnreadSources};
    use crate::workload::{Object, kind};

    const NEXT: [&str; 6] = [
        "logs p -c app --previous --tail=50",
        "logs p -c app --tail=50",
        "debug p -it --image=busybox",
        "get pod p -o jsonpath='{.spec.securityContext}{.spec.containers[*].command}'",
        "debug p -it --image=busybox --target=app",
        "top pod p --containers",
    ];

    fn typed(texts: &[&str]) -> Vec<NextCommand> {
        let command =
            |text: &&str| NextCommand { arguments: text.to_string(), kubectl: true, namespaced: true };
        texts.iter().map(command).collect()
    }

    #[track_caller]
    fn check(phase: &str, kind_of: &str, status: &str, expect: &[&str]) {
        let (spec, statuses) = match kind_of {
            "init" => ("initContainers", "initContainerStatuses"),
            _ => ("containers", "containerStatuses"),
        };
        let json = format!(
            r#"{{"metadata":{{"name":"p"}},"spec":{{"{spec}":[{{"name":"app"}}]}},"status":{{"phase":"{phase}","{statuses}":[{{"name":"app",{status}}}]}}}}"#
        );
        let Object::Pod(pod) = kind("Pod").expect("a kind").observe(&json).expect("a pod") else {
            panic!("no pod")
        };
        let subject = Subject::of_pod(&pod, "2026-01-15T10:00:00Z".parse().expect("a time"));
        let mut finding = RULES[0].finding(Confidence::High, &Placeholders::default()).container("app");
        finding.next = typed(&NEXT);
        fit(&mut finding, &subject);
        assert_eq!(finding.next, typed(expect), "{phase} {status}");
    }

    const ENDED: &str = r#"{"terminated":{"exitCode":1,"finishedAt":"2026-01-15T09:59:00Z"}}"#;
    const UP: &str = r#"{"running":{"startedAt":"2026-01-15T09:59:10Z"}}"#;

    #[test]
    fn a_command_fits_the_state_of_the_container() {
        let waits = r#"{"waiting":{"reason":"CrashLoopBackOff"}}"#;
        let looping = format!(r#""restartCount":3,"state":{waits},"lastState":{ENDED}"#);
        check("Running", "main", &looping, &NEXT[..4]);
        let again = format!(r#""restartCount":3,"state":{UP},"lastState":{ENDED}"#);
        check("Running", "main", &again, &NEXT[..5]);
        let steady = format!(r#""ready":false,"restartCount":0,"state":{UP}"#);
        check("Running", "main", &steady, &NEXT[1..]);
        let over = format!(r#""restartCount":0,"state":{ENDED}"#);
        let copy = ["debug p -it --image=busybox --copy-to=p-debug"];
        check("Failed", "main", &over, &[&NEXT[1..2], &copy, &NEXT[3..4]].concat());
        let twice = format!(r#""restartCount":1,"state":{ENDED},"lastState":{ENDED}"#);
        check("Running", "main", &twice, &NEXT[1..4]);
    }

    #[test]
    fn an_init_container_is_looked_for_among_those() {
        let looping = format!(
            r#""restartCount":3,"state":{{"waiting":{{"reason":"CrashLoopBackOff"}}}},"lastState":{ENDED}"#
        );
        let command = "get pod p -o jsonpath='{.spec.securityContext}{.spec.initContainers[*].command}'";
        check("Pending", "init", &looping, &[&NEXT[..3], &[command]].concat());
    }

    #[test]
    fn what_is_refused_is_not_advised() {
        let texts = ["logs p", "~ describe node n", "describe pod p", "debug p -it"];
        let mut finding = RULES[0].finding(Confidence::High, &Placeholders::default());
        let left = |finding: &mut Finding, texts: &[&str], unread: UnreadSources| {
            finding.next = typed(texts);
            allowed(finding, unread, Some("p"));
            finding.next.clone()
        };
        let texts = texts.map(|text| text.trim_start_matches("~ "));
        let logs = UnreadSources { logs: true, ..UnreadSources::default() };
        let nodes = UnreadSources { node: true, ..UnreadSources::default() };
        assert_eq!(left(&mut finding, &texts, UnreadSources::default()), typed(&texts));
        assert_eq!(left(&mut finding, &texts, logs), typed(&texts[1..]));
        assert_eq!(left(&mut finding, &texts, nodes), typed(&["logs p", "describe pod p", "debug p -it"]));
        assert_eq!(left(&mut finding, &["logs p"], logs), typed(&["describe pod p"]), "never nothing at all");
    }
}
