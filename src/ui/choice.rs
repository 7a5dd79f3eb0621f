//! A list to choose from, narrowed by typing, without the terminal it is shown on.

use console::Key;

use crate::ui::keyboard::Pressed;

/// Lines of a list that are shown at a time.
const LINES: usize = 12;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::ui) struct ChoiceList {
    items: Vec<String>,
    filter: String,
    /// The place of the cursor among the items that the filter leaves.
    at: usize,
    /// Which are ticked, where several may be.
    ticked: Option<Vec<bool>>,
}

/// One line of the list as it is shown.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::ui) struct ChoiceRow<'a> {
    pub text: &'a str,
    pub here: bool,
    pub ticked: Option<bool>,
}

impl ChoiceList {
    pub fn one(items: &[String], at: usize) -> ChoiceList {
        ChoiceList { items: items.to_vec(), at, ..ChoiceList::default() }
    }

    pub fn several(items: &[String], ticked: &[bool]) -> ChoiceList {
        ChoiceList { items: items.to_vec(), ticked: Some(ticked.to_vec()), ..ChoiceList::default() }
    }

    /// The item under the cursor.
    pub fn here(&self) -> Option<usize> {
        self.matching_items().get(self.at).copied()
    }

    pub fn ticked(&self) -> Vec<usize> {
        let all = self.ticked.iter().flatten().enumerate();
        all.filter(|(_, ticked)| **ticked).map(|(index, _)| index).collect()
    }

    pub fn filter(&self) -> &str {
        &self.filter
    }

    /// How many items the filter leaves.
    pub fn count(&self) -> usize {
        self.matching_items().len()
    }

    /// Items in which every word of the filter occurs.
    fn matching_items(&self) -> Vec<usize> {
        let filter = self.filter.to_lowercase();
        let fits = |item: &String| {
            let item = item.to_lowercase();
            filter.split_whitespace().all(|word| item.contains(word))
        };
        self.items.iter().enumerate().filter(|(_, item)| fits(item)).map(|(index, _)| index).collect()
    }

    /// The part of the list around the cursor, and how many lie above and below it.
    pub fn rows(&self) -> (usize, Vec<ChoiceRow<'_>>, usize) {
        let left = self.matching_items();
        let first = (self.at + 1).saturating_sub(LINES).min(left.len().saturating_sub(LINES));
        let shown = left.iter().enumerate().skip(first).take(LINES);
        let rows: Vec<ChoiceRow> = shown
            .map(|(place, index)| ChoiceRow {
                text: &self.items[*index],
                here: place == self.at,
                ticked: self.ticked.as_ref().map(|ticked| ticked[*index]),
            })
            .collect();
        let below = left.len() - first - rows.len();
        (first, rows, below)
    }

    pub fn press(&mut self, key: Key) -> Pressed {
        let last = self.count().saturating_sub(1);
        match key {
            Key::Enter if self.ticked.is_some() || self.here().is_some() => return Pressed::Done,
            // The first Escape takes the filter away, as nothing was lost by it.
            Key::Escape if !self.filter.is_empty() => self.narrow(String::new()),
            Key::Escape | Key::CtrlC => return Pressed::Left,
            Key::Char('\u{4}') if self.filter.is_empty() => return Pressed::Left,
            Key::ArrowUp | Key::BackTab => self.at = self.at.checked_sub(1).unwrap_or(last),
            Key::ArrowDown | Key::Tab => self.at = if self.at >= last { 0 } else { self.at + 1 },
            Key::PageUp => self.at = self.at.saturating_sub(LINES),
            Key::PageDown => self.at = (self.at + LINES).min(last),
            Key::Home => self.at = 0,
            Key::End => self.at = last,
            Key::Char(' ') if self.ticked.is_some() => {
                let here = self.here();
                if let (Some(here), Some(ticked)) = (here, &mut self.ticked) {
                    ticked[here] = !ticked[here];
                }
            }
            Key::Backspace => {
                let mut filter = self.filter.clone();
                filter.pop();
                self.narrow(filter);
            }
            Key::Char('\u{15}') => self.narrow(String::new()),
            Key::Char(character) if !character.is_control() => {
                self.narrow(format!("{}{character}", self.filter));
            }
            _ => {}
        }
        Pressed::Open
    }

    /// Changes the filter; the cursor stays on its item where that is still there.
    fn narrow(&mut self, filter: String) {
        let here = self.here();
        self.filter = filter;
        self.at = self.matching_items().iter().position(|index| Some(*index) == here).unwrap_or(0);
    }
}

#[cfg(test)]
mod tests {
    use console::Key;

    use super::ChoiceList;
    use crate::ui::keyboard::Pressed;

    fn items(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| text.to_string()).collect()
    }

    #[track_caller]
    fn check(keys: &[Key], expect: Option<usize>) {
        let mut choice = ChoiceList::one(&items(&["team-a", "team-b", "guild web", "guild data"]), 1);
        for key in keys {
            assert_eq!(choice.press(key.clone()), Pressed::Open);
        }
        assert_eq!(choice.here(), expect, "{keys:?}");
    }

    fn typed(text: &str) -> Vec<Key> {
        text.chars().map(Key::Char).collect()
    }

    #[test]
    fn one_is_found_by_arrows_or_by_typing() {
        check(&[], Some(1));
        check(&[Key::ArrowDown, Key::ArrowDown, Key::ArrowDown], Some(0));
        check(&[Key::Home, Key::ArrowUp], Some(3));
        check(&typed("WEB"), Some(2));
        check(&typed("data gu"), Some(3));
        check(&typed("team"), Some(1));
        check(&typed("nothing"), None);
        check(&[typed("web"), vec![Key::Escape]].concat(), Some(2));
        check(&[typed("zz"), vec![Key::Backspace, Key::Backspace]].concat(), Some(0));
    }

    #[test]
    fn nothing_is_chosen_where_nothing_is_left() {
        let mut choice = ChoiceList::one(&items(&["a"]), 0);
        choice.press(Key::Char('x'));
        assert_eq!(choice.press(Key::Enter), Pressed::Open);
        assert_eq!(choice.press(Key::Escape), Pressed::Open);
        assert_eq!(choice.press(Key::Escape), Pressed::Left);
        assert_eq!(choice.press(Key::CtrlC), Pressed::Left);
    }

    #[test]
    fn several_are_ticked() {
        let mut choice = ChoiceList::several(&items(&["a", "b", "c"]), &[true, false, false]);
        for key in [Key::ArrowDown, Key::Char(' '), Key::Home, Key::Char(' ')] {
            choice.press(key);
        }
        assert_eq!(choice.ticked(), [1]);
        choice.press(Key::Char('z'));
        assert_eq!((choice.press(Key::Enter), choice.ticked()), (Pressed::Done, vec![1]));
    }

    #[test]
    fn a_long_list_is_shown_around_the_cursor() {
        let many: Vec<String> = (0..40).map(|number| number.to_string()).collect();
        let mut choice = ChoiceList::one(&many, 20);
        let (above, rows, below) = choice.rows();
        assert_eq!((above, rows.len(), below), (9, 12, 19));
        assert!(rows[11].here && rows[11].text == "20");
        choice.press(Key::End);
        let (above, rows, below) = choice.rows();
        assert_eq!((above, rows.len(), below), (28, 12, 0));
    }
}
