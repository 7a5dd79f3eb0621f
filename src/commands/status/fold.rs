//! What `--by` folds services by.

use std::fmt;

/// What services are folded by.
#[derive(Clone, Debug, PartialEq)]
pub enum FoldBy {
    Owner,
    System,
    Cluster,
    /// A label of the clusters, by its key.
    Label(String),
}

impl FoldBy {
    /// The words that are no label.
    pub const WORDS: [(&'static str, FoldBy); 3] =
        [("owner", FoldBy::Owner), ("system", FoldBy::System), ("cluster", FoldBy::Cluster)];
}

impl From<&str> for FoldBy {
    fn from(text: &str) -> FoldBy {
        let known = FoldBy::WORDS.into_iter().find(|(word, _)| *word == text);
        known.map_or_else(|| FoldBy::Label(text.to_string()), |(_, by)| by)
    }
}

impl fmt::Display for FoldBy {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            FoldBy::Label(key) => f.write_str(key),
            by => {
                f.write_str(FoldBy::WORDS.iter().find(|(_, known)| known == by).map_or("", |(word, _)| word))
            }
        }
    }
}
