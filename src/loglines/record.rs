//! One line of a log, read: what it says, how loud, and what its fields say beside it.

use crate::pattern::{LazyRegex, regex};
use serde_json::{Map, Value};

/// Longer lines are cut.
const LONGEST: usize = 4000;

/// How loud a line is, as its program marks it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LogLevel {
    Debug,
    Info,
    Warning,
    Error,
    Fatal,
}

/// A line without colours, times and level.
#[derive(Debug, Clone, PartialEq)]
pub struct LogRecord {
    /// As a person would read it: no escape sequences, no time of the log endpoint's.
    pub line: String,
    /// The message alone.
    pub message: String,
    pub level: Option<LogLevel>,
    /// What the fields `error`, `err`, `exception` and their like say, where a line has fields.
    pub error: Option<String>,
    /// The stack that a field holds, its lines.
    pub stack: Vec<String>,
    /// Whether the program put a time before it, or its fields.
    pub is_marked: bool,
    /// The process of PostgreSQL's that says it: each client has one.
    pub process: Option<String>,
}

impl LogRecord {
    pub fn read(line: &str) -> LogRecord {
        let (line, is_timed) = plain(line);
        if let Some(record) = json(&line) {
            return record;
        }
        if let Some(record) = logfmt(&line) {
            return record;
        }
        let (level, message) = levelled(&line);
        let message = message.to_string();
        let is_marked = regex!(r"^\W{0,3}\d{2,4}[-/.:]\d\d").is_match(&line)
            || regex!(r"^(?-i:[IWEF])\d{4} \d\d:").is_match(&line)
            || (is_timed && level.is_some());
        let process = POSTGRES.captures(&line).map(|words| words["process"].to_string());
        LogRecord { line, message, level, error: None, stack: Vec::new(), is_marked, process }
    }

    /// The message with what its fields say of the error.
    pub fn text(&self) -> String {
        match &self.error {
            Some(error) if !self.message.contains(error.as_str()) && !self.message.is_empty() => {
                format!("{}: {error}", self.message.trim_end_matches([':', ' ', '.']))
            }
            Some(error) if self.message.is_empty() => error.clone(),
            _ => self.message.clone(),
        }
    }
}

