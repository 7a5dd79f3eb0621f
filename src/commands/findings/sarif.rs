//! Findings as SARIF 2.1.0, which code hosts show beside the lines.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use std::path::Path;

use serde_json::{Value as Json, json};

use crate::yaml::{LintFinding, LintRule};

/// Findings of a list of rules. `directory` is where the run is: paths below it are written relative to it, as a code host expects them of a run at the root of
/// the repository.
pub fn sarif(rules: &[&LintRule], findings: &[LintFinding], directory: &Path) -> Json {
    let told: Vec<Json> = rules
        .iter()
        .map(|rule| {
            json!({
                "id": rule.id,
                "shortDescription": {"text": rule.title},
                "defaultConfiguration": {"level": rule.level.to_string()},
            })
        })
        .collect();
    let results: Vec<Json> = findings.iter().map(|finding| result(rules, finding, directory)).collect();
    let driver = json!({"name": "callboard", "version": env!("CARGO_PKG_VERSION"), "rules": told});
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}],
    })
}

fn result(rules: &[&LintRule], finding: &LintFinding, directory: &Path) -> Json {
    let place = &finding.problem.place;
    let hint = finding.problem.hint.as_ref().map(|hint| format!(" ({hint})")).unwrap_or_default();
    let rule = rules.iter().position(|rule| rule.id == finding.rule.id);
    json!({
        "ruleId": finding.rule.id,
        "ruleIndex": rule,
        "level": finding.rule.level.to_string(),
        "message": {"text": format!("{}{hint}", finding.problem.message)},
        "locations": [{"physicalLocation": {
            "artifactLocation": location(&place.file, directory),
            "region": {"startLine": place.line.max(1), "startColumn": place.column.max(1)},
        }}],
    })
}

/// A file as a URI reference: relative to the run's directory where it lies below, else the whole of it.
fn location(file: &str, directory: &Path) -> Json {
    let below = Path::new(file).strip_prefix(directory).ok().and_then(Path::to_str);
    match below {
        None if file.starts_with('/') => json!({"uri": format!("file://{}", escaped(file))}),
        below => {
            let relative = below.unwrap_or(file).trim_start_matches("./");
            json!({"uri": escaped(relative), "uriBaseId": "%SRCROOT%"})
        }
    }
}

/// All but what stands as it is in the path of a URI.
const ESCAPED_IN_PATH: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'.').remove(b'_').remove(b'~');

fn escaped(path: &str) -> String {
    utf8_percent_encode(&path.replace('\\', "/"), ESCAPED_IN_PATH).to_string()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::location;

    #[track_caller]
    fn check(file: &str, uri: &str, based: bool) {
        let found = location(file, Path::new("/work/paths"));
        assert_eq!((&found["uri"], found.get("uriBaseId").is_some()), (&uri.into(), based));
    }

    #[test]
    fn files_are_relative_to_the_run() {
        check("./web/template.yaml", "web/template.yaml", true);
        check("/work/paths/web/a b.yaml", "web/a%20b.yaml", true);
        check("/elsewhere/x", "file:///elsewhere/x", false);
        check("web/${{ values.name }}.md", "web/%24%7B%7B%20values.name%20%7D%7D.md", true);
    }
}
