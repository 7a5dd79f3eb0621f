//! bash: cuts a word at every character of `COMP_WORDBREAKS`, `:` and `=` among them, and replaces only what stands behind the
//! last cut. clap_complete's own adapter takes the pieces for words, so that an ARN or `--context=eu-1` would not be completed.

use std::ffi::OsString;
use std::io::{self, Write};
use std::path::Path;

use clap_complete::engine::complete;
use clap_complete::env::EnvCompleter;

use crate::env::Env;

const LINE: &str = "CALLBOARD_COMPLETE_LINE";
const POINT: &str = "CALLBOARD_COMPLETE_POINT";
const BREAKS: &str = "CALLBOARD_COMPLETE_BREAKS";

/// The line as it was typed up to the cursor.
#[derive(Debug)]
pub struct Bash {
    line: String,
    breaks: String,
}

impl Bash {
    pub fn new(env: &Env) -> Bash {
        let line = env.variable(LINE).unwrap_or_default();
        let point = env.variable(POINT).and_then(|text| text.parse().ok()).unwrap_or(usize::MAX);
        Bash {
            line: line.chars().take(point).collect(),
            breaks: env.variable(BREAKS).unwrap_or_default().to_string(),
        }
    }

    /// The words of the line, the one under the cursor last: an empty one behind a space.
    pub fn words(&self) -> Vec<OsString> {
        words(&self.line).into_iter().map(|word| OsString::from(word.text)).collect()
    }

    /// What stands before the last cut within the word under the cursor, which bash leaves as it is.
    fn kept(&self) -> String {
        let Some(word) = words(&self.line).pop() else { return String::new() };
        let cut = word.raw.rfind(|c: char| self.breaks.contains(c) && !c.is_whitespace());
        let raw = cut.map(|at| &word.raw[..=at]).unwrap_or_default();
        words(raw).pop().map(|word| word.text).unwrap_or_default()
    }
}

impl EnvCompleter for Bash {
    fn name(&self) -> &'static str {
        "bash"
    }

    fn is(&self, name: &str) -> bool {
        name == "bash"
    }

    fn write_registration(
        &self,
        var: &str,
        name: &str,
        bin: &str,
        completer: &str,
        buf: &mut dyn Write,
    ) -> io::Result<()> {
        let function = format!("_{}_complete", name.replace('-', "_"));
        writeln!(
            buf,
            r#"{function}() {{
    local IFS=$'\n'
    COMPREPLY=( $( {var}=bash {LINE}="$COMP_LINE" {POINT}="$COMP_POINT" {BREAKS}="$COMP_WORDBREAKS" {completer} -- 2>/dev/null ) )
    if [[ ${{#COMPREPLY[@]}} -eq 1 && ${{COMPREPLY[0]}} == *[=/:,] ]]; then
        compopt -o nospace 2>/dev/null
    fi
}}
complete -o nosort -F {function} {bin} 2>/dev/null || complete -F {function} {bin}"#
        )
    }

    fn write_complete(
        &self,
        cmd: &mut clap::Command,
        args: Vec<OsString>,
        current_dir: Option<&Path>,
        buf: &mut dyn Write,
    ) -> io::Result<()> {
        let index = args.len().saturating_sub(1);
        let kept = self.kept();
        for candidate in complete(cmd, args, index, current_dir)? {
            let value = candidate.get_value().to_string_lossy().into_owned();
            writeln!(buf, "{}", value.strip_prefix(&kept).unwrap_or(&value))?;
        }
        Ok(())
    }
}

/// A word of a line, without its quotes and with them.
#[derive(Debug, Default)]
struct LineWord {
    text: String,
    raw: String,
}

/// The words of a simple command that may end within quotes. Nothing is expanded.
fn words(line: &str) -> Vec<LineWord> {
    let mut words = vec![LineWord::default()];
    let (mut quote, mut escaped) = (None, false);
    for c in line.chars() {
        let is_space = c.is_whitespace() && quote.is_none() && !escaped;
        if is_space {
            if words.last().is_some_and(|word| !word.raw.is_empty()) {
                words.push(LineWord::default());
            }
            continue;
        }
        let Some(word) = words.last_mut() else { continue };
        word.raw.push(c);
        match (quote, c) {
            _ if escaped => {
                escaped = false;
                word.text.push(c);
            }
            (None | Some('"'), '\\') => escaped = true,
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), _) if open == c => quote = None,
            _ => word.text.push(c),
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::{Bash, words};

    #[track_caller]
    fn check(line: &str, expect: &[&str], kept: &str) {
        let told: Vec<String> = words(line).into_iter().map(|word| word.text).collect();
        assert_eq!(told, expect, "{line}");
        let bash = Bash { line: line.to_string(), breaks: " \t\n\"'><=;|&(:".to_string() };
        assert_eq!(bash.kept(), kept, "{line}");
    }

    #[test]
    fn words_are_whole_and_what_bash_leaves_alone_is_known() {
        check("callboard st", &["callboard", "st"], "");
        check("callboard status ", &["callboard", "status", ""], "");
        check("cb --context arn:aws:e", &["cb", "--context", "arn:aws:e"], "arn:aws:");
        check("cb --context=eu-", &["cb", "--context=eu-"], "--context=");
        check("cb -l 'a b", &["cb", "-l", "a b"], "");
        check(r"cb a\ b", &["cb", "a b"], "");
        check("cb \"arn:a", &["cb", "arn:a"], "arn:");
        check("", &[""], "");
    }
}
