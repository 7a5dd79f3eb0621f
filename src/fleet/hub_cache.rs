//! A Karmada hub's search cache: one question for each kind answers for every member, and each takes its own part. What the cache does
//! not hold is for the member itself to say.

use crate::fleet::connect::Deadline;
use crate::fleet::endpoint::Endpoint;
use crate::fleet::fetch::{ListEnd, ListRequest, list};
use crate::fleet::path::Resource;
use crate::fleet::silence::Silence;
use crate::fleet::wire::lock;
use futures::FutureExt;
use futures::future::{BoxFuture, Shared};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::time::Instant;

/// Which member an item of the cache is of.
const OF_MEMBER: &str = "resource.karmada.io/cached-from-cluster";

/// What a ResourceRegistry has the cache hold.
#[derive(Debug, Default)]
pub struct CacheCoverage {
    /// By apiVersion and kind: the members, or all.
    kinds: BTreeMap<(String, String), CoveredMembers>,
}

#[derive(Debug)]
enum CoveredMembers {
    All,
    Named(BTreeSet<String>),
}

pub struct HubCache {
    /// The hub, at the path of its cache.
    endpoint: Endpoint,
    limit: Option<Duration>,
    coverage: CacheCoverage,
    answers: Mutex<BTreeMap<String, CachedAnswer>>,
}

/// The items of each member.
type MemberItems = BTreeMap<String, Vec<String>>;
type CacheRun = Shared<BoxFuture<'static, Result<Arc<MemberItems>, Silence>>>;

