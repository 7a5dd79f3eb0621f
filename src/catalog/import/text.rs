//! An entity as text, with comments where something is a guess. All that comes from a cluster is quoted where it must be.

use crate::text::safe;
use crate::yaml::text_on_a_line;

/// An entity that is being written, part by part.
pub struct EntityText {
    kind: &'static str,
    name: String,
    title: Option<String>,
    annotations: String,
    comments: Vec<String>,
    profile: String,
    spec: String,
}

impl EntityText {
    pub fn new(kind: &'static str, name: &str) -> EntityText {
        EntityText {
            kind,
            name: name.to_string(),
            title: None,
            annotations: String::new(),
            comments: Vec::new(),
            profile: String::new(),
            spec: String::new(),
        }
    }

    pub fn title(&mut self, title: &str) {
        self.title = Some(safe(title)).filter(|title| !title.trim().is_empty());
    }

    pub fn annotation(&mut self, key: &str, value: &str, note: &str) {
        self.annotations.push_str(&field("    ", key, value, note));
    }

    /// A sentence among the annotations.
    pub fn comment(&mut self, text: &str) {
        self.comments.push(safe(text));
    }

    pub fn spec(&mut self, key: &str, value: &str, note: &str) {
        self.spec.push_str(&field("  ", key, value, note));
    }

    pub fn profile(&mut self, key: &str, value: &str) {
        self.profile.push_str(&field("    ", key, value, ""));
    }

    pub fn empty_list(&mut self, key: &str) {
        self.spec.push_str(&format!("  {key}: []\n"));
    }

    /// The document, without a separator.
    pub fn finish(self) -> String {
        let mut out = format!("apiVersion: backstage.io/v1alpha1\nkind: {}\nmetadata:\n", self.kind);
        out.push_str(&field("  ", "name", &self.name, ""));
        self.title.iter().for_each(|title| out.push_str(&field("  ", "title", title, "")));
        self.comments.iter().for_each(|comment| out.push_str(&format!("  # {comment}\n")));
        if !self.annotations.is_empty() {
            out.push_str(&format!("  annotations:\n{}", self.annotations));
        }
        out.push_str("spec:\n");
        if !self.profile.is_empty() {
            out.push_str(&format!("  profile:\n{}", self.profile));
        }
        out.push_str(&self.spec);
        out
    }
}

/// What a label may hold is made visible, and a name that is a number stays text.
fn field(indent: &str, key: &str, value: &str, note: &str) -> String {
    let note = if note.is_empty() { String::new() } else { format!("  # {}", safe(note)) };
    format!("{indent}{}: {}{note}\n", text_on_a_line(key), text_on_a_line(value))
}
