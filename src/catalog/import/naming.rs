//! Names by Backstage's rules: letters and digits with `-`, `_` and `.` between, at most 63, each used once without regard to case.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::envelope::is_name;

/// Longest that a name may be.
const LONGEST: usize = 63;

/// The text where it is a name already, else what is left of it as one; nothing where nothing is left.
pub fn valid_name(text: &str) -> Option<String> {
    if is_name(text) {
        return Some(text.to_string());
    }
    let mut name = String::new();
    for c in text.chars() {
        match c {
            c if c.is_ascii_alphanumeric() => name.push(c.to_ascii_lowercase()),
            '.' | '_' => name.push(c),
            _ if name.ends_with('-') => {}
            _ => name.push('-'),
        }
        if name.len() >= LONGEST {
            break;
        }
    }
    let name = name.trim_matches(|c: char| !c.is_ascii_alphanumeric()).to_string();
    is_name(&name).then_some(name)
}

/// Names that are taken, in lower case.
pub struct TakenNames(BTreeSet<String>);

impl TakenNames {
    pub fn new(taken: impl IntoIterator<Item = String>) -> TakenNames {
        TakenNames(taken.into_iter().map(|name| name.to_lowercase()).collect())
    }

    /// A name for each value. Those that several have, or that is taken, are told apart by their namespaces, and last by a number.
    pub fn of_all(&mut self, wanted: &[(String, Option<String>)]) -> Vec<String> {
        let mut users: BTreeMap<String, usize> = BTreeMap::new();
        wanted.iter().for_each(|(value, _)| *users.entry(value.to_lowercase()).or_default() += 1);
        // Who is alone keeps the plain name, whatever the others become.
        let is_alone = |value: &String| users.get(&value.to_lowercase()) == Some(&1);
        let mut names: Vec<Option<String>> = wanted
            .iter()
            .map(|(value, _)| valid_name(value).filter(|_| is_alone(value)).filter(|name| self.take(name)))
            .collect();
        for (name, (value, namespace)) in names.iter_mut().zip(wanted).filter(|(name, _)| name.is_none()) {
            let longer = match namespace {
                Some(namespace) => format!("{namespace}-{value}"),
                None => value.clone(),
            };
            *name = Some(self.free(&valid_name(&longer).unwrap_or_else(|| "service".to_string())));
        }
        names.into_iter().flatten().collect()
    }

    fn free(&mut self, name: &str) -> String {
        let mut number = 1;
        loop {
            let end = if number == 1 { String::new() } else { format!("-{number}") };
            let cut: String = name.chars().take(LONGEST - end.len()).collect();
            let candidate = format!("{}{end}", cut.trim_end_matches(['-', '_', '.']));
            if self.take(&candidate) {
                return candidate;
            }
            number += 1;
        }
    }

    fn take(&mut self, name: &str) -> bool {
        self.0.insert(name.to_lowercase())
    }
}

#[cfg(test)]
mod tests {
    use super::{TakenNames, valid_name};
    use crate::catalog::envelope::is_name;

    #[test]
    fn what_is_left_of_a_text_is_a_name() {
        for (text, expect) in [
            ("cart", "cart"),
            ("Cart_2.x", "Cart_2.x"),
            ("Team Checkout", "team-checkout"),
            ("a/b", "a-b"),
            ("-x-", "x"),
            ("é", ""),
            ("équipe été", "quipe-t"),
            ("", ""),
            ("a\u{1b}[31mb", "a-31mb"),
        ] {
            assert_eq!(valid_name(text).unwrap_or_default(), expect, "{text:?}");
        }
        let long = valid_name(&"a ".repeat(100)).expect("a name");
        assert!(is_name(&long) && long.len() <= 63, "{long}");
    }

    #[test]
    fn each_name_is_used_once() {
        let of = |wanted: &[(&str, &str)], taken: &[&str]| {
            let wanted: Vec<(String, Option<String>)> = wanted
                .iter()
                .map(|(value, namespace)| {
                    (value.to_string(), Some(namespace.to_string()).filter(|n| !n.is_empty()))
                })
                .collect();
            let names = TakenNames::new(taken.iter().map(|name| name.to_string())).of_all(&wanted);
            assert!(names.iter().all(|name| is_name(name)), "{names:?}");
            names
        };
        assert_eq!(
            of(&[("cart", "shop"), ("web", "shop"), ("web", "blog")], &[]),
            ["cart", "shop-web", "blog-web"]
        );
        assert_eq!(of(&[("Cart", "shop"), ("cart", "shop")], &[]), ["shop-Cart", "shop-cart-2"]);
        assert_eq!(of(&[("cart", "shop")], &["CART"]), ["shop-cart"]);
        assert_eq!(of(&[("cart", "shop"), ("cart", "")], &["cart", "shop-cart"]), ["shop-cart-2", "cart-2"]);
        assert_eq!(
            of(&[("shop-web", "x"), ("web", "shop"), ("web", "blog")], &[]),
            ["shop-web", "shop-web-2", "blog-web"]
        );
        let (value, namespace) = ("v".repeat(63), "n".repeat(63));
        let pair = (value.as_str(), namespace.as_str());
        assert_eq!(of(&[pair, pair], &[]).len(), 2);
    }
}
