//! Questions to a person at a terminal; each gives nothing where the person leaves it with Escape or Ctrl-C, or goes back to the one
//! before (`Ui::went_back`).
//!
//! dialoguer and inquire check an answer at Enter, not while it is typed, and where a signal ends the process while a question is open the terminal
//! stays as they have set it.

use std::sync::atomic::Ordering;

use anyhow::Result;
use console::Key;
use unicode_width::UnicodeWidthStr;

use crate::report::{Cell, Line, Tone};
use crate::text::safe;
use crate::ui::Ui;
use crate::ui::choice::ChoiceList;
use crate::ui::field::Field;
use crate::ui::keyboard::{Keyboard, Pressed, fitting_end};

/// What every question has.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ask<'a> {
    pub title: &'a str,
    /// Stands below the question while it is open.
    pub help: Option<&'a str>,
    /// An example, shown where nothing is typed and there is no default.
    pub example: Option<&'a str>,
    /// Whether it may stay unanswered.
    pub optional: bool,
    /// Whether there is a question before it, to which Shift-Tab leads.
    pub back: bool,
}

impl Ui {
    /// Whether the last question was left for the one before it.
    pub fn went_back(&self) -> bool {
        self.back.swap(false, Ordering::Relaxed)
    }

    fn back<T>(&self, keyboard: Keyboard) -> Result<Option<T>> {
        self.back.store(true, Ordering::Relaxed);
        keyboard.close(&Line::new(vec![Cell::muted("  (back)")]))?;
        Ok(None)
    }

    /// A line of text that `check` takes; what it does not take is said while it is typed, and Enter does nothing then.
    pub fn ask_text(
        &self,
        ask: Ask,
        default: Option<&str>,
        check: &dyn Fn(&str) -> Result<(), String>,
    ) -> Result<Option<String>> {
        self.ask_line(ask, default, check, false)
    }

    /// A line of which only the length is seen.
    pub fn ask_secret(&self, ask: Ask, check: &dyn Fn(&str) -> Result<(), String>) -> Result<Option<String>> {
        self.ask_line(ask, None, check, true)
    }

    fn ask_line(
        &self,
        ask: Ask,
        default: Option<&str>,
        check: &dyn Fn(&str) -> Result<(), String>,
        secret: bool,
    ) -> Result<Option<String>> {
        let default = default.map(safe);
        let mut field = Field::new(default.as_deref());
        let mut keyboard = Keyboard::open(self.screen.color_on_stderr);
        let mut refused = None;
        loop {
            let answer = field.answer();
            // An empty line is only wrong once it is meant as an answer.
            let complaint = if answer.is_empty() { refused.take() } else { check(&answer).err() };
            let (line, column) = field_line(ask, &field, secret, keyboard.width());
            let mut lines = vec![line];
            lines.extend(help(ask, keyboard.width()));
            lines.extend(complaint.map(|complaint| toned(&format!("  {complaint}"), Tone::Bad)));
            keyboard.draw(&lines, Some(column))?;
            let key = keyboard.key()?;
            if ask.back && matches!(key, Key::BackTab | Key::ArrowUp) {
                return self.back(keyboard);
            }
            match field.press(key) {
                Pressed::Left => return leave(keyboard, ask),
                Pressed::Done => match check(&field.answer()) {
                    Ok(()) => break,
                    Err(complaint) => refused = Some(complaint),
                },
                Pressed::Open => {}
            }
        }
        let answer = field.answer();
        let shown = if secret { "*".repeat(answer.chars().count().min(8)) } else { answer.clone() };
        keyboard.close(&answered(ask, &shown))?;
        Ok(Some(answer))
    }

    pub fn ask_yes(&self, ask: Ask, default: bool) -> Result<Option<bool>> {
        Ok(self.ask_yes_or_neither(ask, Some(default))?.flatten())
    }

