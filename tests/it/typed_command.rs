//! A command as it is typed: taken apart as a shell and kubectl do.

use std::collections::BTreeMap;

/// A line to type, taken apart as a shell and kubectl do.
#[derive(Debug, Default)]
pub struct Typed {
    pub kubeconfig: String,
    pub context: String,
    pub namespace: String,
    pub verb: String,
    /// What is no flag, after the verb.
    pub words: Vec<String>,
    pub flags: BTreeMap<String, String>,
}

/// Flags whose value is the next word.
const WITH_VALUE: &[&str] = &["--kubeconfig", "--context", "-n", "-c", "-o", "-l", "-L", "--field-selector"];

impl Typed {
    pub fn read(line: &str) -> Typed {
        let mut typed = Typed::default();
        let words = shell_words(line);
        let mut words = words.iter().skip(1).take_while(|word| *word != "|" && *word != "--").cloned();
        while let Some(word) = words.next() {
            let (flag, value) = match word.split_once('=') {
                Some((flag, value)) if flag.starts_with("--") => (flag.to_string(), value.to_string()),
                _ if WITH_VALUE.contains(&word.as_str()) => (word, words.next().expect("a value")),
                _ => (word, String::new()),
            };
            match flag.as_str() {
                "--kubeconfig" => typed.kubeconfig = value,
                "--context" => typed.context = value,
                "-n" => typed.namespace = value,
                flag if flag.starts_with('-') => {
                    typed.flags.insert(flag.to_string(), value);
                }
                word if typed.verb.is_empty() => typed.verb = word.to_string(),
                word => typed.words.push(word.to_string()),
            }
        }
        typed
    }

    pub fn has(&self, flag: &str) -> bool {
        self.flags.contains_key(flag)
    }
}

/// The words of a line: spaces part them, single quotes hold them together.
pub fn shell_words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quoted, mut begun) = (Vec::new(), String::new(), false, false);
    for character in line.chars() {
        match character {
            '\'' => (quoted, begun) = (!quoted, true),
            ' ' if !quoted => {
                if begun {
                    words.push(std::mem::take(&mut word));
                }
                begun = false;
            }
            _ => {
                word.push(character);
                begun = true;
            }
        }
    }
    assert!(!quoted, "an open quote: {line}");
    if begun {
        words.push(word);
    }
    words
}
