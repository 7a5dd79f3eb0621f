//! The layout of a YAML document, as the options of the package that Backstage writes it with.

/// How a document is laid out: the options of that package, with its defaults.
pub struct YamlLayout {
    /// Blanks of a level.
    pub step: usize,
    /// Whether the items of a list stand further in than its key.
    pub list_indent: bool,
    /// None where nothing is folded.
    pub width: Option<usize>,
    /// What follows a break must have this room at least.
    pub least: usize,
    /// Which quotes are taken where both would do; `Some(false)` is double ones always.
    pub single_quotes: Option<bool>,
    /// Whether texts stand in quotes that could do without: `"` or `'`.
    pub quote: Option<char>,
    /// The words for null, true and false.
    pub words: [String; 3],
}

impl Default for YamlLayout {
    fn default() -> YamlLayout {
        YamlLayout {
            step: 2,
            list_indent: true,
            width: Some(80),
            least: 20,
            single_quotes: None,
            quote: None,
            words: ["null", "true", "false"].map(String::from),
        }
    }
}
