//! A finding: the cause, how sure, in whose words, and what to type next.

use crate::diagnose::fill::{Facts, fill};
use crate::diagnose::rule::Rule;
use crate::diagnose::signature;
use jiff::Timestamp;

/// How sure: high = the kubelet, the scheduler or a controller says so; medium = two signals agree, or a log
/// line beside a non-zero exit; low = one weak signal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Confidence {
    Low,
    Medium,
    High,
}

/// Where a piece of evidence was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Source {
    Status,
    Condition,
    Event,
    Log,
    Node,
    Object,
}

/// Verbatim, as the cluster said it: not yet fit for a terminal.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Evidence {
    pub source: Source,
    pub text: String,
}

/// A command to type next, complete but for the place.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Command {
    /// kubectl's arguments, or a whole command line where `kubectl` is false.
    pub arguments: String,
    pub kubectl: bool,
    /// Cluster-wide objects (nodes) take no namespace.
    pub namespaced: bool,
}

/// One cause of what is wrong with a subject.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// An id of RULES, or a team's own.
    pub cause: String,
    /// Who stands behind a team's own cause.
    pub owner: Option<String>,
    pub runbook: Option<String>,
    pub confidence: Confidence,
    /// One line for someone who has just been woken.
    pub summary: String,
    /// The container to blame; for a pod's end its first main one; `None` where none is.
    pub container: Option<String>,
    /// The deciding piece first.
    pub evidence: Vec<Evidence>,
    pub next: Vec<Command>,
    /// Other causes that the same facts allow, the likeliest first.
    pub alternatives: Vec<String>,
    /// Equal for findings that are the same trouble, in any pod, workload or cluster.
    pub signature: String,
    pub since: Option<Timestamp>,
}

impl Finding {
    /// A finding of a rule, its summary and commands filled with the facts.
    pub fn new(rule: &Rule, confidence: Confidence, facts: &Facts) -> Finding {
        let next = rule.next.iter().filter_map(|template| Command::filled(template, facts)).collect();
        Finding {
            cause: rule.code.to_string(),
            owner: None,
            runbook: None,
            confidence,
            summary: fill(rule.summary, facts).unwrap_or_else(|| rule.title.to_string()),
            container: None,
            evidence: Vec::new(),
            next,
            alternatives: Vec::new(),
            signature: String::new(),
            since: None,
        }
    }

    /// Adds evidence unless it says nothing or was said already.
    pub fn because(mut self, source: Source, text: &str) -> Finding {
        let text = text.trim();
        if !text.is_empty() && !self.evidence.iter().any(|known| known.text == text) {
            self.evidence.push(Evidence { source, text: text.to_string() });
        }
        self
    }

    pub fn container(mut self, name: &str) -> Finding {
        self.container = Some(name.to_string()).filter(|name| !name.is_empty());
        self
    }

    pub fn or(mut self, causes: &[&str]) -> Finding {
        self.alternatives.extend(causes.iter().map(|cause| cause.to_string()));
        self
    }

    /// What makes two findings of a cause the same: the deciding line without what differs from run to run.
    pub fn like(mut self, line: &str, pod: &str) -> Finding {
        self.signature = signature::of(line, pod);
        self
    }

    pub fn since(mut self, since: Option<Timestamp>) -> Finding {
        self.since = self.since.or(since);
        self
    }
}

impl Confidence {
    pub fn word(self) -> &'static str {
        match self {
            Confidence::Low => "low",
            Confidence::Medium => "medium",
            Confidence::High => "high",
        }
    }

    /// One step down, for evidence that is missing or from another run.
    pub fn lowered(self) -> Confidence {
        match self {
            Confidence::High => Confidence::Medium,
            _ => Confidence::Low,
        }
    }
}

impl Source {
    pub fn word(self) -> &'static str {
        match self {
            Source::Status => "status",
            Source::Condition => "condition",
            Source::Event => "event",
            Source::Log => "log",
            Source::Node => "node",
            Source::Object => "object",
        }
    }
}

impl Command {
    /// A template of a rule: `! ` begins a command that is not kubectl's, `~ ` one without a namespace.
    /// `None` where a fact that it needs is not known.
    pub fn filled(template: &str, facts: &Facts) -> Option<Command> {
        let quoted = facts.quoted();
        let (text, kubectl, namespaced) = match (template.strip_prefix("! "), template.strip_prefix("~ ")) {
            (Some(text), _) => (text, false, false),
            (_, Some(text)) => (text, true, false),
            _ => (template, true, true),
        };
        Some(Command { arguments: fill(text, &quoted)?, kubectl, namespaced })
    }

    /// The line to type, for the place it is about. An empty context or namespace is left out.
    pub fn line(&self, context: &str, namespace: &str) -> String {
        if !self.kubectl {
            return self.arguments.clone();
        }
        let mut line = "kubectl".to_string();
        if !context.is_empty() {
            line += &format!(" --context {}", shell(context));
        }
        if self.namespaced && !namespace.is_empty() {
            line += &format!(" -n {}", shell(namespace));
        }
        format!("{line} {}", self.arguments)
    }
}

/// One word of a POSIX shell, quoted where it needs to be: names come from clusters.
pub fn shell(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@%+=,".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_string();
    }
    let word: String = word.chars().filter(|c| !c.is_control()).collect();
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::{Command, shell};

    #[test]
    fn commands_name_their_place() {
        let logs = Command { arguments: "logs web-1 -c app".into(), kubectl: true, namespaced: true };
        assert_eq!(logs.line("us-1", "shop"), "kubectl --context us-1 -n shop logs web-1 -c app");
        assert_eq!(logs.line("", ""), "kubectl logs web-1 -c app");
        let node = Command { arguments: "describe node n1".into(), kubectl: true, namespaced: false };
        assert_eq!(
            node.line("admin@prod cluster", "shop"),
            "kubectl --context 'admin@prod cluster' describe node n1"
        );
        let other = Command { arguments: "crane manifest a/b:1".into(), kubectl: false, namespaced: false };
        assert_eq!(other.line("us-1", "shop"), "crane manifest a/b:1");
    }

    #[test]
    fn names_cannot_run_commands() {
        assert_eq!(shell("a$(reboot)"), "'a$(reboot)'");
        assert_eq!(shell("it's; rm\n"), r"'it'\''s; rm'");
        assert_eq!(shell(""), "''");
        assert_eq!(shell("arn:aws:eks:eu-1:1:cluster/x"), "arn:aws:eks:eu-1:1:cluster/x");
    }
}
