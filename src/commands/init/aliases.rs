//! Short names for contexts that are called by what their provider calls them: each used once, and never that of another context.

use std::collections::{BTreeMap, BTreeSet};

use crate::commands::init::origin::ContextOrigin;

/// A short name for each context that has one in it, in the order given; nothing where every form of it is taken.
pub fn aliases(contexts: &[(&str, &ContextOrigin)], taken: &BTreeSet<String>) -> Vec<Option<String>> {
    let taken: BTreeSet<String> = taken.iter().map(|name| name.to_lowercase()).collect();
    let forms: Vec<Vec<String>> = contexts.iter().map(|(name, origin)| forms(name, origin)).collect();
    let mut level = vec![0; contexts.len()];
    // Those that collide all get the longer form: which of them would have the short one is nobody's to say.
    loop {
        let mut users: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (index, forms) in forms.iter().enumerate() {
            let form = forms.get(level[index]).map(|form| form.to_lowercase());
            form.into_iter().for_each(|form| users.entry(form).or_default().push(index));
        }
        users.retain(|form, users| users.len() > 1 || taken.contains(form));
        if users.is_empty() {
            break;
        }
        users.into_values().flatten().for_each(|index| level[index] += 1);
    }
    forms.into_iter().zip(level).map(|(forms, level)| forms.into_iter().nth(level)).collect()
}

/// The forms of a short name, the shortest first.
fn forms(context: &str, origin: &ContextOrigin) -> Vec<String> {
    let Some(short) = origin.short.as_deref().filter(|short| is_usable(short)) else { return Vec::new() };
    let mut forms = vec![short.to_string()];
    let region = origin.region.as_ref().map(|region| region.value.clone());
    let more = [region, origin.account.clone()];
    for part in more.into_iter().flatten() {
        let longer = format!("{}-{part}", forms[forms.len() - 1]);
        forms.push(longer);
    }
    if let Some(account) = &origin.account {
        forms.insert(forms.len() - 1, format!("{short}-{account}"));
    }
    forms.dedup();
    forms.retain(|form| form.len() < context.len() && is_usable(form));
    forms
}

/// Whether a word can be typed as a name without being taken for anything else.
pub fn is_usable(word: &str) -> bool {
    let is_plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    word.starts_with(char::is_alphanumeric) && word.chars().all(is_plain)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{aliases, is_usable};
    use crate::commands::init::origin::origin;

    #[track_caller]
    fn check(contexts: &[&str], taken: &[&str], expect: &[&str]) {
        let origins: Vec<_> = contexts.iter().map(|name| origin(name, "https://10.0.0.1")).collect();
        let pairs: Vec<_> = contexts.iter().copied().zip(&origins).collect();
        let taken: BTreeSet<String> = taken.iter().map(|name| name.to_string()).collect();
        let found: Vec<String> = aliases(&pairs, &taken)
            .into_iter()
            .map(|alias| alias.unwrap_or_else(|| "-".to_string()))
            .collect();
        assert_eq!(found, expect);
    }

    const EU: &str = "arn:aws:eks:eu-west-1:111122223333:cluster/shop";

    #[test]
    fn short_names_are_short_and_each_is_used_once() {
        check(&[EU, "plain"], &[], &["shop", "-"]);
        let us = "arn:aws:eks:us-east-1:111122223333:cluster/shop";
        check(&[EU, us], &[], &["shop-eu-west-1", "shop-us-east-1"]);
        let other = "arn:aws:eks:eu-west-1:444455556666:cluster/shop";
        check(&[EU, other], &[], &["shop-111122223333", "shop-444455556666"]);
        check(&[EU, us, other], &[], &["shop-111122223333", "shop-us-east-1", "shop-444455556666"]);
        // Another case is another name for nobody.
        check(
            &[EU, "arn:aws:eks:us-east-1:111122223333:cluster/SHOP"],
            &[],
            &["shop-eu-west-1", "SHOP-us-east-1"],
        );
        check(&["gke_p_europe-west1_main", "gke_q_europe-west1_main"], &[], &["main-p", "main-q"]);
    }

    #[test]
    fn a_name_that_a_context_has_is_taken() {
        check(&[EU], &["shop"], &["shop-eu-west-1"]);
        check(&[EU], &["Shop", "shop-eu-west-1", "shop-111122223333", "shop-eu-west-1-111122223333"], &["-"]);
        check(&["admin@a", "jane@a"], &[], &["-", "-"]);
        check(
            &["admin@we ird", "x@*", "x@!a", "arn:aws:eks:eu-west-1:1:cluster/a,b"],
            &[],
            &["-", "-", "-", "-"],
        );
    }

    #[test]
    fn many_that_collide_take_no_time() {
        let names: Vec<String> =
            (0..300).map(|n| format!("arn:aws:eks:eu-west-1:{n:012}:cluster/main")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let origins: Vec<_> = names.iter().map(|name| origin(name, "")).collect();
        let pairs: Vec<_> = names.iter().copied().zip(&origins).collect();
        let found: BTreeSet<String> = aliases(&pairs, &BTreeSet::new()).into_iter().flatten().collect();
        assert_eq!(found.len(), 300);
        assert!(is_usable("a") && !is_usable("") && !is_usable("-a") && !is_usable("a b"));
    }
}
