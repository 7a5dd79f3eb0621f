//! What was found as JUnit's XML, which CI servers show as tests: a suite for each service, a test for each rule.

use std::fmt::Write;

use crate::commands::check::rows::{RuleItem, ServiceCheck};
use crate::readiness::RuleState;
use crate::text::safe;

pub fn junit(items: &[ServiceCheck]) -> String {
    let mut text =
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"callboard check\">\n".to_string();
    for item in items {
        let number = |wanted: JunitResult| item.rules.iter().filter(|rule| outcome(rule) == wanted).count();
        let _ = writeln!(
            text,
            "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\">",
            escaped(&item.service),
            item.rules.len(),
            number(JunitResult::Failure),
            number(JunitResult::Error),
            number(JunitResult::Skipped)
        );
        item.rules.iter().for_each(|rule| text.push_str(&test(&item.service, rule)));
        text.push_str("  </testsuite>\n");
    }
    text + "</testsuites>\n"
}

/// What JUnit knows of a test.
#[derive(Clone, Copy, PartialEq)]
enum JunitResult {
    Passed,
    Failure,
    /// Nobody could say.
    Error,
    Skipped,
}

fn outcome(rule: &RuleItem) -> JunitResult {
    match (rule.worst, rule.counts) {
        (RuleState::Pass | RuleState::Warn, _) => JunitResult::Passed,
        (RuleState::Fail, true) => JunitResult::Failure,
        (RuleState::Unknown, true) => JunitResult::Error,
        // Above the level that is asked for it fails nothing.
        _ => JunitResult::Skipped,
    }
}

fn test(service: &str, rule: &RuleItem) -> String {
    let name = escaped(&format!("{} {}", rule.id, rule.title));
    let head = format!("    <testcase classname=\"{}\" name=\"{name}\"", escaped(service));
    let told: Vec<String> = rule
        .verdicts
        .iter()
        .filter(|verdict| verdict.is == rule.worst && verdict.is != RuleState::Pass)
        .map(|verdict| {
            let parts = [
                verdict.cluster.as_deref().unwrap_or_default(),
                &verdict.object,
                &verdict.path,
                &verdict.seen,
            ];
            let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
            format!("{}: {}", parts.join(": "), verdict.what(&rule.title))
        })
        .collect();
    let first = escaped(told.first().map_or(rule.state, String::as_str));
    let all = escaped(&told.join("\n"));
    match outcome(rule) {
        JunitResult::Passed if told.is_empty() => format!("{head}/>\n"),
        JunitResult::Passed => format!("{head}><system-out>{all}</system-out></testcase>\n"),
        JunitResult::Failure => format!("{head}><failure message=\"{first}\">{all}</failure></testcase>\n"),
        JunitResult::Error => format!("{head}><error message=\"{first}\">{all}</error></testcase>\n"),
        JunitResult::Skipped => format!("{head}><skipped message=\"{first}\"/></testcase>\n"),
    }
}

/// A text as XML may hold it: without the characters that no XML takes, however they are written.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for line in text.split_inclusive('\n') {
        let (line, end) = line.strip_suffix('\n').map_or((line, ""), |line| (line, "\n"));
        for c in safe(line).chars().filter(|c| !matches!(c, '\u{fffe}' | '\u{ffff}')) {
            match c {
                '&' => escaped.push_str("&amp;"),
                '<' => escaped.push_str("&lt;"),
                '>' => escaped.push_str("&gt;"),
                '"' => escaped.push_str("&quot;"),
                other => escaped.push(other),
            }
        }
        escaped.push_str(end);
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn nothing_breaks_out_of_its_place() {
        assert_eq!(escaped("a<b> & \"c\""), "a&lt;b&gt; &amp; &quot;c&quot;");
        assert!(!escaped("x\u{1b}[31m\u{0}\u{ffff}").contains(['\u{1b}', '\u{0}', '\u{ffff}']));
        assert_eq!(escaped("one\ntwo"), "one\ntwo");
    }
}
