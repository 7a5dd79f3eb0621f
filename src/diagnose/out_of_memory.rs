//! Memory ran out: of the container, of its sandbox, of the node, of a process beside the first.

use crate::diagnose::examination::Examination;
use crate::diagnose::failed_container::{FailedContainer, pod_facts};
use crate::diagnose::finding::{Confidence, EvidenceSource, Finding};
use crate::diagnose::last_words;
use crate::diagnose::need::Needs;
use crate::diagnose::pod_setup::{because, being_created, is_out_of_memory};
use crate::diagnose::rule::{Check, Rule, RuleFamily};
use crate::pattern::regex;
use crate::podstatus::{MemoryLimit, memory_limit};
use crate::workload::Event;

pub static RULES: &[Rule] = &[
    Rule {
        code: "oom-killed",
        title: "Over its memory limit",
        summary: "{container} used more memory than its limit[ of {memory}] and was killed",
        family: RuleFamily::Exit,
        needs: Needs::NOTHING,
        words: Some(regex!("init was OOM-killed|memory limit too low")),
        next: &[
            "top pod {pod} --containers",
            "logs {pod} -c {container} --previous --tail=50",
            "top pods --containers --sort-by=memory",
        ],
        check: Check::Alone(out_of_memory),
    },
    Rule {
        code: "oom-killed-by-node",
        title: "The node ran out of memory",
        summary: "{container} was killed because node[ {node}] ran out of memory",
        family: RuleFamily::Exit,
        needs: Needs::EVENTS_AND_NODE,
        words: Some(regex!("^(SystemOOM|OOMKilling)$")),
        next: &["~ describe node {node}", "~ top node {node}"],
        check: Check::Alone(by_node),
    },
    Rule {
        code: "oom-killed-child-process",
        title: "A child process was killed, perhaps for memory",
        summary: "{container} gave up after one of its processes was killed with signal 9",
        family: RuleFamily::Exit,
        needs: Needs::END,
        words: Some(regex!(
            r"(worker|child|process|pid)\b.*(signal(ed)?:? (9|kill)\b|SIGKILL)|(signal 9|SIGKILL).*(worker|child|process|pid)|terminated by signal 9|exited on signal 9|exit(ed)? (with )?(status|code) 137|perhaps out of memory|out of memory: killed process|: killed\s*$|^killed$"
        )),
        next: &["top pod {pod} --containers", "logs {pod} -c {container} --previous --tail=50"],
        check: Check::Alone(child_killed),
    },
];

/// Over the memory limit: a container that was killed, or not even the sandbox had room.
fn out_of_memory(subject: &Examination, rule: &Rule) -> Vec<Finding> {
    let killed = killed_for_memory(subject, rule);
    let Some(pod) = being_created(subject).filter(|_| killed.is_empty()) else { return killed };
    let events = subject.pod_events();
    let is_sandbox =
        |event: &&&Event| event.reason == "FailedCreatePodSandBox" && is_out_of_memory(&event.message);
    let Some(event) = events.iter().find(is_sandbox) else { return Vec::new() };
    let all = pod.containers();
    let limits: Vec<MemoryLimit> = all.iter().filter_map(|container| memory_limit(pod, container)).collect();
    // The sandbox lives below the sum of the limits: the smallest one is the first to doubt.
    let odd = limits.iter().find(|limit| limit.is_milli()).or(limits.first()).cloned();
    let limit = odd.as_ref().map(|limit| format!(" of {}", limit.quantity)).unwrap_or_default();
    let mut finding = rule.finding(Confidence::High, &pod_facts(pod));
    finding.summary = format!("the pod's sandbox needs more memory than the limit{limit} and is killed");
    finding.next.retain(|command| !command.reads_logs());
    let finding = because(finding, event).signed_like("sandbox", "");
    vec![finding.because(EvidenceSource::Object, &MemoryLimit::evidence(odd.as_ref()))]
}

/// Over its own memory limit: the kernel's word, or the runtime's where not even the start had room.
fn killed_for_memory(subject: &Examination, rule: &Rule) -> Vec<Finding> {
    subject.each(|failed| {
        let end = failed.end;
        let at_start = failed.never_ran() && end.is_some_and(|end| rule.find(&end.message).is_some());
        let waiting = failed.waiting.filter(|waiting| rule.find(&waiting.message).is_some());
        let killed = end.is_some_and(|end| end.reason == "OOMKilled");
        if !killed && !at_start && waiting.is_none() {
            return None;
        }
        let mut finding = rule.blame_end(failed, Confidence::High, &failed.facts());
        // Where a child was killed, the container itself ended with a code of its own.
        if let Some(code) = failed.code().filter(|code| killed && !matches!(code, 0 | 137)) {
            let limit = failed.facts().get("memory").map(|limit| format!(" of {limit}")).unwrap_or_default();
            finding.summary = format!(
                "a process in {} used more memory than the limit{limit} and was killed; the container then exited {code}",
                crate::text::safe(failed.name())
            );
        }
        finding = finding.because(
            EvidenceSource::Object,
            &MemoryLimit::evidence(memory_limit(failed.pod, &failed.container).as_ref()),
        );
        finding = match waiting {
            Some(waiting) => finding.because(EvidenceSource::Status, &waiting.message),
            None => finding,
        };
        Some(match end.filter(|_| at_start) {
            Some(end) => finding.because(EvidenceSource::Status, &end.message),
            None => finding,
        })
    })
}

/// The node itself ran out of memory and took the process for it.
fn by_node(subject: &Examination, rule: &Rule) -> Vec<Finding> {
    subject.each(|failed| {
        failed.code().filter(|code| *code == 137)?;
        let events = subject.node_events();
        let event = events.iter().find(|event| rule.find(&event.reason).is_some());
        let pressure = subject.node.and_then(|node| node.has("MemoryPressure"));
        if event.is_none() && pressure.is_none() {
            return None;
        }
        let mut finding = rule.blame_end(failed, Confidence::Medium, &failed.facts());
        if let Some(event) = event {
            finding = finding.because(EvidenceSource::Event, &format!("{}: {}", event.reason, event.message));
        }
        if let Some(pressure) = pressure {
            finding =
                finding.because(EvidenceSource::Node, &format!("MemoryPressure=True {}", pressure.message));
        }
        finding = finding.because(EvidenceSource::Object, &qos(failed));
        Some(finding.signed(&format!("{} {}", failed.name(), failed.pod.node_name)))
    })
}

fn qos(failed: &FailedContainer) -> String {
    let class = &failed.pod.status.qos_class;
    let spec = failed.container.spec;
    let request = spec.and_then(|spec| spec.resources.requests.get("memory")).map_or("none", String::as_str);
    if class.is_empty() {
        format!("requests.memory {request}")
    } else {
        format!("QoS {class}, requests.memory {request}")
    }
}

/// A worker of the process was killed with signal 9, and the process gave up.
fn child_killed(subject: &Examination, rule: &Rule) -> Vec<Finding> {
    subject.each(|failed| {
        failed.code().filter(|code| !matches!(code, 0 | 137 | 143))?;
        let line = last_words::deciding_line(subject, failed, |line| rule.find(line).is_some())?;
        let mut finding = line.quote(rule.blame_end(failed, Confidence::Low, &failed.facts()), failed);
        finding.confidence = Confidence::Low;
        Some(finding)
    })
}
