//! Lines of a log as entries: which lines begin one, and which go on with the one before them.

use crate::loglines::entry::LogEntry;
use crate::loglines::phrases::{is_exception, is_farewell, is_frame};
use crate::loglines::record::{LogLevel, LogRecord};
use crate::loglines::weight::EntryWeight;
use crate::pattern::regex;

/// The entries of some lines, in order.
pub fn entries<'a>(lines: impl IntoIterator<Item = &'a str>) -> Vec<LogEntry> {
    let mut reader = EntryReader::default();
    for line in lines {
        reader.take(line);
    }
    reader.end()
}

#[derive(Default)]
struct EntryReader {
    entries: Vec<LogEntry>,
    block: LineBlock,
}

/// What the next lines belong to.
#[derive(Default, PartialEq)]
enum LineBlock {
    #[default]
    None,
    /// A Python traceback, until the line that names the exception.
    Traceback { chain: Chain, logged: bool, reads_environment: bool },
    /// The message of an exception, which may have several lines.
    Message,
    /// The head of what a runtime reports, whose text is on the next line: Rust's panic, `rake aborted!`.
    Announced,
    /// Spring Boot's report: its description, then its advice.
    Report { advice: bool },
}

/// How a Python exception came of the one before it.
#[derive(Clone, Copy, PartialEq)]
enum Chain {
    First,
    /// Raised from it: that one is the cause.
    Caused,
    /// While it was handled.
    During,
}

impl EntryReader {
    fn take(&mut self, line: &str) {
        let record = LogRecord::read(line);
        let text = record.message.trim();
        match std::mem::take(&mut self.block) {
            LineBlock::Traceback { chain, logged, reads_environment } => {
                return self.traceback(&record, chain, logged, reads_environment);
            }
            LineBlock::Message if self.goes_on(&record) => return,
            LineBlock::Message => {}
            LineBlock::Announced if !text.is_empty() => return self.announced(&record),
            LineBlock::Announced => self.block = LineBlock::Announced,
            LineBlock::Report { advice } => return self.report(&record, advice),
            LineBlock::None => {}
        }
        if regex!(r"^\s*(\| )?(\+ )?(exception group )?traceback \(most recent call last\):?$").is_match(&record.line) {
            let logged = self.last().is_some_and(|last| last.level >= Some(LogLevel::Error) && !last.has_stack);
            self.block = LineBlock::Traceback { chain: Chain::First, logged, reads_environment: false };
        } else if regex!(r"^(error|fatal)?:? ?[a-z]{0,4}-?\d{2,6}:?\.?$").is_match(text) && text.len() < 20 && record.level != Some(LogLevel::Info) {
            // A bare code: what it stands for comes next.
            let mut head = entry(&record);
            head.level = Some(LogLevel::Error);
            self.entries.push(head);
            self.block = LineBlock::Announced;
        } else if regex!(r"^application failed to start$").is_match(text) {
            self.entries.push(entry(&record));
            self.block = LineBlock::Report { advice: false };
        } else if regex!(r"^thread .* panicked at [^']*:$|\b(rake|rails) aborted!$|^\[?init terminating|^bundler: failed to load command").is_match(text)
        {
            let mut head = entry(&record);
            (head.is_uncaught, head.has_stack) = (true, true);
            self.entries.push(head);
            self.block = LineBlock::Announced;
        } else if !self.continues(&record) {
            self.entries.push(entry(&record));
        }
    }

