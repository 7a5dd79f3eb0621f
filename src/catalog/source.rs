//! Where an entity was read: its words are kept, and what they say in full is read again by whoever asks.

use std::sync::Arc;

use serde_json::Value;

use crate::yaml::{Document, DocumentText, Place, YamlLimits, documents_of};

/// The part of a file that holds one document. The text of a file is held once for all that are in it.
#[derive(Clone, Debug)]
pub struct EntitySource {
    file: Arc<str>,
    text: Arc<str>,
    start: usize,
    end: usize,
    /// The line of the file on which the part begins.
    line: usize,
    /// Where the document itself begins.
    pub at: (u32, u32),
    /// What the text does not tell alone: placeholders were put in, or it holds several documents.
    whole: Option<Box<Document>>,
}

/// The text of a file, held once.
#[derive(Clone, Debug)]
pub struct FileText {
    pub file: Arc<str>,
    pub text: Arc<str>,
}

impl EntitySource {
    /// The source of a document that was read from a piece of a file, at an offset. `is_plain`: reading the piece again gives it.
    pub fn of(
        file: &FileText,
        piece: &DocumentText<'_>,
        start: usize,
        document: &Document,
        is_plain: bool,
    ) -> EntitySource {
        let spot = document.mark.spot;
        EntitySource {
            file: file.file.clone(),
            text: file.text.clone(),
            start,
            end: start + piece.text.len(),
            line: piece.line,
            at: (spot.line, spot.column),
            whole: (!is_plain).then(|| Box::new(document.clone())),
        }
    }

    pub fn file(&self) -> &str {
        &self.file
    }

    /// All of the file's text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Where the document begins.
    pub fn place(&self) -> Place {
        Place::new(&self.file, self.at.0 as usize, self.at.1 as usize)
    }

    /// The lines of the file, the last one excluded, that the document takes.
    pub fn lines(&self) -> std::ops::Range<usize> {
        let piece = self.text.get(self.start..self.end).unwrap_or_default();
        self.line..self.line + piece.lines().count().max(1)
    }

    /// The document with the places of its nodes, read anew.
    pub fn document(&self) -> Document {
        if let Some(whole) = &self.whole {
            return (**whole).clone();
        }
        let text = self.text.get(self.start..self.end).unwrap_or_default();
        let piece = DocumentText { text, line: self.line };
        let read =
            documents_of(&self.file, &piece, &YamlLimits::for_catalogs()).into_iter().find_map(Result::ok);
        read.unwrap_or_else(|| Document::empty(&self.file, Value::Null))
    }
}
