//! Words for people: ages, counts, suggestions, and text from elsewhere made safe to print.

mod limit;
mod short_names;

use jiff::Timestamp;

pub use crate::text::limit::time_limit;
pub use crate::text::short_names::ShortNames;

/// Replaces what could steer a terminal (C0 and C1 controls, ESC, bidirectional overrides, line separators) or not be seen (of no
/// width, tags) by a visible mark, keeping every other character. A line break or tab becomes a space.
pub fn safe(text: &str) -> String {
    text.chars().map(|c| if matches!(c, '\n' | '\r' | '\t') { ' ' } else { safe_char(c) }).collect()
}

/// As `safe`, but line breaks and tabs stay: for text that is printed as a block.
pub fn safe_lines(text: &str) -> String {
    let mut safe_text = String::with_capacity(text.len());
    push_safe_lines(text, &mut safe_text);
    safe_text
}

/// As `safe_lines`, at the end of another text. Plain ASCII, which is nearly all there is, is copied as it stands.
pub fn push_safe_lines(text: &str, to: &mut String) {
    let is_plain = |byte: &u8| matches!(byte, b' '..=b'~' | b'\n' | b'\t');
    // Without an early end the compiler looks at many bytes at once.
    if text.as_bytes().iter().fold(true, |all, byte| all & is_plain(byte)) {
        return to.push_str(text);
    }
    to.extend(text.chars().map(|c| if matches!(c, '\n' | '\t') { c } else { safe_char(c) }));
}

fn safe_char(c: char) -> char {
    if misleads(c) { '\u{fffd}' } else { c }
}

/// Whether a character steers a terminal or is not seen: two names that look alike would be two.
fn misleads(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{034f}' | '\u{061c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}')
        || matches!(c, '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}')
        || matches!(c, '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}')
        || matches!(c, '\u{e0000}'..='\u{e0fff}')
}

/// A JSON text in which also those characters are escaped that JSON would let pass and that steer a terminal or are not seen.
/// They stand in strings only: all else in JSON is ASCII.
pub fn safe_json(json: String) -> String {
    let is_plain = |byte: &u8| matches!(byte, b' '..=b'~' | b'\n');
    if json.as_bytes().iter().fold(true, |all, byte| all & is_plain(byte)) {
        return json;
    }
    let mut units = [0u16; 2];
    json.chars().fold(String::with_capacity(json.len()), |mut safe_json, c| {
        match c == '\n' || !misleads(c) {
            true => safe_json.push(c),
            false => c.encode_utf16(&mut units).iter().for_each(|unit| {
                safe_json.push_str(&format!("\\u{unit:04x}"));
            }),
        }
        safe_json
    })
}

/// One line of a message from a cluster: its first line that says something, safe to print, without the final stop.
pub fn sentence(message: &str) -> String {
    let line = message.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    safe(line).trim_end_matches('.').to_string()
}

/// The age of something in kubectl's manner (`duration.HumanDuration`): `45s`, `3m20s`, `99m`, `5d4h`, `2y30d`.
pub fn age(seconds: i64) -> String {
    if seconds < -1 {
        return "<invalid>".to_string();
    }
    if seconds < 0 {
        return "0s".to_string();
    }
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400);
    let years = days / 365;
    let two = |big: i64, big_unit: &str, small: i64, small_unit: &str| match small {
        0 => format!("{big}{big_unit}"),
        _ => format!("{big}{big_unit}{small}{small_unit}"),
    };
    if seconds < 120 {
        format!("{seconds}s")
    } else if minutes < 10 {
        two(minutes, "m", seconds % 60, "s")
    } else if minutes < 180 {
        format!("{minutes}m")
    } else if hours < 8 {
        two(hours, "h", minutes % 60, "m")
    } else if hours < 48 {
        format!("{hours}h")
    } else if days < 8 {
        two(days, "d", hours % 24, "h")
    } else if days < 365 * 2 {
        format!("{days}d")
    } else if days < 365 * 8 {
        two(years, "y", days % 365, "d")
    } else {
        format!("{years}y")
    }
}

