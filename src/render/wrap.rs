//! Running text on a narrow terminal: broken between words, the rest under the column where the text began.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::report::{Cell, Line};
use crate::text::safe;

/// Below this the terminal breaks the lines itself: a column of single words helps nobody.
const LEAST: usize = 30;

/// The line as lines of at most `width` columns, if it may be broken at all.
pub fn wrapped(line: &Line, width: Option<usize>) -> Vec<Line> {
    let Some(width) = width.filter(|width| line.hang > 0 && *width >= line.hang + LEAST) else {
        return vec![line.clone()];
    };
    let mut lines = Vec::new();
    let mut current = Line::default();
    let mut used = 0;
    for part in &line.parts {
        for word in words(&safe(&part.text)) {
            if used + word.trim_end().width() > width && used > line.hang {
                lines.push(std::mem::replace(&mut current, indent(line.hang)));
                used = line.hang;
            }
            for piece in pieces(word, width - line.hang) {
                if used + piece.trim_end().width() > width {
                    lines.push(std::mem::replace(&mut current, indent(line.hang)));
                    used = line.hang;
                }
                used += piece.width();
                add(&mut current, piece, part);
            }
        }
    }
    lines.push(current);
    lines.iter_mut().for_each(trim_end);
    lines
}

fn indent(hang: usize) -> Line {
    Line::new(vec![Cell::from(" ".repeat(hang))])
}

/// Words with the blanks behind them.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let start = rest.find(|c: char| c != ' ').unwrap_or(rest.len());
        let end = rest[start..].find(' ').map_or(rest.len(), |at| start + at);
        let blanks = rest[end..].len() - rest[end..].trim_start_matches(' ').len();
        let (word, left) = rest.split_at(end + blanks);
        rest = left;
        Some(word)
    })
}

/// A word wider than the room, in pieces that fit.
fn pieces(word: &str, room: usize) -> Vec<&str> {
    if word.trim_end().width() <= room {
        return vec![word];
    }
    let mut pieces = Vec::new();
    let (mut start, mut used) = (0, 0);
    for (at, c) in word.char_indices() {
        let wide = c.width().unwrap_or(0);
        if used + wide > room && c != ' ' {
            pieces.push(&word[start..at]);
            (start, used) = (at, 0);
        }
        used += wide;
    }
    pieces.push(&word[start..]);
    pieces
}

fn add(line: &mut Line, text: &str, like: &Cell) {
    match line.parts.last_mut().filter(|last| last.tone == like.tone) {
        Some(last) => last.text += text,
        None => line.parts.push(Cell::toned(text, like.tone)),
    }
}

fn trim_end(line: &mut Line) {
    if let Some(last) = line.parts.last_mut() {
        last.text.truncate(last.text.trim_end().len());
    }
}

#[cfg(test)]
mod tests {
    use super::wrapped;
    use crate::report::{Cell, Line, Tone};

    #[track_caller]
    fn check(hang: usize, parts: &[&str], expect: &[&str]) {
        let tones = [Tone::Bad, Tone::Plain];
        let parts = parts.iter().zip(tones).map(|(text, tone)| Cell::toned(*text, tone)).collect();
        let lines = wrapped(&Line::new(parts).hanging(hang), Some(40));
        assert_eq!(lines.iter().map(Line::plain).collect::<Vec<_>>(), expect);
    }

    #[test]
    fn long_text_goes_on_under_itself() {
        check(
            8,
            &["CAUSE 1 ", "an environment variable is missing: TAX_RATES_URL"],
            &["CAUSE 1 an environment variable is", "        missing: TAX_RATES_URL"],
        );
        check(8, &["CAUSE 1 ", "short"], &["CAUSE 1 short"]);
        check(8, &["        ", "short"], &["        short"]);
        check(8, &["CAUSE 1 ", &"x".repeat(32)], &["CAUSE 1 xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"]);
    }

    #[test]
    fn a_word_wider_than_the_room_is_broken_and_a_command_never() {
        let long = "y".repeat(40);
        check(8, &["LOG     ", &long], &["LOG     yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy", "        yyyyyyyy"]);
        let command = format!("kubectl get {long}");
        check(0, &["NEXT    ", &command], &[&format!("NEXT    {command}")]);
        let wide = "字".repeat(20);
        check(
            8,
            &["LOG     ", &wide],
            &[&format!("LOG     {}", "字".repeat(16)), &format!("        {}", "字".repeat(4))],
        );
    }

    #[test]
    fn without_a_terminal_nothing_is_broken() {
        let line = Line::from("word ".repeat(100)).hanging(8);
        assert_eq!(wrapped(&line, None), std::slice::from_ref(&line));
        assert_eq!(wrapped(&line, Some(30)), std::slice::from_ref(&line));
    }
}
