//! Text by JavaScript's units (UTF-16), which its lengths and positions count.

/// `text.length`.
pub fn length_of(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.encode_utf16().count() }
}

/// The units from `start` up to `end`; half of a surrogate pair becomes the replacement character.
pub fn units(text: &str, start: usize, end: usize) -> String {
    let (start, end) = (start.min(end), end);
    if text.is_ascii() {
        return text[start.min(text.len())..end.min(text.len())].into();
    }
    let units: Vec<u16> = text.encode_utf16().skip(start).take(end - start).collect();
    String::from_utf16_lossy(&units)
}

/// The byte where a unit begins.
pub fn byte_of(text: &str, unit: usize) -> usize {
    let mut seen = 0;
    for (index, c) in text.char_indices() {
        if seen >= unit {
            return index;
        }
        seen += c.len_utf16();
    }
    text.len()
}