/// The age of an instant, `now` being an argument so that a report can be made twice alike.
pub fn age_of(then: Timestamp, now: Timestamp) -> String {
    age(now.as_second() - then.as_second())
}

/// `1 service`, `2 services`.
pub fn count(n: usize, noun: &str) -> String {
    match n {
        1 => format!("1 {noun}"),
        _ => format!("{n} {noun}s"),
    }
}

/// Names with a comma between them, at most `most`, and how many more there are: `eu-1, eu-2 +7`.
pub fn listed<T: AsRef<str>>(names: &[T], most: usize) -> String {
    let shown: Vec<&str> = names.iter().take(most).map(AsRef::as_ref).collect();
    match names.len().saturating_sub(most) {
        0 => shown.join(", "),
        more => format!("{} +{more}", shown.join(", ")),
    }
}

/// A word for a shell to read: quoted where it must be, and on one line, whatever it holds.
pub fn shell_word(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@%+=,".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text.to_string();
    }
    if text.chars().all(|c| safe_char(c) == c) {
        return format!("'{}'", text.replace('\'', r"'\''"));
    }
    // What would steer a terminal is written as its bytes, so that the word still means the same.
    let byte = |byte: &u8| match byte {
        b'\'' | b'\\' => format!("\\{}", char::from(*byte)),
        b' '..=b'~' => char::from(*byte).to_string(),
        _ => format!("\\x{byte:02x}"),
    };
    format!("$'{}'", text.as_bytes().iter().map(byte).collect::<String>())
}

/// As `shell_word`, for a name that stands alone in a command; `None` for what the command would take for a flag.
pub fn shell_operand(text: &str) -> Option<String> {
    (!text.starts_with('-')).then(|| shell_word(text))
}

/// As `shell_word`, for a path that stands alone in a command: none is taken for a flag.
pub fn shell_path(text: &str) -> String {
    shell_operand(text).unwrap_or_else(|| shell_word(&format!("./{text}")))
}

/// The candidates closest to a mistyped word, best first, at most three, none that is far off.
pub fn closest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let word = word.to_lowercase();
    let mut scored: Vec<(f64, &str)> = candidates
        .into_iter()
        .map(|candidate| {
            let lower = candidate.to_lowercase();
            let near = strsim::jaro_winkler(&word, &lower);
            let inside = !word.is_empty() && lower.contains(&word);
            (if inside { near.max(0.9) } else { near }, candidate)
        })
        .filter(|(score, _)| *score > 0.8)
        .collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(b.1)));
    scored.dedup_by(|a, b| a.1 == b.1);
    scored.into_iter().take(3).map(|(_, candidate)| candidate).collect()
}

#[cfg(test)]
mod tests {
    use super::{
        age, closest, listed, misleads, safe, safe_json, safe_lines, sentence, shell_operand, shell_path,
        shell_word,
    };
    use crate::mutation::each;

    #[test]
    fn no_mutation_of_a_text_steers_a_terminal() {
        let good = [
            "back-off 5m0s restarting failed container=app pod=web-1_shop(4fb0)",
            "Grüße, 世界 😀\n\ttwo\n",
            "a\u{1b}[31mred\u{202e}",
        ];
        each(&good, |text| {
            for line in [safe(text), sentence(text), shell_word(text), shell_path(text)] {
                assert!(!line.chars().any(misleads), "{line:?}");
            }
            assert_eq!((safe(text).chars().count(), safe(&safe(text))), (text.chars().count(), safe(text)));
            assert!(!safe_lines(text).chars().any(|c| misleads(c) && !matches!(c, '\n' | '\t')));
            let value = serde_json::json!({"text": text, text: [text]});
            let json = safe_json(serde_json::to_string_pretty(&value).expect("JSON"));
            assert!(!json.chars().any(|c| misleads(c) && c != '\n'), "{json:?}");
            assert_eq!(serde_json::from_str::<serde_json::Value>(&json).expect("still JSON"), value);
        });
    }

