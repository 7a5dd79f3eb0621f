//! What `check` says: the level that each service has reached, and everything that keeps it from the next one.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Serialize;

use crate::commands::check::options::CheckFold;
use crate::commands::check::rows::{RuleItem, ServiceCheck, VerdictItem};
use crate::outcome::{Outcome, RunFacts};
use crate::readiness::{RULES, RuleState};
use crate::report::{Cell, Column, Detail, Grid, Line, Page, Report, Tone};
use crate::survey::SurveyHeader;
use crate::text::count;
use crate::yaml::{LintFinding, LintLevel, LintRule, Place, Problem};

/// `kind: ReadinessList`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CheckReport {
    /// Only where clusters were asked.
    #[serde(flatten)]
    header: Option<SurveyHeader>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    groups: Vec<CheckGroup>,
    items: Vec<ServiceCheck>,
    #[serde(skip)]
    layout: CheckLayout,
}

#[derive(Clone, Copy, Debug)]
pub struct CheckLayout {
    pub by: Option<CheckFold>,
}

/// Services that share an owner, a golden path or a level.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct CheckGroup {
    name: String,
    services: usize,
    gold: usize,
    silver: usize,
    bronze: usize,
    /// They have reached none.
    none: usize,
    failed_rules: usize,
    unknown_rules: usize,
}

/// The rules as other programs know rules.
pub fn lint_rules() -> Vec<&'static LintRule> {
    static LINT: LazyLock<Vec<LintRule>> = LazyLock::new(|| {
        RULES
            .iter()
            .map(|rule| LintRule { id: rule.id, level: LintLevel::Error, title: rule.title })
            .collect()
    });
    LINT.iter().collect()
}

impl CheckReport {
    pub fn new(header: Option<SurveyHeader>, items: Vec<ServiceCheck>, layout: CheckLayout) -> CheckReport {
        CheckReport { header, groups: Vec::new(), items, layout }
    }

    pub fn items(&self) -> &[ServiceCheck] {
        &self.items
    }

    /// Puts those first that have most to do, and counts the groups.
    pub fn settle(&mut self) {
        let rank = |item: &ServiceCheck| match item.level {
            None => 0,
            Some("bronze") => 1,
            Some("silver") => 2,
            Some(_) => 3,
        };
        self.items.sort_by(|one, other| (rank(one), &one.service).cmp(&(rank(other), &other.service)));
        // What nobody could say leaves the answer open, whatever the clusters said as a whole.
        let open = self.is_unknown();
        if let Some(header) = &mut self.header {
            header.complete &= !open;
        }
        let Some(by) = self.layout.by else { return };
        let mut groups: BTreeMap<String, CheckGroup> = BTreeMap::new();
        for item in &self.items {
            let name = match by {
                CheckFold::Owner => item.owner.clone(),
                CheckFold::Template => item.template.clone(),
                CheckFold::Level => item.level.map(String::from),
            };
            let name = name.unwrap_or_else(|| "none".to_string());
            let group =
                groups.entry(name.clone()).or_insert_with(|| CheckGroup { name, ..CheckGroup::default() });
            group.services += 1;
            match item.level {
                Some("gold") => group.gold += 1,
                Some("silver") => group.silver += 1,
                Some(_) => group.bronze += 1,
                None => group.none += 1,
            }
            group.failed_rules += item.number(RuleState::Fail);
            group.unknown_rules += item.number(RuleState::Unknown);
        }
        self.groups = groups.into_values().collect();
    }

    fn counting(&self) -> impl Iterator<Item = &RuleItem> {
        self.items.iter().flat_map(|item| &item.rules).filter(|rule| rule.counts)
    }

    fn is_unknown(&self) -> bool {
        self.counting().any(|rule| rule.worst == RuleState::Unknown)
    }

    pub fn outcome(&self) -> Outcome {
        Outcome::of(RunFacts {
            interrupted: self.header.as_ref().is_some_and(|header| header.interrupted),
            bad: self.counting().any(|rule| rule.worst == RuleState::Fail),
            complete: !self.is_unknown() && self.header.as_ref().is_none_or(|header| header.complete),
        })
    }

    /// The failures as findings in files: manifests, or the catalog's declaration of the service.
    pub fn findings(&self) -> Vec<LintFinding> {
        let rules = lint_rules();
        let mut findings = Vec::new();
        for item in &self.items {
            for rule in item.rules.iter().filter(|rule| rule.counts) {
                let Some(lint) = rules.iter().find(|known| known.id == rule.id) else { continue };
                for verdict in rule.verdicts.iter().filter(|verdict| verdict.is == RuleState::Fail) {
                    let place = verdict.place.clone().or_else(|| item.declared.clone());
                    let place = match place {
                        Some((file, line, column)) => Place::new(&file, line, column),
                        None => Place::whole(&item.service),
                    };
                    let cluster =
                        verdict.cluster.as_ref().map(|cluster| format!("{cluster}: ")).unwrap_or_default();
                    let message = if verdict.message.is_empty() { &rule.title } else { &verdict.message };
                    let text = format!(
                        "{cluster}{}: {} is {}: {message}",
                        verdict.object, verdict.path, verdict.seen
                    );
                    let problem = Problem::new(place, text);
                    let problem =
                        if verdict.fix.is_empty() { problem } else { problem.hint(verdict.fix.clone()) };
                    findings.push(LintFinding::new(lint, problem));
                }
            }
        }
        findings
    }

