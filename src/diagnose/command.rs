//! A command to type next, its names quoted for a shell.

use crate::diagnose::fill::{Placeholders, plain};
use crate::text::shell_word;

/// What kubectl has to be told to reach a place. What is empty is left out.
#[derive(Debug, Clone, Copy, Default)]
pub struct KubectlFlags<'a> {
    /// The file that the run itself was given: without it kubectl would read another.
    pub kubeconfig: &'a str,
    pub context: &'a str,
    /// Where another context's credential leads to it.
    pub server: &'a str,
    pub namespace: &'a str,
}

/// A command to type next, complete but for the place.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct NextCommand {
    /// kubectl's arguments, or a whole command line where `kubectl` is false.
    pub arguments: String,
    pub kubectl: bool,
    /// Cluster-wide objects (nodes) take no namespace.
    pub namespaced: bool,
}

impl NextCommand {
    /// A template of a rule: `! ` begins a command that is not kubectl's, `~ ` one without a namespace.
    /// `None` where a fact that it needs is not known.
    pub fn filled(template: &str, facts: &Placeholders) -> Option<NextCommand> {
        let quoted = facts.quoted();
        let (text, kubectl, namespaced) = match (template.strip_prefix("! "), template.strip_prefix("~ ")) {
            (Some(text), _) => (text, false, false),
            (_, Some(text)) => (text, true, false),
            _ => (template, true, true),
        };
        Some(NextCommand { arguments: plain(text, &quoted)?, kubectl, namespaced })
    }

    /// Whether it shows what a Secret or ConfigMap holds: worth typing also where all is well, and comparing.
    pub fn shows_keys(&self) -> bool {
        self.kubectl
            && ["get secret ", "get configmap "].iter().any(|start| self.arguments.starts_with(start))
    }

    /// Whether it fails unless the container runs: nothing joins one that waits in back-off.
    pub fn joins_a_container(&self) -> bool {
        self.arguments.contains(" --target=")
    }

    /// Whether it asks what the pod uses now: nothing, where it does not run or has only just begun to again.
    pub fn measures_the_pod(&self) -> bool {
        self.kubectl && self.arguments.starts_with("top pod ")
    }

    /// Whether kubectl has the verb for the kind that it names: it has no rollout of a Rollout, and no logs of a CronJob.
    pub fn suits_its_kind(&self) -> bool {
        const ROLLED_OUT: &[&str] = &["deployment", "daemonset", "statefulset"];
        const LOGGED: &[&str] = &["deployment", "daemonset", "statefulset", "replicaset", "job"];
        let words: Vec<&str> = self.arguments.split(' ').collect();
        let (named, kinds) = match words.as_slice() {
            ["rollout", "status", named, ..] => (named, ROLLED_OUT),
            ["logs", named, ..] => (named, LOGGED),
            _ => return true,
        };
        let kind = named.split_once('/').map(|(kind, _)| kind.to_lowercase());
        !self.kubectl || kind.is_none_or(|kind| kinds.contains(&kind.as_str()))
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

    /// The line to type, for the place it is about.
    pub fn line(&self, at: KubectlFlags) -> String {
        if !self.kubectl {
            return self.arguments.clone();
        }
        let namespace = if self.namespaced { at.namespace } else { "" };
        let mut line = "kubectl".to_string();
        let flags = [
            ("--kubeconfig", at.kubeconfig),
            ("--context", at.context),
            ("--server", at.server),
            ("-n", namespace),
        ];
        for (flag, value) in flags {
            if !value.is_empty() {
                line += &format!(" {flag} {}", shell_word(value));
            }
        }
        format!("{line} {}", self.arguments)
    }
}

#[cfg(test)]
mod tests {
    use super::{KubectlFlags, NextCommand};
    use crate::diagnose::fill::Placeholders;

    #[test]
    fn no_name_becomes_a_flag() {
        let filled = |pod: &str| {
            let facts = Placeholders::default().with("pod", pod).with("container", "app");
            NextCommand::filled("logs {pod} -c {container}", &facts).map(|command| command.arguments)
        };
        assert_eq!(filled("web-1").as_deref(), Some("logs web-1 -c app"));
        assert_eq!(filled("--kubeconfig=/tmp/evil/x"), None);
    }

    #[test]
    fn some_need_a_container_that_runs_and_some_show_keys() {
        let command = |text: &str| NextCommand { arguments: text.into(), kubectl: true, namespaced: true };
        assert!(command("debug web-1 -it --image=busybox --target=app").joins_a_container());
        assert!(command("top pod web-1 --containers").measures_the_pod());
        for text in
            ["top pods --containers --sort-by=memory", "debug web-1 -it --copy-to=web-1-debug", "logs web-1"]
        {
            let command = command(text);
            assert!(!command.joins_a_container() && !command.measures_the_pod(), "{text}");
        }
        assert!(command("get secret pay -o json | jq '.data|keys'").shows_keys());
        assert!(!command("get secrets").shows_keys());
    }

    #[test]
    fn kubectl_knows_not_every_verb_of_every_kind() {
        let command = |text: &str| NextCommand { arguments: text.into(), kubectl: true, namespaced: true };
        for text in ["rollout status rollout/web", "logs cronjob/web --tail=50", "logs Rollout/web"] {
            assert!(!command(text).suits_its_kind(), "{text}");
        }
        for text in
            ["rollout status deployment/web", "logs Job/web", "logs web-1 -c app", "describe rollout/web"]
        {
            assert!(command(text).suits_its_kind(), "{text}");
        }
    }

    #[test]
    fn commands_name_their_place() {
        let logs = NextCommand { arguments: "logs web-1 -c app".into(), kubectl: true, namespaced: true };
        let at = KubectlFlags { context: "us-1", namespace: "shop", ..KubectlFlags::default() };
        assert_eq!(logs.line(at), "kubectl --context us-1 -n shop logs web-1 -c app");
        assert_eq!(logs.line(KubectlFlags::default()), "kubectl logs web-1 -c app");
        let at = KubectlFlags { kubeconfig: "of ida/config", ..at };
        assert_eq!(
            logs.line(at),
            "kubectl --kubeconfig 'of ida/config' --context us-1 -n shop logs web-1 -c app"
        );
        let node = NextCommand { arguments: "describe node n1".into(), kubectl: true, namespaced: false };
        assert_eq!(
            node.line(KubectlFlags {
                context: "admin@prod cluster",
                namespace: "shop",
                ..Default::default()
            }),
            "kubectl --context 'admin@prod cluster' describe node n1"
        );
        let other =
            NextCommand { arguments: "crane manifest a/b:1".into(), kubectl: false, namespaced: false };
        assert_eq!(other.line(at), "crane manifest a/b:1");
    }
}
