//! How a run ended: the exit code that scripts read, and errors that carry advice.

use std::fmt;
use std::process::ExitCode;

/// What a command found, apart from an error: one variant for each exit code of docs/output.md that is no error.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Outcome {
    /// Everything asked was answered, and nothing is wrong.
    Fine,
    /// Something is Degraded, Missing, invalid, different or late.
    Findings,
    /// A cluster was silent or a gap left a verdict Unknown, and nothing worse was found.
    Incomplete,
    /// The user pressed Ctrl-C, or the system asked the run to end: then the exit code is the signal's.
    Interrupted,
    /// A plugin's or kubectl's own exit code.
    Passed(u8),
}

/// An error, told on stderr.
pub const ERROR: u8 = 1;
/// The command line was not understood.
pub const USAGE: u8 = 2;

/// What decides the exit code of a command that asks clusters.
#[derive(Clone, Copy, Debug)]
pub struct RunFacts {
    /// A signal ended the run before everything was asked.
    pub interrupted: bool,
    /// Something is Degraded, Missing, invalid or different.
    pub bad: bool,
    /// No cluster was silent, and no gap left anything unknown.
    pub complete: bool,
}

impl Outcome {
    /// How a run ended: an interruption counts for more than findings, findings for more than gaps.
    pub fn of(run: RunFacts) -> Outcome {
        match run {
            RunFacts { interrupted: true, .. } => Outcome::Interrupted,
            RunFacts { bad: true, .. } => Outcome::Findings,
            RunFacts { complete: false, .. } => Outcome::Incomplete,
            RunFacts { .. } => Outcome::Fine,
        }
    }

    /// The process's exit code.
    pub fn code(self) -> u8 {
        match self {
            Outcome::Fine => 0,
            Outcome::Findings => 3,
            Outcome::Incomplete => 4,
            Outcome::Interrupted => 130,
            Outcome::Passed(code) => code,
        }
    }

    /// `--exit-zero`: findings and incompleteness are told, but do not fail the run.
    pub fn exit_zero(self) -> Outcome {
        match self {
            Outcome::Findings | Outcome::Incomplete => Outcome::Fine,
            other => other,
        }
    }
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> ExitCode {
        ExitCode::from(outcome.code())
    }
}

/// An error with the next thing to try; advice travels beside the message, never inside it.
#[derive(Debug)]
pub struct Advised {
    error: anyhow::Error,
    pub hint: String,
    /// The command line itself was wrong: exit code 2.
    pub usage: bool,
    /// It may be otherwise where no answer came from: exit code 4.
    pub incomplete: bool,
}

impl fmt::Display for Advised {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:#}", self.error)
    }
}

impl std::error::Error for Advised {}

/// Attaches a hint to an error.
pub fn advised(error: impl Into<anyhow::Error>, hint: impl Into<String>) -> anyhow::Error {
    anyhow::Error::new(Advised { error: error.into(), hint: hint.into(), usage: false, incomplete: false })
}

/// An error with one more hint; what else it says stays.
pub fn further_advised(error: anyhow::Error, hint: impl Into<String>) -> anyhow::Error {
    match error.downcast::<Advised>() {
        Ok(known) => {
            let hint = match known.hint.is_empty() {
                true => hint.into(),
                false => format!("{}\n{}", known.hint, hint.into()),
            };
            anyhow::Error::new(Advised { hint, ..known })
        }
        Err(error) => advised(error, hint),
    }
}

/// An error about how the program was called, with a hint where there is one.
pub fn misused(message: impl Into<String>, hint: impl Into<String>) -> anyhow::Error {
    let error = anyhow::anyhow!(message.into());
    anyhow::Error::new(Advised { error, hint: hint.into(), usage: true, incomplete: false })
}

/// Something that was not found, but may be where no answer came from.
pub fn unanswered(message: impl Into<String>, hint: impl Into<String>) -> anyhow::Error {
    let error = anyhow::anyhow!(message.into());
    anyhow::Error::new(Advised { error, hint: hint.into(), usage: false, incomplete: true })
}

#[cfg(test)]
mod tests {
    use super::{Outcome, RunFacts};

    #[test]
    fn findings_outrank_nothing_but_are_silenced_by_exit_zero() {
        let of = |interrupted, bad, complete| Outcome::of(RunFacts { interrupted, bad, complete });
        assert_eq!(of(true, true, false), Outcome::Interrupted);
        assert_eq!(of(false, true, false), Outcome::Findings);
        assert_eq!(of(false, false, false), Outcome::Incomplete);
        assert_eq!(of(false, false, true), Outcome::Fine);
        assert_eq!(Outcome::Findings.code(), 3);
        assert_eq!(Outcome::Incomplete.code(), 4);
        assert_eq!(Outcome::Findings.exit_zero(), Outcome::Fine);
        assert_eq!(Outcome::Incomplete.exit_zero(), Outcome::Fine);
        assert_eq!(Outcome::Interrupted.exit_zero().code(), 130);
        assert_eq!(Outcome::Passed(7).exit_zero().code(), 7);
    }
}
