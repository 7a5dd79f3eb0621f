//! A line of text that is being typed, without the terminal it is typed on.

use console::Key;

use crate::ui::keyboard::Pressed;

/// What is typed so far, and where the cursor stands in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::ui) struct Field {
    typed: Vec<char>,
    at: usize,
    /// What Enter takes where nothing is typed; Tab brings it into the line, to be changed.
    default: Option<String>,
    /// Whether the default was brought into the line: what is left of it counts then, be it nothing.
    changed: bool,
}

impl Field {
    pub fn new(default: Option<&str>) -> Field {
        Field { default: default.map(String::from), ..Field::default() }
    }

    /// The answer if Enter were pressed now.
    pub fn answer(&self) -> String {
        match &self.default {
            Some(default) if self.typed.is_empty() && !self.changed => default.clone(),
            _ => self.typed.iter().collect(),
        }
    }

    pub fn typed(&self) -> String {
        self.typed.iter().collect()
    }

    /// What is shown where nothing is typed.
    pub fn suggested(&self) -> Option<&str> {
        self.default.as_deref().filter(|default| !self.changed && !default.is_empty())
    }

    /// The text left of the cursor.
    pub fn before_cursor(&self) -> String {
        self.typed[..self.at].iter().collect()
    }

    pub fn press(&mut self, key: Key) -> Pressed {
        match key {
            Key::Enter => return Pressed::Done,
            Key::Escape | Key::CtrlC => return Pressed::Left,
            // Ctrl-D ends what is empty, as in a shell.
            Key::Char('\u{4}') if self.typed.is_empty() => return Pressed::Left,
            Key::Tab | Key::ArrowRight | Key::End if self.typed.is_empty() && !self.changed => {
                if let Some(default) = &self.default {
                    self.typed = default.chars().collect();
                    (self.at, self.changed) = (self.typed.len(), true);
                }
            }
            Key::ArrowLeft => self.at = self.at.saturating_sub(1),
            Key::ArrowRight => self.at = (self.at + 1).min(self.typed.len()),
            Key::Home => self.at = 0,
            Key::End => self.at = self.typed.len(),
            Key::Backspace => self.remove(self.at.saturating_sub(1)..self.at),
            Key::Del => self.remove(self.at..(self.at + 1).min(self.typed.len())),
            // Ctrl-U and Ctrl-W.
            Key::Char('\u{15}') => self.remove(0..self.at),
            Key::Char('\u{17}') => self.remove(self.word_before()..self.at),
            Key::Char(character) if !character.is_control() => {
                self.typed.insert(self.at, character);
                self.at += 1;
            }
            _ => {}
        }
        Pressed::Open
    }

    fn remove(&mut self, range: std::ops::Range<usize>) {
        self.at = range.start;
        self.typed.drain(range);
    }

    fn word_before(&self) -> usize {
        let mut at = self.at;
        for space in [true, false] {
            while at > 0 && self.typed[at - 1].is_whitespace() == space {
                at -= 1;
            }
        }
        at
    }
}

#[cfg(test)]
mod tests {
    use console::Key;

    use super::Field;
    use crate::ui::keyboard::Pressed;

    #[track_caller]
    fn check(default: Option<&str>, keys: &[Key], answer: &str) {
        let mut field = Field::new(default);
        for key in keys {
            assert_eq!(field.press(key.clone()), Pressed::Open);
        }
        assert_eq!(field.answer(), answer, "{keys:?}");
    }

    fn keys(text: &str) -> Vec<Key> {
        text.chars().map(Key::Char).collect()
    }

    fn with(text: &str, more: &[Key]) -> Vec<Key> {
        keys(text).into_iter().chain(more.iter().cloned()).collect()
    }

    #[test]
    fn a_line_is_edited_in_place() {
        check(None, &keys("örders"), "örders");
        check(None, &with("abc", &[Key::ArrowLeft, Key::Backspace, Key::Char('x')]), "axc");
        check(None, &with("abc", &[Key::Home, Key::Del, Key::Del, Key::End, Key::Char('!')]), "c!");
        check(None, &with("one two ", &[Key::Char('\u{17}')]), "one ");
        check(None, &with("one two", &[Key::Char('\u{15}'), Key::Backspace, Key::ArrowRight]), "");
        check(None, &[Key::Char('\u{7}'), Key::ArrowUp, Key::PageDown], "");
    }

    #[test]
    fn a_default_is_taken_changed_or_emptied() {
        check(Some("8080"), &[], "8080");
        check(Some("8080"), &keys("9"), "9");
        check(Some("8080"), &[Key::Tab, Key::Backspace, Key::Char('1')], "8081");
        check(Some("8080"), &[Key::Tab, Key::Char('\u{15}')], "");
        check(Some("8080"), &[Key::Char('9'), Key::Backspace], "8080");
    }

    #[test]
    fn leaving_is_never_an_answer() {
        for key in [Key::Escape, Key::CtrlC, Key::Char('\u{4}')] {
            assert_eq!(Field::new(Some("x")).press(key), Pressed::Left);
        }
        let mut field = Field::new(None);
        field.press(Key::Char('x'));
        assert_eq!(field.press(Key::Char('\u{4}')), Pressed::Open, "Ctrl-D throws nothing away");
        assert_eq!(field.press(Key::Enter), Pressed::Done);
    }
}
