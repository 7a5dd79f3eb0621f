//! What a mistyped name of a template may have meant.

/// The name that is nearest to a mistyped word, if one is near. As `text::closest`, which belongs to callboard.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_lowercase();
    let score = |name: &str| {
        let lower = name.to_lowercase();
        let near = strsim::jaro_winkler(&word, &lower);
        if !word.is_empty() && lower.contains(&word) { near.max(0.9) } else { near }
    };
    let near = known.into_iter().map(|name| (score(name), name)).filter(|(score, _)| *score > 0.8);
    near.max_by(|a, b| a.0.total_cmp(&b.0).then_with(|| b.1.cmp(a.1))).map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn the_nearest_name_is_suggested_and_none_that_is_far() {
        assert_eq!(nearest("uper", ["lower", "upper", "trim"]), Some("upper"));
        assert_eq!(nearest("name", ["project_name", "other"]), Some("project_name"));
        assert_eq!(nearest("xyz", ["lower", "upper"]), None);
    }
}
