//! Who speaks in a log: every line of a program comes with its time, and a line without one is the kubelet's own.

use crate::fleet::logs::LogLine;

/// What the kubelet serves in place of a log, or in the middle of one.
const SENTENCES: &[&str] = &[
    "unable to retrieve container logs for ",
    "failed to try resolving symlinks in path ",
    "failed to create fsnotify watch",
    "failed to open log file ",
    "rpc error: code = ",
];

/// Tells a program's lines from the kubelet's. A node that gives no line a time, as some virtual kubelets do, leaves that open: where
/// a second line comes without one, all but the kubelet's known sentences are the program's.
#[derive(Debug, Default)]
pub struct Voice {
    is_timed: bool,
    is_untimed: bool,
    /// The first line, without a time: whose it is, the next one shows.
    first: Option<LogLine>,
    /// The kubelet's first words.
    pub said: Option<String>,
}

impl Voice {
    /// The program's lines that are known by now.
    pub fn hear(&mut self, line: LogLine) -> Vec<LogLine> {
        if line.at.is_some() {
            self.is_timed = true;
            self.end();
            return vec![line];
        }
        if is_kubelets(&line.text) || (self.is_timed && !self.is_untimed) {
            self.said.get_or_insert(line.text);
            return Vec::new();
        }
        if self.is_untimed {
            return vec![line];
        }
        match self.first.take() {
            Some(first) => {
                self.is_untimed = true;
                vec![first, line]
            }
            None => {
                self.first = Some(line);
                Vec::new()
            }
        }
    }

    /// Nothing without a time follows: what stands alone so was the kubelet's.
    pub fn end(&mut self) {
        if let Some(line) = self.first.take() {
            self.said.get_or_insert(line.text);
        }
    }
}

fn is_kubelets(text: &str) -> bool {
    SENTENCES.iter().any(|sentence| text.starts_with(sentence))
}

#[cfg(test)]
mod tests {
    use super::Voice;
    use crate::commands::logs::merge::tests::line;

    /// Lines by their seconds and words; below zero is a line without a time.
    #[track_caller]
    fn check(log: &[(i64, &str)], program: &[&str], kubelet: Option<&str>) {
        let mut voice = Voice::default();
        let heard: Vec<String> = log
            .iter()
            .flat_map(|(second, text)| voice.hear(line(*second, text)))
            .map(|line| line.text)
            .collect();
        voice.end();
        assert_eq!(heard, program, "{log:?}");
        assert_eq!(voice.said.as_deref(), kubelet, "{log:?}");
    }

    const GONE: &str = "unable to retrieve container logs for containerd://1f";

    #[test]
    fn the_kubelets_words_are_not_the_programs() {
        check(&[(-1, GONE)], &[], Some(GONE));
        check(&[(-1, "what no list knows")], &[], Some("what no list knows"));
        check(&[(1, "a"), (2, "b"), (-1, GONE)], &["a", "b"], Some(GONE));
        check(&[(-1, "odd"), (1, "a"), (-1, "odder")], &["a"], Some("odd"));
        check(
            &[(1, "unable to retrieve container logs for me")],
            &["unable to retrieve container logs for me"],
            None,
        );
        check(&[], &[], None);
    }

    #[test]
    fn a_node_that_knows_no_times_hides_nothing() {
        check(&[(-1, "a"), (-1, "b"), (-1, "c")], &["a", "b", "c"], None);
        check(&[(-1, "a"), (-1, "b"), (-1, GONE), (3, "c"), (-1, "d")], &["a", "b", "c", "d"], Some(GONE));
    }
}
