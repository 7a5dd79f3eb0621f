//! What is wrong with a template before anyone runs it: every finding with its place, none depending on answers.

mod document;
mod expressions;
mod files;
mod rules;
mod subject;
mod versions;

pub use crate::scaffold::lint::rules::{LintFinding, LintLevel, RULES};
pub use crate::scaffold::lint::subject::LintSubject;
pub use crate::scaffold::lint::versions::against;

use crate::scaffold::lint::rules::{Findings, TEMPLATE};

/// Everything wrong with a template, by place.
pub fn lint(subject: &LintSubject<'_>) -> Vec<LintFinding> {
    let template = match &subject.template {
        Ok(template) => template,
        Err(problems) => {
            let problems = problems.iter().cloned();
            return problems.map(|problem| LintFinding { rule: &TEMPLATE, problem }).collect();
        }
    };
    let mut findings = Findings(Vec::new());
    document::check(template, subject.known, &mut findings);
    expressions::check(template, subject.source, &mut findings);
    files::check(template, subject, &mut findings);
    let mut found = findings.0;
    found.sort_by(|left, right| (&left.problem, left.rule.id).cmp(&(&right.problem, right.rule.id)));
    found.dedup_by(|left, right| left.problem == right.problem);
    found
}

#[cfg(test)]
mod tests {
    use super::{LintSubject, RULES, lint};
    use crate::scaffold::template::read;
    use crate::tree::{Tree, TreeEntry};

    const GOOD: &str = "apiVersion: scaffolder.backstage.io/v1beta3
kind: Template
metadata: {name: t, description: d}
spec:
  owner: group:default/g
  type: service
  parameters:
    required: [name]
    properties:
      name: {type: string}
  steps:
  - id: make-it
    action: fetch:template
    input:
      url: ./skeleton
      values:
        name: ${{ parameters.name }}
";

    fn found(text: &str, files: &[(&str, &str)]) -> Vec<String> {
        let mut tree = Tree::default();
        for (path, content) in files {
            tree.insert(path, TreeEntry::text(*content)).expect("a path that fits");
        }
        let known = |owner: &str| owner == "group:default/g";
        let describe =
            |finding: &super::LintFinding| format!("{} {}", finding.problem.place, finding.rule.id);
        let subject = LintSubject {
            template: read("t/template.yaml", text),
            source: &tree,
            base: "",
            beside: &|_| None,
            known: Some(&known),
        };
        lint(&subject).iter().map(describe).collect()
    }

    #[track_caller]
    fn check(from: &str, to: &str, files: &[(&str, &str)], expect: &[&str]) {
        assert!(from.is_empty() || GOOD.contains(from), "{from}");
        assert_eq!(found(&GOOD.replace(from, to), files), expect);
    }

    const SKELETON: &[(&str, &str)] = &[("skeleton/a.txt", "${{ values.name }}")];

    #[test]
    fn a_good_template_has_no_finding() {
        assert_eq!(found(GOOD, SKELETON), Vec::<String>::new());
    }

    #[test]
    fn rules_are_in_order_and_each_once() {
        let ids: Vec<&str> = RULES.iter().map(|rule| rule.id).collect();
        let mut sorted = ids.clone();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(ids, sorted);
    }

