//! The line of the WHY column: who, what happens, how often, then Kubernetes' own word (docs/health.md section 1.3).

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
        // Nearly all of it may come from a cluster.
        crate::text::safe(&line)
    }
}

fn times(restarts: i64) -> String {
    crate::text::count(usize::try_from(restarts).unwrap_or_default(), "restart")
}

#[cfg(test)]
mod tests {
    use super::Why;

    #[test]
    fn a_line_steers_no_terminal() {
        let why = Why::new("app", "exits\u{1b}[2J", "Not\u{feff}Ready");
        assert_eq!(why.line(None), "app exits\u{fffd}[2J (Not\u{fffd}Ready)");
    }

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
}
