//! Nothing was created: what the API server answered when a controller asked for a pod.

use crate::diagnose::examination::Examination;
use crate::diagnose::fill::Placeholders;
use crate::diagnose::finding::{Confidence, EvidenceSource, Finding};
use crate::diagnose::need::Needs;
use crate::diagnose::rule::{Check, Rule, RuleFamily};
use crate::pattern::regex;
use crate::workload::{Workload, condition};
use jiff::Timestamp;

pub static RULES: &[Rule] = &[
    Rule {
        code: "quota-exceeded",
        title: "A quota is used up",
        summary: "quota {what} is used up: asks {requested}, used {used}, limit {limited}",
        family: RuleFamily::Creation,
        needs: Needs::EVENTS,
        words: Some(regex!(
            r"exceeded quota: (?<what>[^,]+), requested: (?<requested>.+?), used: (?<used>.+?), limited: (?<limited>.+?)\.?$"
        )),
        next: &[
            "describe quota {what}",
            "get pods -o custom-columns='NAME:.metadata.name,CPU:.spec.containers[*].resources.requests.cpu,MEMORY:.spec.containers[*].resources.requests.memory'",
        ],
        check: Check::Alone(refused),
    },
    Rule {
        code: "quota-requires-resources",
        title: "The namespace's quota wants requests or limits",
        summary: "quota {what} wants requests or limits that the pods do not set",
        family: RuleFamily::Creation,
        needs: Needs::EVENTS,
        words: Some(regex!("failed quota: (?<what>[^:]+): must specify")),
        next: &["describe quota {what}", "get limitrange"],
        check: Check::Alone(refused),
    },
    Rule {
        code: "limitrange-violation",
        title: "Outside of what a LimitRange allows",
        summary: "resources are outside of what the namespace's LimitRange allows",
        family: RuleFamily::Creation,
        needs: Needs::EVENTS,
        words: Some(regex!(
            r"(maximum|minimum) \S+ (usage|storage) per \w+ is|limit to request ratio per \w+ is|limit/request ratio"
        )),
        next: &["describe limitrange"],
        check: Check::Alone(refused),
    },
    Rule {
        code: "podsecurity-violation",
        title: "The namespace's pod security level forbids it",
        summary: "the pods violate pod security[ {what}]",
        family: RuleFamily::Creation,
        needs: Needs::EVENTS,
        words: Some(regex!(
            r#"violates PodSecurity "(?<what>[^"]+)"|unable to validate against any pod security policy|unable to validate against any security context constraint"#
        )),
        next: &["get {workload} -o yaml", "get events --field-selector reason=FailedCreate"],
        check: Check::Alone(refused),
    },
    Rule {
        code: "admission-webhook-unavailable",
        title: "An admission webhook does not answer",
        summary: "admission webhook[ {what}] does not answer, so no pod can be created",
        family: RuleFamily::Creation,
        needs: Needs::EVENTS,
        words: Some(regex!(
            r#"failed calling (admission )?webhook "(?<what>[^"]+)"|failed calling (admission )?webhook|failed to call webhook"#
        )),
        next: &[
            "~ get mutatingwebhookconfigurations,validatingwebhookconfigurations",
            "get events --field-selector reason=FailedCreate",
        ],
        check: Check::Alone(refused),
    },
    Rule {
        code: "admission-denied",
        title: "An admission policy refused the pods",
        summary: "refused by admission[ policy {what}][: {said}]",
        family: RuleFamily::Creation,
        needs: Needs::EVENTS,
        words: Some(regex!(
            r#"(admission webhook "|ValidatingAdmissionPolicy ')(?<what>[^"']+)["'].*denied"#
        )),
        next: &[
            "get events --field-selector reason=FailedCreate",
            "~ get validatingadmissionpolicies,validatingwebhookconfigurations",
        ],
        check: Check::Among(denied),
    },
    Rule {
        code: "serviceaccount-missing",
        title: "The service account does not exist",
        summary: "service account {what} does not exist",
        family: RuleFamily::Creation,
        needs: Needs::EVENTS,
        words: Some(regex!(r#"serviceaccounts? "(?<what>[^"]+)" not found"#)),
        next: &["get serviceaccounts"],
        check: Check::Alone(refused),
    },
    Rule {
        code: "priorityclass-missing",
        title: "The priority class does not exist",
        summary: "priority class {what} does not exist",
        family: RuleFamily::Creation,
        needs: Needs::EVENTS,
        words: Some(regex!(
            r#"no PriorityClass with name "?(?<what>[^"\s]+)|priorityclass\S* "(?<name>[^"]+)" not found"#
        )),
        next: &["~ get priorityclasses"],
        check: Check::Alone(refused),
    },
];

/// A refusal, where it was read, and since when it stands.
struct Refusal<'a> {
    source: EvidenceSource,
    text: &'a str,
    workload: &'a Workload,
    since: Option<Timestamp>,
}

/// The refusal of a pod that the rule's words are about.
fn refused(subject: &Examination, rule: &Rule) -> Vec<Finding> {
    if subject.pod.is_some() {
        return Vec::new();
    }
    let all = refusals(subject);
    let found = all.iter().find_map(|refusal| rule.find(refusal.text).map(|words| (refusal, words)));
    let Some((refusal, words)) = found else { return Vec::new() };
    let workload = refusal.workload;
    let mut facts =
        Placeholders::default().with("workload", format!("{}/{}", workload.kind, workload.meta.name));
    for name in ["what", "requested", "used", "limited", "kind"] {
        if let Some(value) = words.name(name) {
            facts.set(name, value.as_str());
        }
    }
    let finding = rule.finding(Confidence::High, &facts);
    let finding = match facts.get("what") {
        Some(what) => finding.signed(what),
        None => finding.signed_like(words.get(0).map_or("", |all| all.as_str()), ""),
    };
    let finding = finding.because(refusal.source, refusal.text).since(refusal.since);
    let others = all.iter().filter(|other| rule.find(other.text).is_some());
    vec![others.take(3).fold(finding, |finding, other| because_once(finding, other))]
}

/// As `refused`; and what the API server refuses in words that no other rule knows is refused all the same.
fn denied(subject: &Examination, rule: &Rule, table: &[Rule]) -> Vec<Finding> {
    let known = refused(subject, rule);
    if subject.pod.is_some() || !known.is_empty() {
        return known;
    }
    let others =
        || table.iter().filter(|other| other.family == RuleFamily::Creation && other.code != rule.code);
    let mut all = refusals(subject);
    // A namespace that goes takes no new pods, and that is as it should be.
    all.retain(|refusal| !refusal.text.contains("because it is being terminated"));
    let Some(refusal) =
        all.first().filter(|_| !all.iter().any(|one| others().any(|other| other.find(one.text).is_some())))
    else {
        return Vec::new();
    };
    let said = refusal.text.split_once(" is forbidden: ").map_or(refusal.text, |(_, said)| said);
    let said = said.trim_start_matches("Error creating: ").trim_start_matches("Internal error occurred: ");
    let workload = format!("{}/{}", refusal.workload.kind, refusal.workload.meta.name);
    let facts = Placeholders::default().with("workload", workload).with("said", said);
    let finding = rule.finding(Confidence::Medium, &facts).signed_like(said, "");
    let finding = finding.because(refusal.source, refusal.text).since(refusal.since);
    vec![all.iter().take(3).fold(finding, |finding, other| because_once(finding, other))]
}

/// The same refusal stands in the condition, and with a prefix in the event: once is enough.
fn because_once(finding: Finding, other: &Refusal) -> Finding {
    let known = finding
        .evidence
        .iter()
        .any(|known| other.text.contains(&known.text) || known.text.contains(other.text));
    if known { finding } else { finding.because(other.source, other.text) }
}

fn refusals<'a>(subject: &Examination<'a>) -> Vec<Refusal<'a>> {
    let mut all = Vec::new();
    for workload in subject.workloads().filter(|workload| is_short(workload)) {
        if let Some(failure) =
            condition(workload.conditions(), "ReplicaFailure").filter(|failure| failure.is_true())
        {
            let since = failure.last_transition_time;
            all.push(Refusal { source: EvidenceSource::Condition, text: &failure.message, workload, since });
        }
    }
    for workload in subject.workloads().filter(|workload| is_short(workload)) {
        let events = subject.workload_events(workload);
        // What was refused once and then went well is history.
        let created = events
            .iter()
            .filter(|event| event.reason == "SuccessfulCreate")
            .filter_map(|event| event.last_seen)
            .max();
        for event in
            events.into_iter().filter(|event| event.last_seen.is_none() || event.last_seen >= created)
        {
            if matches!(event.reason.as_str(), "FailedCreate" | "FailedDaemonPod" | "ReplicaSetCreateError") {
                all.push(Refusal {
                    source: EvidenceSource::Event,
                    text: &event.message,
                    workload,
                    since: event.first_seen,
                });
            }
        }
    }
    all
}

/// Whether it lacks pods that it should have: an old event of a workload that has all of them is history. A rollout
/// whose new pods are refused keeps all of its old ones.
fn is_short(workload: &Workload) -> bool {
    let failure = condition(workload.conditions(), "ReplicaFailure");
    workload.lacks_pods() || failure.is_some_and(|failure| failure.is_true())
}