    /// Without a default, Enter says neither yes nor no.
    pub fn ask_yes_or_neither(&self, ask: Ask, default: Option<bool>) -> Result<Option<Option<bool>>> {
        let keys = match default {
            Some(true) => "(Y/n) ",
            Some(false) => "(y/N) ",
            None => "(y/n, Enter says neither) ",
        };
        let mut keyboard = Keyboard::open(self.screen.color_on_stderr);
        let mut first = heading(ask, " ");
        first.parts.push(Cell::muted(keys));
        let column = first.plain().width();
        let lines: Vec<Line> = std::iter::once(first).chain(help(ask, keyboard.width())).collect();
        let yes = loop {
            keyboard.draw(&lines, Some(column))?;
            match keyboard.key()? {
                Key::Enter => break default,
                Key::Char('y' | 'Y') => break Some(true),
                Key::Char('n' | 'N') => break Some(false),
                Key::BackTab | Key::ArrowUp if ask.back => return self.back(keyboard),
                Key::Escape | Key::CtrlC | Key::Char('\u{4}') => return leave(keyboard, ask),
                _ => {}
            }
        };
        let shown = yes.map(|yes| if yes { "yes" } else { "no" }).unwrap_or_default();
        keyboard.close(&answered(ask, shown))?;
        Ok(Some(yes))
    }

    /// One of some keys, each with what it does; Enter is the first where `enter`.
    pub fn ask_key(&self, ask: Ask, keys: &[(char, &str)], enter: bool) -> Result<Option<char>> {
        let mut keyboard = Keyboard::open(self.screen.color_on_stderr);
        let mut first = heading(ask, "");
        for (key, does) in keys {
            first.parts.extend([
                Cell::from("  "),
                Cell::toned(key.to_string(), Tone::Strong),
                Cell::muted(format!(" {does}")),
            ]);
        }
        let column = first.plain().width() + 1;
        loop {
            keyboard.draw(std::slice::from_ref(&first), Some(column))?;
            let pressed = match keyboard.key()? {
                Key::Enter if enter => keys.first().map_or('\n', |(key, _)| *key),
                Key::BackTab | Key::ArrowUp if ask.back => return self.back(keyboard),
                Key::Escape | Key::CtrlC | Key::Char('\u{4}') => return leave(keyboard, ask),
                Key::Char(pressed) => pressed.to_ascii_lowercase(),
                _ => continue,
            };
            if let Some((key, does)) = keys.iter().find(|(key, _)| *key == pressed) {
                keyboard.close(&answered(ask, does))?;
                return Ok(Some(*key));
            }
        }
    }

    /// The index of one of some items.
    pub fn ask_one(&self, ask: Ask, items: &[String], default: usize) -> Result<Option<usize>> {
        let items = safe_all(items);
        let chosen =
            self.choose(ask, ChoiceList::one(&items, default), "arrows or typing choose, Enter takes")?;
        let Some((keyboard, choice)) = chosen else { return Ok(None) };
        let here = choice.here();
        keyboard.close(&answered(ask, here.map(|here| items[here].as_str()).unwrap_or_default()))?;
        Ok(here)
    }

    /// The indices of any of some items.
    pub fn ask_several(&self, ask: Ask, items: &[String], ticked: &[bool]) -> Result<Option<Vec<usize>>> {
        let items = safe_all(items);
        let chosen = self.choose(ask, ChoiceList::several(&items, ticked), "Space ticks, Enter goes on")?;
        let Some((keyboard, choice)) = chosen else { return Ok(None) };
        let ticked = choice.ticked();
        let names: Vec<&str> = ticked.iter().map(|index| items[*index].as_str()).collect();
        keyboard.close(&answered(ask, &names.join(", ")))?;
        Ok(Some(ticked))
    }

    fn choose(&self, ask: Ask, mut choice: ChoiceList, keys: &str) -> Result<Option<(Keyboard, ChoiceList)>> {
        let mut keyboard = Keyboard::open(self.screen.color_on_stderr);
        loop {
            let mut first = heading(ask, " ");
            match choice.filter() {
                "" => first.parts.push(Cell::muted(format!("({keys})"))),
                filter => first.parts.push(Cell::from(filter)),
            }
            let column = first.plain().width();
            let mut lines = vec![first];
            lines.extend(help(ask, keyboard.width()));
            lines.extend(rows(&choice));
            let cursor = (!choice.filter().is_empty()).then_some(column);
            keyboard.draw(&lines, cursor)?;
            let key = keyboard.key()?;
            if ask.back && key == Key::BackTab {
                return self.back(keyboard);
            }
            match choice.press(key) {
                Pressed::Open => {}
                Pressed::Done => return Ok(Some((keyboard, choice))),
                Pressed::Left => return leave(keyboard, ask),
            }
        }
    }
}

