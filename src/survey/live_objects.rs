//! The objects of one cluster as watches tell them: what is there now, and which lists are not current.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use crate::fleet::Silence;
use crate::fleet::watch::WatchChange;
use crate::survey::gather::{UnreadKind, identity};
use crate::survey::plan::Question;
use crate::survey::split::{ServiceTarget, meta};
use crate::workload::{Kind, Object, no_number};

/// A watch that breaks is taken up again; what it told holds so long without it.
const PATIENCE: Duration = Duration::from_secs(4);
/// So many failures in a row without ever being heard: such a watch is none.
const FAILURES: usize = 2;

/// The number of a list among those of its kind.
pub type ScopeId = usize;

/// Shared by the watches of a cluster and the one that reads.
pub struct LiveObjects {
    kinds: Mutex<BTreeMap<&'static str, KindScopes>>,
    changed: Notify,
}

/// The lists of a kind.
#[derive(Default)]
struct KindScopes {
    scopes: Vec<Scope>,
    /// Lists of the whole cluster are forbidden; these are of namespaces.
    narrowed: Option<Silence>,
    /// The cluster does not know the kind.
    is_closed: bool,
}

/// One list.
#[derive(Default)]
struct Scope {
    namespace: Option<String>,
    objects: HashMap<String, Object>,
    /// The list that is on its way; it counts once it is whole.
    coming: Option<HashMap<String, Object>>,
    /// By identity, the objects that have something else where a number belongs.
    odd: BTreeMap<String, String>,
    is_listed: bool,
    has_listened: bool,
    failures: usize,
    silent: Option<(Instant, Silence)>,
}

impl Scope {
    /// Why what is held may be old by now.
    fn stale(&self, now: Instant) -> Option<Silence> {
        let silent = self.silent.as_ref();
        let silent = silent.filter(|(since, _)| !self.is_listed || now.duration_since(*since) >= PATIENCE);
        let odd = || self.odd.values().next().map(|text| Silence::Protocol(text.clone()));
        silent.map(|(_, why)| why.clone()).or_else(odd)
    }

    fn is_settled(&self) -> bool {
        self.is_listed || self.silent.is_some()
    }

    /// True where what is there has changed.
    fn receive(&mut self, kind: &'static Kind, change: WatchChange<'_>) -> bool {
        match change {
            WatchChange::Reset => self.coming = Some(HashMap::new()),
            WatchChange::Put(json) => return self.put(kind, json),
            WatchChange::Gone(json) => {
                if let Ok(object) = kind.observe(json) {
                    let key = identity(&object);
                    self.odd.remove(&key);
                    return self.objects.remove(&key).is_some();
                }
            }
            WatchChange::Current => {
                self.objects = self.coming.take().unwrap_or_default();
                self.odd.retain(|key, _| self.objects.contains_key(key));
                (self.is_listed, self.silent) = (true, None);
                return true;
            }
            WatchChange::Listening => {
                let was_silent = self.silent.take().is_some();
                (self.has_listened, self.failures) = (true, 0);
                return was_silent;
            }
            WatchChange::Silent(why) => {
                self.failures += 1;
                let since = self.silent.as_ref().map_or_else(Instant::now, |(since, _)| *since);
                self.silent = Some((since, why.clone()));
                return true;
            }
        }
        false
    }

    fn put(&mut self, kind: &'static Kind, json: &str) -> bool {
        let (object, what) = no_number(|| kind.observe(json));
        let Ok(object) = object else { return false };
        let key = identity(&object);
        match what {
            None => drop(self.odd.remove(&key)),
            // What would be taken from it is not known: better none of it than a default told as a fact.
            Some(what) => {
                let (name, what) = (crate::text::safe(&meta(&object).name), crate::text::safe(&what));
                let text = format!("{} {name} has {what} where a number belongs", kind.name);
                self.odd.insert(key.clone(), text);
            }
        }
        match &mut self.coming {
            Some(coming) => {
                coming.insert(key, object);
                false
            }
            None => {
                self.objects.insert(key, object);
                true
            }
        }
    }
}