    fn overview(&self) -> Page {
        let row = |group: &CheckGroup| {
            let numbers = [
                group.services,
                group.gold,
                group.silver,
                group.bronze,
                group.none,
                group.failed_rules,
                group.unknown_rules,
            ];
            std::iter::once(Cell::from(group.name.clone()))
                .chain(numbers.map(|number| Cell::from(number.to_string())))
                .collect()
        };
        let header = [
            Column::from("GROUP"),
            Column::whole("SERVICES"),
            Column::whole("GOLD"),
            Column::whole("SILVER"),
            Column::whole("BRONZE"),
            Column::whole("NONE"),
            Column::whole("FAILED"),
            Column::whole("UNKNOWN"),
        ];
        Grid::of(header, self.groups.iter().map(row).collect()).into()
    }
}

/// One verdict.
fn row(item: &ServiceCheck, rule: &RuleItem, verdict: &VerdictItem) -> Vec<Cell> {
    let passed = verdict.is == RuleState::Pass;
    vec![
        Cell::from(item.service.clone()),
        Cell::from(rule.id.clone()),
        Cell::from(rule.level),
        Cell::toned(verdict.state, verdict.tone()),
        dash(verdict.cluster.as_deref().unwrap_or_default()),
        dash(&verdict.object),
        dash(&verdict.path),
        dash(&verdict.seen),
        Cell::from(if passed { rule.title.clone() } else { verdict.what(&rule.title) }),
    ]
}

fn dash(text: &str) -> Cell {
    Cell::from(if text.is_empty() { "-".to_string() } else { text.to_string() })
}

/// A row for each cluster that said nothing, or not enough, however many rules would have asked it.
fn silences(item: &ServiceCheck) -> Vec<Vec<Cell>> {
    let mut clusters: BTreeMap<(&str, &str), Vec<&str>> = BTreeMap::new();
    for rule in &item.rules {
        for verdict in rule.verdicts.iter().filter(|verdict| verdict.is_silence()) {
            let key = (verdict.cluster.as_deref().unwrap_or_default(), verdict.message.as_str());
            clusters.entry(key).or_default().push(&rule.id);
        }
    }
    let row = |((cluster, why), rules): ((&str, &str), Vec<&str>)| {
        let unknown = Cell::toned(RuleState::Unknown.word(), Tone::Doubtful);
        vec![
            Cell::from(item.service.clone()),
            Cell::from(count(rules.len(), "rule")),
            dash(""),
            unknown,
            dash(cluster),
            dash(""),
            dash(""),
            dash(""),
            Cell::from(format!("{why}: not known of {}", rules.join(", "))),
        ]
    };
    clusters.into_iter().map(row).collect()
}

impl Report for CheckReport {
    const KIND: &'static str = "ReadinessList";

    fn page(&self, detail: Detail) -> Page {
        if self.layout.by.is_some() {
            return self.overview();
        }
        let mut rows = Vec::new();
        for item in &self.items {
            let shown = |verdict: &&VerdictItem| detail.wide || verdict.is != RuleState::Pass;
            for rule in &item.rules {
                let told = rule.verdicts.iter().filter(shown).filter(|verdict| !verdict.is_silence());
                rows.extend(told.map(|verdict| row(item, rule, verdict)));
            }
            rows.extend(silences(item));
        }
        if rows.is_empty() {
            return Page::default();
        }
        let header = [
            Column::from("SERVICE"),
            Column::whole("RULE"),
            Column::whole("LEVEL"),
            Column::whole("STATE"),
            Column::from("CLUSTER"),
            Column::from("OBJECT"),
            Column::from("PATH"),
            Column::from("SEEN"),
            Column::sentence("WHAT"),
        ];
        let mut unused = Vec::new();
        if self.items.len() == 1 {
            unused.push("SERVICE");
        }
        if self.header.is_none() {
            unused.push("CLUSTER");
        }
        Grid::of(header, rows).without(&unused).into()
    }

    fn names(&self) -> Vec<String> {
        self.items.iter().map(|item| item.service.clone()).collect()
    }

    fn footer(&self) -> Vec<Line> {
        let sums: Vec<Line> = match self.items.len() {
            0..=20 => self.items.iter().map(|item| Line::from(item.sums())).collect(),
            many => {
                let of = |level: Option<&str>| self.items.iter().filter(|item| item.level == level).count();
                let levels = [
                    ("gold", of(Some("gold"))),
                    ("silver", of(Some("silver"))),
                    ("bronze", of(Some("bronze"))),
                    ("none", of(None)),
                ];
                let levels: Vec<String> =
                    levels.iter().map(|(name, number)| format!("{number} {name}")).collect();
                vec![Line::from(format!("{}: {}.", count(many, "service"), levels.join(", ")))]
            }
        };
        match &self.header {
            Some(header) => header.footer(sums.into_iter().chain([Line::from(header.answered())])),
            None => sums,
        }
    }

    fn title(&self) -> String {
        "Readiness for production".to_string()
    }
}
