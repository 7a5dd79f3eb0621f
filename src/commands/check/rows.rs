//! What was found out about a service: a row for each rule, with its verdicts.

use serde::Serialize;

use crate::commands::check::about::AboutService;
use crate::readiness::{ReadinessLevel, ReadinessRule, RuleState, RuleVerdict, SILENT};
use crate::report::Tone;

/// A service.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ServiceCheck {
    pub service: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub template: Option<String>,
    /// The highest level of which nothing fails and nothing is unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub level: Option<&'static str>,
    pub rules: Vec<RuleItem>,
    #[serde(skip)]
    pub reached: Option<ReadinessLevel>,
    #[serde(skip)]
    pub declared: Option<(String, usize, usize)>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RuleItem {
    pub id: String,
    pub level: &'static str,
    pub title: String,
    pub state: &'static str,
    pub verdicts: Vec<VerdictItem>,
    #[serde(skip)]
    pub worst: RuleState,
    /// It counts for the level that is asked for.
    #[serde(skip)]
    pub counts: bool,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct VerdictItem {
    pub state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cluster: Option<String>,
    pub object: String,
    pub path: String,
    pub seen: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub message: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub fix: String,
    #[serde(skip)]
    pub place: Option<(String, usize, usize)>,
    #[serde(skip)]
    pub is: RuleState,
}

impl ServiceCheck {
    pub fn of(
        about: &AboutService,
        checked: Vec<(&'static ReadinessRule, Vec<RuleVerdict>)>,
        level: ReadinessLevel,
    ) -> ServiceCheck {
        let rules: Vec<(ReadinessLevel, RuleItem)> = checked
            .into_iter()
            .map(|(rule, verdicts)| (rule.level, RuleItem::of(rule, verdicts, level)))
            .collect();
        let blocked =
            rules.iter().filter(|(_, item)| item.worst >= RuleState::Unknown).map(|(level, _)| *level).min();
        // Nothing that applies is no achievement.
        let any = rules.iter().any(|(_, item)| item.worst != RuleState::NotApplicable);
        let reached = match blocked {
            _ if !any => None,
            None => Some(ReadinessLevel::Gold),
            Some(ReadinessLevel::Gold) => Some(ReadinessLevel::Silver),
            Some(ReadinessLevel::Silver) => Some(ReadinessLevel::Bronze),
            Some(ReadinessLevel::Bronze) => None,
        };
        ServiceCheck {
            service: about.name.clone(),
            owner: about.owner.clone(),
            template: about.template.clone(),
            level: reached.map(ReadinessLevel::word),
            reached,
            rules: rules.into_iter().map(|(_, item)| item).collect(),
            declared: about.declared.clone(),
        }
    }

    pub fn number(&self, state: RuleState) -> usize {
        self.rules.iter().filter(|rule| rule.worst == state).count()
    }

    /// `silver: 20 pass, 2 fail, 1 unknown, 2 n/a`
    pub fn sums(&self) -> String {
        let states = [
            RuleState::Pass,
            RuleState::Fail,
            RuleState::Unknown,
            RuleState::Warn,
            RuleState::Exempt,
            RuleState::NotApplicable,
        ];
        let parts: Vec<String> = states
            .into_iter()
            .filter(|state| self.number(*state) > 0)
            .map(|state| format!("{} {}", self.number(state), state.word()))
            .collect();
        format!("{}: {}: {}.", self.service, self.level.unwrap_or("no level"), parts.join(", "))
    }
}

impl RuleItem {
    fn of(rule: &ReadinessRule, verdicts: Vec<RuleVerdict>, level: ReadinessLevel) -> RuleItem {
        let worst = verdicts.iter().map(|verdict| verdict.state).max().unwrap_or(RuleState::NotApplicable);
        let applies = verdicts.into_iter().filter(|verdict| verdict.state != RuleState::NotApplicable);
        RuleItem {
            id: rule.id.to_string(),
            level: rule.level.word(),
            title: rule.title.to_string(),
            state: worst.word(),
            verdicts: applies.map(VerdictItem::of).collect(),
            worst,
            counts: rule.level <= level,
        }
    }
}

impl VerdictItem {
    fn of(verdict: RuleVerdict) -> VerdictItem {
        VerdictItem {
            state: verdict.state.word(),
            cluster: verdict.cluster,
            object: verdict.object,
            path: verdict.path,
            seen: verdict.seen,
            message: verdict.message,
            fix: verdict.fix,
            place: verdict.place,
            is: verdict.state,
        }
    }

    /// A cluster said nothing, or not enough, so that the rule has nothing to look at there.
    pub fn is_silence(&self) -> bool {
        self.is == RuleState::Unknown && self.object == SILENT
    }

    pub fn tone(&self) -> Tone {
        match self.is {
            RuleState::Fail => Tone::Bad,
            RuleState::Unknown | RuleState::Warn => Tone::Doubtful,
            RuleState::Pass => Tone::Good,
            RuleState::Exempt | RuleState::NotApplicable => Tone::Muted,
        }
    }

    /// What is wrong, and the line to paste.
    pub fn what(&self, title: &str) -> String {
        let message = if self.message.is_empty() { title.to_string() } else { self.message.clone() };
        if self.fix.is_empty() { message } else { format!("{message}; write: {}", self.fix) }
    }
}
