//! Finding entities by what people type: a name, or a reference with as much as they care to write.

use std::collections::BTreeSet;
use std::fmt;

use crate::catalog::Catalog;
use crate::catalog::entity::Entity;
use crate::catalog::refs::{EntityRef, Parts};
use crate::catalog::relation::Relation;
use crate::text::{closest, listed};

/// How many names of what there is are told before the rest is counted.
const MOST_NAMES: usize = 8;

/// Nothing has that name; what comes closest, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotFound {
    /// What was looked for: `service`, `owner`, `system`, ...
    pub what: String,
    pub text: String,
    pub closest: Vec<String>,
    /// Where nothing is close: some of what there is, and how many more.
    pub known: String,
    /// Advice of another sort, where there is some.
    pub advice: Option<String>,
}

impl NotFound {
    pub fn new<'a>(what: &str, text: &str, candidates: impl IntoIterator<Item = &'a str>) -> NotFound {
        let candidates: BTreeSet<&str> = candidates.into_iter().collect();
        let closest: Vec<String> =
            closest(text, candidates.iter().copied()).into_iter().map(str::to_string).collect();
        let known = match closest.is_empty() {
            true => listed(&candidates.into_iter().collect::<Vec<_>>(), MOST_NAMES),
            false => String::new(),
        };
        NotFound { what: what.to_string(), text: text.to_string(), closest, known, advice: None }
    }

    /// What to do, as a sentence.
    pub fn hint(&self) -> Option<String> {
        let near = (!self.closest.is_empty()).then(|| format!("did you mean {}?", self.closest.join(" or ")));
        let known = (!self.known.is_empty()).then(|| format!("there are {}.", self.known));
        self.advice.clone().or(near).or(known)
    }
}

impl fmt::Display for NotFound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the catalog has no {} {:?}", self.what, self.text)
    }
}

impl std::error::Error for NotFound {}

impl Catalog {
    /// The User with an e-mail address, compared without regard to case.
    pub fn user_by_email(&self, email: &str) -> Option<&Entity> {
        let same = |user: &&Entity| user.email().is_some_and(|theirs| theirs.eq_ignore_ascii_case(email));
        self.of_kind("user").find(same)
    }

    /// The entity of a name or reference, compared without regard to case. A name that several have is an error that names them.
    pub fn entity_called(&self, word: &str) -> Result<&Entity, NotFound> {
        let means = |reference: &EntityRef| Parts::of(word).is_ok_and(|parts| parts.means(reference));
        let found: Vec<&Entity> = self.entities.values().filter(|entity| means(&entity.reference)).collect();
        match found.as_slice() {
            [one] => Ok(one),
            [] => {
                let shown = |reference: &EntityRef| match word.contains(':') {
                    true => reference.to_string(),
                    false => reference.name.clone(),
                };
                let shown: Vec<String> = self.entities.keys().map(shown).collect();
                Err(NotFound::new("entity", word, shown.iter().map(String::as_str)))
            }
            several => {
                let names: Vec<String> = several.iter().map(|entity| entity.reference.to_string()).collect();
                let advice = format!("name one of {}", names.join(", "));
                Err(NotFound {
                    what: "one entity".to_string(),
                    text: word.to_string(),
                    closest: Vec::new(),
                    known: String::new(),
                    advice: Some(advice),
                })
            }
        }
    }

    /// A person and the groups that person is a member of: the owners of what is theirs, as in Backstage.
    pub fn owners_of(&self, user: &EntityRef) -> Vec<EntityRef> {
        let groups = self.relations.from(user, Relation::MemberOf);
        std::iter::once(user).chain(groups).cloned().collect()
    }

    /// The people behind an owner: the members of a group and of the groups below it, or the user.
    pub fn people(&self, owner: &EntityRef) -> BTreeSet<EntityRef> {
        if owner.kind == "user" {
            return BTreeSet::from([owner.clone()]);
        }
        let groups = self.relations.below(owner, Relation::ChildOf);
        groups.iter().flat_map(|group| self.relations.to(group, Relation::MemberOf)).cloned().collect()
    }
}
