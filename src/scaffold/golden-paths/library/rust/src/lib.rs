//! The beginning of ${{ values.name }}.

/// A text with every word's first letter in upper case; runs of white space become one space.
///
/// ```
/// assert_eq!(words::title("golden paths"), "Golden Paths");
/// ```
pub fn title(text: &str) -> String {
    text.split_whitespace().map(capitalized).collect::<Vec<_>>().join(" ")
}

fn capitalized(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::title;

    #[track_caller]
    fn check(text: &str, expect: &str) {
        assert_eq!(title(text), expect);
    }

    #[test]
    fn titles() {
        check("", "");
        check(" a\t b ", "A B");
        check("élan", "Élan");
        check("ABC", "ABC");
    }
}