    /// Frames until the line that names the exception; then perhaps the traceback of the one that came of it.
    fn traceback(&mut self, record: &LogRecord, chain: Chain, logged: bool, reads_environment: bool) {
        let line = record.line.trim_start_matches("  | ").trim_start_matches("  + ");
        if line.starts_with([' ', '\t']) || line.trim().is_empty() || line.starts_with("Traceback (") {
            let reads_environment = reads_environment || regex!(r"\benviron\b").is_match(line);
            self.block = LineBlock::Traceback { chain, logged, reads_environment };
            return;
        }
        self.block = LineBlock::Message;
        let mut found = entry(record);
        found.text = line.trim().to_string();
        (found.has_stack, found.is_uncaught) = (true, !logged);
        if reads_environment && found.text.starts_with("KeyError: ") {
            found.details.push("environment variable not set".to_string());
        }
        match self.entries.last_mut() {
            Some(last) if logged && chain == Chain::First => {
                last.has_stack = true;
                last.push(&found.text);
                last.root.get_or_insert(found.text);
            }
            Some(last) if chain == Chain::Caused && !logged => {
                // What ended the process is the newest; what began it is the first.
                let root = last.root.take().unwrap_or_else(|| last.text.clone());
                *last = LogEntry { root: Some(root), context: last.context.take(), ..found };
            }
            Some(last) if chain == Chain::During && !logged => {
                *last = LogEntry { context: Some(last.text.clone()), ..found };
            }
            Some(last) if chain != Chain::First => last.push(&found.text),
            _ => self.entries.push(found),
        }
    }

    /// Whether a line belongs to the message of the exception just named: such as pydantic's list of fields.
    fn goes_on(&mut self, record: &LogRecord) -> bool {
        let line = record.line.trim();
        let is_own = record.level.is_some() || record.is_marked || line.is_empty() || is_exception(line);
        if is_own
            || is_frame(&record.line)
            || is_cause(&record.line)
            || regex!(r"^(during handling|the above exception|traceback)").is_match(line)
            || is_farewell(line)
        {
            return false;
        }
        self.block = LineBlock::Message;
        if let Some(last) = self.entries.last_mut() {
            last.push(line);
        }
        true
    }

    fn announced(&mut self, record: &LogRecord) {
        if let Some(last) = self.entries.last_mut() {
            let place = std::mem::replace(&mut last.text, record.message.trim().to_string());
            last.line = record.line.trim().to_string();
            last.push(&place);
        }
    }

    /// The text below `Description:` is what is wrong, that below `Action:` what to do.
    fn report(&mut self, record: &LogRecord, advice: bool) {
        let text = record.line.trim();
        let is_rule = text.chars().all(|c| "*=-".contains(c));
        self.block = LineBlock::Report { advice };
        match text {
            _ if is_rule => {}
            "Description:" => {}
            "Action:" => self.block = LineBlock::Report { advice: true },
            _ if record.level.is_some() => {
                self.block = LineBlock::None;
                self.take(&record.line);
            }
            _ => {
                let Some(last) = self.entries.last_mut() else { return };
                if last.is_uncaught {
                    last.push(text);
                } else {
                    (last.text, last.line, last.is_uncaught) = (text.to_string(), text.to_string(), true);
                }
            }
        }
    }