    #[test]
    fn documents() {
        check("kind: Template", "kind: Tmplate", SKELETON, &["t/template.yaml:1:1 template"]);
        check("  owner: group:default/g\n", "", SKELETON, &["t/template.yaml:5:3 no-owner"]);
        check("default/g", "default/x", SKELETON, &["t/template.yaml:5:10 unknown-owner"]);
        check(", description: d", "", SKELETON, &["t/template.yaml:3:11 no-description"]);
        check("fetch:template", "http:request", SKELETON, &["t/template.yaml:13:13 server-action"]);
        check(
            "url: ./skeleton",
            "ulr: ./skeleton",
            SKELETON,
            &["t/template.yaml:14:5 invalid-input", "t/template.yaml:15:7 invalid-input"],
        );
        check(
            "url: ./skeleton",
            "url: ./skeleton\n      copyWithoutRender: [a]",
            SKELETON,
            &["t/template.yaml:16:7 copy-without-render"],
        );
        check(
            "{type: string}",
            "{type: string, default: 1}",
            SKELETON,
            &["t/template.yaml:10:37 invalid-parameters"],
        );
        check(
            "{type: string}",
            "{type: string, pattern: '('}",
            SKELETON,
            &["t/template.yaml:10:37 invalid-parameters"],
        );
        check("{type: string}", "{type: strnig}", SKELETON, &["t/template.yaml:10:20 invalid-parameters"]);
        check(
            "url: ./skeleton",
            "url: ./skeleton\n      templateFileExtension: true\n      copyWithoutTemplating: [a]",
            &[("skeleton/a.njk", "")],
            &["t/template.yaml:16:7 invalid-input"],
        );
        check("./skeleton", "../skeleton", SKELETON, &["t/template.yaml:15:12 path-escapes"]);
        check("./skeleton", "./nowhere", SKELETON, &["t/template.yaml:15:12 path-escapes"]);
        let moves = "  - {id: m, action: fs:rename, input: {files: [{from: ../a, to: b}, {from: 'x ${{ parameters.name }}', to: /c}]}}\n";
        let places = ["t/template.yaml:18:55 path-escapes", "t/template.yaml:18:108 path-escapes"];
        assert_eq!(found(&format!("{GOOD}{moves}"), SKELETON), places);
        let asked = [
            "${{ parameters.nope or 1 }}",
            "${{ parameters.nope if parameters.nope }}",
            "{% if parameters.nope %}${{ parameters.nope }}{% endif %}",
        ];
        for expression in asked {
            let step = format!("  - {{id: m, action: debug:log, input: {{message: '{expression}'}}}}\n");
            assert_eq!(found(&format!("{GOOD}{step}"), SKELETON), Vec::<String>::new(), "{expression}");
        }
        let each = "  - {id: m, action: debug:log, input: {message: '${{ each.value }}'}}\n";
        assert_eq!(found(&format!("{GOOD}{each}"), SKELETON), ["t/template.yaml:18:54 undefined"]);
    }

    #[test]
    fn references() {
        check(
            "${{ parameters.name }}",
            "${{ parameters.nmae }}",
            SKELETON,
            &["t/template.yaml:10:13 unused-parameter", "t/template.yaml:17:19 undefined"],
        );
        check(
            "${{ parameters.name }}",
            "\"${{ parameters.name | uper }}\"",
            SKELETON,
            &["t/template.yaml:17:38 unknown-filter"],
        );
        check(
            "${{ parameters.name }}",
            "${{ parameters.name",
            SKELETON,
            &["t/template.yaml:10:13 unused-parameter", "t/template.yaml:17:15 syntax"],
        );
        check(
            "${{ parameters.name }}",
            "${{ parameters.name }}${{ steps.later.output.x }}",
            SKELETON,
            &["t/template.yaml:17:41 undefined"],
        );
        let output = "  output: {a: \"${{ steps.make-it.output.x }}\"}\n";
        let text = format!("{GOOD}{output}");
        assert_eq!(found(&text, SKELETON), ["t/template.yaml:18:20 undefined-in-output"]);
        let output = "  output: {b: \"${{ steps['make-it'].output.x }}\"}\n";
        assert_eq!(
            found(&format!("{GOOD}{output}"), SKELETON),
            ["t/template.yaml:18:20 undefined-in-output"]
        );
    }

    #[test]
    fn skeletons() {
        check(
            "",
            "",
            &[("skeleton/a", "${{ values.name }}\nx ${{ values.nmae }}")],
            &["t/skeleton/a:2:7 undefined"],
        );
        check(
            "",
            "",
            &[("skeleton/.github/w.yml", "on: ${{ github.ref }} ${{ secrets.X }}")],
            &[
                "t/skeleton/.github/w.yml:1:9 github-expression",
                "t/skeleton/.github/w.yml:1:27 github-expression",
            ],
        );
        check(
            "",
            "",
            &[("skeleton/${{ values.nmae }}", "")],
            &["t/skeleton/${{ values.nmae }}:1:5 undefined"],
        );
        check(
            "",
            "",
            &[("skeleton/a", "${{ values.name | random }}")],
            &["t/skeleton/a:1:19 clock-or-random"],
        );
        check("", "", &[("skeleton/a", "{% if values.name %}")], &["t/skeleton/a:1:1 syntax"]);
        check(
            "",
            "",
            &[("skeleton/d.yaml", "kind: Deployment\napiVersion: apps/v1\nmetadata: {name: x}\n")],
            &["t/skeleton/d.yaml:1:1 no-kubernetes-id"],
        );
        check(
            "url: ./skeleton",
            "url: ./skeleton\n      copyWithoutTemplating: [a]",
            &[("skeleton/a", "${{ github.x }}")],
            &[],
        );
        let big = "x".repeat(1_100_000);
        check("", "", &[("skeleton/big", &big)], &["t/skeleton/big:1:1 large-file"]);
    }
}
