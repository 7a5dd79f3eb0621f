//! Exemptions: a rule that somebody said does not hold for a service, with a reason and a day on which that ends.

use jiff::civil::Date;

/// The annotation of a workload or an entity: `CB07=batch job, no traffic; until=2027-01-31`, several with a line or a `|` between them.
pub const ANNOTATION: &str = "callboard.dev/exempt";

/// kube-score's own annotation of an object: the checks that it is not to make there.
pub const KUBE_SCORE: &str = "kube-score/ignore";

/// Which checks of kube-score look at what a rule looks at.
const IGNORED: &[(&str, &[&str])] = &[
    ("CB07", &["pod-probes"]),
    ("CB08", &["pod-probes", "pod-probes-identical"]),
    ("CB09", &["container-resources"]),
    ("CB10", &["container-resources"]),
    ("CB11", &["container-image-tag"]),
    ("CB12", &["deployment-replicas", "horizontalpodautoscaler-replicas"]),
    ("CB13", &["deployment-has-poddisruptionbudget", "statefulset-has-poddisruptionbudget"]),
    (
        "CB14",
        &[
            "deployment-has-host-podantiaffinity",
            "statefulset-has-host-podantiaffinity",
            "pod-topology-spread-constraints",
        ],
    ),
    ("CB15", &["deployment-strategy"]),
    ("CB16", &["deployment-targeted-by-hpa-does-not-have-replicas-configured"]),
    (
        "CB18",
        &[
            "container-security-context-user-group-id",
            "container-security-context-privileged",
            "container-security-context-readonlyrootfilesystem",
            "container-seccomp-profile",
        ],
    ),
    ("CB20", &["cronjob-has-deadline"]),
];

/// The check of kube-score, of those that an annotation lists, that stands for a rule.
pub fn ignored_by_kube_score<'a>(text: &'a str, rule: &str) -> Option<&'a str> {
    let (_, checks) = IGNORED.iter().find(|(id, _)| *id == rule)?;
    text.split(',').map(str::trim).find(|name| checks.contains(name))
}

/// What an annotation says about a rule.
#[derive(Debug, PartialEq)]
pub enum Exemption {
    Until {
        reason: String,
        until: Date,
    },
    /// It is over.
    Expired {
        reason: String,
        until: Date,
    },
    /// It lacks its reason or its day, and so it is none.
    Incomplete(&'static str),
}

/// The exemption from a rule, if the text has one.
pub fn exemption(text: &str, rule: &str, today: Date) -> Option<Exemption> {
    let entry = text.split(['\n', '|']).map(str::trim).find_map(|entry| {
        let (id, rest) = entry.split_once('=')?;
        id.trim().eq_ignore_ascii_case(rule).then_some(rest)
    })?;
    let (reason, until) = match entry.rsplit_once(';') {
        Some((reason, until)) => (reason.trim(), until.trim().strip_prefix("until=")),
        None => (entry.trim(), None),
    };
    if reason.is_empty() {
        return Some(Exemption::Incomplete("an exemption says its reason"));
    }
    let Some(until) = until.and_then(|day| day.trim().parse::<Date>().ok()) else {
        return Some(Exemption::Incomplete("an exemption says until when it holds: `; until=2027-01-31`"));
    };
    let reason = reason.to_string();
    Some(if until < today {
        Exemption::Expired { reason, until }
    } else {
        Exemption::Until { reason, until }
    })
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::{Exemption, IGNORED, exemption, ignored_by_kube_score};
    use crate::readiness::rules::RULES;

    #[test]
    fn the_checks_of_kube_score_stand_for_rules() {
        for (rule, checks) in IGNORED {
            assert!(RULES.iter().any(|known| known.id == *rule), "{rule}");
            for check in *checks {
                assert_eq!(ignored_by_kube_score(&format!("x, {check}"), rule), Some(*check));
            }
        }
        assert_eq!(ignored_by_kube_score("pod-probes,container-image-tag", "CB12"), None);
        assert_eq!(ignored_by_kube_score("pod-probes", "CB01"), None);
        assert_eq!(ignored_by_kube_score("pod-probe", "CB07"), None);
    }

    #[test]
    fn reason_and_day_are_needed() {
        let today = date(2026, 1, 15);
        let of = |text: &str, rule: &str| exemption(text, rule, today);
        let until = |year| date(year, 1, 31);
        let text =
            "CB07=batch job, no traffic; until=2027-01-31 | cb08=old; until=2025-01-31\nCB09=\nCB10=why not";
        assert_eq!(
            of(text, "CB07"),
            Some(Exemption::Until { reason: "batch job, no traffic".into(), until: until(2027) })
        );
        assert_eq!(of(text, "CB08"), Some(Exemption::Expired { reason: "old".into(), until: until(2025) }));
        assert!(matches!(of(text, "CB09"), Some(Exemption::Incomplete(_))));
        assert!(matches!(of(text, "CB10"), Some(Exemption::Incomplete(_))));
        assert_eq!(of(text, "CB11"), None);
        assert!(matches!(of("CB07=x; until=soon", "CB07"), Some(Exemption::Incomplete(_))));
        // The last day itself still counts.
        assert!(matches!(of("CB07=x; until=2026-01-15", "CB07"), Some(Exemption::Until { .. })));
    }
}
