//! A team's own causes, from files beside the catalog or named in the config: checked as strictly as ours.
//!
//! ```yaml
//! causes:
//! - id: license-expired
//!   owner: team-billing
//!   match: {log: 'license .* expired', status: 'exit code 3'}   # all that are named must fit
//!   summary: '{container} stops because its license has expired'
//!   advice: [get configmap license]       # kubectl's arguments; `! ` before another command
//!   runbook: https://runbooks.example.com/license
//! ```

use crate::diagnose::command::NextCommand;
use crate::diagnose::failed_container::{failed_containers, pod_facts};
use crate::diagnose::fill::{Placeholders, fill};
use crate::diagnose::finding::{Confidence, Evidence, EvidenceSource, Finding};
use crate::diagnose::rules::rule;
use crate::diagnose::run::looked_at;
use crate::diagnose::signature;
use crate::diagnose::subject::Subject;
use crate::workload::Role;
use crate::yaml::{Document, Problem, from_value};
use regex::{Regex, RegexBuilder};
use serde::Deserialize;

/// A cause that a team has written down, ready to look for.
#[derive(Debug, Clone)]
pub struct Cause {
    pub id: String,
    pub owner: String,
    pub summary: String,
    pub advice: Vec<String>,
    pub runbook: Option<String>,
    status: Option<Regex>,
    event: Option<Regex>,
    log: Option<Regex>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    causes: Vec<WrittenCause>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenCause {
    id: String,
    owner: String,
    #[serde(rename = "match")]
    matches: Matches,
    summary: String,
    #[serde(default)]
    advice: Vec<String>,
    #[serde(default)]
    runbook: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Matches {
    #[serde(default)]
    status: Option<String>,
    #[serde(default)]
    event: Option<String>,
    #[serde(default)]
    log: Option<String>,
}

/// What a summary and advice may name.
const FACTS: &[&str] = &["container", "pod", "node", "image", "code", "restarts", "memory", "what"];
/// Bounds what an expression may cost.
const REGEX_BYTES: usize = 1 << 20;

/// The causes of one document, or all that is wrong with it.
pub fn read(document: &Document) -> Result<Vec<Cause>, Vec<Problem>> {
    let file: File = from_value(document).map_err(|problem| vec![problem])?;
    let mut problems = Vec::new();
    let mut causes: Vec<Cause> = Vec::new();
    for (index, written) in file.causes.into_iter().enumerate() {
        let at = |field: &str| format!("/causes/{index}/{field}");
        let mut wrong = |field: &str, message: String| problems.push(document.problem(&at(field), message));
        check_words(&written, &mut wrong);
        if causes.iter().any(|known| known.id == written.id) {
            wrong("id", format!("there are two causes {}", written.id));
        }
        let mut compile = |field: &str, text: &Option<String>| {
            let text = text.as_ref()?;
            let compiled = RegexBuilder::new(text).case_insensitive(true).size_limit(REGEX_BYTES).build();
            compiled
                .map_err(|error| {
                    wrong(&format!("match/{field}"), format!("no regular expression: {}", last_line(&error)))
                })
                .ok()
        };
        let matches = &written.matches;
        causes.push(Cause {
            status: compile("status", &matches.status),
            event: compile("event", &matches.event),
            log: compile("log", &matches.log),
            id: written.id,
            owner: written.owner,
            summary: written.summary,
            advice: written.advice,
            runbook: written.runbook,
        });
    }
    if problems.is_empty() { Ok(causes) } else { Err(problems) }
}

fn check_words(written: &WrittenCause, wrong: &mut impl FnMut(&str, String)) {
    let kebab = |id: &str| {
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        id.starts_with(|c: char| c.is_ascii_lowercase()) && id.chars().all(fits) && !id.ends_with('-')
    };
    if !kebab(&written.id) {
        wrong("id", format!("{:?} is no id: lower-case letters, digits and dashes", written.id));
    }
    if rule(&written.id).is_some() {
        wrong("id", format!("{} is one of callboard's own causes: choose another id", written.id));
    }
    if written.owner.trim().is_empty() {
        wrong("owner", "an owner is needed: the group or user to ask".to_string());
    }
    if written.summary.trim().is_empty() || written.summary.contains('\n') {
        wrong("summary", "a summary is one line".to_string());
    }
    let matches = &written.matches;
    let named: Vec<&String> = [&matches.status, &matches.event, &matches.log].into_iter().flatten().collect();
    if named.is_empty() {
        wrong("match", "status, event or log is needed: a regular expression each".to_string());
    }
    if named.iter().any(|text| Regex::new(text).is_ok_and(|regex| regex.is_match(""))) {
        wrong("match", "an expression that fits nothing at all fits everything".to_string());
    }
    let all = FACTS.iter().fold(Placeholders::default(), |facts, name| facts.with(name, "x"));
    let known = FACTS.join(", ");
    if fill(&written.summary, &all).is_none() {
        wrong("summary", format!("names a fact that there is none of: known are {known}"));
    }
    for (index, line) in written.advice.iter().enumerate() {
        if fill(line, &all).is_none() || line.trim().is_empty() || line.contains('\n') {
            wrong(&format!("advice/{index}"), format!("one command a line; known facts are {known}"));
        }
    }
    if written
        .runbook
        .as_ref()
        .is_some_and(|url| !(url.starts_with("https://") || url.starts_with("http://")))
    {
        wrong("runbook", "a runbook is a URL: https://...".to_string());
    }
}

/// What the causes say of a subject: all whose every expression fits. They stand before ours, as the team knows
/// its service best. Only what is in trouble is looked at.
pub fn diagnose(causes: &[Cause], subject: &Subject) -> Vec<Finding> {
    if causes.is_empty() {
        return Vec::new();
    }
    let done = |pod: &crate::workload::Pod| pod.status.phase == "Succeeded" || pod.is_ready();
    if subject.pod.is_some_and(|pod| done(pod) && failed_containers(subject).is_empty()) {
        return Vec::new();
    }
    let seen = looked_at(subject);
    causes.iter().filter_map(|cause| cause.find(subject, &seen)).collect()
}

impl Cause {
    /// What the cause needs before it can fit.
    pub fn needs(&self) -> crate::diagnose::Needs {
        crate::diagnose::Needs { events: self.event.is_some(), log: self.log.is_some(), ..Default::default() }
    }

    fn find(&self, subject: &Subject, seen: &[Evidence]) -> Option<Finding> {
        let of = |regex: &Regex, sources: &[EvidenceSource]| -> Option<Evidence> {
            let fits =
                |evidence: &&Evidence| sources.contains(&evidence.source) && regex.is_match(&evidence.text);
            seen.iter().rev().find(fits).cloned()
        };
        let mut evidence = Vec::new();
        if let Some(log) = &self.log {
            evidence.push(self.line(subject, log)?);
        }
        if let Some(event) = &self.event {
            let events = subject.events.iter().map(|event| format!("{}: {}", event.reason, event.message));
            evidence.push(Evidence {
                source: EvidenceSource::Event,
                text: events.into_iter().find(|text| event.is_match(text))?,
            });
        }
        if let Some(status) = &self.status {
            evidence.push(of(
                status,
                &[EvidenceSource::Status, EvidenceSource::Condition, EvidenceSource::Node],
            )?);
        }
        let deciding = evidence.first()?;
        let (facts, container) = facts(subject);
        let what = self.log.as_ref().or(self.event.as_ref()).or(self.status.as_ref())?;
        let what = what
            .captures(&deciding.text)
            .and_then(|words| words.name("what").map(|what| what.as_str().to_string()));
        let facts = facts.with("what", what.unwrap_or_default());
        let pod = subject.pod.map_or("", |pod| pod.meta.name.as_str());
        Some(Finding {
            cause: self.id.clone(),
            owner: Some(self.owner.clone()),
            runbook: self.runbook.clone(),
            confidence: if evidence.len() > 1 { Confidence::High } else { Confidence::Medium },
            summary: fill(&self.summary, &facts).unwrap_or_else(|| self.id.clone()),
            container,
            next: self.advice.iter().filter_map(|line| NextCommand::filled(line, &facts)).collect(),
            alternatives: Vec::new(),
            blames: None,
            signature: signature::of(&deciding.text, pod),
            since: None,
            evidence,
        })
    }

    fn line(&self, subject: &Subject, regex: &Regex) -> Option<Evidence> {
        let lines = subject.logs.iter().flat_map(|log| log.text.lines().rev().take(500));
        let messages = failed_containers(subject)
            .into_iter()
            .filter_map(|failed| failed.end)
            .flat_map(|end| end.message.lines());
        let text = messages.chain(lines).find(|line| regex.is_match(line))?;
        Some(Evidence { source: EvidenceSource::Log, text: text.trim().to_string() })
    }
}

fn facts(subject: &Subject) -> (Placeholders, Option<String>) {
    if let Some(failed) = failed_containers(subject).first() {
        return (failed.facts(), Some(failed.name().to_string()));
    }
    let Some(pod) = subject.pod else { return (Placeholders::default(), None) };
    let all = pod.containers();
    let running = all.iter().find(|container| {
        container.role == Role::Main && container.status.is_some_and(|status| !status.ready)
    });
    let name = running.map(|container| container.name.to_string());
    (pod_facts(pod).with("container", name.clone().unwrap_or_default()), name)
}

fn last_line(error: &regex::Error) -> String {
    error.to_string().lines().last().unwrap_or_default().trim().to_string()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{diagnose, read};
    use crate::diagnose::command::KubectlFlags;
    use crate::diagnose::subject::{ContainerLog, Subject};
    use crate::workload::{Object, kind};
    use crate::yaml::documents;

    fn causes(yaml: &str) -> Result<Vec<super::Cause>, Vec<String>> {
        let document = documents("causes.yaml", yaml).into_iter().next().unwrap().unwrap();
        read(&document).map_err(|problems| {
            problems.iter().map(|problem| format!("{}: {}", problem.place, problem.message)).collect()
        })
    }

    const GOOD: &str = "causes:\n- id: license-expired\n  owner: team-billing\n  match: {log: 'license (?P<what>\\S+) has expired', status: 'exit code 3'}\n  summary: '{container} has no license[ {what}]'\n  advice: [get configmap license, '! open {what}']\n  runbook: https://r.example.com/x\n";

    #[test]
    fn a_team_names_its_own_cause() {
        let causes = causes(GOOD).unwrap();
        let json = r#"{"metadata":{"name":"web-1"},"spec":{"containers":[{"name":"app"}]},"status":{"phase":"Running","containerStatuses":[
            {"name":"app","restartCount":3,"state":{"waiting":{"reason":"CrashLoopBackOff"}},"lastState":{"terminated":{"exitCode":3,"reason":"Error"}}}]}}"#;
        let Object::Pod(pod) = kind("Pod").unwrap().observe(json).unwrap() else { panic!() };
        let logs = [ContainerLog::new("app", "start\nlicense $(x) has expired\n", true)];
        let subject =
            Subject { logs: &logs, ..Subject::of_pod(&pod, "2026-01-01T00:00:00Z".parse().unwrap()) };
        let findings = diagnose(&causes, &subject);
        assert_eq!(findings.len(), 1);
        let finding = &findings[0];
        assert_eq!(
            (finding.cause.as_str(), finding.owner.as_deref()),
            ("license-expired", Some("team-billing"))
        );
        assert_eq!(finding.summary, "app has no license $(x)");
        assert_eq!(finding.container.as_deref(), Some("app"));
        assert_eq!(finding.evidence[0].text, "license $(x) has expired");
        let at = KubectlFlags { context: "us-1", namespace: "shop", ..KubectlFlags::default() };
        assert_eq!(finding.next[0].line(at), "kubectl --context us-1 -n shop get configmap license");
        assert_eq!(finding.next[1].line(at), "open '$(x)'");
        assert!(diagnose(&causes, &Subject { logs: &[], ..subject }).is_empty(), "every expression must fit");
        let well = json.replace("Running", "Succeeded");
        let Object::Pod(well) = kind("Pod").unwrap().observe(&well).unwrap() else { panic!() };
        assert!(
            diagnose(&causes, &Subject { pod: Some(&well), ..subject }).is_empty(),
            "it is over and done"
        );
    }

    #[track_caller]
    fn check(yaml: &str, expect: &str) {
        let problems = causes(yaml).expect_err("a problem");
        assert!(problems.iter().any(|problem| problem.contains(expect)), "{problems:?}");
    }

    #[test]
    fn files_are_checked_strictly() {
        check(&GOOD.replace("license-expired", "oom-killed"), "callboard's own causes");
        check(&GOOD.replace("license-expired", "License_Expired"), "is no id");
        check(&GOOD.replace("has expired'", "('"), "no regular expression");
        check(&GOOD.replace("'license (?P<what>\\S+) has expired'", "'.*'"), "fits everything");
        check(&GOOD.replace("{container} has", "{nobody} has"), "known are container");
        check(&GOOD.replace("https://", "ftp://"), "is a URL");
        check(&GOOD.replace("team-billing", "''"), "an owner is needed");
        check(&GOOD.replace("runbook", "runbok"), "runbok");
        check(
            &GOOD.replace(
                "match: {log: 'license (?P<what>\\S+) has expired', status: 'exit code 3'}",
                "match: {}",
            ),
            "is needed",
        );
        check(&format!("{GOOD}{}", &GOOD["causes:\n".len()..]), "two causes");
        check("causes: 3", "causes");
        check("- x", "causes.yaml:1");
    }
}