impl LiveObjects {
    pub fn new() -> LiveObjects {
        LiveObjects { kinds: Mutex::default(), changed: Notify::new() }
    }

    /// The numbers of new lists, one for each question.
    pub fn open(&self, kind: &'static Kind, questions: &[Question]) -> Vec<ScopeId> {
        let mut kinds = self.lock();
        let scopes = &mut kinds.entry(kind.name).or_default().scopes;
        let first = scopes.len();
        scopes.extend(
            questions.iter().map(|one| Scope { namespace: one.namespace.clone(), ..Scope::default() }),
        );
        (first..scopes.len()).collect()
    }

    /// The lists of the whole cluster are refused; lists of namespaces come in their place.
    pub fn narrow(&self, kind: &'static Kind) {
        let mut kinds = self.lock();
        let of_kind = kinds.entry(kind.name).or_default();
        let why = of_kind.scopes.iter().find_map(|scope| scope.silent.as_ref().map(|(_, why)| why.clone()));
        of_kind.narrowed = Some(why.unwrap_or(Silence::Forbidden(String::new())));
        of_kind.scopes.clear();
    }

    /// The cluster does not know the kind: there is nothing of it.
    pub fn close(&self, kind: &'static Kind) {
        let mut kinds = self.lock();
        *kinds.entry(kind.name).or_default() = KindScopes { is_closed: true, ..KindScopes::default() };
        self.changed.notify_one();
    }

    pub fn receive(&self, kind: &'static Kind, scope: ScopeId, change: WatchChange<'_>) {
        let mut kinds = self.lock();
        let scope = kinds.get_mut(kind.name).and_then(|of_kind| of_kind.scopes.get_mut(scope));
        if scope.is_some_and(|scope| scope.receive(kind, change)) {
            self.changed.notify_one();
        }
    }

    /// A whole list that did not come from a watch.
    pub fn replace(&self, kind: &'static Kind, scope: ScopeId, objects: Vec<Object>) {
        let mut kinds = self.lock();
        if let Some(scope) = kinds.get_mut(kind.name).and_then(|of_kind| of_kind.scopes.get_mut(scope)) {
            scope.objects = objects.into_iter().map(|object| (identity(&object), object)).collect();
            scope.coming = None;
            scope.odd.clear();
            (scope.is_listed, scope.silent) = (true, None);
            self.changed.notify_one();
        }
    }

    pub fn is_listed(&self, kind: &'static Kind, scope: ScopeId) -> bool {
        self.of_scope(kind, scope, |scope| scope.is_listed)
    }

    /// Whether a watch fails again and again and never began.
    pub fn is_never_heard(&self, kind: &'static Kind, scope: ScopeId) -> bool {
        self.of_scope(kind, scope, |scope| !scope.has_listened && scope.failures + 1 >= FAILURES)
    }

    fn of_scope(&self, kind: &'static Kind, scope: ScopeId, ask: impl Fn(&Scope) -> bool) -> bool {
        self.lock().get(kind.name).and_then(|of_kind| of_kind.scopes.get(scope)).is_some_and(ask)
    }

    /// Whether a watch is broken that may be taken up again before anybody notices.
    pub fn is_doubtful(&self, now: Instant) -> bool {
        let kinds = self.lock();
        let mut scopes = kinds.values().flat_map(|of_kind| &of_kind.scopes);
        scopes.any(|scope| scope.is_listed && scope.silent.is_some() && scope.stale(now).is_none())
    }

    /// Returns at the next change, at once where one has come since.
    pub async fn changed(&self) {
        self.changed.notified().await;
    }

    /// Returns once every kind has been told, or refused, or is silent.
    pub async fn settled(&self, of: &[Kind]) {
        while !self.is_settled(of) {
            // Refusals make no change.
            let _ = tokio::time::timeout(Duration::from_millis(100), self.changed.notified()).await;
        }
    }

