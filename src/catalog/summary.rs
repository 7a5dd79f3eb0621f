//! A catalog's troubles in a line or two, for every command but the one that is about them.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::Catalog;
use crate::catalog::rules::{
    API_VERSION, CONFLICT, ENCODING, ENVELOPE, FOREIGN, KIND, LOCATION, METADATA, NAME, PLACEHOLDER,
    REFERENCE, SPEC, TOO_LARGE, UNREADABLE, YAML,
};
use crate::catalog::standing::Stranger;
use crate::text::{count, listed};
use crate::yaml::{LintFinding, LintRule};

/// What the problems of a rule are called together.
const WORDS: &[(&LintRule, &str)] = &[
    (&API_VERSION, "wrong apiVersions"),
    (&CONFLICT, "declared twice"),
    (&ENCODING, "not UTF-8"),
    (&ENVELOPE, "no entities"),
    (&FOREIGN, "not Backstage's"),
    (&KIND, "unknown kinds"),
    (&LOCATION, "targets that lead nowhere"),
    (&METADATA, "in metadata"),
    (&NAME, "bad names"),
    (&PLACEHOLDER, "placeholders that lead nowhere"),
    (&REFERENCE, "unreadable references"),
    (&SPEC, "in spec"),
    (&TOO_LARGE, "too large"),
    (&UNREADABLE, "unreadable"),
    (&YAML, "not YAML"),
];

/// Files that a line names.
const MOST_FILES: usize = 3;

impl Catalog {
    /// The problems by class; nothing where there are none.
    pub fn problems_in_a_line(&self) -> Option<String> {
        if self.problems.is_empty() {
            return None;
        }
        let files: BTreeSet<&str> = self.problems.iter().map(|one| one.problem.place.file.as_str()).collect();
        let mut classes: BTreeMap<&str, usize> = BTreeMap::new();
        for finding in &self.problems {
            let word = WORDS
                .iter()
                .find(|(rule, _)| *rule == finding.rule)
                .map_or(finding.rule.id, |(_, word)| word);
            *classes.entry(word).or_default() += 1;
        }
        let mut classes: Vec<(&str, usize)> = classes.into_iter().collect();
        classes.sort_by_key(|(_, number)| std::cmp::Reverse(*number));
        let classes: Vec<String> = classes.iter().map(|(word, number)| format!("{number} {word}")).collect();
        let shown: Vec<&str> = files.iter().copied().collect();
        Some(format!(
            "the catalog has {} in {} ({}): {}",
            count(self.problems.len(), "problem"),
            count(files.len(), "file"),
            listed(&shown, MOST_FILES),
            classes.join(", ")
        ))
    }

    /// What directories and patterns hold beside the catalog.
    pub fn left_alone_in_a_line(&self) -> Option<String> {
        let of = |stranger: Stranger| self.left.iter().filter(|(_, left)| *left == stranger).count();
        let files: BTreeSet<&str> = self.left.iter().map(|(place, _)| place.file.as_str()).collect();
        let kinds = [
            (of(Stranger::Foreign), "no entities of Backstage's"),
            (of(Stranger::Skeleton), "skeletons of templates"),
            (of(Stranger::Broken), "no YAML"),
        ];
        let kinds: Vec<String> = kinds
            .iter()
            .filter(|(number, _)| *number > 0)
            .map(|(number, word)| format!("{number} {word}"))
            .collect();
        (!self.left.is_empty()).then(|| {
            format!(
                "{} in {} left alone: {}",
                count(self.left.len(), "document"),
                count(files.len(), "file"),
                kinds.join(", ")
            )
        })
    }

    /// Targets that were not followed.
    pub fn urls_in_a_line(&self) -> Option<String> {
        let first = self.notes.first()?;
        let target = first
            .message
            .strip_prefix("the target ")
            .and_then(|rest| rest.split(' ').next())
            .unwrap_or_default();
        Some(match self.notes.len() {
            1 => format!("1 target of a Location is no file and was not followed: {target}"),
            number => format!(
                "{number} targets of Locations are no files and were not followed; the first is {target}"
            ),
        })
    }

    /// What was read, where no entity came of it but Locations.
    pub fn emptiness(&self) -> Option<String> {
        let locations = self.of_kind("location").count();
        if locations < self.entities.len() || !self.problems.is_empty() {
            return None;
        }
        let files: Vec<&str> = self.files.iter().map(|file| &*file.name).collect();
        let read = listed(&files, MOST_FILES);
        Some(match locations {
            0 => format!("the catalog holds no entity: {read} was read"),
            _ => format!(
                "the catalog holds no entity but {}, none of whose targets led to one: {read} was read",
                count(locations, "Location")
            ),
        })
    }

    /// The problems of some entities' own documents, and of their owners'.
    pub fn problems_of<'a>(
        &'a self,
        entities: &'a [&crate::catalog::EntityRef],
    ) -> impl Iterator<Item = &'a LintFinding> {
        let owned = entities
            .iter()
            .flat_map(|entity| self.relations.from(entity, crate::catalog::relation::Relation::OwnedBy));
        let about: Vec<_> =
            entities.iter().copied().chain(owned).filter_map(|entity| self.get(entity)).collect();
        self.problems.iter().filter(move |finding| {
            let place = &finding.problem.place;
            about
                .iter()
                .any(|entity| entity.file() == place.file && entity.source.lines().contains(&place.line))
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::catalog::rules::RULES;
    use crate::yaml::LintLevel;

    use super::WORDS;

    #[test]
    fn every_problem_that_is_known_when_a_catalog_is_read_has_a_word() {
        for rule in RULES.iter().filter(|rule| rule.level == LintLevel::Error) {
            assert!(WORDS.iter().any(|(known, _)| known == rule), "{}", rule.id);
        }
    }
}
