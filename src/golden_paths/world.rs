//! What the steps of a template may see of the world: the catalog, and the hosts that the user allows.

use std::rc::Rc;

use serde_json::Value as Json;

use crate::app::App;
use crate::catalog::{Catalog, DEFAULT_NAMESPACE, EntityRef};
use crate::git::{self, Address, HostedPart};
use crate::golden_paths::source::{SourceRoot, TemplateSource};
use crate::scaffold::actions::World;
use crate::tree::{Tree, joined};

pub struct Outside<'a> {
    pub app: &'a App,
    /// What the template lies in.
    pub source: &'a TemplateSource,
    pub catalog: Option<&'a Catalog>,
    /// Hosts that a step may fetch from.
    pub hosts: &'a [String],
}

impl World for Outside<'_> {
    fn fetch(&self, url: &str) -> Result<Tree, String> {
        let part = git::hosted_part(url.strip_prefix("git+").unwrap_or(url));
        if let Some(part) = part.as_ref().filter(|part| is_own(part, self.source)) {
            let found = self.source.at(&part.path).map_err(|error| format!("{error:#}"))?;
            return found
                .ok_or_else(|| format!("there is no '{}' in the template's own repository", part.path));
        }
        let Some(address) = address(url) else {
            return Err(format!("{url} is no address of a git repository"));
        };
        if !address.is_at(self.hosts) {
            return Err(format!(
                "{url} lies elsewhere; --allow-fetch HOST lets a template fetch from that host"
            ));
        }
        self.fetched(&address, part.is_some())
    }

    fn beside(&self, path: &str) -> Result<Option<Tree>, String> {
        self.source.at(path).map_err(|error| format!("{error:#}"))
    }

    fn entity(&self, entity_ref: &str) -> Option<Json> {
        let reference = EntityRef::parse(entity_ref, None, DEFAULT_NAMESPACE).ok()?;
        Some(self.catalog?.get(&reference)?.document().value)
    }
}

impl Outside<'_> {
    /// The directory of an address; where it may be a file, that alone.
    fn fetched(&self, address: &Address, file: bool) -> Result<Tree, String> {
        let told = |error: anyhow::Error| format!("{error:#}");
        let of = |address: &Address| -> Result<TemplateSource, String> {
            let fetched = git::fetch(address, &self.app.fetching()).map_err(told)?;
            let root = SourceRoot::Tree(Rc::new(fetched.tree));
            Ok(TemplateSource { root, base: fetched.base, remote: None })
        };
        let (above, name) = address.sub.rsplit_once('/').unwrap_or(("", &address.sub));
        let source = match (of(address), file && !name.is_empty()) {
            (Err(_), true) => {
                let source = of(&Address { sub: above.to_string(), ..address.clone() })?;
                TemplateSource { base: joined(&source.base, name), ..source }
            }
            (source, _) => source?,
        };
        source
            .at(&source.base)
            .map_err(told)?
            .ok_or_else(|| format!("there is no '{}' in {}", address.sub, address.url))
    }
}

/// Whether a step may fetch from a URL: its host is allowed, or it is the template's own repository.
pub fn may_fetch(url: &str, hosts: &[String], source: &TemplateSource) -> bool {
    let part = git::hosted_part(url.strip_prefix("git+").unwrap_or(url));
    part.is_some_and(|part| is_own(&part, source)) || address(url).is_some_and(|address| address.is_at(hosts))
}

fn address(url: &str) -> Option<Address> {
    match git::hosted_part(url.strip_prefix("git+").unwrap_or(url)) {
        Some(part) => Some(Address::of(&part.repository, &part.path, part.reference.as_deref())),
        None if url.starts_with("git+") => Address::parse(url).ok(),
        None => Address::parse(&format!("git+{url}")).ok(),
    }
}

/// Whether a page shows a part of the repository that the template itself lies in, as it is there now.
fn is_own(part: &HostedPart, source: &TemplateSource) -> bool {
    let current = |name: &str| matches!(name, "main" | "master" | "HEAD" | "develop");
    part.reference.as_deref().is_none_or(current)
        && source.remote().is_some_and(|remote| git::same_repository(&remote, &part.repository))
}
