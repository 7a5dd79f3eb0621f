//! What `get` is asked for, by kubectl's own words.

use std::str::FromStr;

use clap::Args;

use crate::commands::get::jsonpath::PathTemplate;

/// kubectl get for the whole fleet, any kind that the servers know
///
/// KIND is a name, short name, kind.version.group or category; several with commas. The columns are the servers' own, with CLUSTER before
/// them where more than one cluster was asked; on one cluster the table is kubectl's to the letter. -o json is one v1 List whose
/// items carry the annotation callboard.dev/cluster. Secrets are read only where their kind is named, and their values are in
/// no table. Exit code 4: a cluster did not answer.
#[derive(Args, Debug)]
#[command(before_help = "callboard get pods -n shop -o wide
callboard get deploy,svc --service checkout
callboard get nodes -L topology.kubernetes.io/zone --sort-by .metadata.creationTimestamp
callboard get pod/checkout-0 -n shop -o jsonpath={.status.podIP}")]
pub struct GetArgs {
    /// KIND[,KIND...] [NAME...], or KIND/NAME...
    #[arg(value_name = "KIND", required = true)]
    pub kinds: Vec<String>,

    /// Objects that carry the labels of this service, where it is placed (repeatable)
    #[arg(long, value_name = "SERVICE", help_heading = "Which objects")]
    pub service: Vec<String>,

    /// Objects that carry the labels of the services of this group or user (repeatable)
    #[arg(long, value_name = "REF", help_heading = "Which objects")]
    pub owner: Vec<String>,

    /// Label selector
    #[arg(short = 'l', long, value_name = "SELECTOR", help_heading = "Which objects")]
    pub selector: Option<String>,

    /// Field selector, as in status.phase=Running
    #[arg(long, value_name = "SELECTOR", help_heading = "Which objects")]
    pub field_selector: Option<String>,

    /// Namespace, instead of each context's own
    #[arg(
        short,
        long,
        value_name = "NAMESPACE",
        conflicts_with = "all_namespaces",
        help_heading = "Which objects"
    )]
    pub namespace: Option<String>,

    /// All namespaces
    #[arg(short = 'A', long, help_heading = "Which objects")]
    pub all_namespaces: bool,

    /// No error where no object of a name is anywhere
    #[arg(long, help_heading = "Which objects")]
    pub ignore_not_found: bool,

    /// Go on: print rows as objects change, until Ctrl-C
    #[arg(short, long, help_heading = "Which objects")]
    pub watch: bool,

    /// With -w: what happened to each object (ADDED, MODIFIED, DELETED), in a column or around it
    #[arg(long, requires = "watch", help_heading = "Output")]
    pub output_watch_events: bool,

    /// table, wide, json, yaml, name, jsonpath=TEMPLATE or custom-columns=HEADER:PATH,...
    #[arg(
        short,
        long,
        value_name = "FORMAT",
        default_value = "table",
        hide_default_value = true,
        help_heading = "Output"
    )]
    pub output: GetFormat,

    /// Leave out the table's header
    #[arg(long, help_heading = "Output")]
    pub no_headers: bool,

    /// Sort by a field of the objects, as in .metadata.creationTimestamp; over all clusters
    #[arg(long, value_name = "PATH", help_heading = "Output")]
    pub sort_by: Option<String>,

    /// A column for each of these labels
    #[arg(short = 'L', long, value_name = "LABEL", value_delimiter = ',', help_heading = "Output")]
    pub label_columns: Vec<String>,

    /// A column with all labels
    #[arg(long, help_heading = "Output")]
    pub show_labels: bool,

    /// KIND/NAME in the first column
    #[arg(long, help_heading = "Output")]
    pub show_kind: bool,

    /// With -o json and yaml: managedFields, too
    #[arg(long, help_heading = "Output")]
    pub show_managed_fields: bool,
}

/// `-o` of `get`.
#[derive(Clone, Debug, PartialEq)]
pub enum GetFormat {
    Table,
    Wide,
    Json,
    Yaml,
    Name,
    JsonPath(PathTemplate),
    /// Headers and paths.
    CustomColumns(Vec<(String, PathTemplate)>),
}