    fn is_settled(&self, of: &[Kind]) -> bool {
        let kinds = self.lock();
        of.iter().all(|kind| {
            kinds.get(kind.name).is_some_and(|of_kind| {
                let is_told = !of_kind.scopes.is_empty() && of_kind.scopes.iter().all(Scope::is_settled);
                // A refusal of the whole cluster is followed by lists of namespaces.
                let is_turning = of_kind.narrowed.is_none()
                    && of_kind.scopes.iter().any(|scope| {
                        matches!(scope.silent, Some((_, Silence::Forbidden(_)))) && scope.namespace.is_none()
                    });
                of_kind.is_closed || (is_told && !is_turning)
            })
        })
    }

    /// What is there, each object once, and the kinds that are not told, or not everywhere.
    pub fn read(
        &self,
        of: &'static [Kind],
        targets: &[ServiceTarget],
        now: Instant,
    ) -> (Vec<Object>, Vec<UnreadKind>) {
        let kinds = self.lock();
        let (mut objects, mut unread, mut seen) = (Vec::new(), Vec::new(), HashSet::new());
        for kind in of {
            let Some(of_kind) = kinds.get(kind.name) else { continue };
            let current = of_kind.scopes.iter().filter(|scope| scope.stale(now).is_none());
            for (key, object) in current.flat_map(|scope| &scope.objects) {
                if seen.insert(key.as_str()) {
                    objects.push(object.clone());
                }
            }
            unread.extend(of_kind.unread(kind, targets, now));
        }
        (objects, unread)
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<&'static str, KindScopes>> {
        self.kinds.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl KindScopes {
    fn unread(&self, kind: &'static Kind, targets: &[ServiceTarget], now: Instant) -> Option<UnreadKind> {
        let stale = self.scopes.iter().find_map(|scope| scope.stale(now));
        let why = self.narrowed.clone().or(stale)?;
        let is_current = |namespace: &&String| {
            let here = |scope: &&Scope| scope.namespace.as_ref() == Some(*namespace);
            self.scopes.iter().filter(here).all(|scope| scope.stale(now).is_none())
        };
        let namespaces = self.scopes.iter().filter_map(|scope| scope.namespace.as_ref());
        let unread = UnreadKind { kind, why, covered: namespaces.filter(is_current).cloned().collect() };
        targets.iter().any(|target| unread.hides(target)).then_some(unread)
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::Instant;

    use super::LiveObjects;
    use crate::fleet::Silence;
    use crate::fleet::watch::WatchChange;
    use crate::selector::Selector;
    use crate::survey::plan::Question;
    use crate::survey::split::{ServiceTarget, meta};
    use crate::workload::{KINDS, Kind, kind};

    fn pods() -> &'static Kind {
        kind("Pod").expect("a kind")
    }

    fn pod(name: &str) -> String {
        format!(r#"{{"metadata":{{"namespace":"shop","name":"{name}","uid":"{name}"}}}}"#)
    }

    fn question(namespace: Option<&str>) -> Question {
        Question { namespace: namespace.map(str::to_string), selector: Selector::default() }
    }

    fn names(live: &LiveObjects, now: Instant) -> Vec<String> {
        let (objects, _) = live.read(KINDS, &[ServiceTarget::default()], now);
        let mut names: Vec<String> = objects.iter().map(|object| meta(object).name.clone()).collect();
        names.sort();
        names
    }

    fn unread(live: &LiveObjects, now: Instant) -> Vec<(String, Vec<String>)> {
        let (_, unread) = live.read(KINDS, &[ServiceTarget::default()], now);
        let told = |one: &crate::survey::gather::UnreadKind| {
            (one.why.reason().to_string(), one.covered.iter().cloned().collect())
        };
        unread.iter().map(told).collect()
    }

    #[test]
    fn a_list_counts_once_it_is_whole_and_changes_at_once() {
        let (live, now) = (LiveObjects::new(), Instant::now());
        let scope = live.open(pods(), &[question(None)])[0];
        live.receive(pods(), scope, WatchChange::Reset);
        live.receive(pods(), scope, WatchChange::Put(&pod("a")));
        assert!(names(&live, now).is_empty());
        live.receive(pods(), scope, WatchChange::Current);
        live.receive(pods(), scope, WatchChange::Listening);
        live.receive(pods(), scope, WatchChange::Put(&pod("b")));
        assert_eq!(names(&live, now), ["a", "b"]);
        live.receive(pods(), scope, WatchChange::Gone(&pod("a")));
        assert_eq!(names(&live, now), ["b"]);
        // 410: all of it comes anew, and what was known holds until then.
        live.receive(pods(), scope, WatchChange::Reset);
        live.receive(pods(), scope, WatchChange::Put(&pod("c")));
        assert_eq!(names(&live, now), ["b"]);
        live.receive(pods(), scope, WatchChange::Current);
        assert_eq!(names(&live, now), ["c"]);
    }

    #[test]
    fn what_is_silent_for_long_is_no_longer_told() {
        let (live, now) = (LiveObjects::new(), Instant::now());
        let scope = live.open(pods(), &[question(None)])[0];
        live.receive(pods(), scope, WatchChange::Reset);
        live.receive(pods(), scope, WatchChange::Put(&pod("a")));
        live.receive(pods(), scope, WatchChange::Current);
        live.receive(pods(), scope, WatchChange::Silent(&Silence::Unauthorized));
        assert_eq!(
            (names(&live, now), unread(&live, now).len(), live.is_doubtful(now)),
            (vec!["a".to_string()], 0, true)
        );
        let now = Instant::now() + super::PATIENCE;
        live.receive(pods(), scope, WatchChange::Silent(&Silence::Unauthorized));
        assert_eq!(names(&live, now), Vec::<String>::new());
        assert_eq!(unread(&live, now), [("unauthorized".to_string(), Vec::new())]);
        live.receive(pods(), scope, WatchChange::Listening);
        assert_eq!((names(&live, now), unread(&live, now).len()), (vec!["a".to_string()], 0));
    }

    #[test]
    fn refused_lists_are_told_for_the_namespaces_that_answer() {
        let (live, now) = (LiveObjects::new(), Instant::now());
        let scope = live.open(pods(), &[question(None)])[0];
        live.receive(pods(), scope, WatchChange::Silent(&Silence::Forbidden(String::new())));
        assert!(!live.is_settled(std::slice::from_ref(pods())));
        live.narrow(pods());
        let scopes = live.open(pods(), &[question(Some("shop")), question(Some("pay"))]);
        live.receive(pods(), scopes[0], WatchChange::Reset);
        live.receive(pods(), scopes[0], WatchChange::Put(&pod("a")));
        live.receive(pods(), scopes[0], WatchChange::Current);
        assert!(!live.is_settled(std::slice::from_ref(pods())));
        live.receive(pods(), scopes[1], WatchChange::Silent(&Silence::Forbidden(String::new())));
        assert!(live.is_settled(std::slice::from_ref(pods())));
        assert_eq!(names(&live, now), ["a"]);
        assert_eq!(unread(&live, now), [("forbidden".to_string(), vec!["shop".to_string()])]);
    }

    #[test]
    fn what_is_no_number_makes_its_list_doubtful_until_it_is_mended() {
        let (live, now) = (LiveObjects::new(), Instant::now());
        let kind = kind("Deployment").expect("a kind");
        let scope = live.open(kind, &[question(None)])[0];
        live.receive(kind, scope, WatchChange::Reset);
        live.receive(kind, scope, WatchChange::Current);
        let odd = r#"{"metadata":{"name":"a","uid":"a"},"spec":{"replicas":"many"}}"#;
        live.receive(kind, scope, WatchChange::Put(odd));
        assert_eq!(unread(&live, now).len(), 1);
        live.receive(kind, scope, WatchChange::Put(&odd.replace("\"many\"", "2")));
        assert_eq!(unread(&live, now).len(), 0);
    }
}
