//! A command to type next, its names quoted for a shell.

use crate::diagnose::fill::{Facts, plain};
use crate::text::shell_word;

/// A command to type next, complete but for the place.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Command {
    /// kubectl's arguments, or a whole command line where `kubectl` is false.
    pub arguments: String,
    pub kubectl: bool,
    /// Cluster-wide objects (nodes) take no namespace.
    pub namespaced: bool,
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
        Some(Command { arguments: plain(text, &quoted)?, kubectl, namespaced })
    }

    /// Whether it shows what a Secret or ConfigMap holds: worth typing also where all is well, and comparing.
    pub fn shows_keys(&self) -> bool {
        self.kubectl
            && ["get secret ", "get configmap "].iter().any(|start| self.arguments.starts_with(start))
    }

    /// Whether it fails unless the container runs: nothing measures or joins one that waits in back-off.
    pub fn needs_it_running(&self) -> bool {
        self.arguments.contains(" --target=")
            || (self.arguments.starts_with("top pod ") && self.arguments.ends_with(" --containers"))
    }

    /// Whether it shows lines of a container: the right to pods says nothing about the right to their logs.
    pub fn reads_logs(&self) -> bool {
        self.kubectl && self.arguments.starts_with("logs ")
    }

    pub fn reads_nodes(&self) -> bool {
        let starts = ["describe node", "get node", "top node"];
        self.kubectl && starts.iter().any(|start| self.arguments.starts_with(start))
    }

    /// Whether it puts a container of its own into the pod.
    pub fn joins_the_pod(&self) -> bool {
        self.kubectl && self.arguments.starts_with("debug ") && !self.arguments.contains(" --copy-to=")
    }

    /// The line to type, for the place it is about. An empty context or namespace is left out.
    pub fn line(&self, context: &str, namespace: &str) -> String {
        if !self.kubectl {
            return self.arguments.clone();
        }
        let mut line = "kubectl".to_string();
        if !context.is_empty() {
            line += &format!(" --context {}", shell_word(context));
        }
        if self.namespaced && !namespace.is_empty() {
            line += &format!(" -n {}", shell_word(namespace));
        }
        format!("{line} {}", self.arguments)
    }
}

#[cfg(test)]
mod tests {
    use super::Command;
    use crate::diagnose::fill::Facts;

    #[test]
    fn no_name_becomes_a_flag() {
        let filled = |pod: &str| {
            let facts = Facts::default().with("pod", pod).with("container", "app");
            Command::filled("logs {pod} -c {container}", &facts).map(|command| command.arguments)
        };
        assert_eq!(filled("web-1").as_deref(), Some("logs web-1 -c app"));
        assert_eq!(filled("--kubeconfig=/tmp/evil/x"), None);
    }

    #[test]
    fn some_need_a_container_that_runs_and_some_show_keys() {
        let command = |text: &str| Command { arguments: text.into(), kubectl: true, namespaced: true };
        for text in ["top pod web-1 --containers", "debug web-1 -it --image=busybox --target=app"] {
            assert!(command(text).needs_it_running(), "{text}");
        }
        for text in
            ["top pods --containers --sort-by=memory", "debug web-1 -it --copy-to=web-1-debug", "logs web-1"]
        {
            assert!(!command(text).needs_it_running(), "{text}");
        }
        assert!(command("get secret pay -o json | jq '.data|keys'").shows_keys());
        assert!(!command("get secrets").shows_keys());
    }

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
}
