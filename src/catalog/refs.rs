//! Entity references: `[kind:][namespace/]name`, compared without regard to case, as Backstage does.

use std::fmt;

/// The namespace of what names none.
pub const DEFAULT_NAMESPACE: &str = "default";

/// A complete reference, in lower case throughout: two spellings of one entity are equal.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntityRef {
    pub kind: String,
    pub namespace: String,
    pub name: String,
}

/// Why a text is no reference, in Backstage's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefError(pub String);

impl fmt::Display for RefError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for RefError {}

impl EntityRef {
    pub fn new(kind: &str, namespace: &str, name: &str) -> EntityRef {
        EntityRef {
            kind: kind.to_lowercase(),
            namespace: namespace.to_lowercase(),
            name: name.to_lowercase(),
        }
    }

    /// Reads a reference; what it leaves out comes from where it stands. Without a default kind the text
    /// must name one.
    pub fn parse(text: &str, kind: Option<&str>, namespace: &str) -> Result<EntityRef, RefError> {
        let parts = Parts::of(text)?;
        let Some(kind) = parts.kind.or(kind) else {
            return Err(RefError(format!(
                "Entity reference {text:?} had missing or empty kind (e.g. did not start with \"component:\" or similar)"
            )));
        };
        Ok(EntityRef::new(kind, parts.namespace.unwrap_or(namespace), parts.name))
    }

    /// The reference without what goes without saying: the usual kind of a field, and the namespace `default`.
    pub fn short(&self, usual_kind: &str) -> String {
        let kind = if self.kind == usual_kind { String::new() } else { format!("{}:", self.kind) };
        match self.namespace.as_str() {
            DEFAULT_NAMESPACE => format!("{kind}{}", self.name),
            namespace => format!("{kind}{namespace}/{}", self.name),
        }
    }
}

impl fmt::Display for EntityRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}/{}", self.kind, self.namespace, self.name)
    }
}

/// What a reference says itself, as written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parts<'a> {
    pub kind: Option<&'a str>,
    pub namespace: Option<&'a str>,
    pub name: &'a str,
}

impl<'a> Parts<'a> {
    /// Splits at the first colon and the first slash; a colon behind the slash belongs to the name. Blanks
    /// are kept, empty parts are an error.
    pub fn of(text: &'a str) -> Result<Parts<'a>, RefError> {
        if text.is_empty() {
            return Err(RefError("Entity reference must not be empty".to_string()));
        }
        let slash = text.find('/');
        let colon = text.find(':').filter(|colon| slash.is_none_or(|slash| *colon < slash));
        let kind = colon.map(|colon| &text[..colon]);
        let start = colon.map_or(0, |colon| colon + 1);
        let namespace = slash.map(|slash| &text[start..slash]);
        let name = &text[slash.map_or(start, |slash| slash + 1)..];
        if kind == Some("") || namespace == Some("") || name.is_empty() {
            return Err(RefError(format!(
                "Entity reference {text:?} was not on the form [<kind>:][<namespace>/]<name>"
            )));
        }
        Ok(Parts { kind, namespace, name })
    }

    /// Whether an entity is meant: what the text leaves out may be anything.
    pub fn means(&self, reference: &EntityRef) -> bool {
        let same = |part: Option<&str>, whole: &str| part.is_none_or(|part| part.to_lowercase() == whole);
        same(self.kind, &reference.kind)
            && same(self.namespace, &reference.namespace)
            && self.name.to_lowercase() == reference.name
    }
}

#[cfg(test)]
mod tests {
    use super::EntityRef;

    #[test]
    fn a_mutated_reference_is_refused_or_means_the_same_when_it_is_read_again() {
        crate::mutation::each(&["component:default/web", "group:shop/team-a", "user:ida", "a/b"], |text| {
            if let Ok(reference) = EntityRef::parse(text, Some("Group"), "ns") {
                let again = EntityRef::parse(&reference.to_string(), None, "other").expect("its own text");
                assert_eq!(again, reference);
            }
        });
    }

    #[track_caller]
    fn check(text: &str, expect: &str) {
        let got = match EntityRef::parse(text, Some("Group"), "ns") {
            Ok(reference) => reference.to_string(),
            Err(error) => error.to_string(),
        };
        assert!(got == expect || got.ends_with(expect), "{text:?} is {got:?}, not {expect:?}");
    }

    #[test]
    fn the_grammar_is_backstages() {
        check("a", "group:ns/a");
        check("k:a", "k:ns/a");
        check("n/a", "group:n/a");
        check("k:n/a", "k:n/a");
        check("a/b/c:d", "group:a/b/c:d");
        check("a:b:c", "a:ns/b:c");
        check("k:n/s/x", "k:n/s/x");
        check("A:B/C", "a:b/c");
        check("k: a ", "k:ns/ a ");
        for bad in [":a", "k:", "n/", "/a", "k:/a"] {
            check(bad, "was not on the form [<kind>:][<namespace>/]<name>");
        }
        check("", "Entity reference must not be empty");
        assert!(EntityRef::parse("nokind", None, "ns").is_err());
        check(&"é:/".repeat(10_000), "was not on the form [<kind>:][<namespace>/]<name>");
    }

    #[test]
    fn what_goes_without_saying_is_left_out() {
        assert_eq!(EntityRef::new("Group", "default", "A").short("group"), "a");
        assert_eq!(EntityRef::new("User", "default", "a").short("group"), "user:a");
        assert_eq!(EntityRef::new("Group", "shop", "a").short("group"), "shop/a");
    }
}