    #[test]
    fn names_cannot_run_commands() {
        assert_eq!(shell_word("a$(reboot)"), "'a$(reboot)'");
        assert_eq!(shell_word("it's; rm"), r"'it'\''s; rm'");
        assert_eq!(shell_word("it's\n\u{9b}\\"), r"$'it\'s\x0a\xc2\x9b\\'");
        assert_eq!(shell_word(""), "''");
        assert_eq!(shell_word("arn:aws:eks:eu-1:1:cluster/x"), "arn:aws:eks:eu-1:1:cluster/x");
    }

    #[test]
    fn names_cannot_become_flags() {
        for name in ["-d", "--kubeconfig=/tmp/evil", "--upload-pack=touch PWN", "-"] {
            assert_eq!(shell_operand(name), None);
            assert!(shell_path(name).trim_start_matches('\'').starts_with("./-"));
        }
        assert_eq!(shell_operand("a-b").as_deref(), Some("a-b"));
        assert_eq!(shell_path("../x"), "../x");
    }

    #[test]
    fn long_lists_are_counted() {
        assert_eq!(listed(&["a", "b"], 2), "a, b");
        assert_eq!(listed(&["a", "b", "c", "d"], 2), "a, b +2");
        assert_eq!(listed::<&str>(&[], 2), "");
    }

    #[test]
    fn ages_are_kubectls() {
        for (seconds, expect) in [
            (-5, "<invalid>"),
            (0, "0s"),
            (119, "119s"),
            (120, "2m"),
            (200, "3m20s"),
            (600, "10m"),
            (5940, "99m"),
            (3 * 3600, "3h"),
            (3 * 3600 + 1800, "3h30m"),
            (8 * 3600 + 1800, "8h"),
            (2 * 86_400, "2d"),
            (5 * 86_400 + 4 * 3600, "5d4h"),
            (30 * 86_400, "30d"),
            (2 * 365 * 86_400 + 30 * 86_400, "2y30d"),
            (9 * 365 * 86_400, "9y"),
        ] {
            assert_eq!(age(seconds), expect, "{seconds} seconds");
        }
    }

    #[test]
    fn nothing_that_steers_a_terminal_survives() {
        assert_eq!(safe("a\x1b[31mred\x07\u{9b}x\u{202e}"), "a\u{fffd}[31mred\u{fffd}\u{fffd}x\u{fffd}");
        assert_eq!(safe("two\nlines\tand é 漢"), "two lines and é 漢");
        for unseen in ["\u{200b}", "\u{200d}", "\u{2060}", "\u{ad}", "\u{e0041}", "\u{feff}", "\u{3164}"] {
            assert_eq!(safe(&format!("a{unseen}b")), "a\u{fffd}b");
            assert_eq!(safe_lines(&format!("a{unseen}b")), "a\u{fffd}b");
        }
        assert_eq!(safe_lines("two\nlines\r"), "two\nlines\u{fffd}");
    }

    #[test]
    fn json_escapes_what_misleads_and_means_the_same() {
        let text = "a\u{9b}b\u{202e}c\u{200b}d\u{e0041}e\u{7f}é漢\u{1b}\n";
        let json = safe_json(serde_json::Value::from(text).to_string());
        assert_eq!(json, "\"a\\u009bb\\u202ec\\u200bd\\udb40\\udc41e\\u007fé漢\\u001b\\n\"");
        assert_eq!(serde_json::from_str::<String>(&json).expect("JSON"), text);
    }

    #[test]
    fn typos_find_their_word() {
        assert_eq!(closest("chekout", ["checkout", "cart", "payments"]), ["checkout"]);
        assert_eq!(closest("zzz", ["checkout"]), Vec::<&str>::new());
        assert_eq!(closest("pay", ["payments-api", "cart"]), ["payments-api"]);
    }
}
