//! The line of the WHY column: who, what happens, how often, then Kubernetes' own word.

/// The parts of a line, kept apart so that the same trouble in several pods becomes one line.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Why {
    /// `app`, `init migrate`; empty where no container is to blame.
    pub subject: String,
    /// `exits 1`, `OOMKilled`, `cannot pull web:1.4`
    pub what: String,
    /// `limit 256Mi`
    pub limit: String,
    pub restarts: i64,
    /// `in back-off`
    pub tail: String,
    /// Kubernetes' word, said once.
    pub word: String,
}

impl Why {
    pub fn new(subject: impl Into<String>, what: impl Into<String>, word: impl Into<String>) -> Why {
        Why { subject: subject.into(), what: what.into(), word: word.into(), ..Why::default() }
    }

    /// Whether two pods have the same trouble.
    pub fn is_like(&self, other: &Why) -> bool {
        self.subject == other.subject && self.what == other.what && self.limit == other.limit
    }

    /// Adds another pod's share of the same trouble.
    pub fn add(&mut self, other: &Why) {
        self.restarts = self.restarts.saturating_add(other.restarts);
        if self.tail != "in back-off" && !other.tail.is_empty() {
            (self.tail, self.word) = (other.tail.clone(), other.word.clone());
        }
    }

    /// The line; `pods` says in how many, where that is not all of them.
    pub fn line(&self, pods: Option<usize>) -> String {
        let mut line = self.subject.clone();
        if !line.is_empty() && !self.what.is_empty() {
            line.push(' ');
        }
        line.push_str(&self.what);
        if !self.limit.is_empty() {
            line.push_str(", ");
            line.push_str(&self.limit);
        }
        let pods = pods.map(|pods| crate::text::count(pods, "pod"));
        match (self.restarts, pods) {
            (0, None) => {}
            (0, Some(pods)) => line.push_str(&format!(", {pods}")),
            (restarts, None) => line.push_str(&format!(", {}", times(restarts))),
            (restarts, Some(pods)) => line.push_str(&format!(", {} in {pods}", times(restarts))),
        }
        if !self.tail.is_empty() {
            line.push_str(", ");
            line.push_str(&self.tail);
        }
        if !self.word.is_empty() && !line.contains(&self.word) {
            line.push_str(&format!(" ({})", self.word));
        }
        line
    }
}

fn times(restarts: i64) -> String {
    crate::text::count(usize::try_from(restarts).unwrap_or_default(), "restart")
}

/// One line of a message from a cluster: its first line that says something, safe to print, without the final stop.
pub fn sentence(message: &str) -> String {
    let line = message.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    crate::text::safe(line).trim_end_matches('.').to_string()
}

/// The end of an image's name, which is what tells images apart: `web:1.4.2`; a digest is cut to 12 digits.
pub fn short_image(image: &str) -> String {
    let name = image.rsplit('/').next().unwrap_or(image);
    let name = match name.split_once("@sha256:") {
        Some((name, digest)) => format!("{name}@{}", digest.chars().take(12).collect::<String>()),
        None => name.to_string(),
    };
    crate::text::safe(&name)
}

/// The signal that an exit code above 128 stands for, where it is one that programs meet.
pub fn signal(exit_code: i64) -> Option<&'static str> {
    Some(match exit_code {
        129 => "SIGHUP",
        130 => "SIGINT",
        131 => "SIGQUIT",
        132 => "SIGILL",
        133 => "SIGTRAP",
        134 => "SIGABRT",
        135 => "SIGBUS",
        136 => "SIGFPE",
        137 => "SIGKILL",
        139 => "SIGSEGV",
        141 => "SIGPIPE",
        143 => "SIGTERM",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::{Why, sentence, short_image};

    #[test]
    fn a_line_says_who_what_how_often_and_the_word() {
        let mut why =
            Why { restarts: 7, tail: "in back-off".into(), ..Why::new("app", "exits 1", "CrashLoopBackOff") };
        assert_eq!(why.line(None), "app exits 1, 7 restarts, in back-off (CrashLoopBackOff)");
        why.add(&Why { restarts: 5, ..Why::new("app", "exits 1", "") });
        assert_eq!(why.line(Some(2)), "app exits 1, 12 restarts in 2 pods, in back-off (CrashLoopBackOff)");
        let oom = Why { limit: "limit 256Mi".into(), ..Why::new("app", "OOMKilled", "OOMKilled") };
        assert_eq!(oom.line(Some(2)), "app OOMKilled, limit 256Mi, 2 pods");
        assert_eq!(Why::new("", "no node fits", "Unschedulable").line(None), "no node fits (Unschedulable)");
    }

    #[test]
    fn texts_from_clusters_become_one_safe_line() {
        assert_eq!(sentence("\n  first.\nsecond"), "first");
        assert_eq!(sentence("red \x1b[31m"), "red \u{fffd}[31m");
        assert_eq!(sentence(""), "");
        assert_eq!(short_image("registry.example.com:5000/team/web:1.4.2"), "web:1.4.2");
        assert_eq!(short_image("r/web@sha256:0123456789abcdef0123"), "web@0123456789ab");
        assert_eq!(short_image(""), "");
    }
}
