//! How a run ended, as the exit code that scripts read.

use std::process::ExitCode;

/// What a command found, apart from an error: product.md's exit codes, one variant each.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Outcome {
    /// Everything asked was answered, and nothing is wrong.
    Fine,
    /// Something is Degraded, Missing, invalid, different or late.
    Findings,
    /// A cluster was silent or a gap left a verdict Unknown, and nothing worse was found.
    Incomplete,
    /// The user pressed Ctrl-C.
    Interrupted,
    /// A plugin's or kubectl's own exit code.
    Passed(u8),
}

/// An error, told on stderr.
pub const ERROR: u8 = 1;
/// The command line was not understood.
pub const USAGE: u8 = 2;

impl Outcome {
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

#[cfg(test)]
mod tests {
    use super::Outcome;

    #[test]
    fn findings_outrank_nothing_but_are_silenced_by_exit_zero() {
        assert_eq!(Outcome::Findings.code(), 3);
        assert_eq!(Outcome::Incomplete.code(), 4);
        assert_eq!(Outcome::Findings.exit_zero(), Outcome::Fine);
        assert_eq!(Outcome::Incomplete.exit_zero(), Outcome::Fine);
        assert_eq!(Outcome::Interrupted.exit_zero().code(), 130);
        assert_eq!(Outcome::Passed(7).exit_zero().code(), 7);
    }
}
