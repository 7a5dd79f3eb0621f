//! Short forms of long names: the shortest end of each that no other name has, as in `prod` of an EKS ARN.

use std::collections::BTreeMap;

/// What may stand before the part of a name that tells.
const SEPARATORS: [char; 4] = ['/', ':', '_', '@'];

/// The short forms of some names that stand beside each other.
#[derive(Clone, Debug, Default)]
pub struct ShortNames(BTreeMap<String, String>);

impl ShortNames {
    pub fn of<'a>(names: impl IntoIterator<Item = &'a str>) -> ShortNames {
        let names: Vec<&str> = names.into_iter().collect();
        // How many names have each end.
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        names.iter().for_each(|name| {
            *counts.entry(name).or_default() += 1;
            ends(name).for_each(|end| *counts.entry(end).or_default() += 1);
        });
        let short = names.iter().filter_map(|name| {
            let end = ends(name).filter(|end| counts.get(end) == Some(&1)).last()?;
            Some((name.to_string(), format!("…{end}")))
        });
        ShortNames(short.collect())
    }

    /// A text with its names in their short form: one name, a name and how many others (`eu-1 +2`), or some with commas between.
    pub fn shortened(&self, text: &str) -> String {
        let (names, others) = match text.rfind(" +") {
            Some(at) => text.split_at(at),
            None => (text, ""),
        };
        if let Some(short) = self.0.get(names) {
            return format!("{short}{others}");
        }
        let short = |part: &str| {
            let name = part.trim_start();
            let blanks = &part[..part.len() - name.len()];
            format!("{blanks}{}", self.0.get(name).map_or(name, String::as_str))
        };
        format!("{}{others}", names.split(',').map(short).collect::<Vec<_>>().join(","))
    }
}

/// The ends of a name behind its separators, the longest first.
fn ends(name: &str) -> impl Iterator<Item = &str> {
    let behind = name.char_indices().filter(|(_, c)| SEPARATORS.contains(c));
    behind.map(|(at, c)| &name[at + c.len_utf8()..]).filter(|end| !end.is_empty())
}

#[cfg(test)]
mod tests {
    use super::ShortNames;

    #[track_caller]
    fn check(names: &[&str], expect: &[&str]) {
        let short = ShortNames::of(names.iter().copied());
        let told: Vec<String> = names.iter().map(|name| short.shortened(name)).collect();
        assert_eq!(told, expect);
    }

    #[test]
    fn a_name_is_shortened_to_what_no_other_one_ends_in() {
        let (one, two) = ("arn:aws:eks:eu-west-1:111:cluster/prod", "arn:aws:eks:eu-west-1:222:cluster/prod");
        check(
            &["arn:aws:eks:eu-west-1:111:cluster/prod-00", "gke_acme_europe-west1_main", "kind-lab"],
            &["…prod-00", "…main", "kind-lab"],
        );
        check(&[one, two], &["…111:cluster/prod", "…222:cluster/prod"]);
        check(&[one, "prod"], &["…cluster/prod", "prod"]);
        check(&["admin@eu", "dev@eu", "a/"], &["admin@eu", "dev@eu", "a/"]);
        check(
            &["default/api-1:6443/jane", "default/api-2:6443/jane"],
            &["…api-1:6443/jane", "…api-2:6443/jane"],
        );
        check(&[one, one], &[one, one]);
    }

    #[test]
    fn names_within_a_cell_are_shortened_too() {
        let short = ShortNames::of(["a:b/one", "a:b/two", "x"]);
        assert_eq!(short.shortened("a:b/one +2"), "…one +2");
        assert_eq!(short.shortened("a:b/one,x,a:b/two"), "…one,x,…two");
        assert_eq!(short.shortened("4 clusters"), "4 clusters");
        assert_eq!(short.shortened("a:b/one *"), "a:b/one *");
    }
}
