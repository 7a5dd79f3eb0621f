//! A log line as it is printed: where it comes from, when, and what it says.

use std::str::FromStr;

use crate::commands::logs::filter::plain;
use crate::commands::logs::targets::LogSource;
use crate::fleet::logs::LogLine;
use crate::render::hued;
use crate::text::{push_safe_lines, safe, safe_json};

/// `-o` of `logs`.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum LogFormat {
    #[default]
    Text,
    Json,
    Raw,
}

impl FromStr for LogFormat {
    type Err = String;

    fn from_str(text: &str) -> Result<LogFormat, String> {
        match text {
            "text" => Ok(LogFormat::Text),
            "json" => Ok(LogFormat::Json),
            "raw" => Ok(LogFormat::Raw),
            _ => Err("expected one of text, json, raw".to_string()),
        }
    }
}

/// How all lines of a run are printed.
#[derive(Clone, Debug, Default)]
pub struct LineStyle {
    pub format: LogFormat,
    pub color: bool,
    /// A person reads it: even raw lines must not steer the terminal.
    pub terminal: bool,
    /// The names of the clusters, in fleet order.
    pub clusters: Vec<String>,
    pub timestamps: bool,
    /// Two pods have the same name in different namespaces.
    pub with_namespace: bool,
}

impl LineStyle {
    /// Appends a line with its end.
    pub fn write(&self, source: &LogSource, line: &LogLine, to: &mut String) {
        if self.format == LogFormat::Json {
            return self.write_json(source, line, to);
        }
        if self.format == LogFormat::Text {
            to.push_str(source.head.get_or_init(|| self.head(source)));
            to.push(' ');
        }
        if let (true, Some(at)) = (self.timestamps, line.at) {
            // Nine digits, as kubectl prints them: lines of one stream stay aligned, and equal to kubectl's.
            to.push_str(&format!("{at:.9} "));
        }
        match self.format == LogFormat::Raw && !self.terminal {
            true => to.push_str(&line.text),
            false => push_safe_lines(&plain(&line.text), to),
        }
        if line.is_cut {
            to.push_str(" [cut]");
        }
        to.push('\n');
    }

    /// `us-east-1/checkout-5d8f-x2x1/app`, without what is the same everywhere.
    fn head(&self, source: &LogSource) -> String {
        let mut parts = Vec::new();
        if self.clusters.len() > 1 {
            parts.push(self.cluster(source));
        }
        if self.with_namespace {
            parts.push(&source.namespace);
        }
        parts.push(&source.pod);
        if !source.alone {
            parts.push(&source.container);
        }
        let text = safe(&parts.join("/"));
        // Of one cluster it is the pods that are told apart.
        let number = match self.clusters.len() {
            0 | 1 => source
                .pod
                .bytes()
                .fold(0usize, |sum, byte| sum.wrapping_mul(31).wrapping_add(usize::from(byte))),
            _ => source.cluster,
        };
        if self.color { hued(&text, number) } else { text }
    }

    fn cluster(&self, source: &LogSource) -> &str {
        self.clusters.get(source.cluster).map_or("", String::as_str)
    }

    fn write_json(&self, source: &LogSource, line: &LogLine, to: &mut String) {
        let head = source.head.get_or_init(|| {
            let place = [
                ("cluster", self.cluster(source)),
                ("namespace", &source.namespace),
                ("pod", &source.pod),
                ("container", &source.container),
            ];
            place.iter().map(|(key, value)| format!("\"{key}\":{},", quoted(value))).collect()
        });
        to.push('{');
        if let Some(at) = line.at {
            to.push_str(&format!("\"time\":\"{at}\","));
        }
        to.push_str(head);
        to.push_str("\"line\":");
        to.push_str(&quoted(&line.text));
        if line.is_cut {
            to.push_str(",\"cut\":true");
        }
        to.push_str("}\n");
    }
}

fn quoted(text: &str) -> String {
    safe_json(serde_json::Value::from(text).to_string())
}

#[cfg(test)]
mod tests {
    use super::{LineStyle, LogFormat};
    use crate::commands::logs::targets::LogSource;
    use crate::fleet::logs::LogLine;
    use std::sync::OnceLock;

    fn style(format: LogFormat) -> LineStyle {
        LineStyle { format, clusters: vec!["eu".to_string(), "us".to_string()], ..LineStyle::default() }
    }

    #[track_caller]
    fn check(style: &LineStyle, alone: bool, text: &str, expect: &str) {
        let (namespace, pod, container) = ("shop".to_string(), "p-1".to_string(), "app".to_string());
        let source = LogSource { cluster: 1, namespace, pod, container, alone, head: OnceLock::new() };
        let at = "2026-01-15T10:00:00.5Z".parse().ok();
        let mut written = String::new();
        style.write(&source, &LogLine { at, text: text.to_string(), is_cut: false }, &mut written);
        assert_eq!(written, format!("{expect}\n"));
    }

    #[test]
    fn a_prefix_says_only_what_differs() {
        check(&style(LogFormat::Text), false, "x", "us/p-1/app x");
        check(&style(LogFormat::Text), true, "x", "us/p-1 x");
        let one = LineStyle { clusters: vec!["us".to_string()], ..LineStyle::default() };
        check(&one, true, "x", "p-1 x");
        check(&LineStyle { with_namespace: true, ..one }, false, "x", "shop/p-1/app x");
    }

    #[test]
    fn times_stand_before_the_line() {
        let timed = |format| LineStyle { timestamps: true, ..style(format) };
        check(&timed(LogFormat::Text), true, "x", "us/p-1 2026-01-15T10:00:00.500000000Z x");
        check(&timed(LogFormat::Raw), true, "x", "2026-01-15T10:00:00.500000000Z x");
    }

    #[test]
    fn nothing_steers_a_terminal() {
        let evil = "\u{1b}[31mred\u{1b}[0m\u{1b}]0;title\u{7}\u{9b}2J\t.";
        check(&style(LogFormat::Text), true, evil, "us/p-1 red\u{fffd}]0;title\u{fffd}\u{fffd}2J\t.");
        check(&style(LogFormat::Raw), true, evil, evil);
        let seen = LineStyle { terminal: true, ..style(LogFormat::Raw) };
        check(&seen, true, evil, "red\u{fffd}]0;title\u{fffd}\u{fffd}2J\t.");
    }

    #[test]
    fn json_is_an_object_a_line_and_loses_nothing() {
        check(
            &style(LogFormat::Json),
            true,
            "é \"\u{1b}[31m\u{9b}\u{7f}\u{202e}",
            r#"{"time":"2026-01-15T10:00:00.5Z","cluster":"us","namespace":"shop","pod":"p-1","container":"app","line":"é \"\u001b[31m\u009b\u007f\u202e"}"#,
        );
    }
}