impl FromStr for GetFormat {
    type Err = String;

    fn from_str(text: &str) -> Result<GetFormat, String> {
        let (name, rest) = text.split_once('=').map_or((text, None), |(name, rest)| (name, Some(rest)));
        match (name, rest) {
            ("table", None) => Ok(GetFormat::Table),
            ("wide", None) => Ok(GetFormat::Wide),
            ("json", None) => Ok(GetFormat::Json),
            ("yaml", None) => Ok(GetFormat::Yaml),
            ("name", None) => Ok(GetFormat::Name),
            ("jsonpath", Some(template)) => PathTemplate::parse(template).map(GetFormat::JsonPath),
            ("custom-columns", Some(columns)) => columns.split(',').map(column).collect::<Result<_, _>>().map(GetFormat::CustomColumns),
            ("jsonpath", None) => Err("expected a template, as in jsonpath={.items[*].metadata.name}".to_string()),
            ("custom-columns", None) => Err("expected columns, as in custom-columns=NAME:.metadata.name".to_string()),
            _ => Err("expected one of table, wide, json, yaml, name, jsonpath=TEMPLATE, custom-columns=HEADER:PATH".to_string()),
        }
    }
}

fn column(text: &str) -> Result<(String, PathTemplate), String> {
    let (header, path) = text.split_once(':').ok_or_else(|| {
        format!("unexpected custom-columns spec: {text}, expected <header>:<json-path-expr>")
    })?;
    Ok((header.to_string(), PathTemplate::of_path(path)?))
}

impl GetArgs {
    /// The words for kinds with the names of objects, as kubectl reads its arguments; the error is for the user.
    pub fn wanted(&self) -> Result<Vec<(String, Vec<String>)>, String> {
        if self.kinds.iter().any(|word| word.contains('/')) {
            let mut wanted: Vec<(String, Vec<String>)> = Vec::new();
            for word in &self.kinds {
                let Some((kind, name)) = word.split_once('/') else {
                    return Err("there is no need to specify a resource type as a separate argument when passing arguments in resource/name form".to_string());
                };
                if kind.is_empty() || name.is_empty() || name.contains('/') {
                    return Err(format!(
                        "arguments in resource/name form must have a single resource and name: {word}"
                    ));
                }
                wanted.push((kind.to_string(), vec![name.to_string()]));
            }
            return Ok(wanted);
        }
        let (kinds, names) = self.kinds.split_first().ok_or("which kind?")?;
        let kinds: Vec<&str> = kinds.split(',').filter(|word| !word.is_empty()).collect();
        if kinds.is_empty() {
            return Err("which kind?".to_string());
        }
        Ok(kinds.into_iter().map(|kind| (kind.to_string(), names.to_vec())).collect())
    }

    /// Whether objects are named.
    pub fn is_named(&self) -> bool {
        self.kinds.len() > 1 || self.kinds.iter().any(|word| word.contains('/'))
    }

    /// Flags that go with no name, as kubectl has it.
    pub fn misfit(&self) -> Option<&'static str> {
        let selects = self.selector.is_some()
            || self.field_selector.is_some()
            || !self.service.is_empty()
            || !self.owner.is_empty();
        match (self.is_named(), selects, self.all_namespaces) {
            (true, true, _) => Some("name cannot be provided when a selector is specified"),
            (true, _, true) => Some("a resource cannot be retrieved by name across all namespaces"),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::GetFormat;

    #[test]
    fn formats_are_kubectls() {
        assert_eq!("wide".parse(), Ok(GetFormat::Wide));
        assert!(matches!("jsonpath={.a}".parse(), Ok(GetFormat::JsonPath(_))));
        assert!(
            matches!("custom-columns=A:.a,B:b.c".parse(), Ok(GetFormat::CustomColumns(columns)) if columns.len() == 2)
        );
        for wrong in ["", "xml", "jsonpath", "jsonpath={.a", "custom-columns=A", "custom-columns=", "table=x"]
        {
            assert!(wrong.parse::<GetFormat>().is_err(), "{wrong}");
        }
    }
}
