//! A command that would fail is no help: what becomes of a rule's commands where one must not, or cannot, work.

use crate::diagnose::command::Command;
use crate::diagnose::finding::Finding;
use crate::diagnose::subject::Unread;
use crate::text::{shell_operand, shell_word};
use crate::workload::{ContainerStatus, Pod};

/// What can be typed in the state that a container is in, each thing once.
pub fn commands(next: Vec<Command>, pod: &Pod, status: &ContainerStatus) -> Vec<Command> {
    let mut possible: Vec<Command> = Vec::new();
    for command in next {
        if status.state.running.is_none() && command.needs_it_running() {
            continue;
        }
        let command = fitting(command, pod, status);
        if !possible.contains(&command) {
            possible.push(command);
        }
    }
    possible
}

fn fitting(mut command: Command, pod: &Pod, status: &ContainerStatus) -> Command {
    // A container that was never started again has one log only, and kubectl refuses to look for another.
    if status.last_state.terminated.is_none() && command.reads_logs() {
        command.arguments = command.arguments.replace(" --previous", "");
    }
    let is_over = matches!(pod.status.phase.as_str(), "Failed" | "Succeeded");
    // Nothing can join a pod that is over: a copy of it can be made.
    if is_over && command.joins_the_pod() {
        let pod = &pod.meta.name;
        command.arguments += &format!(" --copy-to={}-debug", shell_word(pod));
    }
    command
}

/// Leaves out what has just been refused to the one who would type it.
pub fn allowed(finding: &mut Finding, unread: Unread, pod: Option<&str>) {
    let before = finding.next.len();
    finding
        .next
        .retain(|command| !(unread.logs && command.reads_logs() || unread.node && command.reads_nodes()));
    if before > 0
        && finding.next.is_empty()
        && let Some(pod) = pod.and_then(shell_operand)
    {
        let arguments = format!("describe pod {pod}");
        finding.next.push(Command { arguments, kubectl: true, namespaced: true });
    }
}

#[cfg(test)]
mod tests {
    use super::{allowed, commands};
    use crate::diagnose::command::Command;
    use crate::diagnose::fill::Facts;
    use crate::diagnose::finding::{Confidence, Finding};
    use crate::diagnose::rules::RULES;
    use crate::diagnose::subject::Unread;
    use crate::workload::{Object, kind};

    const NEXT: [&str; 4] = [
        "logs p -c app --previous --tail=50",
        "logs p -c app --tail=50",
        "debug p -it --image=busybox",
        "debug p -it --image=busybox --target=app",
    ];

    fn typed(texts: &[&str]) -> Vec<Command> {
        let command = |text: &&str| Command { arguments: text.to_string(), kubectl: true, namespaced: true };
        texts.iter().map(command).collect()
    }

    #[track_caller]
    fn check(phase: &str, status: &str, expect: &[&str]) {
        let json = format!(
            r#"{{"metadata":{{"name":"p"}},"spec":{{"containers":[{{"name":"app"}}]}},"status":{{"phase":"{phase}","containerStatuses":[{status}]}}}}"#
        );
        let Object::Pod(pod) = (kind("Pod").expect("a kind").observe)(&json).expect("a pod") else {
            panic!("no pod")
        };
        let status = pod.containers()[0].status.expect("a status");
        assert_eq!(commands(typed(&NEXT), &pod, status), typed(expect), "{phase}");
    }

    #[test]
    fn a_command_fits_the_state_of_the_container() {
        let ended = r#"{"exitCode":1,"finishedAt":"2026-01-15T09:59:00Z"}"#;
        check(
            "Running",
            &format!(
                r#"{{"name":"app","restartCount":3,"state":{{"waiting":{{"reason":"CrashLoopBackOff"}}}},"lastState":{{"terminated":{ended}}}}}"#
            ),
            &NEXT[..3],
        );
        check(
            "Failed",
            &format!(r#"{{"name":"app","restartCount":0,"state":{{"terminated":{ended}}}}}"#),
            &["logs p -c app --tail=50", "debug p -it --image=busybox --copy-to=p-debug"],
        );
    }

    #[test]
    fn what_is_refused_is_not_advised() {
        let texts = ["logs p", "~ describe node n", "describe pod p", "debug p -it"];
        let mut finding = RULES[0].finding(Confidence::High, &Facts::default());
        let left = |finding: &mut Finding, texts: &[&str], unread: Unread| {
            finding.next = typed(texts);
            allowed(finding, unread, Some("p"));
            finding.next.clone()
        };
        let texts = texts.map(|text| text.trim_start_matches("~ "));
        let logs = Unread { logs: true, ..Unread::default() };
        let nodes = Unread { node: true, ..Unread::default() };
        assert_eq!(left(&mut finding, &texts, Unread::default()), typed(&texts));
        assert_eq!(left(&mut finding, &texts, logs), typed(&texts[1..]));
        assert_eq!(left(&mut finding, &texts, nodes), typed(&["logs p", "describe pod p", "debug p -it"]));
        assert_eq!(left(&mut finding, &["logs p"], logs), typed(&["describe pod p"]), "never nothing at all");
    }
}
