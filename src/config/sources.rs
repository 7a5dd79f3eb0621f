//! Where clusters come from beside kubectl's own kubeconfig: entries of `sources:`.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// A source of clusters. Which keys it has depends on its type: the table is `fleet::sources::SOURCES`.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct SourceConfig {
    /// The row of the table.
    pub r#type: String,
    /// What it is called; the type with what tells it from others of its type where there is no name.
    pub name: Option<String>,
    /// Kubeconfigs: files, directories or globs; relative ones lie beside the config file.
    pub paths: Vec<PathBuf>,
    /// A program with its arguments, which prints a kubeconfig or a ClusterProfileList.
    pub command: Vec<String>,
    /// How long that may take, as in `30s`.
    pub timeout: Option<String>,
    /// The context of the API server that is asked for its clusters.
    pub hub: Option<String>,
    /// The context whose credential is used where the source has none.
    pub user: Option<String>,
    /// A server that leads to the clusters by their names.
    pub proxy: Option<String>,
    /// Karmada: `proxy`, where nothing is said, or `cache`, one question of the hub for all members.
    pub via: Option<String>,
    /// Looked at instead of all.
    pub namespaces: Vec<String>,
    /// Clusters with these labels.
    pub selector: Option<String>,
    /// Programs that make credentials, the preferred one first.
    pub providers: Vec<ProviderConfig>,
    /// Neither its silence nor that of its clusters makes a run incomplete.
    pub optional: bool,
    /// Where relative paths start.
    #[serde(skip)]
    pub directory: PathBuf,
}

/// A program that makes credentials for the clusters that offer the access of that name.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct ProviderConfig {
    pub name: String,
    /// As `exec` of a kubeconfig user.
    pub exec: ProviderExec,
    /// Whether the cluster's entry may add arguments: Append, or Ignore.
    pub arguments: Option<String>,
    /// The same for variables: AppendIfNotExists, Replace, or Ignore.
    pub variables: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct ProviderExec {
    pub api_version: Option<String>,
    pub command: String,
    pub args: Vec<String>,
    pub env: Vec<ProviderVariable>,
    pub install_hint: Option<String>,
    pub provide_cluster_info: bool,
}

#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct ProviderVariable {
    pub name: String,
    pub value: String,
}

impl SourceConfig {
    /// What it is called: `karmada:hub-eu`, `command:corp-clusters`.
    pub fn called(&self) -> String {
        let last = |text: &str| text.rsplit(['/', '\\']).next().unwrap_or(text).to_string();
        let apart = self.hub.clone().or_else(|| self.command.first().map(|program| last(program)));
        let apart = apart.or_else(|| self.paths.first().map(|path| last(&path.to_string_lossy())));
        match (&self.name, apart) {
            (Some(name), _) => name.clone(),
            (None, Some(apart)) => format!("{}:{apart}", self.r#type),
            (None, None) => self.r#type.clone(),
        }
    }

    /// Makes what is relative lie beside the file; a program that is a bare word is looked up on PATH.
    pub(in crate::config) fn settle(&mut self, directory: &Path) {
        self.directory = directory.to_path_buf();
        for path in self.paths.iter_mut().filter(|path| path.is_relative() && !path.starts_with("~")) {
            *path = directory.join(&*path);
        }
        let programs = self.command.first_mut().into_iter();
        for program in programs.chain(self.providers.iter_mut().map(|provider| &mut provider.exec.command)) {
            if program.contains(std::path::MAIN_SEPARATOR) && !program.starts_with('~') {
                *program = directory.join(&*program).display().to_string();
            }
        }
    }

    /// Whether it asks a server that is known already, with a credential that is known already, and nothing else comes of it.
    pub fn only_asks_its_hub(&self) -> bool {
        ["karmada", "open-cluster-management", "cluster-profiles"].contains(&self.r#type.as_str())
            && self.providers.is_empty()
            && self.proxy.is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::SourceConfig;
    use std::path::{Path, PathBuf};

    #[test]
    fn a_source_is_called_by_what_tells_it_apart_and_lies_beside_its_file() {
        let of = |source: SourceConfig| {
            let mut source = source;
            source.settle(Path::new("/etc/callboard"));
            source
        };
        let text = |text: &str| text.to_string();
        let files = of(SourceConfig {
            r#type: text("kubeconfig"),
            paths: vec!["clusters".into(), "~/more".into()],
            ..SourceConfig::default()
        });
        assert_eq!(files.called(), "kubeconfig:clusters");
        assert_eq!(files.paths, [PathBuf::from("/etc/callboard/clusters"), PathBuf::from("~/more")]);
        let program = |command: &str| {
            of(SourceConfig {
                r#type: text("command"),
                command: vec![text(command)],
                ..SourceConfig::default()
            })
        };
        assert_eq!(program("bin/list").command, ["/etc/callboard/bin/list"]);
        assert_eq!(
            (program("list").command, program("bin/list").called()),
            (vec![text("list")], text("command:list"))
        );
        let hub = SourceConfig { r#type: text("karmada"), hub: Some(text("eu")), ..SourceConfig::default() };
        assert_eq!(hub.called(), "karmada:eu");
        assert_eq!(SourceConfig { name: Some(text("mine")), ..hub }.called(), "mine");
    }
}