struct CachedAnswer {
    asking: CacheRun,
    /// The members that have taken their part: who asks once more wants a new answer.
    taken: BTreeSet<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ResourceRegistry {
    spec: RegistrySpec,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct RegistrySpec {
    target_cluster: TargetCluster,
    resource_selectors: Vec<RegisteredKind>,
    /// Elsewhere than in the cache.
    backend_store: Option<serde::de::IgnoredAny>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct TargetCluster {
    cluster_names: Vec<String>,
    exclude: Vec<String>,
    label_selector: Option<serde::de::IgnoredAny>,
    field_selector: Option<serde::de::IgnoredAny>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct RegisteredKind {
    api_version: String,
    kind: String,
    namespace: String,
}

impl CacheCoverage {
    /// Only what is covered without a doubt: a kind that the cache does not hold is there as if there were none of it.
    pub fn of(registries: Vec<ResourceRegistry>) -> CacheCoverage {
        let mut coverage = CacheCoverage::default();
        for RegistrySpec { target_cluster, resource_selectors, backend_store } in
            registries.into_iter().map(|registry| registry.spec)
        {
            let TargetCluster { cluster_names, exclude, label_selector, field_selector } = target_cluster;
            let is_by_rule = label_selector.is_some() || field_selector.is_some();
            if backend_store.is_some() || is_by_rule || (cluster_names.is_empty() && !exclude.is_empty()) {
                continue;
            }
            let named: BTreeSet<String> =
                cluster_names.iter().filter(|name| !exclude.contains(name)).cloned().collect();
            for kind in resource_selectors.into_iter().filter(|kind| kind.namespace.is_empty()) {
                let key = (kind.api_version, kind.kind);
                let known = coverage.kinds.entry(key).or_insert(CoveredMembers::Named(BTreeSet::new()));
                match (cluster_names.is_empty(), known) {
                    (true, known) => *known = CoveredMembers::All,
                    (false, CoveredMembers::All) => {}
                    (false, CoveredMembers::Named(known)) => known.extend(named.iter().cloned()),
                }
            }
        }
        coverage
    }

    pub fn is_empty(&self) -> bool {
        self.kinds.is_empty()
    }

    fn covers(&self, member: &str, resource: &Resource<'_>) -> bool {
        match self.kinds.get(&(resource.api_version(), resource.kind.to_string())) {
            None => false,
            Some(CoveredMembers::All) => true,
            Some(CoveredMembers::Named(members)) => members.contains(member),
        }
    }
}

impl HubCache {
    pub fn new(endpoint: Endpoint, limit: Option<Duration>, coverage: CacheCoverage) -> HubCache {
        HubCache { endpoint, limit, coverage, answers: Mutex::default() }
    }

    /// The items of a member; nothing where it must be asked itself.
    pub async fn items(
        self: &Arc<Self>,
        member: &str,
        request: &ListRequest<'_>,
        deadline: Deadline,
    ) -> Option<Result<Vec<String>, Silence>> {
        // The cache takes no notice of a field selector.
        if request.field_selector.is_some() || !self.coverage.covers(member, &request.resource) {
            return None;
        }
        let asking = self.asking(member, request).ok()?;
        let answered = match deadline {
            None => asking.await,
            Some((end, limit)) => match tokio::time::timeout_at(end, asking).await {
                Ok(answered) => answered,
                Err(_) => return Some(Err(Silence::TimedOut(limit))),
            },
        };
        // Who may not ask the cache, or where it fails, asks the member.
        let parts = answered.ok()?;
        Some(Ok(parts.get(member).cloned().unwrap_or_default()))
    }

    fn asking(self: &Arc<Self>, member: &str, request: &ListRequest<'_>) -> Result<CacheRun, Silence> {
        let key =
            format!("{} {}", request.resource.path(request.namespace)?, request.selector.unwrap_or_default());
        let mut answers = lock(&self.answers);
        if let Some(known) = answers.get_mut(&key)
            && known.taken.insert(member.to_string())
        {
            return Ok(known.asking.clone());
        }
        let asking = ask(self.clone(), CacheQuestion::of(request)).boxed().shared();
        let taken = [member.to_string()].into();
        answers.insert(key, CachedAnswer { asking: asking.clone(), taken });
        Ok(asking)
    }
}

/// A request that outlives who puts it.
struct CacheQuestion {
    kind: String,
    group: String,
    version: String,
    plural: String,
    namespace: Option<String>,
    selector: Option<String>,
}

impl CacheQuestion {
    fn of(request: &ListRequest<'_>) -> CacheQuestion {
        let Resource { kind, group, version, plural } = request.resource;
        CacheQuestion {
            kind: kind.to_string(),
            group: group.to_string(),
            version: version.to_string(),
            plural: plural.to_string(),
            namespace: request.namespace.map(str::to_string),
            selector: request.selector.map(str::to_string),
        }
    }
}

async fn ask(cache: Arc<HubCache>, question: CacheQuestion) -> Result<Arc<MemberItems>, Silence> {
    cache.endpoint.open().await?;
    let resource = Resource {
        kind: &question.kind,
        group: &question.group,
        version: &question.version,
        plural: &question.plural,
    };
    let request = ListRequest {
        resource,
        namespace: question.namespace.as_deref(),
        selector: question.selector.as_deref(),
        field_selector: None,
    };
    let deadline: Deadline = cache.limit.map(|limit| (Instant::now() + limit, limit));
    let mut parts = MemberItems::new();
    let mut receive = |item: &str| {
        let member =
            member_of(item).ok_or_else(|| anyhow::anyhow!("an item of the cache names no member"))?;
        parts.entry(member).or_default().push(item.to_string());
        Ok(())
    };
    match list(&cache.endpoint, &request, deadline, &mut receive).await? {
        ListEnd::Whole { .. } => Ok(Arc::new(parts)),
        ListEnd::NotServed => Err(Silence::Protocol("404: the hub has no search cache".to_string())),
    }
}

fn member_of(item: &str) -> Option<String> {
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct CachedMetadata {
        annotations: BTreeMap<String, String>,
    }
    #[derive(Deserialize)]
    struct CachedItem {
        metadata: CachedMetadata,
    }
    let mut item: CachedItem = serde_json::from_str(item).ok()?;
    item.metadata.annotations.remove(OF_MEMBER)
}

#[cfg(test)]
mod tests {
    use super::{CacheCoverage, ResourceRegistry, member_of};
    use crate::fleet::path::Resource;

    #[track_caller]
    fn check(registries: &str, member: &str, kind: &str, covered: bool) {
        let registries: Vec<ResourceRegistry> = serde_json::from_str(registries).expect("registries");
        let coverage = CacheCoverage::of(registries);
        let (group, version) = if kind == "Pod" { ("", "v1") } else { ("apps", "v1") };
        let resource = Resource { kind, group, version, plural: "x" };
        assert_eq!(coverage.covers(member, &resource), covered, "{member} {kind}");
    }

    #[test]
    fn only_what_a_registry_names_is_in_the_cache() {
        let kinds = r#""resourceSelectors":[{"apiVersion":"v1","kind":"Pod"},{"apiVersion":"apps/v1","kind":"Deployment"}]"#;
        let named = format!(
            r#"[{{"spec":{{"targetCluster":{{"clusterNames":["c1","c2"]}},{kinds}}},"status":{{}}}}]"#
        );
        check(&named, "c1", "Pod", true);
        check(&named, "c2", "Deployment", true);
        check(&named, "c3", "Pod", false);
        check(&named, "c1", "StatefulSet", false);
        let all = format!(r#"[{{"spec":{{{kinds}}}}}]"#);
        check(&all, "c3", "Pod", true);
        for doubtful in [
            r#""targetCluster":{"labelSelector":{"matchLabels":{"a":"b"}}}"#,
            r#""targetCluster":{"exclude":["c1"]}"#,
            r#""backendStore":{"openSearch":{}}"#,
        ] {
            check(&format!(r#"[{{"spec":{{{doubtful},{kinds}}}}}]"#), "c1", "Pod", false);
        }
        let some = r#"[{"spec":{"resourceSelectors":[{"apiVersion":"v1","kind":"Pod","namespace":"a"}]}}]"#;
        check(some, "c1", "Pod", false);
    }

    #[test]
    fn an_item_names_its_member() {
        let item = r#"{"metadata":{"name":"a","annotations":{"x":"y","resource.karmada.io/cached-from-cluster":"c1"}}}"#;
        assert_eq!(member_of(item).as_deref(), Some("c1"));
        assert_eq!(member_of(r#"{"metadata":{"name":"a"}}"#), None);
    }
}
