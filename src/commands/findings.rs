//! Findings of every check of documents: one row, and the formats that other programs read them in.

mod sarif;

use serde::Serialize;
use std::path::Path;

use anyhow::Result;

use crate::app::App;
use crate::render::Format;
use crate::report::{Cell, Report, Tone};
use crate::text::safe;
use crate::yaml::{LintFinding, LintLevel, LintRule};

/// How findings are written.
#[derive(Clone, Copy, Debug)]
pub enum FindingFormat {
    As(Format),
    Sarif,
    /// Commands of GitHub's Actions, which show each finding beside its line.
    Github,
}

/// The format of a word, for a command line.
pub fn finding_format(text: &str) -> Result<FindingFormat, String> {
    match text {
        "sarif" => Ok(FindingFormat::Sarif),
        "github" => Ok(FindingFormat::Github),
        other => {
            other.parse().map(FindingFormat::As).map_err(|error: String| format!("{error}, sarif, github"))
        }
    }
}

/// Prints a report about findings, or the findings themselves where another program asks for them.
pub fn print<R: Report + Serialize>(
    report: &R,
    findings: &[LintFinding],
    rules: &[&LintRule],
    format: FindingFormat,
    app: &App,
) -> Result<()> {
    match format {
        FindingFormat::As(format) => app.ui.print(report, format, true),
        FindingFormat::Sarif => {
            let document = sarif::sarif(rules, findings, &app.env.directory);
            app.ui.write(&(crate::text::safe_json(serde_json::to_string_pretty(&document)?) + "\n"))
        }
        FindingFormat::Github => app
            .ui
            .write(&findings.iter().map(|finding| github(finding, &app.env.directory)).collect::<String>()),
    }
}

/// A finding as documents have it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LintRow {
    /// `problem` breaks a rule of the format's, `finding` is valid and looks wrong; only where the two are told apart.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class: Option<&'static str>,
    pub rule: &'static str,
    pub level: String,
    pub message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    pub file: String,
    pub line: usize,
    pub column: usize,
}

impl LintRow {
    pub fn of(finding: &LintFinding) -> LintRow {
        let problem = &finding.problem;
        LintRow {
            class: None,
            rule: finding.rule.id,
            level: finding.rule.level.to_string(),
            message: problem.message.clone(),
            hint: problem.hint.clone(),
            file: problem.place.file.clone(),
            line: problem.place.line,
            column: problem.place.column,
        }
    }

    /// As `of`, with its class.
    pub fn classed(finding: &LintFinding) -> LintRow {
        let class = if finding.rule.level == LintLevel::Error { "problem" } else { "finding" };
        LintRow { class: Some(class), ..LintRow::of(finding) }
    }

    pub fn is_error(&self) -> bool {
        self.level == "error"
    }

    pub fn place(&self) -> String {
        match self.line {
            0 => self.file.clone(),
            line => format!("{}:{line}:{}", self.file, self.column),
        }
    }

    pub fn tone(&self) -> Tone {
        if self.is_error() { Tone::Bad } else { Tone::Doubtful }
    }

    /// Its row under PLACE, LEVEL, RULE and MESSAGE.
    pub fn row(&self) -> Vec<Cell> {
        let hint = self.hint.as_ref().map(|hint| format!(" ({hint})")).unwrap_or_default();
        vec![
            Cell::from(self.place()),
            Cell::toned(self.level.clone(), self.tone()),
            Cell::from(self.rule),
            Cell::from(format!("{}{hint}", self.message)),
        ]
    }
}

/// `::error file=...,line=...,col=...,title=...::message`, a line.
fn github(finding: &LintFinding, directory: &Path) -> String {
    let problem = &finding.problem;
    let file = Path::new(&problem.place.file);
    let file = file.strip_prefix(directory).unwrap_or(file).display().to_string();
    let hint = problem.hint.as_ref().map(|hint| format!("\n{hint}")).unwrap_or_default();
    let text = |text: &str| {
        let kept: String = text.lines().map(safe).collect::<Vec<_>>().join("\n");
        kept.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
    };
    let property = |value: &str| text(value).replace(':', "%3A").replace(',', "%2C");
    format!(
        "::{} file={},line={},col={},title={}::{}\n",
        finding.rule.level,
        property(file.trim_start_matches("./")),
        problem.place.line.max(1),
        problem.place.column.max(1),
        property(finding.rule.id),
        text(&format!("{}{hint}", problem.message))
    )
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::github;
    use crate::yaml::{LintFinding, LintLevel, LintRule, Place, Problem};

    #[test]
    fn a_finding_is_one_line_for_github_whatever_it_says() {
        static RULE: LintRule = LintRule { id: "name", level: LintLevel::Error, title: "t" };
        let problem =
            Problem::new(Place::new("/work/a,b.yaml", 3, 7), "50% of\n::set-output x").hint("quote it");
        assert_eq!(
            github(&LintFinding::new(&RULE, problem), Path::new("/work")),
            "::error file=a%2Cb.yaml,line=3,col=7,title=name::50%25 of%0A::set-output x%0Aquote it\n"
        );
    }
}