fn leave<T>(keyboard: Keyboard, ask: Ask) -> Result<Option<T>> {
    keyboard.close(&Line::new(vec![Cell::muted(format!("  {} -", labelled(ask.title)))]))?;
    Ok(None)
}

fn heading(ask: Ask, after: &str) -> Line {
    let title = format!("{}{after}", safe(ask.title));
    Line::new(vec![Cell::toned("? ", Tone::Moving), Cell::toned(title, Tone::Strong)])
}

fn answered(ask: Ask, answer: &str) -> Line {
    let answer = if answer.is_empty() { Cell::muted("-") } else { Cell::toned(safe(answer), Tone::Good) };
    Line::new(vec![Cell::from(format!("  {} ", labelled(ask.title))), answer])
}

/// A title before its answer; a sentence that asks needs no colon.
fn labelled(title: &str) -> String {
    let colon = if title.ends_with('?') { "" } else { ":" };
    format!("{}{colon}", safe(title))
}

fn toned(text: &str, tone: Tone) -> Line {
    Line::new(vec![Cell::toned(safe(text), tone)])
}

/// The help in as many lines as it takes.
fn help(ask: Ask, width: usize) -> Vec<Line> {
    let mut lines: Vec<String> = Vec::new();
    for word in ask.help.unwrap_or_default().split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.width() + word.width() + 2 < width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(format!("  {word}")),
        }
    }
    lines.iter().map(|line| toned(line, Tone::Muted)).collect()
}

/// The line with the field, and the column of the cursor in it. A long text is shown around the cursor.
fn field_line(ask: Ask, field: &Field, secret: bool, width: usize) -> (Line, usize) {
    let mut line = heading(ask, ": ");
    let column = line.plain().width();
    let starred = |text: String| if secret { "*".repeat(text.chars().count()) } else { safe(&text) };
    let (typed, before) = (starred(field.typed()), starred(field.before_cursor()));
    if typed.is_empty() {
        let grey = field.suggested().map(String::from).or_else(|| match (ask.example, ask.optional) {
            (Some(example), true) => Some(format!("(optional, such as {example})")),
            (Some(example), false) => Some(format!("such as {example}")),
            (None, true) => Some("(optional)".to_string()),
            (None, false) => None,
        });
        line.parts.extend(grey.map(Cell::muted));
        return (line, column);
    }
    let shown = fitting_end(&before, width.saturating_sub(column + 2).max(8));
    let rest: String = typed.chars().skip(before.chars().count()).collect();
    let at = column + shown.width();
    line.parts.push(Cell::from(shown + &rest));
    (line, at)
}

fn rows(choice: &ChoiceList) -> Vec<Line> {
    let (above, rows, below) = choice.rows();
    let mut lines = Vec::new();
    if above > 0 {
        lines.push(toned(&format!("    ({above} more above)"), Tone::Muted));
    }
    for row in rows {
        let mark = if row.here { "  > " } else { "    " };
        let tick = match row.ticked {
            Some(true) => "[x] ",
            Some(false) => "[ ] ",
            None => "",
        };
        let tone = if row.here { Tone::Moving } else { Tone::Plain };
        lines.push(Line::new(vec![Cell::toned(format!("{mark}{tick}{}", row.text), tone)]));
    }
    if below > 0 {
        lines.push(toned(&format!("    ({below} more below)"), Tone::Muted));
    }
    if choice.count() == 0 {
        lines.push(toned("    nothing has that in it; Backspace widens", Tone::Doubtful));
    }
    lines
}

fn safe_all(items: &[String]) -> Vec<String> {
    items.iter().map(|item| safe(item)).collect()
}
