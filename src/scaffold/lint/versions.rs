//! What a new version of a template may change: a minor one takes nothing away that projects or scripts rely on.

use serde_json::{Map, Value as Json};

use crate::scaffold::lint::rules::{Findings, LintFinding, NARROWED};
use crate::scaffold::parameters::{asked, declared};
use crate::scaffold::template::Template;
use crate::yaml::step;

/// What the new version may not change unless its major number grows: no parameter added that must be answered, none removed, no
/// choice taken away.
pub fn against(old: &Template, new: &Template) -> Vec<LintFinding> {
    let major = |template: &Template| {
        template.version.as_deref().and_then(|version| version.split('.').next()?.parse::<u64>().ok())
    };
    if let (Some(before), Some(now)) = (major(old), major(new))
        && now > before
    {
        return Vec::new();
    }
    let mut findings = Findings(Vec::new());
    let (was, is) = (declared(old), declared(new));
    for gone in was.difference(&is) {
        findings.at(
            &NARROWED,
            new,
            "/spec/parameters",
            format!("the parameter '{gone}' is gone, which only a major version may do"),
        );
    }
    let before = asked(old, &Map::new());
    for property in asked(new, &Map::new()) {
        let pointer = format!("{}/properties/{}", new.pages[property.page].pointer, step(&property.name));
        let known = before.iter().find(|known| known.name == property.name);
        let was_required = known.is_some_and(|known| known.required);
        if property.required && !was_required && property.schema.get("default").is_none() {
            let message =
                format!("'{}' must be answered now, which only a major version may ask for", property.name);
            findings.at(&NARROWED, new, &pointer, message);
        }
        let options = |schema: &Json| schema.get("enum").and_then(Json::as_array).cloned();
        if let (Some(now), Some(before)) =
            (options(&property.schema), known.and_then(|known| options(&known.schema)))
        {
            for gone in before.iter().filter(|option| !now.contains(option)) {
                findings.at(
                    &NARROWED,
                    new,
                    &pointer,
                    format!(
                        "'{}' may no longer be {gone}, which only a major version may change",
                        property.name
                    ),
                );
            }
        }
    }
    findings.0
}

#[cfg(test)]
mod tests {
    use super::against;
    use crate::scaffold::template::read;

    #[track_caller]
    fn check(version: &str, properties: &str, required: &str, expect: usize) {
        let text = |version: &str, properties: &str, required: &str| {
            format!(
                "apiVersion: scaffolder.backstage.io/v1beta3\nkind: Template\nmetadata: {{name: t, annotations: {{callboard.dev/version: {version}}}}}\n\
                 spec:\n  type: x\n  steps: []\n  parameters:\n    required: [{required}]\n    properties: {{{properties}}}\n"
            )
        };
        let old = read("t", &text("1.0.0", "a: {enum: [x, y]}, b: {}", "a")).expect("a template");
        let new = read("t", &text(version, properties, required)).expect("a template");
        assert_eq!(against(&old, &new).len(), expect);
    }

    #[test]
    fn a_minor_version_takes_nothing_away() {
        check("1.1.0", "a: {enum: [x, y, z]}, b: {}, c: {}, d: {default: 1}", "a, d", 0);
        check("1.1.0", "a: {enum: [x]}, b: {}", "a", 1);
        check("1.1.0", "a: {enum: [x, y]}", "a", 1);
        check("1.1.0", "a: {enum: [x, y]}, b: {}", "a, b", 1);
        check("2.0.0", "a: {enum: [x]}", "a", 0);
    }
}
