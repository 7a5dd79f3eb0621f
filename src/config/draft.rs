//! A configuration file that does not exist yet: what `init` proposes, as text that a person reads and changes.

use crate::text::safe;
use crate::yaml::text_on_a_line;

/// What the file is to say.
#[derive(Clone, Debug, Default)]
pub struct ConfigDraft {
    /// Sentences at the top.
    pub heading: Vec<String>,
    pub me: Option<String>,
    /// Where `me` comes from, or how it is set.
    pub me_note: String,
    /// Empty: all contexts.
    pub contexts: Vec<String>,
    pub contexts_note: String,
    /// A name, and the contexts or aliases in it.
    pub groups: Vec<(String, Vec<String>)>,
    pub clusters: Vec<ClusterDraft>,
}

/// One entry of `clusters:`.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ClusterDraft {
    pub name: String,
    pub alias: Option<String>,
    pub labels: Vec<LabelDraft>,
    /// What is to be known of it, as comments.
    pub notes: Vec<String>,
}

/// A label, and what it rests on.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LabelDraft {
    pub key: String,
    pub value: String,
    /// Empty where it is no guess.
    pub why: String,
}

impl ConfigDraft {
    /// The file, with comments.
    pub fn text(&self) -> String {
        let mut out = String::new();
        self.heading.iter().for_each(|line| comment(&mut out, line));
        out.push('\n');
        comment(
            &mut out,
            "Who you are: an entity ref, or the e-mail of a User of the catalog. $CALLBOARD_ME wins.",
        );
        comment(&mut out, &self.me_note);
        match &self.me {
            Some(me) => out.push_str(&format!("me: {}\n", text_on_a_line(me))),
            None => out.push_str("# me: user:default/jane\n"),
        }
        out.push('\n');
        comment(&mut out, "Where the catalog lies; relative paths start beside this file.");
        out.push_str("# catalog: [~/catalog]\n\n");
        comment(
            &mut out,
            "The contexts that are the fleet unless --context says otherwise: names, globs, !GLOB, @GROUP.",
        );
        comment(&mut out, &self.contexts_note);
        match self.contexts.is_empty() {
            true => out.push_str("# contexts: ['*', '!kind-*']\n"),
            false => {
                out.push_str("contexts:\n");
                self.contexts.iter().for_each(|word| item(&mut out, "", word));
            }
        }
        out.push('\n');
        comment(&mut out, "Names for sets of clusters, used as in --context @prod.");
        match self.groups.is_empty() {
            true => out.push_str("# groups:\n#   prod: ['prod-*']\n"),
            false => out.push_str("groups:\n"),
        }
        for (name, members) in &self.groups {
            out.push_str(&format!("  {}:\n", text_on_a_line(name)));
            members.iter().for_each(|member| item(&mut out, "  ", member));
        }
        out.push('\n');
        comment(
            &mut out,
            "What is to be known of single clusters. name: the context; alias: the name that is shown; aliases: names",
        );
        comment(
            &mut out,
            "that a catalog uses; labels: for --cluster-selector and --by; optional: its silence makes no run incomplete.",
        );
        match self.clusters.is_empty() {
            true => out.push_str("# clusters:\n# - name: some-context\n#   alias: prod\n"),
            false => out.push_str("clusters:\n"),
        }
        self.clusters.iter().for_each(|cluster| cluster.write(&mut out));
        out
    }
}

impl ClusterDraft {
    fn write(&self, out: &mut String) {
        out.push_str(&format!("- name: {}\n", text_on_a_line(&self.name)));
        for note in self.notes.iter().filter(|note| !note.is_empty()) {
            out.push_str("  ");
            comment(out, note);
        }
        if let Some(alias) = &self.alias {
            out.push_str(&format!("  alias: {}\n", text_on_a_line(alias)));
        }
        if !self.labels.is_empty() {
            out.push_str("  labels:\n");
        }
        for LabelDraft { key, value, why } in &self.labels {
            out.push_str(&format!("    {}: {}", text_on_a_line(key), text_on_a_line(value)));
            if !why.is_empty() {
                out.push_str(&format!("  # {}", safe(why)));
            }
            out.push('\n');
        }
    }
}