/// The line as a terminal would leave it: without escape sequences, and of a line that was written over again and
/// again (a progress bar) the last state. Without the time that the log endpoint, or the program, may put before it,
/// and whether there was one.
fn plain(line: &str) -> (String, bool) {
    let end = line.char_indices().nth(LONGEST).map_or(line.len(), |(at, _)| at);
    let line = regex!(r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(\x07|\x1b\\)|\x1b.")
        .replace_all(&line[..end], "");
    let line = line.trim_end_matches(['\r', '\n', ' ', '\t']);
    let line = line.rsplit('\r').find(|part| !part.trim().is_empty()).unwrap_or(line);
    // Boxes that command-line tools draw around their errors.
    let line = line.trim_start_matches(|c| ('\u{2500}'..='\u{257f}').contains(&c));
    match line.split_once(' ') {
        Some((time, rest)) if time.len() >= 20 && time.parse::<jiff::Timestamp>().is_ok() => {
            (rest.to_string(), true)
        }
        _ => (line.to_string(), false),
    }
}

const LEVELS: &[&str] = &[
    "level",
    "severity",
    "lvl",
    "loglevel",
    "log_level",
    "levelname",
    "log.level",
    "@l",
    "s",
    "levelName",
    "Level",
    "LogLevel",
    "severity_text",
    "severityText",
];
const MESSAGES: &[&str] = &[
    "msg",
    "message",
    "@m",
    "@mt",
    "event",
    "short_message",
    "body",
    "text",
    "MESSAGE",
    "Message",
    "log",
    "RenderedMessage",
    "MessageTemplate",
];
const ERRORS: &[&str] = &[
    "error",
    "err",
    "exception",
    "error.message",
    "cause",
    "reason",
    "@x",
    "exc_info",
    "errorMessage",
    "Exception",
    "ex",
    "panic",
    "error_message",
    "errorVerbose",
    "failure",
    "thrown",
];
const STACKS: &[&str] = &[
    "stack",
    "stack_trace",
    "stacktrace",
    "stackTrace",
    "error.stack_trace",
    "errorVerbose",
    "traceback",
    "exception.stacktrace",
];

fn json(line: &str) -> Option<LogRecord> {
    let object = line.trim_start().strip_prefix('{').and(Some(line.trim()))?;
    let fields: Map<String, Value> = serde_json::from_str(object).ok()?;
    let level = find(&fields, LEVELS).and_then(|value| level_of(&value));
    // `@mt` holds the template where there is no `@m`; a number or an object is no message.
    let message = find_text(&fields, MESSAGES).unwrap_or_default();
    let (error, mut stack) = error_of(&fields);
    if stack.is_empty() {
        stack = lines(&find_text(&fields, STACKS).unwrap_or_default());
    }
    // A program that logs its exception as the message has a stack in it.
    let mut parts = message.lines();
    let first = parts.next().unwrap_or_default().trim().to_string();
    if stack.is_empty() {
        stack = parts.map(str::to_string).collect();
    }
    (!fields.is_empty()).then(|| LogRecord {
        line: line.to_string(),
        message: first,
        // Serilog's compact form leaves Information out.
        level: level.or(fields.contains_key("@mt").then_some(LogLevel::Info)),
        error,
        stack,
        is_marked: true,
        process: None,
    })
}

fn find(fields: &Map<String, Value>, names: &[&str]) -> Option<Value> {
    names.iter().find_map(|name| lookup(fields, name))
}

/// By the name as it is, or by its parts: `log.level` is also `{"log": {"level": ..}}`.
fn lookup(fields: &Map<String, Value>, name: &str) -> Option<Value> {
    if let Some(value) = fields.get(name).filter(|value| !value.is_null()) {
        return Some(value.clone());
    }
    let (first, rest) = name.split_once('.')?;
    lookup(fields.get(first)?.as_object()?, rest)
}

fn find_text(fields: &Map<String, Value>, names: &[&str]) -> Option<String> {
    names.iter().find_map(|name| match lookup(fields, name)? {
        Value::String(text) if !text.trim().is_empty() => Some(text.trim().to_string()),
        _ => None,
    })
}

/// What went wrong by the fields, and the stack that came with it.
fn error_of(fields: &Map<String, Value>) -> (Option<String>, Vec<String>) {
    for name in ERRORS {
        match lookup(fields, name) {
            Some(Value::String(text)) if !text.trim().is_empty() => {
                let mut parts = lines(&text);
                let first = parts.remove(0);
                // A Python traceback ends with what it is about.
                let last =
                    parts.iter().rev().find(|line| !line.starts_with([' ', '\t']) && !line.trim().is_empty());
                let first = match last {
                    Some(last) if first.starts_with("Traceback") => last.clone(),
                    _ => first,
                };
                return (Some(first), parts);
            }
            Some(Value::Object(inner)) => {
                let kind = find_text(
                    &inner,
                    &["type", "class", "name", "kind", "class_name", "exception_class", "code"],
                );
                let message =
                    find_text(&inner, &["message", "msg", "exception_message", "detail", "description"]);
                let stack = lines(
                    &find_text(&inner, &["stack", "stack_trace", "stacktrace", "backtrace"])
                        .unwrap_or_default(),
                );
                let text = match (kind, message) {
                    (Some(kind), Some(message)) if !message.contains(&kind) => format!("{kind}: {message}"),
                    (_, Some(message)) => message,
                    (Some(kind), None) => kind,
                    (None, None) => match stack.first() {
                        Some(first) => first.clone(),
                        None => continue,
                    },
                };
                return (Some(text.lines().next().unwrap_or_default().to_string()), stack);
            }
            _ => {}
        }
    }
    // MongoDB keeps them among the attributes.
    match fields.get("attr").and_then(Value::as_object) {
        Some(attributes) => match error_of(attributes) {
            (None, stack) => (find_text(attributes, &["message.msg"]), stack),
            found => found,
        },
        None => (None, Vec::new()),
    }
}

fn lines(text: &str) -> Vec<String> {
    text.lines().map(str::to_string).collect()
}

fn level_of(value: &Value) -> Option<LogLevel> {
    match value {
        Value::String(word) => level_word(word),
        // pino and bunyan count in tens, syslog and GELF from 0, the worst, to 7.
        Value::Number(number) => Some(match number.as_i64()? {
            60.. => LogLevel::Fatal,
            50..=59 => LogLevel::Error,
            40..=49 => LogLevel::Warning,
            30..=39 => LogLevel::Info,
            8..=29 => LogLevel::Debug,
            0..=2 => LogLevel::Fatal,
            3 => LogLevel::Error,
            4 => LogLevel::Warning,
            5..=6 => LogLevel::Info,
            7 => LogLevel::Debug,
            _ => return None,
        }),
        _ => None,
    }
}

fn level_word(word: &str) -> Option<LogLevel> {
    Some(match word.trim().to_ascii_lowercase().as_str() {
        "fatal" | "critical" | "crit" | "panic" | "dpanic" | "emerg" | "emergency" | "alert" | "f" => {
            LogLevel::Fatal
        }
        "error" | "err" | "severe" | "fail" | "failure" | "e" | "eror" => LogLevel::Error,
        "warning" | "warn" | "wrn" | "w" => LogLevel::Warning,
        "info" | "information" | "notice" | "informational" | "inf" | "i" | "log" | "note" | "system" => {
            LogLevel::Info
        }
        "debug" | "trace" | "verbose" | "dbug" | "trce" | "dbg" | "d" | "v" | "fine" | "finer" | "finest"
        | "config" => LogLevel::Debug,
        _ => return None,
    })
}

fn logfmt(line: &str) -> Option<LogRecord> {
    let field = |names: &LazyRegex| {
        names.captures(line).and_then(|words| {
            let value = words.name("q").or(words.name("v"))?.as_str();
            Some(value.replace("\\\"", "\"").replace("\\n", " ")).filter(|value| !value.is_empty())
        })
    };
    let level = field(regex!(r#"(^|\s)(level|lvl|severity)=("(?<q>(\\.|[^"\\])*)"|(?<v>[^\s"]+))"#))?;
    let message = field(regex!(r#"(^|\s)(msg|message|event)=("(?<q>(\\.|[^"\\])*)"|(?<v>[^\s"]+))"#));
    let error = field(regex!(r#"(^|\s)(error|err|cause|reason)=("(?<q>(\\.|[^"\\])*)"|(?<v>[^\s"]+))"#));
    if message.is_none() && error.is_none() {
        return None;
    }
    Some(LogRecord {
        line: line.to_string(),
        message: message.unwrap_or_default(),
        level: level_word(&level),
        error,
        stack: Vec::new(),
        is_marked: true,
        process: None,
    })
}

/// The times that programs put before their lines, and what else stands there: process numbers, thread names.
static TIME: LazyRegex = LazyRegex::new(
    r"^\s*(<\d>)?[\[(]?((mon|tue|wed|thu|fri|sat|sun)[a-z]*,? )?(\d{4}[-/.]\d\d?[-/.]\d\d?([T ]|, )?|\d\d?[-/ ](\d\d|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*[-/ ]\d{4}[: ]?|(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]* +\d\d?,? (\d{4},? )?|\d{6} )?(\d\d?:\d\d(:\d\d)?([.,:]\d+)?( ?[AP]M)?)?( ?(Z|UTC|GMT|CET|[+-]\d\d:?\d\d))?( \d{4})?[\])]?[\s,:|-]*",
);

/// PostgreSQL's lines: the process that speaks, perhaps for whom, and two spaces before the text.
static POSTGRES: LazyRegex = LazyRegex::new(
    r"\[(?<process>\d+)(-\d+)?\] (\S+ )?(?<level>(?-i:PANIC|FATAL|ERROR|WARNING|NOTICE|LOG)):  ",
);

/// A level and what follows it, on a line of plain text.
fn levelled(line: &str) -> (Option<LogLevel>, &str) {
    let from = TIME.find(line).map_or(0, |time| time.end());
    let rest = &line[from..];
    // klog and glog: a letter and the date, then the place in the source.
    if let Some(words) = regex!(r"^(?-i:[IWEF])\d{4} \d\d:\d\d:\d\d\.\d+ +(\d+ )?[^\]\s]+\] ?").find(line) {
        let level = level_word(&line[..1]);
        return (level, &line[words.end()..]);
    }
    // npm marks every line of what it says, the indented ones too. What it ran has said more before.
    if let Some(words) = regex!(r"^npm (err!|error|warn)(?<text>.*)$").captures(line) {
        let indented = words.name("text").filter(|text| text.as_str().starts_with("  "));
        let text = indented.map_or(line, |text| text.as_str());
        return (Some(LogLevel::Warning), text);
    }
    if let Some(words) = POSTGRES.captures(line) {
        return (level_word(&words["level"]), &line[words.get(0).map_or(0, |all| all.end())..]);
    }
    // Redis: `1:M 15 Jan 2026 10:00:00.000 # text`, in which # is a warning.
    if let Some(words) = regex!(r"^\d+:[MSCX] \d\d \w{3} \d{4} [\d:.]+ (?<mark>[#*.-]) ").captures(line) {
        let text = &line[words.get(0).map_or(0, |all| all.end())..];
        let level = if words["mark"] == *"#" { LogLevel::Warning } else { LogLevel::Info };
        let fatal =
            regex!(r"^(fatal|can't|cannot|failed|bad |guru|aborting|wrong)|\bexiting\b").is_match(text);
        return (Some(if fatal && level == LogLevel::Warning { LogLevel::Error } else { level }), text);
    }
    // Ruby's logger: `F, [2026-01-15T10:00:00.000000 #1] FATAL -- : text`.
    if let Some(words) = regex!(r"^(?-i:[DIWEFA]), \[[^\]]*\] +(?<level>\w+) -- [^:]*: ?").captures(line) {
        return (level_word(&words["level"]), &line[words.get(0).map_or(0, |all| all.end())..]);
    }
    // A level stands first, or after a few words in brackets, a process number or a name.
    // In capitals or in brackets, a level may stand after a thread, a process number, a class.
    let loud = regex!(
        r"^((\[[^\]]*\]|\([^)]*\)|\{[^}]*\}|[0-9]+(#[0-9]+)?|-+|[a-z0-9_.$/@:-]+(\[[^\]]*\])?)[\s:|-]+){0,4}?(\[(?<boxed>fatal|critical|crit|panic|emerg|emergency|alert|error|err|severe|fail|warning|warn|notice|note|system|info|information|debug|trace|verbose)\]|<(?<angled>fatal|critical|error|warning|warn|info|debug)>|(?<upper>(?-i:FATAL|CRITICAL|CRIT|PANIC|EMERG|ALERT|ERROR|ERR|SEVERE|WARNING|WARN|NOTICE|INFO|DEBUG|TRACE))(?:$|[\s:|\])>-]))[\s:|\])>-]*"
    );
    // In small letters only at the front, with a colon.
    let quiet = regex!(
        r"^((\[[^\]]*\]|[a-z0-9_.$/@-]+:)\s+){0,2}?(?<lower>fatal|panic|error|warning|warn|info|debug|trace|fail|crit|dbug|trce|notice|emerg|alert|critical)(:|\s\||\t|\s-)\s*"
    );
    for pattern in [loud, quiet] {
        let Some(words) = pattern.captures(rest) else { continue };
        let name = ["boxed", "angled", "upper", "lower"].iter().find_map(|name| words.name(name));
        if let Some(level) = name.and_then(|name| level_word(name.as_str())) {
            let end = words.get(0).map_or(0, |all| all.end());
            let message = names_place(&rest[end..]);
            return (Some(level), if message.trim().is_empty() { rest } else { message });
        }
    }
    (None, rest)
}

/// What loggers put between the level and the text: a thread, a class, a source file.
fn names_place(text: &str) -> &str {
    let text = regex!(r"^<\d+\.\d+\.\d+> ?").find(text).map_or(text, |pid| &text[pid.end()..]);
    let place = regex!(
        r"^(\d+ )?(-+ )?(\[[^\]]*\]\s*)*(([\w$-]+(\.[\w$-]+){2,}|[\w/.-]+\.(go|rs|py|js|ts|java|kt|rb|c|cc|cpp)(:\d+)?|root)(\[[^\]]*\])?\s*(:|\s-|\s--|\s:)\s+)?"
    );
    let end = place.find(text).map_or(0, |place| place.end());
    // `Error: text`, `ValueError: text`: a name of the trouble is no place.
    let taken = &text[..end];
    if regex!(r"(error|exception|failure|fault|panic|fatal|failed|cannot|invalid)\W*$")
        .is_match(taken.trim_end())
        || text[end..].trim().is_empty()
    {
        return text;
    }
    &text[end..]
}