    /// Whether a line only goes on with what the last entry says.
    fn continues(&mut self, record: &LogRecord) -> bool {
        let line = record.line.as_str();
        if line.trim().is_empty() {
            return true;
        }
        if regex!(r"^(during handling of the above exception|the above exception was the direct cause)")
            .is_match(line)
        {
            let logged = self.last().is_some_and(|last| !last.is_uncaught);
            let chain = if line.starts_with("During") { Chain::During } else { Chain::Caused };
            self.block = LineBlock::Traceback { chain, logged, reads_environment: false };
            return true;
        }
        let Some(last) = self.entries.last_mut() else { return is_frame(line) };
        // A term or an object over several lines, each of them marked.
        if record.level.is_some() && record.level == last.level && record.message.starts_with("  ") {
            last.push(record.message.trim());
            return true;
        }
        if record.level.is_some()
            && !regex!(r"^\s*(?-i:DETAIL|HINT|CONTEXT|STATEMENT|QUERY|LINE \d+):").is_match(line)
            && !record.line.starts_with([' ', '\t'])
        {
            return false;
        }
        // What was suppressed is no cause, nor are the causes of its own.
        let depth = line.len() - line.trim_start().len();
        if line.trim_start().starts_with("Suppressed: ") {
            last.suppressed = Some(depth);
        } else if last.suppressed.is_some_and(|suppressed| depth < suppressed) {
            last.suppressed = None;
        }
        if is_frame(line) || last.suppressed.is_some() {
            last.has_stack = true;
            return true;
        }
        if let Some(cause) = cause_in(line) {
            last.has_stack = true;
            if !cause.is_empty() {
                last.push(&cause);
                last.root = Some(cause);
                self.block = LineBlock::Message;
            }
            return true;
        }
        // The exception that a logger prints below its own line.
        if is_exception(record.message.trim())
            && last.level >= Some(LogLevel::Error)
            && !last.has_stack
            && record.level.is_none()
            && !line.starts_with([' ', '\t'])
            && last.details.is_empty()
            && !is_exception(&last.text)
        {
            last.push(record.message.trim());
            last.root = Some(record.message.trim().to_string());
            last.has_stack = true;
            return true;
        }
        // Among lines with times and levels, one without either goes on with the message before it.
        let bare = last.is_marked
            && last.level >= Some(LogLevel::Error)
            && !record.is_marked
            && !is_exception(record.message.trim())
            && !is_uncaught(record.message.trim());
        if bare {
            last.push(record.message.trim());
            return true;
        }
        let detail = regex!(r"(^|\s)(?-i:DETAIL|HINT|CONTEXT|STATEMENT|QUERY|LINE \d+):\s").is_match(line)
            || regex!(
                r"^(\[SQL:|\(Background on|note: |help: |= note: |hint: |Require stack:|- /|\}|\]|\)|code: )"
            )
            .is_match(line)
            || (line.starts_with([' ', '\t']) && last.weight() > EntryWeight::Plain);
        if detail {
            last.push(record.message.trim());
        }
        detail || line.starts_with('\t')
    }

    fn last(&self) -> Option<&LogEntry> {
        self.entries.last()
    }

    fn end(self) -> Vec<LogEntry> {
        self.entries
    }
}

fn entry(record: &LogRecord) -> LogEntry {
    let text = record.text().trim().to_string();
    let mut causes = record.stack.iter().filter_map(|line| line.strip_prefix("Caused by: "));
    let mut entry = LogEntry {
        line: record.line.trim().to_string(),
        level: record.level,
        details: Vec::new(),
        root: causes.next_back().map(str::to_string),
        has_stack: !record.stack.is_empty(),
        is_uncaught: is_uncaught(&text),
        context: None,
        process: record.process.clone(),
        is_session: false,
        is_marked: record.is_marked,
        suppressed: None,
        text,
    };
    // A message over several lines, before the frames of its stack.
    let message = record.stack.iter().take_while(|line| !is_frame(line));
    message.filter(|line| !is_farewell(line)).for_each(|line| entry.push(line));
    entry
}

/// The exception behind another: a line of its own below the stack, or a nested term of Elixir's.
fn cause_in(line: &str) -> Option<String> {
    let words = regex!(
        r"^\s*(\[?wrapped by: |caused by: ?|-{3}> |root cause: )(?<text>.*)$|^\s+(?<term>\*\* \((?-i:[A-Z]\w*[a-z.])\w*\) .*)$"
    );
    let words = words.captures(line)?;
    let cause = words.name("text").or(words.name("term"))?;
    Some(cause.as_str().trim().to_string())
}

fn is_cause(line: &str) -> bool {
    cause_in(line).is_some()
}

/// What a runtime reports of a process that it ends.
fn is_uncaught(text: &str) -> bool {
    regex!(r#"^(panic: |fatal error: |unhandled exception|uncaught |exception in thread "main"|php fatal error|terminate called|\*\* \(|thread '[^']*' panicked|unhandledpromiserejection|\[unhandledpromise|.*unhandled ?(promise ?)?rejection|fatal python error|(# )?there is insufficient memory for the java runtime|(# )?a fatal error has been detected by the java runtime|.*\bjava\.lang\.OutOfMemoryError: |\S+\.rb:\d+:in .*: .* \([\w:]+\)$)"#)
    .is_match(text)
}