/// A comment never has a second line, whatever stands in it.
fn comment(out: &mut String, text: &str) {
    if !text.is_empty() {
        out.push_str(&format!("# {}\n", safe(text)));
    }
}

fn item(out: &mut String, indent: &str, text: &str) {
    out.push_str(&format!("{indent}- {}\n", text_on_a_line(text)));
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{ClusterDraft, ConfigDraft, LabelDraft};
    use crate::config::Config;

    fn read(draft: &ConfigDraft) -> Config {
        let text = draft.text();
        Config::of_text("config.yaml", &text, Path::new("/"))
            .unwrap_or_else(|error| panic!("{error}\n{text}"))
    }

    #[test]
    fn whatever_stands_in_it_is_read_back() {
        let odd = [
            "plain",
            "!not",
            "@at",
            "*",
            "pre-*?",
            "'single'",
            "\"double\"",
            "a: b",
            "a #b",
            "- x",
            "yes",
            "null",
            "0777",
            "{a}",
            "[b]",
            "&x",
            "*y",
            "münchen",
            "日本",
            "a\nb",
            "a\tb",
            " lead",
            "trail ",
            "\u{200b}zero",
            "x\u{1b}[31m",
            "%d",
            "`",
            "|",
            ">",
            "~",
            "",
            "arn:aws:eks:eu-west-1:111122223333:cluster/prod",
            "a,b",
            "\\",
            "é\u{301}",
            "{{ x }}",
            "# no",
            "a\u{2028}b",
        ];
        let texts: Vec<String> = odd.iter().map(|text| text.to_string()).collect();
        let label = |key: &str, why: &str| LabelDraft {
            key: key.to_string(),
            value: key.to_string(),
            why: why.to_string(),
        };
        let cluster = |name: &String| ClusterDraft {
            name: name.clone(),
            alias: Some(format!("{name}!")),
            labels: vec![label(name, "a guess\nlabels: {}"), label("second", "")],
            notes: vec![format!("{name}\n- name: injected"), String::new()],
        };
        let draft = ConfigDraft {
            heading: vec!["one\nme: injected".to_string(), String::new()],
            me: Some("a: b # c".to_string()),
            me_note: "x\ny: z".to_string(),
            contexts: texts.clone(),
            contexts_note: "2\r\n3".to_string(),
            groups: texts.iter().map(|name| (name.clone(), texts.clone())).collect(),
            clusters: texts.iter().map(cluster).collect(),
        };
        let config = read(&draft);
        assert!(config.unknown.is_empty(), "{:?}", config.unknown);
        assert_eq!(config.me.as_deref(), Some("a: b # c"));
        assert_eq!(config.contexts, texts);
        assert_eq!(config.groups.len(), texts.len());
        assert!(config.groups.values().all(|members| *members == texts));
        let read: Vec<&str> = config.clusters.iter().map(|cluster| cluster.name.as_str()).collect();
        assert_eq!(read, odd);
        for (cluster, name) in config.clusters.iter().zip(&texts) {
            assert_eq!(cluster.alias, Some(format!("{name}!")));
            assert_eq!((&cluster.labels[name], cluster.labels.len()), (name, 2));
        }
    }

    #[test]
    fn nothing_said_is_nothing_set() {
        let config = read(&ConfigDraft::default());
        assert!(config.unknown.is_empty() && config.me.is_none() && config.contexts.is_empty());
        assert!(config.groups.is_empty() && config.clusters.is_empty() && config.catalog.is_empty());
        let text = ConfigDraft::default().text();
        // What is only an example becomes a valid file as it stands, once the marks are gone.
        let examples: String = text
            .lines()
            .filter_map(|line| line.strip_prefix("# "))
            .filter(|line| regex::Regex::new(r"^(\w+:( [\[u]|$)| |- )").expect("a pattern").is_match(line))
            .map(|line| format!("{line}\n"))
            .collect();
        let config = Config::of_text("config.yaml", &examples, Path::new("/")).expect(&examples);
        assert_eq!(config.me.as_deref(), Some("user:default/jane"), "{examples}");
        let sizes = (config.contexts.len(), config.groups.len(), config.clusters.len(), config.catalog.len());
        assert_eq!(sizes, (2, 1, 1, 1));
    }
}
