//! The YAML and JSON documents of a fleet's files, each with the line where it begins.

use anyhow::anyhow;
use serde_json::Value;

/// One document of a file, and where it stands: `path:line`.
#[derive(Clone, Debug)]
pub struct Document {
    pub place: String,
    pub value: Value,
}

/// All documents of a file; empty ones are passed over. The error names the file and the line.
pub fn documents(name: &str, text: &str) -> anyhow::Result<Vec<Document>> {
    let mut documents = Vec::new();
    for (line, chunk) in chunks(text) {
        let value: Value = serde_yaml::from_str(chunk).map_err(|error| {
            let at = error.location().map_or(line, |location| line + location.line() - 1);
            anyhow!("{name}:{at}: {error}")
        })?;
        if !value.is_null() {
            documents.push(Document { place: format!("{name}:{line}"), value });
        }
    }
    Ok(documents)
}

/// The texts between the `---` lines, with the number of the first line that says something.
fn chunks(text: &str) -> Vec<(usize, &str)> {
    let mut chunks = Vec::new();
    let (mut start, mut first_line, mut offset) = (0, 1, 0);
    for (index, line) in text.split_inclusive('\n').enumerate() {
        if line.starts_with("---") && line.trim_end() == "---" {
            chunks.push((first_line, &text[start..offset]));
            (start, first_line) = (offset + line.len(), index + 2);
        }
        offset += line.len();
    }
    chunks.push((first_line, &text[start..]));
    chunks
}

#[cfg(test)]
mod tests {
    use super::documents;

    #[test]
    fn every_document_knows_its_line() {
        let found = documents("a.yaml", "a: 1\n---\n# only a comment\n---\nb: 2\n").expect("it is YAML");
        let places: Vec<&str> = found.iter().map(|document| document.place.as_str()).collect();
        assert_eq!(places, ["a.yaml:1", "a.yaml:5"]);
    }

    #[test]
    fn a_mistake_is_placed() {
        let error = documents("a.yaml", "a: 1\n---\nb: [\n").expect_err("the bracket stays open");
        assert!(error.to_string().starts_with("a.yaml:"), "{error}");
    }
}
